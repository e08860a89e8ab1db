package stampede.edge.management;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import stampede.protocol.port.Timers;

/** Time that moves when a test says so. */
final class ManualTimers implements Timers {
  private final List<Due> due = new ArrayList<>();
  private long nowMs = 1_000_000;

  private record Due(long atMs, Runnable task) {}

  @Override
  public long nanos() {
    return nowMs * 1_000_000;
  }

  @Override
  public Timer after(long delayMs, Runnable task) {
    Due entry = new Due(nowMs + delayMs, task);
    due.add(entry);
    return () -> due.remove(entry);
  }

  /** Runs what falls due on the way, in its order. */
  void advance(long ms) {
    long endMs = nowMs + ms;
    for (Due next = next(endMs); next != null; next = next(endMs)) {
      due.remove(next);
      nowMs = Math.max(nowMs, next.atMs);
      next.task.run();
    }
    nowMs = endMs;
  }

  /** Time passes and nothing runs: an event loop that is held up. */
  void stall(long ms) {
    nowMs += ms;
  }

  private Due next(long endMs) {
    return due.stream()
        .filter(entry -> entry.atMs <= endMs)
        .min(Comparator.comparingLong(Due::atMs))
        .orElse(null);
  }
}
