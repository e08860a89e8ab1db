package stampede.edge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The two files that say what this edge speaks, for writers of clients: {@code /openapi.yaml} and
 * {@code /asyncapi.yaml}. Tests hold recorded traffic against them.
 */
final class Contract {
  static final List<String> FILES = List.of("openapi.yaml", "asyncapi.yaml");

  private static final String CACHED = "public, max-age=300";
  private static final int TAG_CHARS = 32;

  void mount(Router router) {
    for (String file : FILES) {
      Buffer text = read(file);
      String tag = '"' + digest(text).substring(0, TAG_CHARS) + '"';
      router.get("/" + file).handler(ctx -> show(ctx, text, tag));
    }
  }

  private static void show(RoutingContext ctx, Buffer text, String tag) {
    HttpServerResponse response = ctx.response();
    response.putHeader(HttpHeaders.ETAG, tag).putHeader(HttpHeaders.CACHE_CONTROL, CACHED);
    if (tag.equals(ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
    } else {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml").end(text);
    }
  }

  private static Buffer read(String file) {
    try (InputStream in = Contract.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not in the jar");
      }
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(Buffer text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
