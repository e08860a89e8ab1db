package stampede.edge.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.edge.Backstage;
import stampede.edge.Counters;
import stampede.edge.EdgeConfigs;
import stampede.edge.ScriptedOwners;
import stampede.edge.Tokens;
import stampede.edge.admission.LiveLimits;
import stampede.node.VertxTimers;
import stampede.protocol.InvalidField;
import stampede.protocol.Outcome;

class ManagementVerticleTest {
  private static final String SECRET = "an-operator-secret-of-32-bytes-and-more";
  private static final String PATH = "/eventbus/websocket";

  private final Vertx vertx = Vertx.vertx();
  private final ScriptedOwners owners = new ScriptedOwners();
  private final List<OwnerSeen> seen = new CopyOnWriteArrayList<>();
  private final Counters counters = new Counters();
  private final WebSocketClient sockets =
      vertx.createWebSocketClient(
          new WebSocketClientOptions().setMaxFrameSize(1 << 20).setMaxMessageSize(1 << 20));
  private EdgeSide edge;
  private ManagementVerticle management;

  @BeforeEach
  void start() throws Exception {
    ScriptedBus bus = new ScriptedBus();
    VertxTimers timers = new VertxTimers(vertx);
    edge =
        new EdgeSide(
            "edge-1",
            new Backstage(owners, bus, timers),
            bus,
            timers,
            () -> seen,
            List::of,
            counters::snapshot,
            () -> 17,
            partition -> System.currentTimeMillis(),
            new EmptyShop(),
            new LiveLimits(EdgeConfigs.limits()),
            System::currentTimeMillis);
    management =
        new ManagementVerticle(
            new ManagementVerticle.Settings(
                "127.0.0.1", 0, SECRET, Set.of("https://console.example"), 3),
            edge);
    vertx.deployVerticle(new Host(management)).await(10, TimeUnit.SECONDS);
  }

  /** Starts the management port in its own context, as an edge does. */
  private static final class Host extends VerticleBase {
    private final ManagementVerticle management;

    private Host(ManagementVerticle management) {
      this.management = management;
    }

    @Override
    public Future<?> start() throws Exception {
      return management.deploy(context);
    }

    @Override
    public Future<?> stop() throws Exception {
      return management.undeploy(context);
    }
  }

  @Test
  void takenPortIsNamed() throws Exception {
    ManagementVerticle second =
        new ManagementVerticle(
            new ManagementVerticle.Settings("127.0.0.1", management.port(), SECRET, Set.of(), 1),
            edge);

    assertThatThrownBy(() -> vertx.deployVerticle(new Host(second)).await(10, TimeUnit.SECONDS))
        .hasMessageContaining("managementPort " + management.port())
        .hasMessageContaining("127.0.0.1");
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  // ---- health

  @Test
  void isReadyWhenEveryPartitionHasAServingOwner() throws Exception {
    for (int p = 0; p < ScriptedOwners.PARTITIONS - 1; p++) {
      seen.add(new OwnerSeen(p, "sale-1", "a", 1, 1, 1, true, "serving", 10));
    }
    Answer notYet = get("/health/ready");
    seen.add(new OwnerSeen(3, "sale-1", "a", 1, 1, 1, true, "serving", 10));
    Answer ready = get("/health/ready");

    assertThat(notYet.status).isEqualTo(503);
    JsonObject check = notYet.body.getJsonArray("checks").getJsonObject(0);
    assertThat(check.getString("id")).isEqualTo("partitions");
    assertThat(check.getJsonObject("data").getJsonArray("withoutOwner"))
        .isEqualTo(JsonArray.of(new JsonObject().put("partition", 3).put("status", "no_owner")));
    assertThat(ready.status).isEqualTo(200);
    assertThat(ready.body.getString("status")).isEqualTo("UP");
  }

  @Test
  void isAliveWithoutAnyOwner() throws Exception {
    assertThat(get("/health/live").status).isEqualTo(200);
    assertThat(get("/api/v1/time").status).isEqualTo(404);
  }

  // ---- who may come in

  @Test
  void headerAndCookieLetAnOperatorIn() throws Exception {
    String token = token("viewer");
    Probe byHeader = open(o -> o.putHeader("Authorization", "Bearer " + token));
    Probe byCookie =
        open(
            o ->
                o.putHeader("Cookie", "other=1; stampede-admin=" + token)
                    .putHeader("Origin", "http://127.0.0.1:" + management.port()));
    Probe byAllowedOrigin =
        open(
            o ->
                o.putHeader("Authorization", "Bearer " + token)
                    .putHeader("Origin", "https://console.example"));

    for (Probe probe : List.of(byHeader, byCookie, byAllowedOrigin)) {
      assertThat(probe.ask("{\"type\":\"ping\"}")).isEqualTo(new JsonObject().put("type", "pong"));
    }
  }

  @Test
  void noOrBadTokenIs401BeforeTheUpgrade() {
    String expired = Tokens.signed(SECRET, claims("stampede-admin").put("exp", now() - 1));
    String foreign = Tokens.signed(SECRET, claims("stampede"));
    String otherKey =
        Tokens.signed("another-secret-of-32-bytes-and-some-more", claims("stampede-admin"));
    String endless = Tokens.signed(SECRET, without(claims("stampede-admin"), "exp"));
    String nameless = Tokens.signed(SECRET, without(claims("stampede-admin"), "sub"));
    String noAudience = Tokens.signed(SECRET, without(claims("stampede-admin"), "aud"));
    String longName = Tokens.signed(SECRET, claims("stampede-admin").put("sub", "x".repeat(65)));
    String unsigned =
        base64("{\"typ\":\"JWT\",\"alg\":\"none\"}")
            + "."
            + base64(claims("stampede-admin").encode())
            + ".";

    assertThat(rejected(o -> o)).isEqualTo(401);
    assertThat(rejected(o -> o.putHeader("Authorization", "Basic YTpi"))).isEqualTo(401);
    for (String token :
        List.of(
            expired,
            foreign,
            otherKey,
            endless,
            nameless,
            noAudience,
            longName,
            unsigned,
            "x.y.z",
            "x".repeat(5_000))) {
      assertThat(rejected(o -> o.putHeader("Authorization", "Bearer " + token)))
          .as(token)
          .isEqualTo(401);
    }
  }

  @Test
  void tokenWithoutARoleIs403() {
    JsonObject claims = claims("stampede-admin").put("roles", JsonArray.of("root", 5));

    assertThat(
            rejected(o -> o.putHeader("Authorization", "Bearer " + Tokens.signed(SECRET, claims))))
        .isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example", "null", "http://127.0.0.1:1", "%%%"})
  void foreignOriginIs403(String origin) {
    assertThat(
            rejected(
                o ->
                    o.putHeader("Authorization", "Bearer " + token("admin"))
                        .putHeader("Origin", origin)))
        .isEqualTo(403);
  }

  @Test
  void plainRequestIsToldToUpgradeAndOnlySoManySocketsAreOpen() throws Exception {
    Answer plain = get(PATH, "Bearer " + token("viewer"));
    for (int i = 0; i < 3; i++) {
      open("viewer");
    }

    assertThat(plain.status).isEqualTo(426);
    assertThat(rejected(o -> o.putHeader("Authorization", "Bearer " + token("viewer"))))
        .isEqualTo(503);
  }

  @Test
  void socketEndsWithItsToken() throws Exception {
    String token = Tokens.signed(SECRET, claims("stampede-admin").put("exp", now() + 2));
    Probe probe = open(o -> o.putHeader("Authorization", "Bearer " + token));

    assertThat(probe.closed.get(10, TimeUnit.SECONDS)).isEqualTo((short) 1008);
  }

  @Test
  void shortSecretIsRefusedAndNoneIsShown() {
    assertThatThrownBy(() -> new ManagementVerticle.Settings("127.0.0.1", 0, "short", Set.of(), 1))
        .isInstanceOf(InvalidField.class)
        .hasMessageStartingWith("STAMPEDE_ADMIN_SECRET");
    assertThat(new ManagementVerticle.Settings("h", 1, SECRET, Set.of(), 1).toString())
        .doesNotContain(SECRET);
  }

  // ---- frames

  @Test
  void commandIsAnsweredAtItsReplyAddress() throws Exception {
    Probe probe = open("operator");

    for (String body : List.of("", ",\"body\":null", ",\"body\":{}")) {
      JsonObject reply =
          probe.ask(
              "{\"type\":\"send\",\"address\":\"admin.ping\",\"replyAddress\":\"r-1\""
                  + body
                  + "}");

      assertThat(reply.getString("type")).isEqualTo("rec");
      assertThat(reply.getString("address")).isEqualTo("r-1");
      assertThat(reply.getJsonObject("body").getString("you")).isEqualTo("ann");
      assertThat(reply.getJsonObject("body").getString("role")).isEqualTo("operator");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "\"x\"", "5", "true"})
  void bodyThatIsNoObjectIsAnError(String body) throws Exception {
    JsonObject reply =
        open("admin")
            .ask(
                "{\"type\":\"send\",\"address\":\"admin.ping\",\"replyAddress\":\"r\",\"body\":"
                    + body
                    + "}");

    assertThat(reply.getString("type")).isEqualTo("rec");
    assertThat(reply.getJsonObject("body").getJsonObject("error").getString("code"))
        .isEqualTo("invalid");
  }

  @Test
  void forbiddenCommandIsAnErrorWithOrWithoutAReplyAddress() throws Exception {
    Probe probe = open("viewer");
    String send = "{\"type\":\"send\",\"address\":\"admin.item.pause\",\"body\":{\"item\":\"1\"}";

    JsonObject asked = probe.ask(send + ",\"replyAddress\":\"r\"}");
    JsonObject silent = probe.ask(send + "}");

    assertThat(asked.getJsonObject("body").getJsonObject("error").getString("code"))
        .isEqualTo("forbidden");
    assertThat(silent).isEqualTo(new JsonObject().put("type", "err").put("body", "forbidden"));
    assertThat(owners.asked()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "no json;invalid_json",
        "[1];invalid_json",
        "'';invalid_json",
        "{};missing_type",
        "{\"type\":5};missing_type",
        "{\"type\":\"dance\"};unknown_type",
        "{\"type\":\"send\"};missing_address",
        "{\"type\":\"send\",\"address\":7};missing_address",
        "{\"type\":\"send\",\"address\":\"admin.ping\",\"replyAddress\":7};invalid_reply_address",
        "{\"type\":\"send\",\"address\":\"stampede.drain.retry\",\"body\":null};access_denied",
        "{\"type\":\"send\",\"address\":\"persist.query\"};access_denied",
        "{\"type\":\"send\",\"address\":\"admin.pingx\"};access_denied",
        "{\"type\":\"send\",\"address\":\"stats\"};access_denied",
        "{\"type\":\"publish\",\"address\":\"stats\",\"body\":{}};access_denied",
        "{\"type\":\"register\"};missing_address",
        "{\"type\":\"register\",\"address\":\"stampede.hints\"};access_denied",
        "{\"type\":\"register\",\"address\":\"admin.ping\"};access_denied",
        "{\"type\":\"register\",\"address\":\"*\"};access_denied",
        "{\"type\":\"unregister\",\"address\":\"x\"};access_denied",
      })
  void badFrameHearsWhatIsWrongAndTheSocketStays(String frame, String code) throws Exception {
    Probe probe = open("admin");

    assertThat(probe.ask(frame)).isEqualTo(new JsonObject().put("type", "err").put("body", code));
    assertThat(probe.ask("{\"type\":\"ping\"}").getString("type")).isEqualTo("pong");
  }

  @Test
  void refusedSendNamesItsReplyAddress() throws Exception {
    JsonObject err =
        open("admin").ask("{\"type\":\"send\",\"address\":\"nowhere\",\"replyAddress\":\"r-9\"}");

    assertThat(err.getString("type")).isEqualTo("err");
    assertThat(err.getString("address")).isEqualTo("r-9");
    assertThat(err.getString("failureType")).isEqualTo("RECIPIENT_FAILURE");
    assertThat(err.getString("message")).isEqualTo("access_denied");
  }

  @Test
  void binaryFrameIsABadFrame() throws Exception {
    Probe probe = open("admin");
    probe.socket.writeBinaryMessage(Buffer.buffer("{\"type\":\"ping\"}"));

    assertThat(probe.next().getString("body")).isEqualTo("invalid_json");
  }

  @Test
  void tooLongFramesEndTheSocket() throws Exception {
    Probe whole = open("admin");
    whole.socket.writeFrame(WebSocketFrame.textFrame("x".repeat(65_537), true));
    Probe inParts = open("admin");
    sendInParts(inParts, 60_000, 2);
    Probe endless = open("admin");
    sendInParts(endless, 60_000, 20);

    assertThat(whole.closed.get(10, TimeUnit.SECONDS)).isEqualTo((short) 1009);
    assertThat(inParts.closed.get(10, TimeUnit.SECONDS)).isEqualTo((short) 1009);
    assertThat(endless.closed.get(10, TimeUnit.SECONDS)).isIn((short) 1009, (short) 1006);
  }

  @Test
  void longestFrameIsRead() throws Exception {
    Probe probe = open("admin");
    String ping = "{\"type\":\"ping\"}";
    String padded = ping + " ".repeat(65_536 - ping.length());

    assertThat(probe.ask(padded).getString("type")).isEqualTo("pong");
  }

  private static void sendInParts(Probe probe, int partBytes, int parts) {
    Buffer part = Buffer.buffer("x".repeat(partBytes));
    probe.socket.writeFrame(WebSocketFrame.textFrame(part.toString(), false));
    for (int i = 2; i <= parts; i++) {
      probe.socket.writeFrame(WebSocketFrame.continuationFrame(part, i == parts));
    }
  }

  @Test
  void whoSendsNothingButBadFramesIsClosed() throws Exception {
    Probe probe = open("viewer");
    for (int i = 0; i < 101; i++) {
      probe.socket.writeTextMessage("{\"type\":\"register\",\"address\":\"a" + i + "\"}");
    }

    assertThat(probe.closed.get(10, TimeUnit.SECONDS)).isEqualTo((short) 1008);
    assertThat(probe.frames).hasSize(100);
  }

  @Test
  void commandsInFlightAreBoundedAndNoneIsLost() throws Exception {
    Probe probe = open("viewer");
    for (int i = 1; i <= 100; i++) {
      probe.socket.writeTextMessage(
          "{\"type\":\"send\",\"address\":\"admin.item.get\",\"replyAddress\":\"r"
              + i
              + "\",\"body\":{\"item\":\"1001\"}}");
    }

    JsonObject first = probe.next();
    int askedBeforeAnyAnswer = 64;
    assertThat(owners.asked().size()).isBetween(askedBeforeAnyAnswer, 100);
    for (int i = 2; i <= 100; i++) {
      assertThat(probe.next().getString("address")).isEqualTo("r" + i);
    }
    assertThat(first.getJsonObject("body").getJsonObject("error").getString("code"))
        .isEqualTo("unresolved");
  }

  @Test
  void noMoreThanTheBoundIsAskedAtOnce() throws Exception {
    Probe probe = open("viewer");
    for (int i = 1; i <= 100; i++) {
      probe.socket.writeTextMessage(
          "{\"type\":\"send\",\"address\":\"admin.item.get\",\"replyAddress\":\"r\","
              + "\"body\":{\"item\":\"1001\"}}");
    }
    Thread.sleep(1_000);

    assertThat(owners.asked()).hasSize(64);
    assertThat(probe.frames).isEmpty();
  }

  // ---- stats

  @Test
  void statsComeOnceASecondHoweverOftenRegistered() throws Exception {
    vertx
        .getOrCreateContext()
        .runOnContext(
            go -> {
              counters.socketOpened();
              counters.shake();
              counters.shake();
              counters.outcome(Outcome.ACCEPTED);
              counters.outcome(Outcome.SOLD_OUT);
            });
    Probe probe = open("viewer");
    for (int i = 0; i < 1_001; i++) {
      probe.socket.writeTextMessage("{\"type\":\"register\",\"address\":\"stats\"}");
    }
    JsonObject first = probe.next();
    Thread.sleep(2_500);
    int inTwoAndAHalfSeconds = probe.frames.size();
    probe.frames.clear();
    probe.socket.writeTextMessage("{\"type\":\"unregister\",\"address\":\"stats\"}");
    assertThat(probe.ask("{\"type\":\"ping\"}").getString("type")).isEqualTo("pong");
    Thread.sleep(1_500);

    assertThat(inTwoAndAHalfSeconds).isBetween(1, 4);
    assertThat(probe.frames).isEmpty();
    assertThat(first.getString("address")).isEqualTo("stats");
    JsonObject stats = first.getJsonObject("body");
    assertThat(stats.getString("node")).isEqualTo("edge-1");
    assertThat(stats.getJsonObject("shakes").getInteger("value")).isEqualTo(2);
    assertThat(stats.getJsonObject("shakes").getLong("ageMs")).isBetween(0L, 1_000L);
    assertThat(stats.getJsonObject("outcomes").getJsonObject("sold_out").getInteger("value"))
        .isEqualTo(1);
    assertThat(stats.getJsonObject("queue").getInteger("value")).isEqualTo(17);
    assertThat(stats.getJsonObject("drainLagMs").getValue("value")).isNull();
    assertThat(stats.getJsonObject("eventLoopDelayMs").getLong("value")).isNotNegative();
    JsonObject asked =
        probe.ask(
            "{\"type\":\"send\",\"address\":\"admin.stats\",\"replyAddress\":\"r\",\"body\":null}");
    assertThat(asked.getJsonObject("body").fieldNames()).isEqualTo(stats.fieldNames());
    assertThat(asked.getJsonObject("body").getLong("at")).isGreaterThan(stats.getLong("at"));
  }

  // ----

  private record Answer(int status, JsonObject body) {}

  private Answer get(String path) throws Exception {
    return get(path, "");
  }

  private Answer get(String path, String authorization) throws Exception {
    HttpClient client = vertx.createHttpClient();
    return client
        .request(HttpMethod.GET, management.port(), "127.0.0.1", path)
        .compose(
            request -> // the body is asked for where the response comes in: later it may be gone
            request
                    .putHeader("Authorization", authorization)
                    .send()
                    .compose(
                        response ->
                            response
                                .body()
                                .map(b -> new Answer(response.statusCode(), new JsonObject(b)))))
        .eventually(client::close)
        .await(10, TimeUnit.SECONDS);
  }

  private interface Dress {
    WebSocketConnectOptions dress(WebSocketConnectOptions options);
  }

  private Probe open(String role) throws Exception {
    return open(o -> o.putHeader("Authorization", "Bearer " + token(role)));
  }

  private Probe open(Dress dress) throws Exception {
    return connect(dress).await(10, TimeUnit.SECONDS);
  }

  private int rejected(Dress dress) {
    try {
      connect(dress).await(10, TimeUnit.SECONDS);
      return 101;
    } catch (UpgradeRejectedException e) {
      return e.getStatus();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Future<Probe> connect(Dress dress) {
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(management.port())
            .setURI(PATH)
            .setTimeout(5_000);
    return sockets.connect(dress.dress(options)).map(Probe::new);
  }

  private String token(String role) {
    return Tokens.signed(SECRET, claims("stampede-admin").put("roles", JsonArray.of(role)));
  }

  private static JsonObject claims(String audience) {
    return new JsonObject()
        .put("sub", "ann")
        .put("aud", audience)
        .put("exp", now() + 3_600)
        .put("roles", JsonArray.of("admin"));
  }

  private static JsonObject without(JsonObject claims, String member) {
    claims.remove(member);
    return claims;
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static long now() {
    return System.currentTimeMillis() / 1_000;
  }
}
