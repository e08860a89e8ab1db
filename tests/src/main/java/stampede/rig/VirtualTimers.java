package stampede.rig;

import java.util.Comparator;
import java.util.PriorityQueue;
import stampede.protocol.port.Timers;

/** Time that passes only when it is told to; tasks due at the same time run in the order set. */
public final class VirtualTimers implements Timers {
  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(
          Comparator.comparingLong((Task task) -> task.dueMs)
              .thenComparingLong(task -> task.number));
  private long nowMs;
  private long tasksSet;

  @Override
  public long nanos() {
    return nowMs * 1_000_000;
  }

  @Override
  public Timer after(long delayMs, Runnable task) {
    Task set = new Task(nowMs + Math.max(0, delayMs), tasksSet++, task);
    tasks.add(set);
    return () -> tasks.remove(set);
  }

  /** Runs everything due until {@code untilMs}, each task at its own time; then it is untilMs. */
  public void run(long untilMs) {
    while (!tasks.isEmpty() && tasks.peek().dueMs <= untilMs) {
      step();
    }
    nowMs = Math.max(nowMs, untilMs);
  }

  /** Goes to the next task's time and runs it; false if there is none. */
  public boolean step() {
    Task next = tasks.poll();
    if (next == null) {
      return false;
    }
    nowMs = next.dueMs;
    next.run.run();
    return true;
  }

  private record Task(long dueMs, long number, Runnable run) {}
}
