package stampede.rig;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Tokens and signatures made from the documentation alone: good ones, and every bad one. */
public final class WireTokens {
  private static final JsonObject HS256 = JsonObject.of("alg", "HS256", "typ", "JWT");
  private static final long LIFE_SECONDS = 3_600;

  private WireTokens() {}

  /** A good shopper's token. */
  public static String shopper(String secret, String user) {
    return sign(HS256, shopperClaims(user), secret);
  }

  /** What a good shopper's token says. */
  public static JsonObject shopperClaims(String user) {
    return JsonObject.of("sub", user, "aud", "stampede", "exp", nowSeconds() + LIFE_SECONDS);
  }

  /** A good operator's token. */
  public static String operator(String secret, String name, String... roles) {
    JsonObject claims = shopperClaims(name).put("aud", "stampede-admin");
    return sign(HS256, claims.put("roles", new JsonArray(java.util.List.of(roles))), secret);
  }

  public static String sign(JsonObject claims, String secret) {
    return sign(HS256, claims, secret);
  }

  /** HMAC-SHA256 whatever the header says. */
  public static String sign(JsonObject header, JsonObject claims, String secret) {
    String signed = base64Url(header) + "." + base64Url(claims);
    byte[] mac = hmac(bytes(secret), bytes(signed));
    return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(mac);
  }

  /** Without a signature, as {@code alg: none} has it. */
  public static String unsigned(JsonObject claims) {
    return base64Url(JsonObject.of("alg", "none", "typ", "JWT")) + "." + base64Url(claims) + ".";
  }

  /** The {@code webhook-signature} of a call-back. */
  public static String webhookSignature(String secret, String id, long seconds, String body) {
    String base64 = secret.startsWith("whsec_") ? secret.substring(6) : secret;
    byte[] mac = hmac(Base64.getDecoder().decode(base64), bytes(id + "." + seconds + "." + body));
    return "v1," + Base64.getEncoder().encodeToString(mac);
  }

  public static long nowSeconds() {
    return System.currentTimeMillis() / 1_000;
  }

  private static String base64Url(JsonObject json) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(json.encode()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] hmac(byte[] key, byte[] message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }
}
