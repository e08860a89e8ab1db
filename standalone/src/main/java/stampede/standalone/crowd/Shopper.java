package stampede.standalone.crowd;

import io.vertx.core.Vertx;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One user with one socket, who does what the protocol's table says comes next. Confined to the
 * crowd's event loop.
 */
final class Shopper {
  private static final int KEYS_MAX = 8;
  private static final int QUANTITY = 1;
  private static final short REPLACED = 4001;
  private static final long ASK_AFTER_MS = 3_000;
  private static final long ASK_PENDING_MS = 1_000;
  private static final long SETTLE_ASK_MS = 1_000;
  private static final long RETRY_DEFAULT_MS = 1_000;
  private static final long SOLD_OUT_RETRY_MS = 1_000;
  private static final long RECONNECT_MS = 100;

  private final Vertx vertx;
  private final CrowdPlan plan;
  private final Dialer dialer;
  private final Tally tally;
  private final String user;
  private final String token;
  private final String keyPrefix;
  private final SplittableRandom random;
  private final Behaviour behaviour;
  private final List<Attempt> attempts = new ArrayList<>(2);
  private final FrameLog log = new FrameLog();
  private @Nullable WebSocket socket;
  private boolean dialing;
  private boolean absent;
  private boolean settling;
  private boolean finished;
  private boolean changedSockets;
  private boolean repeated;
  private boolean wantedMore;
  private long cooldownMs;
  private int retriesLeft;

  Shopper(Vertx vertx, CrowdPlan plan, Dialer dialer, Tally tally, int index, String token) {
    this.vertx = vertx;
    this.plan = plan;
    this.dialer = dialer;
    this.tally = tally;
    this.user = plan.user(index);
    this.token = token;
    this.keyPrefix = "k" + Long.toHexString(plan.seed()) + "-" + index + "-";
    this.random = new SplittableRandom(plan.seed() * 0x9E3779B97F4A7C15L + index);
    this.behaviour = Behaviour.draw(random, plan.seconds());
    this.retriesLeft = behaviour.retries();
  }

  /** Connects at once and shakes when its time comes. */
  void start() {
    connect();
    long delayMs = plan.opensAt() + behaviour.firstShakeMs() - System.currentTimeMillis();
    after(delayMs, () -> shakeWithNewKey());
  }

  /**
   * The sale is over: no more shakes; everything open is asked by key until it is known or {@link
   * #finish} is called.
   */
  void settle() {
    settling = true;
    absent = false;
    askUntilKnown();
  }

  boolean settled() {
    return attempts.stream().noneMatch(Attempt::open);
  }

  UserHistory finish() {
    finished = true;
    if (socket != null) {
      socket.close().onFailure(cause -> log.received("closed", null, null, null, 0));
    }
    return new UserHistory(
        user, attempts.stream().map(Attempt::history).toList(), log.frames(), log.forgotten());
  }

  private void askUntilKnown() {
    if (settled() || finished) {
      return;
    }
    if (socket == null) {
      connect();
    } else {
      attempts.stream().filter(Attempt::open).forEach(this::ask);
    }
    after(SETTLE_ASK_MS, this::askUntilKnown);
  }

  // ---- socket

  private void connect() {
    if (dialing || absent || finished || socket != null) {
      return;
    }
    dialing = true;
    dialer
        .dial(token, this::prepare)
        .onSuccess(this::connected)
        .onFailure(
            cause -> {
              dialing = false;
              log.received("refused", null, null, null, 0);
              after(RECONNECT_MS + random.nextInt(1_000), this::connect);
            });
  }

  private void prepare(ClientWebSocket fresh) {
    fresh.textMessageHandler(this::receive);
    fresh.exceptionHandler(
        cause -> log.received("broken", null, null, null, 0)); // the close handler follows
  }

  private void connected(WebSocket fresh) {
    dialing = false;
    socket = fresh;
    tally.sockets.increment();
    log.received("connected", null, null, null, 0);
    fresh.closeHandler(nothing -> closed(fresh));
    if (finished) {
      fresh.close().onFailure(cause -> log.received("broken", null, null, null, 0));
      return;
    }
    write("watch", null, "{\"type\":\"watch\",\"items\":[\"" + plan.item() + "\"]}");
    attempts.stream().filter(Attempt::open).forEach(this::ask);
    if (!saleIsOver()) {
      attempts.stream().filter(Attempt::waitsForSocket).forEach(this::send);
    }
  }

  private void closed(WebSocket old) {
    tally.sockets.decrement();
    log.received("closed", null, null, null, 0);
    if (socket != old) {
      return;
    }
    socket = null;
    Short code = old.closeStatusCode();
    boolean mustStayAway = code != null && code == REPLACED && !settling;
    if (!mustStayAway) {
      after(RECONNECT_MS + random.nextInt(500), this::connect);
    }
  }

  /** Leaves as a phone in a tunnel does: the connection is gone, nobody said good-bye. */
  private void vanish() {
    WebSocket old = socket;
    absent = true;
    socket = null;
    attempts.forEach(Attempt::forgetLatency);
    log.sent("dropped", null);
    if (old instanceof WebSocketInternal open) {
      open.channelHandlerContext().channel().close();
    }
  }

  private void changeSockets() {
    WebSocket old = socket;
    if (old == null || settling) {
      return;
    }
    socket = null;
    log.sent("closed", null);
    old.close().onFailure(cause -> log.received("broken", null, null, null, 0));
    connect();
  }

  private void write(String type, @Nullable String key, String text) {
    if (socket != null) {
      log.sent(type, key);
      socket.writeTextMessage(text).onFailure(cause -> log.received("unsent", key, null, null, 0));
    }
  }

  // ---- shaking and asking

  private boolean saleIsOver() {
    return settling || System.currentTimeMillis() > plan.endsAt();
  }

  private void shakeWithNewKey() {
    if (attempts.size() < KEYS_MAX && !saleIsOver()) {
      Attempt attempt = new Attempt(keyPrefix + attempts.size(), QUANTITY);
      attempts.add(attempt);
      shake(attempt);
    }
  }

  private void shake(Attempt attempt) {
    if (saleIsOver()) {
      return;
    }
    attempt.intend(System.nanoTime());
    if (socket == null) {
      connect();
    } else {
      send(attempt);
    }
  }

  private void shakeAgainAfter(Attempt attempt, long delayMs) {
    after(delayMs + random.nextInt(50), () -> shake(attempt));
  }

  private void send(Attempt attempt) {
    String frame =
        "{\"type\":\"shake\",\"key\":\""
            + attempt.key
            + "\",\"item\":\""
            + plan.item()
            + "\",\"quantity\":"
            + attempt.quantity
            + "}";
    int frames = behaviour.doubleClicks() ? 2 : 1;
    attempt.sent(frames);
    for (int i = 0; i < frames; i++) {
      tally.shake();
      write("shake", attempt.key, frame);
    }
    after(ASK_AFTER_MS, () -> askIfOpen(attempt, ASK_AFTER_MS));
    leaveIfThatIsOnesWay();
  }

  private void leaveIfThatIsOnesWay() {
    boolean opened = System.currentTimeMillis() >= plan.opensAt();
    if (changedSockets || !opened) {
      return;
    }
    if (behaviour.vanishes()) {
      changedSockets = true;
      // In the next turn of the loop, so that the frame is on its way.
      vertx.runOnContext(nothing -> vanish());
    } else if (behaviour.reconnects()) {
      changedSockets = true;
      after(random.nextInt(300), this::changeSockets);
    }
  }

  private void ask(Attempt attempt) {
    attempt.asked();
    write(
        "result",
        attempt.key,
        "{\"type\":\"result\",\"key\":\"" + attempt.key + "\",\"item\":\"" + plan.item() + "\"}");
  }

  private void askIfOpen(Attempt attempt, long againMs) {
    if (attempt.open() && !settling && !finished) {
      ask(attempt);
      after(againMs, () -> askIfOpen(attempt, againMs));
    }
  }

  private void after(long delayMs, Runnable action) {
    vertx.setTimer(
        Math.max(1, delayMs),
        timer -> {
          if (!finished) {
            action.run();
          }
        });
  }

  // ---- hearing

  private void receive(String text) {
    try {
      receive(new JsonObject(text));
    } catch (DecodeException | ClassCastException e) {
      tally.errorFrames.increment();
      log.received("unreadable", null, null, null, 0);
    }
  }

  private void receive(JsonObject frame) {
    String type = frame.getString("type", "");
    String key = frame.getString("key");
    long position = frame.getLong("position", 0L);
    log.received(type, key, frame.getString("outcome"), frame.getString("order"), position);
    if (type.equals("outcome")) {
      outcome(frame, key);
    } else if (type.equals("welcome")) {
      welcome(frame);
    } else if (type.equals("item")) {
      item(frame);
    } else if (type.equals("error")) {
      tally.errorFrames.increment();
    }
  }

  private void welcome(JsonObject frame) {
    cooldownMs = frame.getLong("cooldownMs", 0L);
    if (!user.equals(frame.getString("user"))) {
      tally.strayFrames.increment();
    }
  }

  private void item(JsonObject frame) {
    if ("open".equals(frame.getString("state")) && plan.item().equals(frame.getString("item"))) {
      attempts.stream().filter(Attempt::waitsForOpening).forEach(this::shake);
    }
  }

  private void outcome(JsonObject frame, @Nullable String key) {
    String told = frame.getString("outcome", "");
    Attempt attempt = attempts.stream().filter(a -> a.key.equals(key)).findFirst().orElse(null);
    tally.outcome(told);
    if (attempt == null || !plan.item().equals(frame.getString("item"))) {
      tally.strayFrames.increment();
      return;
    }
    if (told.equals("pending")) {
      after(ASK_PENDING_MS, () -> askIfOpen(attempt, ASK_AFTER_MS));
      return;
    }
    long latency = attempt.takeLatency(System.nanoTime());
    if (latency >= 0) {
      tally.latency(latency);
    }
    note(attempt, told, frame);
    next(attempt, told, frame);
  }

  private void note(Attempt attempt, String told, JsonObject frame) {
    String order = frame.getString("order");
    if (told.equals("accepted") && order != null) {
      attempt.accepted(order, frame.getLong("position", 0L));
    } else if (frame.containsKey("position")) {
      attempt.answered(told, frame.getLong("position"), told.equals("unknown") || settling);
    } else {
      attempt.refusedAttempt(told);
    }
  }

  /** What the protocol's table says comes next, and what this shopper makes of it. */
  private void next(Attempt attempt, String told, JsonObject frame) {
    switch (told) {
      case "accepted" -> afterAccepted(attempt);
      case "sold_out" -> afterSoldOut(attempt);
      case "not_open" ->
          shakeAgainAfter(
              attempt, frame.getLong("opensAt", plan.opensAt()) - System.currentTimeMillis());
      case "throttled", "missed", "busy" ->
          retryUnlessKnown(attempt, frame.getLong("retryAfterMs", RETRY_DEFAULT_MS));
      case "unknown" -> retryUnlessKnown(attempt, cooldownMs);
      case "paused" -> attempt.waitForOpening();
      default -> {} // limit_reached, ended, invalid, blocked: there is nothing to try
    }
  }

  private void retryUnlessKnown(Attempt attempt, long delayMs) {
    // The second frame of a double click may be refused while the first one is on its way to an
    // answer.
    if (!attempt.accepted() && !behaviour.doubleClicks()) {
      shakeAgainAfter(attempt, delayMs);
    } else if (!attempt.accepted()) {
      after(delayMs + random.nextInt(50), () -> shakeUnlessAnswered(attempt));
    }
  }

  private void shakeUnlessAnswered(Attempt attempt) {
    KeyHistory known = attempt.history();
    if (!known.ownerMade()) {
      shake(attempt);
    }
  }

  private void afterAccepted(Attempt attempt) {
    if (behaviour.repeatsKey() && !repeated) {
      repeated = true;
      shakeAgainAfter(attempt, cooldownMs + 200);
    }
    if (behaviour.greedy() && !wantedMore) {
      wantedMore = true;
      after(cooldownMs + 300, this::shakeWithNewKey);
    }
  }

  private void afterSoldOut(Attempt attempt) {
    if (retriesLeft == 0 || saleIsOver()) {
      return;
    }
    retriesLeft--;
    long delayMs = Math.max(cooldownMs, SOLD_OUT_RETRY_MS) + random.nextInt(500);
    if (behaviour.retriesWithSameKey()) {
      shakeAgainAfter(attempt, delayMs);
    } else {
      after(delayMs, this::shakeWithNewKey);
    }
  }
}
