package stampede.edge;

import java.util.PriorityQueue;
import stampede.protocol.port.Timers;

/** Time that passes only when a test says so; tasks run in order of time, then of setting. */
public final class VirtualTimers implements Timers {
  private static final class Task {
    final long atNanos;
    final long number;
    final Runnable body;
    boolean cancelled;

    Task(long atNanos, long number, Runnable body) {
      this.atNanos = atNanos;
      this.number = number;
      this.body = body;
    }
  }

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(
          (a, b) ->
              a.atNanos != b.atNanos
                  ? Long.compare(a.atNanos, b.atNanos)
                  : Long.compare(a.number, b.number));
  private long nowNanos = 1_000_000_000_000L;
  private long nextNumber;

  @Override
  public long nanos() {
    return nowNanos;
  }

  @Override
  public Timer after(long delayMs, Runnable body) {
    Task task = new Task(nowNanos + delayMs * 1_000_000, nextNumber++, body);
    tasks.add(task);
    return () -> task.cancelled = true;
  }

  public void advance(long ms) {
    long untilNanos = nowNanos + ms * 1_000_000;
    while (!tasks.isEmpty() && tasks.peek().atNanos <= untilNanos) {
      Task task = tasks.remove();
      nowNanos = Math.max(nowNanos, task.atNanos);
      if (!task.cancelled) {
        task.body.run();
      }
    }
    nowNanos = untilNanos;
  }

  /** Time passes and nothing runs: an event loop that is held up. */
  public void stall(long ms) {
    nowNanos += ms * 1_000_000;
  }
}
