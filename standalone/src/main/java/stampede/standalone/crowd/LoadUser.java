package stampede.standalone.crowd;

import io.vertx.core.Vertx;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One user of an open-model load: sends when told to, never waits for an answer, and never tries
 * again what was refused. Confined to the load's event loop.
 */
final class LoadUser {
  private static final long RECONNECT_MS = 500;

  /** For so long a shop may still be passing a shake on that its owner does not know yet. */
  private static final long UNKNOWN_TRUSTED_NANOS = 12_000_000_000L;

  private final Vertx vertx;
  private final CrowdPlan plan;
  private final Dialer dialer;
  private final Tally tally;
  private final String user;
  private final String token;
  private final String keyPrefix;
  private final Map<String, Attempt> attempts = new LinkedHashMap<>();
  private final Consumer<Ask> asks;
  private @Nullable WebSocket socket;
  private @Nullable Throwable refusal;
  private boolean finished;

  /** A key that is to be asked for a while from now, should it still be open then. */
  record Ask(LoadUser user, Attempt attempt) {}

  /**
   * @param asks takes each key that was sent, and each that is pending
   */
  LoadUser(
      Vertx vertx,
      CrowdPlan plan,
      Dialer dialer,
      Tally tally,
      int index,
      String token,
      Consumer<Ask> asks) {
    this.vertx = vertx;
    this.plan = plan;
    this.dialer = dialer;
    this.tally = tally;
    this.user = plan.user(index);
    this.token = token;
    this.keyPrefix = "L" + Long.toHexString(plan.seed()) + "-" + index + "-";
    this.asks = asks;
  }

  /** Opens its socket, and another one whenever it is lost. */
  void connect() {
    if (finished || socket != null) {
      return;
    }
    dialer.dial(token, this::prepare).onSuccess(this::connected).onFailure(this::refused);
  }

  boolean connected() {
    return socket != null;
  }

  /** Why the last attempts at a socket came to nothing. */
  @Nullable Throwable refusal() {
    return refusal;
  }

  /**
   * Sends a shake with a new key; without a socket it is sent as soon as there is one.
   *
   * @param intendedNanos when it was meant to be sent, by {@link System#nanoTime}
   */
  void shake(long intendedNanos) {
    Attempt attempt = new Attempt(keyPrefix + attempts.size(), 1);
    attempts.put(attempt.key, attempt);
    attempt.intend(intendedNanos);
    if (socket != null) {
      send(attempt);
    }
  }

  /** Asks for a key that is still open; false if it is not. */
  boolean askIfOpen(Attempt attempt) {
    if (!attempt.open()) {
      return false;
    }
    if (socket != null) {
      attempt.asked();
      write(
          "{\"type\":\"result\",\"key\":\"" + attempt.key + "\",\"item\":\"" + plan.item() + "\"}");
    }
    return true;
  }

  void askAll() {
    attempts.values().forEach(this::askIfOpen);
  }

  boolean settled() {
    return attempts.values().stream().noneMatch(Attempt::open);
  }

  UserHistory finish() {
    finished = true;
    if (socket != null) {
      socket.close().onFailure(cause -> refusal = cause);
    }
    List<KeyHistory> keys = new ArrayList<>(attempts.size());
    attempts.values().forEach(attempt -> keys.add(attempt.history()));
    return new UserHistory(user, keys, List.of(), 0);
  }

  private void prepare(ClientWebSocket fresh) {
    fresh.textMessageHandler(this::receive);
    fresh.exceptionHandler(cause -> refusal = cause); // the close handler follows
  }

  private void connected(WebSocket fresh) {
    socket = fresh;
    refusal = null;
    tally.sockets.increment();
    fresh.closeHandler(nothing -> closed());
    attempts.values().stream().filter(Attempt::waitsForSocket).toList().forEach(this::send);
  }

  private void refused(Throwable cause) {
    refusal = cause;
    vertx.setTimer(RECONNECT_MS, timer -> connect());
  }

  private void closed() {
    tally.sockets.decrement();
    socket = null;
    if (!finished) {
      vertx.setTimer(RECONNECT_MS, timer -> connect());
    }
  }

  private void send(Attempt attempt) {
    attempt.sent(1);
    tally.shake();
    write(
        "{\"type\":\"shake\",\"key\":\""
            + attempt.key
            + "\",\"item\":\""
            + plan.item()
            + "\",\"quantity\":"
            + attempt.quantity
            + "}");
    asks.accept(new Ask(this, attempt));
  }

  private void write(String text) {
    if (socket != null) {
      socket.writeTextMessage(text).onFailure(cause -> refusal = cause); // asked for by key later
    }
  }

  private void receive(String text) {
    try {
      receive(new JsonObject(text));
    } catch (DecodeException | ClassCastException e) {
      tally.errorFrames.increment();
    }
  }

  private void receive(JsonObject frame) {
    String type = frame.getString("type", "");
    if (type.equals("outcome")) {
      outcome(frame);
    } else if (type.equals("welcome") && !user.equals(frame.getString("user"))) {
      tally.strayFrames.increment();
    } else if (type.equals("error")) {
      tally.errorFrames.increment();
    }
  }

  private void outcome(JsonObject frame) {
    String told = frame.getString("outcome", "");
    Attempt attempt = attempts.get(frame.getString("key"));
    tally.outcome(told);
    if (attempt == null || !plan.item().equals(frame.getString("item"))) {
      tally.strayFrames.increment();
      return;
    }
    boolean mayStillArrive =
        told.equals("unknown") && attempt.nanosSinceSent() < UNKNOWN_TRUSTED_NANOS;
    if (told.equals("pending") || mayStillArrive) {
      return; // asked for by key, like everything that stays open
    }
    long latency = attempt.takeLatency(System.nanoTime());
    if (latency >= 0) {
      tally.latency(latency);
    }
    attempt.heard(told, frame, told.equals("unknown"));
  }
}
