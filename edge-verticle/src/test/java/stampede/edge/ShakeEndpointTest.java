package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import stampede.edge.admission.Admission;
import stampede.edge.admission.LiveLimits;
import stampede.node.VertxTimers;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderNews;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.StockLevel;
import stampede.protocol.port.Timers;

/** A real server and real clients; only the owners are the test's. */
@ExtendWith(Recorded.class)
class ShakeEndpointTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final String SHAKE =
      "{\"type\":\"shake\",\"key\":\"k-1\",\"item\":\"1001\",\"quantity\":1}";
  private static final int SOCKETS_MAX = 6;

  private final Vertx vertx = Vertx.vertx();

  /** One for all: Vert.x closes those that nobody holds any more, in the middle of an answer. */
  private final HttpClientAgent http = vertx.createHttpClient();

  private final SkippingTimers timers = new SkippingTimers(new VertxTimers(vertx));
  private final VirtualTimers still = new VirtualTimers();
  private final FakeBus bus = new FakeBus(still);
  private final FakeOwners owners = new FakeOwners();
  private final Counters counters = new Counters();
  private final Tickets tickets = new Tickets(timers, System::currentTimeMillis);
  private final WebSocketClient client =
      vertx.createWebSocketClient(
          new WebSocketClientOptions()
              .setMaxFrameSize(1 << 20)
              .setMaxMessageSize(1 << 20)
              .setReceiveBufferSize(8_192)); // else the kernel takes megabytes for one that sleeps
  private final List<Phone> phones = new ArrayList<>();

  private OwnerRoutes routes;
  private ShakeEndpoint endpoint;
  private HttpServer server;

  /** Real timers, but the clock can be put forward. */
  private static final class SkippingTimers implements Timers {
    private final Timers real;
    volatile long skipMs;

    SkippingTimers(Timers real) {
      this.real = real;
    }

    @Override
    public long nanos() {
      return real.nanos() + skipMs * 1_000_000;
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      return real.after(delayMs, task);
    }
  }

  /** A client: what it hears, and how it ends. */
  private static final class Phone {
    final WebSocket socket;
    final BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
    final BlockingQueue<Integer> closes = new LinkedBlockingQueue<>();
    private volatile @Nullable AssertionError broken;

    Phone(WebSocket socket) {
      this.socket = socket;
      HttpContract.SEEN.add("openSocket 101");
      socket.textMessageHandler(
          text -> {
            JsonObject frame = new JsonObject(text);
            recorded(() -> SocketContract.told(frame));
            frames.add(frame);
          });
      socket.closeHandler(
          over ->
              closes.add(socket.closeStatusCode() == null ? -1 : (int) socket.closeStatusCode()));
    }

    JsonObject next() throws InterruptedException {
      JsonObject frame = frames.poll(5, TimeUnit.SECONDS);
      assertThat(frame).as("a frame").isNotNull();
      assertThat(broken).as("not in the contract").isNull();
      return frame;
    }

    int close() throws InterruptedException {
      Integer code = closes.poll(5, TimeUnit.SECONDS);
      assertThat(code).as("a close").isNotNull();
      SocketContract.closed(code);
      return code;
    }

    /** A fault in a handler of frames would only be logged. */
    private void recorded(Runnable check) {
      try {
        check.run();
      } catch (AssertionError fault) {
        broken = fault;
      }
    }

    void send(String frame) throws Exception {
      try {
        SocketContract.isKnown(new JsonObject(frame));
      } catch (DecodeException noJson) {
        // the edge must say so
      }
      await(socket.writeTextMessage(frame));
    }
  }

  @BeforeEach
  void start() throws Exception {
    onLoop(
        () -> {
          routes = new OwnerRoutes(timers, bus, 4);
          routes.start();
          Identity identity =
              new Identity(
                  vertx,
                  SECRET,
                  Set.of("https://shop.example"),
                  text -> Future.succeededFuture(tickets.redeem(text)),
                  System::currentTimeMillis);
          ShakeDesk desk =
              new ShakeDesk(
                  owners,
                  routes,
                  timers,
                  counters,
                  new Admission(
                      new LiveLimits(EdgeConfigs.limits()),
                      attempt -> false,
                      1_000,
                      1_000,
                      1_000,
                      bound -> 0),
                  32,
                  1_000,
                  order -> {});
          endpoint =
              new ShakeEndpoint(
                  timers,
                  System::currentTimeMillis,
                  bound -> 0,
                  bus,
                  identity,
                  new TrustedProxies(List.of()),
                  desk,
                  new ItemBoard(timers, routes),
                  counters,
                  "edge-1",
                  5_000,
                  SOCKETS_MAX);
          Router router = Router.router(vertx);
          Problem.install(router);
          endpoint.mount(router);
          new ShakeApi(identity, new TrustedProxies(List.of()), desk).mount(router);
          return vertx
              .createHttpServer(EdgeVerticle.serverOptions())
              .requestHandler(router)
              .listen(0, "127.0.0.1")
              .onSuccess(listening -> server = listening);
        });
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @Test
  void welcomesAndEchoesTheSubprotocol() throws Exception {
    Phone phone = phone("u1");

    JsonObject welcome = phone.next();

    assertThat(welcome.getString("type")).isEqualTo("welcome");
    assertThat(welcome.getString("user")).isEqualTo("u1");
    assertThat(welcome.getString("node")).isEqualTo("edge-1");
    assertThat(welcome.getLong("cooldownMs")).isEqualTo(5_000);
    assertThat(phone.socket.subProtocol()).isEqualTo("shake.v1");
    phone.send("{\"type\":\"ping\"}");
    assertThat(phone.next().getString("type")).isEqualTo("pong");
  }

  @Test
  void aShakeIsAnsweredByItsOwner() throws Exception {
    Phone phone = welcomed("u1");
    phone.send(SHAKE);
    reply(0, Shaken.accepted(order("u1"), 5, 6, false));

    JsonObject outcome = phone.next();

    assertThat(outcome.getString("outcome")).isEqualTo("accepted");
    assertThat(outcome.getString("order")).isEqualTo("77");
    assertThat(outcome.getString("status")).isEqualTo("held");
    assertThat(outcome.getLong("payBy")).isEqualTo(900);
    assertThat(outcome.getLong("position")).isEqualTo(5);
  }

  @Test
  void anOperatorsNoticeReachesThoseWhoWatchOrWaitEachOnceAndNobodyElse() throws Exception {
    Phone watching = welcomed("u1");
    watching.send("{\"type\":\"watch\",\"items\":[\"1001\"]}");
    Phone waiting = welcomed("u2");
    waiting.send(SHAKE);
    Phone both = welcomed("u3");
    both.send("{\"type\":\"watch\",\"items\":[\"1001\"]}");
    both.send(SHAKE.replace("k-1", "k-3"));
    Phone elsewhere = welcomed("u4");
    elsewhere.send("{\"type\":\"watch\",\"items\":[\"2002\"]}");
    for (Phone phone : List.of(watching, waiting, both, elsewhere)) {
      phone.send("{\"type\":\"ping\"}");
      assertThat(phone.next().getString("type")).isEqualTo("pong");
    }

    JsonObject said = JsonObject.of("item", "1001", "text", "soon \"<b>\" 很快", "at", 9);
    publish(Addresses.NOTICES, said.toBuffer().getBytes());

    for (Phone phone : List.of(watching, waiting, both)) {
      assertThat(phone.next()).isEqualTo(said.copy().put("type", "notice"));
    }
    for (Phone phone : List.of(watching, both, elsewhere)) {
      phone.send("{\"type\":\"ping\"}");
      assertThat(phone.next().getString("type")).isEqualTo("pong");
    }
  }

  @Test
  void everyOutcomeIsToldOnTheSocketToo() throws Exception {
    Phone phone = welcomed("u1");
    for (Shaken said :
        List.of(
            Shaken.limitReached(new long[] {7}, 5, 6),
            Shaken.of(Outcome.ENDED, 5, 6),
            Shaken.notOpen(99, 5, 6),
            Shaken.of(Outcome.PAUSED, 5, 6))) {
      assertThat(outcome(phone, said)).isEqualTo(said.outcome().text());
    }
    int before = askedNow();
    phone.send("{\"type\":\"result\",\"key\":\"k-1\",\"item\":\"1001\"}");
    reply(before, Shaken.of(Outcome.UNKNOWN, 5, 6));
    assertThat(phone.next().getString("outcome")).isEqualTo("unknown");
    phone.send(SHAKE);
    fail(before + 1, new Owners.Busy("no_owner", 300));
    assertThat(phone.next().getString("outcome")).isEqualTo("busy");
    hint(ItemState.OPEN, 0, 60_000, 1);
    phone.send(SHAKE);
    assertThat(phone.next().getString("outcome")).isEqualTo("missed");
    hint(ItemState.OPEN, Limits.GATE_OPEN, 60_000, 2);
    assertThat(outcome(phone, Shaken.of(Outcome.SOLD_OUT, 5, 6))).isEqualTo("sold_out");
    phone.send(SHAKE);
    assertThat(phone.next().getString("outcome")).isEqualTo("throttled");
    assertThat(outcome(welcomed("u2"), Shaken.of(Outcome.BLOCKED, 5, 6))).isEqualTo("blocked");
  }

  private String outcome(Phone phone, Shaken said) throws Exception {
    int before = askedNow();
    phone.send(SHAKE);
    reply(before, said);
    return phone.next().getString("outcome");
  }

  @Test
  void whoWaitsForLongIsToldHowManyAreAhead() throws Exception {
    owners.ahead = 5;
    Phone phone = welcomed("u1");
    phone.send(SHAKE);

    assertThat(phone.next().getString("outcome")).isEqualTo("pending");
    JsonObject queued = phone.next();
    assertThat(queued.getString("type")).isEqualTo("queued");
    assertThat(queued.getInteger("ahead")).isEqualTo(5);
    assertThat(queued.getLong("etaMs")).isEqualTo(35);
  }

  @Test
  void bytesThatAreNoFrameClose() throws Exception {
    byte[] unmasked = {(byte) 0x81, 2, '{', '}'};
    byte[] reserved = RawClient.frame(0xF1, new byte[] {'{', '}'});

    assertThat(closeOf(unmasked)).isEqualTo(1002);
    assertThat(closeOf(reserved)).isEqualTo(1002);
    assertThat(endpoint.sockets()).isZero();
  }

  @Test
  void textThatIsNotUtf8IsABadFrame() throws Exception {
    byte[] bad = RawClient.frame(0x81, new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'});
    ByteBuffer three = ByteBuffer.allocate(3 * bad.length).put(bad).put(bad).put(bad);

    assertThat(closeOf(three.array())).isEqualTo(1008);
    assertThat(owners.asked).isEmpty();
  }

  /** The code of the close frame that answers {@code bytes}. */
  private int closeOf(byte[] bytes) throws Exception {
    try (RawClient client = new RawClient(server.actualPort())) {
      client.sendAll(RawClient.upgrade(token("u1")));
      client.await("welcome");
      client.sendAll(bytes);
      String told = client.receiveAll();
      int at = told.indexOf(0x88);
      assertThat(at).as("a close frame in " + told).isNotNegative();
      int code = told.charAt(at + 2) << 8 | told.charAt(at + 3);
      SocketContract.closed(code);
      return code;
    }
  }

  @Test
  void isPendingAfterASecondAndAnsweredLater() throws Exception {
    Phone phone = welcomed("u1");
    phone.send(SHAKE);
    assertThat(phone.next().getString("outcome")).isEqualTo("pending");
    reply(0, Shaken.of(Outcome.SOLD_OUT, 5, 6));
    assertThat(phone.next().getString("outcome")).isEqualTo("sold_out");
  }

  @Test
  void usersNeverSeeEachOthersFrames() throws Exception {
    Phone ann = welcomed("ann");
    Phone bob = welcomed("bob");
    ann.send(SHAKE);
    bob.send(SHAKE);
    asked(2);
    for (int i = 0; i < 2; i++) {
      String user = user(i);
      reply(i, Shaken.accepted(order(user), user.equals("ann") ? 1 : 2, 6, false));
    }
    tell("ann", 11, "paid");
    tell("bob", 12, "released");

    assertThat(ann.next().getLong("position")).isEqualTo(1);
    assertThat(ann.next().getString("order")).isEqualTo("11");
    assertThat(bob.next().getLong("position")).isEqualTo(2);
    assertThat(bob.next().getString("order")).isEqualTo("12");
    Thread.sleep(100);
    assertThat(ann.frames).isEmpty();
    assertThat(bob.frames).isEmpty();
  }

  @Test
  void usersThatLookAlikeAreDifferent() throws Exception {
    List<String> users = List.of("Ann", "ann", "ann ", "ánn", "ann\u0000", "a\u0301nn");
    List<Phone> all = new ArrayList<>();
    for (String user : users) {
      Phone phone = phone(user);
      assertThat(phone.next().getString("user")).isEqualTo(user);
      all.add(phone);
    }
    for (String user : users) {
      tell(user, 1_000 + users.indexOf(user), "paid");
    }

    for (int i = 0; i < users.size(); i++) {
      assertThat(all.get(i).next().getString("order")).isEqualTo("" + (1_000 + i));
      assertThat(all.get(i).frames).isEmpty();
    }
  }

  @Test
  void everySocketOfAUserHearsOfItsOrders() throws Exception {
    Phone one = welcomed("u1");
    Phone two = welcomed("u1");
    tell("u1", 5, "late_payment");

    assertThat(one.next().getString("status")).isEqualTo("late_payment");
    assertThat(two.next().getString("status")).isEqualTo("late_payment");
  }

  @Test
  void watchersSeeAnItemAtOnceAndWhenItChanges() throws Exception {
    hint(ItemState.SCHEDULED, StockLevel.PLENTY, 1);
    Phone phone = welcomed("u1");
    phone.send("{\"type\":\"watch\",\"items\":[\"1001\",\"5\"]}");
    JsonObject first = phone.next();
    hint(ItemState.SCHEDULED, StockLevel.PLENTY, 2);
    Thread.sleep(300);
    assertThat(phone.frames).as("nothing to see has changed").isEmpty();
    hint(ItemState.OPEN, StockLevel.PLENTY, 3);
    JsonObject second = phone.next();
    hint(ItemState.OPEN, StockLevel.LOW, 4);
    hint(ItemState.SOLD_OUT, StockLevel.NONE, 5);
    JsonObject third = phone.next();

    assertThat(first.getString("state")).isEqualTo("scheduled");
    assertThat(first.getLong("asOf")).isEqualTo(1);
    assertThat(second.getString("state")).isEqualTo("open");
    assertThat(third.getString("state")).as("the latest only").isEqualTo("sold_out");
    phone.send("{\"type\":\"watch\",\"items\":[]}");
    phone.send("{\"type\":\"ping\"}");
    assertThat(phone.next().getString("type")).isEqualTo("pong");
    hint(ItemState.OPEN, StockLevel.LOW, 6);
    Thread.sleep(300);
    assertThat(phone.frames).isEmpty();
  }

  @Test
  void theThirdBadFrameCloses() throws Exception {
    Phone phone = welcomed("u1");
    phone.send("{");
    phone.send("{\"type\":\"shake\"}");
    await(phone.socket.writeBinaryMessage(Buffer.buffer(SHAKE)));

    for (String named : List.of("frame", "item", "frame must be text")) {
      JsonObject error = phone.next();
      assertThat(error.getString("code")).isEqualTo("bad_frame");
      assertThat(error.getString("detail")).startsWith(named);
    }
    assertThat(phone.close()).isEqualTo(1008);
    assertThat(owners.asked).isEmpty();
  }

  @Test
  void anImpossibleQuantityIsAnsweredByKeyAndIsNoBadFrame() throws Exception {
    Phone phone = welcomed("u1");
    for (String quantity : List.of("0", "-1", "1.5", "\"1\"", "1000000000")) {
      phone.send(SHAKE.replace(":1}", ":" + quantity + "}"));
      JsonObject outcome = phone.next();
      assertThat(outcome.getString("outcome")).isEqualTo("invalid");
      assertThat(outcome.getString("key")).isEqualTo("k-1");
      assertThat(outcome.getString("detail")).startsWith("quantity ");
      assertThat(outcome.containsKey("position")).isFalse();
    }
    assertThat(owners.asked).isEmpty();
  }

  @Test
  void fourKilobytesAreUnderstoodAndOneByteMoreCloses() throws Exception {
    Phone phone = welcomed("u1");
    String padded = "{\"type\":\"ping\",\"x\":\"" + "x".repeat(4_096 - 22) + "\"}";
    assertThat(padded).hasSize(4_096);
    phone.send(padded);
    assertThat(phone.next().getString("type")).isEqualTo("pong");

    await(phone.socket.writeFinalTextFrame(padded + " "));

    assertThat(phone.close()).isEqualTo(1009);
  }

  @Test
  void aFrameFarTooLargeCloses() throws Exception {
    Phone phone = welcomed("u1");

    phone.socket.writeFinalTextFrame("x".repeat(1_000_000));

    assertThat(phone.close()).isEqualTo(1009);
  }

  @Test
  void aClientThatDoesNotReadIsClosedAndNothingMoreIsReadFromIt() throws Exception {
    Phone phone = welcomed("slow");
    Phone other = welcomed("other");
    phone.socket.textMessageHandler(unread -> {});
    phone.socket.pause();
    for (int i = 0; i < 20; i++) { // more than the kernel takes for it
      news("slow", 500);
    }
    awaitNewsTold();
    phone.send(SHAKE);
    timers.skipMs = ShakeSocket.FULL_MS_MAX + 500;
    awaitSockets(1);
    assertThat(askedNow()).isZero();
    phone.socket.resume();

    assertThat(phone.close()).isEqualTo(1013);
    other.send("{\"type\":\"ping\"}");
    assertThat(other.next().getString("type")).isEqualTo("pong");
  }

  @Test
  void whoDidNotReadForAWhileIsShownTheLatestOfAnItemAndEveryAnswer() throws Exception {
    hint(ItemState.SCHEDULED, StockLevel.PLENTY, 1);
    try (RawClient slow = new RawClient(server.actualPort(), 4_096)) {
      slow.sendAll(RawClient.upgrade(token("slow")));
      slow.await("welcome");
      slow.sendAll(RawClient.text("{\"type\":\"watch\",\"items\":[\"1001\"]}"));
      slow.await("scheduled");
      int pings =
          200_000; // to be answered with more than a kernel takes for one that reads nothing
      byte[] ping = RawClient.text("{\"type\":\"ping\"}");
      ByteBuffer all = ByteBuffer.allocate(pings * ping.length);
      for (int i = 0; i < pings; i++) {
        all.put(ping);
      }
      slow.sendAll(all.array());
      Thread.sleep(500);
      hint(ItemState.OPEN, StockLevel.PLENTY, 2);
      Thread.sleep(300);
      hint(ItemState.OPEN, StockLevel.LOW, 3);
      Thread.sleep(300);
      hint(ItemState.SOLD_OUT, StockLevel.NONE, 4);
      Thread.sleep(300);

      StringBuilder heard = new StringBuilder();
      long deadline = System.nanoTime() + 20_000_000_000L;
      for (int idle = 0; idle < 50 && System.nanoTime() < deadline; ) {
        String more = slow.receive();
        heard.append(more);
        idle = more.isEmpty() ? idle + 1 : 0;
        Thread.sleep(more.isEmpty() ? 20 : 0);
      }

      assertThat(pongs(heard)).isEqualTo(pings);
      assertThat(heard.toString()).contains("\"state\":\"sold_out\"").doesNotContain("\"open\"");
    }
  }

  private static long pongs(StringBuilder heard) {
    String all = heard.toString();
    return (all.length() - all.replace("pong", "").length()) / 4;
  }

  @Test
  void aSilentSocketIsClosed() throws Exception {
    Phone phone = welcomed("u1");

    timers.skipMs = ShakeSocket.SILENT_MS_MAX;

    assertThat(phone.close()).isEqualTo(1001);
    assertThat(endpoint.sockets()).isZero();
  }

  @Test
  void aSocketIsPingedAndStaysOpenByItsPongs() throws Exception {
    Phone phone = welcomed("u1");
    BlockingQueue<Long> pings = new LinkedBlockingQueue<>();
    phone.socket.frameHandler(
        frame -> {
          if (frame.isPing()) {
            pings.add(timers.millis());
          }
        });

    for (int i = 0; i < 2; i++) {
      timers.skipMs += 35_000;
      assertThat(pings.poll(5, TimeUnit.SECONDS)).as("a ping").isNotNull();
    }

    assertThat(phone.closes).isEmpty();
    assertThat(endpoint.sockets()).isOne();
  }

  @Test
  void piecesAreUnderstoodAndCloseWhenTheyAreTooMuchTogether() throws Exception {
    Phone phone = welcomed("u1");
    String ping = "{\"type\":\"ping\",\"x\":\"é\"}";
    byte[] bytes = ping.getBytes(StandardCharsets.UTF_8);
    Buffer rest = Buffer.buffer(bytes).slice(1, bytes.length);
    await(phone.socket.writeFrame(WebSocketFrame.textFrame("{", false)));
    await(phone.socket.writeFrame(WebSocketFrame.continuationFrame(rest, true)));
    assertThat(phone.next().getString("type")).isEqualTo("pong");

    await(phone.socket.writeFrame(WebSocketFrame.textFrame("{" + " ".repeat(2_000), false)));
    for (int i = 0; i < 2; i++) {
      Buffer more = Buffer.buffer(" ".repeat(1_500));
      await(phone.socket.writeFrame(WebSocketFrame.continuationFrame(more, false)));
    }
    assertThat(phone.close()).isEqualTo(1009);
  }

  @Test
  void theOldestOfFourSocketsIsReplaced() throws Exception {
    Phone oldest = welcomed("u1");
    welcomed("u1");
    welcomed("u1");
    Phone other = welcomed("u2");
    Phone newest = welcomed("u1");

    assertThat(oldest.close()).isEqualTo(4001);
    newest.send("{\"type\":\"ping\"}");
    assertThat(newest.next().getString("type")).isEqualTo("pong");
    assertThat(other.closes).isEmpty();
    assertThat(endpoint.sockets()).isEqualTo(4);
  }

  @Test
  void restartClosesWithATimeToComeBackAtAndLetsNobodyIn() throws Exception {
    Phone phone = welcomed("u1");

    onLoop(
        () -> {
          endpoint.stop();
          return Future.succeededFuture();
        });

    assertThat(phone.close()).isEqualTo(1012);
    assertThat(phone.socket.closeReason()).matches("retryAfterMs=\\d+");
    assertThat(upgradeStatus(connect(token("u1")))).isEqualTo(503);
  }

  @Test
  void aTokenThatEndsClosesItsSocket() throws Exception {
    Phone phone = phone(token("u1", 2, "stampede", SECRET), null);
    phone.next();

    assertThat(phone.close()).isEqualTo(1008);
    assertThat(phone.socket.closeReason()).isEqualTo("token_expired");
  }

  @Test
  void answersToASocketThatIsGoneAreDropped() throws Exception {
    Phone phone = welcomed("u1");
    Phone again = welcomed("u1");
    phone.send(SHAKE);
    asked(1);
    await(phone.socket.close());
    again.send("{\"type\":\"result\",\"key\":\"k-1\",\"item\":\"1001\"}");
    again.send("{\"type\":\"ping\"}");
    assertThat(again.next().getString("type")).isEqualTo("pong");
    reply(0, Shaken.of(Outcome.SOLD_OUT, 5, 6));

    assertThat(again.next().getString("outcome")).isEqualTo("sold_out");
    assertThat(endpoint.sockets()).isEqualTo(1);
  }

  @Test
  void aNodeHasOnlySoManySockets() throws Exception {
    for (int i = 0; i < SOCKETS_MAX; i++) {
      welcomed("u" + i);
    }
    assertThat(upgradeStatus(connect(token("late")))).isEqualTo(503);
    await(phones.get(0).socket.close());
    welcomed("u-next");
  }

  @Test
  void badTokensAreRefusedBeforeTheUpgrade() throws Exception {
    String good = token("u1");
    String none =
        Tokens.base64("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + good.split("\\.")[1] + ".";
    String changed = good.substring(0, good.length() - 3) + "AAA";
    String endless = unending("u1");
    for (String bad :
        List.of(
            "",
            "x",
            "a.b.c",
            none,
            changed,
            endless,
            token("u1", -10, "stampede", SECRET),
            token("u1", 60, "stampede-admin", SECRET),
            token("u1", 60, "stampede", SECRET.replace('0', '9')),
            token("", 60, "stampede", SECRET),
            token("u".repeat(65), 60, "stampede", SECRET),
            token("é".repeat(33), 60, "stampede", SECRET))) {
      assertThat(upgradeStatus(connect(bad))).as(bad).isEqualTo(401);
    }
    assertThat(upgradeStatus(connect(null))).isEqualTo(401);
    assertThat(counters.snapshot().getLong("socketsOpened")).isZero();
  }

  @Test
  void aPageOfAnotherOriginIsRefused() throws Exception {
    for (String foreign :
        List.of(
            "https://evil.example", "null", "http://127.0.0.1:1", "https://shop.example.evil")) {
      assertThat(upgradeStatus(connect(token("u1"), foreign))).as(foreign).isEqualTo(403);
    }
    await(connect(token("u1"), "http://127.0.0.1:" + server.actualPort()));
    await(connect(token("u2"), "https://shop.example"));
  }

  @Test
  void aTicketOpensOneSocket() throws Exception {
    Shoppers.Ticket ticket =
        tickets.issue(new Shoppers.Shopper(Bytes.of("u1"), System.currentTimeMillis() + 60_000));
    String uri = "/shake?ticket=" + ticket.text();
    Phone phone = onLoop(() -> client.connect(options(uri)).map(Phone::new)).result();

    assertThat(phone.next().getString("user")).isEqualTo("u1");
    assertThat(upgradeStatus(client.connect(options(uri)))).isEqualTo(401);
    assertThat(upgradeStatus(client.connect(options("/shake?ticket=x")))).isEqualTo(401);
  }

  /** What an edge does to warm up is nobody's shake, and operators must not see it as one. */
  @Test
  void whoAsksInARehearsalIsInNoFigure() throws Exception {
    for (Bytes user : List.of(Rehearsal.ASKER, Bytes.of("u1"))) {
      Phone phone = withTicket(user);
      int before = askedNow();
      phone.send("{\"type\":\"result\",\"key\":\"r-1\",\"item\":\"1001\"}");
      reply(before, Shaken.of(Outcome.UNKNOWN, 5, 6));
      assertThat(phone.next().getString("type")).isEqualTo("outcome");

      boolean counts = !user.equals(Rehearsal.ASKER);
      assertThat(counters.snapshot().getLong("sockets")).isEqualTo(counts ? 1 : 0);
      assertThat(counters.snapshot().getJsonObject("outcomes")).hasSize(counts ? 1 : 0);
    }
  }

  @Test
  void onlyGuestsOfARehearsalGetItsOrdersAndNoOwnerHearsOfThem() throws Exception {
    RehearsalDesk stage = onLoop(() -> Future.succeededFuture(openedStage())).result();
    Phone guest = withTicket(Bytes.of(stage.guests() + "1"));
    Phone other = withTicket(Bytes.of("stampede:rehearsal:1"));
    int before = askedNow();
    String shake = "{\"type\":\"shake\",\"key\":\"r-1\",\"item\":\"1\",\"quantity\":1}";

    guest.send(shake);
    assertThat(guest.next().getString("outcome")).isEqualTo("accepted");
    assertThat(askedNow()).isEqualTo(before);
    assertThat(counters.snapshot().getLong("shakes")).isZero();
    assertThat(counters.snapshot().getLong("sockets")).as("the other").isEqualTo(1);
    assertThat(counters.snapshot().getJsonObject("outcomes")).isEmpty();

    other.send(shake);
    reply(before, Shaken.of(Outcome.SOLD_OUT, 5, 6));
    assertThat(other.next().getString("outcome")).isEqualTo("sold_out");
    onLoop(
        () -> {
          endpoint.stage(null);
          stage.close();
          return Future.succeededFuture();
        });
  }

  private RehearsalDesk openedStage() {
    RehearsalDesk stage =
        new RehearsalDesk(
            EdgeConfigs.of("s".repeat(32)),
            new VertxTimers(vertx),
            System::currentTimeMillis,
            task -> vertx.runOnContext(end -> task.run()));
    stage.open();
    endpoint.stage(stage);
    return stage;
  }

  private Phone withTicket(Bytes user) throws Exception {
    long endsMs = System.currentTimeMillis() + 60_000;
    String ticket = tickets.issue(new Shoppers.Shopper(user, endsMs)).text();
    Phone phone =
        onLoop(() -> client.connect(options("/shake?ticket=" + ticket)).map(Phone::new)).result();
    phone.next();
    return phone;
  }

  @Test
  void aCookieWillDo() throws Exception {
    WebSocketConnectOptions options =
        options("/shake").addHeader("Cookie", "a=b; stampede=" + token("u1"));

    Phone phone = onLoop(() -> client.connect(options).map(Phone::new)).result();

    assertThat(phone.next().getString("user")).isEqualTo("u1");
  }

  @Test
  void aBrokenHandshakeIsSaidToBeOne() throws Exception {
    Map<String, String> good =
        Map.of(
            "authorization",
            "Bearer " + token("u1"),
            "connection",
            "keep-alive, Upgrade",
            "upgrade",
            "websocket",
            "sec-websocket-version",
            "13",
            "sec-websocket-key",
            "dGhlIHNhbXBsZSBub25jZQ==");
    for (String broken : List.of("connection", "sec-websocket-key")) {
      Map<String, String> without = new HashMap<>(good);
      without.remove(broken);
      JsonObject answer = await(request(HttpMethod.GET, "/shake", without, ""));
      assertThat(answer.getInteger("status")).as(broken).isEqualTo(400);
      assertThat(answer.getString("code")).as(broken).isEqualTo("bad_upgrade");
    }
    Map<String, String> old = new HashMap<>(good);
    old.put("sec-websocket-version", "8");
    JsonObject answer = await(request(HttpMethod.GET, "/shake", old, ""));
    assertThat(answer.getInteger("status")).isEqualTo(426);
    assertThat(answer.getString("code")).isEqualTo("upgrade_required");
    assertThat(endpoint.sockets()).isZero();
  }

  @Test
  void withoutAnUpgradeThereIsNoSocket() throws Exception {
    assertThat(http(HttpMethod.GET, "/shake", null, null, "").getInteger("status")).isEqualTo(426);
  }

  @Test
  void anHttpShakeGetsItsOutcomeAsStatus() throws Exception {
    assertThat(post(Shaken.accepted(order("u1"), 5, 6, false)).getInteger("status")).isEqualTo(201);
    assertThat(post(Shaken.accepted(order("u1"), 5, 6, true)).getInteger("status")).isEqualTo(200);
    JsonObject limit = post(Shaken.limitReached(new long[] {7}, 5, 6));
    assertThat(limit.getInteger("status")).isEqualTo(409);
    assertThat(limit.getString("outcome")).isEqualTo("limit_reached");
    assertThat(limit.getString("code")).isEqualTo("limit_reached");
    assertThat(limit.getJsonArray("orders").getString(0)).isEqualTo("7");
    assertThat(limit.getLong("position")).isEqualTo(5);
    assertThat(post(Shaken.of(Outcome.SOLD_OUT, 5, 6)).getInteger("status")).isEqualTo(409);
    assertThat(post(Shaken.of(Outcome.ENDED, 5, 6)).getInteger("status")).isEqualTo(410);
    assertThat(post(Shaken.notOpen(99, 5, 6)).getInteger("status")).isEqualTo(403);
    JsonObject paused = post(Shaken.of(Outcome.PAUSED, 5, 6));
    assertThat(paused.getInteger("status")).isEqualTo(503);
    assertThat(paused.getString("retry-after")).isEqualTo("1");
    JsonObject unknown = post(Shaken.invalid("unknown_item", "no such item", 5, 6));
    assertThat(unknown.getInteger("status")).isEqualTo(404);
    assertThat(unknown.getString("code")).isEqualTo("unknown_item");
    assertThat(post(Shaken.invalid("key_reused", "x", 5, 6)).getInteger("status")).isEqualTo(422);
    assertThat(post(Shaken.of(Outcome.BLOCKED, 5, 6)).getInteger("status")).isEqualTo(403);
  }

  @Test
  void aCooldownIsShownOnTheAnswerThatStartsItAndOnTheOneThatMeetsIt() throws Exception {
    hint(ItemState.OPEN, Limits.GATE_OPEN, 60_000, 1);

    JsonObject first = post(Shaken.of(Outcome.SOLD_OUT, 5, 6));
    JsonObject second =
        http(HttpMethod.POST, "/api/v1/items/1001/shakes", token("u1"), "k-2", "{\"quantity\":1}");

    for (JsonObject answer : List.of(first, second)) {
      assertThat(answer.getString("policy")).isEqualTo("\"shake\";q=1;w=60, \"user\";q=50;w=10");
      assertThat(answer.getString("limit"))
          .matches("\"shake\";r=0;t=(5[0-9]|60), \"user\";r=49;t=1");
    }
    assertThat(second.getInteger("status")).isEqualTo(429);
    assertThat(second.getString("retry-after")).matches("5[0-9]|60");
  }

  @Test
  void anHttpShakeThatTakesLongIsPendingAndCanBeAskedByKey() throws Exception {
    JsonObject pending =
        http(
            HttpMethod.POST,
            "/api/v1/items/1001/shakes",
            token("u1"),
            "\"k-1\"",
            "{\"quantity\":1}");
    assertThat(pending.getInteger("status")).isEqualTo(202);
    assertThat(pending.getString("outcome")).isEqualTo("pending");
    reply(0, Shaken.of(Outcome.SOLD_OUT, 5, 6));

    assertThat(get(Shaken.accepted(order("u1"), 5, 6, true)).getInteger("status")).isEqualTo(200);
    assertThat(get(Shaken.of(Outcome.UNKNOWN, 5, 6)).getInteger("status")).isEqualTo(404);
  }

  @Test
  void badHttpShakesNameWhatIsWrong() throws Exception {
    String path = "/api/v1/items/1001/shakes";
    String me = token("u1");
    JsonObject missing = http(HttpMethod.POST, path, me, null, "{\"quantity\":1}");
    assertThat(missing.getInteger("status")).isEqualTo(400);
    assertThat(missing.getString("code")).isEqualTo("missing_key");
    for (String body : List.of("", "{}", "{\"quantity\":0}", "{\"quantity\":\"1\"}", "[")) {
      JsonObject bad = http(HttpMethod.POST, path, me, "k-1", body);
      assertThat(bad.getInteger("status")).as(body).isEqualTo(400);
      assertThat(bad.getString("detail")).containsAnyOf("quantity", "frame", "body");
    }
    assertThat(http(HttpMethod.POST, path, me, "a b", "{\"quantity\":1}").getString("detail"))
        .startsWith("key ");
    assertThat(http(HttpMethod.POST, path, null, "k-1", "{\"quantity\":1}").getInteger("status"))
        .isEqualTo(401);
    assertThat(
            http(HttpMethod.POST, path.replace("1001", "x1"), me, "k-1", "{\"quantity\":1}")
                .getInteger("status"))
        .isEqualTo(404);
    assertThat(http(HttpMethod.POST, path, me, "k-1", " ".repeat(9_000)).getInteger("status"))
        .isEqualTo(413);
    assertThat(owners.asked).isEmpty();
  }

  @Test
  void whoMayNotAskOverHttpHearsSo() throws Exception {
    String path = "/api/v1/items/1001/shakes";
    Map<String, String> foreign =
        Map.of(
            "authorization",
            "Bearer " + token("u1"),
            "origin",
            "https://evil.example",
            "content-type",
            "application/json",
            "idempotency-key",
            "k-1");
    Map<String, String> ofAForm = new HashMap<>(foreign);
    ofAForm.remove("origin");
    ofAForm.put("content-type", "text/plain");

    JsonObject shake = await(request(HttpMethod.POST, path, foreign, "{\"quantity\":1}"));
    JsonObject ask = await(request(HttpMethod.GET, path + "/k-1", foreign, ""));
    JsonObject form = await(request(HttpMethod.POST, path, ofAForm, "{\"quantity\":1}"));
    JsonObject nobody = http(HttpMethod.GET, path + "/k-1", null, null, "");
    JsonObject badKey = http(HttpMethod.GET, path + "/k%20", token("u1"), null, "");

    assertThat(shake.getString("code")).isEqualTo("foreign_origin");
    assertThat(ask.getString("code")).isEqualTo("foreign_origin");
    assertThat(form.getInteger("status")).isEqualTo(415);
    assertThat(nobody.getInteger("status")).isEqualTo(401);
    assertThat(badKey.getInteger("status")).isEqualTo(400);
    assertThat(owners.asked).isEmpty();
  }

  @Test
  void aQuestionByKeyThatTakesLongIsPending() throws Exception {
    JsonObject answer =
        http(HttpMethod.GET, "/api/v1/items/1001/shakes/k-1", token("u1"), null, "");

    assertThat(answer.getInteger("status")).isEqualTo(202);
    assertThat(answer.getString("outcome")).isEqualTo("pending");
  }

  @Test
  void aMistakeOfTheOwnerIsNotTheShoppers() throws Exception {
    JsonObject answer = post(Shaken.invalid("internal", "something went wrong", 5, 6));

    assertThat(answer.getInteger("status")).isEqualTo(500);
    assertThat(answer.getString("code")).isEqualTo("internal");
  }

  private JsonObject post(Shaken said) throws Exception {
    int before = owners.asked.size();
    Future<JsonObject> answer =
        request(
            HttpMethod.POST,
            "/api/v1/items/1001/shakes",
            token("u1"),
            "k-" + before,
            "{\"quantity\":1}");
    reply(before, said);
    return await(answer);
  }

  private JsonObject get(Shaken said) throws Exception {
    int before = owners.asked.size();
    Future<JsonObject> answer =
        request(HttpMethod.GET, "/api/v1/items/1001/shakes/k-1", token("u1"), null, "");
    reply(before, said);
    return await(answer);
  }

  private JsonObject http(
      HttpMethod method, String path, @Nullable String token, @Nullable String key, String body)
      throws Exception {
    return await(request(method, path, token, key, body));
  }

  private Future<JsonObject> request(
      HttpMethod method, String path, @Nullable String token, @Nullable String key, String body) {
    Map<String, String> headers = new HashMap<>();
    headers.put("content-type", "application/json");
    if (token != null) {
      headers.put("authorization", "Bearer " + token);
    }
    if (key != null) {
      headers.put("idempotency-key", key);
    }
    return request(method, path, headers, body);
  }

  /**
   * @param headers names in lower case
   */
  private Future<JsonObject> request(
      HttpMethod method, String path, Map<String, String> headers, String body) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setHost("127.0.0.1")
            .setPort(server.actualPort())
            .setURI(path);
    headers.forEach(options::addHeader);
    return http.request(options)
        .compose(
            request -> {
              // who asks for a body on another thread than its event loop may come too late
              Future<JsonObject> answer =
                  request
                      .response()
                      .compose(
                          response ->
                              response
                                  .body()
                                  .map(
                                      bytes -> {
                                        recorded(
                                            method.name(),
                                            path,
                                            body,
                                            response.statusCode(),
                                            response.headers(),
                                            bytes,
                                            headers);
                                        return whole(response, bytes);
                                      }));
              return request.end(body).compose(sent -> answer);
            });
  }

  private static void recorded(
      String method, String path, String body, int status, MultiMap told, Buffer answer) {
    recorded(method, path, body, status, told, answer, Map.of());
  }

  private static void recorded(
      String method,
      String path,
      String body,
      int status,
      MultiMap told,
      Buffer answer,
      Map<String, String> asked) {
    Map<String, String> headers = new HashMap<>();
    told.forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    HttpContract.check(
        new HttpContract.Exchange(
            method, path, asked, body, status, headers, answer.toString(StandardCharsets.UTF_8)));
  }

  private static JsonObject whole(HttpClientResponse response, Buffer body) {
    JsonObject json = new JsonObject(body);
    if (json.getValue("status") instanceof String orderStatus) {
      json.put("orderStatus", orderStatus);
    }
    return json.put("status", response.statusCode())
        .put("policy", response.getHeader("RateLimit-Policy"))
        .put("limit", response.getHeader("RateLimit"))
        .put("retry-after", response.getHeader("Retry-After"));
  }

  private Phone phone(String user) throws Exception {
    return phone(token(user), null);
  }

  private Phone welcomed(String user) throws Exception {
    Phone phone = phone(user);
    assertThat(phone.next().getString("type")).isEqualTo("welcome");
    return phone;
  }

  private Phone phone(String token, @Nullable String origin) throws Exception {
    Phone phone = onLoop(() -> connect(token, origin).map(Phone::new)).result();
    phones.add(phone);
    return phone;
  }

  private Future<WebSocket> connect(@Nullable String token) {
    return connect(token, null);
  }

  private Future<WebSocket> connect(@Nullable String token, @Nullable String origin) {
    WebSocketConnectOptions options = options("/shake").addSubProtocol("shake.v1");
    if (token != null) {
      options.addHeader("Authorization", "Bearer " + token);
    }
    if (origin != null) {
      options.addHeader("Origin", origin).setAllowOriginHeader(true);
    }
    return client.connect(options);
  }

  private WebSocketConnectOptions options(String uri) {
    return new WebSocketConnectOptions()
        .setHost("127.0.0.1")
        .setPort(server.actualPort())
        .setAllowOriginHeader(false)
        .setURI(uri);
  }

  private static int upgradeStatus(Future<WebSocket> connecting) throws Exception {
    try {
      await(connecting);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(UpgradeRejectedException.class);
      UpgradeRejectedException rejected = (UpgradeRejectedException) e.getCause();
      recorded(
          "GET", "/shake", "", rejected.getStatus(), rejected.getHeaders(), rejected.getBody());
      return ((UpgradeRejectedException) e.getCause()).getStatus();
    }
    throw new AssertionError("the socket was opened");
  }

  private static String token(String user) {
    return Tokens.of(SECRET, user);
  }

  private static String token(String user, int seconds, String audience, String secret) {
    long now = System.currentTimeMillis() / 1_000;
    return Tokens.signed(
        secret, new JsonObject().put("sub", user).put("aud", audience).put("exp", now + seconds));
  }

  private static String unending(String user) {
    return Tokens.signed(SECRET, new JsonObject().put("sub", user).put("aud", "stampede"));
  }

  private static OrderFact order(String user) {
    return ScriptedOwners.held(1001, Bytes.of(user), Bytes.of("k-1"), 1);
  }

  private String user(int asked) throws Exception {
    Future<String> user =
        onLoop(
            () -> {
              Command.Shake shake = (Command.Shake) owners.asked.get(asked).command();
              return Future.succeededFuture(shake.user().utf8());
            });
    return user.result();
  }

  private void reply(int asked, Shaken said) throws Exception {
    asked(asked + 1);
    onLoop(
        () -> {
          owners.asked.get(asked).reply().succeed(said);
          return Future.succeededFuture();
        });
  }

  private void fail(int asked, Throwable failure) throws Exception {
    asked(asked + 1);
    onLoop(
        () -> {
          owners.asked.get(asked).reply().fail(failure);
          return Future.succeededFuture();
        });
  }

  private void asked(int count) throws Exception {
    long endMs = System.currentTimeMillis() + 5_000;
    while (askedNow() < count) {
      assertThat(System.currentTimeMillis()).as("commands asked").isLessThan(endMs);
      Thread.sleep(5);
    }
  }

  private int askedNow() throws Exception {
    Future<Integer> size = onLoop(() -> Future.succeededFuture(owners.asked.size()));
    return size.result();
  }

  private void tell(String user, long order, String status) throws Exception {
    OrderNews news =
        new OrderNews(List.of(new OrderNews.Change(order, 1001, Bytes.of(user), status, 9)));
    publish(Addresses.ORDER_NEWS, news.encode());
  }

  private void news(String user, int changes) throws Exception {
    List<OrderNews.Change> all =
        Collections.nCopies(
            changes, new OrderNews.Change(1L << 50, 1001, Bytes.of(user), "released", 9));
    publish(Addresses.ORDER_NEWS, new OrderNews(all).encode());
  }

  private void awaitNewsTold() throws Exception {
    long endMs = System.currentTimeMillis() + 10_000;
    while (onLoop(() -> Future.succeededFuture(endpoint.news().waiting())).result() > 0) {
      assertThat(System.currentTimeMillis()).as("news").isLessThan(endMs);
      Thread.sleep(10);
    }
  }

  private void awaitSockets(int count) throws Exception {
    long endMs = System.currentTimeMillis() + 5_000;
    while (onLoop(() -> Future.succeededFuture(endpoint.sockets())).result() != count) {
      assertThat(System.currentTimeMillis()).as("sockets").isLessThan(endMs);
      Thread.sleep(20);
    }
  }

  private void hint(ItemState state, StockLevel level, long asOf) throws Exception {
    hint(new Hint.Item(1001, state, level, Limits.GATE_OPEN, 0, 1, 0), asOf);
  }

  private void hint(ItemState state, int gate, long cooldownMs, long asOf) throws Exception {
    hint(new Hint.Item(1001, state, StockLevel.LOW, gate, cooldownMs, 1, 0), asOf);
  }

  private void hint(Hint.Item item, long asOf) throws Exception {
    int partition = PartitionMap.partitionOfItem(1001, 4);
    publish(
        Addresses.HINTS,
        new Hint(partition, 1, "n", "sale.n", asOf, asOf, true, "ok", 0, List.of(item)).encode());
  }

  private void publish(String address, byte[] message) throws Exception {
    onLoop(
        () -> {
          bus.publish(address, message);
          return Future.succeededFuture();
        });
  }

  private Context loop;

  private <T> Future<T> onLoop(Callable<Future<T>> task) throws Exception {
    if (loop == null) {
      loop = vertx.getOrCreateContext();
    }
    Promise<T> promise = Promise.promise();
    loop.runOnContext(
        run -> {
          try {
            task.call().onComplete(promise);
          } catch (Exception e) {
            promise.fail(e);
          }
        });
    await(promise.future());
    return promise.future();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
  }
}
