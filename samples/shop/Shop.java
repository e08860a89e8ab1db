import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.*;
import java.io.IOException;
import java.net.*;
import java.net.http.*;
import java.security.*;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.Executors;
import java.util.regex.*;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A shop beside Stampede, for reading and trying out: it signs shoppers in, takes their money (it says so, at least) and
 * hears what became of orders. Needs a JDK 17 and nothing else: {@code java samples/shop/Shop.java}; docs/integrate.md.
 */
final class Shop {
  private static final String STAMPEDE = setting("STAMPEDE_URL", "http://127.0.0.1:8080");
  private static final int PORT = Integer.parseInt(setting("SHOP_PORT", "9000"));
  private static final byte[] JWT_KEY = setting("STAMPEDE_JWT_SECRET", "").getBytes(UTF_8);
  private static final byte[] PAYMENT_KEY = base64(setting("STAMPEDE_PAYMENT_SECRET", ""));
  private static final byte[] WEBHOOK_KEY = base64(setting("STAMPEDE_WEBHOOK_SECRET", ""));
  private static final int TOKEN_SECONDS = 3_600;
  private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  /** What was heard, by its id. A real shop keeps it in its database, in the transaction that acts on it. */
  private static final Map<String, String> EVENTS = new LinkedHashMap<>();

  public static void main(String[] args) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT), 0);
    Map<String, Page> pages = Map.of("/login", Shop::login, "/pay", Shop::pay, "/webhooks", Shop::webhook, "/events", Shop::events);
    pages.forEach((path, page) -> server.createContext(path, exchange -> answer(exchange, page)));
    server.setExecutor(Executors.newFixedThreadPool(16));
    server.start();
    System.out.println("shop on http://127.0.0.1:" + PORT + "/login");
  }

  private record Answer(int status, String type, String body) {
    Answer(int status, String text) {
      this(status, "text/plain", text);
    }
  }

  private interface Page {
    Answer of(HttpExchange exchange, String body) throws Exception;
  }

  private static void answer(HttpExchange exchange, Page page) throws IOException {
    Answer answer;
    try {
      answer = page.of(exchange, new String(exchange.getRequestBody().readNBytes(64 << 10), UTF_8)); // nothing here is longer
    } catch (Exception e) {
      System.err.println(exchange.getRequestURI().getPath() + ": " + e);
      answer = new Answer(500, "something went wrong");
    }
    exchange.getResponseHeaders().set("content-type", answer.type + "; charset=utf-8");
    exchange.sendResponseHeaders(answer.status, answer.body.isEmpty() ? -1 : answer.body.getBytes(UTF_8).length);
    exchange.getResponseBody().write(answer.body.getBytes(UTF_8));
    exchange.close();
  }

  /** Signing in: a token in a cookie that Stampede sees too, since it is on the same host. */
  private static Answer login(HttpExchange exchange, String body) throws GeneralSecurityException {
    String user = form(body, "user");
    if (exchange.getRequestMethod().equals("GET")) {
      return new Answer(200, "text/html", "<form method=post>Name <input name=user> <button>Sign in</button></form>");
    } else if (!user.matches("[A-Za-z0-9_-]{1,64}")) { // a real shop asks for a password here
      return new Answer(400, "a name has letters, digits, _ and -");
    }
    exchange.getResponseHeaders().set("set-cookie", // and "; Secure; Domain=shop.example" on the web
        "stampede=" + token(user) + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + TOKEN_SECONDS);
    exchange.getResponseHeaders().set("location", STAMPEDE + "/");
    return new Answer(303, "welcome, " + user + "\n");
  }

  private static String token(String user) throws GeneralSecurityException {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String claims = "{\"aud\":\"stampede\",\"sub\":\"" + user + "\",\"exp\":" + (System.currentTimeMillis() / 1_000 + TOKEN_SECONDS) + "}";
    String header = base64.encodeToString("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(UTF_8));
    String signed = header + "." + base64.encodeToString(claims.getBytes(UTF_8));
    return signed + "." + base64.encodeToString(hmac(JWT_KEY, signed));
  }

  /** Paying: Stampede knows whose order it is and what it costs. */
  private static Answer pay(HttpExchange exchange, String body) throws Exception {
    boolean asks = exchange.getRequestMethod().equals("GET");
    String order = form(asks ? String.valueOf(exchange.getRequestURI().getRawQuery()) : body, "order");
    Matcher cookie = Pattern.compile("(?:^|; *)stampede=([A-Za-z0-9._-]+)").matcher(header(exchange, "cookie"));
    if (!order.matches("[0-9]{1,19}") || !cookie.find()) {
      return new Answer(401, "sign in, and name an order\n");
    }
    HttpResponse<String> found = send(
        HttpRequest.newBuilder().header("authorization", "Bearer " + cookie.group(1)), "/api/v1/orders/" + order);
    if (found.statusCode() != 200) {
      return new Answer(404, "you have no such order\n");
    }
    long amount = Long.parseLong(member(found.body(), "price")) * Long.parseLong(member(found.body(), "quantity"));
    String currency = member(found.body(), "currency");
    if (asks) {
      return new Answer(200, "text/html", "<form method=post>" + amount + " " + currency + " (minor units)"
          + "<input type=hidden name=order value=" + order + "> <button>Pay</button></form>");
    }
    // Here the money is taken. The payment's id is kept and stays the same however often the call is repeated.
    String payment = "{\"order\":\"%1$s\",\"payment\":\"pay-%1$s\",\"amount\":%2$d,\"currency\":\"%3$s\"}";
    String told = tell(payment.formatted(order, amount, currency), "pay-" + order);
    boolean counted = member(told, "status").matches("paid|late_payment|extra_payment");
    return new Answer(counted ? 200 : 502, "application/json", told + "\n");
  }

  /** Until it is answered; a shop that may die in between keeps it in its database. */
  private static String tell(String body, String id) throws Exception {
    for (int tries = 0; tries < 20; tries++) {
      try {
        long seconds = System.currentTimeMillis() / 1_000;
        HttpResponse<String> answer = send(HttpRequest.newBuilder()
            .header("content-type", "application/json").header("webhook-id", id)
            .header("webhook-timestamp", Long.toString(seconds)).header("webhook-signature", signature(PAYMENT_KEY, id, seconds, body))
            .POST(HttpRequest.BodyPublishers.ofString(body)), "/api/v1/payments");
        if (answer.statusCode() < 500 && answer.statusCode() != 429) {
          return answer.body(); // paid; or late_payment, extra_payment: give the money back; or what is wrong with it
        }
      } catch (IOException e) {
        System.err.println("not answered, again: " + e);
      }
      Thread.sleep(500);
    }
    return "not answered; to be repeated with the same payment";
  }

  /** Hearing of orders. */
  private static Answer webhook(HttpExchange exchange, String body) throws GeneralSecurityException {
    String id = header(exchange, "webhook-id");
    long seconds = Long.parseLong("0" + header(exchange, "webhook-timestamp"));
    boolean fresh = Math.abs(System.currentTimeMillis() / 1_000 - seconds) <= 300; // an old one may be a copy
    boolean genuine = false;
    for (String each : header(exchange, "webhook-signature").split(" ")) { // two while secrets are changed
      byte[] wanted = signature(WEBHOOK_KEY, id, seconds, body).getBytes(UTF_8);
      genuine |= MessageDigest.isEqual(each.getBytes(UTF_8), wanted);
    }
    if (!fresh || !genuine) {
      return new Answer(401, "not genuine\n");
    }
    synchronized (EVENTS) {
      EVENTS.putIfAbsent(id, id + " " + body); // a repeat is no news, and is answered like the first
    }
    return new Answer(204, "");
  }

  private static Answer events(HttpExchange exchange, String body) {
    synchronized (EVENTS) {
      return new Answer(200, String.join("\n", EVENTS.values()) + "\n");
    }
  }

  private static HttpResponse<String> send(HttpRequest.Builder request, String path) throws IOException, InterruptedException {
    request.uri(URI.create(STAMPEDE + path)).timeout(Duration.ofSeconds(10));
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String header(HttpExchange exchange, String name) {
    return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst(name), "");
  }

  /** Of a form; enough for the two there are. */
  private static String form(String body, String name) {
    Matcher field = Pattern.compile("(?:^|&)" + name + "=([^&]*)").matcher(body);
    return field.find() ? URLDecoder.decode(field.group(1), UTF_8) : "";
  }

  /** Of a flat JSON object without quotes in its texts; a real shop has a library for it. */
  private static String member(String json, String name) {
    Matcher member = Pattern.compile("\"" + name + "\"\\s*:\\s*\"?([^\",}]*)").matcher(json);
    return member.find() ? member.group(1) : "";
  }

  private static String signature(byte[] key, String id, long seconds, String body) throws GeneralSecurityException {
    return "v1," + Base64.getEncoder().encodeToString(hmac(key, id + "." + seconds + "." + body));
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(UTF_8));
  }

  private static byte[] base64(String secret) {
    return Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
  }

  private static String setting(String name, String otherwise) {
    String value = System.getenv().getOrDefault(name, otherwise);
    if (value.isEmpty()) {
      System.err.println(name + ": found nothing; wanted the secret Stampede has, as in data/secrets.env");
      System.exit(2);
    }
    return value;
  }
}
