package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.Message;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.Hint;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.Reply.Shaken;

/** The whole edge over a real event bus, with an owner that sells nothing. */
class EdgeVerticleTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final int PARTITIONS = 4;
  private static final int PHONES = 20;
  private static final int SHAKES_EACH = 30;

  private final Vertx vertx = Vertx.vertx();
  private final WebSocketClient client =
      vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(PHONES));
  private final EdgeVerticle edge = new EdgeVerticle(config(), java.util.List::of);
  private volatile boolean deaf;
  private String deployment;

  @BeforeEach
  void start() throws Exception {
    vertx.eventBus().consumer(Addresses.OWNERS, this::hints);
    vertx.eventBus().consumer("sale.n.1", this::refuseAll);
    deployment = get(vertx.deployVerticle(edge));
  }

  @AfterEach
  void stop() throws Exception {
    if (vertx.deploymentIDs().contains(deployment)) {
      get(vertx.undeploy(deployment));
    }
    get(vertx.close());
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
    deaf = true;
    WebSocket phone = connect("u1", answers);
    phone.writeTextMessage(shake("k-1", 1));

    assertThat(answers.poll(5, TimeUnit.SECONDS)).isEqualTo("u1 k-1 pending");
    deaf = false;
    assertThat(answers.poll(5, TimeUnit.SECONDS)).isEqualTo("u1 k-1 sold_out");
  }

  @Test
  void stoppingTellsTheSocketsWhenToComeBack() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    WebSocket phone = connect("u1", answers);
    BlockingQueue<String> closes = new LinkedBlockingQueue<>();
    phone.closeHandler(over -> closes.add(phone.closeStatusCode() + " " + phone.closeReason()));

    long beganMs = System.currentTimeMillis();
    get(vertx.undeploy(deployment));

    assertThat(closes.poll(5, TimeUnit.SECONDS)).matches("1012 retryAfterMs=\\d+");
    assertThat(System.currentTimeMillis() - beganMs).isLessThan(8_000);
  }

  @Test
  void whileItStopsItTakesNothingNewAndGivesTheAnswersUnderWay() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    deaf = true;
    WebSocket phone = connect("u1", answers);
    BlockingQueue<Integer> closes = new LinkedBlockingQueue<>();
    phone.closeHandler(over -> closes.add((int) phone.closeStatusCode()));
    phone.writeTextMessage(shake("k-1", 1));
    assertThat(answers.poll(5, TimeUnit.SECONDS)).isEqualTo("u1 k-1 pending");
    int management = edge.managementPort();

    Future<Void> undeployed = vertx.undeploy(deployment);
    HttpResponse<String> ready = http(management, "/health/ready");
    HttpResponse<String> page = http(edge.httpPort(), "/api/v1/time");
    phone.writeTextMessage(shake("k-2", 1));
    String refused = answers.poll(5, TimeUnit.SECONDS);
    deaf = false;
    String answered = answers.poll(5, TimeUnit.SECONDS);

    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(ready.body()).contains("stopping");
    assertThat(page.statusCode()).isEqualTo(503);
    assertThat(page.body()).contains("\"code\":\"stopping\"");
    assertThat(page.headers().firstValue("Retry-After")).contains("1");
    assertThat(refused).isEqualTo("u1 k-2 busy");
    assertThat(answered).isEqualTo("u1 k-1 sold_out");
    assertThat(closes.poll(5, TimeUnit.SECONDS)).isEqualTo(1012);
    get(undeployed);
  }

  private static HttpResponse<String> http(int port, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private WebSocket connect(String user, BlockingQueue<String> answers) throws Exception {
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(edge.httpPort())
            .setAllowOriginHeader(false)
            .setURI("/shake")
            .addHeader("Authorization", "Bearer " + token(user));
    Promise<WebSocket> connected = Promise.promise();
    vertx.runOnContext( // so that the first frame finds its handler
        run ->
            client
                .connect(options)
                .onSuccess(socket -> socket.textMessageHandler(text -> hear(user, text, answers)))
                .onComplete(connected));
    return get(connected.future());
  }

  private static void hear(String user, String text, BlockingQueue<String> answers) {
    JsonObject frame = new JsonObject(text);
    if (frame.getString("type").equals("outcome")) {
      answers.add(user + " " + frame.getString("key") + " " + frame.getString("outcome"));
    }
  }

  private void hints(Message<Buffer> question) {
    List<Hint> hints = new ArrayList<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      hints.add(new Hint(partition, 1, "n", "sale.n.1", 1, 1_000_000, true, "ok", 0, List.of()));
    }
    question.reply(Buffer.buffer(Hint.encodeAll(hints)));
  }

  private void refuseAll(Message<Buffer> message) {
    if (deaf) {
      return;
    }
    if (message.body().length() == 0) { // a ping
      message.reply(message.body());
      return;
    }
    CommandBatch batch = CommandBatch.decode(message.body().getBytes());
    List<Reply> replies = new ArrayList<>();
    for (Command ignored : batch.commands()) {
      replies.add(Shaken.of(Outcome.SOLD_OUT, 1, 1));
    }
    message.reply(Buffer.buffer(new BatchReply.Answered(replies).encode()));
  }

  private static String shake(String key, long item) {
    return Frames.outcome(item, Bytes.of(key), Verdict.pending())
        .replace("\"type\":\"outcome\"", "\"type\":\"shake\",\"quantity\":1");
  }

  private String token(String user) {
    PubSecKeyOptions key =
        new PubSecKeyOptions().setAlgorithm("HS256").setBuffer(Buffer.buffer(SECRET));
    return JWTAuth.create(vertx, new JWTAuthOptions().addPubSecKey(key))
        .generateToken(
            new JsonObject().put("sub", user),
            new JWTOptions().setAlgorithm("HS256").addAudience("stampede").setExpiresInMinutes(5));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static EdgeConfig config() {
    return EdgeConfigs.of(SECRET, "partitions", Integer.toString(PARTITIONS));
  }
}
