package stampede.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Refusals of a sold-out item a second, and what they cost its owner: through an edge that knows
 * that the item is sold out, and in turns through one that passes every shake on. Same shop, same
 * clients.
 */
final class SoldOutBench {
  private static final String SOLD_OUT = "\"outcome\":\"sold_out\"";

  /**
   * A figure a round.
   *
   * @param here a second, by the edge that answers itself
   * @param asked a second, by the one that asks
   * @param hereCpu of a core, the owner's event loop meanwhile
   */
  record Figures(
      List<Double> here, List<Double> asked, List<Double> hereCpu, List<Double> askedCpu) {}

  private SoldOutBench() {}

  static Figures run(Path directory, Size size, Consumer<String> progress) {
    Figures figures =
        new Figures(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    try (BenchShop shop = new BenchShop(directory, size.connections() + 10);
        BenchCrowd here = new BenchCrowd(shop.port(), size.connections());
        BenchCrowd asked = new BenchCrowd(shop.askingPort(), size.connections())) {
      String item = shop.openSoldOutItem();
      for (int round = 0; round <= size.rounds(); round++) {
        boolean counts = round > 0; // the first warms up
        measure(shop, asked, item, size, counts, figures.asked, figures.askedCpu, progress);
        measure(shop, here, item, size, counts, figures.here, figures.hereCpu, progress);
      }
    }
    return figures;
  }

  private static void measure(
      BenchShop shop,
      BenchCrowd crowd,
      String item,
      Size size,
      boolean counts,
      List<Double> refused,
      List<Double> cpu,
      Consumer<String> progress) {
    long cpuNanos = shop.ownerCpuNanos();
    long nanos = System.nanoTime();
    var round = crowd.closedLoop(item, SOLD_OUT, size.roundMs() / 4, size.roundMs());
    double share = (double) (shop.ownerCpuNanos() - cpuNanos) / (System.nanoTime() - nanos);
    if (round.others() > 0) {
      throw new IllegalStateException(round.others() + " answers were not as wanted");
    }
    progress.accept(
        "  refused %,.0f/s, owner %.1f %% of a core".formatted(round.answered(), 100 * share));
    if (counts) {
      refused.add(round.answered());
      cpu.add(share);
    }
  }
}
