package stampede.sale;

import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;

/**
 * The end of a log, asked for right behind the acquire instead of after its answer: the store
 * carries out one after the other, so that it is the end once nobody else can append. Should it not
 * be, {@link Replay} finds it too short and reads again.
 */
final class EarlyRead {
  private final long after;
  private boolean arrived;
  private @Nullable List<JournalEntry> entries;
  private @Nullable Completion<@Nullable List<JournalEntry>> reader;

  /** Asks at once. */
  EarlyRead(Journal journal, long after, int entriesMax) {
    this.after = after;
    journal.read(after, entriesMax, (read, failure) -> arrive(read));
  }

  /** The position it begins after. */
  long after() {
    return after;
  }

  /** To be asked once: what came, now or later; null if nothing did. */
  void take(Completion<@Nullable List<JournalEntry>> done) {
    if (arrived) {
      done.done(entries, null);
    } else {
      reader = done;
    }
  }

  private void arrive(@Nullable List<JournalEntry> read) {
    arrived = true;
    entries = read;
    if (reader != null) {
      reader.done(read, null);
    }
  }
}
