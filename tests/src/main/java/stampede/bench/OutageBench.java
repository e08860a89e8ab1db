package stampede.bench;

import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * MySQL is killed in mid-sale, stays away and comes back, while an open-model crowd shakes on at
 * the same rate: how many of its shakes fail, and how fast the drain catches up with the sale going
 * on. The floor are bare inserts of as many rows into a table like the drain's, by the same server,
 * with the same sale going on beside them; half of them before, half after.
 */
final class OutageBench {
  private static final int FLOOR_ROUNDS = 2;
  private static final long POLL_MS = 10;
  private static final long CATCH_UP_MS_MAX = 120_000;
  private static final String FLOOR_TABLE = "bare_order";

  /**
   * @param accepts a second, answered while it all happened
   * @param failed shakes that were not accepted
   * @param behind orders, when MySQL was back
   * @param firstMs from MySQL's first answer to the drain's first commit
   * @param caughtUpMs from that commit until the drain was level with the sale
   * @param drained events a second from that commit on
   * @param bare inserts a second, a figure a round
   * @param answersMs p99 of the shakes
   * @param orders accepted in all, each of them in MySQL
   */
  record Figures(
      double accepts,
      long failed,
      long behind,
      long firstMs,
      long caughtUpMs,
      double drained,
      List<Double> bare,
      double answersMs,
      long orders) {}

  private final BenchCluster cluster;
  private final BenchCrowd crowd;
  private final Size size;
  private final Consumer<String> progress;
  private final List<Double> bare = new ArrayList<>();

  private OutageBench(
      BenchCluster cluster, BenchCrowd crowd, Size size, Consumer<String> progress) {
    this.cluster = cluster;
    this.crowd = crowd;
    this.size = size;
    this.progress = progress;
  }

  /**
   * @param progress hears of every step
   */
  static Figures run(BenchCluster cluster, Size size, Consumer<String> progress) {
    try (BenchCrowd crowd = new BenchCrowd(cluster.port(), size.connections())) {
      return new OutageBench(cluster, crowd, size, progress).measure();
    }
  }

  private Figures measure() {
    String item = cluster.openItem();
    cluster.books().awaitDrained();
    long ordersBefore = cluster.books().orders();
    long eventsBefore = cluster.books().drained();
    CompletableFuture<BenchCrowd.Round> sale =
        CompletableFuture.supplyAsync(
            () ->
                crowd.openLoopUntilEnded(
                    item, Wanted.ACCEPTED, size.roundMs() / 4, size.outageRate()));
    Pause.ms(size.roundMs());
    floor(); // its first round warms up
    cluster.killMySql();
    Pause.ms(size.outageMs());
    cluster.startMySql();
    CatchUp catchUp = catchUp(eventsBefore);
    progress.accept(
        "  %,d behind, first commit after %d ms, level after %d ms more, %,.0f/s"
            .formatted(catchUp.behind, catchUp.firstMs, catchUp.levelMs, catchUp.eventsASecond));
    floor();
    crowd.end();
    BenchCrowd.Round round = sale.join();
    cluster.books().awaitDrained();
    long orders = cluster.books().orders() - ordersBefore;
    if (orders != round.answers() - round.others()) {
      throw new IllegalStateException(
          round.answers() - round.others() + " accepted, " + orders + " in MySQL");
    }
    return new Figures(
        round.answered(),
        round.others(),
        catchUp.behind,
        catchUp.firstMs,
        catchUp.levelMs,
        catchUp.eventsASecond,
        bare,
        round.latencyMicros().getValueAtPercentile(99) / 1e3,
        orders);
  }

  private record CatchUp(long behind, long firstMs, long levelMs, double eventsASecond) {}

  /** Every answer of this crowd is an event, and nothing else happens meanwhile. */
  private CatchUp catchUp(long eventsBefore) {
    long begin = System.nanoTime();
    long stale = cluster.books().drained();
    long behind = crowd.answered() - (stale - eventsBefore);
    long first = stale;
    while (first == stale) {
      requireWithin(begin);
      Pause.ms(POLL_MS);
      first = cluster.books().drained();
    }
    long firstNanos = System.nanoTime();
    long nearby = size.outageRate() / 4; // as far as a drain that keeps up may be behind
    long now = first;
    while (crowd.answered() - (now - eventsBefore) > nearby) {
      requireWithin(begin);
      Pause.ms(POLL_MS);
      now = cluster.books().drained();
    }
    long levelNanos = System.nanoTime() - firstNanos;
    return new CatchUp(
        behind,
        (firstNanos - begin) / 1_000_000,
        levelNanos / 1_000_000,
        (now - first) * 1e9 / Math.max(1, levelNanos));
  }

  private static void requireWithin(long beginNanos) {
    if (System.nanoTime() - beginNanos > CATCH_UP_MS_MAX * 1_000_000) {
      throw new IllegalStateException("the drain is not level after " + CATCH_UP_MS_MAX + " ms");
    }
  }

  private void floor() {
    int rows = (int) ((long) size.outageMs() * size.outageRate() / 1_000);
    SqlConnection sql = cluster.books().sql();
    sql.query("CREATE TABLE IF NOT EXISTS " + FLOOR_TABLE + " LIKE sale_order").execute().await();
    for (int round = 0; round < FLOOR_ROUNDS; round++) {
      double rate = BareInserts.literals(sql, FLOOR_TABLE, 100, rows);
      sql.query("TRUNCATE " + FLOOR_TABLE).execute().await();
      progress.accept("  bare inserts beside the sale %,.0f/s".formatted(rate));
      if (round > 0) {
        bare.add(rate);
      }
    }
  }
}
