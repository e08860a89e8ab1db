package stampede.edge;

import java.util.Objects;
import java.util.concurrent.Executor;
import stampede.protocol.Command;
import stampede.protocol.Reply;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/** A queue a partition, routed by hints. On the edge's event loop. */
public final class OwnerLink implements Owners {
  private final PartitionQueue[] queues;
  private int firstToPump;

  /** Every command is sent at once if it may be: for where commands do not come many at a time. */
  public OwnerLink(
      long edge,
      Timers timers,
      Bus bus,
      OwnerRoutes routes,
      int queueMax,
      int batchesMax,
      int bytesMax) {
    this(edge, timers, bus, routes, queueMax, batchesMax, bytesMax, Runnable::run);
  }

  /**
   * @param edge of this start of this edge, unlike that of any other; from 1
   * @param queueMax commands waiting for one partition
   * @param batchesMax batches in flight for one partition
   * @param bytesMax bytes in flight to one owner, all its partitions together
   * @param turnEnd runs what it is given when this turn of the event loop has read what came
   */
  public OwnerLink(
      long edge,
      Timers timers,
      Bus bus,
      OwnerRoutes routes,
      int queueMax,
      int batchesMax,
      int bytesMax,
      Executor turnEnd) {
    this.queues = new PartitionQueue[routes.partitions()];
    InFlightBytes bytes = new InFlightBytes(bytesMax, this::pumpAll);
    for (int partition = 0; partition < queues.length; partition++) {
      queues[partition] =
          new PartitionQueue(
              partition, edge, timers, bus, routes, bytes, queueMax, batchesMax, turnEnd);
    }
    routes.onRoute(partition -> queues[partition].pump());
  }

  @Override
  public Waiting ask(int partition, Command command, Completion<Reply> reply) {
    return queues[Objects.checkIndex(partition, queues.length)].add(command, reply);
  }

  @Override
  public int partitions() {
    return queues.length;
  }

  /** Commands waiting on this edge, all partitions together. */
  public int waiting() {
    int waiting = 0;
    for (PartitionQueue queue : queues) {
      waiting += queue.waiting();
    }
    return waiting;
  }

  /** Commands waiting on this edge for one partition. */
  public int waiting(int partition) {
    return queues[partition].waiting();
  }

  /** Begins with another queue each time: none of an owner's partitions starves the others. */
  private void pumpAll() {
    firstToPump = (firstToPump + 1) % queues.length;
    for (int i = 0; i < queues.length; i++) {
      queues[(firstToPump + i) % queues.length].pump();
    }
  }
}
