package stampede.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

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
      DrainBench.Idle idle = bench.idle(200, 1, 300);

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
    try (BenchCluster cluster = new BenchCluster(directory.resolve("cluster"), sockets)) {
      List<Double> openingMs = OpeningBench.secondsOf(cluster, Size.TINY, 2_000, 2);
      ClusterBench.Figures side;
      try (BenchShop shop = new BenchShop(directory.resolve("shop"), sockets)) {
        side = ClusterBench.run(shop, cluster, Size.TINY, line -> {});
      }
      OutageBench.Figures away = OutageBench.run(cluster, Size.TINY, line -> {});

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
  @Timeout(240)
  void theCostsOfTheCapacityModelAreMeasuredAndWritten() throws Exception {
    Path file = directory.resolve("costs.properties");

    CostsFile costs = CostsBench.run(directory.resolve("cluster"), Size.TINY, file, line -> {});

    Properties written = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      written.load(reader);
    }
    assertThat(written.stringPropertyNames()).isEqualTo(costs.values().keySet());
    assertThat(costs.values()).containsKeys("edge.shakeMicros", "sale.messageMicros");
    assertThat(costs.values().get("run.acceptedASecond")).isPositive();
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
  void aSoldOutItemIsRefusedByTheEdgeThatKnowsAndByTheOwnerOtherwise() {
    SoldOutBench.Figures figures = SoldOutBench.run(directory, Size.TINY, line -> {});

    assertThat(figures.askedCommands()).singleElement().matches(share -> share > 0.99);
    assertThat(figures.hereCommands()).singleElement().matches(share -> share < 0.5);
  }
}
