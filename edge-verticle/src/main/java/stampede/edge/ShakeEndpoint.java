package stampede.edge;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.edge.admission.Visitor;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.Limits;
import stampede.protocol.OrderNews;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * {@code GET /shake}: opens sockets for those who may have one, keeps them by user, and closes
 * them. When thousands come at once they are let in a few at a time, so that those who are in are
 * served meanwhile. What concerns one user goes to that user's sockets only. On the edge's event
 * loop.
 */
final class ShakeEndpoint {
  static final String SUBPROTOCOL = "shake.v1";
  static final int SOCKETS_PER_USER_MAX = 3;

  private static final Logger LOG = LoggerFactory.getLogger(ShakeEndpoint.class);

  private static final String VERSION = "13"; // of the protocol: there is no other

  /** Handshakes waiting to be let in: less than a second's work. */
  static final int WAITING_MAX = 4_000;

  /** A handshake costs about a tenth of a millisecond, most of it the check of the token. */
  private static final int LET_IN_A_TURN = 16;

  private static final long TURN_MS = 2;
  private static final int RETRY_MIN_MS = 500;
  private static final int RETRY_SPREAD_MS = 4_500;

  private final Timers timers;
  private final LongSupplier epochMs;
  private final IntUnaryOperator random;
  private final Bus bus;
  private final Shoppers shoppers;
  private final TrustedProxies proxies;
  private final ShakeDesk desk;
  private final ItemBoard board;
  private final Counters counters;
  private final String node;
  private final long cooldownMs;
  private final int socketsMax;

  private final Rounds<ShakeSocket> sockets;
  private final NewsQueue news;
  private final StringBuilder scratch = new StringBuilder();
  private final ArrayDeque<RoutingContext> waiting = new ArrayDeque<>();
  private final Map<Bytes, ArrayDeque<ShakeSocket>> byUser = new HashMap<>();

  /** Open sockets that are nobody's. */
  private final Set<ShakeSocket> rehearsing = new HashSet<>();

  private @Nullable RehearsalDesk stage;
  private Bus.@Nullable Registration orderNews;
  private Bus.@Nullable Registration notices;
  private Timers.@Nullable Timer turn;
  private int letInThisTurn;
  private boolean stopping;

  /**
   * @param random n → a number from 0 to n − 1
   * @param cooldownMs told in the welcome; each item has its own
   */
  ShakeEndpoint(
      Timers timers,
      LongSupplier epochMs,
      IntUnaryOperator random,
      Bus bus,
      Shoppers shoppers,
      TrustedProxies proxies,
      ShakeDesk desk,
      ItemBoard board,
      Counters counters,
      String node,
      long cooldownMs,
      int socketsMax) {
    this.timers = timers;
    this.epochMs = epochMs;
    this.random = random;
    this.bus = bus;
    this.shoppers = shoppers;
    this.proxies = proxies;
    this.desk = desk;
    this.board = board;
    this.counters = counters;
    this.node = node;
    this.cooldownMs = cooldownMs;
    this.socketsMax = socketsMax;
    sockets = new Rounds<>(timers, ShakeSocket::check);
    news = new NewsQueue(timers, this::tell);
  }

  void mount(Router router) {
    router.get("/shake").handler(this::open);
    orderNews = bus.subscribe(Addresses.ORDER_NEWS, message -> hear(OrderNews.decode(message)));
    notices = bus.subscribe(Addresses.NOTICES, this::hearNotice);
    sockets.start();
  }

  /** Where sockets of the rehearsal shake; null = there is none. */
  void stage(@Nullable RehearsalDesk desk) {
    stage = desk;
  }

  int sockets() {
    return sockets.size();
  }

  /** No new sockets; those that are open still hear what they wait for. */
  void refuseNew() {
    stopping = true;
  }

  /** The open sockets are told to come back, not all at the same moment. */
  void stop() {
    refuseNew();
    sockets.stop();
    if (orderNews != null) {
      orderNews.cancel();
    }
    if (notices != null) {
      notices.cancel();
    }
    news.stop();
    for (ShakeSocket socket : sockets.all()) {
      socket.close(ShakeSocket.RESTART, "retryAfterMs=" + retryAfterMs());
    }
  }

  private void open(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    if (!"websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))
        || !VERSION.equals(request.getHeader(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
      ctx.response().putHeader(HttpHeaders.UPGRADE, "websocket");
      ctx.response().putHeader(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
      Problem.send(ctx, 426, "upgrade_required", "this path speaks WebSocket, " + SUBPROTOCOL);
    } else if (!isHandshake(request)) {
      Problem.send(ctx, 400, "bad_upgrade", "the WebSocket handshake is broken");
    } else if (!hasRoom()) {
      refuse(ctx);
    } else {
      request.pause(); // the upgrade must find the request unread
      line(ctx);
    }
  }

  /** What Vert.x would refuse in its own words. */
  private static boolean isHandshake(HttpServerRequest request) {
    String connection = request.getHeader(HttpHeaders.CONNECTION);
    return request.version() == HttpVersion.HTTP_1_1
        && request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
        && connection != null
        && connection.toLowerCase(Locale.ROOT).contains("upgrade");
  }

  private boolean hasRoom() {
    return !stopping
        && waiting.size() < WAITING_MAX
        && sockets.size() + waiting.size() < socketsMax;
  }

  private void refuse(RoutingContext ctx) {
    JsonObject more = new JsonObject().put("retryAfterMs", retryAfterMs());
    Problem.send(ctx, 503, "too_many_sockets", "this node has no room; come back later", more);
  }

  /** At once, unless many have come in this turn already. */
  private void line(RoutingContext ctx) {
    if (turn == null) {
      turn = timers.after(TURN_MS, this::nextTurn);
      letInThisTurn = 0;
    }
    if (letInThisTurn < LET_IN_A_TURN && waiting.isEmpty()) {
      letIn(ctx);
    } else {
      waiting.addLast(ctx);
    }
  }

  private void nextTurn() {
    turn = null;
    letInThisTurn = 0;
    while (letInThisTurn < LET_IN_A_TURN && !waiting.isEmpty()) {
      letIn(waiting.removeFirst());
    }
    if (letInThisTurn > 0) {
      turn = timers.after(TURN_MS, this::nextTurn);
    }
  }

  private void letIn(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    if (ctx.response().closed()) {
      return; // did not wait
    }
    letInThisTurn++;
    if (stopping) {
      request.resume();
      refuse(ctx);
      return;
    }
    shoppers
        .who(request)
        .onSuccess(shopper -> upgrade(ctx, shopper))
        .onFailure(
            failure -> {
              request.resume();
              Problem.send(ctx, failure);
            });
  }

  private void upgrade(RoutingContext ctx, Shoppers.Shopper shopper) {
    Visitor visitor = new Visitor(shopper.user(), proxies.network(ctx.request()));
    ctx.request()
        .toWebSocket()
        .onSuccess(socket -> opened(socket, shopper, visitor))
        .onFailure(
            failure -> Problem.send(ctx, 400, "bad_upgrade", "the WebSocket handshake is broken"));
  }

  private void opened(ServerWebSocket webSocket, Shoppers.Shopper shopper, Visitor visitor) {
    Bytes user = shopper.user();
    boolean onStage = stage != null && stage.isGuest(user);
    ShakeSocket socket =
        new ShakeSocket(
            webSocket,
            shopper,
            visitor,
            onStage ? stage.desk() : desk,
            !user.equals(Rehearsal.ASKER),
            board,
            timers,
            epochMs,
            scratch,
            this::closed);
    ArrayDeque<ShakeSocket> own = byUser.get(user);
    if (own != null && own.size() >= SOCKETS_PER_USER_MAX) {
      own.getFirst().close(ShakeSocket.REPLACED, "replaced");
    }
    byUser.computeIfAbsent(user, first -> new ArrayDeque<>()).addLast(socket);
    sockets.add(socket);
    if (onStage || !socket.counts()) {
      rehearsing.add(socket);
    } else {
      counters.socketOpened();
    }
    socket.open(Frames.welcome(user, epochMs.getAsLong(), cooldownMs, node));
  }

  private void closed(ShakeSocket socket) {
    sockets.remove(socket);
    byUser.computeIfPresent(
        socket.user(),
        (user, own) -> {
          own.remove(socket);
          return own.isEmpty() ? null : own;
        });
    if (!rehearsing.remove(socket)) {
      counters.socketClosed();
    }
  }

  private void hear(OrderNews heard) {
    for (OrderNews.Change change : heard.changes()) {
      if (byUser.containsKey(change.user())) {
        news.add(change);
      }
    }
  }

  private void tell(OrderNews.Change change) {
    ArrayDeque<ShakeSocket> own = byUser.get(change.user());
    if (own != null) {
      String frame = Frames.order(change.order(), change.status(), change.at());
      List.copyOf(own).forEach(socket -> socket.send(frame)); // one that is too slow leaves
    }
  }

  /** To those who watch the item or wait for an answer about it. */
  private void hearNotice(byte[] message) {
    Fields notice = Fields.ofJson(Buffer.buffer(message));
    long item = notice.id("item");
    String text = notice.text("text", Limits.NOTICE_CHARS_MAX);
    String frame = Frames.notice(item, text, notice.whole("at", 0, Long.MAX_VALUE));
    List<ItemBoard.Watcher> waiting = new ArrayList<>();
    for (ShakeDesk.Answer answer : desk.waiters(item)) {
      if (answer instanceof ItemBoard.Watcher socket) {
        waiting.add(socket);
      }
    }
    if (!board.say(item, frame, waiting)) {
      LOG.warn("a notice about item {} was left out: too many at once", item);
    }
  }

  NewsQueue news() {
    return news;
  }

  private long retryAfterMs() {
    return RETRY_MIN_MS + random.applyAsInt(RETRY_SPREAD_MS);
  }
}
