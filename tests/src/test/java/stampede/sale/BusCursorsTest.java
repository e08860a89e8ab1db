package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stampede.node.VertxBus;
import stampede.protocol.Addresses;
import stampede.protocol.port.Bus;

class BusCursorsTest {
  private final Vertx vertx = Vertx.vertx();
  private final Bus bus = new VertxBus(vertx);

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  /** A persist node; without an answer it is deaf. Counts what it is asked. */
  private AtomicInteger persist(Function<JsonObject, @Nullable JsonObject> answer) {
    AtomicInteger asked = new AtomicInteger();
    bus.serve(
        Addresses.PERSIST_QUERY,
        (question, reply) -> {
          asked.incrementAndGet();
          JsonObject said = answer.apply(new JsonObject(Buffer.buffer(question)));
          if (said != null) {
            reply.succeed(said.toBuffer().getBytes());
          }
        });
    return asked;
  }

  private static JsonObject cursor(JsonObject question) {
    return JsonObject.of("position", 100L + question.getInteger("partition"));
  }

  @Test
  void deafPersistNodeHidesNoCursorFromAnyOfManyThatAskAtOnce() throws Exception {
    AtomicInteger deaf = persist(question -> null);
    AtomicInteger other = persist(BusCursorsTest::cursor);

    CursorCrowd.assertAllKnown(CursorCrowd.askAll(vertx));

    assertThat(deaf.get()).as("no second round").isEqualTo(CursorCrowd.PARTITIONS);
    assertThat(other.get()).as("no second round").isEqualTo(CursorCrowd.PARTITIONS);
  }

  @Test
  void nodeThatDoesNotReachMySqlIsNoAnswer() throws Exception {
    persist(question -> JsonObject.of("error", JsonObject.of("code", "unavailable")));
    AtomicInteger other = persist(BusCursorsTest::cursor);

    CursorCrowd.assertAllKnown(CursorCrowd.askAll(vertx));

    assertThat(other.get()).as("no second round").isEqualTo(CursorCrowd.PARTITIONS);
  }

  @Test
  void onlyPersistNodeThereIsIsAskedTwiceWithoutHarm() throws Exception {
    AtomicInteger only = persist(BusCursorsTest::cursor);

    CursorCrowd.assertAllKnown(CursorCrowd.askAll(vertx));

    assertThat(only.get()).isEqualTo(2 * CursorCrowd.PARTITIONS);
  }

  @Test
  void nobodyKnowsWithinASecondWhenAllAreDeaf() {
    persist(question -> null);

    assertThat(CursorCrowd.askAll(vertx).get(0))
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(Bus.Unanswered.class);
  }
}
