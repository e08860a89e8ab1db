package stampede.persist;

import java.util.Comparator;
import java.util.PriorityQueue;
import stampede.protocol.port.Timers;

/** Time that passes only in {@link #run}; what is due at the same time runs in the order set. */
public class VirtualTime implements Timers {
  public long nowMs;
  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::dueMs).thenComparingLong(Task::number));
  private long taskNumber;

  private record Task(long dueMs, long number, Runnable run) {}

  public final void run(long ms) {
    long until = nowMs + ms;
    while (!tasks.isEmpty() && tasks.peek().dueMs <= until) {
      Task task = tasks.remove();
      nowMs = task.dueMs;
      task.run.run();
    }
    nowMs = until;
  }

  @Override
  public final long nanos() {
    return nowMs * 1_000_000;
  }

  @Override
  public final Timer after(long delayMs, Runnable run) {
    Task task = new Task(nowMs + delayMs, taskNumber++, run);
    tasks.add(task);
    return () -> tasks.remove(task);
  }
}
