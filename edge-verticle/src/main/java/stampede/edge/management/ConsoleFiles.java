package stampede.edge.management;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The console's page at {@code /}, its scripts and styles at {@code /console/…}: the files of the
 * class path that {@code console/files.txt} lists, by exact path, under a policy that lets nothing
 * run or load that is not one of them, and nobody frame them.
 */
final class ConsoleFiles {
  static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

  private static final String ROOT = "/console/";
  private static final String PAGE = "index.html";
  private static final int TAG_CHARS = 32;

  private record File(String mediaType, Buffer content, String tag) {}

  void mount(Router router) {
    for (String line : text("files.txt").split("\n")) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.strip().split(" ", 2);
        Buffer content = Buffer.buffer(read(parts[0]));
        File file = new File(parts[1], content, tag(content));
        String path = parts[0].equals(PAGE) ? "/" : ROOT + parts[0];
        router.get(path).handler(ctx -> show(ctx, file));
      }
    }
  }

  private static void show(RoutingContext ctx, File file) {
    HttpServerResponse response = ctx.response();
    boolean page = file.mediaType.startsWith("text/html");
    guard(response)
        .putHeader(HttpHeaders.CACHE_CONTROL, page ? "no-store" : "no-cache")
        .putHeader(HttpHeaders.ETAG, file.tag);
    if (!page && file.tag.equals(ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
    } else {
      response.putHeader(HttpHeaders.CONTENT_TYPE, file.mediaType).end(file.content);
    }
  }

  /** What every answer to a browser that is an operator's carries. */
  static HttpServerResponse guard(HttpServerResponse response) {
    return response
        .putHeader("Content-Security-Policy", POLICY)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("X-Frame-Options", "DENY")
        .putHeader("Referrer-Policy", "no-referrer")
        .putHeader("Cross-Origin-Opener-Policy", "same-origin")
        .putHeader("Cross-Origin-Resource-Policy", "same-origin");
  }

  private static String text(String name) {
    return new String(read(name), StandardCharsets.UTF_8);
  }

  private static byte[] read(String name) {
    try (InputStream in = ConsoleFiles.class.getResourceAsStream(ROOT + name)) {
      if (in == null) {
        throw new IllegalStateException("console/" + name + " is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String tag(Buffer content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes());
      return '"' + HexFormat.of().formatHex(digest).substring(0, TAG_CHARS) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
