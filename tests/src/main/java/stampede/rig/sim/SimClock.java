package stampede.rig.sim;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Timers;

/**
 * The one event queue of a world: tasks run in the order of their time, those of one millisecond in
 * the order they were set. Time passes only in {@link #run}.
 *
 * <p>A wheel with a slot a millisecond for the next two seconds, where nearly all tasks are, and a
 * heap for later ones, which move to the wheel as soon as it reaches that far. A cancelled task
 * stays as an empty one until its time.
 */
final class SimClock implements Timers {
  private static final int SLOTS = 2_048;
  private static final int MASK = SLOTS - 1;

  private final @Nullable Task[] first = new Task[SLOTS];
  private final @Nullable Task[] last = new Task[SLOTS];
  private final PriorityQueue<Task> later =
      new PriorityQueue<>(
          Comparator.comparingLong((Task task) -> task.dueMs)
              .thenComparingLong(task -> task.number));
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
    Task task = new Task(nowMs + Math.max(0, delayMs), run);
    if (delayMs < SLOTS) {
      toWheel(task);
    } else {
      task.number = numbers++;
      later.add(task);
    }
    return task;
  }

  /** Runs everything due until {@code untilMs}; then it is untilMs. */
  void run(long untilMs) {
    runSlot();
    while (nowMs < untilMs) {
      nowMs++;
      while (!later.isEmpty() && later.peek().dueMs < nowMs + SLOTS) {
        toWheel(later.poll()); // before anything else can be set for that time
      }
      runSlot();
    }
  }

  private void runSlot() {
    int slot = (int) nowMs & MASK;
    for (Task next = first[slot]; next != null; next = first[slot]) {
      first[slot] = next.next;
      Runnable run = next.run;
      if (run != null) {
        next.run = null;
        ran++;
        run.run();
      }
    }
    last[slot] = null;
  }

  private void toWheel(Task task) {
    int slot = (int) task.dueMs & MASK;
    Task before = last[slot];
    if (before == null || first[slot] == null) {
      first[slot] = task;
    } else {
      before.next = task;
    }
    last[slot] = task;
  }

  private static final class Task implements Timer {
    private final long dueMs;
    private long number;
    private @Nullable Runnable run;
    private @Nullable Task next;

    private Task(long dueMs, Runnable run) {
      this.dueMs = dueMs;
      this.run = run;
    }

    @Override
    public void cancel() {
      run = null;
    }
  }
}
