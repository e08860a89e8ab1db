package stampede.sim;

import java.util.List;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.CommitResult;
import stampede.persist.drain.Cursor;
import stampede.persist.drain.OrderStore;
import stampede.protocol.SaleItem;
import stampede.protocol.port.Completion;
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
                      chunk.refunds(),
                      List.of(),
                      chunk.audits())
                  : chunk;
          store.commit(partition, expected, applied, done);
        });
  }
}
