package stampede.edge;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.Locale;
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
  private static final int BODY_BYTES_MAX = 8_192;
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
    router
        .post(BASE)
        .handler(BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX))
        .handler(this::shake);
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
      requireJson(ctx);
      String body = ctx.body().asString();
      quantity = Frames.quantity(body == null ? "" : body);
    } catch (InvalidField | Problem.Refused refused) {
      Problem.send(ctx, refused);
      return;
    }
    Visitor visitor = new Visitor(user, proxies.network(ctx.request()));
    desk.shake(visitor, item, key, quantity, new Request(ctx, false));
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
    desk.result(user, item, key, new Request(ctx, true));
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
    String given = ctx.request().getHeader(KEY_HEADER);
    if (given == null) {
      throw new Problem.Refused(400, "missing_key", "the header " + KEY_HEADER + " is missing");
    }
    String key = given.strip();
    boolean quoted = key.length() >= 2 && key.startsWith("\"") && key.endsWith("\"");
    return quoted ? key.substring(1, key.length() - 1) : key;
  }

  /** A form posted by a foreign page can't carry this type. */
  private static void requireJson(RoutingContext ctx) throws Problem.Refused {
    String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      throw new Problem.Refused(415, "unsupported_media_type", "the body must be application/json");
    }
  }

  /** Answered by the first word about its key. */
  private final class Request implements ShakeDesk.Answer {
    private @Nullable RoutingContext open;
    private final boolean asksResult;

    Request(RoutingContext ctx, boolean asksResult) {
      this.open = ctx;
      this.asksResult = asksResult;
    }

    @Override
    public void told(long item, Bytes key, Verdict verdict) {
      RoutingContext ctx = open;
      open = null;
      if (ctx == null || ctx.response().ended() || ctx.response().closed()) {
        return;
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
      return asksResult && known ? 200 : verdict.httpStatus();
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

  private void refuse(RoutingContext ctx, long item, Bytes key, Verdict verdict, int status) {
    JsonObject more = new JsonObject(Frames.outcomeBody(item, key, verdict));
    if (verdict.outcome() == Outcome.THROTTLED) {
      showLimit(ctx, item, verdict.retryAfterMs());
    }
    String outcome = verdict.outcome().text();
    boolean invalid = verdict.outcome() == Outcome.INVALID;
    String code = invalid ? verdict.said().code() : outcome;
    Problem.send(ctx, status, code, invalid ? verdict.said().detail() : outcome, more);
  }

  private void showLimit(RoutingContext ctx, long item, long retryAfterMs) {
    ctx.response()
        .putHeader("RateLimit-Policy", "\"shake\";q=1;w=" + seconds(desk.cooldownMs(item)))
        .putHeader("RateLimit", "\"shake\";r=0;t=" + seconds(retryAfterMs));
  }

  private static long seconds(long ms) {
    return Math.max(1, (ms + 999) / 1_000);
  }
}
