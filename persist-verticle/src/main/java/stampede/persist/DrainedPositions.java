package stampede.persist;

import java.util.function.LongSupplier;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;

/**
 * How far each partition's orders were in MySQL a moment ago, by what drains publish: a server that
 * is not that far lags by more than {@value #LAG_MS} ms. With what drains say every second, nothing
 * older than about three seconds passes.
 */
final class DrainedPositions {
  static final long LAG_MS = 1_000;

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

  void heard(DrainNews news) {
    for (DrainStatus status : news.drains()) {
      if (status.partition() < required.length) {
        heard(status.partition(), status.position());
      }
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
