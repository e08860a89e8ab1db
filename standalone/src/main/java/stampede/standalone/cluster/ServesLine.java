package stampede.standalone.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** Whether a node wrote since its start that it serves. For one thread. */
final class ServesLine implements BooleanSupplier {
  private static final long INTERVAL_NANOS = 100_000_000;

  private final Path log;
  private final String line;
  private final long from;
  private long nextNanos = System.nanoTime();

  ServesLine(Path log, String line) {
    this.log = log;
    this.line = line;
    this.from = size(log);
  }

  @Override
  public boolean getAsBoolean() {
    if (System.nanoTime() - nextNanos < 0) {
      return false;
    }
    nextNanos = System.nanoTime() + INTERVAL_NANOS;
    try (var in = Files.newInputStream(log)) {
      in.skipNBytes(from);
      return new String(in.readNBytes(1 << 20), java.nio.charset.StandardCharsets.ISO_8859_1)
          .contains(line);
    } catch (IOException e) {
      return false; // not written yet
    }
  }

  private static long size(Path log) {
    try {
      return Files.exists(log) ? Files.size(log) : 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
