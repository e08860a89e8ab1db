package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whose word about a shopper's address an edge takes, over real connections: of the addresses of
 * this machine one is a proxy's and one a stranger's. Of each crowd every shopper is another user
 * and shakes once, so that only the address can be to blame.
 */
class ProxiedEdgeTest {
  private static final String PROXY = "127.0.0.2";
  private static final String STRANGER = "127.0.0.1";
  private static final int CROWD = 12;
  private static final int BURST = 3;

  /** More come free while a slow machine asks. */
  private static final int REFUSED_MIN = CROWD - BURST - 4;

  private final WholeEdge whole =
      new WholeEdge(
          "trustedProxies",
          PROXY + ",10.0.0.0/8",
          "limits.addressShakesPerSecond",
          "1",
          "limits.addressBurst",
          Integer.toString(BURST));

  private int users;

  @BeforeEach
  void start() throws Exception {
    whole.open();
  }

  @AfterEach
  void stop() throws Exception {
    whole.close();
  }

  @Test
  void aTrustedProxysHeaderIsTheAddressThatCounts() throws Exception {
    assertThat(refused(PROXY, "X-Real-IP", n -> "203.0.113.7")).isGreaterThan(REFUSED_MIN);
    assertThat(refused(PROXY, "X-Real-IP", n -> "203.0.113." + (10 + n))).isZero();
    assertThat(refused(PROXY, "X-Forwarded-For", n -> "6.6.6." + n + ", 203.0.113.8"))
        .isGreaterThan(REFUSED_MIN);
    assertThat(refusalsInMetrics()).isGreaterThan(2 * REFUSED_MIN);
  }

  @Test
  void aStrangersHeaderIsNotBelievedAndChargesNobody() throws Exception {
    assertThat(refused(STRANGER, "X-Real-IP", n -> "203.0.113.7")).isZero();
    assertThat(refused(STRANGER, "X-Forwarded-For", n -> "203.0.113.7")).isZero();

    assertThat(refusedOf(BURST, PROXY, "X-Real-IP", n -> "203.0.113.7")).isZero();
  }

  @Test
  void ofIpv6TheNetworkOf64BitsCounts() throws Exception {
    assertThat(refused(PROXY, "X-Real-IP", n -> "2001:db8:1:2::" + Integer.toHexString(n + 1)))
        .isGreaterThan(REFUSED_MIN);
    assertThat(refused(PROXY, "X-Real-IP", n -> "2001:db8:1:" + Integer.toHexString(n + 3) + "::1"))
        .isZero();
  }

  @Test
  void whoIsOnThisMachineOrIsNotNamedByTheProxyHasNoAddress() throws Exception {
    assertThat(refused(PROXY, "X-Real-IP", n -> "127.0.0.1")).isZero();
    assertThat(refused(PROXY, "X-Real-IP", n -> "::1")).isZero();
    assertThat(refused(PROXY, "X-Other", n -> "203.0.113.7")).isZero();
  }

  @Test
  void aSocketIsOfTheAddressOfItsHandshake() throws Exception {
    assertThat(refusedOnSockets(PROXY)).isGreaterThan(REFUSED_MIN);
    assertThat(refusedOnSockets(STRANGER)).isZero();
  }

  private int refused(String peer, String header, IntFunction<String> address) throws Exception {
    return refusedOf(CROWD, peer, header, address);
  }

  /** How many of a crowd that shakes at once are throttled; all others reach the owner. */
  private int refusedOf(int crowd, String peer, String header, IntFunction<String> address)
      throws Exception {
    HttpClientAgent client =
        whole.vertx.createHttpClient(
            new HttpClientOptions().setLocalAddress(peer), new PoolOptions().setHttp1MaxSize(4));
    List<Future<Integer>> answers = new ArrayList<>();
    for (int n = 0; n < crowd; n++) {
      RequestOptions shake =
          new RequestOptions()
              .setMethod(HttpMethod.POST)
              .setHost("127.0.0.1")
              .setPort(whole.port())
              .setURI("/api/v1/items/1001/shakes")
              .addHeader("content-type", "application/json")
              .addHeader("idempotency-key", "k-1")
              .addHeader("authorization", "Bearer " + WholeEdge.token("u" + users++))
              .addHeader(header, address.apply(n));
      answers.add(
          client
              .request(shake)
              .compose(request -> request.send("{\"quantity\":1}"))
              .map(response -> response.statusCode()));
    }
    int refused = 0;
    for (Future<Integer> each : answers) {
      int status = WholeEdge.get(each);
      assertThat(status).isIn(409, 429);
      refused += status == 429 ? 1 : 0;
    }
    WholeEdge.get(client.close());
    return refused;
  }

  private int refusedOnSockets(String peer) throws Exception {
    WebSocketClient client =
        whole.vertx.createWebSocketClient(
            new WebSocketClientOptions().setLocalAddress(peer).setMaxConnections(CROWD));
    BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();
    for (int n = 0; n < CROWD; n++) {
      WebSocketConnectOptions socket =
          new WebSocketConnectOptions()
              .setHost("127.0.0.1")
              .setPort(whole.port())
              .setURI("/shake")
              .setAllowOriginHeader(false)
              .addHeader("authorization", "Bearer " + WholeEdge.token("u" + users++))
              .addHeader("X-Real-IP", "203.0.113.7");
      WholeEdge.get(
          client
              .connect(socket)
              .compose(
                  open -> {
                    open.textMessageHandler(
                        text -> {
                          JsonObject frame = new JsonObject(text);
                          if (frame.containsKey("outcome")) {
                            outcomes.add(frame.getString("outcome"));
                          }
                        });
                    return open.writeTextMessage(
                        "{\"type\":\"shake\",\"key\":\"k-1\",\"item\":\"1001\",\"quantity\":1}");
                  }));
    }
    int refused = 0;
    for (int n = 0; n < CROWD; n++) {
      String outcome = outcomes.poll(10, TimeUnit.SECONDS);
      assertThat(outcome).isIn("sold_out", "throttled");
      refused += outcome.equals("throttled") ? 1 : 0;
    }
    WholeEdge.get(client.close());
    return refused;
  }

  private double refusalsInMetrics() throws Exception {
    URI metrics = URI.create("http://127.0.0.1:" + whole.edge.managementPort() + "/metrics");
    String text =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
            .body();
    Matcher figure =
        Pattern.compile(
                "stampede_edge_refusals_total\\{[^}]*step=\"address_rate\"[^}]*} ([0-9.E]+)")
            .matcher(text);
    assertThat(figure.find()).as(text).isTrue();
    return Double.parseDouble(figure.group(1));
  }
}
