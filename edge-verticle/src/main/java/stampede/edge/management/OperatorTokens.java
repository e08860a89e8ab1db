package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import org.jspecify.annotations.Nullable;
import stampede.edge.Problem;

/**
 * Operator tokens: JWT, HS256, for {@code stampede-admin}, with {@code sub}, {@code exp} and {@code
 * roles}.
 */
final class OperatorTokens {
  static final String AUDIENCE = "stampede-admin";
  static final String COOKIE = "stampede-admin";
  private static final String BEARER = "Bearer ";
  private static final int NAME_CHARS_MAX = 64;
  static final int TOKEN_CHARS_MAX = 4_096;

  private final JWTAuth tokens;

  OperatorTokens(Vertx vertx, String adminSecret) {
    PubSecKeyOptions key =
        new PubSecKeyOptions().setAlgorithm("HS256").setBuffer(Buffer.buffer(adminSecret));
    tokens =
        JWTAuth.create(
            vertx,
            new JWTAuthOptions()
                .addPubSecKey(key)
                .setJWTOptions(new JWTOptions().addAudience(AUDIENCE)));
  }

  /** Fails with {@link Problem.Refused}: 401 without a good token, 403 without a role. */
  Future<Operator> operatorOf(HttpServerRequest request) {
    String token = tokenOf(request);
    return token == null || token.length() > TOKEN_CHARS_MAX
        ? refused(401, "token_missing", "an operator token is needed")
        : operatorOf(token);
  }

  /** The same of a token by itself. */
  Future<Operator> operatorOf(String token) {
    return Future.succeededFuture(new TokenCredentials(token))
        .compose(tokens::authenticate) // throws when a time in the token is no number
        .map(user -> user.attributes().getJsonObject("accessToken"))
        .recover(failure -> refused(401, "token_invalid", "the operator token is not valid"))
        .compose(OperatorTokens::operator);
  }

  private static Future<Operator> operator(JsonObject claims) {
    Object name = claims.getValue("sub");
    Object expires = claims.getValue("exp");
    if (!(name instanceof String text) || text.isBlank() || text.length() > NAME_CHARS_MAX) {
      return refused(401, "token_invalid", "sub must name the operator in 1 to 64 characters");
    }
    if (!(expires instanceof Number seconds) || seconds.longValue() > Long.MAX_VALUE / 1_000) {
      return refused(401, "token_invalid", "exp must say when the token ends");
    }
    Role role = highest(claims.getValue("roles"));
    return role == null
        ? refused(403, "role_missing", "roles must name viewer, operator or admin")
        : Future.succeededFuture(new Operator(text, role, seconds.longValue() * 1_000));
  }

  private static @Nullable Role highest(@Nullable Object roles) {
    Role highest = null;
    if (roles instanceof JsonArray array) {
      for (Object entry : array) {
        Role role = Role.ofText(entry);
        if (role != null && (highest == null || role.mayDoWhat(highest))) {
          highest = role;
        }
      }
    }
    return highest;
  }

  private static @Nullable String tokenOf(HttpServerRequest request) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header != null) {
      boolean bearer = header.regionMatches(true, 0, BEARER, 0, BEARER.length());
      return bearer ? header.substring(BEARER.length()).strip() : null;
    }
    Cookie cookie = request.getCookie(COOKIE);
    return cookie == null ? null : cookie.getValue();
  }

  private static <T> Future<T> refused(int status, String code, String detail) {
    return Future.failedFuture(new Problem.Refused(status, code, detail));
  }
}
