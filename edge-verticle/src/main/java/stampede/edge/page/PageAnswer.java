package stampede.edge.page;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * Gives a page to one reader: whole or compressed, its head only, or the news that nothing is new;
 * with its age (RFC 9111) and where it came from (RFC 9211). On the edge's event loop.
 */
final class PageAnswer {
  /** News of owners come once a second; older than this they have stayed away. */
  static final long NEWS_MS_MAX = 3_000;

  static final CharSequence HIT = HttpHeaders.createOptimized("stampede; hit");
  static final CharSequence MISS = HttpHeaders.createOptimized("stampede; fwd=uri-miss; stored");
  static final CharSequence EXPIRED = HttpHeaders.createOptimized("stampede; fwd=stale; stored");
  static final CharSequence COLLAPSED =
      HttpHeaders.createOptimized("stampede; fwd=uri-miss; collapsed");

  private static final CharSequence CACHE_STATUS = HttpHeaders.createOptimized("cache-status");
  private static final CharSequence[] AGES = {
    HttpHeaders.createOptimized("0"),
    HttpHeaders.createOptimized("1"),
    HttpHeaders.createOptimized("2"),
    HttpHeaders.createOptimized("3")
  };

  private PageAnswer() {}

  /** {@code status} unless the page's news are old: that is said instead. */
  static void send(HttpServerRequest request, Page page, CharSequence status, long nowMs) {
    long ageMs = Math.max(0, nowMs - page.newsMs());
    boolean stale = ageMs > NEWS_MS_MAX;
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    int ageS = (int) (ageMs / 1_000);
    MultiMap headers = response.headers();
    headers.set(
        HttpHeaders.AGE, stale || ageS >= AGES.length ? Integer.toString(ageS) : AGES[ageS]);
    headers.set(CACHE_STATUS, stale ? "stampede; hit; ttl=-" + ageS : status);
    finish(request, response, page, headers);
  }

  /** A page that is as true as ever: it has no age. */
  static void sendTimeless(HttpServerRequest request, Page page) {
    HttpServerResponse response = request.response();
    if (!response.ended() && !response.closed()) {
      MultiMap headers = response.headers();
      headers.set(CACHE_STATUS, HIT);
      finish(request, response, page, headers);
    }
  }

  static boolean isStale(Page page, long nowMs) {
    return nowMs - page.newsMs() > NEWS_MS_MAX;
  }

  private static void finish(
      HttpServerRequest request, HttpServerResponse response, Page page, MultiMap headers) {
    page.putHeaders(headers);
    if (matches(request.getHeader(HttpHeaders.IF_NONE_MATCH), page.etag())) {
      headers.remove(HttpHeaders.CONTENT_TYPE);
      response.setStatusCode(304).end();
      return;
    }
    var body = page.putBody(headers, gzip(request.getHeader(HttpHeaders.ACCEPT_ENCODING)));
    if (request.method() == HttpMethod.HEAD) {
      response.end();
    } else {
      response.end(body);
    }
  }

  /** Weak comparison: an answer of the same meaning will do. */
  static boolean matches(@Nullable String ifNoneMatch, String etag) {
    if (ifNoneMatch == null) {
      return false;
    }
    for (String each : ifNoneMatch.split(",")) {
      String tag = each.strip();
      if (tag.equals("*") || opaque(tag).equals(opaque(etag))) {
        return true;
      }
    }
    return false;
  }

  private static String opaque(String etag) {
    return etag.startsWith("W/") ? etag.substring(2) : etag;
  }

  static boolean gzip(@Nullable String acceptEncoding) {
    if (acceptEncoding == null || !acceptEncoding.contains("gzip")) {
      return false;
    }
    if (acceptEncoding.indexOf(';') < 0) {
      return true;
    }
    for (String each : acceptEncoding.split(",")) {
      String[] parts = each.split(";", 2);
      if (parts[0].strip().equals("gzip")) {
        return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
      }
    }
    return false;
  }
}
