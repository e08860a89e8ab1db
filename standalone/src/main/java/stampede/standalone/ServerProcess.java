package stampede.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A server running as a supervised child: it ends when it is stopped, when the JVM exits and when
 * the JVM is killed.
 *
 * <p>Its directory holds {@code server.pid} and {@code server.log}. Methods block; none is for an
 * event loop.
 */
public final class ServerProcess {
  private static final String PID_FILE = "server.pid";

  /** Standard output and error of the server, in its directory; appended to. */
  public static final String LOG_FILE = "server.log";

  private static final int LOG_TAIL_BYTES = 2_000;
  private static final Duration PID_WAIT = Duration.ofSeconds(5);
  private static final Duration SIGNAL_BOUND = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(10);

  private final String name;
  private final Path directory;
  private final Process supervisor;
  private final long pid;
  private final Duration grace;

  private ServerProcess(String name, Path directory, Process supervisor, long pid, Duration grace) {
    this.name = name;
    this.directory = directory;
    this.supervisor = supervisor;
    this.pid = pid;
    this.grace = grace;
  }

  /**
   * Starts a server in a directory of its own, after stopping one that an earlier process left
   * running there.
   *
   * @param grace time from SIGTERM to SIGKILL, whole seconds
   * @throws EnvironmentFault if it cannot be started
   */
  public static ServerProcess start(
      String name, Path directory, Duration grace, List<String> command) {
    return start(name, directory, grace, System.getenv(), command);
  }

  /** The same with an environment of its own. */
  public static ServerProcess start(
      String name,
      Path directory,
      Duration grace,
      Map<String, String> environment,
      List<String> command) {
    try {
      stopLeftOver(directory, program(command), grace);
      Path pidFile = directory.resolve(PID_FILE);
      Files.deleteIfExists(pidFile);
      Process supervisor = supervise(directory, pidFile, grace, environment, command);
      return new ServerProcess(
          name, directory, supervisor, awaitPid(name, supervisor, pidFile), grace);
    } catch (IOException e) {
      throw new EnvironmentFault(
          name,
          "that it cannot be started: " + e.getMessage(),
          "a working /bin/sh and a writable " + directory,
          e);
    }
  }

  /** Creates a directory only its owner can enter. */
  public static Path privateDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      return directory.toRealPath();
    } catch (IOException e) {
      throw new EnvironmentFault(
          directory.toString(),
          "that it cannot be created: " + e.getMessage(),
          "a writable directory",
          e);
    }
  }

  /** The first executable file of that name in the search path or in the extra directories. */
  public static Optional<Path> installed(String program, String... extraDirectories) {
    List<String> directories =
        new ArrayList<>(List.of(System.getenv().getOrDefault("PATH", "").split(":")));
    directories.addAll(List.of(extraDirectories));
    return directories.stream()
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, program))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /** The server's own process id, not the supervisor's. */
  long pid() {
    return pid;
  }

  boolean isAlive() {
    return supervisor.isAlive();
  }

  /**
   * Waits until the server answers.
   *
   * @return false if it ended before it answered
   * @throws EnvironmentFault if it does neither within the bound
   */
  public boolean awaitReady(BooleanSupplier answers, Duration bound) {
    long deadline = System.nanoTime() + bound.toNanos();
    while (supervisor.isAlive()) {
      if (answers.getAsBoolean()) {
        return true;
      }
      if (System.nanoTime() > deadline) {
        stop();
        throw new EnvironmentFault(
            name,
            "no answer after " + bound.toSeconds() + " s; its log ends: " + logTail(),
            "a server that starts");
      }
      pause();
    }
    return false;
  }

  /** The fault of a server that ended by itself, with the end of its log. */
  public EnvironmentFault ended() {
    return new EnvironmentFault(name, end() + ", which ends: " + logTail(), "a server that starts");
  }

  /** How it ended and where its log is. */
  String end() {
    String code = supervisor.isAlive() ? "still running" : "exit code " + supervisor.exitValue();
    return code + "; its log is " + directory.resolve(LOG_FILE);
  }

  /** Of a server that was stopped; 128 + number after a signal. */
  public int exitCode() {
    awaitEnd(SIGNAL_BOUND);
    return supervisor.exitValue();
  }

  /** Sends a signal to the server itself; nothing happens if it is gone. */
  void signal(String signal) {
    if (!supervisor.isAlive()) {
      return;
    }
    try {
      new ProcessBuilder("/bin/sh", "-c", "kill -s \"$0\" \"$1\"", signal, Long.toString(pid))
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(SIGNAL_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a signal is sent", e);
    }
  }

  /** Waits for an end that was brought about by a signal. */
  void awaitEnd(Duration bound) {
    try {
      // not by its handle: that may know of the end before the exit code is known
      if (!supervisor.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(name + " still runs after " + bound.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + name, e);
    }
  }

  /** The last lines of the server's log. */
  String logTail() {
    try (RandomAccessFile file = new RandomAccessFile(directory.resolve(LOG_FILE).toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(file.length(), LOG_TAIL_BYTES)];
      file.seek(file.length() - tail.length);
      file.readFully(tail);
      return new String(tail, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "(unreadable: " + e.getMessage() + ")";
    }
  }

  /**
   * Stops the server: SIGTERM, SIGKILL after the grace; back when it is gone, within the grace and
   * two seconds.
   */
  public void stop() {
    signal("CONT"); // a frozen one would not notice
    try {
      supervisor.getOutputStream().close();
    } catch (IOException e) {
      supervisor.destroy();
    }
    if (!await(supervisor.toHandle(), grace.plusSeconds(2))) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      supervisor.destroyForcibly();
    }
    try {
      Files.deleteIfExists(directory.resolve(PID_FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Process supervise(
      Path directory,
      Path pidFile,
      Duration grace,
      Map<String, String> environment,
      List<String> command)
      throws IOException {
    List<String> line = new ArrayList<>();
    installed("setsid").ifPresent(setsid -> line.add(setsid.toString()));
    line.addAll(
        List.of(
            "/bin/sh",
            "-c",
            script(),
            "stampede-supervisor",
            pidFile.toString(),
            Long.toString(grace.toSeconds())));
    line.addAll(command);
    Path log = directory.resolve(LOG_FILE);
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static String script() throws IOException {
    try (InputStream script = ServerProcess.class.getResourceAsStream("supervise.sh")) {
      if (script == null) {
        throw new IOException("supervise.sh is not in the jar");
      }
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static long awaitPid(String name, Process supervisor, Path pidFile) throws IOException {
    long deadline = System.nanoTime() + PID_WAIT.toNanos();
    while (!Files.exists(pidFile)) {
      if (System.nanoTime() > deadline || !supervisor.isAlive() && !Files.exists(pidFile)) {
        supervisor.destroyForcibly();
        throw new IOException(name + "'s supervisor wrote no " + pidFile);
      }
      pause();
    }
    return Long.parseLong(Files.readString(pidFile).strip());
  }

  /**
   * Stops a server whose supervisor was killed too, or that is still on its way out: two servers on
   * the same files would spoil them. Does nothing if none runs there.
   *
   * @param program its file name
   */
  public static void stopLeftOver(Path directory, String program, Duration grace)
      throws IOException {
    Path pidFile = directory.resolve(PID_FILE);
    if (!Files.exists(pidFile)) {
      return;
    }
    Optional<ProcessHandle> left =
        parsePid(Files.readString(pidFile))
            .flatMap(ProcessHandle::of)
            .filter(ProcessHandle::isAlive);
    if (left.isEmpty() || !runsHere(left.get().pid(), directory, program)) {
      return;
    }
    left.get().destroy();
    if (!await(left.get(), grace)) {
      left.get().destroyForcibly();
      await(left.get(), Duration.ofSeconds(2));
    }
  }

  /**
   * Whether a pid is really that server on this directory: pids are used again. Both servers work
   * in their data directory.
   */
  private static boolean runsHere(long pid, Path directory, String program) {
    try {
      String comm = Files.readString(Path.of("/proc", Long.toString(pid), "comm")).strip();
      Path cwd = Path.of("/proc", Long.toString(pid), "cwd").toRealPath();
      return !comm.isEmpty() && program.startsWith(comm) && cwd.startsWith(directory);
    } catch (IOException e) {
      return false; // gone meanwhile, another user's, or a system without /proc
    }
  }

  private static Optional<Long> parsePid(String text) {
    return text.strip().matches("[1-9][0-9]{0,9}")
        ? Optional.of(Long.parseLong(text.strip()))
        : Optional.empty();
  }

  private static String program(List<String> command) {
    return Path.of(command.get(0)).getFileName().toString();
  }

  private static boolean await(ProcessHandle process, Duration bound) {
    long deadline = System.nanoTime() + bound.toNanos();
    while (process.isAlive() && System.nanoTime() < deadline) {
      pause();
    }
    return !process.isAlive();
  }

  private static void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a server", e);
    }
  }
}
