package stampede.sale;

import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.engine.SaleEngine;
import stampede.sale.journal.Journal;
import stampede.sale.journal.JournalDamaged;

/**
 * Folds a partition's log up to the position the acquire named, and keeps the lease alive
 * meanwhile. A log that is not contiguous, not intact or shorter than it must be is refused: a
 * partition never goes on with a part of its log. What was read ahead before the acquire is carried
 * on only if the entry it ends with is still where it was; else the log is read from its beginning.
 */
final class Replay {
  static final int ENTRIES_A_READ = 200;
  private static final int TRIES_MAX = 20;
  private static final long RETRY_MS = 100;

  private final int partition;
  private final Journal journal;
  private final Timers timers;
  private final OwnerLimits limits;
  private final long nonce;
  private final Journal.Acquired.Ok acquired;
  private final OwnerTime time;
  private LogFold fold;
  private @Nullable EarlyRead early;
  private boolean begun;
  private long renewalSentNanos;
  private int failures;

  /**
   * @param ahead what was read ahead; null = nothing
   * @param early what comes after it, on its way; null = nothing
   */
  Replay(
      int partition,
      Journal journal,
      Timers timers,
      @Nullable LogFold ahead,
      @Nullable EarlyRead early,
      OwnerLimits limits,
      long nonce,
      Journal.Acquired.Ok acquired,
      OwnerTime time,
      long acquiredSentNanos) {
    this.partition = partition;
    this.journal = journal;
    this.timers = timers;
    this.limits = limits;
    this.fold = ahead == null ? fromTheBeginning() : ahead;
    this.early = early;
    this.begun = ahead == null;
    this.nonce = nonce;
    this.acquired = acquired;
    this.time = time;
    this.renewalSentNanos = acquiredSentNanos;
  }

  private LogFold fromTheBeginning() {
    return new LogFold(partition, limits.eventsMax());
  }

  /** The state at the end of the log, once it has succeeded. */
  SaleEngine engine() {
    return fold.engine();
  }

  /**
   * Succeeds with the time ({@link Timers#nanos()}) at which the last renewal of the lease was
   * sent.
   */
  void run(Completion<Long> done) {
    if (begun && fold.position() == acquired.position()) {
      finish(done);
    } else if (timers.nanos() - renewalSentNanos > limits.leaseMs() * 250_000) {
      renew(done);
    } else {
      read(done);
    }
  }

  private void finish(Completion<Long> done) {
    try {
      fold.requireWhole();
    } catch (CorruptRecord e) {
      done.fail(e);
      return;
    }
    done.succeed(renewalSentNanos);
  }

  private void renew(Completion<Long> done) {
    long sentNanos = timers.nanos();
    journal.renew(
        acquired.epoch(),
        nonce,
        (result, failure) -> {
          if (result instanceof Journal.Renewed.Ok ok) {
            time.observed(ok.time(), sentNanos);
            renewalSentNanos = sentNanos;
            read(done);
          } else if (result instanceof Journal.Renewed.Fenced fenced) {
            done.fail(
                new Journal.Unreachable("fenced by epoch " + fenced.epoch() + " while replaying"));
          } else {
            retry(done, failure);
          }
        });
  }

  private void read(Completion<Long> done) {
    long after = begun ? fold.position() : fold.beforeLast();
    EarlyRead first = early;
    early = null;
    if (first != null && first.after() == after) {
      first.take((entries, none) -> foldEarly(after, entries, done));
    } else {
      read(after, done);
    }
  }

  /** What does not reach the end was read before the acquire, or the store is in trouble. */
  private void foldEarly(long after, @Nullable List<JournalEntry> entries, Completion<Long> done) {
    boolean whole =
        entries != null
            && !entries.isEmpty()
            && entries.get(entries.size() - 1).last() >= acquired.position();
    if (whole) {
      fold(entries, done);
    } else {
      read(after, done);
    }
  }

  private void read(long after, Completion<Long> done) {
    journal.read(
        after,
        ENTRIES_A_READ,
        (entries, failure) -> {
          if (failure instanceof CorruptRecord || failure instanceof JournalDamaged) {
            done.fail(failure);
          } else if (entries == null) {
            retry(done, failure);
          } else {
            fold(entries, done);
          }
        });
  }

  private void fold(List<JournalEntry> entries, Completion<Long> done) {
    failures = 0;
    try {
      if (begun) {
        foldUpToTheEnd(entries);
      } else {
        carryOn(entries);
      }
    } catch (IllegalStateException e) { // CorruptRecord, or an event that breaks an invariant
      done.fail(e);
      return;
    }
    run(done);
  }

  /** {@code entries} begin where what was read ahead ends, or that is of another log. */
  private void carryOn(List<JournalEntry> entries) {
    begun = true;
    boolean prefix = fold.position() <= acquired.position();
    if (fold.position() == 0) {
      return;
    }
    if (!prefix || entries.isEmpty() || !fold.endsWith(entries.get(0))) {
      fold = fromTheBeginning();
    } else if (fold.position() < acquired.position()) {
      foldUpToTheEnd(entries.subList(1, entries.size()));
    }
  }

  private void foldUpToTheEnd(List<JournalEntry> entries) {
    if (entries.isEmpty()) {
      throw new CorruptRecord(
          "the log of partition "
              + partition
              + " ends at "
              + fold.position()
              + ", not at "
              + acquired.position());
    }
    for (JournalEntry entry : entries) {
      if (fold.position() == acquired.position()) {
        return; // what follows was appended by a later owner; this one will be fenced
      }
      fold.fold(entry, acquired.epoch());
    }
    if (fold.position() > acquired.position()) {
      throw new CorruptRecord(
          "the log of partition " + partition + " goes on after " + acquired.position());
    }
  }

  private void retry(Completion<Long> done, @Nullable Throwable failure) {
    if (++failures > TRIES_MAX) {
      done.fail(failure == null ? new Journal.Unreachable("no answer") : failure);
    } else {
      timers.after(RETRY_MS, () -> run(done));
    }
  }
}
