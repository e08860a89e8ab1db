package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import io.vertx.ext.web.Router;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.node.VertxTimers;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;
import stampede.protocol.port.Timers;

/** Tokens against a real JWKS URL, over real HTTP. */
class IdentityTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final long NOT_AGAIN_MS = 3_600_000;
  private static final JsonObject RSA = rsa("rsa-1", 2_048);
  private static final JsonObject EC = ec("ec-1");

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private final HastyTimers timers = new HastyTimers(new VertxTimers(vertx));
  private final Tickets tickets = new Tickets(timers, System::currentTimeMillis);
  private final AtomicInteger readings = new AtomicInteger();
  private volatile Consumer<HttpServerRequest> url = request -> request.response().end();
  private HttpServer jwks;
  private @Nullable PublicKeys keys;

  /** The clock stands until it is put forward; what is tried again after a while is so at once. */
  private static final class HastyTimers implements Timers {
    private final Timers real;
    volatile long skipMs;

    /** For five seconds: long on a busy machine. */
    volatile long wholeMs = 60_000;

    HastyTimers(Timers real) {
      this.real = real;
    }

    @Override
    public long nanos() {
      return (NOT_AGAIN_MS + skipMs) * 1_000_000;
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      return delayMs == NOT_AGAIN_MS
          ? () -> {}
          : real.after(
              delayMs == PublicKeys.AGAIN_MS ? 200 : delayMs == 5_000 ? wholeMs : delayMs, task);
    }
  }

  @BeforeEach
  void start() throws Exception {
    publish(RSA, EC);
    jwks =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  readings.incrementAndGet();
                  url.accept(request);
                })
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    if (keys != null) {
      keys.stop();
    }
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void tokensOfTheSecretAndOfTheUrlAreTaken() throws Exception {
    int port = edge(SECRET, true);

    assertThat(ask(port, Tokens.signed(SECRET, claims("ann"))).body()).isEqualTo("ann");
    assertThat(ask(port, signed(RSA, claims("bob"))).body()).isEqualTo("bob");
    assertThat(ask(port, signed(EC, claims("cid\u0000é"))).body()).isEqualTo("cid\u0000é");
    assertThat(readings).hasValue(1);
  }

  @Test
  void aTokenSignedWithAPublicKeyAsIfItWereASecretIsRefused() throws Exception {
    RSAPublicKey known = publicKey(RSA);
    String der = Base64.getMimeEncoder().encodeToString(known.getEncoded());
    List<String> secrets =
        List.of(
            RSA.getString("n"),
            der,
            "-----BEGIN PUBLIC KEY-----\n" + der + "\n-----END PUBLIC KEY-----\n",
            published(RSA).encode());

    for (String given : List.of(SECRET, "")) {
      int port = edge(given, true);
      assertThat(ask(port, signed(RSA, claims("ann"))).statusCode()).isEqualTo(200);
      for (String secret : secrets) {
        String kid = Tokens.signed(secret, claims("ann"), new JsonObject().put("kid", "rsa-1"));
        assertThat(ask(port, Tokens.signed(secret, claims("ann"))).statusCode()).isEqualTo(401);
        assertThat(ask(port, kid).statusCode()).isEqualTo(401);
      }
    }
  }

  @Test
  void aSymmetricKeyAtTheUrlSignsNothing() throws Exception {
    JsonObject symmetric =
        new JsonObject().put("kty", "oct").put("kid", "s").put("alg", "HS256").put("k", text("k"));
    publish(RSA, symmetric);
    int port = edge("", true);

    String token = Tokens.signed("k", claims("ann"), new JsonObject().put("kid", "s"));
    assertThat(ask(port, token).statusCode()).isEqualTo(401);
    assertThat(ask(port, signed(RSA, claims("bob"))).statusCode()).isEqualTo(200);
  }

  @Test
  void unsignedTokensAreRefusedAlsoWhileThereAreNoKeys() throws Exception {
    String body = text(claims("ann").encode());
    url = request -> request.response().setStatusCode(404).end();
    int without = edge("", true);
    publish(RSA);
    int with = edge("", true);
    int bySecret = edge(SECRET, false);
    for (String alg : List.of("none", "None", "", "HS256", "RS256")) {
      String head = text(new JsonObject().put("alg", alg).put("typ", "JWT").encode());
      for (String token : List.of(head + "." + body, head + "." + body + ".")) {
        assertThat(ask(with, token).statusCode()).as(alg).isEqualTo(401);
        assertThat(ask(bySecret, token).statusCode()).as(alg).isEqualTo(401);
        assertThat(ask(without, token).statusCode()).as(alg).isIn(401, 503);
      }
    }
  }

  @Test
  void whatIsNotConfiguredIsRefused() throws Exception {
    int bySecret = edge(SECRET, false);
    int byKeys = edge("", true);

    assertThat(ask(bySecret, signed(RSA, claims("ann"))).statusCode()).isEqualTo(401);
    assertThat(ask(byKeys, Tokens.signed(SECRET, claims("ann"))).statusCode()).isEqualTo(401);
    assertThat(ask(byKeys, Tokens.signed(" ", claims("ann"))).statusCode()).isEqualTo(401);
  }

  @Test
  void tokensOfTheUrlNeedAudienceAndEndToo() throws Exception {
    int port = edge(SECRET, true);
    long now = System.currentTimeMillis() / 1_000;
    JsonObject endless = claims("ann");
    endless.remove("exp");
    for (JsonObject bad :
        List.of(
            endless,
            claims("ann").put("exp", now - 1),
            claims("ann").put("exp", "soon"),
            claims("ann").put("aud", "stampede-admin"),
            claims("ann").put("nbf", now + 60),
            claims("ann").put("sub", ""),
            claims("ann").put("sub", 5),
            claims("a".repeat(65)))) {
      assertThat(ask(port, signed(RSA, bad)).statusCode()).as(bad.encode()).isEqualTo(401);
    }
    String good = signed(RSA, claims("ann"));
    String changed = good.substring(0, good.length() - 8) + "AAAAAAAA";
    assertThat(ask(port, changed).statusCode()).isEqualTo(401);
    assertThat(ask(port, signed(rsa("rsa-1", 2_048), claims("ann"))).statusCode()).isEqualTo(401);
  }

  @Test
  void shortRsaKeysAreNotBelieved() throws Exception {
    JsonObject weak = rsa("weak", 1_024);
    publish(weak, RSA);
    int port = edge("", true);

    assertThat(ask(port, signed(RSA, claims("ann"))).statusCode()).isEqualTo(200);
    assertThat(ask(port, signed(weak, claims("ann"))).statusCode()).isEqualTo(401);
  }

  @Test
  void aNewKeyIsFoundWhenATokenNamesItAndTheUrlIsNotFloodedByMadeUpNames() throws Exception {
    JsonObject next = ec("ec-2");
    int port = edge("", true);
    assertThat(ask(port, signed(RSA, claims("ann"))).statusCode()).isEqualTo(200);
    publish(RSA, next);

    for (int i = 0; i < 20; i++) {
      assertThat(ask(port, signed(ec("made-up-" + i), claims("x"))).statusCode()).isEqualTo(401);
    }
    assertThat(ask(port, signed(next, claims("ann"))).statusCode()).isEqualTo(401);
    assertThat(readings).hasValue(1);
    timers.skipMs += PublicKeys.AGAIN_MS;

    assertThat(ask(port, signed(next, claims("ann"))).statusCode()).isEqualTo(200);
    assertThat(ask(port, signed(EC, claims("ann"))).statusCode()).as("taken back").isEqualTo(401);
    assertThat(readings).hasValue(2);
  }

  @Test
  void keysAreReadAgainInTheBackground() throws Exception {
    JsonObject next = rsa("rsa-1", 2_048); // the same name: no token asks for it
    int port = edge("", true, 100);
    assertThat(ask(port, signed(RSA, claims("ann"))).statusCode()).isEqualTo(200);
    publish(next);

    awaitReadings(readings.get() + 2);
    assertThat(ask(port, signed(next, claims("ann"))).statusCode()).isEqualTo(200);
    assertThat(ask(port, signed(RSA, claims("ann"))).statusCode()).isEqualTo(401);
  }

  @Test
  void keysStayGoodWhileTheUrlIsAwayOrAnswersNonsense() throws Exception {
    int port = edge("", true, 100);
    String token = signed(RSA, claims("ann"));
    assertThat(ask(port, token).statusCode()).isEqualTo(200);
    String huge =
        new JsonObject()
            .put("keys", new JsonArray().add(published(ec("other"))))
            .put("x", "x".repeat(PublicKeys.BYTES_MAX))
            .encode();
    List<Consumer<HttpServerRequest>> faults =
        List.of(
            request -> request.response().setStatusCode(500).end(),
            request -> request.response().end("<html>"),
            request -> request.response().end("{\"keys\":[]}"),
            request -> request.response().end("{\"keys\":5}"),
            request -> request.response().end(huge),
            request -> request.response().putHeader("Location", "/b").setStatusCode(302).end(),
            request -> request.connection().close(),
            request -> request.response().setChunked(true).write("{\"keys\":")); // and no more

    timers.wholeMs = 1_000;
    for (Consumer<HttpServerRequest> fault : faults) {
      url = fault;
      awaitReadings(readings.get() + 2);
      assertThat(ask(port, token).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void whileNoKeysCouldBeReadYetATokenIsNotCalledBad() throws Exception {
    url = request -> request.response().setStatusCode(500).end();
    int port = edge("", true);

    HttpResponse<String> response = ask(port, signed(RSA, claims("ann")));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(new JsonObject(response.body()).getString("code")).isEqualTo("keys_unavailable");
    publish(RSA);
    awaitReadings(readings.get() + 1);
    timers.skipMs += PublicKeys.AGAIN_MS; // if the answer is not taken yet, this asks for another
    assertThat(ask(port, signed(RSA, claims("ann"))).statusCode()).isEqualTo(200);
  }

  @Test
  void aTicketIsForASocketAndEndsWithItsToken() throws Exception {
    int port = edge(SECRET, false);
    long nowMs = System.currentTimeMillis();
    String live = tickets.issue(new Shoppers.Shopper(Bytes.of("ann"), nowMs + 60_000)).text();
    String ended = tickets.issue(new Shoppers.Shopper(Bytes.of("ann"), nowMs - 1)).text();

    assertThat(get(port, "/api/v1/tickets?ticket=" + live).statusCode()).isEqualTo(401);
    assertThat(get(port, "/shake?ticket=" + ended).statusCode()).isEqualTo(401);
    assertThat(get(port, "/shake?ticket=" + live).body()).isEqualTo("ann");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://shop.example/jwks",
        "http://127.0.0.1.evil.example/jwks",
        "https://",
        "https://user@shop.example/",
        "file:///etc/passwd",
        "shop.example/jwks",
        "https://shop example/"
      })
  void anUrlThatCouldBeTamperedWithIsRefused(String url) {
    assertThatThrownBy(() -> PublicKeys.requireUrl(url))
        .isInstanceOf(InvalidField.class)
        .hasMessageStartingWith("jwksUrl");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://shop.example/jwks", "http://127.0.0.1:9/jwks", "http://[::1]/jwks"})
  void httpsAndThisMachineAreFine(String url) {
    assertThat(PublicKeys.requireUrl(url)).isEqualTo(url);
  }

  // ---- devices

  @Test
  void aDeviceIsWhomAnEdgeMadeIt() throws Exception {
    DeviceTokens.Issued issued = devices(SECRET).issue();
    int port = edge(SECRET, true);

    assertThat(ask(port, issued.token()).body()).isEqualTo(issued.device());
    assertThat(ask(edge("another-" + SECRET, false), issued.token()).statusCode()).isEqualTo(401);
    assertThat(ask(edge("", true), issued.token()).statusCode()).isEqualTo(401);
  }

  @Test
  void aShopsTokenIsNeverADevice() throws Exception {
    int port = edge(SECRET, true);
    JsonObject kid = new JsonObject().put("kid", "stampede-device");
    JsonObject device = claims("device:1").put("aud", DeviceTokens.AUDIENCE);

    for (String token :
        List.of(
            Tokens.signed(SECRET, claims("device:1")),
            signed(RSA, claims("device:")),
            signed(EC, claims("device:x")))) {
      HttpResponse<String> response = ask(port, token);
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(new JsonObject(response.body()).getString("code")).isEqualTo("device_subject");
    }
    for (String token :
        List.of(
            Tokens.signed(SECRET, device),
            Tokens.signed(SECRET, device, kid),
            Tokens.signed(SECRET, claims("device:1"), kid),
            Tokens.signed(SECRET, claims("ann"), kid))) {
      HttpResponse<String> response = ask(port, token);
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(new JsonObject(response.body()).getString("code")).isEqualTo("unauthorized");
    }
    assertThat(ask(port, Tokens.signed(SECRET, claims("Device:1"))).body()).isEqualTo("Device:1");
  }

  private @Nullable DeviceTokens devices(String secret) {
    return secret.isEmpty()
        ? null
        : new DeviceTokens(vertx, secret, 60_000, System::currentTimeMillis);
  }

  // ----

  private int edge(String secret, boolean withKeys) throws Exception {
    return edge(secret, withKeys, NOT_AGAIN_MS);
  }

  /** An edge that says who is asking. */
  private int edge(String secret, boolean withKeys, long everyMs) throws Exception {
    PublicKeys read = null;
    if (withKeys) {
      String at = "http://127.0.0.1:" + jwks.actualPort() + "/jwks";
      read = new PublicKeys(vertx, timers, at, Identity.AUDIENCE, everyMs);
      int before = readings.get();
      read.start();
      awaitReadings(before + 1);
      keys = read;
    }
    Identity identity =
        new Identity(
            vertx,
            secret,
            read,
            devices(secret),
            Set.of(),
            text -> Future.succeededFuture(tickets.redeem(text)),
            System::currentTimeMillis);
    Router router = Router.router(vertx);
    Problem.install(router);
    router
        .route()
        .handler(
            ctx ->
                identity
                    .who(ctx.request())
                    .onSuccess(shopper -> ctx.end(shopper.user().utf8()))
                    .onFailure(failure -> Problem.send(ctx, failure)));
    return vertx
        .createHttpServer()
        .requestHandler(router)
        .listen(0, "127.0.0.1")
        .await(10, TimeUnit.SECONDS)
        .actualPort();
  }

  private void publish(JsonObject... all) {
    JsonArray list = new JsonArray();
    for (JsonObject key : all) {
      list.add(published(key));
    }
    url = request -> request.response().end(new JsonObject().put("keys", list).encode());
  }

  private void awaitReadings(int count) throws Exception {
    long endMs = System.currentTimeMillis() + 20_000;
    while (readings.get() < count) {
      assertThat(System.currentTimeMillis()).as("readings of the URL").isLessThan(endMs);
      Thread.sleep(10);
    }
  }

  private HttpResponse<String> ask(int port, String token) throws Exception {
    return client.send(
        request(port, "/api/v1/orders").header("Authorization", "Bearer " + token).build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> get(int port, String path) throws Exception {
    return client.send(request(port, path).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private static JsonObject claims(String user) {
    return new JsonObject()
        .put("sub", user)
        .put("aud", "stampede")
        .put("exp", System.currentTimeMillis() / 1_000 + 60);
  }

  private String signed(JsonObject key, JsonObject claims) {
    return JWTAuth.create(vertx, new JWTAuthOptions().addJwk(key))
        .generateToken(claims, new JWTOptions().setAlgorithm(key.getString("alg")));
  }

  /** Without its private half. */
  private static JsonObject published(JsonObject key) {
    JsonObject half = key.copy();
    List.of("d", "p", "q", "dp", "dq", "qi").forEach(half::remove);
    return half;
  }

  private static JsonObject rsa(String kid, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      RSAPrivateCrtKey key = (RSAPrivateCrtKey) generator.generateKeyPair().getPrivate();
      return new JsonObject()
          .put("kty", "RSA")
          .put("alg", "RS256")
          .put("use", "sig")
          .put("kid", kid)
          .put("n", number(key.getModulus(), 0))
          .put("e", number(key.getPublicExponent(), 0))
          .put("d", number(key.getPrivateExponent(), 0))
          .put("p", number(key.getPrimeP(), 0))
          .put("q", number(key.getPrimeQ(), 0))
          .put("dp", number(key.getPrimeExponentP(), 0))
          .put("dq", number(key.getPrimeExponentQ(), 0))
          .put("qi", number(key.getCrtCoefficient(), 0));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static JsonObject ec(String kid) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      ECPublicKey open = (ECPublicKey) pair.getPublic();
      return new JsonObject()
          .put("kty", "EC")
          .put("alg", "ES256")
          .put("crv", "P-256")
          .put("kid", kid)
          .put("x", number(open.getW().getAffineX(), 32))
          .put("y", number(open.getW().getAffineY(), 32))
          .put("d", number(((ECPrivateKey) pair.getPrivate()).getS(), 32));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static RSAPublicKey publicKey(JsonObject key) throws Exception {
    Base64.Decoder decoder = Base64.getUrlDecoder();
    return (RSAPublicKey)
        java.security.KeyFactory.getInstance("RSA")
            .generatePublic(
                new java.security.spec.RSAPublicKeySpec(
                    new BigInteger(1, decoder.decode(key.getString("n"))),
                    new BigInteger(1, decoder.decode(key.getString("e")))));
  }

  /** Big-endian without a sign byte, at least {@code bytes} long. */
  private static String number(BigInteger number, int bytes) {
    byte[] signed = number.toByteArray();
    int from = signed[0] == 0 && signed.length > 1 ? 1 : 0;
    byte[] value = new byte[Math.max(bytes, signed.length - from)];
    System.arraycopy(
        signed, from, value, value.length - signed.length + from, signed.length - from);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(value);
  }

  private static String text(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
