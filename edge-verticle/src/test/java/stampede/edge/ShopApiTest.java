package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.OrderStatus;
import stampede.protocol.Reply;

class ShopApiTest {
  private static final long NOW_MS = 1_795_000_000_000L;
  private static final String SECRET = "a-secret-of-at-least-thirty-two-bytes";
  private static final long ORDER = ScriptedOwners.orderIn(2);
  private static final String ORDER_PATH = "/api/v1/orders/" + ORDER;
  private static final PaymentSignature SIGNATURE =
      new PaymentSignature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

  private final Vertx vertx = Vertx.vertx();
  private final ScriptedOwners owners = new ScriptedOwners();
  private final List<JsonObject> queries = new CopyOnWriteArrayList<>();
  private volatile Function<JsonObject, JsonObject> persist = query -> error("not_found");
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    VertxTimers timers = new VertxTimers(vertx);
    VertxBus bus = new VertxBus(vertx);
    bus.serve(
        Addresses.PERSIST_QUERY,
        (message, reply) -> {
          JsonObject query = new JsonObject(new String(message, StandardCharsets.UTF_8));
          queries.add(query);
          reply.succeed(persist.apply(query).encode().getBytes(StandardCharsets.UTF_8));
        });
    Router router = Router.router(vertx);
    Problem.install(router);
    router
        .get("/broken")
        .handler(
            ctx -> {
              throw new IllegalStateException("broken on purpose");
            });
    LongSupplier clock = System::currentTimeMillis;
    Shoppers shoppers = new Identity(vertx, SECRET, Set.of(), new Tickets(timers, clock), clock);
    Shoppers.TicketDesk desk =
        shopper -> new Shoppers.Ticket("t-" + shopper.user(), NOW_MS + 30_000);
    Backstage backstage = new Backstage(owners, bus, timers);
    new ShopApi(backstage, shoppers, desk, SIGNATURE, () -> NOW_MS).mount(router);
    new DevLogin(vertx, SECRET).mount(router);
    server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  // ---- orders

  @Test
  void ownOrderComesFromTheOwner() throws Exception {
    owners.script = (p, c) -> new Reply.OrderIs(9, order("u1", OrderStatus.PAID));

    HttpResponse<String> response = get(ORDER_PATH, "u1");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
    assertThat(json(response))
        .isEqualTo(
            new JsonObject()
                .put("order", Long.toString(ORDER))
                .put("item", "1001")
                .put("key", "k-1")
                .put("quantity", 2)
                .put("price", 9_900)
                .put("currency", "CNY")
                .put("status", "paid")
                .put("acceptedAt", 1_000)
                .put("payBy", 2_000)
                .put("paidAt", 1_500)
                .put("payment", "pay-1")
                .put("asOf", NOW_MS));
    assertThat(owners.asked())
        .containsExactly(new ScriptedOwners.Asked(2, new Command.FindOrder(ORDER, Bytes.of("u1"))));
    assertThat(queries).isEmpty();
  }

  @Test
  void drainedOrderComesFromTheCatalogueWhenTheOwnerNoLongerHasIt() throws Exception {
    owners.script = (p, c) -> ScriptedOwners.UNKNOWN_ORDER;
    persist =
        query ->
            new JsonObject()
                .put("asOf", 77)
                .put(
                    "order",
                    new JsonObject()
                        .put("order", Long.toString(ORDER))
                        .put("user", "u1")
                        .put("partition", 2)
                        .put("price", 0)
                        .put("paidAt", 0)
                        .put("status", "held"));

    HttpResponse<String> response = get(ORDER_PATH, "u1");

    assertThat(json(response))
        .isEqualTo(
            new JsonObject()
                .put("order", Long.toString(ORDER))
                .put("price", 0)
                .put("status", "held")
                .put("asOf", 77));
    assertThat(queries.get(0))
        .isEqualTo(
            new JsonObject()
                .put("op", "order.get")
                .put("order", Long.toString(ORDER))
                .put("user", "u1"));
  }

  @Test
  void orderOfSomebodyElseIsUnknown() throws Exception {
    owners.script = (p, c) -> ScriptedOwners.UNKNOWN_ORDER;

    expectProblem(get(ORDER_PATH, "u2"), 404, "unknown_order");
  }

  @Test
  void orderIsNotCalledUnknownWhileItsOwnerIsAway() throws Exception {
    owners.script = (p, c) -> new Owners.Busy("no_owner", 1_500);

    HttpResponse<String> response = get(ORDER_PATH, "u1");

    expectProblem(response, 503, "no_owner");
    assertThat(response.headers().firstValue("Retry-After")).hasValue("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "abc", "1.5", "007", "99999999999999999999", "1e3", "%20"})
  void badOrderIdIsNotFound(String id) throws Exception {
    expectProblem(get("/api/v1/orders/" + id, "u1"), 404, "unknown_order");
    expectProblem(post("/api/v1/orders/" + id + "/cancel", "u1", ""), 404, "unknown_order");
    assertThat(owners.asked()).isEmpty();
  }

  @Test
  void orderOfAPartitionThatDoesNotExistIsNotFound() throws Exception {
    long order = ScriptedOwners.orderIn(ScriptedOwners.PARTITIONS);

    expectProblem(get("/api/v1/orders/" + order, "u1"), 404, "unknown_order");
  }

  @Test
  void ordersNeedAToken() throws Exception {
    for (String path : List.of("/api/v1/orders", ORDER_PATH)) {
      HttpResponse<String> response = get(path, null);

      expectProblem(response, 401, "unauthorized");
      assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    }
    expectProblem(post(ORDER_PATH + "/cancel", null, ""), 401, "unauthorized");
    expectProblem(post("/api/v1/tickets", null, ""), 401, "unauthorized");
  }

  @Test
  void aPageOfAnotherOriginIsRefusedEverywhere() throws Exception {
    for (String path : List.of("/api/v1/orders", ORDER_PATH)) {
      expectProblem(HttpContract.exchange(foreign(path), "GET", ""), 403, "foreign_origin");
    }
    for (String path : List.of(ORDER_PATH + "/cancel", "/api/v1/tickets")) {
      expectProblem(post(foreign(path), ""), 403, "foreign_origin");
    }
    assertThat(owners.asked()).isEmpty();
    assertThat(queries).isEmpty();
  }

  private HttpRequest.Builder foreign(String path) {
    return request(path, "u1").header("Origin", "https://evil.example");
  }

  @Test
  void anOwnersAnswerThatDoesNotFitIsOurMistake() throws Exception {
    owners.script = (p, c) -> new Reply.PaymentIs(9, "paid", order("u1", OrderStatus.PAID));

    expectProblem(get(ORDER_PATH, "u1"), 500, "internal");
    expectProblem(post(ORDER_PATH + "/cancel", "u1", ""), 500, "internal");
  }

  @Test
  void nothingIsCancelledWhileTheOwnerIsAway() throws Exception {
    owners.script = (p, c) -> new Owners.Busy("no_owner", 1_500);

    expectProblem(post(ORDER_PATH + "/cancel", "u1", ""), 503, "no_owner");
  }

  @Test
  void noListIsGivenWhileTheCatalogueIsAway() throws Exception {
    persist = query -> error("catalogue_unavailable");

    expectProblem(get("/api/v1/orders", "u1"), 503, "catalogue_unavailable");
  }

  @Test
  void listIsOfTheAskingUserAndSaysHowOldItIs() throws Exception {
    persist =
        query ->
            new JsonObject()
                .put("orders", JsonArray.of(drained().put("user", "u1")))
                .put("asOf", 99);

    JsonObject list = json(get("/api/v1/orders?after=4&max=10", "u1"));

    assertThat(list)
        .isEqualTo(new JsonObject().put("orders", JsonArray.of(drained())).put("asOf", 99));
    assertThat(queries.get(0))
        .isEqualTo(
            new JsonObject()
                .put("op", "orders")
                .put("user", "u1")
                .put("after", "4")
                .put("max", 10));
  }

  @ParameterizedTest
  @CsvSource({"after=x,after", "max=0,max", "max=101,max", "max=ten,max"})
  void listNamesTheBadParameter(String query, String field) throws Exception {
    HttpResponse<String> response = get("/api/v1/orders?" + query, "u1");

    expectProblem(response, 400, "invalid");
    assertThat(json(response).getString("field")).isEqualTo(field);
  }

  @Test
  void brokenCatalogueReplyIsAnAnswerToo() throws Exception {
    persist = query -> new JsonObject();

    expectProblem(get("/api/v1/orders", "u1"), 500, "internal");
  }

  @Test
  void heldOrderIsReleasedByCancel() throws Exception {
    owners.script = (p, c) -> new Reply.OrderIs(9, order("u1", OrderStatus.RELEASED));

    HttpResponse<String> response = post(ORDER_PATH + "/cancel", "u1", "");

    assertThat(json(response))
        .isEqualTo(new JsonObject().put("order", Long.toString(ORDER)).put("status", "released"));
    assertThat(owners.asked().get(0).command())
        .isEqualTo(new Command.Cancel(ORDER, Bytes.of("u1")));
  }

  @Test
  void paidOrderIsNotCancelled() throws Exception {
    owners.script = (p, c) -> new Reply.Refused(9, "already_paid", "the order is paid");

    expectProblem(post(ORDER_PATH + "/cancel", "u1", ""), 409, "already_paid");
  }

  // ---- payments

  @ParameterizedTest
  @ValueSource(strings = {"paid", "late_payment", "extra_payment"})
  void genuinePaymentIsAnsweredAsTheOwnerSays(String status) throws Exception {
    owners.script = (p, c) -> new Reply.PaymentIs(9, status, order("u1", OrderStatus.PAID));

    HttpResponse<String> response = pay(payment(), NOW_MS, Function.identity());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(json(response))
        .isEqualTo(new JsonObject().put("order", Long.toString(ORDER)).put("status", status));
    assertThat(owners.asked())
        .containsExactly(
            new ScriptedOwners.Asked(2, new Command.Pay(ORDER, Bytes.of("pay-1"), 19_800, "CNY")));
  }

  @Test
  void forgedOldAndAlteredCallsLeaveNoEvent() throws Exception {
    expectProblem(pay(payment(), NOW_MS, s -> "v1,AAAA"), 401, "signature_invalid");
    expectProblem(pay(payment(), NOW_MS - 301_000, Function.identity()), 401, "timestamp_outside");
    String signedForAnother = signed("evt-1", NOW_MS, payment().replace("19800", "1"));
    expectProblem(pay(payment(), NOW_MS, s -> signedForAnother), 401, "signature_invalid");
    expectProblem(post("/api/v1/payments", null, payment()), 401, "signature_missing");

    assertThat(owners.asked()).isEmpty();
  }

  @Test
  void severalSignaturesAndBlanksInTheBodyAreFine() throws Exception {
    owners.script = (p, c) -> new Reply.PaymentIs(9, "paid", order("u1", OrderStatus.PAID));
    String spaced = payment().replace(",", " ,\n ");

    HttpResponse<String> response = pay(spaced, NOW_MS, s -> "v1,AAAA " + s);

    assertThat(response.statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "amount_mismatch,422",
    "currency_mismatch,422",
    "unknown_order,404",
    "payment_reused,409",
    "internal,500"
  })
  void refusedPaymentHasItsStatus(String code, int status) throws Exception {
    owners.script = (p, c) -> new Reply.Refused(9, code, "no");

    expectProblem(pay(payment(), NOW_MS, Function.identity()), status, code);
  }

  @Test
  void paymentIsToBeSentAgainWhileNobodyCanTakeIt() throws Exception {
    for (Exception away : List.of(new Owners.Busy("no_owner", 300), new Owners.Unresolved())) {
      owners.script = (p, c) -> away;

      HttpResponse<String> response = pay(payment(), NOW_MS, Function.identity());

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[];body",
        "{;body",
        "'';body",
        "{\"order\":5,\"payment\":\"p\",\"amount\":1,\"currency\":\"CNY\"};order",
        "{\"payment\":\"p\",\"amount\":1,\"currency\":\"CNY\"};order",
        "{\"order\":\"5\",\"amount\":1,\"currency\":\"CNY\"};payment",
        "{\"order\":\"5\",\"payment\":\"\",\"amount\":1,\"currency\":\"CNY\"};payment",
        "{\"order\":\"5\",\"payment\":\"p\",\"amount\":\"1\",\"currency\":\"CNY\"};amount",
        "{\"order\":\"5\",\"payment\":\"p\",\"amount\":1.0,\"currency\":\"CNY\"};amount",
        "{\"order\":\"5\",\"payment\":\"p\",\"amount\":-1,\"currency\":\"CNY\"};amount",
        "{\"order\":\"5\",\"payment\":\"p\",\"amount\":1};currency",
      })
  void badPaymentBodyNamesTheField(String body, String field) throws Exception {
    HttpResponse<String> response = pay(body, NOW_MS, Function.identity());

    expectProblem(response, 400, "invalid");
    assertThat(json(response).getString("field")).isEqualTo(field);
    assertThat(owners.asked()).isEmpty();
  }

  // ---- tickets, time

  @Test
  void ticketAndTimeAreToldAndStoredNowhere() throws Exception {
    HttpResponse<String> ticket = post("/api/v1/tickets", "u1", "");
    HttpResponse<String> time = get("/api/v1/time", null);

    assertThat(json(ticket))
        .isEqualTo(new JsonObject().put("ticket", "t-u1").put("expiresAt", NOW_MS + 30_000));
    assertThat(json(time)).isEqualTo(new JsonObject().put("now", NOW_MS));
    assertThat(ticket.headers().firstValue("Cache-Control")).hasValue("no-store");
  }

  // ---- the form of errors

  @Test
  void bodiesThatWouldBeReadDifferentlyByOthersAreRefused() throws Exception {
    String deep = "{\"user\":\"u1\",\"x\":" + "[".repeat(2_000) + "]".repeat(2_000) + "}";
    String long_ = "{\"user\":\"u1\",\"x\":" + "9".repeat(5_000) + "}";
    String twice = "{\"user\":\"u1\",\"user\":\"u2\"}";
    for (String bad : List.of(deep, long_, twice)) {
      HttpResponse<String> response = post("/dev/login", null, bad);
      expectProblem(response, 400, "invalid");
      assertThat(json(response).getString("field")).isEqualTo("body");
    }
    expectProblem(pay(payment().replace("}", ",\"amount\":1}"), NOW_MS, s -> s), 400, "invalid");
    for (String path : List.of(ORDER_PATH + "/cancel", "/api/v1/tickets")) {
      expectProblem(post(path, "u1", "x".repeat(9_000)), 413, "body_too_large");
    }
    assertThat(owners.asked()).isEmpty();
  }

  @Test
  void aRepeatedCallOfThePaymentSideIsAnsweredAlike() throws Exception {
    owners.script = (p, c) -> new Reply.PaymentIs(9, "paid", order("u1", OrderStatus.PAID));

    String first = pay(payment(), NOW_MS - 299_000, s -> s).body();
    String again = pay(payment(), NOW_MS - 299_000, s -> s).body();

    assertThat(again).isEqualTo(first);
    assertThat(owners.asked().get(1)).isEqualTo(owners.asked().get(0));
  }

  @Test
  void paymentsOfAnotherTypeAreRefused() throws Exception {
    expectProblem(
        HttpContract.exchange(request("/api/v1/payments", null), "POST", payment()),
        415,
        "unsupported_media_type");
  }

  @Test
  void unknownPathsAndMethodsAreProblems() throws Exception {
    expectProblem(get("/nowhere", null), 404, "not_found");
    HttpResponse<String> wrongMethod =
        HttpContract.exchange(request("/api/v1/time", null), "DELETE", "");
    expectProblem(wrongMethod, 405, "method_not_allowed");
    assertThat(wrongMethod.headers().firstValue("Allow")).hasValue("GET");
    HttpResponse<String> onTemplate = get(ORDER_PATH + "/cancel", null);
    assertThat(onTemplate.headers().firstValue("Allow")).hasValue("POST");
  }

  @Test
  void longAndForeignBodiesAreRefused() throws Exception {
    String tooLong = "{\"user\":\"" + "x".repeat(9_000) + "\"}";
    expectProblem(post("/dev/login", null, tooLong), 413, "body_too_large");
    expectProblem(post("/api/v1/payments", null, tooLong), 413, "body_too_large");
    expectProblem(
        HttpContract.exchange(
            request("/dev/login", null).header("Content-Type", "text/plain"), "POST", "{}"),
        415,
        "unsupported_media_type");
  }

  @Test
  void whatNobodyExpectedIsA500WithoutDetails() throws Exception {
    HttpResponse<String> response = get("/broken", null);

    expectProblem(response, 500, "internal");
    assertThat(response.body()).doesNotContain("on purpose");
  }

  @Test
  void requestIdIsEchoedWhenSaneAndMadeOtherwise() throws Exception {
    List<String> ids = new ArrayList<>();
    for (String id : List.of("abc-1.2_3", "x".repeat(65), "<script>")) {
      HttpResponse<String> response =
          HttpContract.exchange(request("/nowhere", null).header("X-Request-Id", id), "GET", "");
      assertThat(json(response).getString("requestId"))
          .isEqualTo(response.headers().firstValue("X-Request-Id").orElseThrow());
      ids.add(json(response).getString("requestId"));
    }

    assertThat(ids.get(0)).isEqualTo("abc-1.2_3");
    assertThat(ids.get(1)).matches("[a-z0-9]{1,13}");
    assertThat(ids.get(2)).matches("[a-z0-9]{1,13}");
  }

  // ---- dev login

  @Test
  void devLoginGivesATokenOnThisMachineOnly() throws Exception {
    HttpResponse<String> here = post("/dev/login", null, "{\"user\":\"u1\"}");
    HttpResponse<String> viaProxyHere =
        post(
            request("/dev/login", null).header("X-Forwarded-For", "127.0.0.1, ::1"),
            "{\"user\":\"u1\"}");
    HttpResponse<String> viaProxyFromAfar =
        post(
            request("/dev/login", null).header("X-Forwarded-For", "127.0.0.1, 203.0.113.9"),
            "{\"user\":\"u1\"}");

    String claims = json(here).getString("token").split("\\.")[1];
    JsonObject token =
        new JsonObject(new String(Base64.getUrlDecoder().decode(claims), StandardCharsets.UTF_8));
    assertThat(token.getString("sub")).isEqualTo("u1");
    assertThat(token.getValue("aud").toString()).contains("stampede");
    assertThat(token.getLong("exp") - token.getLong("iat")).isEqualTo(3_600);
    assertThat(viaProxyHere.statusCode()).isEqualTo(200);
    expectProblem(viaProxyFromAfar, 404, "not_found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"user\":\"\"}", "{\"user\":5}"})
  void devLoginNamesTheBadUser(String body) throws Exception {
    HttpResponse<String> response = post("/dev/login", null, body);

    expectProblem(response, 400, "invalid");
    assertThat(json(response).getString("field")).isEqualTo("user");
  }

  // ----

  private static stampede.protocol.OrderFact order(String user, OrderStatus status) {
    return ScriptedOwners.order(ORDER, user, status);
  }

  private static JsonObject drained() {
    return new JsonObject().put("order", "5").put("status", "held");
  }

  private static JsonObject error(String code) {
    return new JsonObject()
        .put("error", new JsonObject().put("code", code).put("detail", "as the test says"));
  }

  private static String payment() {
    return "{\"order\":\""
        + ORDER
        + "\",\"payment\":\"pay-1\",\"amount\":19800,\"currency\":\"CNY\"}";
  }

  private static String signed(String id, long atMs, String body) {
    byte[] mac =
        SIGNATURE.sign(id, Long.toString(atMs / 1_000), body.getBytes(StandardCharsets.UTF_8));
    return "v1," + Base64.getEncoder().encodeToString(mac);
  }

  private HttpResponse<String> pay(String body, long atMs, Function<String, String> tamper)
      throws Exception {
    return post(
        request("/api/v1/payments", null)
            .header("webhook-id", "evt-1")
            .header("webhook-timestamp", Long.toString(atMs / 1_000))
            .header("webhook-signature", tamper.apply(signed("evt-1", atMs, body))),
        body);
  }

  private static void expectProblem(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonObject problem = json(response);
    assertThat(problem.getString("code")).isEqualTo(code);
    assertThat(problem.getInteger("status")).isEqualTo(status);
    assertThat(problem.fieldNames()).contains("type", "title", "detail", "requestId");
  }

  private static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  private HttpResponse<String> get(String path, String user) throws Exception {
    return HttpContract.exchange(request(path, user), "GET", "");
  }

  private HttpResponse<String> post(String path, String user, String body) throws Exception {
    return post(request(path, user), body);
  }

  private static HttpResponse<String> post(HttpRequest.Builder request, String body)
      throws Exception {
    return HttpContract.exchange(
        request.setHeader("Content-Type", "application/json; charset=utf-8"), "POST", body);
  }

  private HttpRequest.Builder request(String path, String user) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path));
    return user == null
        ? request
        : request.header("Authorization", "Bearer " + Tokens.of(SECRET, user));
  }
}
