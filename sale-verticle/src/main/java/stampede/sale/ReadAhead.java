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
 * other partitions meanwhile. When its owner cuts the log where it is being read, reading begins
 * anew.
 */
final class ReadAhead {
  private static final int ENTRIES_A_READ = 20;
  private static final long READING_MS_MAX = 120_000;

  private final Journal journal;
  private final Timers timers;
  private final LogFold fold;
  private final BooleanSupplier wanted;
  private final long untilMs;

  /** Where the log began when it was found to have been cut; 0 = it was not. */
  private long cutBehind;

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
    if (wasCut(entries)) {
      cutBehind = fold.begin();
      fold.restart();
      run(done);
      return;
    }
    try {
      for (JournalEntry entry : entries) {
        fold.fold(entry, Long.MAX_VALUE);
      }
    } catch (IllegalStateException e) { // CorruptRecord, or an event that breaks an invariant
      done.fail(e);
      return;
    }
    cutBehind = 0;
    if (entries.size() < ENTRIES_A_READ) {
      done.succeed(fold.position());
    } else if (timers.millis() > untilMs) {
      done.fail(new Journal.Unreachable("the log grows faster than it is read"));
    } else {
      run(done);
    }
  }

  /** Between two reads; a log that begins where it did has a hole. */
  private boolean wasCut(List<JournalEntry> entries) {
    return fold.position() > 0
        && !entries.isEmpty()
        && entries.get(0).first() > fold.position() + 1
        && fold.begin() > cutBehind;
  }
}
