package stampede.sale;

import java.util.List;
import java.util.function.BooleanSupplier;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.journal.Journal;

/**
 * Folds the log of a partition that another node owns, up to where it is about to end: what is left
 * to read after the acquire is what was appended since. In small steps, as this node may serve
 * other partitions meanwhile.
 */
final class ReadAhead {
  private static final int ENTRIES_A_READ = 20;
  private static final long READING_MS_MAX = 120_000;

  private final Journal journal;
  private final Timers timers;
  private final LogFold fold;
  private final BooleanSupplier wanted;
  private final long untilMs;

  /**
   * @param wanted false ends it, without a completion
   */
  ReadAhead(Journal journal, Timers timers, LogFold fold, BooleanSupplier wanted) {
    this.journal = journal;
    this.timers = timers;
    this.fold = fold;
    this.wanted = wanted;
    this.untilMs = timers.millis() + READING_MS_MAX;
  }

  /** Succeeds with the position reached; the first failure ends it. */
  void run(Completion<Long> done) {
    journal.read(
        fold.position(),
        ENTRIES_A_READ,
        (entries, failure) -> {
          if (!wanted.getAsBoolean()) {
            return;
          }
          if (entries == null) {
            done.done(null, failure);
          } else {
            fold(entries, done);
          }
        });
  }

  private void fold(List<JournalEntry> entries, Completion<Long> done) {
    try {
      for (JournalEntry entry : entries) {
        fold.fold(entry, Long.MAX_VALUE);
      }
    } catch (IllegalStateException e) { // CorruptRecord, or an event that breaks an invariant
      done.fail(e);
      return;
    }
    if (entries.size() < ENTRIES_A_READ) {
      done.succeed(fold.position());
    } else if (timers.millis() > untilMs) {
      done.fail(new Journal.Unreachable("the log grows faster than it is read"));
    } else {
      run(done);
    }
  }
}
