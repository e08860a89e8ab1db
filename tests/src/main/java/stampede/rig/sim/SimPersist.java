package stampede.rig.sim;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.CommitResult;
import stampede.persist.drain.Cursor;
import stampede.persist.drain.DrainLoop;
import stampede.persist.drain.OrderStore;
import stampede.protocol.Addresses;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.SaleItem;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.rig.InMemoryJournal;

/** A persist node: a drain a partition, and the cursor for owners that ask. */
final class SimPersist extends Machine implements DrainLoop.Watcher {
  private static final long REPORT_EVERY_MS = 500;
  private final DrainLoop[] drains = new DrainLoop[Setting.PARTITIONS];

  SimPersist(World world, int index) {
    super(world, "persist-" + index, World.FIRST_PERSIST + index);
  }

  @Override
  void boot() {
    SimProcess mine = process;
    Bus bus = world.bus.of(mine);
    OrderStore store = world.mistake.orderStore(world.mySql.of(mine), world.mySql);
    for (int p = 0; p < drains.length; p++) {
      InMemoryJournal way = new InMemoryJournal(world.stores[p], world.clock, world.faults(number));
      drains[p] =
          new DrainLoop(
              p,
              (partition, after, max, done) -> way.read(after, max, mine.here(done)),
              new OneCallAtATime(store),
              world.mistake.drainTimers(mine),
              world.clock::millis,
              this);
    }
    bus.serve(Addresses.PERSIST_QUERY, (question, reply) -> cursor(question[0], store, reply));
    for (DrainLoop drain : drains) {
      mine.run(drain::start);
    }
    report(bus);
  }

  private void report(Bus bus) {
    List<DrainStatus> all = Arrays.stream(drains).map(DrainLoop::status).toList();
    bus.publish(Addresses.DRAIN_STATUS, new DrainNews(name, world.clock.millis(), all).encode());
    process.after(REPORT_EVERY_MS, () -> report(bus));
  }

  private static void cursor(int partition, OrderStore store, Completion<byte[]> reply) {
    store.cursor(
        partition,
        (cursor, failure) -> {
          if (cursor == null) {
            reply.fail(failure);
          } else {
            reply.succeed(ByteBuffer.allocate(Long.BYTES).putLong(cursor.position()).array());
          }
        });
  }

  /** A drain has at most one call to the store under way. */
  private static final class OneCallAtATime implements OrderStore {
    private final OrderStore store;
    private String underWay = "";

    private OneCallAtATime(OrderStore store) {
      this.store = store;
    }

    @Override
    public void cursor(int partition, Completion<Cursor> done) {
      store.cursor(partition, begin("cursor", partition, done));
    }

    @Override
    public void items(int partition, Completion<List<SaleItem>> done) {
      store.items(partition, begin("items", partition, done));
    }

    @Override
    public void commit(int partition, Cursor expected, Chunk chunk, Completion<CommitResult> done) {
      store.commit(partition, expected, chunk, begin("commit", partition, done));
    }

    private <T> Completion<T> begin(String call, int partition, Completion<T> done) {
      if (!underWay.isEmpty()) {
        throw new Violation("D1 drain " + partition + ": " + call + " while " + underWay);
      }
      underWay = call;
      return (result, failure) -> {
        underWay = "";
        done.done(result, failure);
      };
    }
  }

  @Override
  public void changed() {}

  @Override
  public void halted(int partition, String code, String detail) {
    world.checker.alarm(name, "drain.halted", code + ": " + detail);
  }
}
