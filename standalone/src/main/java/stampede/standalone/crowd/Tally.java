package stampede.standalone.crowd;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/**
 * Counters of a crowd. Written on its event loop; the counters, not the times, may be read from any
 * thread.
 */
final class Tally {
  private static final long LATENCY_MAX_MICROS = 600_000_000;

  final LongAdder sockets = new LongAdder();
  final LongAdder shakes = new LongAdder();
  final LongAdder strayFrames = new LongAdder();
  final LongAdder errorFrames = new LongAdder();
  final Histogram latencyMicros = new Histogram(LATENCY_MAX_MICROS, 3);
  private final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
  private long firstShakeNanos;
  private long lastOutcomeNanos;

  void shake() {
    shakes.increment();
    firstShakeNanos = firstShakeNanos == 0 ? System.nanoTime() : firstShakeNanos;
  }

  void outcome(String outcome) {
    outcomes.computeIfAbsent(outcome, name -> new LongAdder()).increment();
    lastOutcomeNanos = System.nanoTime();
  }

  void latency(long nanos) {
    latencyMicros.recordValue(Math.min(Math.max(0, nanos / 1_000), LATENCY_MAX_MICROS));
  }

  Map<String, Long> outcomes() {
    Map<String, Long> sums = new TreeMap<>();
    outcomes.forEach((name, count) -> sums.put(name, count.sum()));
    return sums;
  }

  double activeSeconds() {
    return firstShakeNanos == 0 ? 0 : Math.max(0, lastOutcomeNanos - firstShakeNanos) / 1e9;
  }
}
