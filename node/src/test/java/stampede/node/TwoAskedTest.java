package stampede.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.port.Bus;

class TwoAskedTest {
  private static final String ADDRESS = "any";
  private static final int QUESTIONS = 16;
  private static final byte[] QUESTION = {7};

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final Bus bus = new VertxBus(vertx);
  private final List<CompletableFuture<byte[]>> answers = new ArrayList<>();
  private final List<@Nullable Throwable> ends = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private AtomicInteger answering(byte... answer) {
    AtomicInteger asked = new AtomicInteger();
    bus.serve(
        ADDRESS,
        (question, reply) -> {
          asked.incrementAndGet();
          reply.succeed(answer);
        });
    return asked;
  }

  private AtomicInteger deaf() {
    AtomicInteger asked = new AtomicInteger();
    bus.serve(ADDRESS, (question, reply) -> asked.incrementAndGet());
    return asked;
  }

  private void ask(int questions, long timeoutMs, Function<byte[], byte @Nullable []> read) {
    for (int i = 0; i < questions; i++) {
      answers.add(new CompletableFuture<>());
    }
    loop.runOnContext(
        go -> {
          for (CompletableFuture<byte[]> answer : answers) {
            TwoAsked.<byte[]>ask(
                bus,
                ADDRESS,
                QUESTION,
                timeoutMs,
                read,
                (bytes, failure) -> {
                  ends.add(failure);
                  if (bytes != null) {
                    answer.complete(bytes);
                  } else {
                    answer.completeExceptionally(failure);
                  }
                });
          }
        });
  }

  @Test
  void whoIsDeafKeepsNobodyWaitingHoweverManyAskAtOnce() throws Exception {
    AtomicInteger deaf = deaf();
    AtomicInteger heard = answering((byte) 1);

    ask(QUESTIONS, 60_000, answer -> answer);

    for (CompletableFuture<byte[]> answer : answers) {
      assertThat(answer.get(10, TimeUnit.SECONDS)).containsExactly(1);
    }
    assertThat(deaf.get()).isEqualTo(QUESTIONS);
    assertThat(heard.get()).isEqualTo(QUESTIONS);
  }

  @Test
  void theOnlyOneIsAskedTwiceAndHeardOnce() throws Exception {
    AtomicInteger heard = answering((byte) 1);

    ask(1, 60_000, answer -> answer);

    assertThat(answers.get(0).get(10, TimeUnit.SECONDS)).containsExactly(1);
    vertx.timer(50, TimeUnit.MILLISECONDS).await(10, TimeUnit.SECONDS);
    assertThat(heard.get()).isEqualTo(2);
    assertThat(ends).hasSize(1);
  }

  @Test
  void whatIsNoAnswerWaitsForTheOther() throws Exception {
    answering((byte) 1);
    answering((byte) 2);

    ask(QUESTIONS, 60_000, answer -> answer[0] == 1 ? null : answer);

    for (CompletableFuture<byte[]> answer : answers) {
      assertThat(answer.get(10, TimeUnit.SECONDS)).containsExactly(2);
    }
  }

  @Test
  void itFailsOnceWhenNeitherAnswers() {
    deaf();
    deaf();

    ask(1, 20, answer -> answer);

    assertThat(answers.get(0))
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(Bus.Unanswered.class);
    assertThat(ends).hasSize(1);
  }
}
