package stampede.rig.sim;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Timers;

/**
 * The one event queue of a world: a binary heap by (time, order of setting). Time passes only in
 * {@link #run}. A cancelled task stays in the heap as an empty one until its time.
 */
final class SimClock implements Timers {
  private Task[] heap = new Task[1_024];
  private int size;
  private long numbers;
  private long nowMs;
  private long ran;

  @Override
  public long nanos() {
    return nowMs * 1_000_000;
  }

  @Override
  public long millis() {
    return nowMs;
  }

  /** Tasks carried out so far. */
  long ran() {
    return ran;
  }

  @Override
  public Timer after(long delayMs, Runnable run) {
    Task task = new Task(nowMs + Math.max(0, delayMs), numbers++, run);
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
    up(size++, task);
    return task;
  }

  /** Runs everything due until {@code untilMs}; then it is untilMs. */
  void run(long untilMs) {
    while (size > 0 && heap[0].dueMs <= untilMs) {
      Task next = poll();
      Runnable run = next.run;
      if (run != null) {
        nowMs = next.dueMs;
        next.run = null;
        ran++;
        run.run();
      }
    }
    nowMs = untilMs;
  }

  private Task poll() {
    Task first = heap[0];
    Task last = heap[--size];
    heap[size] = null;
    if (size > 0) {
      down(last);
    }
    return first;
  }

  private void up(int at, Task task) {
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (heap[parent].before(task)) {
        break;
      }
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = task;
  }

  private void down(Task task) {
    int at = 0;
    for (int child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && heap[child + 1].before(heap[child])) {
        child++;
      }
      if (task.before(heap[child])) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = task;
  }

  private static final class Task implements Timer {
    private final long dueMs;
    private final long number;
    private @Nullable Runnable run;

    private Task(long dueMs, long number, Runnable run) {
      this.dueMs = dueMs;
      this.number = number;
      this.run = run;
    }

    private boolean before(Task other) {
      return dueMs < other.dueMs || dueMs == other.dueMs && number < other.number;
    }

    @Override
    public void cancel() {
      run = null;
    }
  }
}
