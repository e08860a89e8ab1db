package stampede.standalone;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Mints tokens (JWT, HS256) for the users of a simulated crowd and for the command line's own
 * operator. Thread-safe.
 */
public final class Tokens {
  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();
  private static final String HEADER =
      encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));

  private final SecretKeySpec key;

  /**
   * @param secret the shared secret; its UTF-8 bytes are the key
   */
  public Tokens(String secret) {
    this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
  }

  /** A shopper's token. */
  public String shopper(String user, Instant expiresAt) {
    return sign(claims("stampede", user, expiresAt));
  }

  /**
   * An operator's token.
   *
   * @param roles of viewer, operator, admin
   */
  public String operator(String user, List<String> roles, Instant expiresAt) {
    return sign(claims("stampede-admin", user, expiresAt).put("roles", roles));
  }

  private static JsonObject claims(String audience, String user, Instant expiresAt) {
    return new JsonObject()
        .put("sub", user)
        .put("aud", audience)
        .put("exp", expiresAt.getEpochSecond());
  }

  private String sign(JsonObject claims) {
    String signed = HEADER + "." + encode(claims.encode().getBytes(StandardCharsets.UTF_8));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return signed + "." + encode(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }

  private static String encode(byte[] bytes) {
    return BASE64URL.encodeToString(bytes);
  }
}
