package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.Addresses;
import stampede.protocol.Command;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.OrderFact;
import stampede.protocol.Reply;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.StockLevel;

/**
 * What an edge needs at the opening it has had for long: by then the persist side may be away,
 * deaf, or not there at all.
 */
class OpeningTest {
  private static final long ITEM = 1001;
  private static final List<String> PATHS =
      List.of("/", "/sessions/12", "/items/1001", "/api/v1/items/1001", "/api/v1/sessions");

  /** Far less than a question to the persist side may take. */
  private static final long ANSWER_MS_MAX = 900;

  private final WholeEdge whole = new WholeEdge();
  private final AtomicInteger asked = new AtomicInteger();
  private final long opensAt = System.currentTimeMillis() + 4_000;
  private volatile boolean deaf;

  @AfterEach
  void stop() throws Exception {
    whole.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pagesAreServedAndShakesAcceptedWithThePersistSideAway(boolean butItListens)
      throws Exception {
    MessageConsumer<Buffer> persist = whole.vertx.eventBus().consumer(Addresses.PERSIST_QUERY);
    persist.handler(
        question -> {
          asked.incrementAndGet();
          if (!deaf) {
            question.reply(sessions().toBuffer());
          }
        });
    whole.script = this::accepted;
    whole.open();
    whole.hint(item(ItemState.SCHEDULED));
    awaitShown("scheduled");
    assertThat(asked).hasPositiveValue();
    deaf = true;
    if (!butItListens) {
      WholeEdge.get(persist.unregister());
    }

    assertThat(shake("early").statusCode()).isEqualTo(403);
    while (System.currentTimeMillis() < opensAt) {
      TimeUnit.MILLISECONDS.sleep(200);
      whole.hint(item(ItemState.SCHEDULED));
    }
    whole.hint(item(ItemState.OPEN));
    awaitShown("open");

    for (int round = 0; round < 20; round++) {
      for (String path : PATHS) {
        long begin = System.nanoTime();
        HttpResponse<String> page = get(path);
        long tookMs = (System.nanoTime() - begin) / 1_000_000;
        assertThat(page.statusCode()).as(path).isEqualTo(200);
        assertThat(page.body()).as(path).contains("Phone");
        assertThat(tookMs).as(path).isLessThan(ANSWER_MS_MAX);
      }
      TimeUnit.MILLISECONDS.sleep(100);
      whole.hint(item(ItemState.OPEN));
    }
    HttpResponse<String> accepted = shake("k-1");
    assertThat(accepted.statusCode()).isEqualTo(201);
    assertThat(accepted.body()).contains("\"outcome\":\"accepted\"");
  }

  @Test
  void anEdgeThatNeverHeardOfThePersistSideShakesAllTheSame() throws Exception {
    whole.script = this::accepted;
    whole.open();
    whole.hint(item(ItemState.OPEN, 1));

    assertThat(shake("k-1").statusCode()).isEqualTo(201);
  }

  private Reply accepted(Command command) {
    if (!(command instanceof Command.Shake shake)) {
      return new Reply.Refused(1, "unknown_item", "there is none");
    }
    OrderFact order =
        ScriptedOwners.held(shake.item(), shake.user(), shake.key(), shake.quantity());
    return Shaken.accepted(order, 5, 6, false);
  }

  private Hint.Item item(ItemState state) {
    return item(state, opensAt);
  }

  private static Hint.Item item(ItemState state, long opensAt) {
    return new Hint.Item(ITEM, state, StockLevel.PLENTY, Limits.GATE_OPEN, 0, opensAt, 0);
  }

  private JsonObject sessions() {
    JsonObject item =
        new JsonObject()
            .put("item", Long.toString(ITEM))
            .put("session", "12")
            .put("title", "Phone")
            .put("price", 9_900)
            .put("listPrice", 19_900)
            .put("currency", "CNY")
            .put("opensAt", opensAt)
            .put("closesAt", opensAt + 3_600_000)
            .put("stock", 500)
            .put("limitPerUser", 2)
            .put("payWithinSeconds", 60)
            .put("cooldownMs", 0)
            .put("gate", 1.0)
            .put("releases", new JsonArray())
            .put("published", true);
    JsonObject session =
        new JsonObject()
            .put("session", "12")
            .put("title", "Ten o'clock")
            .put("opensAt", opensAt)
            .put("closesAt", opensAt + 3_600_000)
            .put("zone", "Asia/Shanghai")
            .put("status", "published")
            .put("items", JsonArray.of(item));
    return new JsonObject().put("sessions", JsonArray.of(session));
  }

  private void awaitShown(String state) throws Exception {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!get("/api/v1/items/1001").body().contains("\"state\":\"" + state + "\"")) {
      assertThat(System.nanoTime()).as("shown as " + state).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    return HttpContract.exchange(request(path), "GET", "");
  }

  private HttpResponse<String> shake(String key) throws Exception {
    HttpRequest.Builder request =
        request("/api/v1/items/1001/shakes")
            .header("Authorization", "Bearer " + WholeEdge.token("u1"))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key);
    return HttpContract.exchange(request, "POST", "{\"quantity\":1}");
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + whole.port() + path));
  }
}
