package stampede.rig.capacity;

import java.util.ArrayDeque;

/**
 * A thread that does one thing after the other. Frames that lie in the sockets of a crowd and what
 * other nodes and timers want have a line each, first come, first served; while both have
 * something, they take turns, as Netty shares an event loop's time between them.
 */
final class Loop {
  /** What it takes is known when it begins: an item may be sold out by then. */
  interface Task {
    double micros();

    void done();
  }

  private final Agenda agenda;
  private final Cores cores;
  private final double slowness;
  private final Pause pause;
  private final ArrayDeque<Task> frames = new ArrayDeque<>();
  private final ArrayDeque<Task> others = new ArrayDeque<>();
  private boolean frameLast;
  private boolean active;
  private double owedMicros;
  private double busyMicros;

  /**
   * Part of what everything takes is collecting garbage, and comes in pauses.
   *
   * @param micros of one
   */
  record Pause(double micros, double part) {
    static final Pause NONE = new Pause(0, 0);
  }

  /**
   * @param slowness how much longer everything takes here
   */
  Loop(Agenda agenda, Cores cores, double slowness, Pause pause) {
    this.agenda = agenda;
    this.cores = cores;
    this.slowness = slowness;
    this.pause = pause;
  }

  void addFrame(Task task) {
    frames.add(task);
    activate();
  }

  void add(Task task) {
    others.add(task);
    activate();
  }

  private void activate() {
    if (!active) {
      active = true;
      cores.take(this::begin);
    }
  }

  void add(double micros, Runnable done) {
    add(
        new Task() {
          @Override
          public double micros() {
            return micros;
          }

          @Override
          public void done() {
            done.run();
          }
        });
  }

  private void begin() {
    frameLast = others.isEmpty() || !frames.isEmpty() && !frameLast;
    Task task = frameLast ? frames.remove() : others.remove();
    double whole = task.micros() * slowness;
    double micros = whole * (1 - pause.part);
    owedMicros += whole * pause.part;
    if (owedMicros > pause.micros && pause.part > 0) {
      micros += pause.micros;
      owedMicros -= pause.micros;
    }
    busyMicros += micros;
    agenda.after(micros, () -> end(task));
  }

  private void end(Task task) {
    task.done();
    cores.give();
    active = !(frames.isEmpty() && others.isEmpty());
    if (active) {
      cores.take(this::begin);
    }
  }

  double busyMicros() {
    return busyMicros;
  }
}
