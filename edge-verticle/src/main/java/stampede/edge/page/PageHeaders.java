package stampede.edge.page;

import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import stampede.edge.page.view.Language;

/**
 * Headers all pages of a kind share, as names and values in turn. Pages run the scripts of this
 * edge only, none that is written into them, and load nothing from elsewhere; browsers are told to
 * hold them to it.
 */
record PageHeaders(List<CharSequence> pairs) {
  static final String CSP =
      "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self';"
          + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  PageHeaders {
    pairs = List.copyOf(pairs);
  }

  /** {@code maxAgeS}: how long others may keep it. */
  static PageHeaders html(Language language, int maxAgeS) {
    return of(
        "content-type",
        "text/html; charset=utf-8",
        "cache-control",
        "public, max-age=" + maxAgeS,
        "vary",
        "Accept-Language, Accept-Encoding",
        "content-language",
        language.tag(),
        "content-security-policy",
        CSP,
        "x-content-type-options",
        "nosniff",
        "referrer-policy",
        "same-origin");
  }

  static PageHeaders calendar(int maxAgeS) {
    return of(
        "content-type",
        "text/calendar; charset=utf-8",
        "content-disposition",
        "attachment; filename=\"reminder.ics\"",
        "cache-control",
        "public, max-age=" + maxAgeS,
        "vary",
        "Accept-Encoding",
        "x-content-type-options",
        "nosniff");
  }

  static PageHeaders json(int maxAgeS) {
    return of(
        "content-type",
        "application/json",
        "cache-control",
        "public, max-age=" + maxAgeS,
        "vary",
        "Accept-Encoding",
        "x-content-type-options",
        "nosniff");
  }

  /** Of a file whose name changes when it does. */
  static PageHeaders file(String mediaType) {
    return of(
        "content-type",
        mediaType,
        "cache-control",
        "public, max-age=31536000, immutable",
        "vary",
        "Accept-Encoding",
        "x-content-type-options",
        "nosniff");
  }

  private static PageHeaders of(String... pairs) {
    List<CharSequence> optimized = new ArrayList<>();
    for (String each : pairs) {
      optimized.add(HttpHeaders.createOptimized(each));
    }
    return new PageHeaders(optimized);
  }
}
