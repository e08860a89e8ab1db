package stampede.node.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import stampede.protocol.InvalidField;

/**
 * Where a Redis is and how to log in: {@code redis://[[user]:password@]host[:port][/db]}, or {@code
 * rediss://…} for TLS with the JVM's trust store. Only {@link #toString()} is fit for logs.
 */
public final class RedisUrl {
  private static final int PORT_DEFAULT = 6379;
  private static final Set<String> SCHEMES = Set.of("redis", "rediss");
  private static final String WANTED = "must be redis://[[user]:password@]host[:port][/db]";

  private final URI uri;

  private RedisUrl(URI uri) {
    this.uri = uri;
  }

  /**
   * @param setting names the value in the error, for example {@code STAMPEDE_REDIS_URL}
   * @throws InvalidField without the value itself, since it may hold a password
   */
  public static RedisUrl parse(String setting, String text) {
    URI uri = uri(setting, text);
    if (uri.getScheme() == null || !SCHEMES.contains(uri.getScheme())) {
      throw new InvalidField(setting, WANTED + ": the scheme is neither redis nor rediss");
    }
    if (uri.getHost() == null) {
      throw new InvalidField(setting, WANTED + ": no host");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65_535) {
      throw new InvalidField(setting, WANTED + ": port " + uri.getPort());
    }
    if (uri.getRawPath() != null && !uri.getRawPath().matches("/?|/[0-9]{1,5}")) {
      throw new InvalidField(setting, WANTED + ": the database is not a number");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new InvalidField(setting, WANTED + ": nothing may follow the database");
    }
    return new RedisUrl(uri);
  }

  private static URI uri(String setting, String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      // Neither cause nor input: both repeat the password.
      throw new InvalidField(
          setting,
          WANTED + ": " + e.getReason() + " (characters such as # or % in a password as %XX)");
    }
  }

  /** With credentials: for the client only. */
  String connectionString() {
    return uri.toString();
  }

  boolean tls() {
    return uri.getScheme().equals("rediss");
  }

  /** Scheme, host, port, database; no credentials. */
  @Override
  public String toString() {
    int port = uri.getPort() < 0 ? PORT_DEFAULT : uri.getPort();
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    return uri.getScheme() + "://" + uri.getHost() + ":" + port + path;
  }
}
