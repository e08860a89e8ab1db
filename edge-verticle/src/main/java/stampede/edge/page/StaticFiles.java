package stampede.edge.page;

import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.edge.page.view.Language;
import stampede.edge.page.view.Words;

/**
 * The files of {@code webroot/} on the class path that {@code files.txt} lists and the words of
 * each language, each under a name with a hash of its content: {@code /static/shop.1a2b….css}. Read
 * once; a request is looked up among exact paths and never becomes a path of anything.
 */
final class StaticFiles {
  static final String PREFIX = "/static/";
  private static final String ROOT = "/webroot/";
  private static final int HASH_BYTES = 8;

  private final Map<String, Page> pages = new HashMap<>();
  private final Map<String, String> paths = new HashMap<>();

  StaticFiles() {
    for (String line : new String(read("files.txt"), StandardCharsets.UTF_8).split("\n")) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.strip().split(" ", 2);
        add(parts[0], parts[1], read(parts[0]));
      }
    }
    for (Language each : Language.values()) {
      add(Words.file(each), "application/json", Words.json(each));
    }
  }

  private void add(String name, String mediaType, byte[] content) {
    String hash = HexFormat.of().formatHex(sha256(content), 0, HASH_BYTES);
    int dot = name.lastIndexOf('.');
    String path = PREFIX + name.substring(0, dot) + "." + hash + name.substring(dot);
    paths.put(name, path);
    pages.put(path, new Page(PageHeaders.file(mediaType), content, "\"" + hash + "\"", 0));
  }

  /**
   * Where a file is served.
   *
   * @throws IllegalArgumentException if it is not listed
   */
  String path(String name) {
    String path = paths.get(name);
    if (path == null) {
      throw new IllegalArgumentException(name + " is not listed in webroot/files.txt");
    }
    return path;
  }

  @Nullable Page page(String path) {
    return pages.get(path);
  }

  /** False if it is none of these files; then nothing was answered. */
  boolean answer(HttpServerRequest request) {
    Page page = pages.get(request.path());
    if (page != null) {
      PageAnswer.sendTimeless(request, page);
    }
    return page != null;
  }

  private static byte[] read(String name) {
    try (InputStream in = StaticFiles.class.getResourceAsStream(ROOT + name)) {
      if (in == null) {
        throw new IllegalStateException("webroot/" + name + " is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] sha256(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has it", e);
    }
  }
}
