package stampede.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import stampede.bench.Contender.Kind;
import stampede.bench.ControlsBench.Figures;
import stampede.bench.scale.Curve;
import stampede.bench.scale.ScaleBench;
import stampede.bench.scale.ScaleSize;
import stampede.rig.StampedeProcess;

/**
 * Measures everything and prints one table, and last how many aims were missed and which. Argument:
 * some of {@link #PARTS}, with commas; none = all.
 *
 * <p>Exit code 0 when all was measured: who runs this wants figures, and an aim is for a quiet
 * machine; with {@code -Dbench.strict=true} 1 when one is missed. 2 when something could not be
 * measured or books do not balance.
 */
public final class Bench {
  private static final String CPU = "CPU for each 100,000: ";
  private static final String PARTS =
      "engine,drain,sale,opening,expiry,cluster,outage,edge,flood,idle,wave,pages,soldout,"
          + "controls,scale";

  private static final double ACCEPTS_AIM = 8e6;
  private static final double REJECTS_SMALL_AIM = 40e6;
  private static final double REJECTS_LARGE_AIM = 8e6;
  private static final double REPLAY_AIM = 1e6;
  private static final double DRAIN_AIM = 0.9;
  private static final double SALE_AIM = 0.6;
  private static final double PAGES_AIM = 0.8;
  private static final double P99_MS_AIM = 150;
  private static final double CLUSTER_AIM = 0.6;
  private static final double CATCH_UP_AIM = 0.7;
  private static final double REFUSED_AIM = 0.85;
  private static final double REFUSED_BYTES_AIM = 2_000;
  private static final double HONEST_AIM = 0.99;
  private static final double HONEST_P99_AIM = 2;
  private static final double IDLE_AIM = 1.15;
  private static final double OPENING_AIM = 2;
  private static final double EXPIRY_AIM = 2;
  private static final double TRANSACTIONS_AIM = 10;
  private static final double SCRIPTS_AIM = 1.4;
  private static final double SCRIPTS_REDIS_AIM = 5;
  private static final int SOCKETS_FOR_ONE = 10;

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
    String parts = args.length == 0 ? PARTS : args[0];
    Bench bench = new Bench(Size.FULL, System.out::println);
    List<String> failed = bench.measureAll(List.of(parts.split(",")));
    System.out.println();
    System.out.println(bench.table.text());
    System.out.println(bench.table.verdict());
    if (!failed.isEmpty()) {
      System.out.println("not measured, for a fault that is shown above: " + failed);
    }
    System.exit(exitCode(bench.table, failed, Boolean.getBoolean("bench.strict")));
  }

  static int exitCode(Table table, List<String> failed, boolean strict) {
    if (!failed.isEmpty()) {
      return 2;
    }
    return strict && !table.missed().isEmpty() ? 1 : 0;
  }

  /**
   * The parts that failed: a disk that stands still in one of them is no reason to end all.
   *
   * @throws IllegalArgumentException if there is no such part, before anything is measured
   */
  List<String> measureAll(List<String> parts) {
    List<String> unknown = new ArrayList<>(parts);
    unknown.removeAll(List.of(PARTS.split(",")));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("found " + unknown + ", wanted some of " + PARTS);
    }
    List<String> failed = new ArrayList<>();
    for (String part : parts) {
      progress.accept("measuring: " + part);
      long beganNanos = System.nanoTime();
      try {
        measure(part);
      } catch (IOException | RunnerException | RuntimeException e) {
        e.printStackTrace();
        failed.add(part);
      }
      progress.accept(
          String.format(
              Locale.ROOT,
              "  %s took %,d s",
              part,
              (System.nanoTime() - beganNanos) / 1_000_000_000));
    }
    return failed;
  }

  private void measure(String part) throws IOException, RunnerException {
    switch (part) {
      case "engine" -> engine();
      case "drain" -> inDirectory(this::drain);
      case "sale" -> inDirectory(this::sale);
      case "opening" -> inDirectory(this::opening);
      case "expiry" -> inDirectory(this::expiry);
      case "pages" -> pages();
      case "soldout" -> inDirectory(this::soldOut);
      case "cluster" -> inDirectory(this::cluster);
      case "outage" -> inDirectory(this::outage);
      case "edge" -> inDirectory(this::edge);
      case "flood" -> inDirectory(this::flood);
      case "idle" -> idle();
      case "wave" -> wave();
      case "controls" -> inDirectory(this::controls);
      case "scale" -> inDirectory(this::scale);
      default -> throw new AssertionError(part);
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
    List<String> flags = new ArrayList<>(ChildJvm.COLLECTOR);
    // All of the heap from the start: else the kernel's clearing of new pages is measured.
    flags.addAll(List.of("-Xms2g", "-Xmx2g", "-XX:+AlwaysPreTouch"));
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(EngineBench.class.getName().replace(".", "\\."))
            .forks(size.jmhForks())
            .warmupIterations(Math.max(1, size.jmhIterations() / 2))
            .warmupTime(iteration)
            .measurementIterations(size.jmhIterations())
            .measurementTime(iteration)
            .shouldFailOnError(true)
            .jvmArgsAppend(flags.toArray(String[]::new));
    if (size.jmhForks() == 0) {
      options.param("winners", Integer.toString(size.winners())).verbosity(VerboseMode.SILENT);
    }
    return options;
  }

  void drain(Path directory) {
    try (DrainBench bench = new DrainBench(directory)) {
      DrainBench.Figures figures = bench.run(size.drainRows(), size.rounds(), progress);
      table.ratio( // its own kind of statement, but on one connection
          "drain: orders of one partition",
          figures.drained(),
          "bare multi-row inserts, text",
          figures.literals(),
          DRAIN_AIM);
      table.ratio(
          "the same",
          figures.drained(),
          "bare multi-row inserts, prepared",
          figures.prepared(),
          DRAIN_AIM);
      String alone = "the drain alone";
      table.ratio("drain beside a reconciler", figures.reconciled(), alone, figures.drained());
      table.ratio(
          "drain with webhooks, the shop is away", figures.noted(), alone, figures.drained());
      table.ratio(
          "drain with webhooks, the shop is told", figures.told(), alone, figures.drained());
      DrainBench.Idle idle = bench.idle(size.drainRows() / 6, 2, size.roundMs());
      table.note("CPU of an idle persist node and its servers", ofACore(idle.without()));
      table.note("the same with a reconciler", ofACore(idle.with()));
    }
  }

  private static String ofACore(List<Double> thousandths) {
    return String.format(Locale.ROOT, "%.1f %% of a core", Table.median(thousandths) / 10);
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
        "the same",
        figures.accepted(),
        "events that bare fenced appends of "
            + Table.shortened(Math.round(Table.median(figures.eventsAnAppend())))
            + ", one at a time, make durable",
        figures.appended());
    table.ratio(
        "refused end to end, sold out", figures.refused(), "bare WebSocket echo", figures.echoed());
    String half = "at " + Table.shortened(figures.halfRate()) + "/s, half of it";
    table.atMost("p99 of a shake", Table.median(figures.p99Ms()), " ms", half, P99_MS_AIM);
    table.note(
        "p50 of a shake", String.format(Locale.ROOT, "%.1f ms", Table.median(figures.p50Ms())));
    table.note(CPU + "an accepted shake", ProcessMeter.seconds(figures.cpuSeconds()));
    table.note("resident", ProcessMeter.megabytes(figures.residentBytes()));
    table.note("last order in MySQL after", figures.drainBehindMs() + " ms");
    table.note("orders in MySQL, all that were accepted", Table.shortened(figures.orders()));
  }

  void opening(Path directory) {
    OpeningBench.Figures figures = OpeningBench.run(directory, size, progress);
    table.atMostTimes(
        "p99 of the first second of a sale by cold nodes, "
            + Table.shortened(size.outageRate())
            + "/s",
        milliseconds(Table.median(figures.firstMs())),
        Table.medianRatio(figures.firstMs(), figures.tenthMs()),
        "that of the tenth (" + milliseconds(Table.median(figures.tenthMs())) + ")",
        OPENING_AIM);
  }

  void expiry(Path directory) {
    ExpiryBench.Figures figures = ExpiryBench.run(directory, size, progress);
    table.atMostTimes(
        "p99 of "
            + Table.shortened(size.outageRate())
            + "/s shakes while "
            + Table.shortened(figures.released())
            + " unpaid orders of the same owner expire in "
            + Table.shortened(figures.withinMs())
            + " ms",
        milliseconds(figures.besideMs()),
        figures.besideMs() / figures.calmMs(),
        "that before (" + milliseconds(figures.calmMs()) + ")",
        EXPIRY_AIM);
  }

  private static String milliseconds(double ms) {
    return String.format(Locale.ROOT, "%.1f ms", ms);
  }

  void pages() {
    for (PageBench.Figures figures : PageBench.run(size, progress)) {
      table.ratio(
          "page hits, "
              + figures.path()
              + ", "
              + Table.shortened(figures.bytes())
              + " bytes and "
              + figures.headers()
              + " headers",
          figures.edge(),
          "bare handler, same bytes and 2 headers",
          figures.bare(),
          PAGES_AIM);
    }
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
      table.note(CPU + "one of the three JVMs", ProcessMeter.seconds(figures.cpuSeconds()));
      table.note("resident", ProcessMeter.megabytes(figures.residentBytes()));
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

  void edge(Path directory) {
    for (RefusedBench.Figures figures : RefusedBench.run(directory, size, progress)) {
      String crowd = size.connections() + " connections, " + figures.outstanding() + " out each";
      String echo = "bare WebSocket echo";
      table.ratio(
          "throttled by the edge, " + crowd,
          figures.throttled(),
          echo,
          figures.echoed(),
          REFUSED_AIM);
      table.ratio(
          "sold out by the owner, " + crowd,
          figures.soldOut(),
          echo,
          figures.echoed(),
          REFUSED_AIM);
      allocated("throttled by the edge, " + crowd, figures.throttledBytes());
      allocated("sold out by the owner, " + crowd, figures.soldOutBytes());
    }
  }

  private void allocated(String refused, List<Double> bytes) {
    table.atMost(
        "heap taken for a shake " + refused,
        Math.round(Table.median(bytes)),
        " B",
        "edge, owner and drain",
        REFUSED_BYTES_AIM);
  }

  void flood(Path directory) {
    FloodBench.Figures figures = FloodBench.run(directory, size, progress);
    double calm = median(figures.calm(), FloodBench.HonestRound::succeeded);
    double flooded = median(figures.flooded(), FloodBench.HonestRound::succeeded);
    double calmMs = median(figures.calm(), FloodBench.HonestRound::p99Ms);
    double floodedMs = median(figures.flooded(), FloodBench.HonestRound::p99Ms);
    String bots = Table.shortened(figures.botRate()) + " bot frames/s";
    table.atLeast(
        "honest shakes accepted beside " + bots,
        String.format(Locale.ROOT, "%.2f %%", flooded * 100),
        flooded / calm,
        "those without",
        HONEST_AIM);
    table.atMostTimes(
        "p99 of " + Table.shortened(figures.honestRate()) + "/s honest shakes beside them",
        String.format(Locale.ROOT, "%.1f ms", floodedMs),
        floodedMs / calmMs,
        String.format(Locale.ROOT, "that without (%.1f ms)", calmMs),
        HONEST_P99_AIM);
  }

  private static double median(
      List<FloodBench.HonestRound> rounds, ToDoubleFunction<FloodBench.HonestRound> figure) {
    return Table.median(rounds.stream().mapToDouble(figure).boxed().toList());
  }

  void idle() {
    int sockets = size.connections() * SOCKETS_FOR_ONE;
    SocketsBench.Idle echo = SocketsBench.idleEcho(sockets);
    SocketsBench.Idle edge = SocketsBench.idleEdge(sockets);
    String of = " of one of " + Table.shortened(sockets) + " idle sockets";
    table.atMostTimes(
        "heap" + of,
        kilobytes(edge.heapBytes()),
        edge.heapBytes() / echo.heapBytes(),
        "a bare server's (" + kilobytes(echo.heapBytes()) + ")",
        IDLE_AIM);
    table.atMostTimes(
        "resident memory" + of,
        kilobytes(edge.residentBytes()),
        edge.residentBytes() / echo.residentBytes(),
        "a bare server's (" + kilobytes(echo.residentBytes()) + ")",
        IDLE_AIM);
  }

  private static String kilobytes(double bytes) {
    return String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
  }

  void wave() {
    SocketsBench.Wave wave = SocketsBench.wave(size.connections() * SOCKETS_FOR_ONE, progress);
    table.note(
        Table.shortened(wave.sockets()) + " sockets back after a restart, a cold one",
        wave.backMs() + " ms, " + wave.refusals() + " told to come later");
    table.note(
        "p99 of " + wave.answered() + " shakes meanwhile",
        String.format(Locale.ROOT, "%.1f ms", wave.p99Ms()));
  }

  /** Scale curves; their pictures too, those of the docs only when the machine is quiet. */
  private void scale(Path directory) {
    String names = System.getProperty("bench.curves", String.join(",", ScaleBench.CURVES));
    List<Curve> curves =
        ScaleBench.run(directory, ScaleSize.FULL, List.of(names.split(",")), progress);
    Path root = StampedeProcess.root();
    ScaleBench.draw(curves, root.resolve("tests/target/bench/scale"), "");
    if (Boolean.getBoolean("bench.pictures")) {
      ScaleBench.draw(curves, root.resolve("docs/pictures"), "scale-");
    }
    for (Curve curve : curves) {
      for (String line : curve.judged()) {
        table.atMostTimes(
            "CPU of a shake, more " + curve.axis() + ": " + line,
            curve.range(line),
            curve.growth(line),
            "that with fewer",
            curve.growthMax(line));
      }
    }
  }

  void soldOut(Path directory) {
    SoldOutBench.Figures figures = SoldOutBench.run(directory, size, progress);
    table.ratio(
        "refused, sold out at the edge", figures.here(), "the same, asked", figures.asked(), 1.1);
    table.note(
        "commands at the owner, of each answer",
        String.format(
            Locale.ROOT,
            "%.3f instead of %.3f",
            Table.median(figures.hereCommands()),
            Table.median(figures.askedCommands())));
    table.note(
        "owner's CPU meanwhile, of a core",
        String.format(
            Locale.ROOT,
            "%.0f %% instead of %.0f %%",
            100 * Table.median(figures.hereCpu()),
            100 * Table.median(figures.askedCpu())));
  }

  void controls(Path directory) {
    ControlsBench.Result result =
        ControlsBench.run(directory, size, EnumSet.allOf(Kind.class), progress);
    Figures shop = result.of(Kind.STAMPEDE);
    Figures transactions = result.of(Kind.TRANSACTION);
    Figures scripts = result.of(Kind.SCRIPT);
    Figures echo = result.of(Kind.ECHO);
    String orders = "durable orders/s, one hot item, " + size.connections() + " connections";
    table.atLeastTimes(
        orders,
        shop.aSecond(),
        "(a) a MySQL transaction a shake",
        transactions.aSecond(),
        TRANSACTIONS_AIM);
    table.atLeastTimes(
        "the same", shop.aSecond(), "(b) a Redis script a shake", scripts.aSecond(), SCRIPTS_AIM);
    table.times(
        "the same",
        shop.aSecond(),
        "(a) with its statements sent at once",
        result.of(Kind.TRANSACTION_AT_ONCE).aSecond());
    table.ratio("the same", shop.aSecond(), "bare WebSocket echo", echo.aSecond());
    table.atLeastTimes(
        "CPU of (b)'s Redis, milliseconds for 100,000 orders",
        inMs(scripts.redisCpuSeconds()),
        "Stampede's",
        inMs(shop.redisCpuSeconds()),
        SCRIPTS_REDIS_AIM);
    for (Kind control : List.of(Kind.TRANSACTION, Kind.SCRIPT)) {
      faster(shop, result.of(control), control, result.slowRate());
    }
    faster(shop, scripts, Kind.SCRIPT, result.fastRate());
    result.figures().forEach(this::noteOfContender);
    result.settings().forEach(each -> table.note("all stores", each));
    table.note("every latency", LatencyLog.directory().toString());
  }

  private static List<Double> inMs(List<Double> seconds) {
    return seconds.stream().map(each -> each * 1e3).toList();
  }

  private void faster(Figures shop, Figures control, Kind kind, int rate) {
    table.atMostTimes(
        "p99 at " + Table.shortened(rate) + "/s",
        Table.spreadMs(shop.p99(rate)),
        Table.medianRatio(shop.p99(rate), control.p99(rate)),
        kind.title + "'s (" + Table.spreadMs(control.p99(rate)) + ")",
        1);
  }

  private void noteOfContender(Kind kind, Figures figures) {
    figures
        .latencies()
        .forEach(
            (rate, rounds) ->
                table.note(
                    kind.title + ": p50, p99, p99.9 at " + Table.shortened(rate) + "/s",
                    Table.spreadMs(each(rounds, ControlsBench.Latency::p50))
                        + ", "
                        + Table.spreadMs(each(rounds, ControlsBench.Latency::p99))
                        + ", "
                        + Table.spreadMs(each(rounds, ControlsBench.Latency::p999))));
    table.note(
        kind.title + ": " + CPU + (kind.sells() ? "orders" : "echoes"),
        ProcessMeter.seconds(ProcessMeter.median(figures.cpuSeconds())));
    table.note(kind.title + ": resident", ProcessMeter.megabytes(figures.residentBytes()));
    if (kind.sells()) {
      table.note(
          kind.title + ": orders in MySQL, all that were accepted",
          Table.shortened(figures.orders()));
    }
  }

  private static List<Double> each(
      List<ControlsBench.Latency> rounds, ToDoubleFunction<ControlsBench.Latency> figure) {
    return rounds.stream().mapToDouble(figure).boxed().toList();
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
