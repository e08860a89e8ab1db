package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
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
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.edge.admission.Admission;
import stampede.edge.admission.LiveLimits;
import stampede.node.StandardWebhooks;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.EdgeLimit;
import stampede.protocol.Hint;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.Reply;

@ExtendWith(Recorded.class)
class ShopApiTest {
  private static final long NOW_MS = 1_795_000_000_000L;
  private static final String SECRET = "a-secret-of-at-least-thirty-two-bytes";
  private static final long ORDER = ScriptedOwners.orderIn(2);
  private static final String ORDER_PATH = "/api/v1/orders/" + ORDER;
  private static final String CLAIM_PATH = ORDER_PATH + "/claim";
  private static final String DEVICES_PATH = "/api/v1/devices";
  private static final StandardWebhooks SIGNATURE =
      new StandardWebhooks("STAMPEDE_PAYMENT_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 24);

  private final Vertx vertx = Vertx.vertx();
  private final ScriptedOwners owners = new ScriptedOwners();
  private final List<JsonObject> queries = new CopyOnWriteArrayList<>();
  private volatile Function<JsonObject, JsonObject> persist = query -> error("not_found");
  private final LiveLimits limits = new LiveLimits(EdgeConfigs.limits());
  private DeviceTokens devices;
  private DevicesApi withoutSecret;
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
    Tickets tickets = new Tickets(timers, clock);
    devices = new DeviceTokens(vertx, SECRET, 3_600_000, clock);
    Identity shoppers =
        new Identity(
            vertx,
            SECRET,
            null,
            devices,
            Set.of(),
            text -> Future.succeededFuture(tickets.redeem(text)),
            clock);
    Shoppers.TicketDesk desk =
        shopper -> new Shoppers.Ticket("t-" + shopper.user(), NOW_MS + 30_000);
    Backstage backstage = new Backstage(owners, bus, timers);
    TrustedProxies proxies = new TrustedProxies(List.of("127.0.0.1"));
    Admission admission = new Admission(limits, attempt -> false, 10, 10, 10, bound -> 0);
    Function<DeviceTokens, DevicesApi> api =
        tokens ->
            new DevicesApi(tokens, shoppers, proxies, admission, new Counters(), timers::millis);
    api.apply(devices).mount(router);
    withoutSecret = api.apply(null);
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
                .put("asOf", 99)
                .put("next", "7-4");

    JsonObject list = json(get("/api/v1/orders?item=1001&key=k-1&seen=5&after=9-4&limit=10", "u1"));

    assertThat(list)
        .isEqualTo(
            new JsonObject()
                .put("orders", JsonArray.of(drained()))
                .put("asOf", 99)
                .put("next", "7-4"));
    assertThat(queries.get(0))
        .isEqualTo(
            new JsonObject()
                .put("op", "orders")
                .put("user", "u1")
                .put("item", "1001")
                .put("key", "k-1")
                .put("seen", "5")
                .put("after", "9-4")
                .put("limit", 10));
  }

  @ParameterizedTest
  @CsvSource({
    "after=x,after",
    "limit=0,limit",
    "limit=101,limit",
    "limit=ten,limit",
    "item=x,item",
    "key=k-1,key",
    "item=1&key=%20,key",
    "seen=0,seen"
  })
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

  // ---- claims

  @Test
  void aUserClaimsWhatADeviceGot() throws Exception {
    DeviceTokens.Issued device = devices.issue();
    OrderFact claimed = order(device.device(), OrderStatus.HELD).claimed(Bytes.of("u1"), 1_700);
    owners.script = (p, c) -> new Reply.OrderIs(9, claimed);

    HttpResponse<String> response = claim("u1", device.token());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(json(response).getString("order")).isEqualTo(Long.toString(ORDER));
    assertThat(json(response).getLong("claimedAt")).isEqualTo(1_700);
    assertThat(response.body()).doesNotContain("device", "u1");
    assertThat(owners.asked().get(0).command())
        .isEqualTo(new Command.Claim(ORDER, Bytes.of("u1"), Bytes.of(device.device())));
  }

  @Test
  void whoClaimsHasSignedInAndShowsTheDevice() throws Exception {
    DeviceTokens.Issued device = devices.issue();
    String body = shown(device.token());
    expectProblem(post(CLAIM_PATH, null, body), 401, "unauthorized");
    expectProblem(post(by(device, CLAIM_PATH), body), 401, "login_required");
    expectProblem(claim("u1", Tokens.of(SECRET, "u2")), 401, "bad_device");
    expectProblem(claim("u1", "device:1"), 401, "bad_device");
    expectProblem(post(CLAIM_PATH, "u1", "{}"), 400, "invalid");
    expectProblem(post("/api/v1/orders/7x/claim", "u1", body), 404, "unknown_order");
    expectProblem(post(CLAIM_PATH, "u1", "x".repeat(9_000)), 413, "body_too_large");
    expectProblem(
        HttpContract.exchange(request(CLAIM_PATH, "u1"), "POST", body),
        415,
        "unsupported_media_type");
    expectProblem(post(foreign(CLAIM_PATH), body), 403, "foreign_origin");
    assertThat(owners.asked()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "already_claimed, 409",
    "order_released, 409",
    "limit_reached, 409",
    "blocked, 403",
    "unknown_order, 404",
    "busy, 503"
  })
  void aRefusedClaimSaysWhy(String code, int status) throws Exception {
    owners.script = (p, c) -> new Reply.Refused(9, code, "why");

    expectProblem(claim("u1", devices.issue().token()), status, code);
  }

  @Test
  void aClaimThatIsAnsweredWithSomethingElseIsOurMistake() throws Exception {
    owners.script = (p, c) -> new Reply.PaymentIs(9, "paid", order("u1", OrderStatus.PAID));

    expectProblem(claim("u1", devices.issue().token()), 500, "internal");
  }

  @Test
  void aClaimedOrderIsNotCancelledByItsDevice() throws Exception {
    owners.script = (p, c) -> new Reply.Refused(9, "already_claimed", "somebody has it");

    expectProblem(post(by(devices.issue(), ORDER_PATH + "/cancel"), ""), 409, "already_claimed");
  }

  private HttpResponse<String> claim(String user, String deviceToken) throws Exception {
    return post(CLAIM_PATH, user, shown(deviceToken));
  }

  private static String shown(String deviceToken) {
    return JsonObject.of("device", deviceToken).encode();
  }

  private HttpRequest.Builder by(DeviceTokens.Issued device, String path) {
    return request(path, null).header("Authorization", "Bearer " + device.token());
  }

  // ---- devices

  @Test
  void anAddressGetsSoManyDevicesAtOnce() throws Exception {
    limits.hear(
        List.of(
            new Hint.Limit(EdgeLimit.ADDRESS_DEVICES_BURST.code(), 2),
            new Hint.Limit(EdgeLimit.ADDRESS_DEVICES_PER_MINUTE.code(), 1)));

    JsonObject first = json(device("203.0.113.7"));
    JsonObject second = json(device("203.0.113.7"));
    HttpResponse<String> third = device("203.0.113.7");

    assertThat(first.getString("device")).startsWith("device:").hasSizeLessThanOrEqualTo(64);
    assertThat(second.getString("device")).isNotEqualTo(first.getString("device"));
    assertThat(first.getLong("expiresAt")).isGreaterThan(System.currentTimeMillis() + 3_000_000);
    expectProblem(third, 429, "too_many_devices");
    assertThat(third.headers().firstValue("Retry-After")).isPresent();
    assertThat(third.headers().firstValue("RateLimit-Policy").orElseThrow()).contains("devices");
    assertThat(device("203.0.113.8").statusCode()).as("another address").isEqualTo(200);
    for (int i = 0; i < 3; i++) {
      assertThat(device("127.0.0.1").statusCode()).as("this machine").isEqualTo(200);
    }
  }

  @Test
  void devicesAreNotGivenToForeignPagesNorForLongBodies() throws Exception {
    expectProblem(post(foreign(DEVICES_PATH), ""), 403, "foreign_origin");
    expectProblem(post(DEVICES_PATH, null, "x".repeat(9_000)), 413, "body_too_large");
  }

  @Test
  void devicesAreNotGivenWithoutASecret() throws Exception {
    Router router = Router.router(vertx);
    Problem.install(router);
    withoutSecret.mount(router);
    int port =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS)
            .actualPort();
    URI uri = URI.create("http://127.0.0.1:" + port + DEVICES_PATH);

    expectProblem(
        HttpContract.exchange(HttpRequest.newBuilder(uri), "POST", ""), 404, "no_devices");
  }

  private HttpResponse<String> device(String address) throws Exception {
    HttpRequest.Builder asked = request(DEVICES_PATH, null).header("X-Real-IP", address);
    return HttpContract.exchange(asked, "POST", "");
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

  /** Its owner, who is behind it, has forgotten it; the books have not. */
  private void archive(OrderStatus status) {
    owners.script = (p, c) -> new Reply.Refused(1_000, "unknown_order", "no such order");
    persist =
        query ->
            JsonObject.of(
                "asOf",
                77,
                "order",
                OrderView.ofOwner(order("u1", status))
                    .put("refundPayment", "")
                    .put("refundReason", ""));
  }

  @Test
  void paymentOfAnArchivedOrderIsNotTakenAndSaysSo() throws Exception {
    archive(OrderStatus.PAID);

    expectProblem(
        pay(payment().replace("pay-1", "pay-9"), NOW_MS, Function.identity()), 410, "archived");
    assertThat(json(pay(payment(), NOW_MS, Function.identity())).getString("status"))
        .isEqualTo("paid");

    archive(OrderStatus.RELEASED);
    HttpResponse<String> late =
        pay(payment().replace("pay-1", "pay-9"), NOW_MS, Function.identity());
    expectProblem(late, 410, "archived");
    assertThat(json(late).getString("detail")).contains("give it back");
  }

  @Test
  void paymentOfAnOrderThatOneOfTwoDoesNotKnowIsNoArchivedOne() throws Exception {
    archive(OrderStatus.PAID);
    owners.script = (p, c) -> ScriptedOwners.UNKNOWN_ORDER; // an owner that is behind
    expectProblem(
        pay(payment().replace("pay-1", "pay-9"), NOW_MS, Function.identity()),
        404,
        "unknown_order");

    archive(OrderStatus.PAID);
    persist = query -> error("not_found");
    expectProblem(
        pay(payment().replace("pay-1", "pay-9"), NOW_MS, Function.identity()),
        404,
        "unknown_order");
  }

  @Test
  void archivedOrdersStayAsTheyEnded() throws Exception {
    archive(OrderStatus.RELEASED);
    assertThat(json(post(ORDER_PATH + "/cancel", "u1", "")).getString("status"))
        .isEqualTo("released");
    assertThat(json(get(ORDER_PATH, "u1")).getString("status")).isEqualTo("released");

    archive(OrderStatus.PAID);
    expectProblem(post(ORDER_PATH + "/cancel", "u1", ""), 409, "already_paid");
    expectProblem(claim("u1", devices.issue().token()), 410, "archived");
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
  void aPageAsksWhoseBrowserShowsIt() throws Exception {
    HttpResponse<String> me = get("/api/v1/me", "u1");

    assertThat(me.statusCode()).isEqualTo(200);
    assertThat(me.headers().firstValue("Cache-Control")).hasValue("no-store");
    assertThat(json(me).fieldNames()).containsExactlyInAnyOrder("user", "expiresAt");
    assertThat(json(me).getString("user")).isEqualTo("u1");
    assertThat(json(me).getLong("expiresAt")).isGreaterThan(System.currentTimeMillis());
    HttpRequest.Builder foreign =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + "/api/v1/me"))
            .header("Origin", "https://evil.example");
    assertThat(HttpContract.exchange(foreign, "GET", "").statusCode()).isEqualTo(403);
    HttpRequest.Builder nobody =
        HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.actualPort() + "/api/v1/me"));
    assertThat(HttpContract.exchange(nobody, "GET", "").statusCode()).isEqualTo(401);
  }

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
    return SIGNATURE.sign(id, atMs / 1_000, body.getBytes(StandardCharsets.UTF_8));
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
