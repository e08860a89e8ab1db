package stampede.rig.capacity;

import java.util.PriorityQueue;

/** What happens next, in order of time; of two at the same time the one that was put in first. */
final class Agenda {
  private record Entry(double at, long number, Runnable what) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int byTime = Double.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Entry> entries = new PriorityQueue<>();
  private double now;
  private long number;

  double now() {
    return now;
  }

  void after(double micros, Runnable what) {
    entries.add(new Entry(now + micros, number++, what));
  }

  /** Until nothing is left, or until then. */
  void run(double until) {
    while (!entries.isEmpty() && entries.peek().at <= until) {
      Entry next = entries.poll();
      now = next.at;
      next.what.run();
    }
  }
}
