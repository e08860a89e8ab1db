package stampede.sale;

import stampede.protocol.port.Timers;

/**
 * The time of one partition's owner: the store's clock, carried on by this node's monotonic clock
 * between two readings.
 *
 * <p>A reading must fall between the predictions for the moment the question was sent and the
 * moment the answer came, give or take {@value #TOLERANCE_MS} ms. If it does not, one of the two
 * clocks jumped; nothing that time alone demands happens then until readings have agreed for
 * {@value #PROBATION_MS} ms.
 */
final class OwnerTime {
  static final long TOLERANCE_MS = 500;
  static final long PROBATION_MS = 10_000;

  private final Timers timers;
  private long readingMs;
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
    boolean fits = !hasReading || fits(storeMs, sentNanos, nowNanos);
    if (!fits) {
      distrusted = true;
      distrustedSinceNanos = nowNanos;
    } else if (distrusted && nowNanos - distrustedSinceNanos >= PROBATION_MS * 1_000_000) {
      distrusted = false;
    }
    readingMs = storeMs;
    readAtNanos = nowNanos;
    hasReading = true;
    return fits;
  }

  /** Epoch ms, not before {@code notBeforeMs}. */
  long now(long notBeforeMs) {
    return Math.max(notBeforeMs, predicted(timers.nanos()));
  }

  /** Whether the clock may open, close, release and expire. */
  boolean trusted() {
    return hasReading && !distrusted;
  }

  private boolean fits(long storeMs, long sentNanos, long nowNanos) {
    return storeMs >= predicted(sentNanos) - TOLERANCE_MS
        && storeMs <= predicted(nowNanos) + TOLERANCE_MS;
  }

  private long predicted(long nanos) {
    return readingMs + (nanos - readAtNanos) / 1_000_000;
  }
}
