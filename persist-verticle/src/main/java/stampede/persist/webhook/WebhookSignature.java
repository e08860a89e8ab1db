package stampede.persist.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import stampede.protocol.InvalidField;

/** Signs as Standard Webhooks has it: HMAC-SHA256 over {@code id.timestamp.body}. */
final class WebhookSignature {
  private static final int KEY_BYTES_MIN = 32;
  private static final String PREFIX = "whsec_";

  private final SecretKeySpec key;

  /**
   * @throws InvalidField if {@code secret} is no base64 of 32 bytes or more
   */
  WebhookSignature(String secret) {
    String base64 = secret.startsWith(PREFIX) ? secret.substring(PREFIX.length()) : secret;
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64.strip());
    } catch (IllegalArgumentException e) {
      throw new InvalidField("secret", "must be base64, optionally after whsec_");
    }
    if (bytes.length < KEY_BYTES_MIN) {
      throw new InvalidField(
          "secret", "must decode to at least " + KEY_BYTES_MIN + " bytes, has " + bytes.length);
    }
    key = new SecretKeySpec(bytes, "HmacSHA256");
  }

  /** The value of {@code webhook-signature}. */
  String sign(String id, long timestampSeconds, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update((id + "." + timestampSeconds + ".").getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
