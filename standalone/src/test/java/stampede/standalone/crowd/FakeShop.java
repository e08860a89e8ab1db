package stampede.standalone.crowd;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import stampede.standalone.verdict.Books.OrderRow;
import stampede.standalone.verdict.Books.Rows;
import stampede.standalone.verdict.Books.StockRow;

/**
 * The smallest shop that keeps the protocol, with a switch for each way not to. Confined to one
 * event loop.
 */
final class FakeShop {
  /** How this shop cheats or fails. */
  enum Fault {
    NONE,
    REFUSES_FIRST_CONNECTIONS,
    ANSWERS_LATE,
    SWALLOWS_SHAKES,
    NEVER_ANSWERS,
    BUSY_BY_TURNS,
    SELLS_TOO_MUCH,
    FORGETS_ORDERS,
    NEW_ORDER_FOR_A_KNOWN_KEY,
    KEEPS_UNITS_BACK,
    ANSWERS_THE_WRONG_KEY
  }

  private final Vertx vertx;
  private final Fault fault;
  private final long opensAt;
  private final long stock;
  private final Map<String, OrderRow> byKey = new HashMap<>();
  private final Map<String, Integer> unitsByUser = new HashMap<>();
  private final List<OrderRow> rows = new ArrayList<>();
  private long position;
  private int connections;
  private int shakes;

  private FakeShop(Vertx vertx, Fault fault, long opensAt, long stock) {
    this.vertx = vertx;
    this.fault = fault;
    this.opensAt = opensAt;
    this.stock = stock;
  }

  static FakeShop on(Vertx vertx, Fault fault, long opensAt, long stock) {
    return new FakeShop(vertx, fault, opensAt, stock);
  }

  URI listen() throws TimeoutException {
    HttpServer server =
        vertx
            .createHttpServer(new HttpServerOptions().addWebSocketSubProtocol("shake.v1"))
            .webSocketHandshakeHandler(
                handshake -> {
                  boolean refused =
                      fault == Fault.REFUSES_FIRST_CONNECTIONS && ++connections % 3 != 0;
                  if (refused) {
                    handshake.reject(503);
                  } else {
                    handshake.accept();
                  }
                })
            .webSocketHandler(this::serve)
            .listen(0, "127.0.0.1")
            .await(5, TimeUnit.SECONDS);
    return URI.create("http://127.0.0.1:" + server.actualPort());
  }

  Rows books() {
    long held = rows.stream().mapToLong(OrderRow::quantity).sum();
    return new Rows(List.copyOf(rows), new StockRow(stock - held, held, 0, stock, position));
  }

  private void serve(ServerWebSocket socket) {
    String token = socket.headers().get("Authorization").split("\\.")[1];
    String user = new JsonObject(new String(Base64.getUrlDecoder().decode(token))).getString("sub");
    JsonObject welcome =
        new JsonObject()
            .put("type", "welcome")
            .put("user", user)
            .put("cooldownMs", 0)
            .put("node", "fake");
    socket.writeTextMessage(welcome.encode());
    socket.textMessageHandler(
        text -> {
          JsonObject frame = new JsonObject(text);
          if (frame.getString("type").equals("shake")) {
            shake(socket, user, frame.getString("key"));
          } else if (frame.getString("type").equals("result")) {
            result(socket, user, frame.getString("key"));
          }
        });
  }

  private void shake(ServerWebSocket socket, String user, String key) {
    shakes++;
    if (System.currentTimeMillis() < opensAt) {
      tell(socket, key, new JsonObject().put("outcome", "not_open").put("opensAt", opensAt));
    } else if (fault == Fault.BUSY_BY_TURNS && shakes % 2 == 0) {
      tell(socket, key, new JsonObject().put("outcome", "busy").put("retryAfterMs", 100));
    } else {
      JsonObject answer = decide(user, key);
      boolean swallowed =
          fault == Fault.SWALLOWS_SHAKES && shakes % 3 == 0
              || fault == Fault.NEVER_ANSWERS && shakes % 3 == 0;
      if (!swallowed) {
        tell(socket, key, answer);
      }
    }
  }

  private JsonObject decide(String user, String key) {
    OrderRow known = byKey.get(user + " " + key);
    long limit =
        fault == Fault.SELLS_TOO_MUCH
            ? stock + 5
            : fault == Fault.KEEPS_UNITS_BACK ? stock - 5 : stock;
    if (known != null && fault != Fault.NEW_ORDER_FOR_A_KNOWN_KEY) {
      return accepted(known);
    }
    if (unitsByUser.getOrDefault(user, 0) >= 1 && known == null) {
      return new JsonObject().put("outcome", "limit_reached").put("position", position);
    }
    if (rows.size() >= limit) {
      return new JsonObject().put("outcome", "sold_out").put("position", position);
    }
    position++;
    OrderRow row = new OrderRow(Long.toString(1_000 + position), user, key, 1, "held", position);
    byKey.put(user + " " + key, row);
    unitsByUser.merge(user, 1, Integer::sum);
    if (fault != Fault.FORGETS_ORDERS || position % 4 != 0) {
      rows.add(row);
    }
    return accepted(row);
  }

  private void result(ServerWebSocket socket, String user, String key) {
    OrderRow known = byKey.get(user + " " + key);
    if (fault != Fault.NEVER_ANSWERS) {
      tell(
          socket,
          key,
          known != null
              ? accepted(known)
              : new JsonObject().put("outcome", "unknown").put("position", position));
    }
  }

  private static JsonObject accepted(OrderRow row) {
    return new JsonObject()
        .put("outcome", "accepted")
        .put("order", row.orderId())
        .put("status", "held")
        .put("position", row.position());
  }

  private void tell(ServerWebSocket socket, String key, JsonObject outcome) {
    String told = fault == Fault.ANSWERS_THE_WRONG_KEY ? key + "x" : key;
    JsonObject frame = outcome.put("type", "outcome").put("key", told).put("item", "1001");
    if (fault == Fault.ANSWERS_LATE) {
      JsonObject pending =
          new JsonObject()
              .put("type", "outcome")
              .put("key", key)
              .put("item", "1001")
              .put("outcome", "pending");
      write(socket, pending);
      vertx.setTimer(150, timer -> write(socket, frame));
    } else {
      write(socket, frame);
    }
  }

  private static void write(ServerWebSocket socket, JsonObject frame) {
    if (!socket.isClosed()) {
      socket.writeTextMessage(frame.encode());
    }
  }
}
