package stampede.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Accepted orders a second through the whole of a shop that keeps its journal on disk and its drain
 * running, one item, every socket with one shake out; against the round trips of a bare echo with
 * the same clients, and against the events that bare appends of as many each make durable in the
 * same Redis. Then the latency at half of that rate.
 */
final class SaleBench {
  private static final int LATENCY_ROUNDS = 3;
  private static final String GROUP_EVENTS = "stampede_sale_group_events";

  /**
   * @param accepted a second, a figure a round
   * @param refused likewise: the owner's {@code sold_out}
   * @param echoed round trips a second, likewise
   * @param appended events a second, likewise, by bare appends
   * @param eventsAnAppend of the shop's, likewise, and so of the bare ones
   * @param p99Ms at {@code halfRate}, a figure a round
   * @param drainBehindMs until the last order of a round was in MySQL too, worst round
   * @param orders accepted in all, each of them in MySQL
   * @param cpuSeconds for each 100,000 accepted, by process
   * @param residentBytes at the end, likewise
   */
  record Figures(
      List<Double> accepted,
      List<Double> refused,
      List<Double> echoed,
      List<Double> appended,
      List<Double> eventsAnAppend,
      double halfRate,
      List<Double> p50Ms,
      List<Double> p99Ms,
      long drainBehindMs,
      long orders,
      Map<String, Double> cpuSeconds,
      Map<String, Double> residentBytes) {}

  private SaleBench() {}

  /**
   * @param progress hears of every round
   */
  static Figures run(Path directory, Size size, Consumer<String> progress) {
    try (BenchShop shop = new BenchShop(directory, size.connections() + 10);
        EchoServer echo = new EchoServer();
        BenchCrowd buyers = new BenchCrowd(shop.port(), size.connections());
        BenchCrowd callers = new BenchCrowd(echo.port(), size.connections())) {
      return measure(shop, buyers, callers, size, progress);
    }
  }

  private static Figures measure(
      BenchShop shop, BenchCrowd buyers, BenchCrowd callers, Size size, Consumer<String> progress) {
    List<Double> accepted = new ArrayList<>();
    List<Double> refused = new ArrayList<>();
    List<Double> echoed = new ArrayList<>();
    List<Double> appended = new ArrayList<>();
    List<Double> eventsAnAppend = new ArrayList<>();
    List<Map<String, Double>> cpuSeconds = new ArrayList<>();
    ProcessMeter meter = shop.meter();
    long orders = 0;
    long behindMs = 0;
    for (int round = 0; round <= size.rounds(); round++) {
      int warmMs = size.roundMs() / 4;
      var echo = callers.closedLoop("1", Wanted.ECHO, warmMs, size.roundMs()).checked();
      String item = shop.openItem();
      double eventsBefore = shop.ownerSum(GROUP_EVENTS + "_sum");
      double groupsBefore = shop.ownerSum(GROUP_EVENTS + "_count");
      Map<String, Double> before = meter.cpuSeconds();
      var sale =
          buyers
              .closedLoop(item, Wanted.ACCEPTED, warmMs, size.roundMs())
              .checked()
              .keptAs("sale-most-" + round);
      orders += sale.answers();
      long drainedMs = shop.books().awaitDrained();
      Map<String, Double> cost = meter.costSince(before, sale.answers());
      double events =
          (shop.ownerSum(GROUP_EVENTS + "_sum") - eventsBefore)
              / (shop.ownerSum(GROUP_EVENTS + "_count") - groupsBefore);
      double bare = shop.bareAppends(round, size.drainRows(), (int) Math.round(events));
      String soldOut = shop.openSoldOutItem();
      orders++; // its only one
      var late = buyers.closedLoop(soldOut, Wanted.SOLD_OUT, warmMs, size.roundMs()).checked();
      progress.accept(
          "  echo %,.0f/s, accepted %,.0f/s, in MySQL %d ms later, bare appends of %.0f %,.0f/s, refused %,.0f/s"
              .formatted(
                  echo.answered(), sale.answered(), drainedMs, events, bare, late.answered()));
      if (round > 0) { // the first warms up
        echoed.add(echo.answered());
        appended.add(bare);
        eventsAnAppend.add(events);
        accepted.add(sale.answered());
        refused.add(late.answered());
        behindMs = Math.max(behindMs, drainedMs);
        cpuSeconds.add(cost);
      }
    }
    double half = Table.median(accepted) / 2;
    List<Double> p50Ms = new ArrayList<>();
    List<Double> p99Ms = new ArrayList<>();
    for (int round = 0; round < Math.min(LATENCY_ROUNDS, size.rounds()); round++) {
      var sale =
          buyers
              .openLoop(shop.openItem(), Wanted.ACCEPTED, size.roundMs() / 4, size.roundMs(), half)
              .checked()
              .keptAs("sale-half-" + round);
      orders += sale.answers();
      p50Ms.add(sale.latencyMicros().getValueAtPercentile(50) / 1e3);
      p99Ms.add(sale.latencyMicros().getValueAtPercentile(99) / 1e3);
      progress.accept(
          "  at %,.0f/s: p50 %.1f ms, p99 %.1f ms"
              .formatted(half, p50Ms.get(round), p99Ms.get(round)));
      shop.books().awaitDrained();
    }
    if (shop.books().orders() != orders) {
      throw new IllegalStateException(orders + " accepted, " + shop.books().orders() + " in MySQL");
    }
    return new Figures(
        accepted,
        refused,
        echoed,
        appended,
        eventsAnAppend,
        half,
        p50Ms,
        p99Ms,
        behindMs,
        orders,
        ProcessMeter.median(cpuSeconds),
        meter.residentBytes());
  }
}
