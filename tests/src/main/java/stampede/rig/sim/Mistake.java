package stampede.rig.sim;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import stampede.edge.OwnerRoutes;
import stampede.edge.ShakeDesk;
import stampede.edge.admission.Visitor;
import stampede.persist.drain.OrderStore;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.CommandBatch;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.rig.InMemoryJournal;
import stampede.sale.PartitionOwner;
import stampede.sale.journal.Journal;

/**
 * A known bug, planted by bending one port so that the world behaves as if the bug were in the
 * logic behind it. By default nothing is bent. One instance belongs to one world.
 */
public interface Mistake {
  /** The world as it is. */
  Mistake NONE = new Mistake() {};

  /** Where the log of a partition is kept. */
  default InMemoryJournal.Store store(int partition, Timers clock, long startMs) {
    return new InMemoryJournal.Store(partition, clock, startMs);
  }

  /** What an owner takes for the journal; {@code node} tells owners apart. */
  default Journal journal(Journal journal, int partition, int node, Timers timers) {
    return journal;
  }

  /** What an owner takes for its clock. */
  default Timers ownerTimers(Timers timers, int partition, int node) {
    return timers;
  }

  /** How a sale node brings a batch to its owner. */
  default void handle(
      PartitionOwner owner,
      CommandBatch batch,
      InMemoryJournal.Store store,
      Completion<BatchReply> done) {
    owner.handle(batch, done);
  }

  /** The edges an owner takes for live. */
  default List<String> liveEdges(List<String> live) {
    return live;
  }

  /** What an edge takes for the bus. */
  default Bus edgeBus(Bus bus, int edge) {
    return bus;
  }

  /** How an edge takes a shake. */
  default void shake(
      ShakeDesk desk,
      OwnerRoutes routes,
      Bytes user,
      long item,
      Bytes key,
      int quantity,
      ShakeDesk.Answer answer) {
    desk.shake(new Visitor(user, 0), item, key, quantity, answer);
  }

  /** What an edge takes for its monotonic clock where it judges what is sold out. */
  default Timers soldOutTimers(Timers timers) {
    return timers;
  }

  /** And for the wall clock. */
  default LongSupplier soldOutWallClock(LongSupplier epochMs) {
    return epochMs;
  }

  /** What a drain takes for the database; {@code mySql} is behind it. */
  default OrderStore orderStore(OrderStore store, SimMySql mySql) {
    return store;
  }

  /** What a drain takes for its clock. */
  default Timers drainTimers(Timers timers) {
    return timers;
  }

  /** Called once when the world is made. */
  default void world(SplittableRandom random) {}

  /** A sale node hears how far a drain is. */
  default void drained(PartitionOwner owner, long position) {
    owner.drained(position);
  }
}
