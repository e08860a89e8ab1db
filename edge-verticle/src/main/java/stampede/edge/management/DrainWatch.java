package stampede.edge.management;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.protocol.Addresses;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/** The latest status each partition's drain published, with its age. On the edge's event loop. */
final class DrainWatch {
  private static final Logger LOG = LoggerFactory.getLogger(DrainWatch.class);

  private final Bus bus;
  private final Timers timers;
  private final int partitions;
  private final Map<Integer, Heard> byPartition = new TreeMap<>();
  private Bus.@Nullable Registration registration;

  DrainWatch(Bus bus, Timers timers, int partitions) {
    this.bus = bus;
    this.timers = timers;
    this.partitions = partitions;
  }

  private record Heard(JsonObject status, long lagMs, long atMs) {}

  void start() {
    registration = bus.subscribe(Addresses.DRAIN_STATUS, this::heard);
  }

  void stop() {
    if (registration != null) {
      registration.cancel();
    }
  }

  /** The message's members and {@code ageMs}; null when nothing was heard of this partition. */
  @Nullable JsonObject of(int partition) {
    Heard heard = byPartition.get(partition);
    return heard == null ? null : heard.status.copy().put("ageMs", timers.millis() - heard.atMs);
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

  private void heard(byte[] message) {
    try {
      for (Object entry : new JsonArray(Buffer.buffer(message))) {
        if (entry instanceof JsonObject status) {
          heard(status);
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

  private static long lagMs(JsonObject status) {
    Long lagMs = status.getLong("lagMs");
    return lagMs == null ? 0 : lagMs;
  }
}
