package stampede.bench.scale;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import stampede.bench.BenchCluster;
import stampede.bench.ProcessMeter;
import stampede.bench.Wanted;

/**
 * What an accepted and drained shake costs all processes of a cluster together as it gets more sale
 * nodes: CPU time, not rate, since they all share the same processors; without that of the
 * compilers of nodes that have just started.
 */
public final class NodesCurve {
  static final String ALL = "all processes";
  static final String SALES = "sale nodes";
  static final String EDGE = "edge";

  private NodesCurve() {}

  /**
   * @param cluster with one edge; has as many sale nodes afterwards as the last point
   */
  public static Curve run(BenchCluster cluster, ScaleSize size, Consumer<String> progress) {
    Curve curve =
        new Curve("nodes", "An accepted shake, drained to MySQL", "sale nodes", size.nodes())
            .line(ALL)
            .mayGrow(
                ALL,
                2.5,
                "eight processes share the processors: each node more is a JVM that has just started"
                    + " and finds fewer shakes a turn, while orders, messages and rows stay as many")
            .shown(EDGE)
            .shown(SALES);
    List<String> items = cluster.openItems(size.nodesItems());
    try (TurnCrowd crowd = new TurnCrowd("n")) {
      crowd.come(cluster.port(), size.connections());
      for (int point : downAndUp(curve.points())) {
        int nodes = (int) curve.x(point);
        cluster.sales(nodes);
        crowd.play(items, Wanted.ACCEPTED, size.connections() / 2, size.nodesWarmMs());
        cluster.books().awaitDrained();
        ProcessMeter meter = cluster.meter();
        for (int round = 0; round < size.rounds(); round++) {
          Map<String, Double> before = meter.workMicros();
          long answers =
              crowd.play(items, Wanted.ACCEPTED, size.connections() / 2, size.nodesMs()).checked();
          cluster.books().awaitDrained();
          Map<String, Double> spent = meter.workMicros();
          spent.replaceAll((name, micros) -> (micros - before.get(name)) / answers);
          curve.add(ALL, point, sum(spent, name -> !name.equals(BenchCluster.CROWD)));
          curve.add(EDGE, point, sum(spent, name -> name.startsWith("edge-")));
          curve.add(SALES, point, sum(spent, name -> name.startsWith("sale-")));
        }
        progress.accept(
            "  %d sale nodes: %.0f µs, of which the edge %.0f, the sale nodes %.0f"
                .formatted(
                    nodes,
                    curve.micros(ALL, point),
                    curve.micros(EDGE, point),
                    curve.micros(SALES, point)));
      }
    }
    return curve;
  }

  /** Begins with all of them, which are warm then. */
  private static List<Integer> downAndUp(int points) {
    List<Integer> way = new ArrayList<>();
    for (int point = points - 1; point >= 0; point--) {
      way.add(point);
    }
    for (int point = 0; point < points; point++) {
      way.add(point);
    }
    return way;
  }

  private static double sum(Map<String, Double> figures, Predicate<String> which) {
    return figures.entrySet().stream()
        .filter(each -> which.test(each.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }
}
