package stampede.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.w3c.dom.Element;
import stampede.bench.Contender.Kind;
import stampede.bench.scale.Curve;
import stampede.bench.scale.NodesCurve;
import stampede.bench.scale.ScaleBench;
import stampede.bench.scale.ScaleSize;

/** Every benchmark still runs and counts what it should; how fast is nobody's business here. */
@Timeout(60)
@Isolated
class BenchTinyIT {
  @TempDir Path directory;

  @Test
  void theEngineIsMeasuredInAllItsParts() throws Exception {
    Bench bench = new Bench(Size.TINY, line -> {});

    bench.engine();

    assertThat(bench.table().text().lines().filter(line -> line.startsWith("| engine")))
        .hasSize(2)
        .noneMatch(line -> line.contains("| 0/s"));
    assertThat(bench.table().text()).contains("| replay: events, log of 2,000 |");
    assertThat(bench.table().verdict()).startsWith("3 aims, ");
    assertThat(Bench.exitCode(bench.table(), List.of(), false)).as("measured is measured").isZero();
  }

  @Test
  void drainAndBareInsertsPutTheSameRowsIntoTheTable() {
    try (DrainBench bench = new DrainBench(directory)) {
      int rows = Size.TINY.drainRows();

      DrainBench.Figures figures = bench.run(rows, Size.TINY.rounds(), line -> {});

      assertThat(figures.rows()).isEqualTo(6L * rows * (Size.TINY.rounds() + 1));
      assertThat(figures.drained()).singleElement().matches(rate -> rate > 0);
      assertThat(figures.literals()).singleElement().matches(rate -> rate > 0);
      assertThat(figures.prepared()).singleElement().matches(rate -> rate > 0);
      assertThat(figures.reconciled()).singleElement().matches(rate -> rate > 0);
      assertThat(figures.noted()).singleElement().matches(rate -> rate > 0);
      assertThat(figures.told()).singleElement().matches(rate -> rate > 0);
    }
  }

  @Test
  void anIdleNodeTakesCpuWithAReconcilerAndWithout() {
    try (DrainBench bench = new DrainBench(directory)) {
      DrainBench.Idle idle = bench.idle(200, 1, 2_000);

      assertThat(idle.with()).singleElement().matches(share -> share > 0);
      assertThat(idle.without()).singleElement().matches(share -> share > 0);
    }
  }

  @Test
  void everyOrderOfTheCrowdIsInMySqlAndEveryEchoComesBack() {
    SaleBench.Figures figures = SaleBench.run(directory, Size.TINY, line -> {});

    assertThat(figures.orders()).isGreaterThan(Size.TINY.connections());
    assertThat(figures.accepted()).singleElement().matches(rate -> rate > 0);
    assertThat(figures.refused()).singleElement().matches(rate -> rate > 0);
    assertThat(figures.echoed()).singleElement().matches(rate -> rate > 0);
    assertThat(figures.appended()).singleElement().matches(rate -> rate > 0);
    assertThat(figures.eventsAnAppend()).singleElement().matches(events -> events >= 1);
    assertThat(figures.p99Ms()).singleElement().matches(ms -> ms > 0);
  }

  @Test
  void edgeAndBareHandlerGiveTheSamePages() {
    List<PageBench.Figures> pages = PageBench.run(Size.TINY, line -> {});

    assertThat(pages).hasSize(2);
    for (PageBench.Figures each : pages) {
      assertThat(each.bytes()).isGreaterThan(200);
      assertThat(each.headers()).isGreaterThan(5);
      assertThat(each.edge()).singleElement().matches(rate -> rate > 0);
      assertThat(each.bare()).singleElement().matches(rate -> rate > 0);
    }
  }

  @Test
  @Timeout(240)
  void aClusterIsMeasuredAtItsOpeningThenBesideTheOneProcessThenWithoutItsMySql() {
    int sockets = Size.TINY.connections() + 10;
    try (BenchCluster cluster = BenchCluster.rehearsed(directory.resolve("cluster"), sockets)) {
      List<Double> openingMs = OpeningBench.secondsOf(cluster, Size.TINY, 2_000, 2);
      ClusterBench.Figures side;
      try (BenchShop shop = new BenchShop(directory.resolve("shop"), sockets)) {
        side = ClusterBench.run(shop, cluster, Size.TINY, line -> {});
      }
      OutageBench.Figures away = OutageBench.run(cluster, Size.TINY, line -> {});
      requireWhole(NodesCurve.run(cluster, ScaleSize.TINY, line -> {}));

      assertThat(openingMs).hasSize(2).allMatch(ms -> ms > 0);
      assertThat(side.orders()).isGreaterThan(Size.TINY.connections());
      assertThat(side.clustered()).singleElement().matches(rate -> rate > 0);
      assertThat(side.together()).singleElement().matches(rate -> rate > 0);
      assertThat(side.shakesAMessage()).singleElement().matches(shakes -> shakes >= 1);
      assertThat(away.failed()).isZero();
      assertThat(away.behind()).isPositive();
      assertThat(away.drained()).isPositive();
      assertThat(away.bare()).isNotEmpty().allMatch(rate -> rate > 0);
      assertThat(away.orders()).isGreaterThan(away.behind());
    }
  }

  @Test
  void everyUnpaidOrderExpiresWhilePeopleShake() {
    ExpiryBench.Figures figures = ExpiryBench.run(directory, Size.TINY, line -> {});

    assertThat(figures.released()).isGreaterThanOrEqualTo(Size.TINY.winners() / 10);
    assertThat(figures.calmMs()).isPositive();
    assertThat(figures.besideMs()).isPositive();
  }

  @Test
  void everyRefusedShakeOfTheCrowdIsRefusedAsItShouldBe() {
    List<RefusedBench.Figures> figures = RefusedBench.run(directory, Size.TINY, line -> {});

    assertThat(figures).extracting(RefusedBench.Figures::outstanding).containsExactly(1, 16);
    for (RefusedBench.Figures each : figures) {
      assertThat(each.throttled()).singleElement().matches(rate -> rate > 0);
      assertThat(each.soldOut()).singleElement().matches(rate -> rate > 0);
      assertThat(each.echoed()).singleElement().matches(rate -> rate > 0);
    }
  }

  @Test
  void honestShoppersGetWhatTheyCameForBesideBotsToo() {
    FloodBench.Figures figures = FloodBench.run(directory, Size.TINY, line -> {});

    assertThat(figures.botRate()).isPositive();
    assertThat(figures.calm()).singleElement().matches(round -> round.succeeded() == 1);
    assertThat(figures.flooded()).singleElement().matches(round -> round.succeeded() == 1);
  }

  @Test
  void idleSocketsTakeMemoryOfAnEchoAndOfAnEdge() {
    SocketsBench.Idle echo = SocketsBench.idleEcho(300);
    SocketsBench.Idle edge = SocketsBench.idleEdge(300);

    assertThat(echo.heapBytes()).isPositive();
    assertThat(edge.heapBytes()).isPositive();
  }

  @Test
  void everySocketIsBackAfterARestartAndShakesAreAnsweredMeanwhile() {
    SocketsBench.Wave wave = SocketsBench.wave(300, line -> {});

    assertThat(wave.sockets()).isEqualTo(300);
    assertThat(wave.answered()).isPositive();
  }

  @Test
  void everyScaleCurveHasItsPointsAndAPicture() throws Exception {
    List<Curve> curves =
        ScaleBench.run(
            directory, ScaleSize.TINY, List.of("users", "stock", "sockets", "items"), line -> {});
    ScaleBench.draw(curves, directory, "scale-");

    assertThat(curves)
        .extracting(Curve::name)
        .containsExactly("users", "stock", "sockets", "items");
    for (Curve curve : curves) {
      requireWhole(curve);
      Path picture = directory.resolve("scale-" + curve.name() + ".svg");
      assertThat(parse(picture).getElementsByTagName("polyline").getLength())
          .isGreaterThanOrEqualTo(curve.judged().size());
    }
  }

  private static void requireWhole(Curve curve) {
    assertThat(curve.judged()).isNotEmpty();
    for (String line : curve.judged()) {
      for (int point = 0; point < curve.points(); point++) {
        assertThat(curve.micros(line, point)).isPositive();
      }
      assertThat(curve.growth(line)).isGreaterThanOrEqualTo(1);
    }
  }

  private static Element parse(Path svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(svg.toFile())
        .getDocumentElement();
  }

  @Test
  void aSoldOutItemIsRefusedByTheEdgeThatKnowsAndByTheOwnerOtherwise() {
    SoldOutBench.Figures figures = SoldOutBench.run(directory, Size.TINY, line -> {});

    assertThat(figures.askedCommands()).singleElement().matches(share -> share > 0.99);
    assertThat(figures.hereCommands()).singleElement().matches(share -> share < 0.5);
  }

  @Test
  void bothControlsSellWhatThereIsOnceToEachAndLoseNothing() throws Exception {
    Set<Kind> controls = EnumSet.of(Kind.TRANSACTION, Kind.SCRIPT);

    ControlsBench.Result result =
        ControlsBench.run(directory, Size.TINY, controls, line -> {}); // throws if it is not so

    for (Kind kind : controls) {
      ControlsBench.Figures figures = result.of(kind);
      assertThat(figures.orders()).isGreaterThan(Size.TINY.connections());
      assertThat(figures.aSecond()).singleElement().matches(rate -> rate > 0);
      assertThat(figures.p99(result.slowRate())).singleElement().matches(ms -> ms > 0);
      assertThat(figures.cpuSeconds()).singleElement().matches(cost -> cost.get("JVM") > 0);
      assertThat(figures.residentBytes().values()).allMatch(bytes -> bytes > 1e6);
    }
    assertThat(result.settings())
        .anyMatch(each -> each.contains("appendfsync always"))
        .anyMatch(each -> each.contains("innodb_flush_log_at_trx_commit 1"));
    assertThat(kept("controls-script-most-0")).isPositive();
  }

  /** Latencies in the log of a round. */
  private static long kept(String round) throws IOException {
    Path log = LatencyLog.directory().resolve(round + ".hlog");
    HistogramLogReader reader = new HistogramLogReader(log.toFile());
    long count = 0;
    for (var each = reader.nextIntervalHistogram();
        each != null;
        each = reader.nextIntervalHistogram()) {
      count += ((Histogram) each).getTotalCount();
    }
    return count;
  }
}
