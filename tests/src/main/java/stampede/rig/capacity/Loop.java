package stampede.rig.capacity;

import java.util.ArrayDeque;

/** A thread that does one thing after the other, first come, first served. */
final class Loop {
  /** What it takes is known when it begins: an item may be sold out by then. */
  interface Task {
    double micros();

    void done();
  }

  private final Agenda agenda;
  private final Cores cores;
  private final double slowness;
  private final ArrayDeque<Task> waiting = new ArrayDeque<>();
  private boolean active;
  private double busyMicros;

  /**
   * @param slowness how much longer everything takes here
   */
  Loop(Agenda agenda, Cores cores, double slowness) {
    this.agenda = agenda;
    this.cores = cores;
    this.slowness = slowness;
  }

  void add(Task task) {
    waiting.add(task);
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
    Task task = waiting.remove();
    double micros = task.micros() * slowness;
    busyMicros += micros;
    agenda.after(micros, () -> end(task));
  }

  private void end(Task task) {
    task.done();
    cores.give();
    active = !waiting.isEmpty();
    if (active) {
      cores.take(this::begin);
    }
  }

  int waiting() {
    return waiting.size();
  }

  double busyMicros() {
    return busyMicros;
  }
}
