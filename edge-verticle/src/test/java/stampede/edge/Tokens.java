package stampede.edge;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Tokens as a shop signs them (HS256), by hand: the edge's library does not judge its own work. */
public final class Tokens {
  private static final int LIFE_S = 300;

  private Tokens() {}

  /** A good one of a shopper. */
  public static String of(String secret, String user) {
    return signed(
        secret,
        new JsonObject()
            .put("sub", user)
            .put("aud", "stampede")
            .put("exp", System.currentTimeMillis() / 1_000 + LIFE_S));
  }

  public static String signed(String secret, JsonObject claims) {
    return signed(secret, claims, new JsonObject());
  }

  /**
   * @param header what it says of itself beside the algorithm
   */
  public static String signed(String secret, JsonObject claims, JsonObject header) {
    JsonObject whole = new JsonObject().put("typ", "JWT").put("alg", "HS256").mergeIn(header);
    String said = base64(whole.encode()) + "." + base64(claims.encode());
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return said + "." + base64(mac.doFinal(said.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
