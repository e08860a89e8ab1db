package stampede.rig.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import stampede.rig.AdminWire;
import stampede.rig.RunningShop;
import stampede.rig.WireHttp;

/**
 * Lets tests in a browser do what others do meanwhile: operators, the payment side, other shoppers.
 * A JSON object is posted to a port of this machine, the answer comes back; one after the other.
 *
 * <pre>
 *   {"do":"admin","address":"admin.item.pause","body":{"item":"1001"}}   → the reply
 *   {"do":"open","stock":5,"opensInMs":0,"session":{},"item":{}}         → {"item"}
 *   {"do":"login","user":"u1"}                                           → {"token"}
 *   {"do":"shake","user":"u1","item":"1001","key":"k"}                   → the outcome
 *   {"do":"pay","order":"17","amount":100,"currency":"CNY"}              → the answer
 *   {"do":"sql","sql":"DELETE FROM …"}                                   → {}; past the shop
 * </pre>
 */
public final class ShopSteering implements AutoCloseable {
  /** Settings of a shop whose pages lead to places of its own. */
  public static final Map<String, String> LINKS =
      Map.of("STAMPEDE_PAY_URL", "/items/1?order={order}");

  private static final long SQL_SECONDS_MAX = 10;

  private final RunningShop shop;
  private final HttpServer server;

  private ShopSteering(RunningShop shop, HttpServer server) {
    this.shop = shop;
    this.server = server;
  }

  public static ShopSteering of(RunningShop shop) {
    try {
      InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      HttpServer server = HttpServer.create(any, 0);
      ShopSteering steering = new ShopSteering(shop, server);
      server.createContext("/", steering::handle);
      server.start();
      return steering;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * For the environment of a {@link BrowserSuite}: {@code SHOP}, {@code MANAGEMENT}, {@code STEER}.
   */
  public Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("SHOP", "http://127.0.0.1:" + shop.httpPort());
    environment.put("MANAGEMENT", "http://127.0.0.1:" + shop.managementPort());
    environment.put("STEER", "http://127.0.0.1:" + server.getAddress().getPort());
    return environment;
  }

  private void handle(HttpExchange exchange) throws IOException {
    int status = 200;
    String answer;
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      try {
        answer = done(new JsonObject(new String(body, StandardCharsets.UTF_8)));
      } catch (AssertionError | RuntimeException e) {
        status = 500; // the test that asked shows it
        answer = e.toString();
      }
      byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private String done(JsonObject asked) {
    String what = asked.getString("do");
    switch (what) {
      case "admin":
        try (AdminWire admin = shop.admin("browser", "admin")) {
          return admin.require(asked.getString("address"), asked.getJsonObject("body")).encode();
        }
      case "open":
        long opensAt = System.currentTimeMillis() + asked.getLong("opensInMs", -1_000L);
        JsonObject session = asked.getJsonObject("session", new JsonObject());
        JsonObject item = asked.getJsonObject("item", new JsonObject());
        String made = shop.openItem(asked.getInteger("stock"), opensAt, session, item);
        return JsonObject.of("item", made).encode();
      case "login":
        return JsonObject.of("token", shop.login(asked.getString("user"))).encode();
      case "shake":
        String token = shop.login(asked.getString("user"));
        return body(shop.shake(token, asked.getString("item"), asked.getString("key"), 1));
      case "pay":
        String order = asked.getString("order");
        long amount = asked.getLong("amount");
        return body(shop.pay(order, "pay-" + order, amount, asked.getString("currency")));
      case "sql":
        return run(asked.getString("sql"));
      default:
        throw new IllegalArgumentException("nobody knows how to " + what);
    }
  }

  private String run(String sql) {
    Vertx vertx = Vertx.vertx();
    try {
      MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(shop.mysqlUrl()))
          .compose(connection -> connection.query(sql).execute().eventually(connection::close))
          .await(SQL_SECONDS_MAX, TimeUnit.SECONDS);
      return "{}";
    } catch (TimeoutException e) {
      throw new AssertionError(sql, e);
    } finally {
      vertx.close();
    }
  }

  private static String body(WireHttp.Answer answer) {
    return answer.body();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /** A shop to look at by hand: stays until it is ended, tells its addresses. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("shop-to-look-at");
    try (RunningShop shop = RunningShop.start(directory, LINKS);
        ShopSteering steering = ShopSteering.of(shop)) {
      steering.environment().forEach((name, value) -> System.out.println(name + "=" + value));
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
