package stampede.bench.scale;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import stampede.bench.BenchCluster;

/**
 * What an accepted and drained shake costs all processes of a cluster together as it gets more sale
 * nodes: CPU time, not rate, since they all share the same processors.
 */
public final class NodesCurve {
  static final String ALL = "all processes";
  static final String SALES = "sale nodes";
  static final String EDGE = "edge";
  private static final String ACCEPTED = "\"outcome\":\"accepted\"";

  private NodesCurve() {}

  /**
   * @param cluster with one edge; has as many sale nodes afterwards as the last point
   */
  public static Curve run(BenchCluster cluster, ScaleSize size, Consumer<String> progress) {
    Curve curve =
        new Curve("nodes", "An accepted shake, drained to MySQL", "sale nodes", size.nodes())
            .line(ALL)
            .shown(EDGE)
            .shown(SALES);
    List<String> items = cluster.openItems(size.nodesItems());
    try (TurnCrowd crowd = new TurnCrowd("n")) {
      crowd.come(cluster.port(), size.connections());
      for (int point : downAndUp(curve.points())) {
        int nodes = (int) curve.x(point);
        cluster.sales(nodes);
        crowd.play(items, ACCEPTED, size.connections() / 2, size.nodesWarmMs()).checked();
        cluster.books().awaitDrained();
        for (int round = 0; round < size.rounds(); round++) {
          Map<String, Long> before = cluster.cpuMicros();
          long answers =
              crowd.play(items, ACCEPTED, size.connections() / 2, size.nodesMs()).checked();
          cluster.books().awaitDrained();
          Map<String, Long> after = cluster.cpuMicros();
          curve.add(ALL, point, spent(before, after, "") / answers);
          curve.add(EDGE, point, spent(before, after, "edge-") / answers);
          curve.add(SALES, point, spent(before, after, "sale-") / answers);
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

  private static double spent(Map<String, Long> before, Map<String, Long> after, String prefix) {
    double spent = 0;
    for (Map.Entry<String, Long> each : after.entrySet()) {
      if (each.getKey().startsWith(prefix)) {
        spent += each.getValue() - before.getOrDefault(each.getKey(), each.getValue());
      }
    }
    return spent;
  }
}
