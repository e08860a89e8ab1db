package stampede.sim;

import java.util.List;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.CommitResult;
import stampede.persist.drain.Cursor;
import stampede.persist.drain.OrderStore;
import stampede.protocol.SaleItem;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.rig.sim.Mistake;
import stampede.rig.sim.SimMySql;

/** Bugs of the drain and its transaction. */
final class DrainMistakes {
  private DrainMistakes() {}

  private interface Commit {
    void commit(
        OrderStore store,
        SimMySql mySql,
        int partition,
        Cursor expected,
        Chunk chunk,
        Completion<CommitResult> done);
  }

  private static Mistake bent(Commit commit) {
    return new Mistake() {
      @Override
      public OrderStore orderStore(OrderStore store, SimMySql mySql) {
        return new OrderStore() {
          @Override
          public void cursor(int partition, Completion<Cursor> done) {
            store.cursor(partition, done);
          }

          @Override
          public void items(int partition, Completion<List<SaleItem>> done) {
            store.items(partition, done);
          }

          @Override
          public void commit(
              int partition, Cursor expected, Chunk chunk, Completion<CommitResult> done) {
            commit.commit(store, mySql, partition, expected, chunk, done);
          }
        };
      }
    };
  }

  /** Writes on whatever cursor it finds. */
  static Mistake cursorNotChecked() {
    return bent(
        (store, mySql, partition, expected, chunk, done) ->
            store.commit(partition, mySql.tables(partition).cursor(), chunk, done));
  }

  /** No reply to the commit: the same rows once more. */
  static Mistake blindRetry() {
    return bent(
        (store, mySql, partition, expected, chunk, done) ->
            store.commit(
                partition,
                expected,
                chunk,
                (result, failure) -> {
                  if (result instanceof CommitResult.Unknown) {
                    SimMySql.write(mySql.tables(partition), chunk);
                    done.succeed(new CommitResult.Committed(chunk.end()));
                  } else {
                    done.done(result, failure);
                  }
                }));
  }

  /**
   * A commit that fails before it returns begins a second chain beside its own back-off: the timer
   * for reading ahead came after it and was no longer called off.
   */
  static Mistake secondChainAfterAFailureAtOnce() {
    return new Mistake() {
      @Override
      public Timers drainTimers(Timers timers) {
        return new LateTimers(timers);
      }
    };
  }

  /**
   * Which timer is called off in the moment it was set comes too late: the next one runs for it.
   */
  private static final class LateTimers implements Timers {
    private final Timers timers;
    private long missedMs;

    private LateTimers(Timers timers) {
      this.timers = timers;
    }

    @Override
    public long nanos() {
      return timers.nanos();
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      if (missedMs > 0) {
        timers.after(missedMs, task);
        missedMs = 0;
      }
      Timer timer = timers.after(delayMs, task);
      long setNanos = nanos();
      return () -> {
        missedMs = nanos() == setNanos ? delayMs : 0;
        timer.cancel();
      };
    }
  }

  /** One chunk in ten without its stock rows: no transaction around it. */
  static Mistake chunkAppliedInPart() {
    return bent(
        (store, mySql, partition, expected, chunk, done) -> {
          boolean part = chunk.end().position() % 10 == 0;
          Chunk applied =
              part
                  ? new Chunk(
                      chunk.partition(),
                      chunk.end(),
                      chunk.published(),
                      chunk.orders(),
                      chunk.paid(),
                      chunk.released(),
                      chunk.claims(),
                      chunk.refunds(),
                      List.of(),
                      chunk.audits())
                  : chunk;
          store.commit(partition, expected, applied, done);
        });
  }
}
