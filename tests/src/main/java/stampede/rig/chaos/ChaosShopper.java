package stampede.rig.chaos;

import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One user of the crowd: shakes when told to whether or not earlier shakes were answered, goes to
 * another edge when its own is gone or says nothing, asks by key for what stays open, pays or
 * cancels what it got. Confined to the crowd's event loop.
 */
final class ChaosShopper {
  /** Beyond that a shake is withheld, and counted. */
  static final int OPEN_MAX = 16;

  private static final long ASK_AFTER_NANOS = 2_000_000_000L;
  private static final long SILENCE_NANOS_MAX = 3_000_000_000L;
  private static final long RECONNECT_MS = 200;
  private static final int BOUND_KEPT = 4;

  private final Crowd crowd;
  final String user;
  private final Map<String, OpenKey> open = new LinkedHashMap<>();

  /** Keys with an order: the same order is theirs for ever. */
  private final List<OpenKey> bound = new ArrayList<>(BOUND_KEPT);

  private int shakes;
  private int connections;
  private String edge = "";
  private @Nullable WebSocket socket;
  private boolean dialling;
  private boolean leaving;

  ChaosShopper(Crowd crowd, String user) {
    this.crowd = crowd;
    this.user = user;
  }

  /** Opens a socket to another edge than the last one, where there is one. */
  void connect() {
    if (socket != null || dialling || gone()) {
      return;
    }
    dialling = true;
    edge = crowd.edgeBeside(edge);
    connections++;
    crowd.tape().connected(client(), user);
    crowd
        .dial(edge, user, this::prepare)
        .onSuccess(this::connected)
        .onFailure(
            refused -> {
              dialling = false;
              crowd.tape().closed(client(), user);
              crowd.vertx().setTimer(RECONNECT_MS, again -> connect());
            });
  }

  boolean isConnected() {
    return socket != null;
  }

  int shakes() {
    return shakes;
  }

  int openKeys() {
    return open.size();
  }

  List<String> openKeyNames() {
    return List.copyOf(open.keySet());
  }

  /** A shake with a new key, sent as soon as there is a socket. */
  void shake(SaleOffer offer, int quantity, boolean twice, long intendedNanos) {
    shakes++;
    OpenKey key = new OpenKey(user + "-" + shakes, offer, quantity, intendedNanos);
    open.put(key.key, key);
    if (socket != null) {
      send(key);
      if (twice) {
        send(key);
      }
    }
  }

  /** Shakes once more with a key that has an order already. */
  void shakeBoundKey(int choice) {
    if (!bound.isEmpty() && socket != null) {
      OpenKey key = bound.get(choice % bound.size());
      open.putIfAbsent(key.key, key);
      send(key);
    }
  }

  /** Closes its own socket, as a phone in a tunnel does, and comes back. */
  void drop() {
    if (socket != null) {
      socket.close().onFailure(gone -> crowd.count("closeFailed"));
    }
  }

  /** No more shakes; it leaves when nothing is open. */
  void leave() {
    leaving = true;
  }

  boolean gone() {
    return leaving && open.isEmpty();
  }

  void close() {
    leaving = true;
    open.clear();
    drop();
  }

  /** Asks for what is due; turns away from an edge that says nothing. */
  void look(long now) {
    if (gone()) {
      drop();
      return;
    }
    if (socket == null) {
      connect();
      return;
    }
    for (OpenKey key : List.copyOf(open.values())) {
      if (key.silentFor(SILENCE_NANOS_MAX, now)) {
        crowd.count("silentEdge");
        drop();
        return;
      }
      if (!key.everSent()) {
        send(key);
      } else if (key.dueToAsk(ASK_AFTER_NANOS, now)) {
        ask(key, now);
      }
    }
  }

  /** Asks for all that is open, now. */
  void askAll(long now) {
    if (socket != null) {
      open.values().stream().filter(OpenKey::everSent).toList().forEach(key -> ask(key, now));
    }
  }

  void askForOrders(long now) {
    if (socket != null) {
      for (OpenKey key : bound) {
        open.put(key.key, key);
        ask(key, now);
      }
    }
  }

  private void prepare(ClientWebSocket fresh) {
    fresh.textMessageHandler(this::receive);
    fresh.exceptionHandler(broken -> crowd.count("socketBroken")); // the close handler follows
  }

  private void connected(WebSocket fresh) {
    dialling = false;
    socket = fresh;
    crowd.opened(1);
    fresh.closeHandler(over -> closed(fresh));
    if (fresh.isClosed()) {
      closed(fresh);
      return;
    }
    write(JsonObject.of("type", "watch", "items", new JsonArray(crowd.itemNames())));
    long now = System.nanoTime();
    for (OpenKey key : List.copyOf(open.values())) {
      if (key.everSent()) {
        ask(key, now);
      } else {
        send(key);
      }
    }
  }

  private void closed(WebSocket which) {
    if (socket != which) {
      return;
    }
    crowd.opened(-1);
    crowd.tape().closed(client(), user);
    socket = null;
    open.values().forEach(OpenKey::disconnected);
    crowd.vertx().setTimer(RECONNECT_MS, again -> connect());
  }

  /** Names one connection: what comes on it is for this user alone. */
  private String client() {
    return user + "/" + connections;
  }

  private void send(OpenKey key) {
    key.shaken(System.nanoTime());
    crowd.shaken();
    crowd.tape().shaken(client(), user, key.offer.item(), key.key, key.quantity);
    write(
        JsonObject.of("type", "shake", "key", key.key, "item", key.offer.item())
            .put("quantity", key.quantity));
  }

  private void ask(OpenKey key, long now) {
    key.asked(now);
    crowd.tape().asked(client(), user, key.offer.item(), key.key);
    write(JsonObject.of("type", "result", "key", key.key, "item", key.offer.item()));
  }

  private void write(JsonObject frame) {
    if (socket != null) {
      socket.writeTextMessage(frame.encode()).onFailure(lost -> crowd.count("frameLost"));
    }
  }

  private void receive(String text) {
    try {
      receive(new JsonObject(text));
    } catch (DecodeException | ClassCastException e) {
      crowd.count("badFrame");
    }
  }

  private void receive(JsonObject frame) {
    switch (frame.getString("type", "")) {
      case "outcome" -> outcome(frame);
      case "welcome", "order" -> crowd.tape().heard(client(), user, frame);
      case "error" -> crowd.count("errorFrame");
      default -> crowd.count("frame." + frame.getString("type", ""));
    }
  }

  private void outcome(JsonObject frame) {
    String told = frame.getString("outcome", "");
    crowd.outcome(told);
    crowd.tape().heard(client(), user, frame);
    OpenKey key = open.get(frame.getString("key", ""));
    if (key == null || !key.offer.item().equals(frame.getString("item"))) {
      return; // the second answer to a double click; whether it was ours is for the checker
    }
    long now = System.nanoTime();
    key.heard();
    if (told.equals("pending")) {
      return;
    }
    if (key.firstAnswer()) {
      crowd.latency(key, now, frame.containsKey("position"));
    }
    if (told.equals("accepted")) {
      accepted(key, frame, now);
    } else if (told.equals("unknown")
        ? key.unknownIsFinal(now)
        : key.refusalIsFinal(frame.containsKey("position"))) {
      open.remove(key.key);
    }
  }

  private void accepted(OpenKey key, JsonObject frame, long now) {
    open.remove(key.key);
    if (bound.contains(key)) {
      return;
    }
    if (bound.size() < BOUND_KEPT) {
      bound.add(key);
    }
    crowd.accepted(this, key, frame, now);
  }
}
