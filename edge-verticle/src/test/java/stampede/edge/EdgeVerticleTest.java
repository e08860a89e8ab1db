package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import stampede.protocol.Bytes;

/** The whole edge over a real event bus, with an owner that sells nothing. */
@ExtendWith(Recorded.class)
class EdgeVerticleTest {
  private static final int PHONES = 20;
  private static final int SHAKES_EACH = 30;

  private final WholeEdge whole = new WholeEdge();
  private final WebSocketClient client =
      whole.vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(PHONES));

  @BeforeEach
  void start() throws Exception {
    whole.open();
  }

  @AfterEach
  void stop() throws Exception {
    whole.close();
  }

  @Test
  void everyShakeOfACrowdIsAnsweredOnce() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    for (int i = 0; i < PHONES; i++) {
      String user = "u" + i;
      WebSocket phone = connect(user, answers);
      for (int n = 0; n < SHAKES_EACH; n++) {
        phone.writeTextMessage(shake("k-" + n, 1 + n));
      }
    }

    Set<String> all = new HashSet<>();
    for (int i = 0; i < PHONES * SHAKES_EACH; i++) {
      assertThat(all.add(answers.poll(10, TimeUnit.SECONDS))).isTrue();
    }
    assertThat(all).doesNotContainNull().hasSize(PHONES * SHAKES_EACH);
    assertThat(answers).isEmpty();
  }

  @Test
  void aShakeSurvivesAnOwnerThatDoesNotAnswerForAWhile() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    whole.deaf = true;
    WebSocket phone = connect("u1", answers);
    phone.writeTextMessage(shake("k-1", 1));

    assertThat(answers.poll(5, TimeUnit.SECONDS)).isEqualTo("u1 k-1 pending");
    whole.deaf = false;
    assertThat(answers.poll(5, TimeUnit.SECONDS)).isEqualTo("u1 k-1 sold_out");
  }

  @Test
  void stoppingTellsTheSocketsWhenToComeBack() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    WebSocket phone = connect("u1", answers);
    BlockingQueue<String> closes = new LinkedBlockingQueue<>();
    phone.closeHandler(over -> closes.add(phone.closeStatusCode() + " " + phone.closeReason()));

    long beganMs = System.currentTimeMillis();
    WholeEdge.get(whole.stopEdge());

    assertThat(closes.poll(5, TimeUnit.SECONDS)).matches("1012 retryAfterMs=\\d+");
    assertThat(System.currentTimeMillis() - beganMs).isLessThan(8_000);
  }

  @Test
  void whileItStopsItTakesNothingNewAndGivesTheAnswersUnderWay() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    whole.deaf = true;
    WebSocket phone = connect("u1", answers);
    BlockingQueue<Integer> closes = new LinkedBlockingQueue<>();
    phone.closeHandler(over -> closes.add((int) phone.closeStatusCode()));
    phone.writeTextMessage(shake("k-1", 1));
    assertThat(answers.poll(5, TimeUnit.SECONDS)).isEqualTo("u1 k-1 pending");
    int management = whole.edge.managementPort();

    Future<Void> undeployed = whole.stopEdge();
    HttpResponse<String> ready = http(management, "/health/ready");
    HttpResponse<String> page = http(whole.port(), "/api/v1/time");
    phone.writeTextMessage(shake("k-2", 1));
    String refused = answers.poll(5, TimeUnit.SECONDS);
    whole.deaf = false;
    String answered = answers.poll(5, TimeUnit.SECONDS);

    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(ready.body()).contains("stopping");
    assertThat(page.statusCode()).isEqualTo(503);
    assertThat(page.body()).contains("\"code\":\"stopping\"");
    assertThat(page.headers().firstValue("Retry-After")).contains("1");
    assertThat(refused).isEqualTo("u1 k-2 busy");
    assertThat(answered).isEqualTo("u1 k-1 sold_out");
    assertThat(closes.poll(5, TimeUnit.SECONDS)).isEqualTo(1012);
    WholeEdge.get(undeployed);
  }

  @Test
  void whileItStopsEveryOperationIsRefusedAsPromised() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    whole.deaf = true;
    connect("u1", answers).writeTextMessage(shake("k-1", 1));
    assertThat(answers.poll(5, TimeUnit.SECONDS)).isEqualTo("u1 k-1 pending");
    Set<String> operations = new TreeSet<>();
    HttpContract.operations(
        (at, operation) -> {
          if (operation.getJsonObject("responses").containsKey("503")) {
            operations.add(at);
          }
        });
    assertThat(operations).hasSizeGreaterThan(15);

    Future<Void> undeployed = whole.stopEdge(); // with an answer to wait for
    for (String at : operations) {
      String[] parts = at.replace("{id}", "1").replace("{key}", "k-1").split(" ");
      HttpResponse<String> refused =
          HttpContract.exchange(request(whole.port(), parts[1]), parts[0], "");
      assertThat(refused.statusCode()).as(at).isEqualTo(503);
      assertThat(refused.body()).as(at).contains("\"code\":\"stopping\"");
    }
    WholeEdge.get(undeployed);
  }

  private static HttpRequest.Builder request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private static HttpResponse<String> http(int port, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(request(port, path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private WebSocket connect(String user, BlockingQueue<String> answers) throws Exception {
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(whole.port())
            .setAllowOriginHeader(false)
            .setURI("/shake")
            .addHeader("Authorization", "Bearer " + WholeEdge.token(user));
    Promise<WebSocket> connected = Promise.promise();
    whole.vertx.runOnContext( // so that the first frame finds its handler
        run ->
            client
                .connect(options)
                .onSuccess(socket -> socket.textMessageHandler(text -> hear(user, text, answers)))
                .onComplete(connected));
    return WholeEdge.get(connected.future());
  }

  private static void hear(String user, String text, BlockingQueue<String> answers) {
    JsonObject frame = new JsonObject(text);
    if (frame.getString("type").equals("outcome")) {
      answers.add(user + " " + frame.getString("key") + " " + frame.getString("outcome"));
    }
  }

  private static String shake(String key, long item) {
    return Frames.outcome(item, Bytes.of(key), Verdict.pending(), new StringBuilder())
        .replace("\"type\":\"outcome\"", "\"type\":\"shake\",\"quantity\":1");
  }
}
