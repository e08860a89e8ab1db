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
 * other partitions meanwhile, and none while one is on its way to this node. When its owner cuts
 * the log where it is being read, reading begins anew.
 */
final class ReadAhead {
  private static final int EVENTS_A_STEP = 1_000;
  private static final int ENTRIES_FIRST = 20;
  private static final long READING_MS_MAX = 120_000;
  private static final long PAUSE_MS = 10;

  private final Journal journal;
  private final Timers timers;
  private final Turns turns;
  private final LogFold fold;
  private final BooleanSupplier wanted;
  private final long untilMs;
  private int entriesNext = ENTRIES_FIRST;

  /** Where the log began when it was found to have been cut; 0 = it was not. */
  private long cutBehind;

  /**
   * @param wanted false ends it, without a completion
   */
  ReadAhead(Journal journal, Timers timers, Turns turns, LogFold fold, BooleanSupplier wanted) {
    this.journal = journal;
    this.timers = timers;
    this.turns = turns;
    this.fold = fold;
    this.wanted = wanted;
    this.untilMs = timers.millis() + READING_MS_MAX;
  }

  /** Succeeds with the position reached; the first failure ends it. */
  void run(Completion<Long> done) {
    if (turns.isCrossing()) {
      timers.after(PAUSE_MS, () -> runIfWanted(done));
    } else {
      read(done);
    }
  }

  private void runIfWanted(Completion<Long> done) {
    if (wanted.getAsBoolean()) {
      run(done);
    }
  }

  private void read(Completion<Long> done) {
    int asked = entriesNext;
    journal.read(
        fold.position(),
        asked,
        (entries, failure) -> {
          if (!wanted.getAsBoolean()) {
            return;
          }
          if (entries == null) {
            done.done(null, failure);
          } else {
            fold(entries, asked, done);
          }
        });
  }

  private void fold(List<JournalEntry> entries, int asked, Completion<Long> done) {
    if (wasCut(entries)) {
      cutBehind = fold.begin();
      fold.restart();
      run(done);
      return;
    }
    boolean atEnd = entries.size() < asked;
    try {
      for (JournalEntry entry : entries) {
        fold.fold(entry, Long.MAX_VALUE);
      }
      if (atEnd) {
        fold.requireWhole(); // whoever cuts a log says so in it first
      }
    } catch (IllegalStateException e) { // CorruptRecord, or an event that breaks an invariant
      done.fail(e);
      return;
    }
    if (atEnd) {
      done.succeed(fold.position());
    } else if (timers.millis() > untilMs) {
      done.fail(new Journal.Unreachable("the log grows faster than it is read"));
    } else {
      entriesNext = fitting(entries);
      run(done);
    }
  }

  /** A quiet log has an event an entry, a busy one thousands: steps should take equally long. */
  private static int fitting(List<JournalEntry> entries) {
    int events = 0;
    for (JournalEntry entry : entries) {
      events += entry.count();
    }
    int fitting = EVENTS_A_STEP * entries.size() / events;
    return Math.max(1, Math.min(Replay.ENTRIES_A_READ, fitting));
  }

  /** Between two reads; a log that begins where it did has a hole. */
  private boolean wasCut(List<JournalEntry> entries) {
    return fold.position() > 0
        && !entries.isEmpty()
        && entries.get(0).first() > fold.position() + 1
        && fold.begin() > cutBehind;
  }
}
