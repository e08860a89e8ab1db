package stampede.rig;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stampede as its users run it: the packaged jar in a process, and a process group, of its own.
 *
 * <p>Standard output and error are kept together, the last {@value #LINES_MAX} lines. Methods
 * block, each with a bound; an {@link AssertionError} of theirs carries the output. Thread-safe.
 */
public final class StampedeProcess implements AutoCloseable {
  private static final int LINES_MAX = 20_000;
  private static final Duration END_BOUND = Duration.ofSeconds(60);
  private static final long POLL_MS = 20;

  private final Process process;
  private final Thread reader;
  private final ArrayDeque<String> lines = new ArrayDeque<>();

  private StampedeProcess(Process process) {
    this.process = process;
    this.reader = new Thread(this::read, "output-of-" + process.pid());
    reader.setDaemon(true);
    reader.start();
    // A test run that is itself ended leaves nothing behind; what it started ends with it.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /**
   * Starts {@code stampede <args>}.
   *
   * @param environment added to this process's own, from which every STAMPEDE_ name is taken out
   * @param tmp for the command's temporary files
   */
  public static StampedeProcess start(Map<String, String> environment, Path tmp, String... args) {
    return startJar(jar("standalone", "stampede"), environment, tmp, args);
  }

  /**
   * Starts a node from its own jar.
   *
   * @param verticle the module: {@code edge-verticle}, {@code sale-verticle} or {@code
   *     persist-verticle}
   */
  public static StampedeProcess startNode(
      String verticle, Map<String, String> environment, Path tmp, String... args) {
    return startJar(jar(verticle, verticle), environment, tmp, args);
  }

  private static StampedeProcess startJar(
      Path jar, Map<String, String> environment, Path tmp, String... args) {
    List<String> command = new ArrayList<>();
    // A group of its own can be sent Ctrl-C; a parent in the background would have it ignored.
    command.addAll(List.of("env", "--default-signal=INT", "setsid"));
    command.addAll(List.of(java(), "-XX:TieredStopAtLevel=1", "-Xmx512m"));
    command.addAll(List.of("-Djava.io.tmpdir=" + tmp, "-jar", jar.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(tmp.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("STAMPEDE_"));
    builder.environment().put("STAMPEDE_REHEARSE", "false"); // unless a test is about it
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return new StampedeProcess(process);
    } catch (IOException e) {
      throw new AssertionError("not started: " + command, e);
    }
  }

  /** The directory of the project. */
  public static Path root() {
    Path here = Path.of("").toAbsolutePath();
    while (here != null && !Files.isRegularFile(here.resolve("stampede"))) {
      here = here.getParent();
    }
    if (here == null) {
      throw new AssertionError("no ./stampede in " + Path.of("").toAbsolutePath() + " or above it");
    }
    return here;
  }

  private static Path jar(String module, String name) {
    Path jar = root().resolve(module).resolve("target").resolve(name + ".jar");
    if (!Files.isRegularFile(jar)) {
      throw new AssertionError(
          jar
              + " is missing; make it: ./mvnw -pl "
              + module
              + " -am -Dmaven.test.skip=true package");
    }
    return jar;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** A port of the loopback address that was free a moment ago. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError("no free port", e);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it wrote so far. */
  public String output() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  /** The first line that the pattern is found in; waits for it while the process lives. */
  public Matcher awaitLine(String regex, Duration bound) {
    Pattern pattern = Pattern.compile(regex);
    long deadline = System.nanoTime() + bound.toNanos();
    while (true) {
      boolean last = !reader.isAlive() || System.nanoTime() > deadline;
      Matcher found = find(pattern);
      if (found != null) {
        return found;
      }
      if (last) {
        throw new AssertionError("no line with '" + regex + "' within " + bound + "\n" + output());
      }
      pause();
    }
  }

  private @Nullable Matcher find(Pattern pattern) {
    synchronized (lines) {
      for (String line : lines) {
        Matcher matcher = pattern.matcher(line);
        if (matcher.find()) {
          return matcher;
        }
      }
    }
    return null;
  }

  /** Waits for its end; 128 + number after a signal it did not handle. */
  public int awaitExit(Duration bound) {
    try {
      if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("still running after " + bound + "\n" + output());
      }
      reader.join(END_BOUND.toMillis());
      return process.exitValue();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** The exit code, if it has ended. */
  public OptionalInt exitCode() {
    return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
  }

  /** SIGKILL to the JVM alone; back when it is gone. */
  public void kill9() {
    process.destroyForcibly();
    awaitExit(END_BOUND);
  }

  /** SIGTERM to the JVM alone, whose output is still read: {@code destroy()} would end that. */
  public void term() {
    if (process.isAlive()) {
      signal("TERM", process.pid());
    }
  }

  /** SIGINT to its process group, as the terminal sends it on Ctrl-C. */
  public void ctrlC() {
    signal("INT", -process.pid());
  }

  /** Sends a signal to a process, to a group if negative. */
  public static void signal(String name, long pid) {
    try {
      Process kill = new ProcessBuilder("kill", "-s", name, "--", Long.toString(pid)).start();
      if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
        throw new AssertionError("kill -s " + name + " " + pid + " failed");
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Every process it started, directly or not. */
  public Set<Long> descendants() {
    return process
        .descendants()
        .map(ProcessHandle::pid)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The secrets kept in a data directory, by name. */
  public static Map<String, String> secrets(Path data) {
    Map<String, String> secrets = new LinkedHashMap<>();
    for (String line : text(data.resolve("secrets.env")).split("\n")) {
      int equals = line.indexOf('=');
      if (!line.startsWith("#") && equals > 0) {
        secrets.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return secrets;
  }

  /** Process id of the server a data directory's {@code redis} or {@code mariadb} belongs to. */
  public static long serverPid(Path data, String server) {
    return Long.parseLong(text(data.resolve(server).resolve("server.pid")).strip());
  }

  /** The MySQL it told of, with the password from the data directory. */
  public String mysqlUrl(Path data) {
    Matcher told = awaitLine("mysql +mysql://(\\S+)", Duration.ofSeconds(60));
    String password = text(data.resolve("mariadb/password")).strip();
    return "mysql://stampede:" + password + "@" + told.group(1);
  }

  /** Fails if one of them still runs after the bound. */
  public static void awaitGone(Collection<Long> pids, Duration bound) {
    long deadline = System.nanoTime() + bound.toNanos();
    while (pids.stream().anyMatch(StampedeProcess::runs)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "still running after " + bound + ": " + pids.stream().filter(p -> runs(p)).toList());
      }
      pause();
    }
  }

  /** Processes with that path in their command line. */
  public static Set<Long> naming(Path path) {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> commandLine(pid).contains(path.toString()))
        .filter(StampedeProcess::runs)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // gone meanwhile
    }
  }

  /** A zombie nobody waited for yet does not run. */
  public static boolean runs(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends it and what it started, if it still runs. */
  @Override
  public void close() {
    Set<Long> children = descendants();
    process.destroy();
    try {
      if (!process.waitFor(END_BOUND.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    awaitGone(children, END_BOUND);
  }

  private void read() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        keep(line);
      }
    } catch (IOException e) {
      keep("(output lost: " + e.getMessage() + ")");
    }
  }

  private void keep(String line) {
    synchronized (lines) {
      if (lines.size() == LINES_MAX) {
        lines.removeFirst();
      }
      lines.addLast(line);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError("cannot be read: " + file, e);
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static AssertionError interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new AssertionError("interrupted", e);
  }
}
