package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.User;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import stampede.node.Alarms;
import stampede.protocol.InvalidField;
import stampede.protocol.port.Timers;

/**
 * The public keys shopper tokens are signed for, from the shop's JWKS URL (RFC 7517). Read at the
 * start, again in the background, and when a token names a key nobody knows: then at most once in
 * {@value #AGAIN_MS} ms, however many such tokens come. While the URL is away the keys known last
 * stay good. On the edge's event loop.
 */
final class PublicKeys {
  static final Set<String> ALGORITHMS = Set.of("RS256", "ES256");
  static final long AGAIN_MS = 10_000;
  static final int BYTES_MAX = 65_536;

  private static final int CONNECT_MS = 2_000;
  private static final long WHOLE_MS = 5_000;
  private static final int KEYS_MAX = 64;
  private static final List<String> PUBLIC_MEMBERS =
      List.of("kty", "kid", "use", "n", "e", "crv", "x", "y");

  /** 2,048 bits, base64url: shorter RSA keys can be broken. */
  private static final int RSA_CHARS_MIN = 342;

  private final Vertx vertx;
  private final Timers timers;
  private final String url;
  private final String audience;
  private final long everyMs;
  private final HttpClient client;

  private @Nullable JWTAuth known;
  private Set<String> ids = Set.of();
  private @Nullable Future<Void> underWay;
  private long askedMs;
  private Timers.@Nullable Timer next;
  private boolean stopped;

  /**
   * @param everyMs between two readings in the background
   */
  PublicKeys(Vertx vertx, Timers timers, String url, String audience, long everyMs) {
    this.vertx = vertx;
    this.timers = timers;
    this.url = requireUrl(url);
    this.audience = audience;
    this.everyMs = everyMs;
    client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(CONNECT_MS));
  }

  /**
   * Over a network only https: who can change an answer on its way can sign tokens.
   *
   * @throws InvalidField naming {@code jwksUrl}
   */
  static String requireUrl(String url) {
    try {
      URI uri = new URI(url);
      boolean safe =
          "https".equals(uri.getScheme()) || "http".equals(uri.getScheme()) && isLoopback(uri);
      if (safe && uri.getHost() != null && uri.getUserInfo() == null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // said below
    }
    throw new InvalidField("jwksUrl", "must be an https URL (http to this machine only)");
  }

  private static boolean isLoopback(URI uri) {
    return Set.of("127.0.0.1", "localhost", "[::1]").contains(String.valueOf(uri.getHost()));
  }

  void start() {
    refresh();
  }

  void stop() {
    stopped = true;
    if (next != null) {
      next.cancel();
    }
    client.close();
  }

  /**
   * Fails with {@link Problem.Refused} 503 while no keys could be read yet, in any other way when
   * the token is not good.
   *
   * @param keyId null when the token names none
   */
  Future<User> authenticate(TokenCredentials token, @Nullable String keyId) {
    boolean unknown = known == null || keyId != null && !ids.contains(keyId);
    if (!unknown) {
      return verified(token);
    }
    Future<Void> asked = underWay;
    if (asked == null && timers.millis() - askedMs >= AGAIN_MS) {
      asked = refresh();
    }
    return asked == null ? verified(token) : asked.transform(done -> verified(token));
  }

  private Future<User> verified(TokenCredentials token) {
    JWTAuth keys = known;
    return keys == null
        ? Future.failedFuture(
            new Problem.Refused(
                503, "keys_unavailable", "the keys of tokens can't be read now; come again"))
        : keys.authenticate(token);
  }

  private Future<Void> refresh() {
    askedMs = timers.millis();
    if (next != null) {
      next.cancel();
    }
    Future<Void> reading = fetch().map(this::take);
    underWay = reading;
    return reading.onComplete(
        read -> {
          underWay = null;
          if (read.failed() && !stopped) {
            Alarms.ofProcess().raise("edge.keys-unreachable", url + ": " + said(read.cause()));
          }
          if (!stopped) {
            next = timers.after(read.succeeded() ? everyMs : AGAIN_MS, this::refresh);
          }
        });
  }

  private static String said(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /** One answer of at most {@value #BYTES_MAX} bytes within {@value #WHOLE_MS} ms; no redirects. */
  private Future<Buffer> fetch() {
    Promise<Buffer> whole = Promise.promise();
    Timers.Timer late = timers.after(WHOLE_MS, () -> whole.tryFail("no whole answer in time"));
    RequestOptions wanted =
        new RequestOptions().setAbsoluteURI(url).putHeader("Accept", "application/json");
    client
        .request(wanted)
        .onSuccess(
            request -> {
              whole.future().onFailure(failure -> request.reset());
              request
                  .send()
                  .onSuccess(response -> gather(response, request, whole))
                  .onFailure(whole::tryFail);
            })
        .onFailure(whole::tryFail);
    return whole.future().onComplete(done -> late.cancel());
  }

  private static void gather(
      HttpClientResponse response, HttpClientRequest request, Promise<Buffer> whole) {
    if (response.statusCode() != 200) {
      whole.tryFail("status " + response.statusCode());
      return;
    }
    Buffer body = Buffer.buffer();
    response.handler(
        part -> {
          if (body.length() + part.length() > BYTES_MAX) {
            whole.tryFail("more than " + BYTES_MAX + " bytes");
          } else {
            body.appendBuffer(part);
          }
        });
    response.exceptionHandler(whole::tryFail);
    response.endHandler(end -> whole.tryComplete(body));
  }

  private @Nullable Void take(Buffer body) {
    JsonArray keys = new JsonObject(body).getJsonArray("keys", new JsonArray());
    List<JsonObject> usable = new ArrayList<>();
    for (Object key : keys) {
      if (key instanceof JsonObject json && usable.size() < KEYS_MAX) {
        JsonObject good = usable(json);
        if (good != null) {
          usable.add(good);
        }
      }
    }
    if (usable.isEmpty()) { // without a key the library would believe unsigned tokens
      throw new IllegalStateException("no usable RS256 or ES256 key among " + keys.size());
    }
    JWTOptions expected = new JWTOptions().addAudience(audience);
    known = JWTAuth.create(vertx, new JWTAuthOptions().setJwks(usable).setJWTOptions(expected));
    ids =
        usable.stream()
            .map(key -> key.getString("kid", ""))
            .collect(Collectors.toUnmodifiableSet());
    return null;
  }

  /** Its public half; null when it is no key that signs RS256 or ES256: never a symmetric one. */
  private static @Nullable JsonObject usable(JsonObject key) {
    boolean rsa = "RSA".equals(key.getValue("kty"));
    boolean ec = "EC".equals(key.getValue("kty")) && "P-256".equals(key.getValue("crv"));
    String algorithm = rsa ? "RS256" : "ES256";
    boolean signs =
        key.getValue("use", "sig").equals("sig")
            && key.getValue("alg", algorithm).equals(algorithm);
    boolean strong = !rsa || key.getValue("n") instanceof String n && n.length() >= RSA_CHARS_MIN;
    if (!(rsa || ec) || !signs || !strong) {
      return null;
    }
    JsonObject half = new JsonObject().put("alg", algorithm);
    for (String member : PUBLIC_MEMBERS) {
      if (key.getValue(member) instanceof String value) {
        half.put(member, value);
      }
    }
    return half;
  }
}
