package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.node.VertxTimers;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.protocol.JournalKeys;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.standalone.EmbeddedRedis;

class DressRehearsalIT {
  private static final int PARTITION = 100;

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private EmbeddedRedis redis;
  private RedisLink link;

  @BeforeEach
  void start() throws Exception {
    redis = EmbeddedRedis.start(directory);
    this.<Void>onLoop(
        done -> {
          link = new RedisLink(vertx, RedisUrl.parse("redisUrl", redis.url()));
          done.succeed(null);
        });
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    redis.stop();
  }

  @Test
  void everyShakeIsAnsweredByWayOfRedisAndNothingIsLeftThere() throws Exception {
    redis("SET", "st:{3}:own", "of somebody else");
    long appended = number("xadd");

    int answers = this.<Integer>onLoop(done -> play(done));

    assertThat(answers)
        .as("as many as a slow machine answers before it ends")
        .isGreaterThan(DressRehearsal.SHAKES / 20);
    assertThat(number("xadd") - appended).as("groups in the journal").isGreaterThan(100);
    assertThat(redis("KEYS", "*").toString()).isEqualTo("[st:{3}:own]");
  }

  @Test
  void aNodeThatEndsMeanwhileLeavesKeysThatEndToo() throws Exception {
    CompletableFuture<Integer> played = new CompletableFuture<>();
    loop.runOnContext(go -> play((answers, failure) -> played.complete(answers)));
    String own = JournalKeys.own(PARTITION);
    while (Integer.parseInt(redis("TTL", JournalKeys.log(PARTITION)).toString()) < 0) {
      assertThat(played).isNotDone();
    }

    assertThat(redis("TTL", own).toInteger()).isBetween(1, 120);
    played.get(20, TimeUnit.SECONDS);
  }

  @Test
  void withoutRedisItEnds() throws Exception {
    redis.stop();

    this.<Integer>onLoop(
        done -> play((answers, failure) -> done.succeed(answers == null ? 0 : answers)));
  }

  private void play(Completion<Integer> done) {
    Timers timers = new VertxTimers(vertx);
    SaleStart node =
        new SaleStart(
            "sale-1",
            7,
            OwnerLimits.DEFAULT,
            timers,
            partition -> List.of("sale-1"),
            (partition, cursor) -> cursor.succeed(0L),
            null,
            null,
            new EdgeWatch(timers, List::of),
            new Turns(1));
    RedisUrl url = RedisUrl.parse("redisUrl", redis.url());
    DressRehearsal.playAt(PARTITION, () -> new RedisLink(vertx, url), node, done);
  }

  private long number(String command) throws Exception {
    String stats = redis("INFO", "commandstats").toString();
    String head = "cmdstat_" + command + ":calls=";
    int at = stats.indexOf(head);
    return at < 0 ? 0 : Long.parseLong(stats.substring(at + head.length()).split(",")[0]);
  }

  private Response redis(String command, String... args) throws Exception {
    Request request = Request.cmd(Command.create(command));
    List.of(args).forEach(request::arg);
    return this.<Response>onLoop(done -> link.call(request, done));
  }

  private <T> T onLoop(Consumer<Completion<T>> call) throws Exception {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.runOnContext(
        go ->
            call.accept(
                (answer, failure) -> {
                  if (failure != null) {
                    result.completeExceptionally(failure);
                  } else {
                    result.complete(answer);
                  }
                }));
    try {
      return result.get(40, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }
}
