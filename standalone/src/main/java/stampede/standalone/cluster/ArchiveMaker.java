package stampede.standalone.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.standalone.EnvironmentFault;
import stampede.standalone.ServerProcess;

/**
 * Makes the class archives that are missing, one after the other and at the lowest priority, from
 * what the running nodes have loaded. A failure costs nothing but the time of the next start, and
 * is told. Thread-safe.
 */
final class ArchiveMaker implements AutoCloseable {
  private static final Duration MAKE_BOUND = Duration.ofMinutes(5);
  private static final Duration STOP_GRACE = Duration.ofSeconds(1);
  private static final long JOIN_MS = 5_000;

  private final Path directory;
  private final Path java;
  private final Consumer<String> told;
  private final Map<ClassArchive, Path> lists = new LinkedHashMap<>();
  private @Nullable ServerProcess making;
  private @Nullable Thread maker;
  private boolean closed;

  /**
   * @param directory for its own files
   */
  ArchiveMaker(Path directory, Path java, Consumer<String> told) {
    this.directory = directory;
    this.java = java;
    this.told = told;
  }

  /** Arguments of the JVM that is to run from the jar: it uses the archive, or helps to make it. */
  synchronized List<String> arguments(ClassArchive archive, Path classList) {
    if (archive.exists()) {
      return archive.use();
    }
    return lists.putIfAbsent(archive, classList) == null ? ClassArchive.list(classList) : List.of();
  }

  /** From now on; the nodes have loaded what they need. Returns at once. */
  synchronized void begin() {
    if (closed || lists.isEmpty()) {
      return;
    }
    maker = new Thread(this::makeAll, "class-archives");
    maker.setDaemon(true);
    maker.start();
  }

  /** Nothing was missing, or all that was has been made, or could not be. */
  synchronized boolean isDone() {
    return lists.isEmpty() || maker != null && !maker.isAlive();
  }

  /** Ends what is being made, and leaves nothing half made; at most a few seconds. */
  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      if (making != null) {
        making.stop();
      }
      running = maker;
    }
    if (running != null) {
      join(running);
    }
  }

  private static void join(Thread running) {
    try {
      running.join(JOIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void makeAll() {
    Map<ClassArchive, Path> missing;
    synchronized (this) {
      missing = new LinkedHashMap<>(lists);
    }
    try {
      for (Map.Entry<ClassArchive, Path> each : missing.entrySet()) {
        make(each.getKey(), each.getValue());
      }
    } catch (IOException | EnvironmentFault e) {
      told.accept("no class archive, so the next start is no faster: " + e.getMessage());
    }
  }

  private void make(ClassArchive archive, Path classList) throws IOException {
    Path list = directory.resolve("classes.txt");
    Path own = ServerProcess.privateDirectory(directory);
    Files.writeString(list, wholeLines(classList), StandardCharsets.ISO_8859_1);
    List<String> line = new ArrayList<>();
    ServerProcess.installed("nice")
        .ifPresent(nice -> line.addAll(List.of(nice.toString(), "-n", "19")));
    line.addAll(archive.command(java, list));
    ServerProcess process;
    synchronized (this) {
      if (closed) {
        return;
      }
      process = ServerProcess.start("class archive", own, STOP_GRACE, line);
      making = process;
    }
    process.awaitReady(() -> false, MAKE_BOUND);
    finish(archive, process);
  }

  private synchronized void finish(ClassArchive archive, ServerProcess process) throws IOException {
    if (!closed && process.exitCode() == 0) {
      archive.keep();
      return;
    }
    archive.discard();
    if (!closed) {
      throw process.ended();
    }
  }

  /** The JVM may be in the middle of a line. */
  private static String wholeLines(Path classList) throws IOException {
    String text = Files.readString(classList, StandardCharsets.ISO_8859_1);
    return text.substring(0, text.lastIndexOf('\n') + 1);
  }
}
