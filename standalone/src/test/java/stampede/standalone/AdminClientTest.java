package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a node that takes its time; seconds of the client are 10 ms here. */
class AdminClientTest {
  private static final long SECOND_MS = 10;
  private final Vertx vertx = Vertx.vertx();
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();
  private HttpServer node;
  private long answerAfterMs;

  @BeforeEach
  void start() throws Exception {
    node =
        vertx
            .createHttpServer()
            .webSocketHandler(
                socket ->
                    socket.textMessageHandler(
                        text -> {
                          JsonObject sent = new JsonObject(text);
                          JsonObject reply =
                              JsonObject.of(
                                  "type", "rec",
                                  "address", sent.getString("replyAddress"),
                                  "body", JsonObject.of("done", true));
                          vertx.setTimer(
                              answerAfterMs, late -> socket.writeTextMessage(reply.encode()));
                        }))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(5, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() {
    vertx.close();
  }

  @Test
  void waitsLongerThanAPublicationMayTakeAndSaysSo() {
    answerAfterMs = 30 * SECOND_MS;

    try (AdminClient client = client()) {
      assertThat(client.send("admin.session.publish", new JsonObject()).getBoolean("done"))
          .isTrue();
    }

    assertThat(progress.toString(StandardCharsets.UTF_8))
        .contains("admin.session.publish: no answer for 5 s, still waiting")
        .contains("for 25 s");
  }

  @Test
  void givesUpAfterThat() {
    answerAfterMs = 1_000 * SECOND_MS;

    try (AdminClient client = client()) {
      assertThatThrownBy(() -> client.send("admin.session.publish", new JsonObject()))
          .isInstanceOf(EnvironmentFault.class)
          .hasMessageContaining("no reply within 35 s");
    }
  }

  @Test
  void saysNothingWhenTheAnswerComesAtOnce() {
    answerAfterMs = 1;

    try (AdminClient client =
        AdminClient.connect(vertx, url(), "token", 1_000, new PrintStream(progress, true))) {
      client.send("admin.ping", new JsonObject());
    }

    assertThat(progress.size()).isZero();
  }

  private AdminClient client() {
    return AdminClient.connect(vertx, url(), "token", SECOND_MS, new PrintStream(progress, true));
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + node.actualPort());
  }
}
