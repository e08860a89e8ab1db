package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.User;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import stampede.protocol.Devices;

/**
 * Tokens for those who have not signed in, which edges themselves make. Signed with a key of their
 * own use, derived from the secret of shopper tokens, and for an audience of their own: neither
 * kind ever passes for the other, so nobody but an edge can name a device.
 */
final class DeviceTokens {
  static final String AUDIENCE = "stampede-device";

  private static final String LABEL = "stampede device token 1";
  private static final String KEY_ID = "stampede-device";
  private static final int RANDOM_BYTES = 16;

  private final JWTAuth tokens;
  private final long lifeMs;
  private final LongSupplier epochMs;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param jwtSecret of shopper tokens, not empty
   */
  DeviceTokens(Vertx vertx, String jwtSecret, long lifeMs, LongSupplier epochMs) {
    PubSecKeyOptions key =
        new PubSecKeyOptions().setAlgorithm("HS256").setBuffer(Buffer.buffer(derived(jwtSecret)));
    JWTOptions wanted = new JWTOptions().setAlgorithm("HS256").addAudience(AUDIENCE);
    tokens = JWTAuth.create(vertx, new JWTAuthOptions().addPubSecKey(key).setJWTOptions(wanted));
    this.lifeMs = lifeMs;
    this.epochMs = epochMs;
  }

  private static String derived(String secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      byte[] key = mac.doFinal(LABEL.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(key);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has HMAC-SHA256", e);
    }
  }

  /**
   * @param expiresAtMs epoch ms
   */
  record Issued(String device, String token, long expiresAtMs) {}

  /** A new device. */
  Issued issue() {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String device = Devices.PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    long expiresAt = (epochMs.getAsLong() + lifeMs) / 1_000;
    JWTOptions options =
        new JWTOptions()
            .setAlgorithm("HS256")
            .setHeader(new JsonObject().put("kid", KEY_ID))
            .addAudience(AUDIENCE);
    JsonObject claims = new JsonObject().put("sub", device).put("exp", expiresAt);
    return new Issued(device, tokens.generateToken(claims, options), expiresAt * 1_000);
  }

  /** Whether a token with this header is to be held against the key of devices, and no other. */
  static boolean areOf(JsonObject header) {
    return KEY_ID.equals(header.getValue("kid"));
  }

  /** Fails if it is none of ours. */
  Future<User> authenticate(TokenCredentials token) {
    return tokens.authenticate(token);
  }
}
