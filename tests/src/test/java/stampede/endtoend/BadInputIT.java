package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stampede.rig.AdminWire;
import stampede.rig.RunningShop;
import stampede.rig.WireHttp;
import stampede.rig.WireSocket;
import stampede.rig.WireTokens;

/**
 * Whatever is said to a shop: the answer names what is wrong, the connection goes on, others do not
 * notice.
 */
class BadInputIT {
  private static final String JSON = "application/json";

  @TempDir static Path directory;
  private static RunningShop shop;
  private static String item;
  private static int users;

  @BeforeAll
  static void start() {
    shop = RunningShop.start(directory);
    item = shop.openItem(1_000, JsonObject.of("limitPerUser", 5));
  }

  @AfterAll
  static void stop() {
    shop.close();
  }

  @AfterEach
  void othersDoNotNotice() {
    WireHttp.Answer answer = shop.shake(token(newUser()), item, "good", 1);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    UpIT.expectQuiet(shop.process());
  }

  // ---- frames

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"shake\",                                     | frame",
        "not json                                                 | frame",
        "``                                                       | frame",
        "[1]                                                      | frame",
        "\"shake\"                                                | frame",
        "null                                                     | frame",
        "{\"type\":\"ping\"}{}                                    | frame",
        "{}                                                       | type",
        "{\"type\":7}                                             | type",
        "{\"type\":\"buy\"}                                       | type",
        "{\"type\":\"shake\",\"item\":\"1\",\"quantity\":1}       | key",
        "{\"type\":\"shake\",\"key\":\"k\",\"quantity\":1}        | item",
        "{\"type\":\"result\",\"item\":\"1\"}                     | key",
        "{\"type\":\"result\",\"key\":\"k\"}                      | item",
        "{\"type\":\"watch\"}                                     | items",
        "{\"type\":\"watch\",\"items\":\"1\"}                     | items",
        "{\"type\":\"watch\",\"items\":[1]}                       | items",
        "{\"type\":\"watch\",\"items\":[\"x\"]}                   | items",
        "{\"type\":\"shake\",\"key\":\"\",\"item\":\"1\",\"quantity\":1}        | key",
        "{\"type\":\"shake\",\"key\":\"a b\",\"item\":\"1\",\"quantity\":1}     | key",
        "{\"type\":\"shake\",\"key\":\"schlüssel\",\"item\":\"1\",\"quantity\":1} | key",
        "{\"type\":\"shake\",\"key\":null,\"item\":\"1\",\"quantity\":1}        | key",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":\"abc\",\"quantity\":1}     | item",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":\"-1\",\"quantity\":1}      | item",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":\"0\",\"quantity\":1}       | item",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":\"1.5\",\"quantity\":1}     | item",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":1,\"quantity\":1}           | item",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":\"123456789012345678901234567890\",\"quantity\":1} | item",
        "{\"type\":\"shake\",\"key\":\"k\",\"key\":\"l\",\"item\":\"1\",\"quantity\":1}  | frame",
      })
  void badFramesAreNamedAndTheSocketGoesOn(String frame, String field) {
    expectBadFrame(frame, field);
  }

  @Test
  void longKeysAndLongListsAreNamed() {
    expectBadFrame(shake("k".repeat(65), item, 1).encode(), "key");
    JsonArray many = new JsonArray(IntStream.rangeClosed(1, 65).mapToObj(i -> "" + i).toList());
    expectBadFrame(JsonObject.of("type", "watch", "items", many).encode(), "items");
  }

  private static void expectBadFrame(String frame, String field) {
    try (WireSocket socket = shop.socket(token(newUser()))) {
      socket.await("welcome");
      socket.send(frame);
      JsonObject error = socket.await("error");
      assertThat(error.getString("code")).isEqualTo("bad_frame");
      assertThat(error.getString("detail")).startsWith(field + " ");
      expectGoesOn(socket);
    }
  }

  private static void expectGoesOn(WireSocket socket) {
    socket.send(JsonObject.of("type", "ping"));
    assertThat(socket.await("pong").getLong("now")).isPositive();
  }

  @Test
  void badQuantitiesAreInvalidShakesAndNotBadFrames() {
    try (WireSocket socket = shop.socket(token(newUser()))) {
      List<String> quantities =
          List.of("0", "-1", "1.5", "1.0", "\"1\"", "1000000000", "99999999999", "null", "[1]", "");
      for (int i = 0; i < quantities.size(); i++) {
        String member = quantities.get(i).isEmpty() ? "" : ",\"quantity\":" + quantities.get(i);
        String key = "q-" + i;
        socket.send(
            "{\"type\":\"shake\",\"key\":\"" + key + "\",\"item\":\"" + item + "\"" + member + "}");
        JsonObject outcome = socket.await("outcome");
        assertThat(outcome.getString("key")).isEqualTo(key);
        assertThat(outcome.getString("outcome")).isEqualTo("invalid");
        assertThat(outcome.getString("detail")).as(member).startsWith("quantity ");
      }
      expectGoesOn(socket);
      socket.send(shake("q-0", item, 1));
      assertThat(socket.await("outcome").getString("outcome")).isEqualTo("accepted");
    }
  }

  @Test
  void anUnknownItemIsTheOwnersWord() {
    try (WireSocket socket = shop.socket(token(newUser()))) {
      socket.send(shake("k-1", "999999", 1));
      JsonObject outcome = socket.await("outcome");
      assertThat(outcome.getString("outcome")).isEqualTo("invalid");
      assertThat(outcome.getString("code")).isEqualTo("unknown_item");
      expectGoesOn(socket);
    }
  }

  @Test
  void deepAndLargeFramesAreBounded() {
    try (WireSocket socket = shop.socket(token(newUser()))) {
      socket.send("{\"x\":" + "[".repeat(2_000) + "]".repeat(2_000) + ",\"type\":\"ping\"}");
      JsonObject answer = socket.await(f -> !"welcome".equals(f.getString("type")));
      assertThat(answer.getString("type")).isIn("error", "pong");
      expectGoesOn(socket);
      socket.send("{\"type\":\"ping\",\"x\":\"" + "x".repeat(5_000) + "\"}");
      assertThat(socket.awaitClose(5_000)).isEqualTo(1009);
    }
  }

  @Test
  void textThatIsNoUtf8IsABadFrame() {
    try (WireSocket socket = shop.socket(token(newUser()))) {
      socket.await("welcome");
      socket.send(WireSocket.TEXT, new byte[] {'{', '"', (byte) 0xc3, (byte) 0x28, '"', '}'});
      assertThat(socket.await("error").getString("detail")).startsWith("frame ");
      expectGoesOn(socket);
    }
  }

  @Test
  void theThirdBadFrameEndsTheSocketBinaryOnesCounted() {
    try (WireSocket socket = shop.socket(token(newUser()))) {
      socket.send(WireSocket.BINARY, new byte[] {1, 2, 3});
      assertThat(socket.await("error").getString("detail")).startsWith("frame ");
      socket.send("{}");
      socket.await("error");
      expectGoesOn(socket);
      socket.send("{}");
      assertThat(socket.awaitClose(5_000)).isEqualTo(1008);
    }
  }

  // ---- who asks

  @Test
  void badTokensAreRefusedBeforeTheUpgradeAndOverHttp() {
    String secret = shop.secret("STAMPEDE_JWT_SECRET");
    long past = WireTokens.nowSeconds() - 5;
    Map<String, String> tokens = new TreeMap<>();
    tokens.put("none", "");
    tokens.put("garbage", "a.b.c");
    tokens.put("bad signature", WireTokens.shopper("x".repeat(32), "eve"));
    tokens.put("cut signature", token("eve").replaceFirst(".$", ""));
    tokens.put("expired", WireTokens.sign(claims().put("exp", past), secret));
    tokens.put("alg none", WireTokens.unsigned(claims()));
    tokens.put("foreign audience", WireTokens.sign(claims().put("aud", "shop"), secret));
    JsonObject noEnd = claims();
    noEnd.remove("exp");
    tokens.put("no exp", WireTokens.sign(noEnd, secret));
    tokens.put("exp as text", WireTokens.sign(claims().put("exp", "9999999999"), secret));
    tokens.put("sub empty", WireTokens.sign(claims().put("sub", ""), secret));
    tokens.put("sub 65 bytes", WireTokens.sign(claims().put("sub", "é".repeat(32) + "x"), secret));
    tokens.put("sub a number", WireTokens.sign(claims().put("sub", 7), secret));
    tokens.put(
        "operator's", WireTokens.operator(shop.secret("STAMPEDE_ADMIN_SECRET"), "o", "admin"));
    tokens.forEach(BadInputIT::expectUnauthorized);
  }

  private static JsonObject claims() {
    return WireTokens.shopperClaims("eve");
  }

  private static void expectUnauthorized(String what, String token) {
    Map<String, String> headers =
        token.isEmpty() ? Map.of() : Map.of("authorization", "Bearer " + token);
    expectRefused(what, shop.httpPort(), "/shake", headers, 401);
    WireHttp.Answer answer = WireHttp.once(shop.httpPort(), "GET", "/api/v1/orders", headers, "");
    assertThat(answer.status()).as(what).isEqualTo(401);
    assertThat(answer.headers().get("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.code()).isEqualTo("unauthorized");
    assertThat(answer.json().getString("requestId")).isNotEmpty();
  }

  private static void expectRefused(
      String what, int port, String path, Map<String, String> headers, int status) {
    assertThatThrownBy(() -> WireSocket.open(port, path, headers).close())
        .as(what)
        .isInstanceOfSatisfying(
            WireSocket.Refused.class,
            refused -> assertThat(refused.answer.status()).as(what).isEqualTo(status));
  }

  @Test
  void pagesOfOtherOriginsAreRefused() {
    Map<String, String> headers = RunningShop.shakeHeaders(token(newUser()));
    headers.put("origin", "https://evil.example");
    expectRefused("foreign", shop.httpPort(), "/shake", headers, 403);
    Map<String, String> operator =
        new TreeMap<>(Map.of("origin", "https://evil.example", "authorization", "Bearer x"));
    expectRefused("foreign", shop.managementPort(), "/eventbus/websocket", operator, 403);
  }

  @Test
  void theAdminSocketIsForOperatorsAndNotOnThePublicPort() {
    Map<String, String> shopper = Map.of("authorization", "Bearer " + token(newUser()));
    expectRefused("none", shop.managementPort(), "/eventbus/websocket", Map.of(), 401);
    expectRefused("shopper", shop.managementPort(), "/eventbus/websocket", shopper, 401);
    JsonObject odd = claims().put("aud", "stampede-admin").put("exp", "soon");
    String token = WireTokens.sign(odd, shop.secret("STAMPEDE_ADMIN_SECRET"));
    Map<String, String> operator = Map.of("authorization", "Bearer " + token);
    expectRefused("odd", shop.managementPort(), "/eventbus/websocket", operator, 401);
    for (String path :
        List.of("/health", "/health/live", "/health/ready", "/eventbus/websocket", "/metrics")) {
      assertThat(http("GET", path, Map.of(), "").status()).as(path).isEqualTo(404);
    }
  }

  // ---- HTTP

  @Test
  void badShakesOverHttpAreNamedAndTheConnectionGoesOn() {
    String token = token(newUser());
    String path = "/api/v1/items/" + item + "/shakes";
    try (WireHttp http = new WireHttp(shop.httpPort())) {
      for (String quantity : List.of("0", "-1", "1.5", "\"1\"", "1000000000", "null")) {
        Map<String, String> headers = RunningShop.shakeHttpHeaders(token, "k-1");
        expectProblem(
            http.send("POST", path, headers, "{\"quantity\":" + quantity + "}"), 400, "quantity");
      }
      for (String body : List.of("{}", "", "[]", "{\"quantity\":1", "nonsense")) {
        Map<String, String> headers = RunningShop.shakeHttpHeaders(token, "k-1");
        expectProblem(
            http.send("POST", path, headers, body), 400, body.equals("{}") ? "quantity" : "body");
      }
      for (String key : List.of("", "k".repeat(65), "a b", "schlüssel", "\"\"")) {
        Map<String, String> headers = RunningShop.shakeHttpHeaders(token, key);
        expectProblem(http.send("POST", path, headers, "{\"quantity\":1}"), 400, "key");
      }
      expectOwnHeadersCount(http, token, path);
    }
  }

  private static void expectOwnHeadersCount(WireHttp http, String token, String path) {
    Map<String, String> headers = RunningShop.shakeHttpHeaders(token, "k-1");
    headers.remove("idempotency-key");
    WireHttp.Answer noKey = http.send("POST", path, headers, "{\"quantity\":1}");
    assertThat(noKey.status()).isEqualTo(400);
    assertThat(noKey.json().getString("detail")).contains("Idempotency-Key");
    headers = RunningShop.shakeHttpHeaders(token, "k-1");
    headers.put("content-type", "text/plain");
    assertThat(http.send("POST", path, headers, "{\"quantity\":1}").status()).isEqualTo(415);

    headers = RunningShop.shakeHttpHeaders(token, "\"k-1\"");
    WireHttp.Answer quoted = http.send("POST", path, headers, "{\"quantity\":1}");
    assertThat(quoted.status()).isEqualTo(201);
    assertThat(quoted.json().getString("key")).isEqualTo("k-1");
    WireHttp.Answer other =
        http.send("POST", path, RunningShop.shakeHttpHeaders(token, "k-1"), "{\"quantity\":2}");
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.code()).isEqualTo("key_reused");
  }

  private static void expectProblem(WireHttp.Answer answer, int status, String field) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().get("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.json().getString("detail")).startsWith(field + " ");
  }

  @Test
  void pathsMethodsAndSizesHaveTheirStatus() {
    Map<String, String> headers = RunningShop.shakeHttpHeaders(token(newUser()), "k-1");
    String path = "/api/v1/items/" + item + "/shakes";
    String large = "{\"quantity\":1,\"x\":\"" + "x".repeat(9 * 1_024) + "\"}";
    assertThat(http("POST", path, headers, large).status()).isEqualTo(413);
    assertThat(http("GET", "/api/v1/nothing", headers, "").status()).isEqualTo(404);
    assertThat(http("PUT", path, headers, "{\"quantity\":1}").status()).isEqualTo(405);
    assertThat(http("DELETE", "/api/v1/orders", headers, "").status()).isEqualTo(405);
    for (String id : List.of("abc", "-1", "123456789012345678901234567890", "999999")) {
      WireHttp.Answer answer =
          http("POST", "/api/v1/items/" + id + "/shakes", headers, "{\"quantity\":1}");
      assertThat(answer.status()).as(id + answer.body()).isEqualTo(404);
      assertThat(answer.code()).isEqualTo("unknown_item");
      assertThat(http("GET", "/api/v1/items/" + id, headers, "").status()).isEqualTo(404);
      assertThat(http("GET", "/api/v1/orders/" + id, headers, "").status()).isEqualTo(404);
    }
    assertThat(http("GET", path + "/never-sent", headers, "").status()).isEqualTo(404);
    assertThat(http("GET", path + "/a%20b", headers, "").status()).isEqualTo(400);
  }

  @Test
  void anOrderIsItsOwnersOnly() {
    String token = token(newUser());
    String order = shop.shake(token, item, "mine", 1).json().getString("order");
    String stranger = token(newUser());
    assertThat(shop.get("/api/v1/orders/" + order, token).status()).isEqualTo(200);
    assertThat(shop.get("/api/v1/orders/" + order, stranger).status()).isEqualTo(404);
    assertThat(shop.post("/api/v1/orders/" + order + "/cancel", stranger).status()).isEqualTo(404);
    assertThat(shop.get("/api/v1/orders", stranger).json().getJsonArray("orders")).isEmpty();
  }

  @Test
  void paymentsAreBelievedOnlyWhenTheyAreGenuineAndRight() {
    String token = token(newUser());
    String order = shop.shake(token, item, "pay", 2).json().getString("order");
    String secret = shop.secret("STAMPEDE_PAYMENT_SECRET");
    String body = payment(order, "p-" + order, 200, "CNY");
    long now = WireTokens.nowSeconds();

    String forger = "whsec_" + "QUFB".repeat(11);
    assertThat(shop.callBack(body, "m", now, forger).status()).isEqualTo(401);
    assertThat(shop.callBack(body, "m", now - 400, secret).status()).isEqualTo(401);
    assertThat(http("POST", "/api/v1/payments", Map.of("content-type", JSON), body).status())
        .isEqualTo(401);
    expectFault(payment(order, "p-" + order, 100, "CNY"), 422, "amount_mismatch");
    expectFault(payment(order, "p-" + order, 200, "USD"), 422, "currency_mismatch");
    expectFault(payment("12345", "p-1", 200, "CNY"), 404, "unknown_order");
    expectFault(payment("x", "p-1", 200, "CNY"), 400, "invalid");
    expectFault("[]", 400, "invalid");
    assertThat(shop.get("/api/v1/orders/" + order, token).json().getString("status"))
        .isEqualTo("held");

    for (int i = 0; i < 2; i++) {
      WireHttp.Answer paid = shop.callBack(body, "m", now, secret);
      assertThat(paid.status()).as(paid.body()).isEqualTo(200);
      assertThat(paid.json().getString("status")).isEqualTo("paid");
    }
    WireHttp.Answer second = shop.pay(order, "q-" + order, 200, "CNY");
    assertThat(second.json().getString("status")).isEqualTo("extra_payment");
  }

  private static String payment(String order, String payment, int amount, String currency) {
    return JsonObject.of("order", order, "payment", payment, "amount", amount, "currency", currency)
        .encode();
  }

  private static void expectFault(String body, int status, String code) {
    String secret = shop.secret("STAMPEDE_PAYMENT_SECRET");
    WireHttp.Answer answer = shop.callBack(body, "m", WireTokens.nowSeconds(), secret);
    assertThat(answer.status()).as(body + answer.body()).isEqualTo(status);
    assertThat(answer.code()).isEqualTo(code);
  }

  // ---- bytes

  @Test
  void usersAndKeysThatLookAlikeStayDifferentDownToTheBooks() {
    List<String> names =
        List.of("ann", "Ann", "ann ", " ann", "ánn", "a\u0301nn", "ann\0", "ann\0\0");
    List<String> keys = List.of("k-1", "K-1");
    List<String> expected = new ArrayList<>();
    List<String> orders = new ArrayList<>();
    for (String name : names) {
      String token = token(name);
      for (String key : keys) {
        WireHttp.Answer answer = shop.shake(token, item, key, 1);
        assertThat(answer.status()).as(name + answer.body()).isEqualTo(201);
        orders.add(answer.json().getString("order"));
        expected.add(hex(name) + " " + hex(key));
      }
    }
    assertThat(orders).doesNotHaveDuplicates();
    expectInBooks(orders, expected);
    try (WireSocket socket = shop.socket(token("ann\0"))) {
      assertThat(socket.await("welcome").getString("user")).isEqualTo("ann\0");
    }
    Awaitility.await()
        .atMost(10, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThat(shop.get("/api/v1/orders", token("ann ")).json().getJsonArray("orders"))
                    .hasSize(2));
  }

  private static void expectInBooks(List<String> orders, List<String> expected) {
    String sql =
        "SELECT CONCAT(HEX(user_id), ' ', HEX(shake_key)) FROM sale_order WHERE order_id IN ("
            + String.join(",", orders)
            + ")";
    try (ShopBooks books = new ShopBooks(shop.mysqlUrl())) {
      Awaitility.await()
          .atMost(10, TimeUnit.SECONDS)
          .untilAsserted(
              () -> assertThat(books.column(sql)).containsExactlyInAnyOrderElementsOf(expected));
    }
  }

  private static String hex(String text) {
    return HexFormat.of().withUpperCase().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  // ---- operators

  @Test
  void badAdminBodiesNameTheField() {
    try (AdminWire admin = shop.admin("op", "admin")) {
      expectField(admin, "admin.item.get", new JsonObject(), "item");
      expectField(admin, "admin.item.get", JsonObject.of("item", 1), "item");
      expectField(admin, "admin.item.stock", JsonObject.of("item", item, "add", 0), "add");
      expectField(admin, "admin.item.gate", JsonObject.of("item", item, "gate", 2), "gate");
      expectField(admin, "admin.item.cooldown", JsonObject.of("item", item), "cooldownMs");
      expectField(admin, "admin.limits.set", JsonObject.of("limit", "none", "value", 1), "limit");
      expectField(
          admin, "admin.limits.set", JsonObject.of("limit", "userBurst", "value", 0), "value");
      expectField(admin, "admin.user.block", JsonObject.of("user", ""), "user");
      expectField(admin, "admin.session.create", JsonObject.of("opensAt", 1), "closesAt");
      expectField(admin, "admin.drain.retry", JsonObject.of("partition", 99), "partition");
      JsonObject longReason = JsonObject.of("item", item, "reason", "x".repeat(501));
      expectField(admin, "admin.item.pause", longReason, "reason");
    }
  }

  private static void expectField(AdminWire admin, String address, JsonObject body, String field) {
    JsonObject error = admin.send(address, body).getJsonObject("error");
    assertThat(error).as(address + body).isNotNull();
    assertThat(error.getString("code")).isEqualTo("invalid");
    assertThat(error.getString("detail")).startsWith(field + " ");
  }

  private static WireHttp.Answer http(
      String method, String path, Map<String, String> headers, String body) {
    return WireHttp.once(shop.httpPort(), method, path, headers, body);
  }

  private static JsonObject shake(String key, String of, int quantity) {
    return JsonObject.of("type", "shake", "key", key, "item", of, "quantity", quantity);
  }

  private static synchronized String newUser() {
    return "user-" + ++users;
  }

  private static String token(String user) {
    return WireTokens.shopper(shop.secret("STAMPEDE_JWT_SECRET"), user);
  }
}
