package stampede.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * Every latency of a round, kept to be looked at later: an HdrHistogram log with an interval a
 * second of when frames were due, warm-up and all, microseconds.
 */
final class LatencyLog {
  /** Of the directory; relative to where the bench was started. */
  private static final String PROPERTY = "bench.logs";

  private static final String DIRECTORY_DEFAULT = "target/bench";
  private static final double MICROS_A_MS = 1_000;

  private LatencyLog() {}

  static Path directory() {
    return Path.of(System.getProperty(PROPERTY, DIRECTORY_DEFAULT)).toAbsolutePath();
  }

  /**
   * Replaces the one of an earlier run.
   *
   * @param name of the round: part, contender, what it did, number
   */
  static void keep(String name, List<Histogram> seconds) {
    try {
      Files.createDirectories(directory());
      Path file = directory().resolve(name + ".hlog");
      try (PrintStream out =
          new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
        write(name, seconds, new HistogramLogWriter(out));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(String name, List<Histogram> seconds, HistogramLogWriter log) {
    log.outputComment("[Stampede bench, " + name + ": microseconds from when a frame was due]");
    log.outputLogFormatVersion();
    log.outputLegend();
    for (int second = 0; second < seconds.size(); second++) {
      log.outputIntervalHistogram(second, second + 1, seconds.get(second), MICROS_A_MS);
    }
  }
}
