package stampede.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Very many unpaid orders expire within about a second while people shake for another item of the
 * same owner, an open model: how long these wait, against the seconds before.
 *
 * <p>The orders are accepted one item after the other, each with as much less time to pay as it was
 * later.
 */
final class ExpiryBench {
  private static final int FILL_MS = 1_000;
  private static final long DUE_AFTER_MS = 30_000;
  private static final int CALM_SECONDS = 5;

  /** Unpaid orders are kept a second longer. */
  private static final int KEPT_SECONDS = 1;

  /** The orders of one item are due within a second, and some are in the queue behind them. */
  private static final int EXPIRY_SECONDS = 3;

  /**
   * @param released orders, all that were accepted to expire
   * @param withinMs by the owner's time
   * @param calmMs p99 of the shakes before, {@code besideMs} of those meanwhile
   */
  record Figures(long released, long withinMs, double calmMs, double besideMs) {}

  private ExpiryBench() {}

  static Figures run(Path directory, Size size, Consumer<String> progress) {
    try (BenchShop shop = new BenchShop(directory, size.connections() + 10);
        BenchCrowd crowd = new BenchCrowd(shop.port(), size.connections())) {
      String item = shop.openItem();
      long dueAt = System.currentTimeMillis() + (size.roundMs() > 1_000 ? DUE_AFTER_MS : 10_000);
      long orders = 0;
      while (orders < size.winners() / 10) {
        long payWithinMs = dueAt - System.currentTimeMillis();
        String unpaid = shop.openItemBeside(item, payWithinMs);
        orders += crowd.closedLoop(unpaid, Wanted.ACCEPTED, 0, FILL_MS).checked().answers();
      }
      progress.accept("  %,d orders will expire".formatted(orders));
      long beginAt = dueAt - (CALM_SECONDS + 1) * 1_000L; // its first second warms up
      if (System.currentTimeMillis() > beginAt) {
        throw new IllegalStateException(orders + " orders were accepted too slowly");
      }
      Pause.ms(beginAt - System.currentTimeMillis());
      int seconds = CALM_SECONDS + 1 + KEPT_SECONDS + EXPIRY_SECONDS;
      BenchCrowd.Round shakes =
          crowd.openLoop(item, Wanted.ACCEPTED, 0, seconds * 1_000, size.outageRate()).checked();
      double calmMs = p99Ms(shakes.seconds().subList(1, CALM_SECONDS + 1));
      double besideMs = p99Ms(shakes.seconds().subList(CALM_SECONDS + 1 + KEPT_SECONDS, seconds));
      progress.accept(
          "  p99 of each second, ms: "
              + shakes.seconds().stream().map(h -> h.getValueAtPercentile(99) / 1e3).toList());
      shop.books().awaitDrained();
      long released = shop.books().released();
      if (released != orders) {
        throw new IllegalStateException(orders + " orders were to expire, " + released + " did");
      }
      long withinMs = shop.books().releasedWithinMs();
      progress.accept(
          "  they did within %,d ms; p99 of shakes %.1f ms before, %.1f ms meanwhile"
              .formatted(withinMs, calmMs, besideMs));
      return new Figures(released, withinMs, calmMs, besideMs);
    }
  }

  private static double p99Ms(List<Histogram> seconds) {
    Histogram all = new Histogram(seconds.get(0));
    seconds.forEach(all::add);
    return all.getValueAtPercentile(99) / 1e3;
  }
}
