package stampede.rig;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A shop started by {@code stampede up} on free ports, and those who come to it: shoppers, an
 * operator, the payment side. Everything goes over the wire as documented. For one thread.
 */
public final class RunningShop implements AutoCloseable {
  private static final Duration START_BOUND = Duration.ofSeconds(90);
  private static final String JSON = "application/json";

  private final Path data;
  private final StampedeProcess process;
  private final int httpPort;
  private final int managementPort;

  private RunningShop(Path data, StampedeProcess process, int httpPort, int managementPort) {
    this.data = data;
    this.process = process;
    this.httpPort = httpPort;
    this.managementPort = managementPort;
  }

  /**
   * Starts a shop on a directory and waits until it sells.
   *
   * @param directory holds data and temporary files
   */
  public static RunningShop start(Path directory) {
    return start(directory, Map.of());
  }

  /** The same with settings of its own, such as {@code STAMPEDE_PAY_URL}. */
  public static RunningShop start(Path directory, Map<String, String> settings) {
    return start(directory, settings, StampedeProcess.freePort(), StampedeProcess.freePort());
  }

  /** The same on given ports. */
  public static RunningShop start(Path directory, int httpPort, int managementPort) {
    return start(directory, Map.of(), httpPort, managementPort);
  }

  private static RunningShop start(
      Path directory, Map<String, String> settings, int httpPort, int managementPort) {
    Path data = directory.resolve("data");
    Map<String, String> environment = ports(httpPort, managementPort);
    environment.putAll(settings);
    StampedeProcess process =
        StampedeProcess.start(
            environment, directory, "up", "--dev-login", "--data", data.toString());
    RunningShop shop = new RunningShop(data, process, httpPort, managementPort);
    try {
      process.awaitLine("^ready;", START_BOUND);
      return shop;
    } catch (AssertionError e) {
      shop.close();
      throw e;
    }
  }

  /**
   * A shop of many processes.
   *
   * @param process the command that started it, and ends it
   * @param httpPort where shoppers go
   * @param managementPort of one of its edges
   */
  public static RunningShop of(
      StampedeProcess process, Path data, int httpPort, int managementPort) {
    return new RunningShop(data, process, httpPort, managementPort);
  }

  /** The settings that name ports. */
  public static Map<String, String> ports(int httpPort, int managementPort) {
    Map<String, String> ports = new HashMap<>();
    ports.put("STAMPEDE_HTTP_PORT", Integer.toString(httpPort));
    ports.put("STAMPEDE_MANAGEMENT_PORT", Integer.toString(managementPort));
    return ports;
  }

  public StampedeProcess process() {
    return process;
  }

  public Path data() {
    return data;
  }

  public int httpPort() {
    return httpPort;
  }

  public int managementPort() {
    return managementPort;
  }

  public String secret(String name) {
    return StampedeProcess.secrets(data).get(name);
  }

  public String mysqlUrl() {
    return process.mysqlUrl(data);
  }

  /** A token from {@code /dev/login}. */
  public String login(String user) {
    WireHttp.Answer answer =
        WireHttp.once(
            httpPort,
            "POST",
            "/dev/login",
            Map.of("content-type", JSON),
            JsonObject.of("user", user).encode());
    if (answer.status() != 200) {
      throw new AssertionError(answer.toString());
    }
    return answer.json().getString("token");
  }

  /** A shopper's socket; its welcome is left to be read. */
  public WireSocket socket(String token) {
    try {
      return WireSocket.open(httpPort, "/shake", shakeHeaders(token));
    } catch (WireSocket.Refused e) {
      throw new AssertionError(e);
    }
  }

  public static Map<String, String> shakeHeaders(String token) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("authorization", "Bearer " + token);
    headers.put("sec-websocket-protocol", "shake.v1");
    return headers;
  }

  public WireHttp.Answer get(String path, String token) {
    return WireHttp.once(httpPort, "GET", path, Map.of("authorization", "Bearer " + token), "");
  }

  public WireHttp.Answer post(String path, String token) {
    return WireHttp.once(httpPort, "POST", path, Map.of("authorization", "Bearer " + token), "");
  }

  /** A shake over HTTP. */
  public WireHttp.Answer shake(String token, String item, String key, int quantity) {
    String path = "/api/v1/items/" + item + "/shakes";
    String body = JsonObject.of("quantity", quantity).encode();
    return WireHttp.once(httpPort, "POST", path, shakeHttpHeaders(token, key), body);
  }

  public static Map<String, String> shakeHttpHeaders(String token, String key) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("authorization", "Bearer " + token);
    headers.put("idempotency-key", key);
    headers.put("content-type", JSON);
    return headers;
  }

  /** A genuine call-back of the payment side. */
  public WireHttp.Answer pay(String order, String payment, long amount, String currency) {
    JsonObject body = JsonObject.of("order", order, "payment", payment);
    String text = body.put("amount", amount).put("currency", currency).encode();
    return callBack(
        text, "msg-" + payment, WireTokens.nowSeconds(), secret("STAMPEDE_PAYMENT_SECRET"));
  }

  /** A call-back signed with any secret at any time. */
  public WireHttp.Answer callBack(String body, String id, long seconds, String secret) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", Long.toString(seconds));
    headers.put("webhook-signature", WireTokens.webhookSignature(secret, id, seconds, body));
    headers.put("content-type", JSON);
    return WireHttp.once(httpPort, "POST", "/api/v1/payments", headers, body);
  }

  /** An operator's socket. */
  public AdminWire admin(String name, String... roles) {
    String secret = secret("STAMPEDE_ADMIN_SECRET");
    return AdminWire.open(managementPort, WireTokens.operator(secret, name, roles));
  }

  /**
   * Creates and publishes a session of one item that is open at once.
   *
   * @param members override those of a plain item: price 100 CNY, one a user, an hour to pay
   * @return the item
   */
  public String openItem(int stock, JsonObject members) {
    return openItem(stock, System.currentTimeMillis() - 1_000, members);
  }

  /** The same, opening at a time of its own. */
  public String openItem(int stock, long opensAt, JsonObject members) {
    return openItem(stock, opensAt, new JsonObject(), members);
  }

  /** The same, in a session whose members are overridden too. */
  public String openItem(int stock, long opensAt, JsonObject ofSession, JsonObject members) {
    try (AdminWire admin = admin("rig", "admin")) {
      JsonObject session =
          JsonObject.of("title", "Rig", "opensAt", opensAt, "closesAt", opensAt + 3_600_000)
              .mergeIn(ofSession);
      String id = admin.require("admin.session.create", session).getString("session");
      JsonObject item =
          JsonObject.of("session", id, "title", "Phone", "price", 100, "currency", "CNY")
              .put("stock", stock)
              .put("limitPerUser", 1)
              .put("payWithinSeconds", 3_600)
              .mergeIn(members);
      String created = admin.require("admin.item.create", item).getString("item");
      admin.require("admin.session.publish", JsonObject.of("session", id));
      return created;
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
