package stampede.persist;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far each partition's orders were in MySQL a moment ago, by what drains publish: a server that
 * is not that far lags by more than {@value #LAG_MS} ms. With what drains say every second, nothing
 * older than about three seconds passes.
 */
final class DrainedPositions {
  static final long LAG_MS = 1_000;
  private static final Logger log = LoggerFactory.getLogger(DrainedPositions.class);

  private final LongSupplier nowMs;
  private final long[] required;
  private final long[] next;
  private final long[] nextAtMs;

  /**
   * @param nowMs monotonic
   */
  DrainedPositions(int partitions, LongSupplier nowMs) {
    this.nowMs = nowMs;
    required = new long[partitions];
    next = new long[partitions];
    nextAtMs = new long[partitions];
  }

  /** A message of {@code stampede.drain}. */
  void heard(byte[] message) {
    try {
      for (Object each : new JsonArray(Buffer.buffer(message))) {
        JsonObject status = (JsonObject) each;
        Integer partition = status.getInteger("partition");
        Long position = status.getLong("position");
        if (partition != null
            && partition >= 0
            && partition < required.length
            && position != null) {
          heard(partition, position);
        }
      }
    } catch (DecodeException | ClassCastException e) {
      log.warn("persist.bad-drain-status {}", e.toString());
    }
  }

  private void heard(int partition, long position) {
    ripen(partition);
    if (position > next[partition] && next[partition] == required[partition]) {
      next[partition] = position;
      nextAtMs[partition] = nowMs.getAsLong();
    }
  }

  private void ripen(int partition) {
    if (nowMs.getAsLong() - nextAtMs[partition] >= LAG_MS) {
      required[partition] = next[partition];
    }
  }

  int partitions() {
    return required.length;
  }

  /** What every server must have by now. */
  long required(int partition) {
    ripen(partition);
    return required[partition];
  }
}
