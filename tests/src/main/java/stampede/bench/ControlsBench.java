package stampede.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import stampede.bench.BenchBooks.Sold;
import stampede.bench.Contender.Kind;

/**
 * The shop beside what people use instead ({@link stampede.bench.control}) and a bare echo, all on
 * one hot item with the same clients, in turns: durable orders a second with one shake out each,
 * what they cost in CPU time, and latencies at fixed rates, from when a frame was due.
 *
 * <p>Before anything is measured each contender shows that it sells what there is and no more, and
 * that nobody gets two; at the end each one's books are counted. Only final answers count.
 */
final class ControlsBench {
  private static final int ROUNDS_MAX = 4;
  private static final int WARM_ROUNDS = 2; // a few thousand transactions are soon warm, not hot
  private static final int LATENCY_ROUNDS = 3;
  private static final int CHECK_MS_MAX = 300;

  /** Of the crowd's round: five contenders have to fit. */
  private static final int ROUND_PART = 3;

  private static final double MICROS_A_MS = 1e3;

  /** Of one round, milliseconds. */
  record Latency(double p50, double p99, double p999) {
    static Latency of(Histogram micros) {
      return new Latency(
          micros.getValueAtPercentile(50) / MICROS_A_MS,
          micros.getValueAtPercentile(99) / MICROS_A_MS,
          micros.getValueAtPercentile(99.9) / MICROS_A_MS);
    }
  }

  /**
   * A figure a round.
   *
   * @param aSecond final answers, each of them an order; of the echo its round trips
   * @param cpuSeconds for each 100,000 shakes, drain and all, by process
   * @param latencies by rate
   * @param residentBytes at the end, by process
   * @param orders in MySQL at the end: all that were accepted
   */
  record Figures(
      List<Double> aSecond,
      List<Map<String, Double>> cpuSeconds,
      Map<Integer, List<Latency>> latencies,
      Map<String, Double> residentBytes,
      long orders) {
    List<Double> p99(int rate) {
      return latencies.getOrDefault(rate, List.of()).stream().map(Latency::p99).toList();
    }

    /** For each 100,000 shakes, a figure a round. */
    List<Double> redisCpuSeconds() {
      return cpuSeconds.stream().map(cost -> cost.get(Contender.REDIS)).toList();
    }
  }

  /**
   * @param slowRate shakes a second, of everybody
   * @param fastRate of those who can
   * @param settings of the stores, the same for all
   */
  record Result(int slowRate, int fastRate, Map<Kind, Figures> figures, List<String> settings) {
    Figures of(Kind kind) {
      return figures.get(kind);
    }
  }

  private final Size size;
  private final Consumer<String> progress;
  private final List<Contender> contenders = new ArrayList<>();
  private final Map<Kind, List<Double>> aSecond = new EnumMap<>(Kind.class);
  private final Map<Kind, List<Map<String, Double>>> cpuSeconds = new EnumMap<>(Kind.class);
  private final Map<Kind, Map<Integer, List<Latency>>> latencies = new EnumMap<>(Kind.class);

  private ControlsBench(Size size, Set<Kind> kinds, Consumer<String> progress) {
    this.size = size;
    this.progress = progress;
    for (Kind kind : kinds) {
      aSecond.put(kind, new ArrayList<>());
      cpuSeconds.put(kind, new ArrayList<>());
      latencies.put(kind, new TreeMap<>());
    }
  }

  /**
   * @param kinds who takes part
   * @param progress hears of every round
   */
  static Result run(Path directory, Size size, Set<Kind> kinds, Consumer<String> progress) {
    ControlsBench bench = new ControlsBench(size, kinds, progress);
    Vertx vertx = Vertx.vertx();
    try {
      bench.start(vertx, directory, kinds);
      return bench.measure(vertx);
    } finally {
      bench.contenders.parallelStream().forEach(Contender::close);
      vertx.close().await();
    }
  }

  /** All at once: most of it is waiting. */
  private void start(Vertx vertx, Path directory, Set<Kind> kinds) {
    List<CompletableFuture<Contender>> starting =
        kinds.stream()
            .map(
                kind ->
                    CompletableFuture.supplyAsync(
                        () -> new Contender(kind, vertx, directory, size.connections())))
            .toList();
    RuntimeException fault = null;
    for (CompletableFuture<Contender> each : starting) {
      try {
        contenders.add(each.join());
      } catch (CompletionException e) {
        fault = e; // the others are to be closed
      }
    }
    if (fault != null) {
      throw fault;
    }
  }

  private Result measure(Vertx vertx) {
    List<String> settings = settings(vertx);
    for (Contender each : contenders) {
      if (each.kind.sells()) {
        requireHonest(each);
      }
    }
    int slowRate = size.outageRate() / 2;
    int fastRate = size.outageRate() * 2;
    int rounds = Math.min(ROUNDS_MAX, size.rounds());
    for (int round = -Math.min(WARM_ROUNDS, size.rounds()); round < rounds; round++) {
      for (Contender each : inTurn(round)) {
        throughput(each, round);
      }
    }
    for (int round = 0; round < Math.min(LATENCY_ROUNDS, size.rounds()); round++) {
      for (Contender each : inTurn(round)) {
        if (each.kind.isTimed()) {
          latency(each, slowRate, round);
        }
        if (each.kind.isTimed() && each.kind != Kind.TRANSACTION) { // could not
          latency(each, fastRate, round);
        }
      }
    }
    Map<Kind, Figures> figures = new EnumMap<>(Kind.class);
    for (Contender each : contenders) {
      figures.put(each.kind, figures(each));
    }
    return new Result(slowRate, fastRate, figures, settings);
  }

  /** Everybody is first once in a while. */
  private List<Contender> inTurn(int round) {
    List<Contender> turn = new ArrayList<>(contenders);
    Collections.rotate(turn, round);
    return turn;
  }

  /** Sells to half of its crowd all there is, and to all of it one each though there is more. */
  private void requireHonest(Contender contender) {
    int users = size.connections();
    int checkMs = Math.min(CHECK_MS_MAX, size.roundMs() / 4);
    requireSold(contender, users / 2, users / 2, checkMs);
    requireSold(contender, 2L * users, users, checkMs);
  }

  private static void requireSold(Contender contender, long stock, long wanted, int checkMs) {
    String item = contender.openItem(stock, true);
    BenchCrowd.Round round = contender.closedLoop(item, 0, checkMs);
    contender.awaitQuiet();
    long accepted = round.answers() - round.others();
    Sold sold = contender.books().sold(item);
    if (accepted != wanted || !sold.equals(new Sold(wanted, wanted))) {
      throw new IllegalStateException(
          "%s, stock %d: %d accepted, in MySQL %s, wanted %d to as many users"
              .formatted(contender.kind.title, stock, accepted, sold, wanted));
    }
  }

  private void throughput(Contender contender, int round) {
    String item = contender.openItem(BenchShop.STOCK, false);
    int ms = size.roundMs() / ROUND_PART;
    Map<String, Double> before = contender.meter.cpuSeconds();
    BenchCrowd.Round sale =
        contender
            .closedLoop(item, ms / 4, ms)
            .checked()
            .keptAs(name(contender, "most", round < 0 ? "warm" + -round : Integer.toString(round)));
    contender.awaitQuiet();
    Map<String, Double> cost = contender.meter.costSince(before, sale.answers());
    progress.accept(
        "  %s: %,.0f/s, CPU for 100,000: %s"
            .formatted(contender.kind.title, sale.answered(), ProcessMeter.seconds(cost)));
    if (round >= 0) {
      aSecond.get(contender.kind).add(sale.answered());
      cpuSeconds.get(contender.kind).add(cost);
    }
  }

  private void latency(Contender contender, int rate, int round) {
    String item = contender.openItem(BenchShop.STOCK, false);
    int ms = size.roundMs() / ROUND_PART;
    BenchCrowd.Round sale =
        contender
            .openLoop(item, ms / 4, ms, rate)
            .checked()
            .keptAs(name(contender, rate + "-a-second", Integer.toString(round)));
    contender.awaitQuiet();
    Latency latency = Latency.of(sale.latencyMicros());
    progress.accept(
        "  %s at %,d/s: p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms"
            .formatted(contender.kind.title, rate, latency.p50, latency.p99, latency.p999));
    latencies.get(contender.kind).computeIfAbsent(rate, first -> new ArrayList<>()).add(latency);
  }

  private static String name(Contender contender, String what, String round) {
    String who = contender.kind.name().toLowerCase(Locale.ROOT);
    return "controls-" + who + "-" + what + "-" + round;
  }

  private Figures figures(Contender contender) {
    Kind kind = contender.kind;
    return new Figures(
        aSecond.get(kind),
        cpuSeconds.get(kind),
        latencies.get(kind),
        contender.meter.residentBytes(),
        kind.sells() ? contender.balancedOrders() : 0);
  }

  /** As the stores have them; a comparison of different ones would be none. */
  private List<String> settings(Vertx vertx) {
    List<String> ofRedis = new ArrayList<>();
    List<String> ofMySql = new ArrayList<>();
    for (Contender each : contenders) {
      @Nullable String redisUrl = each.redisUrl();
      if (redisUrl != null) {
        ofRedis.add(StoreSettings.ofRedis(vertx, redisUrl));
      }
      if (each.kind.sells()) {
        ofMySql.add(StoreSettings.ofMySql(each.books()));
      }
    }
    return List.of(onlyOne(ofRedis), onlyOne(ofMySql));
  }

  private static String onlyOne(List<String> settings) {
    if (settings.stream().distinct().count() != 1) {
      throw new IllegalStateException("not the same settings: " + settings);
    }
    return settings.get(0);
  }
}
