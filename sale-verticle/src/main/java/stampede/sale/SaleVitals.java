package stampede.sale;

import io.vertx.core.Context;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import stampede.node.Finding;
import stampede.node.LoopVitals;
import stampede.node.Vitals;

/** The figures and the health of a sale node's partitions. On the verticle's event loop. */
final class SaleVitals {
  private static final double[] BATCH_BOUNDS = {1, 2, 5, 10, 20, 50, 100, 200, 512};
  private static final double[] GROUP_BOUNDS = {1, 2, 5, 10, 50, 100, 500, 1_000, 5_000};
  private static final double[] SECONDS_BOUNDS = {
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1
  };

  private static final double[] TAKE_OVER_BOUNDS = {
    0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 60
  };

  private final Vitals vitals;
  private final Cost cost = new Cost();
  private @Nullable LoopVitals loop;
  private DoubleConsumer batches = value -> {};
  private DoubleConsumer groups = value -> {};
  private DoubleConsumer appends = value -> {};
  private DoubleConsumer takeOvers = value -> {};

  SaleVitals(Vitals vitals) {
    this.vitals = vitals;
  }

  /**
   * @param owners empty until the node has agreed with the journal on what it is
   */
  void start(Context context, List<PartitionOwner> owners) {
    LoopVitals loop = vitals.on(context, "sale");
    this.loop = loop;
    loop.check("journal", () -> journal(owners));
    batches =
        loop.histogram("stampede_sale_batch_commands", "Commands of one bus message", BATCH_BOUNDS);
    loop.counter(
        "stampede_sale_commands_total", "Commands taken from edges", () -> cost.commands());
    loop.counter(
        "stampede_sale_busy_seconds_total",
        "Reading, deciding and answering them, without the journal's part",
        () -> cost.busyNanos() / 1e9);
    groups = loop.histogram("stampede_sale_group_events", "Events of one append", GROUP_BOUNDS);
    appends =
        loop.seconds(
            "stampede_sale_append_seconds", "From sending an append to its answer", SECONDS_BOUNDS);
    takeOvers =
        loop.seconds(
            "stampede_sale_take_over_seconds",
            "From asking a partition's owner for it, or acquiring what nobody holds, to serving it",
            TAKE_OVER_BOUNDS);
  }

  /** The partitions are known. */
  void show(List<PartitionOwner> owners) {
    for (int partition = 0; partition < owners.size(); partition++) {
      if (loop != null) {
        show(loop, Integer.toString(partition), owners.get(partition));
      }
    }
  }

  private static void show(LoopVitals loop, String partition, PartitionOwner owner) {
    gauge(loop, "epoch", "Epoch last seen", partition, owner, Standing::epoch);
    gauge(loop, "position", "Durable position; 0: not owned", partition, owner, Standing::position);
    gauge(
        loop,
        "backlog_events",
        "Events not known to be in MySQL",
        partition,
        owner,
        Standing::backlog);
    gauge(
        loop,
        "waiting_batches",
        "Batches whose replies wait for the journal",
        partition,
        owner,
        Standing::waiting);
    loop.gauge(
        "stampede_sale_units_unaccounted",
        "Units neither available nor held nor sold; must be 0",
        owner::unaccountedUnits,
        "partition",
        partition);
    for (String status : PartitionOwner.statuses()) {
      loop.gauge(
          "stampede_sale_partition_status",
          "1 for the status the partition has on this node",
          () -> owner.standing().status().equals(status) ? 1 : 0,
          "partition",
          partition,
          "status",
          status);
    }
  }

  private static void gauge(
      LoopVitals loop,
      String name,
      String help,
      String partition,
      PartitionOwner owner,
      ToDoubleFunction<Standing> figure) {
    loop.gauge(
        "stampede_sale_partition_" + name,
        help,
        () -> figure.applyAsDouble(owner.standing()),
        "partition",
        partition);
  }

  void stop() {
    if (loop != null) {
      vitals.leave(loop);
    }
  }

  void batch(int commands) {
    batches.accept(commands);
  }

  Cost cost() {
    return cost;
  }

  void appended(int events, long tookNanos) {
    groups.accept(events);
    appends.accept(tookNanos / 1e9);
  }

  void tookOver(long tookNanos) {
    takeOvers.accept(tookNanos / 1e9);
  }

  /** Redis answers, and every partition is served here or has an owner elsewhere. */
  private static Finding journal(List<PartitionOwner> owners) {
    if (owners.isEmpty()) {
      return Finding.down("the journal has not been agreed on; Redis gave no answer so far");
    }
    JsonArray without = new JsonArray();
    int served = 0;
    for (int partition = 0; partition < owners.size(); partition++) {
      Standing standing = owners.get(partition).standing();
      if (!standing.inOrder()) {
        without.add(
            JsonObject.of(
                "partition",
                partition,
                "status",
                standing.status(),
                "problem",
                standing.problem()));
      } else if (standing.position() > 0) {
        served++;
      }
    }
    return new Finding(without.isEmpty(), JsonObject.of("served", served, "withoutOwner", without));
  }
}
