package stampede.edge.page;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * One rendered answer, ready to go out any number of times: its bytes, the same compressed, its
 * headers. All readers share the buffers; whoever writes them out gets a view, not a copy.
 */
final class Page {
  private static final int GZIP_BYTES_MIN = 512;

  /** Of the object itself, its headers, its place in the cache. */
  private static final int OVERHEAD_BYTES = 1_024;

  private static final CharSequence GZIP = HttpHeaders.createOptimized("gzip");

  private final CharSequence[] names;
  private final CharSequence[] values;
  private final String etag;
  private final Body plain;
  private final @Nullable Body gzip;
  private final long newsMs;

  /** Bytes as they go out, with their length as it is told. */
  record Body(Buffer bytes, CharSequence length) {
    static Body of(byte[] bytes) {
      return new Body(
          Buffer.buffer(bytes), HttpHeaders.createOptimized(Integer.toString(bytes.length)));
    }
  }

  /**
   * @param etag with its quotes
   * @param newsMs when what it says was so for certain, monotonic
   */
  Page(PageHeaders headers, byte[] body, String etag, long newsMs) {
    List<CharSequence> pairs = new ArrayList<>(headers.pairs());
    pairs.add(HttpHeaders.ETAG);
    pairs.add(HttpHeaders.createOptimized(etag));
    this.names = every(0, pairs);
    this.values = every(1, pairs);
    this.etag = etag;
    this.plain = Body.of(body);
    this.gzip = body.length < GZIP_BYTES_MIN ? null : smaller(body);
    this.newsMs = newsMs;
  }

  private static CharSequence[] every(int offset, List<CharSequence> pairs) {
    CharSequence[] one = new CharSequence[pairs.size() / 2];
    for (int i = 0; i < one.length; i++) {
      one[i] = pairs.get(2 * i + offset);
    }
    return one;
  }

  private static @Nullable Body smaller(byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 2);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.size() < body.length ? Body.of(out.toByteArray()) : null;
  }

  String etag() {
    return etag;
  }

  long newsMs() {
    return newsMs;
  }

  /** Those that do not depend on who asks, nor when. */
  void putHeaders(MultiMap headers) {
    for (int i = 0; i < names.length; i++) {
      headers.set(names[i], values[i]);
    }
  }

  /** The body for this reader, after its headers. */
  Buffer putBody(MultiMap headers, boolean gzipAccepted) {
    Body body = plain;
    if (gzip != null && gzipAccepted) {
      body = gzip;
      headers.set(HttpHeaders.CONTENT_ENCODING, GZIP);
    }
    headers.set(HttpHeaders.CONTENT_LENGTH, body.length);
    return body.bytes;
  }

  /** Memory it takes, about. */
  long weight() {
    return OVERHEAD_BYTES + plain.bytes.length() + (gzip == null ? 0 : gzip.bytes.length());
  }
}
