package stampede.sale;

import stampede.protocol.port.Timers;

/**
 * The time of one partition's owner: the store's clock, carried on by this node's monotonic clock
 * between two readings.
 *
 * <p>A reading is as old as its answer was long on its way, so what is known is an interval: the
 * store's clock shows at least the reading and at most the reading plus the way. The interval of a
 * reading must meet the one carried on from the readings before it, give or take {@value
 * #TOLERANCE_MS} ms. If it does not, one of the two clocks jumped; nothing that time alone demands
 * happens then until readings have agreed for {@value #PROBATION_MS} ms.
 */
final class OwnerTime {
  static final long TOLERANCE_MS = 500;
  static final long PROBATION_MS = 10_000;

  private final Timers timers;
  private long earliestMs;
  private long latestMs;
  private long readAtNanos;
  private boolean hasReading;
  private boolean distrusted;
  private long distrustedSinceNanos;

  OwnerTime(Timers timers) {
    this.timers = timers;
  }

  /**
   * A reading of the store's clock.
   *
   * @param storeMs epoch ms
   * @param sentNanos monotonic time at which the store was asked
   * @return false if it does not fit the readings before it
   */
  boolean observed(long storeMs, long sentNanos) {
    long nowNanos = timers.nanos();
    long passedMs = (nowNanos - readAtNanos) / 1_000_000;
    long wayMs = (nowNanos - sentNanos + 999_999) / 1_000_000;
    boolean fits =
        !hasReading
            || storeMs <= latestMs + passedMs + TOLERANCE_MS
                && storeMs + wayMs >= earliestMs + passedMs - TOLERANCE_MS;
    if (!fits) {
      distrusted = true;
      distrustedSinceNanos = nowNanos;
    } else if (distrusted && nowNanos - distrustedSinceNanos >= PROBATION_MS * 1_000_000) {
      distrusted = false;
    }
    boolean narrows =
        hasReading && storeMs <= latestMs + passedMs && storeMs + wayMs >= earliestMs + passedMs;
    earliestMs = narrows ? Math.max(storeMs, earliestMs + passedMs) : storeMs;
    latestMs = narrows ? Math.min(storeMs + wayMs, latestMs + passedMs) : storeMs + wayMs;
    readAtNanos = nowNanos;
    hasReading = true;
    return fits;
  }

  /** The same; an operator is told of a reading that does not fit. */
  void observed(long storeMs, long sentNanos, int partition, Outlet outlet) {
    if (!observed(storeMs, sentNanos)) {
      outlet.alarm(
          "time.jumped",
          "partition "
              + partition
              + ": the store's clock and this node's disagree; nothing opens, closes or expires for "
              + PROBATION_MS / 1_000
              + " s");
    }
  }

  /** Epoch ms, not before {@code notBeforeMs}. */
  long now(long notBeforeMs) {
    return Math.max(notBeforeMs, earliestMs + (timers.nanos() - readAtNanos) / 1_000_000);
  }

  /** Whether the clock may open, close, release and expire. */
  boolean trusted() {
    return hasReading && !distrusted;
  }
}
