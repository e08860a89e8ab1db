package stampede.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What the processes behind a figure cost: CPU time and resident memory from {@code /proc}, so on
 * Linux only. A store's children (a Redis that rewrites its log) count as the store.
 */
public final class ProcessMeter {
  private static final double TICKS_A_SECOND =
      100; // of /proc on every Linux, whatever its kernel's

  /** Counted from what follows the name in brackets, which may hold blanks. */
  private static final int FIRST_TIME = 11;

  private static final int TIMES = 4;

  /**
   * A process by what it is called in the table.
   *
   * @param withChildren a store's are it; a JVM's are stores, watched by themselves
   */
  public record Watched(String name, long pid, boolean withChildren) {
    public static Watched jvm(String name, long pid) {
      return new Watched(name, pid, false);
    }

    public static Watched store(String name, long pid) {
      return new Watched(name, pid, true);
    }

    private LongStream all() {
      LongStream own = LongStream.of(pid);
      return withChildren ? LongStream.concat(own, children()) : own;
    }

    private LongStream children() {
      return ProcessHandle.of(pid).stream()
          .flatMap(ProcessHandle::children)
          .mapToLong(ProcessHandle::pid);
    }
  }

  private final List<Watched> processes;

  public ProcessMeter(List<Watched> processes) {
    this.processes = processes;
  }

  /** The JVM that asks. */
  static Watched self(String name) {
    return Watched.jvm(name, ProcessHandle.current().pid());
  }

  /** CPU seconds so far, by name. */
  public Map<String, Double> cpuSeconds() {
    Map<String, Double> all = new LinkedHashMap<>();
    processes.forEach(
        each -> all.put(each.name, each.all().map(ProcessMeter::ticks).sum() / TICKS_A_SECOND));
    return all;
  }

  /** CPU seconds since then, of all of them together. */
  public double secondsSince(Map<String, Double> before) {
    return cpuSeconds().entrySet().stream()
        .mapToDouble(now -> now.getValue() - before.get(now.getKey()))
        .sum();
  }

  /**
   * CPU microseconds so far by name, of a JVM without its compiler's: one that has just started
   * compiles for longer than anybody wants to wait. Not of threads that have ended.
   */
  public Map<String, Double> workMicros() {
    Map<String, Double> all = new LinkedHashMap<>();
    for (Watched each : processes) {
      LongStream nanos = each.all().map(pid -> threadNanos(pid, ProcessMeter::works));
      all.put(each.name, nanos.sum() / 1e3);
    }
    return all;
  }

  private static boolean works(String thread) {
    return !thread.startsWith("C1 ") && !thread.startsWith("C2 ");
  }

  /** CPU time so far of the threads of a process that are called so. */
  public static long threadNanos(long pid, Predicate<String> names) {
    Path tasks = Path.of("/proc", Long.toString(pid), "task");
    long nanos = 0;
    try (Stream<Path> threads = Files.exists(tasks) ? Files.list(tasks) : Stream.empty()) {
      for (Path each : threads.toList()) {
        if (names.test(read(each.resolve("comm")))) {
          String spent = read(each.resolve("schedstat"));
          nanos += spent.isEmpty() ? 0 : Long.parseLong(spent.substring(0, spent.indexOf(' ')));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return nanos;
  }

  /** CPU seconds since then for each 100,000 shakes, by name. */
  Map<String, Double> costSince(Map<String, Double> before, long shakes) {
    Map<String, Double> all = new LinkedHashMap<>();
    cpuSeconds().forEach((name, now) -> all.put(name, (now - before.get(name)) * 100_000 / shakes));
    return all;
  }

  /** Resident bytes now, by name. */
  Map<String, Double> residentBytes() {
    Map<String, Double> all = new LinkedHashMap<>();
    processes.forEach(
        each -> all.put(each.name, (double) each.all().map(ProcessMeter::resident).sum()));
    return all;
  }

  /** The middle of each process's figures of several rounds. */
  static Map<String, Double> median(List<Map<String, Double>> rounds) {
    Map<String, Double> all = new LinkedHashMap<>();
    for (String name : rounds.get(0).keySet()) {
      all.put(name, Table.median(rounds.stream().map(round -> round.get(name)).toList()));
    }
    return all;
  }

  static String seconds(Map<String, Double> cost) {
    return line(cost, "%s %.2f s", 1);
  }

  static String megabytes(Map<String, Double> bytes) {
    return line(bytes, "%s %.0f MB", 1e6);
  }

  private static String line(Map<String, Double> figures, String format, double unit) {
    return figures.entrySet().stream()
        .map(each -> String.format(Locale.ROOT, format, each.getKey(), each.getValue() / unit))
        .collect(Collectors.joining(", "));
  }

  /** User and system time, its own and of the children it has waited for. */
  private static long ticks(long pid) {
    String stat = read(pid, "stat");
    if (stat.isEmpty()) {
      return 0; // gone meanwhile: its parent has its time
    }
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = 0;
    for (int i = 0; i < TIMES; i++) {
      ticks += Long.parseLong(fields[FIRST_TIME + i]);
    }
    return ticks;
  }

  private static long resident(long pid) {
    return read(pid, "status")
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1_024)
        .sum();
  }

  private static String read(long pid, String file) {
    return read(Path.of("/proc", Long.toString(pid), file));
  }

  private static String read(Path path) {
    try {
      return Files.exists(path) ? Files.readString(path) : "";
    } catch (IOException e) {
      if (!Files.exists(path)) {
        return ""; // ended between the two calls
      }
      throw new UncheckedIOException(e);
    }
  }
}
