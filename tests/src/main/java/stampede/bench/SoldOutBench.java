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
  /**
   * A figure a round.
   *
   * @param here a second, by the edge that answers itself
   * @param asked a second, by the one that asks
   * @param hereCommands that reached the owner, for each answer
   * @param hereCpu of a core, the owner's event loop meanwhile
   */
  record Figures(
      List<Double> here,
      List<Double> asked,
      List<Double> hereCommands,
      List<Double> askedCommands,
      List<Double> hereCpu,
      List<Double> askedCpu) {
    Figures() {
      this(
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>());
    }
  }

  private SoldOutBench() {}

  static Figures run(Path directory, Size size, Consumer<String> progress) {
    Figures figures = new Figures();
    try (BenchShop shop = new BenchShop(directory, size.connections() + 10);
        BenchCrowd here = new BenchCrowd(shop.knowingPort(), size.connections());
        BenchCrowd asked = new BenchCrowd(shop.port(), size.connections())) {
      String item = shop.openSoldOutItem();
      for (int round = 0; round <= size.rounds(); round++) {
        boolean counts = round > 0; // the first warms up
        One askedNow = measure(shop, asked, item, size, progress);
        One hereNow = measure(shop, here, item, size, progress);
        if (counts) {
          askedNow.addTo(figures.asked, figures.askedCommands, figures.askedCpu);
          hereNow.addTo(figures.here, figures.hereCommands, figures.hereCpu);
        }
      }
    }
    return figures;
  }

  private record One(double refused, double commands, double cpu) {
    void addTo(List<Double> refusals, List<Double> commandsOfAll, List<Double> cpuOfAll) {
      refusals.add(refused);
      commandsOfAll.add(commands);
      cpuOfAll.add(cpu);
    }
  }

  private static One measure(
      BenchShop shop, BenchCrowd crowd, String item, Size size, Consumer<String> progress) {
    double commands = shop.ownerCommands();
    long cpuNanos = shop.ownerCpuNanos();
    long nanos = System.nanoTime();
    var round =
        crowd.closedLoop(item, Wanted.SOLD_OUT, size.roundMs() / 4, size.roundMs()).checked();
    double share = (double) (shop.ownerCpuNanos() - cpuNanos) / (System.nanoTime() - nanos);
    double passedOn = (shop.ownerCommands() - commands) / round.answers();
    progress.accept(
        "  refused %,.0f/s, %.3f of them by the owner, which took %.1f %% of a core"
            .formatted(round.answered(), passedOn, 100 * share));
    return new One(round.answered(), passedOn, share);
  }
}
