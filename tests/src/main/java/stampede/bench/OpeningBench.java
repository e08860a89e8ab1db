package stampede.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The first seconds of a sale by nodes that have sold nothing yet: each round starts a cluster,
 * lets the crowd in, and lets it shake from the opening on, an open model. The clients are warm,
 * and the nodes start from class archives, as all but the very first ones of a build do.
 */
final class OpeningBench {
  private static final int SECONDS = 10;
  private static final int ROUNDS_MAX = 3;
  private static final long OPENS_AFTER_MS = 20_000;
  private static final long WARM_OPENS_AFTER_MS = 2_000;

  /** The owner opens an item some milliseconds after its time. */
  private static final long OPEN_MS = 50;

  /**
   * @param firstMs p99 of the first second of shakes, a figure a round
   * @param tenthMs of the last one
   */
  record Figures(List<Double> firstMs, List<Double> tenthMs) {}

  private OpeningBench() {}

  static Figures run(Path directory, Size size, Consumer<String> progress) {
    warmClients(size);
    warmUp(directory, size);
    Figures figures = new Figures(new ArrayList<>(), new ArrayList<>());
    for (int round = 0; round < Math.min(ROUNDS_MAX, size.rounds()); round++) {
      Path home = directory.resolve("cluster-" + round);
      try (BenchCluster cluster = BenchCluster.rehearsed(home, size.connections() + 10)) {
        List<Double> p99Ms = secondsOf(cluster, size, OPENS_AFTER_MS, SECONDS);
        progress.accept("  p99 of each second, ms: " + p99Ms);
        figures.firstMs.add(p99Ms.get(0));
        figures.tenthMs.add(p99Ms.get(p99Ms.size() - 1));
      }
    }
    return figures;
  }

  /** p99 of each of the first seconds, in ms, of a sale that opens so long after the crowd came. */
  static List<Double> secondsOf(
      BenchCluster cluster, Size size, long opensAfterMs, int secondsMax) {
    try (BenchCrowd crowd = new BenchCrowd(cluster.port(), size.connections())) {
      long opensAt = System.currentTimeMillis() + opensAfterMs;
      String item = cluster.openItem(opensAt);
      Pause.ms(opensAt + OPEN_MS - System.currentTimeMillis());
      BenchCrowd.Round sale =
          crowd.openLoop(item, Wanted.ACCEPTED, 0, secondsMax * 1_000, size.outageRate()).checked();
      return sale.seconds().stream()
          .limit(secondsMax)
          .map(second -> second.getValueAtPercentile(99) / 1e3)
          .toList();
    }
  }

  /**
   * A sale that is not counted: it makes the class archives, which the first rounds would share the
   * processors with, and clients know how an answer looks afterwards.
   */
  private static void warmUp(Path directory, Size size) {
    try (BenchCluster first =
        BenchCluster.rehearsed(directory.resolve("first"), size.connections() + 10)) {
      first.awaitRest();
      secondsOf(first, size, WARM_OPENS_AFTER_MS, SECONDS);
    }
  }

  private static void warmClients(Size size) {
    try (EchoServer echo = new EchoServer();
        BenchCrowd callers = new BenchCrowd(echo.port(), size.connections())) {
      callers.closedLoop("1", Wanted.ECHO, 0, size.roundMs());
      callers.openLoop("1", Wanted.ECHO, 0, size.roundMs(), size.outageRate());
    }
  }
}
