package stampede.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every benchmark still runs and counts what it should; how fast is nobody's business here. */
@Timeout(60)
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

      assertThat(figures.rows()).isEqualTo(3L * rows * (Size.TINY.rounds() + 1));
      assertThat(figures.drained()).singleElement().matches(rate -> rate > 0);
      assertThat(figures.literals()).singleElement().matches(rate -> rate > 0);
      assertThat(figures.prepared()).singleElement().matches(rate -> rate > 0);
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
  void aSoldOutItemIsRefusedByTheEdgeThatKnowsAndByTheOwnerOtherwise() {
    SoldOutBench.Figures figures = SoldOutBench.run(directory, Size.TINY, line -> {});

    assertThat(figures.askedCommands()).singleElement().matches(share -> share > 0.99);
    assertThat(figures.hereCommands()).singleElement().matches(share -> share < 0.5);
  }
}
