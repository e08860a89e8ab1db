package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.AdminWire;
import stampede.rig.RunningShop;
import stampede.rig.StampedeProcess;
import stampede.rig.WireHttp;
import stampede.rig.WireSocket;
import stampede.rig.WireTokens;
import stampede.standalone.crowd.Crowd;
import stampede.standalone.crowd.CrowdPlan;
import stampede.standalone.crowd.CrowdReport;
import stampede.standalone.verdict.Verdict;

/** {@code stampede up}: sells, survives, stops, and says what is wrong with its surroundings. */
class UpIT {
  private static final Duration END_BOUND = Duration.ofSeconds(30);
  private static final int OPENING_STOCK = 80;
  private static final int PORTION = 20;

  @TempDir Path directory;

  @Test
  void sellsOverSocketAndHttpAndTellsWhatBecomesOfAnOrder() {
    try (RunningShop shop = RunningShop.start(directory)) {
      String item = shop.openItem(10, JsonObject.of("limitPerUser", 5));
      String ann = shop.login("ann");
      try (WireSocket socket = shop.socket(ann)) {
        assertThat(socket.await("welcome").getString("user")).isEqualTo("ann");

        String paid = shakeBySocket(socket, item, "k-1");
        String cancelled = shakeByHttp(shop, ann, item, "k-2");
        payAndHear(shop, socket, paid);
        cancelAndHear(shop, socket, ann, cancelled);

        expectOwnOrders(shop, ann, paid, cancelled);
        expectExpiryAndSaleAgain(shop, socket);
      }
    }
  }

  private static String shakeBySocket(WireSocket socket, String item, String key) {
    socket.send(JsonObject.of("type", "shake", "key", key, "item", item, "quantity", 1));
    JsonObject outcome = socket.await("outcome");
    assertThat(outcome.getString("outcome")).isEqualTo("accepted");
    assertThat(outcome.getString("status")).isEqualTo("held");
    assertThat(outcome.getString("key")).isEqualTo(key);
    return outcome.getString("order");
  }

  private static String shakeByHttp(RunningShop shop, String token, String item, String key) {
    WireHttp.Answer first = shop.shake(token, item, key, 2);
    assertThat(first.status()).as(first.body()).isEqualTo(201);
    WireHttp.Answer again = shop.shake(token, item, key, 2);
    assertThat(again.status()).as(again.body()).isEqualTo(200);
    assertThat(again.json().getString("order")).isEqualTo(first.json().getString("order"));
    return first.json().getString("order");
  }

  private static void payAndHear(RunningShop shop, WireSocket socket, String order) {
    WireHttp.Answer answer = shop.pay(order, "pay-1", 100, "CNY");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().getString("status")).isEqualTo("paid");
    expectNews(socket, order, "paid");
  }

  private static void cancelAndHear(
      RunningShop shop, WireSocket socket, String token, String order) {
    WireHttp.Answer answer = shop.post("/api/v1/orders/" + order + "/cancel", token);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json()).isEqualTo(JsonObject.of("order", order, "status", "released"));
    expectNews(socket, order, "released");
  }

  private static void expectNews(WireSocket socket, String order, String status) {
    JsonObject news = socket.await("order");
    assertThat(news.getString("order")).isEqualTo(order);
    assertThat(news.getString("status")).isEqualTo(status);
    assertThat(news.getLong("at")).isPositive();
  }

  private static void expectOwnOrders(
      RunningShop shop, String token, String paid, String cancelled) {
    assertThat(shop.post("/api/v1/orders/" + paid + "/cancel", token).status()).isEqualTo(409);
    JsonObject one = shop.get("/api/v1/orders/" + paid, token).json();
    assertThat(one.getString("status")).isEqualTo("paid");
    assertThat(one.getString("payment")).isEqualTo("pay-1");
    Awaitility.await()
        .atMost(10, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              JsonArray orders = shop.get("/api/v1/orders", token).json().getJsonArray("orders");
              assertThat(orders.stream().map(o -> (JsonObject) o))
                  .extracting(o -> o.getString("order") + " " + o.getString("status"))
                  .containsExactlyInAnyOrder(paid + " paid", cancelled + " released");
            });
  }

  private static void expectExpiryAndSaleAgain(RunningShop shop, WireSocket socket) {
    String scarce = shop.openItem(1, JsonObject.of("payWithinSeconds", 2));
    String bob = shop.login("bob");
    String unpaid = shakeBySocket(socket, scarce, "k-3");
    assertThat(shop.shake(bob, scarce, "b-1", 1).status()).isEqualTo(409);

    expectNews(socket, unpaid, "released");

    WireHttp.Answer bobs = shop.shake(bob, scarce, "b-1", 1);
    assertThat(bobs.status()).as(bobs.body()).isEqualTo(201);
    WireHttp.Answer late = shop.pay(unpaid, "pay-2", 100, "CNY");
    assertThat(late.json().getString("status")).isEqualTo("late_payment");
    expectNews(socket, unpaid, "late_payment");
  }

  @Test
  void losesNothingItAcknowledgedWhenKilledThreeTimesInOneSale() {
    long seed = 7;
    int http = StampedeProcess.freePort();
    int management = StampedeProcess.freePort();
    RunningShop shop = RunningShop.start(directory, http, management);
    try {
      String secret = shop.secret("STAMPEDE_JWT_SECRET");
      long opensAt = System.currentTimeMillis() + 2_500;
      // In portions, so that units are scarce at every start and there is something to lose.
      JsonArray portions = JsonArray.of(portion(opensAt + 1_500), portion(opensAt + 6_000));
      JsonObject members = JsonObject.of("cooldownMs", 300, "releases", portions);
      String item = shop.openItem(OPENING_STOCK, opensAt, members);
      CrowdPlan plan =
          new CrowdPlan(URI.create("http://127.0.0.1:" + http), item, 300, 20, seed, opensAt);
      Future<CrowdReport> crowd =
          Crowd.run(plan, user -> WireTokens.shopper(secret, user), progress -> {});
      SplittableRandom random = new SplittableRandom(seed);
      List<Long> kills = new ArrayList<>();
      awaitHeld(shop, item, 20);
      for (int i = 0; i < 3; i++) {
        sleep(i == 0 ? 0 : 100 + random.nextInt(700));
        kills.add(System.currentTimeMillis());
        shop = killAndStartAgain(shop, http, management, i == 2);
      }
      expectBalanced(shop, item, crowd, kills);
    } finally {
      shop.close();
    }
  }

  private static void awaitHeld(RunningShop shop, String item, long units) {
    try (AdminWire admin = shop.admin("watch", "viewer")) {
      Awaitility.await()
          .pollInterval(10, TimeUnit.MILLISECONDS)
          .atMost(20, TimeUnit.SECONDS)
          .until(
              () -> admin.require("admin.item.get", JsonObject.of("item", item)).getLong("held"),
              held -> held >= units);
    }
  }

  private static JsonObject portion(long at) {
    return JsonObject.of("at", at, "units", PORTION);
  }

  private RunningShop killAndStartAgain(
      RunningShop shop, int http, int management, boolean whenChildrenAreGone) {
    Set<Long> children = shop.process().descendants();
    long redis = StampedeProcess.serverPid(shop.data(), "redis");
    long mariaDb = StampedeProcess.serverPid(shop.data(), "mariadb");
    assertThat(children).contains(redis, mariaDb);

    shop.process().kill9();
    if (whenChildrenAreGone) {
      StampedeProcess.awaitGone(children, END_BOUND);
    }
    RunningShop again = RunningShop.start(directory, http, management);

    StampedeProcess.awaitGone(children, Duration.ofSeconds(1));
    assertThat(StampedeProcess.serverPid(again.data(), "redis")).isNotEqualTo(redis);
    return again;
  }

  private static void expectBalanced(
      RunningShop shop, String item, Future<CrowdReport> crowd, List<Long> kills) {
    Verdict verdict = ShopBooks.expectBalanced(shop, item, crowd);
    assertThat(verdict.stock()).isEqualTo(OPENING_STOCK + 2 * PORTION);
    assertThat(verdict.accepted()).isEqualTo(OPENING_STOCK + 2 * PORTION);
    try (ShopBooks own = new ShopBooks(shop.mysqlUrl())) {
      expectSalesBetween(kills, own.column("SELECT accepted_at FROM sale_order"));
    }
  }

  /** Else the kills would have hit a shop with nothing to lose. */
  private static void expectSalesBetween(List<Long> kills, List<String> acceptedAt) {
    long[] sales = new long[kills.size() + 1];
    for (String at : acceptedAt) {
      sales[(int) kills.stream().filter(kill -> kill < Long.parseLong(at)).count()]++;
    }
    assertThat(Arrays.stream(sales).filter(units -> units > 0).count())
        .as("sales before, between and after the kills: " + Arrays.toString(sales))
        .isGreaterThanOrEqualTo(2);
  }

  @Test
  void stopsInOrderAndSharesItsDirectoryAndPortsWithNobody() throws IOException {
    try (RunningShop shop = RunningShop.start(directory)) {
      String token = shop.login("ann");
      try (WireSocket first = shop.socket(token);
          WireSocket second = shop.socket(shop.login("bob"))) {
        first.await("welcome");
        second.await("welcome");
        expectRefusal(
            Map.of(), List.of("--data " + shop.data(), "process " + shop.process().pid()), "data");
        expectRefusal(
            Map.of("STAMPEDE_HTTP_PORT", Integer.toString(shop.httpPort())),
            List.of("STAMPEDE_HTTP_PORT", Integer.toString(shop.httpPort()), "taken"),
            "other");
        expectStillOpen(first);

        Set<Long> children = shop.process().descendants();
        shop.process().term();

        for (WireSocket socket : List.of(first, second)) {
          assertThat(socket.awaitClose(10_000)).isEqualTo(1012);
          assertThat(socket.closeReason()).matches("retryAfterMs=[0-9]{3,5}");
        }
        assertThat(shop.process().awaitExit(END_BOUND)).isZero();
        assertThat(children.stream().filter(StampedeProcess::runs)).isEmpty();
        expectUnlocked(shop.data().resolve("lock"));
        expectQuiet(shop.process());
      }
    }
  }

  private static void expectStillOpen(WireSocket socket) {
    socket.send(JsonObject.of("type", "ping"));
    socket.await("pong");
  }

  private static void expectUnlocked(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      assertThat(lock).isNotNull();
    }
  }

  @Test
  void refusesAShortSecretByName() {
    expectRefusal(
        Map.of("STAMPEDE_JWT_SECRET", "0123456789abcdef0123456789abcde"),
        List.of("STAMPEDE_JWT_SECRET", "32 bytes", "31"),
        "data");
  }

  @Test
  void refusesAnAddressThatIsNone() {
    expectRefusal(
        Map.of("STAMPEDE_REDIS_URL", "http://127.0.0.1:1"), List.of("STAMPEDE_REDIS_URL"), "data");
    expectRefusal(
        Map.of("STAMPEDE_MYSQL_URL", "http://127.0.0.1:1"), List.of("STAMPEDE_MYSQL_URL"), "data");
  }

  @Test
  void refusesARedisThatMayForgetWhatItAcknowledged() throws Exception {
    try (RedisOfOthers redis = RedisOfOthers.start(directory, "everysec")) {
      expectRefusal(
          Map.of("STAMPEDE_REDIS_URL", redis.url()),
          List.of("appendfsync", "everysec", "always"),
          "data");
      assertThat(redis.setting("appendfsync")).isEqualTo("everysec");
    }
  }

  /** Exit code 2 within the bound, all words said, nothing of Java's. */
  private void expectRefusal(Map<String, String> environment, List<String> words, String data) {
    Path where = directory.resolve(data);
    try (StampedeProcess refused =
        StampedeProcess.start(environment, directory, "up", "--data", where.toString())) {
      assertThat(refused.awaitExit(Duration.ofSeconds(60))).as(refused.output()).isEqualTo(2);
      assertThat(refused.output()).contains(words);
      expectQuiet(refused);
    }
  }

  /** Nothing a user would take for a bug. */
  static void expectQuiet(StampedeProcess process) {
    assertThat(process.output()).doesNotContain("Exception", " ERROR ", "\tat ");
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
