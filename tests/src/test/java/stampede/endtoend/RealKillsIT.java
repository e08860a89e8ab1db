package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.RunningShop;
import stampede.rig.StampedeProcess;
import stampede.rig.WireTokens;
import stampede.standalone.crowd.Crowd;
import stampede.standalone.crowd.CrowdPlan;
import stampede.standalone.crowd.CrowdReport;
import stampede.standalone.verdict.Verdict;

/**
 * {@code kill -9} of a shop under load, of its Redis and of its MariaDB in turn: what the crowd was
 * told is what is in the books. {@code -Dstampede.kills=N} kills N times, {@code -Pkills} twelve.
 */
@Timeout(600)
class RealKillsIT {
  private static final int KILLS = Integer.getInteger("stampede.kills", 3);
  private static final long SEED = Long.getLong("stampede.seed", 11);
  private static final int STOCK = 250;
  private static final int USERS = 400;

  /** A kill and the way back, with a machine to share. */
  private static final int SECONDS_A_KILL = 6;

  @TempDir Path directory;
  private final int http = StampedeProcess.freePort();
  private final int management = StampedeProcess.freePort();

  @Test
  void theBooksBalanceWhateverIsKilled() {
    RunningShop shop = RunningShop.start(directory, http, management);
    try {
      String secret = shop.secret("STAMPEDE_JWT_SECRET");
      long opensAt = System.currentTimeMillis() + 3_000;
      String item = shop.openItem(STOCK, opensAt, JsonObject.of("cooldownMs", 300));
      Future<CrowdReport> crowd =
          Crowd.run(
              new CrowdPlan(
                  URI.create("http://127.0.0.1:" + http),
                  item,
                  USERS,
                  10 + KILLS * SECONDS_A_KILL,
                  SEED,
                  opensAt),
              user -> WireTokens.shopper(secret, user),
              progress -> {});
      SplittableRandom random = new SplittableRandom(SEED);
      sleep(opensAt - System.currentTimeMillis() + 50);
      for (int i = 0; i < KILLS; i++) {
        sleep(50 + random.nextInt(700));
        shop = kill(i % 3, shop);
      }

      Verdict verdict = ShopBooks.expectBalanced(shop, item, crowd);

      assertThat(verdict.accepted()).as("seed " + SEED + "\n" + verdict.toText()).isEqualTo(STOCK);
    } finally {
      shop.close();
    }
  }

  private RunningShop kill(int which, RunningShop shop) {
    return switch (which) {
      case 0 -> killServer(shop, "redis");
      case 1 -> killServer(shop, "mariadb");
      default -> {
        shop.process().kill9();
        yield RunningShop.start(directory, http, management);
      }
    };
  }

  /** The shop stays, says what happened, and has the server back. */
  private static RunningShop killServer(RunningShop shop, String server) {
    long before = StampedeProcess.serverPid(shop.data(), server);
    StampedeProcess.signal("KILL", before);
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              long now = StampedeProcess.serverPid(shop.data(), server);
              assertThat(now).isNotEqualTo(before);
              assertThat(StampedeProcess.runs(now)).isTrue();
            });
    assertThat(shop.process().isAlive()).as(shop.process().output()).isTrue();
    assertThat(shop.process().output()).contains("ALARM server.died");
    return shop;
  }

  private static void sleep(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(Math.max(0, millis));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
