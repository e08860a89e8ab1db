package stampede.edge.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.LoggerHandler;
import io.vertx.ext.web.handler.sockjs.SockJSBridgeOptions;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import stampede.edge.Backstage;
import stampede.edge.EdgeConfigs;
import stampede.edge.ScriptedOwners;
import stampede.edge.Tokens;
import stampede.edge.admission.LiveLimits;
import stampede.edge.management.live.LiveFigures;
import stampede.node.VertxTimers;

/**
 * What protects the console, and each time that the same attack works where it does not: against
 * the usual bridge, against a handler without the check.
 */
class ConsoleSecurityTest {
  private static final String SECRET = "an-operator-secret-of-32-bytes-and-more";
  private static final String EVIL = "https://evil.example";
  private static final String PATH = "/eventbus/websocket";

  private final Vertx vertx = Vertx.vertx();
  private final WebSocketClient sockets =
      vertx.createWebSocketClient(
          new WebSocketClientOptions().setMaxFrameSize(1 << 20).setMaxMessageSize(1 << 20));
  private final HttpClient http = vertx.createHttpClient();
  private ManagementVerticle management;

  @BeforeEach
  void start() throws Exception {
    ScriptedBus bus = new ScriptedBus();
    VertxTimers timers = new VertxTimers(vertx);
    management =
        new ManagementVerticle(
            new ManagementVerticle.Settings("127.0.0.1", 0, SECRET, Set.of(), 8),
            side(bus, timers));
    VerticleBase host =
        new VerticleBase() {
          @Override
          public Future<?> start() throws Exception {
            return management.deploy(context);
          }
        };
    await(vertx.deployVerticle(host));
  }

  private static EdgeSide side(ScriptedBus bus, VertxTimers timers) {
    return new EdgeSide(
        "edge-1",
        new Backstage(new ScriptedOwners(), bus, timers),
        bus,
        timers,
        List::of,
        List::of,
        JsonObject::new,
        () -> 0,
        partition -> 0,
        new EmptyShop(),
        new LiveLimits(EdgeConfigs.limits()),
        System::currentTimeMillis);
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  // ---- the files

  @Test
  void pageAndScriptsCarryAPolicyThatLetsNothingElseRunAndNobodyFrameThem() throws Exception {
    for (String path : List.of("/", "/console/app.js", "/console/console.css")) {
      Answer answer = ask(HttpMethod.GET, path, Map.of(), "");

      assertThat(answer.status).as(path).isEqualTo(200);
      assertThat(answer.header("content-security-policy")).isEqualTo(ConsoleFiles.POLICY);
      assertThat(answer.header("x-frame-options")).isEqualTo("DENY");
      assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
      assertThat(answer.header("referrer-policy")).isEqualTo("no-referrer");
    }
    assertThat(ask(HttpMethod.GET, "/", Map.of(), "").header("cache-control"))
        .isEqualTo("no-store");
  }

  @Test
  void unchangedFileIsNotSentAgain() throws Exception {
    Answer first = ask(HttpMethod.GET, "/console/app.js", Map.of(), "");
    Answer again =
        ask(HttpMethod.GET, "/console/app.js", Map.of("If-None-Match", first.header("etag")), "");

    assertThat(first.header("cache-control")).isEqualTo("no-cache");
    assertThat(again.status).isEqualTo(304);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/console/",
        "/console/files.txt",
        "/console/vendor/SHA256SUMS",
        "/console/index.html",
        "/console/../edge-defaults.conf",
        "/console/%2e%2e/edge-defaults.conf",
        "/console//app.js.map",
        "/edge-defaults.conf",
        "/webroot/shop.css"
      })
  void nothingButWhatIsListedIsServed(String path) throws Exception {
    assertThat(ask(HttpMethod.GET, path, Map.of(), "").status).isEqualTo(404);
  }

  static Stream<String> vendored() throws IOException {
    return resource("/console/vendor/SHA256SUMS").lines();
  }

  @ParameterizedTest
  @MethodSource("vendored")
  void vendoredFileIsTheOneThatWasPublished(String line) throws Exception {
    String[] parts = line.split("  ", 2);
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("/console/vendor/" + parts[1]))) {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
      assertThat(HexFormat.of().formatHex(digest)).isEqualTo(parts[0]);
    }
  }

  @Test
  void everyVendoredFileThatIsServedIsInTheListAndHasItsLicence() throws Exception {
    String sums = resource("/console/vendor/SHA256SUMS");
    List<String> served =
        resource("/console/files.txt")
            .lines()
            .filter(line -> line.startsWith("vendor/"))
            .map(line -> line.split(" ")[0].substring("vendor/".length()))
            .toList();

    assertThat(served).hasSize(4);
    for (String file : served) {
      assertThat(sums).contains(file);
      assertThat(sums).contains(file.split("-")[0] + ".LICENSE.txt");
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ConsoleSecurityTest.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  // ---- signing in

  @Test
  void goodTokenBecomesACookieNoScriptReadsAndNoForeignPageSends() throws Exception {
    Answer answer = signIn(own(), token("operator"));
    String cookie = answer.header("set-cookie");

    assertThat(answer.status).isEqualTo(200);
    assertThat(answer.json().getString("name")).isEqualTo("ann");
    assertThat(answer.json().getString("role")).isEqualTo("operator");
    assertThat(cookie).contains("stampede-admin=", "HTTPOnly", "SameSite=Strict", "Path=/");
    assertThat(cookie).doesNotContain("Secure");
    assertThat(answer.body).doesNotContain(token("operator"));
    JsonObject me =
        ask(HttpMethod.GET, "/console/me", Map.of("Cookie", cookie.split(";")[0]), "").json();
    assertThat(me.getBoolean("signedIn")).isTrue();
    assertThat(ask(HttpMethod.GET, "/console/me", Map.of(), "").json().getBoolean("signedIn"))
        .isFalse();
  }

  @Test
  void cookieIsForTlsOnlyWhereThePageCameByTls() throws Exception {
    String origin = "https://127.0.0.1:" + management.port();

    assertThat(signIn(origin, token("viewer")).header("set-cookie")).contains("Secure");
  }

  @Test
  void signingOutDeletesTheCookie() throws Exception {
    Answer answer = ask(HttpMethod.POST, "/console/sign-out", Map.of("Origin", own()), "");

    assertThat(answer.header("set-cookie")).contains("stampede-admin=;", "Max-Age=0");
    assertThat(ask(HttpMethod.POST, "/console/sign-out", Map.of("Origin", EVIL), "").status)
        .isEqualTo(403);
  }

  @Test
  void wrongTokenSetsNothing() throws Exception {
    String shopper = Tokens.of(SECRET, "u1");
    for (String token : List.of("x", shopper, token("root"), "x".repeat(5_000))) {
      Answer answer = signIn(own(), token);

      assertThat(answer.status).as(token).isIn(400, 401, 403);
      assertThat(answer.header("set-cookie")).isNull();
    }
  }

  @Test
  void foreignPageCanSignNobodyInAndCouldWithoutTheCheck() throws Exception {
    JsonObject body = new JsonObject().put("token", token("admin"));
    Map<String, String> foreign = Map.of("Origin", EVIL, "Content-Type", "application/json");
    Router careless = Router.router(vertx);
    careless
        .post("/console/sign-in")
        .handler(BodyHandler.create(false))
        .handler(
            ctx ->
                ctx.response()
                    .putHeader("Set-Cookie", "stampede-admin=" + ctx.body().asJsonObject())
                    .end());
    int open = serve(careless);

    assertThat(
            ask(open, HttpMethod.POST, "/console/sign-in", foreign, body.encode())
                .header("set-cookie"))
        .isNotNull();

    Answer refused = ask(HttpMethod.POST, "/console/sign-in", foreign, body.encode());
    assertThat(refused.status).isEqualTo(403);
    assertThat(refused.header("set-cookie")).isNull();
    Map<String, String> unnamed = Map.of("Content-Type", "application/json");
    assertThat(ask(HttpMethod.POST, "/console/sign-in", unnamed, body.encode()).status)
        .isEqualTo(403);
    Map<String, String> form = Map.of("Origin", own(), "Content-Type", "text/plain");
    assertThat(ask(HttpMethod.POST, "/console/sign-in", form, body.encode()).status).isEqualTo(415);
  }

  @Test
  void foreignPageCanOpenNoSocketWithAnOperatorsCookieAndCouldWithoutTheCheck() throws Exception {
    OperatorTokens tokens = new OperatorTokens(vertx, SECRET);
    Router careless = Router.router(vertx);
    careless
        .get(PATH)
        .handler(
            ctx -> {
              ctx.request().pause();
              tokens
                  .operatorOf(ctx.request())
                  .compose(operator -> ctx.request().toWebSocket())
                  .onFailure(ctx::fail);
            });
    int open = serve(careless);
    String cookie = "stampede-admin=" + token("admin");

    assertThat(upgrade(open, cookie)).isEqualTo(101);
    assertThat(upgrade(management.port(), cookie)).isEqualTo(403);
  }

  /**
   * A shopper has a good token too; it must not be good here, nor anything of here on their port.
   */
  @Test
  void shoppersTokenOpensNothingAndWouldOpenAllWhereAnyTokenWill() throws Exception {
    String mallory = Tokens.of(SECRET, "mallory");
    Operator anybody = new Operator("mallory", Role.ADMIN, Long.MAX_VALUE);
    Router careless = Router.router(vertx);
    careless
        .get(PATH)
        .handler(
            ctx ->
                ctx.request()
                    .toWebSocket()
                    .onSuccess(socket -> new AdminSocket(socket, anybody, gateway()).start()));
    JsonObject attack = open(serve(careless), mallory).ask(send("admin.ping", "{}"));
    assertThat(attack.getJsonObject("body").getBoolean("pong")).isTrue();

    assertThatThrownBy(() -> open(mallory)).hasMessageContaining("401");
    Map<String, String> bearer = Map.of("Authorization", "Bearer " + mallory);
    assertThat(ask(HttpMethod.GET, "/reports/7.json", bearer, "").status).isEqualTo(401);
    Map<String, String> cookie = Map.of("Cookie", "stampede-admin=" + mallory);
    assertThat(ask(HttpMethod.GET, "/console/me", cookie, "").json().getBoolean("signedIn"))
        .isFalse();
  }

  private int upgrade(int port, String cookie) throws Exception {
    try {
      WebSocketConnectOptions options =
          new WebSocketConnectOptions()
              .setHost("127.0.0.1")
              .setPort(port)
              .setURI(PATH)
              .putHeader("Origin", EVIL)
              .putHeader("Cookie", cookie);
      await(sockets.connect(options));
      return 101;
    } catch (UpgradeRejectedException e) {
      return e.getStatus();
    }
  }

  // ---- logs

  @Test
  void tokenIsInNoLogAndWouldBeInOneIfItStoodInTheAddress() throws Exception {
    String good = token("admin");
    String bad = good.substring(0, good.length() - 2) + "xx";
    Router careless = Router.router(vertx);
    careless.route().handler(LoggerHandler.create());
    careless.get("/console/sign-in").handler(ctx -> ctx.response().end());
    int open = serve(careless);
    ListAppender<ILoggingEvent> seen = new ListAppender<>();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Logger mine = (Logger) LoggerFactory.getLogger("stampede");
    Level level = mine.getLevel();
    Level rootLevel = root.getLevel();
    seen.start();
    root.addAppender(seen);
    root.setLevel(Level.INFO);
    mine.setLevel(Level.TRACE);
    try {
      ask(open, HttpMethod.GET, "/console/sign-in?token=" + good, Map.of(), "");
      assertThat(texts(seen)).as("the attack").contains(good);
      seen.list.clear();

      signIn(own(), good);
      signIn(own(), bad);
      signIn(EVIL, good);
      Probe probe = open(good);
      probe.ask(send("admin.ping", "{}"));
      probe.socket.writeTextMessage("{\"type\":\"register\",\"address\":\"" + good + "\"}");
      probe.next();
      await(probe.socket.close());
      Map<String, String> header = Map.of("Authorization", "Bearer " + bad);
      ask(HttpMethod.GET, "/reports/7.json", header, "");

      assertThat(texts(seen)).doesNotContain(good, bad);
    } finally {
      root.detachAppender(seen);
      root.setLevel(rootLevel);
      mine.setLevel(level);
    }
  }

  private static String texts(ListAppender<ILoggingEvent> seen) {
    StringBuilder all = new StringBuilder();
    for (ILoggingEvent event : List.copyOf(seen.list)) {
      all.append(event.getFormattedMessage()).append('\n');
      if (event.getThrowableProxy() != null) {
        all.append(event.getThrowableProxy().getMessage()).append('\n');
      }
    }
    return all.toString();
  }

  // ---- the bus

  /** What the documentation's example gives everybody: no token, everything permitted. */
  private int usualBridge(SockJSBridgeOptions options) throws Exception {
    vertx
        .eventBus()
        .<JsonObject>consumer(
            "persist.query", asked -> asked.reply(new JsonObject().put("rows", 3)));
    Router router = Router.router(vertx);
    router.route("/eventbus/*").subRouter(SockJSHandler.create(vertx).bridge(options));
    return serve(router);
  }

  private static String send(String address, String body) {
    return "{\"type\":\"send\",\"address\":\""
        + address
        + "\",\"replyAddress\":\"r\",\"body\":"
        + body
        + "}";
  }

  @Test
  void busBehindTheEdgeIsOutOfReachAndIsNotBehindAnOpenBridge() throws Exception {
    int bridge = usualBridge(new SockJSBridgeOptions().addInboundPermitted(new PermittedOptions()));
    Probe attack = open(bridge, "");

    assertThat(attack.ask(send("persist.query", "{\"op\":\"orders\"}")).getJsonObject("body"))
        .isEqualTo(new JsonObject().put("rows", 3));

    Probe admin = open(token("admin"));
    for (String address : List.of("persist.query", "stampede.hints", "sale.owners", "admin..*")) {
      assertThat(admin.ask(send(address, "{\"op\":\"orders\"}")).getString("message"))
          .as(address)
          .isEqualTo("access_denied");
    }
  }

  @Test
  void emptyBodyPassesNoRuleHereAndPassesTheBridgesMatch() throws Exception {
    PermittedOptions onlyHarmless =
        new PermittedOptions()
            .setAddress("persist.query")
            .setMatch(new JsonObject().put("op", "harmless"));
    int bridge = usualBridge(new SockJSBridgeOptions().addInboundPermitted(onlyHarmless));
    Probe attack = open(bridge, "");
    assertThat(attack.ask(send("persist.query", "{\"op\":\"orders\"}")).getString("type"))
        .isEqualTo("err");
    assertThat(attack.ask(send("persist.query", "null")).getString("type")).isEqualTo("rec");

    Probe viewer = open(token("viewer"));
    for (String body : List.of("null", "{}")) {
      JsonObject reply = viewer.ask(send("admin.item.close", body)).getJsonObject("body");
      assertThat(reply.getJsonObject("error").getString("code")).isEqualTo("forbidden");
    }
    JsonObject reply = open(token("admin")).ask(send("admin.item.close", "null"));
    assertThat(reply.getJsonObject("body").getJsonObject("error").getString("field"))
        .isEqualTo("item");
  }

  @Test
  void addressLikeAPatternIsNoAddressHereAndOpensTooMuchInTheBridge() throws Exception {
    PermittedOptions meant = new PermittedOptions().setAddressRegex("persist.query|admin.ping");
    int bridge = usualBridge(new SockJSBridgeOptions().addInboundPermitted(meant));
    vertx
        .eventBus()
        .<JsonObject>consumer(
            "persistXquery", asked -> asked.reply(new JsonObject().put("rows", 4)));
    JsonObject attack = open(bridge, "").ask(send("persistXquery", "{}"));
    assertThat(attack.getJsonObject("body").getInteger("rows")).isEqualTo(4);

    Probe admin = open(token("admin"));
    for (String address :
        List.of("adminXping", "admin.pin.", "admin.*", ".*", "admin.ping|stats", "ADMIN.PING")) {
      assertThat(admin.ask(send(address, "{}")).getString("type")).as(address).isEqualTo("err");
    }
    assertThat(admin.ask(send("admin.ping", "{}")).getString("type")).isEqualTo("rec");
  }

  @Test
  void thousandAndOneRegistrationsAreRefusedHereAndTakenByABridge() throws Exception {
    AtomicLong taken = new AtomicLong();
    SockJSBridgeOptions options =
        new SockJSBridgeOptions()
            .addOutboundPermitted(new PermittedOptions())
            .setMaxHandlersPerSocket(5_000);
    Router router = Router.router(vertx);
    router
        .route("/eventbus/*")
        .subRouter(
            SockJSHandler.create(vertx)
                .bridge(
                    options,
                    event -> {
                      if (event.type() == io.vertx.ext.bridge.BridgeEventType.REGISTERED) {
                        taken.incrementAndGet();
                      }
                      event.complete(true);
                    }));
    Probe attack = open(serve(router), "");
    Probe admin = open(token("admin"));
    for (int i = 0; i < 1_001; i++) {
      String register = "{\"type\":\"register\",\"address\":\"any." + i + "\"}";
      attack.socket.writeTextMessage(register);
      admin.socket.writeTextMessage(register);
    }

    assertThat(admin.closed.get(10, TimeUnit.SECONDS)).isEqualTo((short) 1008);
    assertThat(admin.frames).hasSize(100).allMatch(frame -> frame.getString("type").equals("err"));
    for (int look = 0; look < 400 && taken.get() < 1_001; look++) {
      Thread.sleep(25);
    }
    assertThat(taken.get()).as("the attack").isEqualTo(1_001);
  }

  @Test
  void rolesHoldForEveryCommandAndWouldNotWhereTheClientNamesItsOwn() throws Exception {
    Router careless = Router.router(vertx);
    careless
        .get(PATH)
        .handler(
            ctx -> {
              String claimed = ctx.request().getHeader("X-Role");
              Operator vic = new Operator("vic", Role.valueOf(claimed), Long.MAX_VALUE);
              ctx.request()
                  .toWebSocket()
                  .onSuccess(socket -> new AdminSocket(socket, vic, gateway()).start());
            });
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(serve(careless))
            .setURI(PATH)
            .putHeader("X-Role", "ADMIN");
    JsonObject attack =
        await(sockets.connect(options).map(Probe::ofBridge)).ask(send("admin.item.close", "{}"));
    assertThat(attack.getJsonObject("body").getJsonObject("error").getString("code"))
        .as("the attack got as far as the body")
        .isEqualTo("invalid");

    Probe viewer = open(token("viewer"));
    JsonObject schema = viewer.ask(send("admin.schema", "{}")).getJsonObject("body");
    int refused = 0;
    for (Object each : schema.getJsonArray("addresses")) {
      JsonObject entry = (JsonObject) each;
      if (entry.getString("kind").equals("change")) {
        JsonObject reply = viewer.ask(send(entry.getString("address"), "{\"roles\":[\"admin\"]}"));
        assertThat(reply.getJsonObject("body").getJsonObject("error").getString("code"))
            .as(entry.getString("address"))
            .isEqualTo("forbidden");
        refused++;
      }
    }

    assertThat(refused).isGreaterThan(15);
  }

  // ---- one who does not read

  @Test
  void operatorWhoDoesNotReadCostsNoMemoryAndWithoutTheRuleCostsAllOfIt() throws Exception {
    String frame = "\"" + "x".repeat(60_000) + "\"";
    int frames = 500;

    long bounded = sentToOneWhoPauses(frames, frame, true);
    long unbounded = sentToOneWhoPauses(frames, frame, false);

    assertThat(unbounded).as("the attack").isGreaterThan(frames * 60_000L);
    assertThat(bounded).as("of " + unbounded).isBetween(60_000L, unbounded / 3);
  }

  /** Bytes that reach a client in the end that did not read while they were published. */
  private long sentToOneWhoPauses(int frames, String frame, boolean byTheRule) throws Exception {
    CompletableFuture<Void> paused = new CompletableFuture<>();
    CompletableFuture<Void> published = new CompletableFuture<>();
    Operator ann = new Operator("ann", Role.VIEWER, 0);
    HttpServer server =
        vertx
            .createHttpServer()
            .webSocketHandler(
                socket -> {
                  AdminSocket admin = new AdminSocket(socket, ann, gateway());
                  admin.start();
                  AtomicLong left = new AtomicLong(frames);
                  vertx.setPeriodic(
                      1,
                      timer -> {
                        if (!paused.isDone()) {
                          admin.publish(Tap.STATS, "\"hello\""); // arrives once it is registered
                          return;
                        } else if (byTheRule) {
                          admin.publish(Tap.STATS, frame);
                        } else {
                          socket.writeTextMessage(frame);
                        }
                        if (left.decrementAndGet() == 0) {
                          vertx.cancelTimer(timer);
                          published.complete(null);
                        }
                      });
                });
    await(server.listen(0, "127.0.0.1"));
    NetSocket client =
        await(
            vertx
                .createNetClient(new NetClientOptions().setReceiveBufferSize(4_096))
                .connect(server.actualPort(), "127.0.0.1"));
    AtomicLong received = new AtomicLong();
    client.handler(
        bytes -> {
          if (received.getAndAdd(bytes.length()) == 0) { // the handshake's answer
            client.write(masked("{\"type\":\"register\",\"address\":\"stats\"}"));
          } else if (paused.complete(null)) {
            client.pause();
          }
        });
    String handshake =
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    await(client.write(handshake));
    published.get(20, TimeUnit.SECONDS);
    client.resume();
    long before = -1;
    while (received.get() != before) {
      before = received.get();
      Thread.sleep(500);
    }
    await(client.close());
    await(server.close());
    return before;
  }

  private AdminGateway gateway() {
    ScriptedBus bus = new ScriptedBus();
    VertxTimers timers = new VertxTimers(vertx);
    EdgeSide edge = side(bus, timers);
    DrainWatch drains = new DrainWatch(bus, timers, ScriptedOwners.PARTITIONS);
    LiveFigures none = new LiveFigures("edge-1", bus, timers, JsonObject::new, () -> -1);
    AlarmsHeard quiet = new AlarmsHeard(bus, alarm -> {});
    return new AdminGateway(
        edge,
        new ClusterView(edge, drains),
        new Stats(edge, drains, none),
        new Proposals(edge),
        quiet,
        false);
  }

  private static Buffer masked(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Buffer.buffer()
        .appendByte((byte) 0x81)
        .appendByte((byte) (0x80 | bytes.length))
        .appendInt(0) // a mask of zeros changes nothing
        .appendBytes(bytes);
  }

  // ----

  private String own() {
    return "http://127.0.0.1:" + management.port();
  }

  private static String token(String role) {
    return Tokens.signed(
        SECRET,
        new JsonObject()
            .put("sub", "ann")
            .put("aud", "stampede-admin")
            .put("exp", 4_000_000_000L)
            .put("roles", JsonArray.of(role)));
  }

  private int serve(Router router) throws Exception {
    return await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"))
        .actualPort();
  }

  private Answer signIn(String origin, String token) throws Exception {
    return ask(
        HttpMethod.POST,
        "/console/sign-in",
        Map.of("Origin", origin, "Content-Type", "application/json"),
        new JsonObject().put("token", token).encode());
  }

  private record Answer(int status, Map<String, String> headers, String body) {
    private String header(String name) {
      return headers.get(name);
    }

    private JsonObject json() {
      return new JsonObject(body);
    }
  }

  private Answer ask(HttpMethod method, String path, Map<String, String> headers, String body)
      throws Exception {
    return ask(management.port(), method, path, headers, body);
  }

  private Answer ask(
      int port, HttpMethod method, String path, Map<String, String> headers, String body)
      throws Exception {
    return await(
        http.request(method, port, "127.0.0.1", path)
            .compose(
                request -> {
                  headers.forEach(request::putHeader);
                  return request.send(Buffer.buffer(body));
                })
            .compose(
                response ->
                    response
                        .body()
                        .map(
                            bytes -> {
                              Map<String, String> all =
                                  new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
                              response.headers().forEach(all::put);
                              return new Answer(response.statusCode(), all, bytes.toString());
                            })));
  }

  private Probe open(String token) throws Exception {
    return open(management.port(), token);
  }

  private Probe open(int port, String token) throws Exception {
    WebSocketConnectOptions options =
        new WebSocketConnectOptions().setHost("127.0.0.1").setPort(port).setURI(PATH);
    if (!token.isEmpty()) {
      options.putHeader("Authorization", "Bearer " + token);
    }
    return await(sockets.connect(options).map(Probe::ofBridge));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(10, TimeUnit.SECONDS);
  }
}
