package stampede.edge.admission;

/** How fast a queue moves, by what left it in the last full second. */
public final class Pace {
  private static final long WINDOW_MS = 1_000;

  private long windowStartMs = Long.MIN_VALUE / 2;
  private long leftInWindow;
  private long leftBefore;

  public void left(int commands, long nowMs) {
    turn(nowMs);
    leftInWindow += commands;
  }

  /** Until {@code ahead} more have left; 0 = unknown. */
  public long etaMs(int ahead, long nowMs) {
    turn(nowMs);
    long perWindow = Math.max(leftBefore, leftInWindow);
    return perWindow == 0 ? 0 : ahead * WINDOW_MS / perWindow;
  }

  private void turn(long nowMs) {
    long elapsedMs = nowMs - windowStartMs;
    if (elapsedMs >= WINDOW_MS) {
      leftBefore = elapsedMs < 2 * WINDOW_MS ? leftInWindow : 0;
      leftInWindow = 0;
      windowStartMs = nowMs;
    }
  }
}
