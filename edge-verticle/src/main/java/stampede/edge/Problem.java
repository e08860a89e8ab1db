package stampede.edge;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.protocol.InvalidField;
import stampede.protocol.port.Bus;

/**
 * Every error answer over HTTP: {@code application/problem+json} (RFC 9457) with a stable {@code
 * code} and the {@code requestId} that is also in the response header and, for a 500, in the log.
 */
public final class Problem {
  private static final Logger LOG = LoggerFactory.getLogger(Problem.class);
  private static final String REQUEST_ID = "X-Request-Id";
  private static final Pattern SANE_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /** How long to wait before asking again when nobody says better. */
  private static final long RETRY_AFTER_MS = 1_000;

  private Problem() {}

  /** A refusal on its way to the client, for code that answers by a failed future. */
  public static final class Refused extends Exception {
    private final int status;
    private final String code;
    private final JsonObject more;

    public Refused(int status, String code, String detail) {
      this(status, code, detail, new JsonObject());
    }

    public Refused(int status, String code, String detail, JsonObject more) {
      super(detail, null, false, false);
      this.status = status;
      this.code = code;
      this.more = more;
    }

    public int status() {
      return status;
    }

    public String code() {
      return code;
    }

    public String detail() {
      return String.valueOf(getMessage());
    }
  }

  /**
   * Gives every request its id and every failure of {@code router} this form. Call it before any
   * other route is added.
   */
  public static void install(Router router) {
    router
        .route()
        .handler(
            ctx -> {
              requestId(ctx);
              ctx.next();
            });
    on(router, 400, "bad_request", "the request can't be understood");
    on(router, 404, "not_found", "there is nothing at this path");
    router.errorHandler(405, ctx -> methodNotAllowed(ctx, router));
    on(router, 413, "body_too_large", "the body is longer than allowed here");
    on(router, 415, "unsupported_media_type", "the body must be application/json");
    router.errorHandler(500, Problem::internal);
  }

  public static void send(RoutingContext ctx, int status, String code, String detail) {
    send(ctx, status, code, detail, new JsonObject());
  }

  /**
   * {@code more}: further members. A 429 or 503 always has a {@code Retry-After}, of its {@code
   * retryAfterMs} or a second. Does nothing when the connection is gone or the answer was already
   * given.
   */
  public static void send(
      RoutingContext ctx, int status, String code, String detail, JsonObject more) {
    String requestId = requestId(ctx);
    if (ctx.response().ended() || ctx.response().headWritten() || ctx.response().closed()) {
      return;
    }
    write(ctx.response(), requestId, status, code, detail, more);
  }

  private static void write(
      HttpServerResponse response,
      String requestId,
      int status,
      String code,
      String detail,
      JsonObject more) {
    JsonObject body =
        new JsonObject()
            .put("type", "urn:stampede:problem:" + code)
            .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
            .put("status", status)
            .put("detail", detail)
            .put("code", code)
            .put("requestId", requestId)
            .mergeIn(more);
    if (status == 429 || status == 503) {
      long retryAfterMs = more.getLong("retryAfterMs", RETRY_AFTER_MS);
      response.putHeader(
          HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, RateLimit.seconds(retryAfterMs))));
    }
    if (status == 401) {
      response.putHeader("WWW-Authenticate", "Bearer");
    }
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(body.encode());
  }

  /**
   * The answer to what is no HTTP request or has too large a head, so that no router sees it. The
   * connection ends with it: where the next request would begin nobody knows.
   */
  static void unreadable(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    Throwable fault = request.decoderResult().cause();
    String requestId = made();
    response.putHeader(REQUEST_ID, requestId).putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    JsonObject none = new JsonObject();
    if (fault instanceof TooLongHttpLineException) {
      String detail = "the address is longer than allowed here";
      write(response, requestId, 414, "uri_too_long", detail, none);
    } else if (fault instanceof TooLongHttpHeaderException) {
      String detail = "the headers are longer than allowed here";
      write(response, requestId, 431, "headers_too_large", detail, none);
    } else {
      write(response, requestId, 400, "bad_request", "this is no HTTP request", none);
    }
  }

  /** The answer to what went wrong on the way; what nobody expected is a 500. */
  public static void send(RoutingContext ctx, Throwable failure) {
    if (failure instanceof Refused refused) {
      send(ctx, refused.status, refused.code, refused.detail(), refused.more);
    } else if (failure instanceof InvalidField invalid) {
      JsonObject more = new JsonObject().put("field", invalid.field());
      send(ctx, 400, "invalid", invalid.getMessage(), more);
    } else if (failure instanceof Owners.Busy busy) {
      send(ctx, 503, busy.code(), "not passed on; nothing happened", retry(busy.retryAfterMs()));
    } else if (failure instanceof Owners.Unresolved) {
      send(ctx, 503, "unresolved", "no answer in time; ask again", retry(RETRY_AFTER_MS));
    } else if (failure instanceof Bus.Unanswered) {
      String detail = "the catalogue gave no answer in time; ask again";
      send(ctx, 503, "catalogue_unavailable", detail, retry(RETRY_AFTER_MS));
    } else if (failure instanceof Backstage.Refusal refusal) {
      sendRefusal(ctx, refusal);
    } else {
      ctx.fail(500, failure);
    }
  }

  private static void sendRefusal(RoutingContext ctx, Backstage.Refusal refusal) {
    String code = refusal.code();
    if (code.startsWith("unknown_")) {
      send(ctx, 404, code, refusal.detail());
    } else if (code.equals("invalid")) {
      send(ctx, 400, code, refusal.detail());
    } else if (code.equals("catalogue_unavailable") || code.equals("busy")) {
      send(ctx, 503, code, refusal.detail(), retry(RETRY_AFTER_MS));
    } else {
      ctx.fail(500, refusal);
    }
  }

  /** {@code X-Request-Id} of the request when it is short and harmless, else a new one. */
  public static String requestId(RoutingContext ctx) {
    String known = ctx.get(REQUEST_ID);
    if (known != null) {
      return known;
    }
    String given = ctx.request().getHeader(REQUEST_ID);
    String id = given != null && SANE_ID.matcher(given).matches() ? given : made();
    ctx.put(REQUEST_ID, id);
    if (!ctx.response().headWritten()) {
      ctx.response().putHeader(REQUEST_ID, id);
    }
    return id;
  }

  private static String made() {
    return Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
  }

  private static JsonObject retry(long retryAfterMs) {
    return new JsonObject().put("retryAfterMs", retryAfterMs);
  }

  private static void on(Router router, int status, String code, String detail) {
    router.errorHandler(status, ctx -> send(ctx, status, code, detail));
  }

  private static void methodNotAllowed(RoutingContext ctx, Router router) {
    Set<String> methods = new TreeSet<>();
    for (Route route : router.getRoutes()) {
      String path = route.getPath();
      if (path != null && route.methods() != null && isAt(path, ctx.normalizedPath())) {
        route.methods().forEach(method -> methods.add(method.name()));
      }
    }
    if (!methods.isEmpty() && !ctx.response().headWritten()) {
      ctx.response().putHeader("Allow", String.join(", ", methods));
    }
    send(ctx, 405, "method_not_allowed", "this path does not know this method");
  }

  /** {@code template} with {@code :name} for one part of a path. */
  private static boolean isAt(String template, String path) {
    String[] wanted = template.split("/", -1);
    String[] given = path.split("/", -1);
    boolean at = wanted.length == given.length;
    for (int i = 0; at && i < wanted.length; i++) {
      at = wanted[i].startsWith(":") || wanted[i].equals(given[i]);
    }
    return at;
  }

  private static void internal(RoutingContext ctx) {
    @Nullable Throwable failure = ctx.failure();
    if (failure instanceof InvalidField) {
      send(ctx, failure);
      return;
    }
    LOG.error(
        "internal {} {} requestId={}",
        ctx.request().method(),
        ctx.normalizedPath(),
        requestId(ctx),
        failure);
    send(ctx, 500, "internal", "something went wrong here; name the requestId when you report it");
  }
}
