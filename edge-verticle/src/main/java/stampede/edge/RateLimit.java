package stampede.edge;

import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A limit one shopper meets, as the headers {@code RateLimit-Policy} and {@code RateLimit} of the
 * IETF draft tell it. The one place that writes them.
 *
 * @param policy its name, of letters and digits
 * @param units allowed in a window
 * @param left of them, now
 * @param resetMs until there are more; 0 when nothing was used
 */
record RateLimit(String policy, long units, long windowMs, long left, long resetMs) {

  static void show(HttpServerResponse response, List<RateLimit> limits) {
    if (!limits.isEmpty()) {
      response
          .putHeader(
              "RateLimit-Policy",
              limits.stream().map(RateLimit::described).collect(Collectors.joining(", ")))
          .putHeader(
              "RateLimit", limits.stream().map(RateLimit::now).collect(Collectors.joining(", ")));
    }
  }

  private String described() {
    return "\"" + policy + "\";q=" + units + ";w=" + seconds(windowMs);
  }

  private String now() {
    return "\"" + policy + "\";r=" + left + ";t=" + seconds(resetMs);
  }

  /** Up: who comes when it says so is not too early. */
  static long seconds(long ms) {
    return (ms + 999) / 1_000;
  }
}
