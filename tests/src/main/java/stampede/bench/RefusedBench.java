package stampede.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Refused shakes a second, against the round trips of a bare echo with the same clients: {@code
 * throttled} said by the edge, {@code sold_out} said by the owner of a whole shop.
 */
final class RefusedBench {
  /** The first shake of each shopper is let in; its next ones are not, as long as this runs. */
  private static final long HEARD_OF_MS = 1_500;

  private static final long COOLDOWN_MS = 3_600_000;

  /**
   * A second, a figure a round.
   *
   * @param throttledBytes the shop's heap that one shake takes, likewise
   * @param soldOutBytes likewise
   */
  record Figures(
      int outstanding,
      List<Double> throttled,
      List<Double> soldOut,
      List<Double> echoed,
      List<Double> throttledBytes,
      List<Double> soldOutBytes) {

    private Figures(int outstanding) {
      this(
          outstanding,
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>());
    }
  }

  private RefusedBench() {}

  /** One figure for each number of frames everybody has out. */
  static List<Figures> run(Path directory, Size size, Consumer<String> progress) {
    try (BenchShop shop = new BenchShop(directory, size.connections() + 10);
        EchoServer echo = new EchoServer();
        BenchCrowd buyers = new BenchCrowd(shop.port(), size.connections());
        BenchCrowd callers = new BenchCrowd(echo.port(), size.connections())) {
      List<Figures> figures = new ArrayList<>();
      for (int outstanding : new int[] {1, 16}) {
        figures.add(measure(shop, buyers, callers, size, outstanding, progress));
      }
      return figures;
    }
  }

  private static Figures measure(
      BenchShop shop,
      BenchCrowd buyers,
      BenchCrowd callers,
      Size size,
      int outstanding,
      Consumer<String> progress) {
    String cool = shop.openItem(COOLDOWN_MS);
    String gone = shop.openSoldOutItem();
    Pause.ms(HEARD_OF_MS); // an edge keeps the cooldowns of items it has heard of
    Figures figures = new Figures(outstanding);
    int ms = size.roundMs() / 2;
    int warmMs = ms / 4;
    for (int round = 0; round <= size.rounds(); round++) {
      double echoed =
          callers.closedLoop("1", Wanted.ECHO, warmMs, ms, outstanding).checked().answered();
      long letIn = round == 0 ? size.connections() : 0;
      long beforeBytes = shop.allocatedBytes();
      BenchCrowd.Round throttled =
          buyers.closedLoop(cool, Wanted.THROTTLED, warmMs, ms, outstanding).checked(letIn);
      long betweenBytes = shop.allocatedBytes();
      BenchCrowd.Round soldOut =
          buyers.closedLoop(gone, Wanted.SOLD_OUT, warmMs, ms, outstanding).checked();
      double throttledBytes = (double) (betweenBytes - beforeBytes) / throttled.answers();
      double soldOutBytes = (double) (shop.allocatedBytes() - betweenBytes) / soldOut.answers();
      progress.accept(
          "  %d out: echo %,.0f/s, throttled %,.0f/s and %,.0f B each, sold out %,.0f/s and %,.0f B each"
              .formatted(
                  outstanding,
                  echoed,
                  throttled.answered(),
                  throttledBytes,
                  soldOut.answered(),
                  soldOutBytes));
      if (round > 0) { // the first warms up
        figures.echoed.add(echoed);
        figures.throttled.add(throttled.answered());
        figures.soldOut.add(soldOut.answered());
        figures.throttledBytes.add(throttledBytes);
        figures.soldOutBytes.add(soldOutBytes);
      }
    }
    return figures;
  }
}
