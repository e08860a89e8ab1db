package stampede.rig.chaos;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What happens to orders: most are paid in time, some late, some twice, some are cancelled, the
 * rest expires. A call-back is repeated with the same id, at any edge, until it is answered. On the
 * crowd's event loop.
 */
final class PaymentSide {
  private static final int ANSWER_MS_MAX = 12_000;
  private static final int RETRY_MS = 1_000;
  private static final int TRIES_MAX = 60;
  private static final int OPEN_MAX = 5_000;
  private static final int CONNECTIONS_MAX = 64;

  /** Signs a call-back: webhook-signature of (id, seconds, body). */
  interface Signer {
    String sign(String id, long seconds, String body);
  }

  /** One thing that is done until it is answered. */
  private record Call(
      String path, String user, String order, String payment, long amount, int tries) {
    boolean pays() {
      return !payment.isEmpty();
    }

    Call again() {
      return new Call(path, user, order, payment, amount, tries + 1);
    }
  }

  private final Vertx vertx;
  private final Crowd crowd;
  private final Supplier<List<String>> edges;
  private final UnaryOperator<String> tokenOf;
  private final Signer signer;
  private final HttpClient client;
  private int open;
  private long calls;
  private boolean stopped;

  PaymentSide(
      Vertx vertx,
      Crowd crowd,
      Supplier<List<String>> edges,
      UnaryOperator<String> tokenOf,
      Signer signer) {
    this.vertx = vertx;
    this.crowd = crowd;
    this.edges = edges;
    this.tokenOf = tokenOf;
    this.signer = signer;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout(2_000).setKeepAlive(false),
            new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX).setMaxWaitQueueSize(OPEN_MAX));
  }

  /** Draws what becomes of an order. */
  void consider(SplittableRandom random, String user, String order, SaleOffer offer, int quantity) {
    if (open >= OPEN_MAX) {
      crowd.count("notPaid");
      return;
    }
    long amount = offer.price() * quantity;
    long soonMs = 50 + random.nextLong(Math.max(1, offer.payWithinMs() / 2));
    int fate = random.nextInt(100);
    if (fate < 50) {
      pay(soonMs, user, order, "p-" + order, amount);
    } else if (fate < 54) {
      pay(soonMs, user, order, "p-" + order, amount);
      pay(soonMs, user, order, "p-" + order, amount); // the same one, twice at once
    } else if (fate < 57) {
      pay(soonMs, user, order, "p-" + order, amount);
      pay(soonMs + 100, user, order, "q-" + order, amount); // a second one: refund due
    } else if (fate < 60) {
      pay(offer.payWithinMs() + 2_000, user, order, "p-" + order, amount); // too late
    } else if (fate < 63) {
      pay(offer.payWithinMs() + 900, user, order, "p-" + order, amount); // as it expires
    } else if (fate < 73) {
      later(soonMs, new Call("/api/v1/orders/" + order + "/cancel", user, order, "", 0, 1));
    }
  }

  int open() {
    return open;
  }

  private void pay(long inMs, String user, String order, String payment, long amount) {
    later(inMs, new Call("/api/v1/payments", user, order, payment, amount, 1));
  }

  private void later(long inMs, Call call) {
    open++;
    vertx.setTimer(inMs, due -> call(call));
  }

  /** Nothing is sent any more. */
  void stop() {
    stopped = true;
  }

  private void call(Call call) {
    if (stopped) {
      return;
    }
    String connection = "http-" + ++calls;
    if (call.pays()) {
      crowd.tape().pays(connection, call.order, call.payment);
    } else {
      crowd.tape().cancels(connection, call.user, call.order);
    }
    String body = call.pays() ? body(call) : "";
    client
        .request(options(call))
        .compose(request -> signed(request, call, body).send(Buffer.buffer(body)))
        .compose(
            response ->
                response
                    .body()
                    .map(text -> answered(call, connection, response.statusCode(), text)))
        .onSuccess(settled -> settle(call, settled))
        .onFailure(unknown -> settle(call, false));
  }

  private void settle(Call call, boolean settled) {
    if (settled) {
      open--;
    } else if (call.tries >= TRIES_MAX) {
      open--;
      crowd.count("paymentGivenUp");
    } else {
      vertx.setTimer(RETRY_MS, due -> call(call.again()));
    }
  }

  /** Whether that was the last word. */
  private boolean answered(Call call, String connection, int status, Buffer text) {
    crowd.count((call.pays() ? "pay" : "cancel") + status);
    Map<String, Object> body = members(text);
    if (call.pays()) {
      crowd.tape().paid(connection, call.payment, body);
    } else {
      crowd.tape().cancelled(connection, call.user, body);
    }
    return status < 500 && status != 429;
  }

  private static Map<String, Object> members(Buffer json) {
    try {
      return new JsonObject(json).getMap();
    } catch (DecodeException e) {
      return Map.of();
    }
  }

  private static String body(Call call) {
    return JsonObject.of("order", call.order, "payment", call.payment)
        .put("amount", call.amount)
        .put("currency", SaleOffer.CURRENCY)
        .encode();
  }

  private HttpClientRequest signed(HttpClientRequest request, Call call, String body) {
    request.putHeader("content-type", "application/json");
    if (call.pays()) {
      long seconds = System.currentTimeMillis() / 1_000;
      String id = "msg-" + call.payment;
      request.putHeader("webhook-id", id);
      request.putHeader("webhook-timestamp", Long.toString(seconds));
      request.putHeader("webhook-signature", signer.sign(id, seconds, body));
    } else {
      request.putHeader("authorization", "Bearer " + tokenOf.apply(call.user));
    }
    return request;
  }

  private RequestOptions options(Call call) {
    List<String> all = edges.get();
    String edge = all.get(Math.floorMod(call.order.hashCode() + call.tries, all.size()));
    int colon = edge.lastIndexOf(':');
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setHost(edge.substring(0, colon))
        .setPort(Integer.parseInt(edge.substring(colon + 1)))
        .setURI(call.path)
        .setConnectTimeout(2_000)
        .setTimeout(ANSWER_MS_MAX)
        .setIdleTimeout(ANSWER_MS_MAX);
  }
}
