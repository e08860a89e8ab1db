package stampede.edge;

import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.edge.admission.Admission;
import stampede.edge.admission.Rate;

/**
 * Gives a token to whoever asks, for items that are shaken first and claimed later; so many an
 * address. On the edge's event loop. Needs {@link Problem#install} on the router.
 */
final class DevicesApi {
  private static final String PATH = "/api/v1/devices";

  private final @Nullable DeviceTokens tokens;
  private final Identity identity;
  private final TrustedProxies proxies;
  private final Admission admission;
  private final Counters counters;
  private final LongSupplier millis;

  /**
   * @param tokens null = this edge has no secret to sign any with
   * @param millis monotonic
   */
  DevicesApi(
      @Nullable DeviceTokens tokens,
      Identity identity,
      TrustedProxies proxies,
      Admission admission,
      Counters counters,
      LongSupplier millis) {
    this.tokens = tokens;
    this.identity = identity;
    this.proxies = proxies;
    this.admission = admission;
    this.counters = counters;
    this.millis = millis;
  }

  void mount(Router router) {
    JsonBody.ignored(router, PATH).handler(this::make);
  }

  private void make(RoutingContext ctx) {
    if (tokens == null) {
      Problem.send(ctx, 404, "no_devices", "shoppers sign in before they shake here");
    } else if (!identity.isOfOwnPage(ctx.request())) {
      Problem.send(ctx, Identity.foreignOrigin());
    } else {
      make(ctx, tokens, proxies.network(ctx.request()));
    }
  }

  private void make(RoutingContext ctx, DeviceTokens tokens, long network) {
    long waitMs = admission.deviceWaitMs(network, millis.getAsLong());
    Rate.Left left = admission.deviceRate(network, millis.getAsLong());
    if (left != null) {
      RateLimit limit =
          new RateLimit("devices", left.burst(), left.windowMs(), left.shakes(), left.moreMs());
      RateLimit.show(ctx.response(), List.of(limit));
    }
    counters.device(waitMs == 0);
    if (waitMs > 0) {
      JsonObject more = new JsonObject().put("retryAfterMs", waitMs);
      Problem.send(ctx, 429, "too_many_devices", "too many devices of this address", more);
      return;
    }
    DeviceTokens.Issued issued = tokens.issue();
    JsonAnswer.personal(
        ctx,
        new JsonObject()
            .put("device", issued.device())
            .put("token", issued.token())
            .put("expiresAt", issued.expiresAtMs()));
  }
}
