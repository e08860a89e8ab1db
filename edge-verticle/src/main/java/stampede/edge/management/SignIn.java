package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import stampede.edge.Fields;
import stampede.edge.JsonBody;
import stampede.edge.Problem;

/**
 * A browser's way in: an operator's token, once, in the body of a POST, becomes a cookie no script
 * can read and no foreign page can send. It stands in no address and in no log.
 */
final class SignIn {
  private final Supplier<OperatorTokens> tokens;
  private final Predicate<HttpServerRequest> isForeign;
  private final LongSupplier nowMs;

  SignIn(
      Supplier<OperatorTokens> tokens, Predicate<HttpServerRequest> isForeign, LongSupplier nowMs) {
    this.tokens = tokens;
    this.isForeign = isForeign;
    this.nowMs = nowMs;
  }

  void mount(Router router) {
    JsonBody.posted(router, "/console/sign-in").handler(this::signIn);
    JsonBody.ignored(router, "/console/sign-out").handler(this::signOut);
    router.get("/console/me").handler(this::me);
  }

  private void signIn(RoutingContext ctx) {
    if (refusedForeign(ctx)) {
      return;
    }
    Future.succeededFuture(ctx)
        .map(posted -> Fields.ofBody(posted).text("token", OperatorTokens.TOKEN_CHARS_MAX).strip())
        .compose(token -> tokens.get().operatorOf(token).onSuccess(who -> keep(ctx, token, who)))
        .onSuccess(operator -> answer(ctx, known(operator)))
        .onFailure(failure -> Problem.send(ctx, failure));
  }

  private void keep(RoutingContext ctx, String token, Operator operator) {
    long seconds = Math.max(0, (operator.expiresAtMs() - nowMs.getAsLong()) / 1_000);
    ctx.response().addCookie(cookie(ctx, token).setMaxAge(seconds));
  }

  private void signOut(RoutingContext ctx) {
    if (!refusedForeign(ctx)) {
      ctx.response().addCookie(cookie(ctx, "").setMaxAge(0));
      answer(ctx, new JsonObject().put("signedIn", false));
    }
  }

  /** Not signed in is no error: the page asks before it shows anything. */
  private void me(RoutingContext ctx) {
    tokens
        .get()
        .operatorOf(ctx.request())
        .map(SignIn::known)
        .otherwise(refused -> new JsonObject().put("signedIn", false))
        .onSuccess(who -> answer(ctx, who));
  }

  private static JsonObject known(Operator operator) {
    return new JsonObject()
        .put("signedIn", true)
        .put("name", operator.name())
        .put("role", operator.role().text())
        .put("expiresAt", operator.expiresAtMs());
  }

  /** A browser names the page's origin in every POST: none is as bad as a wrong one. */
  private boolean refusedForeign(RoutingContext ctx) {
    boolean named = ctx.request().getHeader(HttpHeaders.ORIGIN) != null;
    if (named && !isForeign.test(ctx.request())) {
      return false;
    }
    Problem.send(ctx, 403, "foreign_origin", "this origin may not sign anybody in or out");
    return true;
  }

  private static Cookie cookie(RoutingContext ctx, String token) {
    HttpServerRequest request = ctx.request();
    boolean tls = request.isSSL() || request.getHeader(HttpHeaders.ORIGIN).startsWith("https:");
    return Cookie.cookie(OperatorTokens.COOKIE, token)
        .setHttpOnly(true)
        .setSameSite(CookieSameSite.STRICT)
        .setPath("/")
        .setSecure(tls);
  }

  private static void answer(RoutingContext ctx, JsonObject body) {
    if (!ctx.response().ended() && !ctx.response().closed()) {
      ConsoleFiles.guard(ctx.response())
          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
          .end(body.encode());
    }
  }
}
