package stampede.check;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import stampede.rig.RunningShop;
import stampede.rig.WireHttp;
import stampede.rig.WireSocket;
import stampede.rig.check.History;

/** A shopper of a running shop who takes down everything. For one thread. */
final class Customer implements AutoCloseable {
  private static final AtomicInteger CONNECTIONS = new AtomicInteger();
  private static final Set<String> NOT_FINAL = Set.of("pending", "");

  private final RunningShop shop;
  private final History history;
  private final String token;
  final String user;
  private final Set<String> waiting = new HashSet<>();

  /** Orders by key, as told. */
  final Map<String, String> orders = new HashMap<>();

  private WireSocket socket;
  private String client = "";

  Customer(RunningShop shop, History history, String user) {
    this.shop = shop;
    this.history = history;
    this.user = user;
    this.token = shop.login(user);
    this.socket = connect();
  }

  private WireSocket connect() {
    client = "c" + CONNECTIONS.incrementAndGet();
    WireSocket opened = shop.socket(token);
    history.connected(client, user);
    return opened;
  }

  /** Leaves without a word and comes again, as a phone does in a tunnel. */
  void reconnect() {
    close();
    socket = connect();
  }

  void shake(String item, String key, int quantity) {
    waiting.add(key);
    history.shakes(client, user, Long.parseLong(item), key, quantity);
    socket.send(JsonObject.of("type", "shake", "key", key, "item", item, "quantity", quantity));
  }

  void ask(String item, String key) {
    waiting.add(key);
    history.asks(client, user, Long.parseLong(item), key);
    socket.send(JsonObject.of("type", "result", "key", key, "item", item));
  }

  /** Reads until every key has its answer. */
  void hearAll() {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!waiting.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(user + " waits in vain for " + waiting);
      }
      hear(500);
    }
  }

  /** Reads what comes until nothing does for so long. */
  void hear(long quietMs) {
    JsonObject frame = socket.poll(any -> true, quietMs);
    while (frame != null) {
      history.answered(client, user, frame.getMap());
      take(frame);
      frame = waiting.isEmpty() ? socket.poll(any -> true, 1) : null;
    }
  }

  private void take(JsonObject frame) {
    String key = frame.getString("key", "");
    if (frame.containsKey("order") && !key.isEmpty()) {
      orders.put(key, frame.getString("order"));
    }
    if (!NOT_FINAL.contains(frame.getString("outcome", ""))) {
      waiting.remove(key);
    }
  }

  void shakeOverHttp(String item, String key, int quantity) {
    String request = "h" + CONNECTIONS.incrementAndGet();
    history.shakes(request, user, Long.parseLong(item), key, quantity);
    JsonObject body = shop.shake(token, item, key, quantity).json();
    history.answered(request, user, "outcome", body.getMap());
    take(body);
  }

  String cancel(String key) {
    String request = "h" + CONNECTIONS.incrementAndGet();
    String order = orders.get(key);
    history.cancels(request, user, Long.parseUnsignedLong(order));
    WireHttp.Answer answer = shop.post("/api/v1/orders/" + order + "/cancel", token);
    history.answered(request, user, "cancel", answer.json().getMap());
    return statusOf(answer.json());
  }

  String pay(String key, String payment) {
    String request = "w" + CONNECTIONS.incrementAndGet();
    String order = orders.get(key);
    history.pays(request, Long.parseUnsignedLong(order), payment);
    JsonObject body = shop.pay(order, payment, 100, "CNY").json();
    history.answered(request, "", "pay", body.put("payment", payment).getMap());
    return statusOf(body);
  }

  /** Empty if it was refused: a problem's status is a number. */
  private static String statusOf(JsonObject body) {
    return body.getValue("status") instanceof String status ? status : "";
  }

  @Override
  public void close() {
    socket.close();
    history.closed(client, user);
  }
}
