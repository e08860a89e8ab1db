package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.RunningShop;
import stampede.rig.WireHttp;
import stampede.rig.WireSocket;
import stampede.rig.WireTokens;
import stampede.standalone.CommandRun;

/** Sessions in which devices shake and the winner signs in later: one shop, over the wire. */
class ClaimIT {
  private static final long SILENT_MS = 1_500;

  @TempDir static Path directory;
  private static RunningShop shop;

  @BeforeAll
  static void start() {
    shop = RunningShop.start(directory);
  }

  /** Whatever the tests did, journal, orders, claims and stock agree. */
  @AfterAll
  static void booksAgree() {
    try (RunningShop ended = shop) {
      Awaitility.await()
          .atMost(30, TimeUnit.SECONDS)
          .untilAsserted(
              () -> {
                CommandRun run = CommandRun.of("reconcile", "--data", ended.data().toString());
                assertThat(run.exitCode()).as(run.output()).isZero();
              });
    }
  }

  private static final class Device {
    final String id;
    final String token;

    Device() {
      WireHttp.Answer made =
          WireHttp.once(shop.httpPort(), "POST", "/api/v1/devices", Map.of(), "");
      assertThat(made.status()).as(made.body()).isEqualTo(200);
      id = made.json().getString("device");
      token = made.json().getString("token");
    }

    JsonObject wins(String item, String key) {
      WireHttp.Answer won = shop.shake(token, item, key, 1);
      assertThat(won.status()).as(won.body()).isEqualTo(201);
      return won.json();
    }

    /** By a ticket, as a browser does it. */
    WireSocket socket() throws WireSocket.Refused {
      String ticket = shop.post("/api/v1/tickets", token).json().getString("ticket");
      return WireSocket.open(
          shop.httpPort(), "/shake?ticket=" + ticket, Map.of("sec-websocket-protocol", "shake.v1"));
    }
  }

  private static String itemToClaim(int stock, int seconds, JsonObject members) {
    JsonObject session = JsonObject.of("login", "after", "claimWithinSeconds", seconds);
    return shop.openItem(stock, System.currentTimeMillis() - 1_000, session, members);
  }

  private static WireHttp.Answer claim(String order, String token, String deviceToken) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("authorization", "Bearer " + token);
    headers.put("content-type", "application/json");
    String body = JsonObject.of("device", deviceToken).encode();
    String path = "/api/v1/orders/" + order + "/claim";
    return WireHttp.once(shop.httpPort(), "POST", path, headers, body);
  }

  private static void refused(WireHttp.Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.code()).as(answer.body()).isEqualTo(code);
  }

  @Test
  void aDeviceShakesOnlyWhereOneSignsInLater() throws WireSocket.Refused {
    String forUsers = shop.openItem(5, new JsonObject());
    String forDevices = itemToClaim(5, 60, new JsonObject());
    Device device = new Device();

    refused(shop.shake(device.token, forUsers, "k-1", 1), 401, "login_required");
    try (WireSocket socket = device.socket()) {
      assertThat(socket.await("welcome").getString("user")).isEqualTo(device.id);
      socket.send(JsonObject.of("type", "shake", "key", "k-2", "item", forUsers, "quantity", 1));
      JsonObject no = socket.await("outcome");
      assertThat(no.getString("outcome")).isEqualTo("invalid");
      assertThat(no.getString("code")).isEqualTo("login_required");
      socket.send(JsonObject.of("type", "shake", "key", "k-3", "item", forDevices, "quantity", 1));
      JsonObject yes = socket.await("outcome");
      assertThat(yes.getString("outcome")).isEqualTo("accepted");
      assertThat(yes.getLong("claimBy")).isEqualTo(yes.getLong("at") + 60_000);
    }
    WireHttp.Answer page = shop.get("/api/v1/items/" + forDevices, device.token);
    assertThat(page.json().getString("login")).isEqualTo("after");
    assertThat(page.json().getInteger("claimWithinSeconds")).isEqualTo(60);
    assertThat(shop.shake(shop.login("ann"), forDevices, "k-4", 1).json().getLong("claimBy"))
        .isNull();
  }

  @Test
  void aShopsTokenNamesNoDevice() {
    Device device = new Device();
    String secret = shop.secret("STAMPEDE_JWT_SECRET");

    refused(
        shop.get("/api/v1/orders", WireTokens.shopper(secret, device.id)), 401, "device_subject");
    JsonObject claims = WireTokens.shopperClaims(device.id).put("aud", "stampede-device");
    JsonObject header = JsonObject.of("alg", "HS256", "kid", "stampede-device");
    refused(
        shop.get("/api/v1/orders", WireTokens.sign(header, claims, secret)), 401, "unauthorized");
  }

  @Test
  void theWinnerSignsInAndHasTheOrderAsTheDeviceHas() throws WireSocket.Refused {
    String item = itemToClaim(3, 60, new JsonObject());
    Device device = new Device();
    String ann = shop.login("ann-2");
    String bob = shop.login("bob-2");
    String order = device.wins(item, "k-1").getString("order");

    refused(claim(order, "none", device.token), 401, "unauthorized");
    refused(claim(order, device.token, device.token), 401, "login_required");
    refused(claim(order, ann, ann), 401, "bad_device");
    refused(claim(order, ann, new Device().token), 404, "unknown_order");
    assertThat(shop.get("/api/v1/orders/" + order, ann).status()).isEqualTo(404);

    try (WireSocket ofDevice = device.socket();
        WireSocket ofAnn = shop.socket(ann);
        WireSocket ofBob = shop.socket(bob)) {
      WireHttp.Answer claimed = claim(order, ann, device.token);
      assertThat(claimed.status()).as(claimed.body()).isEqualTo(200);
      assertThat(claimed.json().getString("status")).isEqualTo("held");
      assertThat(claimed.body()).doesNotContain("ann-2", device.id);
      assertThat(claim(order, ann, device.token).status()).isEqualTo(200);
      refused(claim(order, bob, device.token), 409, "already_claimed");

      refused(
          shop.post("/api/v1/orders/" + order + "/cancel", device.token), 409, "already_claimed");
      expectSeenByBoth(device, ann, bob, item, order);
      expectLimitCounts(ann, item, order);

      assertThat(shop.pay(order, "pay-" + order, 100, "CNY").json().getString("status"))
          .isEqualTo("paid");
      assertThat(ofDevice.await("order").getString("order")).isEqualTo(order);
      assertThat(ofAnn.await("order").getString("order")).isEqualTo(order);
      assertThat(ofBob.poll(frame -> "order".equals(frame.getString("type")), SILENT_MS)).isNull();
    }
    expectRows(order, device.id, "ann-2");
  }

  private static void expectSeenByBoth(
      Device device, String ann, String bob, String item, String order) {
    String path = "/api/v1/orders/" + order;
    String byKey = "/api/v1/items/" + item + "/shakes/k-1";
    for (String who : new String[] {device.token, ann}) {
      assertThat(shop.get(path, who).json().getString("order")).isEqualTo(order);
      assertThat(shop.get(byKey, who).json().getString("order")).isEqualTo(order);
      assertThat(shop.get(path, who).body()).doesNotContain("ann-2", device.id);
      Awaitility.await()
          .atMost(10, TimeUnit.SECONDS)
          .until(() -> shop.get("/api/v1/orders", who).body().contains("\"" + order + "\""));
    }
    refused(shop.get(path, bob), 404, "unknown_order");
    assertThat(shop.get(byKey, bob).json().getString("outcome")).isEqualTo("unknown");
    assertThat(shop.get("/api/v1/orders", bob).body()).doesNotContain(order);
  }

  /** A user's limit of one, by a shake as by another claim. */
  private static void expectLimitCounts(String ann, String item, String order) {
    WireHttp.Answer own = shop.shake(ann, item, "k-2", 1);
    refused(own, 409, "limit_reached");
    assertThat(own.json().getJsonArray("orders")).containsExactly(order);
    assertThat(shop.shake(ann, item, "k-1", 1).json().getString("order")).isEqualTo(order);
    Device second = new Device();
    String more = second.wins(item, "k-1").getString("order");
    refused(claim(more, ann, second.token), 409, "limit_reached");
  }

  private static void expectRows(String order, String device, String user) {
    try (ShopBooks books = new ShopBooks(shop.mysqlUrl())) {
      String row =
          "SELECT CONCAT_WS(' ', user_id, claimed_by, status) FROM sale_order WHERE order_id = ";
      Awaitility.await()
          .atMost(10, TimeUnit.SECONDS)
          .untilAsserted(
              () ->
                  assertThat(books.column(row + order))
                      .containsExactly(device + " " + user + " paid"));
      assertThat(
              books.column(
                  "SELECT CAST(claimed_by AS CHAR) FROM sale_claim WHERE order_id = " + order))
          .containsExactly(user);
    }
  }

  @Test
  void whatNobodyClaimsIsSoldAgain() throws WireSocket.Refused {
    String item = itemToClaim(1, 1, new JsonObject());
    Device late = new Device();
    Device next = new Device();
    String cid = shop.login("cid");

    try (WireSocket socket = late.socket()) {
      String order = late.wins(item, "k-1").getString("order");
      refused(shop.shake(next.token, item, "k-1", 1), 409, "sold_out");

      JsonObject news = socket.await("order");
      assertThat(news.getString("order")).isEqualTo(order);
      assertThat(news.getString("status")).isEqualTo("released");
      JsonObject released = shop.get("/api/v1/orders/" + order, late.token).json();
      assertThat(released.getString("releaseReason")).isEqualTo("unclaimed");
      assertThat(released.getLong("releasedAt"))
          .isBetween(released.getLong("claimBy") + 1_000, released.getLong("claimBy") + 3_000);
      refused(claim(order, cid, late.token), 409, "order_released");
      assertThat(shop.pay(order, "pay-" + order, 100, "CNY").json().getString("status"))
          .isEqualTo("late_payment");
    }
    String again = next.wins(item, "k-1").getString("order");
    assertThat(claim(again, cid, next.token).status()).isEqualTo(200);
  }

  @Test
  void moneyThatCameBeforeTheClaimKeepsTheOrder() throws InterruptedException {
    String item = itemToClaim(1, 1, new JsonObject());
    Device device = new Device();
    String order = device.wins(item, "k-1").getString("order");

    assertThat(shop.pay(order, "pay-" + order, 100, "CNY").json().getString("status"))
        .isEqualTo("paid");
    Thread.sleep(3_000); // beyond the time to claim

    assertThat(shop.get("/api/v1/orders/" + order, device.token).json().getString("status"))
        .isEqualTo("paid");
    WireHttp.Answer claimed = claim(order, shop.login("dan"), device.token);
    assertThat(claimed.status()).as(claimed.body()).isEqualTo(200);
    assertThat(claimed.json().getString("status")).isEqualTo("paid");
  }
}
