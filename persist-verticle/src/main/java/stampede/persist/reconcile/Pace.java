package stampede.persist.reconcile;

import stampede.protocol.port.Timers;

/** So many a second: what is taken in advance is waited for afterwards. */
final class Pace {
  private static final long BURST_MS = 250;

  private final Timers timers;
  private final double perMs;
  private double left;
  private long atMs;

  Pace(Timers timers, int perSecond) {
    this.timers = timers;
    this.perMs = perSecond / 1_000.0;
    this.atMs = timers.millis();
  }

  boolean isDue() {
    long nowMs = timers.millis();
    left = Math.min(BURST_MS * perMs, left + (nowMs - atMs) * perMs);
    atMs = nowMs;
    return left >= 0;
  }

  void take(int count) {
    left -= count;
  }
}
