package stampede.edge;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** The good answers that concern one person, or one moment: they are stored nowhere. */
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
}
