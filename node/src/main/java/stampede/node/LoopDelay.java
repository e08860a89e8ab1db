package stampede.node;

import stampede.protocol.port.Timers;

/**
 * How late the event loop is: the longest a timer was late in the last full second. What a shaker
 * waits at least. On that event loop.
 */
public final class LoopDelay {
  private static final long BEAT_MS = 100;
  private static final long WINDOW_MS = 1_000;

  private final Timers timers;
  private long dueMs;
  private long windowEndMs;
  private long worstMs;
  private long lastWorstMs;
  private boolean stopped;

  public LoopDelay(Timers timers) {
    this.timers = timers;
  }

  public void start() {
    windowEndMs = timers.millis() + WINDOW_MS;
    next();
  }

  public void stop() {
    stopped = true;
  }

  /** Milliseconds, at least what the second under way has shown so far. */
  public long delayMsMax() {
    return Math.max(worstMs, lastWorstMs);
  }

  private void next() {
    dueMs = timers.millis() + BEAT_MS;
    timers.after(BEAT_MS, this::beat);
  }

  private void beat() {
    if (stopped) {
      return;
    }
    long nowMs = timers.millis();
    worstMs = Math.max(worstMs, nowMs - dueMs);
    if (nowMs >= windowEndMs) {
      lastWorstMs = worstMs;
      worstMs = 0;
      windowEndMs = nowMs + WINDOW_MS;
    }
    next();
  }
}
