package stampede.sale;

import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.engine.SaleEngine;
import stampede.sale.journal.Journal;
import stampede.sale.journal.JournalDamaged;

/**
 * Folds a partition's log into an engine, from the first entry to the position the acquire named,
 * and keeps the lease alive meanwhile. A log that is not contiguous, not intact or shorter than it
 * must be is refused: a partition never goes on with a part of its log.
 */
final class Replay {
  private static final int ENTRIES_A_READ = 200;
  private static final int TRIES_MAX = 20;
  private static final long RETRY_MS = 100;

  private final int partition;
  private final Journal journal;
  private final Timers timers;
  private final SaleEngine engine;
  private final long leaseMs;
  private final long nonce;
  private final Journal.Acquired.Ok acquired;
  private final OwnerTime time;
  private long renewalSentNanos;
  private long lastEpoch;
  private int failures;

  Replay(
      int partition,
      Journal journal,
      Timers timers,
      SaleEngine engine,
      long leaseMs,
      long nonce,
      Journal.Acquired.Ok acquired,
      OwnerTime time,
      long acquiredSentNanos) {
    this.partition = partition;
    this.journal = journal;
    this.timers = timers;
    this.engine = engine;
    this.leaseMs = leaseMs;
    this.nonce = nonce;
    this.acquired = acquired;
    this.time = time;
    this.renewalSentNanos = acquiredSentNanos;
  }

  /**
   * Succeeds with the time ({@link Timers#nanos()}) at which the last renewal of the lease was
   * sent.
   */
  void run(Completion<Long> done) {
    if (engine.position() == acquired.position()) {
      done.succeed(renewalSentNanos);
    } else if (timers.nanos() - renewalSentNanos > leaseMs * 250_000) {
      renew(done);
    } else {
      read(done);
    }
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
    journal.read(
        engine.position(),
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
      if (entries.isEmpty()) {
        throw new CorruptRecord(
            "the log of partition "
                + partition
                + " ends at "
                + engine.position()
                + ", not at "
                + acquired.position());
      }
      for (JournalEntry entry : entries) {
        if (engine.position() == acquired.position()) {
          break; // what follows was appended by a later owner; this one will be fenced
        }
        fold(entry);
      }
    } catch (IllegalStateException e) { // CorruptRecord, or an event that breaks an invariant
      done.fail(e);
      return;
    }
    run(done);
  }

  private void fold(JournalEntry entry) {
    if (entry.first() != engine.position() + 1) {
      throw new CorruptRecord(
          "the log of partition "
              + partition
              + " jumps from "
              + engine.position()
              + " to "
              + entry.first());
    }
    if (entry.epoch() < lastEpoch || entry.epoch() > acquired.epoch()) {
      throw new CorruptRecord(
          "the log of partition "
              + partition
              + " has epoch "
              + entry.epoch()
              + " after "
              + lastEpoch);
    }
    lastEpoch = entry.epoch();
    for (SaleEvent event : entry.events()) {
      engine.apply(event);
    }
    if (engine.position() > acquired.position()) {
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
