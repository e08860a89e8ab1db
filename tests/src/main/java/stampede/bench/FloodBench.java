package stampede.bench;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import stampede.standalone.Tokens;

/**
 * Honest shoppers without and with a flood of bots, in turns. A shopper is honest who shakes once
 * in a while, comes back when told to and keeps its key; it has succeeded when an owner says {@code
 * accepted}. Bots know no cooldown: twenty times as many frames from so many ids, sockets opened in
 * a loop, garbage, frames far too large.
 */
final class FloodBench {
  private static final int BOT_FRAMES_FOR_ONE = 20;
  private static final long COOLDOWN_MS = 5_000;

  /** Between two shakes of one honest shopper: longer than the cooldown. */
  private static final int EVERY_SECONDS = 6;

  private static final long LAST_ANSWERS_MS = 15_000;

  /**
   * @param calm without, {@code flooded} with the bots, a round each
   */
  record Figures(
      double honestRate, double botRate, List<HonestRound> calm, List<HonestRound> flooded) {}

  /**
   * @param succeeded share of all that were due
   */
  record HonestRound(double succeeded, double p99Ms) {}

  private FloodBench() {}

  static Figures run(Path directory, Size size, Consumer<String> progress) {
    int bots = size.connections();
    double honestRate = size.connections() / 5.0;
    int shoppers = (int) (honestRate * EVERY_SECONDS);
    List<HonestRound> calm = new ArrayList<>();
    List<HonestRound> flooded = new ArrayList<>();
    double botRate = 0;
    try (BenchShop shop = new BenchShop(directory, 2 * bots + shoppers + 1_000);
        HonestCrowd honest = new HonestCrowd(shop.port(), shoppers)) {
      for (int round = 0; round <= size.rounds(); round++) {
        String item = shop.openItem(COOLDOWN_MS);
        HonestRound without = honest.shake(item, honestRate, size.roundMs());
        Pause.ms(size.roundMs() > 1_000 ? COOLDOWN_MS : 0);
        String next = shop.openItem(COOLDOWN_MS);
        try (Bots flood = new Bots(shop.port(), bots, next, honestRate * BOT_FRAMES_FOR_ONE)) {
          flood.awaitSent(bots / 2);
          HonestRound with = honest.shake(next, honestRate, size.roundMs());
          botRate = flood.rate();
          progress.accept(
              "  %.0f/s honest: %.2f %% in %.0f ms; beside %,.0f bot frames/s: %.2f %% in %.0f ms"
                  .formatted(
                      honestRate,
                      without.succeeded * 100,
                      without.p99Ms,
                      botRate,
                      with.succeeded * 100,
                      with.p99Ms));
          if (round > 0) { // the first warms up
            calm.add(without);
            flooded.add(with);
          }
        }
      }
    }
    return new Figures(honestRate, botRate, calm, flooded);
  }

  /** Open model: who is due shakes, whatever came of the one before. */
  private static final class HonestCrowd implements AutoCloseable {
    private final RawSockets sockets = new RawSockets("honest", this::tick);
    private final List<HonestShopper> shoppers = new ArrayList<>();
    private HonestPlay play = HonestPlay.NONE;
    private CompletableFuture<HonestRound> done = new CompletableFuture<>();

    HonestCrowd(int port, int size) {
      Tokens tokens = new Tokens(BenchShop.SECRET);
      CompletableFuture<Void> open = new CompletableFuture<>();
      sockets.execute(
          () -> {
            for (int i = 0; i < size; i++) {
              String token = tokens.shopper("honest-" + i, Instant.now().plusSeconds(3_600));
              shoppers.add(new HonestShopper(sockets, i, port, token));
            }
            open.complete(null);
          });
      open.orTimeout(60, TimeUnit.SECONDS).join();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!shoppers.stream().allMatch(HonestShopper::isIn)) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("the honest crowd is not in");
        }
        Pause.ms(20);
      }
    }

    HonestRound shake(String item, double aSecond, int lengthMs) {
      CompletableFuture<HonestRound> over = new CompletableFuture<>();
      sockets.execute(
          () -> {
            done = over;
            play = new HonestPlay(item, aSecond, lengthMs);
          });
      return over.orTimeout(lengthMs + 2 * LAST_ANSWERS_MS, TimeUnit.MILLISECONDS).join();
    }

    private void tick() {
      long now = System.nanoTime();
      while (play.isDue(now)) {
        shoppers.get((int) (play.sent % shoppers.size())).begin(play, play.next());
      }
      shoppers.forEach(shopper -> shopper.tick(now));
      boolean late = now > play.endNanos + LAST_ANSWERS_MS * 1_000_000;
      if (now > play.endNanos && play.sent > 0 && (late || play.ended == play.sent)) {
        done.complete(play.round());
        play = HonestPlay.NONE;
      }
    }

    @Override
    public void close() {
      sockets.close();
    }
  }
}
