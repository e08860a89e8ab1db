package stampede.node;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;

/**
 * Signs calls between the shop and us, and checks that they are genuine, as in Standard Webhooks:
 * HMAC-SHA256 over {@code id.timestamp.body}, the body byte for byte. During a change of keys the
 * header carries several signatures; one good one is enough.
 *
 * <p>An exact repeat within the five minutes is let through on purpose: who calls repeats when it
 * saw no answer, and who is called counts an id once.
 */
public final class StandardWebhooks {
  private static final long TOLERANCE_SECONDS = 300;
  private static final int ID_CHARS_MAX = 256;
  private static final int SIGNATURES_MAX = 16;
  private static final String PREFIX = "whsec_";

  private final SecretKeySpec key;

  /**
   * @param setting where the secret comes from
   * @param secret base64, optionally after {@code whsec_}
   * @throws InvalidField naming the setting when it is no key of {@code keyBytesMin} bytes
   */
  public StandardWebhooks(String setting, String secret, int keyBytesMin) {
    String base64 = secret.startsWith(PREFIX) ? secret.substring(PREFIX.length()) : secret;
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64.strip());
    } catch (IllegalArgumentException e) {
      throw new InvalidField(setting, "must be base64, optionally after " + PREFIX);
    }
    if (bytes.length < keyBytesMin) {
      throw new InvalidField(
          setting, "must decode to at least " + keyBytesMin + " bytes, has " + bytes.length);
    }
    key = new SecretKeySpec(bytes, "HmacSHA256");
  }

  /** The value of {@code webhook-signature}. */
  public String sign(String id, long timestampSeconds, byte[] body) {
    return "v1,"
        + Base64.getEncoder().encodeToString(mac(id, Long.toString(timestampSeconds), body));
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
    boolean near =
        timestamp.matches("[1-9][0-9]{0,17}")
            && Math.abs(nowMs / 1_000 - Long.parseLong(timestamp)) <= TOLERANCE_SECONDS;
    if (!near) {
      return "timestamp_outside";
    }
    boolean genuine =
        id.length() <= ID_CHARS_MAX && anyEquals(signatures, mac(id, timestamp, body));
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

  private byte[] mac(String id, String timestamp, byte[] body) {
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
