package stampede.rig.capacity;

import java.util.ArrayDeque;

/** Processors that loops share; a task keeps one to its end. */
final class Cores {
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private int free;

  Cores(int count) {
    free = count;
  }

  static Cores enough() {
    return new Cores(Integer.MAX_VALUE);
  }

  void take(Runnable then) {
    if (free > 0) {
      free--;
      then.run();
    } else {
      waiting.add(then);
    }
  }

  void give() {
    Runnable next = waiting.poll();
    if (next == null) {
      free++;
    } else {
      next.run();
    }
  }
}
