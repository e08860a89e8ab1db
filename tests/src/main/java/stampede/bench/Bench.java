package stampede.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures everything and prints one table. Argument: some of {@code
 * engine,drain,sale,cluster,outage}, with commas; none = all. Exit code 1 when an aim is missed.
 */
public final class Bench {
  private static final double ACCEPTS_AIM = 3e6;
  private static final double REJECTS_SMALL_AIM = 20e6;
  private static final double REJECTS_LARGE_AIM = 6e6;
  private static final double REPLAY_AIM = 1e6;
  private static final double DRAIN_AIM = 0.8;
  private static final double SALE_AIM = 0.5;
  private static final double P99_MS_AIM = 150;
  private static final double CLUSTER_AIM = 0.6;
  private static final double CATCH_UP_AIM = 0.7;

  private final Size size;
  private final Consumer<String> progress;
  private final Table table = new Table();

  Bench(Size size, Consumer<String> progress) {
    this.progress = progress;
    this.size = size;
  }

  public static void main(String[] args) throws Exception {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, fault) -> {
          fault.printStackTrace();
          System.exit(2); // event loops would keep the process alive
        });
    String parts = args.length == 0 ? "engine,drain,sale,cluster,outage" : args[0];
    Bench bench = new Bench(Size.FULL, System.out::println);
    for (String part : parts.split(",")) {
      System.out.println("measuring: " + part);
      bench.measure(part);
    }
    System.out.println();
    System.out.println(bench.table.text());
    System.exit(bench.table.allReached() ? 0 : 1);
  }

  private void measure(String part) throws IOException, RunnerException {
    switch (part) {
      case "engine" -> engine();
      case "drain" -> inDirectory(this::drain);
      case "sale" -> inDirectory(this::sale);
      case "cluster" -> inDirectory(this::cluster);
      case "outage" -> inDirectory(this::outage);
      default ->
          throw new IllegalArgumentException(
              "found " + part + ", wanted engine, drain, sale, cluster or outage");
    }
  }

  Table table() {
    return table;
  }

  /** Every engine figure, a second's operations. */
  void engine() throws RunnerException {
    for (RunResult result : new Runner(engineOptions().build()).run()) {
      String name = result.getParams().getBenchmark().replaceFirst(".*\\.", "");
      int winners = Integer.parseInt(result.getParams().getParam("winners"));
      double rate = result.getPrimaryResult().getScore();
      switch (name) {
        case "accept" -> table.rate("engine: orders, up to " + count(winners), rate, ACCEPTS_AIM);
        case "reject" ->
            table.rate(
                "engine: refusals after " + count(winners) + " orders",
                rate,
                winners <= 1_000 ? REJECTS_SMALL_AIM : REJECTS_LARGE_AIM);
        case "replay" ->
            table.rate(
                "replay: events, log of " + count(winners),
                rate * EngineBench.EVENTS_PER_ENTRY,
                REPLAY_AIM);
        default -> throw new AssertionError(name);
      }
    }
  }

  private ChainedOptionsBuilder engineOptions() {
    TimeValue iteration = TimeValue.milliseconds(size.jmhIterationMs());
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(EngineBench.class.getName().replace(".", "\\."))
            .forks(size.jmhForks())
            .warmupIterations(Math.max(1, size.jmhIterations() / 2))
            .warmupTime(iteration)
            .measurementIterations(size.jmhIterations())
            .measurementTime(iteration)
            .shouldFailOnError(true)
            .jvmArgsAppend("-Xmx2g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20");
    if (size.jmhForks() == 0) {
      options.param("winners", Integer.toString(size.winners())).verbosity(VerboseMode.SILENT);
    }
    return options;
  }

  void drain(Path directory) {
    try (DrainBench bench = new DrainBench(directory)) {
      DrainBench.Figures figures = bench.run(size.drainRows(), size.rounds(), progress);
      table.ratio( // its own kind of statement
          "drain: orders of one partition",
          figures.drained(),
          "bare multi-row inserts, text",
          figures.literals(),
          DRAIN_AIM);
      table.ratio(
          "the same", figures.drained(), "bare multi-row inserts, prepared", figures.prepared());
    }
  }

  void sale(Path directory) {
    SaleBench.Figures figures = SaleBench.run(directory, size, progress);
    String crowd = size.connections() + " connections";
    table.ratio(
        "accepted end to end, " + crowd,
        figures.accepted(),
        "bare WebSocket echo",
        figures.echoed(),
        SALE_AIM);
    table.ratio(
        "refused end to end, sold out", figures.refused(), "bare WebSocket echo", figures.echoed());
    String half = "at " + Table.shortened(figures.halfRate()) + "/s, half of it";
    table.atMost("p99 of a shake", Table.median(figures.p99Ms()), " ms", half, P99_MS_AIM);
    table.note(
        "p50 of a shake", String.format(Locale.ROOT, "%.1f ms", Table.median(figures.p50Ms())));
    table.note("last order in MySQL after", figures.drainBehindMs() + " ms");
    table.note("orders in MySQL, all that were accepted", Table.shortened(figures.orders()));
  }

  void cluster(Path directory) {
    int sockets = size.connections() + 10;
    try (BenchShop shop = new BenchShop(directory.resolve("shop"), sockets);
        BenchCluster cluster = new BenchCluster(directory.resolve("cluster"), sockets)) {
      ClusterBench.Figures figures = ClusterBench.run(shop, cluster, size, progress);
      table.ratio(
          "accepted by three JVMs, " + size.connections() + " connections",
          figures.clustered(),
          "one process",
          figures.together(),
          CLUSTER_AIM);
      table.note("shakes a bus message", shortOf(Table.median(figures.shakesAMessage())));
    }
  }

  void outage(Path directory) {
    try (BenchCluster cluster = new BenchCluster(directory, size.connections() + 10)) {
      OutageBench.Figures figures = OutageBench.run(cluster, size, progress);
      String away = "MySQL away for " + size.outageMs() / 1_000 + " s";
      String during = "at " + Table.shortened(figures.accepts()) + " accepts/s";
      table.atMost(away + ": failed shakes", figures.failed(), "", during, 0);
      table.ratio(
          "the drain catches up " + during,
          Collections.nCopies(figures.bare().size(), figures.drained()),
          "bare multi-row inserts beside the same sale",
          figures.bare(),
          CATCH_UP_AIM);
      table.note("orders behind", Table.shortened(figures.behind()));
      table.note("first commit after MySQL is back", figures.firstMs() + " ms");
      table.note("level with the sale after that", figures.caughtUpMs() + " ms");
      table.note("p99 of a shake all the time", shortOf(figures.answersMs()) + " ms");
    }
  }

  private static String shortOf(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** Work that needs a directory, gone afterwards. */
  interface InDirectory {
    void run(Path directory);
  }

  static void inDirectory(InDirectory work) throws IOException {
    Path directory = Files.createTempDirectory("stampede-bench-");
    try {
      work.run(directory);
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static String count(int number) {
    return Table.shortened(number);
  }
}
