package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;

/**
 * Who asks: a shopper token (JWT, HS256, audience {@code stampede}) as bearer token or cookie, or a
 * ticket. A page of another origin is refused, since a browser would lend it the cookie.
 */
final class Identity implements Shoppers {
  static final String AUDIENCE = "stampede";
  static final String COOKIE = "stampede";

  private static final String BEARER = "bearer ";

  private final JWTAuth tokens;
  private final Set<String> allowedOrigins;
  private final Tickets tickets;
  private final LongSupplier epochMs;

  /**
   * @param allowedOrigins such as {@code https://shop.example}, beside the host that is asked
   */
  Identity(
      Vertx vertx,
      String jwtSecret,
      Set<String> allowedOrigins,
      Tickets tickets,
      LongSupplier epochMs) {
    PubSecKeyOptions key =
        new PubSecKeyOptions().setAlgorithm("HS256").setBuffer(Buffer.buffer(jwtSecret));
    JWTOptions wanted = new JWTOptions().setAlgorithm("HS256").addAudience(AUDIENCE);
    this.tokens =
        JWTAuth.create(vertx, new JWTAuthOptions().addPubSecKey(key).setJWTOptions(wanted));
    this.allowedOrigins = Set.copyOf(allowedOrigins);
    this.tickets = tickets;
    this.epochMs = epochMs;
  }

  @Override
  public Future<Shopper> who(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin != null && !isOwn(origin, request)) {
      return Future.failedFuture(
          new Problem.Refused(403, "foreign_origin", "pages of this origin are not allowed here"));
    }
    String token = tokenOf(request);
    if (token != null) {
      return Future.succeededFuture(new TokenCredentials(token))
          .compose(tokens::authenticate) // throws when a time in the token is no number
          .compose(
              user -> shopper(user.attributes().getJsonObject("accessToken")),
              failure -> refused("the token is not valid, not for here, or has ended"));
    }
    String ticket = request.getParam("ticket");
    Shopper shopper = ticket == null ? null : tickets.redeem(ticket);
    return shopper != null
        ? Future.succeededFuture(shopper)
        : refused(ticket == null ? "a token is needed" : "the ticket is unknown, used or too old");
  }

  private Future<Shopper> shopper(JsonObject claims) {
    if (!(claims.getValue("exp") instanceof Number exp)) {
      return refused("the token has no end (exp)");
    }
    long expiresAtMs = exp.longValue() * 1_000;
    if (expiresAtMs <= epochMs.getAsLong()) {
      return refused("the token has ended");
    }
    if (!(claims.getValue("sub") instanceof String subject) || subject.isEmpty()) {
      return refused("the token names no user (sub)");
    }
    try {
      return Future.succeededFuture(new Shopper(Bytes.of("sub", subject), expiresAtMs));
    } catch (InvalidField e) {
      return refused(e.getMessage());
    }
  }

  private static @Nullable String tokenOf(HttpServerRequest request) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header != null) {
      boolean bearer = header.regionMatches(true, 0, BEARER, 0, BEARER.length());
      return bearer ? header.substring(BEARER.length()).strip() : "";
    }
    Cookie cookie = request.getCookie(COOKIE);
    return cookie == null ? null : cookie.getValue();
  }

  private boolean isOwn(String origin, HttpServerRequest request) {
    if (allowedOrigins.contains(origin)) {
      return true;
    }
    String host = request.getHeader(HttpHeaders.HOST);
    try {
      String authority = new URI(origin).getRawAuthority();
      return authority != null
          && host != null
          && withoutDefaultPort(authority).equals(withoutDefaultPort(host));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static String withoutDefaultPort(String authority) {
    return authority.toLowerCase(Locale.ROOT).replaceFirst(":(80|443)$", "");
  }

  private static Future<Shopper> refused(String detail) {
    return Future.failedFuture(new Problem.Refused(401, "unauthorized", detail));
  }
}
