package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.protocol.Addresses;
import stampede.protocol.port.Bus;

/** Questions to persist nodes over the real bus; one of the nodes never answers. */
class BackstageTest {
  private static final int QUESTIONS = 16;
  private static final long TIMEOUT_MS = 1_000;

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final Bus bus = new VertxBus(vertx);
  private final Backstage backstage =
      new Backstage(new ScriptedOwners(), bus, new VertxTimers(vertx));
  private final AtomicInteger unheard = new AtomicInteger();

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private void deafNode() {
    bus.serve(Addresses.PERSIST_QUERY, (question, reply) -> unheard.incrementAndGet());
  }

  private void goodNode() {
    bus.serve(Addresses.PERSIST_QUERY, (question, reply) -> reply.succeed(question));
  }

  private List<CompletableFuture<JsonObject>> ask(int questions, JsonObject query) {
    List<CompletableFuture<JsonObject>> answers = new ArrayList<>();
    for (int i = 0; i < questions; i++) {
      answers.add(new CompletableFuture<>());
    }
    loop.runOnContext(
        go -> {
          for (CompletableFuture<JsonObject> answer : answers) {
            Future<JsonObject> asked = backstage.persist(query, TIMEOUT_MS);
            asked.onSuccess(answer::complete).onFailure(answer::completeExceptionally);
          }
        });
    return answers;
  }

  @Test
  void everyQuestionIsAnsweredWhileOneOfTwoPersistNodesIsDeaf() throws Exception {
    deafNode();
    goodNode();

    List<CompletableFuture<JsonObject>> answers = ask(QUESTIONS, JsonObject.of("op", "clock"));

    for (CompletableFuture<JsonObject> answer : answers) {
      assertThat(answer.get(10, TimeUnit.SECONDS).getString("op")).isEqualTo("clock");
    }
    assertThat(unheard.get()).as("some had to be asked again").isEqualTo(QUESTIONS);
  }

  @Test
  void changeThatCouldBeMadeTwiceIsNotSentAgain() {
    deafNode();

    List<CompletableFuture<JsonObject>> answers = ask(1, JsonObject.of("op", "item.create"));

    assertThat(answers.get(0))
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(Bus.Unanswered.class);
    assertThat(unheard.get()).isEqualTo(1);
  }
}
