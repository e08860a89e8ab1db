package stampede.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What it costs that edge, sale and persist verticle are three JVMs joined by a bus: accepted
 * orders a second of such a cluster against those of the same shop in one process, on the same
 * cores, with the same clients, in turns.
 */
final class ClusterBench {
  private static final int WARM_ROUNDS = 2;

  /**
   * @param clustered accepted orders a second, a figure a round
   * @param together the same of the shop in one process
   * @param shakesAMessage of the bus, likewise
   * @param orders accepted by the cluster in all, each of them in its MySQL
   * @param cpuSeconds of the cluster for each 100,000 of them, by process
   * @param residentBytes at the end, likewise
   */
  record Figures(
      List<Double> clustered,
      List<Double> together,
      List<Double> shakesAMessage,
      long orders,
      Map<String, Double> cpuSeconds,
      Map<String, Double> residentBytes) {}

  private ClusterBench() {}

  /**
   * @param progress hears of every round
   */
  static Figures run(BenchShop shop, BenchCluster cluster, Size size, Consumer<String> progress) {
    try (BenchCrowd ofShop = new BenchCrowd(shop.port(), size.connections());
        BenchCrowd ofCluster = new BenchCrowd(cluster.port(), size.connections())) {
      return measure(shop, ofShop, cluster, ofCluster, size, progress);
    }
  }

  private static Figures measure(
      BenchShop shop,
      BenchCrowd ofShop,
      BenchCluster cluster,
      BenchCrowd ofCluster,
      Size size,
      Consumer<String> progress) {
    List<Double> clustered = new ArrayList<>();
    List<Double> together = new ArrayList<>();
    List<Double> shakesAMessage = new ArrayList<>();
    List<Map<String, Double>> cpuSeconds = new ArrayList<>();
    ProcessMeter meter = cluster.meter();
    cluster.books().awaitDrained(); // of who was here before
    long ordersBefore = cluster.books().orders();
    long orders = 0;
    for (int round = 0; round < WARM_ROUNDS + size.rounds(); round++) {
      double one = accepted(ofShop, shop.openItem(), size).answered();
      shop.books().awaitDrained();
      String item = cluster.openItem();
      BenchCluster.BusLoad before = cluster.busLoad();
      Map<String, Double> cpuBefore = meter.cpuSeconds();
      BenchCrowd.Round nodes = accepted(ofCluster, item, size).keptAs("cluster-most-" + round);
      double shakes = cluster.busLoad().commandsAMessageSince(before);
      orders += nodes.answers();
      cluster.books().awaitDrained();
      Map<String, Double> cost = meter.costSince(cpuBefore, nodes.answers());
      progress.accept(
          "  one process %,.0f/s, three %,.0f/s, %.1f shakes a message"
              .formatted(one, nodes.answered(), shakes));
      if (round >= WARM_ROUNDS) { // four JVMs to warm up
        together.add(one);
        clustered.add(nodes.answered());
        shakesAMessage.add(shakes);
        cpuSeconds.add(cost);
      }
    }
    long inMySql = cluster.books().orders() - ordersBefore;
    if (inMySql != orders) {
      throw new IllegalStateException(orders + " accepted, " + inMySql + " in MySQL");
    }
    return new Figures(
        clustered,
        together,
        shakesAMessage,
        orders,
        ProcessMeter.median(cpuSeconds),
        meter.residentBytes());
  }

  private static BenchCrowd.Round accepted(BenchCrowd crowd, String item, Size size) {
    return crowd.closedLoop(item, Wanted.ACCEPTED, size.roundMs() / 4, size.roundMs()).checked();
  }
}
