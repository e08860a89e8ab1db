package stampede.rig.sim;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * One start of one machine's program: an event loop that can be frozen while the world goes on, and
 * killed for good. Its monotonic clock begins anywhere and may stand still while it is frozen, as a
 * suspended virtual machine's does.
 */
final class SimProcess implements Timers {
  private final SimClock clock;
  private final int machine;
  private final long beganAtMs;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private long stoodStillMs;
  private long frozenAtMs;
  private boolean clockStands;
  private boolean frozen;
  private int freezes;
  private boolean dead;

  /**
   * @param machine number of the machine it runs on
   * @param beganAtMs what its monotonic clock is ahead of the world's
   */
  SimProcess(SimClock clock, int machine, long beganAtMs) {
    this.clock = clock;
    this.machine = machine;
    this.beganAtMs = beganAtMs;
  }

  int machine() {
    return machine;
  }

  @Override
  public long nanos() {
    return millis() * 1_000_000;
  }

  @Override
  public long millis() {
    return clock.millis() + beganAtMs - stoodStillMs;
  }

  @Override
  public Timer after(long delayMs, Runnable task) {
    return new Alarm(millis() + Math.max(0, delayMs), task).set();
  }

  /** Something arrives: it is handled now, after the thaw, or never. */
  void run(Runnable task) {
    if (frozen) {
      waiting.add(task);
    } else if (!dead) {
      task.run();
    }
  }

  <T> Completion<T> here(Completion<T> done) {
    return (result, failure) -> {
      if (frozen) {
        waiting.add(() -> done.done(result, failure));
      } else if (!dead) {
        done.done(result, failure);
      }
    };
  }

  void kill() {
    dead = true;
    frozen = false;
    waiting.clear();
  }

  /** {@code clockStands}: the monotonic clock does not count this pause. */
  void freeze(boolean clockStands) {
    if (!dead && !frozen) {
      frozen = true;
      freezes++;
      frozenAtMs = clock.millis();
      this.clockStands = clockStands;
    }
  }

  void thaw() {
    if (frozen) {
      stoodStillMs += clockStands ? clock.millis() - frozenAtMs : 0;
      frozen = false;
    }
    while (!waiting.isEmpty() && isAwake()) {
      waiting.poll().run();
    }
  }

  boolean isAwake() {
    return !frozen && !dead;
  }

  boolean isDead() {
    return dead;
  }

  /** How often it has been frozen. */
  int freezes() {
    return freezes;
  }

  boolean isFrozen() {
    return frozen;
  }

  private final class Alarm implements Timer, Runnable {
    private final long dueMs;
    private @Nullable Runnable task;
    private @Nullable Timer set;

    private Alarm(long dueMs, Runnable task) {
      this.dueMs = dueMs;
      this.task = task;
    }

    private Alarm set() {
      set = clock.after(dueMs - millis(), this);
      return this;
    }

    @Override
    public void run() {
      Runnable due = task;
      if (dead || due == null) {
        return;
      }
      if (frozen) {
        waiting.add(this);
      } else if (millis() < dueMs) {
        set(); // the clock stood still meanwhile
      } else {
        task = null;
        due.run();
      }
    }

    @Override
    public void cancel() {
      task = null;
      if (set != null) {
        set.cancel();
      }
    }
  }
}
