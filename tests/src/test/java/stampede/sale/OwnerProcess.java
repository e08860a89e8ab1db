package stampede.sale;

import java.util.ArrayDeque;
import stampede.protocol.port.Timers;
import stampede.rig.VirtualTimers;

/** The event loop of one owner: can be killed, and frozen while the world goes on. */
final class OwnerProcess implements Timers {
  private final VirtualTimers world;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean frozen;
  private boolean dead;

  OwnerProcess(VirtualTimers world) {
    this.world = world;
  }

  @Override
  public long nanos() {
    return world.nanos();
  }

  @Override
  public Timer after(long delayMs, Runnable task) {
    boolean[] cancelled = new boolean[1];
    world.after(
        delayMs,
        () ->
            run(
                () -> {
                  if (!cancelled[0]) {
                    task.run();
                  }
                }));
    return () -> cancelled[0] = true;
  }

  /** Something arrives: now, after the thaw, or never. */
  void run(Runnable task) {
    if (frozen) {
      waiting.add(task);
    } else if (!dead) {
      task.run();
    }
  }

  void kill() {
    dead = true;
    frozen = false;
    waiting.clear();
  }

  void freeze() {
    frozen = !dead;
  }

  void thaw() {
    frozen = false;
    while (!waiting.isEmpty() && !frozen && !dead) {
      waiting.poll().run();
    }
  }

  boolean isAwake() {
    return !frozen && !dead;
  }
}
