package stampede.persist.webhook;

import java.net.URI;
import java.net.URISyntaxException;
import stampede.node.StandardWebhooks;
import stampede.protocol.InvalidField;

/**
 * How the shop is told of its orders; the group {@code webhook} of a persist node's config. The
 * same on every persist node.
 *
 * @param url of the shop's receiver, http or https; empty = the shop is told nothing, and nothing
 *     is kept for it
 * @param secret base64 of at least 32 bytes, optionally after {@code whsec_}
 * @param inFlightMax requests under way at once
 * @param timeoutMs bound of one attempt, from connecting to the end of the answer
 * @param backOffMsMax longest pause between two attempts of one message
 * @param attemptsMax after so many that failed, while others got through, a message is parked
 * @param hoursMax so long after its first attempt a message that fails again is parked
 */
public record WebhookConfig(
    String url,
    String secret,
    int inFlightMax,
    int timeoutMs,
    long backOffMsMax,
    int attemptsMax,
    int hoursMax) {
  private static final int KEY_BYTES_MIN = 32;

  /** The shop is told nothing. */
  public static final WebhookConfig OFF = new WebhookConfig("", "", 16, 5_000, 600_000, 100, 48);

  public WebhookConfig {
    if (!url.isEmpty()) {
      require(
          isHttp(url),
          "url",
          "must be empty or like https://shop.example/webhooks, without user, password and #");
      require(!secret.isEmpty(), "secret", "must be set when there is a url");
    }
    if (!secret.isEmpty()) {
      signature(secret);
    }
    require(inFlightMax >= 1 && inFlightMax <= 256, "inFlightMax", "must be 1 to 256");
    require(timeoutMs >= 100 && timeoutMs <= 60_000, "timeoutMs", "must be 100 to 60000");
    require(
        backOffMsMax >= 100 && backOffMsMax <= 3_600_000, "backOffMsMax", "must be 100 to 3600000");
    require(attemptsMax >= 1 && attemptsMax <= 10_000, "attemptsMax", "must be 1 to 10000");
    require(hoursMax >= 1 && hoursMax <= 720, "hoursMax", "must be 1 to 720");
  }

  private static StandardWebhooks signature(String secret) {
    return new StandardWebhooks("secret", secret, KEY_BYTES_MIN);
  }

  /** Only when there is a secret. */
  StandardWebhooks signature() {
    return signature(secret);
  }

  public boolean isOn() {
    return !url.isEmpty();
  }

  /** Whom a log line may name: the path may hold what is secret. */
  String place() {
    URI uri = URI.create(url);
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }

  private static boolean isHttp(String url) {
    try {
      URI uri = new URI(url);
      boolean http = "http".equalsIgnoreCase(uri.getScheme());
      boolean https = "https".equalsIgnoreCase(uri.getScheme());
      return (http || https)
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawFragment() == null
          && uri.getPort() != 0
          && uri.getPort() <= 65_535;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static void require(boolean holds, String field, String problem) {
    if (!holds) {
      throw new InvalidField(field, problem);
    }
  }
}
