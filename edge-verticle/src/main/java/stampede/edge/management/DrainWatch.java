package stampede.edge.management;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.protocol.Addresses;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * The latest status each partition's drain published, with its age, and what the reconciler of its
 * rows found. On the edge's event loop.
 */
final class DrainWatch {
  private static final Logger LOG = LoggerFactory.getLogger(DrainWatch.class);

  private final Bus bus;
  private final Timers timers;
  private final int partitions;
  private final Map<Integer, Heard> byPartition = new TreeMap<>();
  private final Map<Integer, Heard> reconciled = new TreeMap<>();
  private Bus.@Nullable Registration registration;
  private Bus.@Nullable Registration registrationOfReconcilers;

  DrainWatch(Bus bus, Timers timers, int partitions) {
    this.bus = bus;
    this.timers = timers;
    this.partitions = partitions;
  }

  private record Heard(JsonObject status, long lagMs, long atMs) {}

  void start() {
    registration = bus.subscribe(Addresses.DRAIN_STATUS, m -> heard(m, this::heard));
    registrationOfReconcilers =
        bus.subscribe(Addresses.RECONCILE_STATUS, m -> heard(m, this::heardReconciler));
  }

  void stop() {
    if (registration != null) {
      registration.cancel();
    }
    if (registrationOfReconcilers != null) {
      registrationOfReconcilers.cancel();
    }
  }

  /**
   * The message's members, {@code ageMs}, and the same of the reconciler as {@code reconcile} if it
   * was heard of; null when nothing was heard of this partition's drain.
   */
  @Nullable JsonObject of(int partition) {
    Heard heard = byPartition.get(partition);
    if (heard == null) {
      return null;
    }
    JsonObject found = reconciled(partition);
    return found == null ? aged(heard) : aged(heard).put("reconcile", found);
  }

  /** What the reconciler of the partition said last, with {@code ageMs}; null = nothing. */
  @Nullable JsonObject reconciled(int partition) {
    Heard heard = reconciled.get(partition);
    return heard == null ? null : aged(heard);
  }

  private JsonObject aged(Heard heard) {
    return heard.status.copy().put("ageMs", timers.millis() - heard.atMs);
  }

  /** The longest lag of all partitions, ms; −1 when nothing was heard yet. */
  long lagMsMax() {
    long max = -1;
    for (Heard heard : byPartition.values()) {
      max = Math.max(max, heard.lagMs);
    }
    return max;
  }

  /** Age of the oldest status {@link #lagMsMax} is made from. */
  long ageMsMax() {
    long max = 0;
    for (Heard heard : byPartition.values()) {
      max = Math.max(max, timers.millis() - heard.atMs);
    }
    return max;
  }

  private static void heard(byte[] message, Consumer<JsonObject> each) {
    try {
      for (Object entry : new JsonArray(Buffer.buffer(message))) {
        if (entry instanceof JsonObject status) {
          each.accept(status);
        }
      }
    } catch (DecodeException | ClassCastException e) {
      LOG.warn("a drain status that can't be read was ignored: {}", e.getMessage());
    }
  }

  private void heard(JsonObject status) {
    Integer partition = status.getInteger("partition");
    if (partition != null && partition >= 0 && partition < partitions) {
      byPartition.put(partition, new Heard(status, lagMs(status), timers.millis()));
    }
  }

  private void heardReconciler(JsonObject status) {
    Integer partition = status.getInteger("partition");
    if (partition != null && partition >= 0 && partition < partitions) {
      reconciled.put(partition, new Heard(status, 0, timers.millis()));
    }
  }

  private static long lagMs(JsonObject status) {
    Long lagMs = status.getLong("lagMs");
    return lagMs == null ? 0 : lagMs;
  }
}
