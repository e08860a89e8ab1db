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
import io.vertx.ext.auth.User;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.Devices;
import stampede.protocol.InvalidField;

/**
 * Who asks: a shopper token (JWT, audience {@code stampede}) or a token of {@link DeviceTokens}, as
 * bearer token or cookie, or a ticket for a socket. A page of another origin is refused, since a
 * browser would lend it the cookie.
 *
 * <p>A token's algorithm decides which keys are asked, and none is asked for another's: HS256 the
 * secret, RS256 and ES256 the {@link PublicKeys}, where there are such. Everything else is refused.
 */
final class Identity implements Shoppers {
  static final String AUDIENCE = "stampede";
  static final String COOKIE = "stampede";

  private static final String BEARER = "bearer ";
  private static final String HS256 = "HS256";

  /** Tickets are for those who can't set a header, and that is only so for a socket. */
  private static final String TICKET_PATH = "/shake";

  private static final int TOKEN_CHARS_MAX = 8_192;

  private final @Nullable JWTAuth secret;
  private final @Nullable PublicKeys keys;
  private final @Nullable DeviceTokens devices;
  private final Set<String> allowedOrigins;
  private final TicketGate tickets;
  private final LongSupplier epochMs;

  /** By the secret only. */
  Identity(
      Vertx vertx,
      String jwtSecret,
      Set<String> allowedOrigins,
      TicketGate tickets,
      LongSupplier epochMs) {
    this(vertx, jwtSecret, null, null, allowedOrigins, tickets, epochMs);
  }

  /**
   * @param jwtSecret empty = no HS256 token is good
   * @param keys null = no RS256 or ES256 token is good
   * @param devices null = no token of a device is good
   * @param allowedOrigins such as {@code https://shop.example}, beside the host that is asked
   */
  Identity(
      Vertx vertx,
      String jwtSecret,
      @Nullable PublicKeys keys,
      @Nullable DeviceTokens devices,
      Set<String> allowedOrigins,
      TicketGate tickets,
      LongSupplier epochMs) {
    this.secret = jwtSecret.isEmpty() ? null : bySecret(vertx, jwtSecret);
    this.keys = keys;
    this.devices = devices;
    this.allowedOrigins = Set.copyOf(allowedOrigins);
    this.tickets = tickets;
    this.epochMs = epochMs;
  }

  private static JWTAuth bySecret(Vertx vertx, String jwtSecret) {
    PubSecKeyOptions key =
        new PubSecKeyOptions().setAlgorithm(HS256).setBuffer(Buffer.buffer(jwtSecret));
    JWTOptions wanted = new JWTOptions().setAlgorithm(HS256).addAudience(AUDIENCE);
    return JWTAuth.create(vertx, new JWTAuthOptions().addPubSecKey(key).setJWTOptions(wanted));
  }

  @Override
  public Future<Shopper> who(HttpServerRequest request) {
    if (!isOfOwnPage(request)) {
      return Future.failedFuture(foreignOrigin());
    }
    String token = tokenOf(request);
    if (token != null) {
      return shopper(token);
    }
    String ticket = request.path().equals(TICKET_PATH) ? request.getParam("ticket") : null;
    return ticket == null ? refused("a token is needed") : redeem(ticket);
  }

  @Override
  public Future<Bytes> device(String token) {
    return shopper(token)
        .compose(
            shopper ->
                Devices.isDevice(shopper.user())
                    ? Future.succeededFuture(shopper.user())
                    : refused("it is no token of a device"))
        .recover(
            failure ->
                failure instanceof Problem.Refused refused && refused.status() == 401
                    ? Future.failedFuture(
                        new Problem.Refused(401, "bad_device", "device: " + refused.detail()))
                    : Future.failedFuture(failure));
  }

  private Future<Shopper> shopper(String token) {
    return Future.succeededFuture(token)
        .map(Identity::headerOf) // throws when it is no token
        .compose(
            header ->
                authenticate(token, header) // throws when a time in the token is no number
                    .compose(
                        user ->
                            shopper(
                                user.attributes().getJsonObject("accessToken"),
                                DeviceTokens.areOf(header))))
        .recover(
            failure ->
                failure instanceof Problem.Refused
                    ? Future.failedFuture(failure)
                    : refused("the token is not valid, not for here, or has ended"));
  }

  private Future<User> authenticate(String token, JsonObject header) {
    String algorithm = header.getString("alg", "");
    TokenCredentials credentials = new TokenCredentials(token);
    if (DeviceTokens.areOf(header)) {
      return devices == null
          ? refused("no devices are taken here")
          : devices.authenticate(credentials);
    } else if (secret != null && algorithm.equals(HS256)) {
      return secret.authenticate(credentials);
    } else if (keys != null && PublicKeys.ALGORITHMS.contains(algorithm)) {
      return keys.authenticate(credentials, header.getString("kid"));
    }
    return refused("tokens with this algorithm (alg) are not taken here");
  }

  /** What a token says of itself, before anything of it is believed; throws when it is none. */
  private static JsonObject headerOf(String token) {
    int end = token.indexOf('.');
    if (end < 0 || token.length() > TOKEN_CHARS_MAX) {
      throw new IllegalArgumentException("no token");
    }
    return new JsonObject(Buffer.buffer(Base64.getUrlDecoder().decode(token.substring(0, end))));
  }

  private Future<Shopper> redeem(String ticket) {
    return tickets.redeem(ticket).compose(this::ofTicket);
  }

  private Future<Shopper> ofTicket(@Nullable Shopper shopper) {
    if (shopper == null) {
      return refused("the ticket is unknown, used or too old");
    }
    return shopper.expiresAtMs() <= epochMs.getAsLong()
        ? refused("the token behind the ticket has ended")
        : Future.succeededFuture(shopper);
  }

  /** {@code byUs}: the key it was signed with is that of devices. */
  private Future<Shopper> shopper(JsonObject claims, boolean byUs) {
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
    if (subject.startsWith(Devices.PREFIX) != byUs) {
      String detail = "a user of the shop must not be called " + Devices.PREFIX + "… (sub)";
      return Future.failedFuture(new Problem.Refused(401, "device_subject", detail));
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

  static Problem.Refused foreignOrigin() {
    return new Problem.Refused(403, "foreign_origin", "pages of this origin are not allowed here");
  }

  /** Not sent by a page, or by one that may. */
  boolean isOfOwnPage(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin == null || isOwn(origin, request);
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

  private static <T> Future<T> refused(String detail) {
    return Future.failedFuture(new Problem.Refused(401, "unauthorized", detail));
  }
}
