package stampede.edge;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.edge.admission.Visitor;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;
import stampede.protocol.Outcome;

/**
 * Shakes over HTTP, for clients without a socket: the same desk, the same outcomes, one answer a
 * request. Answers within about a second: what takes longer is 202 and can be asked by key. On the
 * edge's event loop. Needs {@link Problem#install} on the router.
 */
final class ShakeApi {
  private static final String BASE = "/api/v1/items/:id/shakes";
  private static final String KEY_HEADER = "Idempotency-Key";

  private final Shoppers shoppers;
  private final TrustedProxies proxies;
  private final ShakeDesk desk;

  ShakeApi(Shoppers shoppers, TrustedProxies proxies, ShakeDesk desk) {
    this.shoppers = shoppers;
    this.proxies = proxies;
    this.desk = desk;
  }

  void mount(Router router) {
    JsonBody.posted(router, BASE).handler(this::shake);
    router.get(BASE + "/:key").handler(this::result);
  }

  private void shake(RoutingContext ctx) {
    shoppers
        .who(ctx.request())
        .onSuccess(shopper -> shake(ctx, shopper.user()))
        .onFailure(failure -> Problem.send(ctx, failure));
  }

  private void shake(RoutingContext ctx, Bytes user) {
    long item = item(ctx);
    if (item == 0) {
      return;
    }
    Bytes key;
    int quantity;
    try {
      key = Frames.key(key(ctx));
      String body = ctx.body().asString();
      quantity = Frames.quantity(body == null ? "" : body);
    } catch (InvalidField | Problem.Refused refused) {
      Problem.send(ctx, refused);
      return;
    }
    Visitor visitor = new Visitor(user, proxies.network(ctx.request()));
    desk.shake(visitor, item, key, quantity, new Request(ctx, user));
  }

  private void result(RoutingContext ctx) {
    shoppers
        .who(ctx.request())
        .onSuccess(shopper -> result(ctx, shopper.user()))
        .onFailure(failure -> Problem.send(ctx, failure));
  }

  private void result(RoutingContext ctx, Bytes user) {
    long item = item(ctx);
    if (item == 0) {
      return;
    }
    Bytes key;
    try {
      key = Frames.key(ctx.pathParam("key"));
    } catch (InvalidField invalid) {
      Problem.send(ctx, invalid);
      return;
    }
    desk.result(user, item, key, new Request(ctx, null));
  }

  /** 0 when the path names no item; then it is answered. */
  private static long item(RoutingContext ctx) {
    long item = Fields.idOrZero(ctx.pathParam("id"));
    if (item == 0) {
      Problem.send(ctx, 404, "unknown_item", "there is no item with this id on sale");
    }
    return item;
  }

  private static String key(RoutingContext ctx) throws Problem.Refused {
    List<String> given = ctx.request().headers().getAll(KEY_HEADER);
    if (given.isEmpty()) {
      throw new Problem.Refused(400, "missing_key", "the header " + KEY_HEADER + " is missing");
    }
    if (given.size() > 1) {
      throw new InvalidField("key", "must be given once");
    }
    String key = given.get(0).strip();
    boolean quoted = key.length() >= 2 && key.startsWith("\"") && key.endsWith("\"");
    return quoted ? key.substring(1, key.length() - 1) : key;
  }

  /** Answered by the first word about its key. */
  private final class Request implements ShakeDesk.Answer {
    private @Nullable RoutingContext open;

    /** Whose limits are shown; null = it only asks for a result, which has none. */
    private final @Nullable Bytes shaking;

    Request(RoutingContext ctx, @Nullable Bytes shaking) {
      this.open = ctx;
      this.shaking = shaking;
    }

    @Override
    public void told(long item, Bytes key, Verdict verdict) {
      RoutingContext ctx = open;
      open = null;
      if (ctx == null || ctx.response().ended() || ctx.response().closed()) {
        return;
      }
      if (shaking != null) {
        RateLimit.show(ctx.response(), desk.limits(shaking, item));
      }
      int status = status(verdict);
      if (status < 300) {
        answer(ctx, item, key, verdict, status);
      } else {
        refuse(ctx, item, key, verdict, status);
      }
    }

    @Override
    public void queued(long item, Bytes key, int ahead, long etaMs) {
      // a request can only be answered once
    }

    /** Who asks by key succeeds with every word of the owner but "unknown". */
    private int status(Verdict verdict) {
      boolean known = verdict.aboutKey() && verdict.httpStatus() != 404;
      return shaking == null && known ? 200 : verdict.httpStatus();
    }
  }

  private static void answer(
      RoutingContext ctx, long item, Bytes key, Verdict verdict, int status) {
    if (verdict.outcome() == Outcome.PENDING) {
      ctx.response()
          .putHeader(HttpHeaders.RETRY_AFTER, "1")
          .putHeader(HttpHeaders.LOCATION, "/api/v1/items/" + item + "/shakes/" + key.utf8());
    }
    ctx.response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(Frames.outcomeBody(item, key, verdict));
  }

  private static void refuse(
      RoutingContext ctx, long item, Bytes key, Verdict verdict, int status) {
    JsonObject more = new JsonObject(Frames.outcomeBody(item, key, verdict));
    String outcome = verdict.outcome().text();
    boolean invalid = verdict.outcome() == Outcome.INVALID;
    String code = invalid ? verdict.said().code() : outcome;
    Problem.send(ctx, status, code, invalid ? verdict.said().detail() : outcome, more);
  }
}
