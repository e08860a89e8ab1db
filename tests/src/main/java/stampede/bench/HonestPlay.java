package stampede.bench;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import stampede.bench.FloodBench.HonestRound;

/** One round of an honest crowd. On the thread of its sockets. */
final class HonestPlay {
  static final HonestPlay NONE = new HonestPlay("", 0, 0);

  final String item;
  final long endNanos;
  private final double aSecond;
  private final long begin = System.nanoTime();
  private final Histogram latencyMicros = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
  private final String keys = Long.toString(begin & 0xFFFFFFFL, 36);
  long sent;
  long ended;
  private long accepted;

  HonestPlay(String item, double aSecond, int lengthMs) {
    this.item = item;
    this.aSecond = aSecond;
    endNanos = begin + lengthMs * 1_000_000L;
  }

  boolean isDue(long now) {
    return aSecond > 0 && dueNanos() <= Math.min(now, endNanos);
  }

  /** When the shake after those that are sent should leave; it counts as sent now. */
  long next() {
    long due = dueNanos();
    sent++;
    return due;
  }

  private long dueNanos() {
    return begin + (long) (sent * 1e9 / aSecond);
  }

  String nextKey() {
    return keys + "-" + sent;
  }

  void end(boolean wasAccepted, long dueNanos) {
    ended++;
    if (wasAccepted) {
      accepted++;
      latencyMicros.recordValue(
          Math.min(
              latencyMicros.getHighestTrackableValue(), (System.nanoTime() - dueNanos) / 1_000));
    }
  }

  HonestRound round() {
    return new HonestRound((double) accepted / sent, latencyMicros.getValueAtPercentile(99) / 1e3);
  }
}
