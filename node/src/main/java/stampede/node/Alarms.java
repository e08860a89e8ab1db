package stampede.node;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator must know: a log line {@code ALARM code detail} and a count by code. The codes
 * are stable; {@code docs/alarms.md} says what each means and what to do.
 *
 * <p>The same code of the same partition is logged at most once in {@value #QUIET_SECONDS} s; the
 * line after a pause says how many were left out. All are counted. Thread-safe.
 */
public final class Alarms {
  /** The partition of what concerns none. */
  public static final int NO_PARTITION = -1;

  static final long QUIET_SECONDS = 10;
  private static final long QUIET_NANOS = QUIET_SECONDS * 1_000_000_000;
  private static final Logger log = LoggerFactory.getLogger(Alarms.class);
  private static final Alarms OF_PROCESS = new Alarms(System::nanoTime, Alarms::toLog);

  /** Takes the lines. */
  interface Sink {
    void line(String text, @Nullable Throwable cause);
  }

  /**
   * What was logged.
   *
   * @param partition {@link #NO_PARTITION} if it concerns none
   * @param leftOut how many like it were not logged since the one before
   */
  public record Line(String code, int partition, String detail, long leftOut) {
    private String text() {
      String text = code + " " + detail;
      return leftOut == 0 ? text : text + " (" + leftOut + " more since the last such line)";
    }
  }

  private record Topic(String code, int partition) {}

  /** When it was last logged, and how many were left out since. */
  private static final class Silence {
    private final long loggedNanos;
    private long leftOut;

    private Silence(long loggedNanos) {
      this.loggedNanos = loggedNanos;
    }
  }

  private final LongSupplier nanos;
  private final Sink sink;
  private final List<Consumer<Line>> listeners = new CopyOnWriteArrayList<>();
  private final Map<Topic, Silence> silences = new HashMap<>();
  private final Map<String, Long> counts = new TreeMap<>();

  /**
   * @param nanos monotonic
   */
  Alarms(LongSupplier nanos, Sink sink) {
    this.nanos = nanos;
    this.sink = sink;
  }

  /** Those of this JVM. */
  public static Alarms ofProcess() {
    return OF_PROCESS;
  }

  public void raise(String code, String detail) {
    raise(code, NO_PARTITION, detail, null);
  }

  public void raise(String code, String detail, Throwable cause) {
    raise(code, NO_PARTITION, detail, cause);
  }

  public void raise(String code, int partition, String detail) {
    raise(code, partition, detail, null);
  }

  private void raise(String code, int partition, String detail, @Nullable Throwable cause) {
    Line line = due(code, partition, detail);
    if (line != null) {
      sink.line(line.text(), cause);
      listeners.forEach(listener -> listener.accept(line));
    }
  }

  /** Hears each line from now on, on the thread that raised it: it must not wait, and not throw. */
  public void onLine(Consumer<Line> listener) {
    listeners.add(listener);
  }

  /** The line to log; null = said a moment ago. */
  private synchronized @Nullable Line due(String code, int partition, String detail) {
    counts.merge(code, 1L, Long::sum);
    Topic topic = new Topic(code, partition);
    Silence silence = silences.get(topic);
    long now = nanos.getAsLong();
    if (silence != null && now - silence.loggedNanos < QUIET_NANOS) {
      silence.leftOut++;
      return null;
    }
    silences.put(topic, new Silence(now));
    return new Line(code, partition, detail, silence == null ? 0 : silence.leftOut);
  }

  /** How often each code was raised since the start, lines left out included. */
  public synchronized Map<String, Long> counts() {
    return new TreeMap<>(counts);
  }

  private static void toLog(String text, @Nullable Throwable cause) {
    if (cause == null) { // of the world around; the word ALARM is what to look for
      log.warn("ALARM {}", text);
    } else {
      log.error("ALARM {}", text, cause);
    }
  }
}
