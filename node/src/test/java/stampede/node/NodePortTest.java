package stampede.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodePortTest {
  private final Vertx vertx = Vertx.vertx();
  private final Readiness readiness = new Readiness();
  private final Alarms alarms = new Alarms(System::nanoTime, (text, cause) -> {});
  private final Vitals vitals = new Vitals(readiness, alarms);
  private final Context context = ((VertxInternal) vertx).createEventLoopContext();
  private final HttpClient http = HttpClient.newHttpClient();
  private int port;

  /** Of the event loop. */
  private long count;

  private boolean journalGood = true;

  @BeforeEach
  void open() throws Exception {
    HttpServer server = await(NodePort.open(vertx, "127.0.0.1", 0, vitals));
    port = server.actualPort();
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
    vitals.close();
  }

  @Test
  void isAliveAndNotReadyWhileItStarts() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    assertThat(get("/health/ready").body()).contains("starting");
  }

  @Test
  void isReadyWhenEveryCheckIsGood() throws Exception {
    join(loop -> loop.check("journal", this::journal));
    HttpResponse<String> good = get("/health/ready");
    onLoop(() -> journalGood = false);
    HttpResponse<String> bad = get("/health/ready");

    assertThat(good.statusCode()).isEqualTo(200);
    assertThat(bad.statusCode()).isEqualTo(503);
    JsonObject check = new JsonObject(bad.body()).getJsonArray("checks").getJsonObject(0);
    assertThat(check)
        .isEqualTo(
            JsonObject.of(
                "id", "journal", "status", "DOWN", "data", JsonObject.of("reason", "away")));
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void valuesOfAHistogramLieWhereTheyAre() throws Exception {
    join(
        loop -> {
          DoubleConsumer seconds = loop.seconds("took_seconds", "How long", 0.001, 0.01, 2);
          seconds.accept(0.0005);
          seconds.accept(0.005);
          seconds.accept(1.5);
        });

    assertThat(get("/metrics").body())
        .containsPattern("took_seconds_bucket\\{.*le=\"0.001\"\\} 1")
        .containsPattern("took_seconds_bucket\\{.*le=\"0.01\"\\} 2")
        .containsPattern("took_seconds_bucket\\{.*le=\"2.0\"\\} 3");
  }

  @Test
  void checksOfTheProcessCountToo() throws Exception {
    join(loop -> loop.check("journal", this::journal));
    vitals.check("cluster", () -> Finding.down("left"));

    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    assertThat(get("/health/ready").body()).contains("left");
  }

  @Test
  void isNotReadyFromTheMomentItIsToStop() throws Exception {
    join(loop -> loop.check("journal", this::journal));
    readiness.unready("stopping");

    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    assertThat(get("/health/ready").body()).contains("stopping");
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void stuckEventLoopIsNotAliveAndSaysSoInTheMetrics() throws Exception {
    join(
        loop -> {
          loop.check("journal", this::journal);
          loop.counter("stampede_test_total", "Test", () -> count);
        });
    CountDownLatch free = new CountDownLatch(1);
    context.runOnContext(
        stuck -> {
          try {
            free.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });

    HttpResponse<String> live = get("/health/live");
    HttpResponse<String> ready = get("/health/ready");
    HttpResponse<String> metrics = get("/metrics");
    free.countDown();

    assertThat(live.statusCode()).isEqualTo(503);
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(metrics.body()).contains("stampede_event_loop_up{role=\"sale\"} 0.0");
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void showsWhatTheEventLoopCounted() throws Exception {
    join(
        loop -> {
          loop.counter("stampede_test_total", "What was counted", () -> count, "kind", "a");
          loop.gauge("stampede_test_bytes", "How many", () -> 2 * count);
          loop.histogram("stampede_test_seconds", "How long", 0.1, 1).accept(0.5);
        });
    onLoop(() -> count = 7);
    alarms.raise("journal.gap", 1, "x");
    alarms.raise("journal.gap", 1, "x");

    String text = get("/metrics").body();

    assertThat(text)
        .contains("# HELP stampede_test_total What was counted")
        .contains("# TYPE stampede_test_total counter")
        .contains("stampede_test_total{kind=\"a\"} 7.0")
        .contains("stampede_test_bytes 14.0")
        .contains("stampede_test_seconds_bucket{le=\"0.1\"} 0")
        .contains("stampede_test_seconds_bucket{le=\"1.0\"} 1")
        .contains("stampede_test_seconds_count 1")
        .contains("stampede_alarms_total{code=\"journal.gap\"} 2.0")
        .contains("jvm_memory_used_bytes")
        .contains("jvm_gc_");
    assertThat(get("/metrics").headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
  }

  @Test
  void stoppedVerticleShowsNothingAnyMore() throws Exception {
    LoopVitals[] joined = new LoopVitals[1];
    join(
        loop -> {
          joined[0] = loop;
          loop.gauge("stampede_test_bytes", "How many", () -> 1);
        });
    onLoop(() -> vitals.leave(joined[0]));

    assertThat(get("/metrics").body()).doesNotContain("stampede_test_bytes", "stampede_event_loop");
  }

  @Test
  void hasThreePagesAndNothingElse() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(get("/eventbus/websocket").statusCode()).isEqualTo(404);
    HttpRequest post =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/live"))
            .POST(HttpRequest.BodyPublishers.ofString("x"))
            .build();
    assertThat(http.send(post, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(405);
  }

  @Test
  void takenPortIsNamed() {
    assertThatThrownBy(() -> await(NodePort.open(vertx, "127.0.0.1", port, vitals)))
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("managementPort")
        .hasMessageContaining(Integer.toString(port));
  }

  private Finding journal() {
    return journalGood ? Finding.up(new JsonObject()) : Finding.down("away");
  }

  private void join(Consumer<LoopVitals> fill) throws Exception {
    onLoop(() -> fill.accept(vitals.on(context, "sale")));
  }

  private void onLoop(Runnable task) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    context.runOnContext(
        go -> {
          task.run();
          done.complete(null);
        });
    done.get(10, TimeUnit.SECONDS);
  }

  private HttpResponse<String> get(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(10))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return NodeProcess.await(future);
  }
}
