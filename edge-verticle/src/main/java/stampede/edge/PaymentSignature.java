package stampede.edge;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;

/**
 * Checks that a call-back comes from the payment side, as in Standard Webhooks: HMAC-SHA256 over
 * {@code id.timestamp.body}, the body byte for byte as it came. During a change of keys the header
 * carries several signatures; one good one is enough.
 *
 * <p>An exact repeat within the five minutes is let through on purpose: the payment side repeats
 * when it saw no answer, and the owner counts a payment id once.
 */
public final class PaymentSignature {
  private static final String SETTING = "STAMPEDE_PAYMENT_SECRET";
  private static final long TOLERANCE_SECONDS = 300;
  private static final int KEY_BYTES_MIN = 24;
  private static final int ID_CHARS_MAX = 256;
  private static final int SIGNATURES_MAX = 16;

  private final SecretKeySpec key;

  /**
   * @param secret base64, optionally after {@code whsec_}
   * @throws InvalidField naming the setting when it is no usable key
   */
  public PaymentSignature(String secret) {
    String base64 = secret.startsWith("whsec_") ? secret.substring("whsec_".length()) : secret;
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64.strip());
    } catch (IllegalArgumentException e) {
      throw new InvalidField(SETTING, "must be base64, optionally after whsec_");
    }
    if (bytes.length < KEY_BYTES_MIN) {
      throw new InvalidField(SETTING, "must decode to at least " + KEY_BYTES_MIN + " bytes");
    }
    key = new SecretKeySpec(bytes, "HmacSHA256");
  }

  /**
   * @param nowMs epoch milliseconds
   * @return null when the call is genuine, else a stable word for what is wrong: {@code
   *     signature_missing}, {@code timestamp_outside}, {@code signature_invalid}
   */
  public @Nullable String faultOf(
      @Nullable String id,
      @Nullable String timestamp,
      @Nullable String signatures,
      byte[] body,
      long nowMs) {
    if (id == null || id.isEmpty() || timestamp == null || signatures == null) {
      return "signature_missing";
    }
    long at = Fields.idOrZero(timestamp);
    if (at == 0 || at > Long.MAX_VALUE / 2 || Math.abs(nowMs / 1_000 - at) > TOLERANCE_SECONDS) {
      return "timestamp_outside";
    }
    boolean genuine =
        id.length() <= ID_CHARS_MAX && anyEquals(signatures, sign(id, timestamp, body));
    return genuine ? null : "signature_invalid";
  }

  private static boolean anyEquals(String signatures, byte[] expected) {
    boolean genuine = false;
    for (String signature : signatures.strip().split(" +", SIGNATURES_MAX + 1)) {
      if (signature.startsWith("v1,")) {
        // no early exit: how long it takes says nothing about which one, or how much, was right
        genuine |= MessageDigest.isEqual(decoded(signature.substring(3)), expected);
      }
    }
    return genuine;
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  byte[] sign(String id, String timestamp, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
