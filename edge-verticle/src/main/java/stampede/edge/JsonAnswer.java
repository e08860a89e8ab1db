package stampede.edge;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** The good answers: what concerns one person is stored nowhere, what concerns all is brief. */
final class JsonAnswer {
  private JsonAnswer() {}

  static void personal(RoutingContext ctx, JsonObject body) {
    HttpServerResponse response = ctx.response();
    if (!response.ended() && !response.closed()) {
      response
          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
          .end(body.encode());
    }
  }

  /** {@code tag} changes when the body does, apart from the moment it was asked. */
  static void shared(RoutingContext ctx, JsonObject body, long ageMs, String tag) {
    HttpServerResponse response = ctx.response();
    if (response.ended() || response.closed()) {
      return;
    }
    String etag = "W/\"" + tag + "\"";
    response
        .putHeader(HttpHeaders.CACHE_CONTROL, "public, max-age=1")
        .putHeader(HttpHeaders.AGE, Long.toString(ageMs / 1_000))
        .putHeader(HttpHeaders.ETAG, etag);
    if (etag.equals(ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
    } else {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(body.encode());
    }
  }
}
