package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.edge.OwnerLink;
import stampede.edge.OwnerRoutes;
import stampede.node.ConfigFault;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.node.Vitals;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.PartitionMap;
import stampede.protocol.Rendezvous;
import stampede.protocol.Reply;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.rig.NodeConfigs;
import stampede.standalone.EmbeddedRedis;

/**
 * Hand-overs with a real Redis, the real bus and an edge's own queues. {@code -Devents=N}: events
 * in the log.
 */
class HandOverIT {
  private static final int PARTITIONS = 4;
  private static final int EVENTS = Integer.getInteger("events", 20_000);
  private static final long LONGEST_MS_MAX = 1_500; // the machine may be busy; usual is below 100
  private static final long BOUND_MS = 60_000;

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private EmbeddedRedis redis;
  private OwnerRoutes routes;
  private OwnerLink link;
  private volatile List<String> members = List.of("s1");
  private long item;
  private int partition;

  @BeforeEach
  void start() throws Exception {
    redis = EmbeddedRedis.start(directory);
    await(vertx.deployVerticle(sale("s1")));
    onLoop(
        () -> {
          VertxTimers timers = new VertxTimers(vertx);
          VertxBus bus = new VertxBus(vertx);
          routes = new OwnerRoutes(timers, bus, PARTITIONS);
          link = new OwnerLink(1, timers, bus, routes, 100_000, 2, 4 << 20);
          routes.start();
        });
    while (Rendezvous.rank("s2", List.of("s1", "s2"), partition) != 0) {
      partition++;
    }
    item = 1;
    while (PartitionMap.partitionOfItem(item, PARTITIONS) != partition) {
      item++;
    }
    until(() -> routes.reachable(partition));
    fill();
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
    redis.stop();
  }

  private SaleVerticle sale(String name) {
    return sale(name, PARTITIONS);
  }

  private SaleVerticle sale(String name, int partitions) {
    SaleConfig config = NodeConfigs.sale(name, redis.url(), partitions, 5_000_000, 1_000_000);
    MemberLine line = new MemberLine(() -> members);
    return new SaleVerticle(config, line, () -> List.of("e1"), new Vitals());
  }

  private void fill() throws Exception {
    long now = System.currentTimeMillis();
    SaleItem kettle =
        OwnerWorld.item(1_000_000, 1, now - 60_000, 3_600_000)
            .moved(item, 1, now - 60_000, now + 3_600_000, List.of(), 0);
    Warrant warrant = new Warrant("op", "", Bytes.of("p"), true);
    ask(new Command.Publish(kettle, warrant)).get(10, TimeUnit.SECONDS);
    for (int done = 0; done < EVENTS; ) {
      List<CompletableFuture<Reply>> some = new ArrayList<>();
      for (; some.size() < 5_000 && done < EVENTS; done++) {
        some.add(ask(shake("f" + done)));
      }
      for (CompletableFuture<Reply> each : some) {
        each.get(30, TimeUnit.SECONDS);
      }
    }
  }

  private Command shake(String user) {
    return new Command.Shake(item, Bytes.of(user), Bytes.of("k"), 1);
  }

  private CompletableFuture<Reply> ask(Command command) {
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    loop.runOnContext(
        go ->
            link.ask(
                partition,
                command,
                (reply, failure) -> {
                  if (reply != null) {
                    answer.complete(reply);
                  } else {
                    answer.completeExceptionally(failure);
                  }
                }));
    return answer;
  }

  /** Shakes every 5 ms until {@code over}, and what took longest of them all, in ms. */
  private long longestAnswerMs(BooleanSupplier over) throws Exception {
    List<Long> tookMs = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<Reply>> answers = new ArrayList<>();
    long until = System.nanoTime() + BOUND_MS * 1_000_000;
    for (int i = 0; !over.getAsBoolean(); i++) {
      assertThat(System.nanoTime()).as("in time").isLessThan(until);
      long sent = System.nanoTime();
      answers.add(
          ask(shake("u" + i))
              .whenComplete((r, no) -> tookMs.add((System.nanoTime() - sent) / 1_000_000)));
      Thread.sleep(5);
    }
    for (CompletableFuture<Reply> answer : answers) {
      assertThat(answer.get(15, TimeUnit.SECONDS)).isInstanceOf(Reply.Shaken.class);
    }
    return Collections.max(tookMs);
  }

  private boolean ownedBy(String node) {
    OwnerRoutes.Route route = routes.route(partition);
    return route != null && route.serving() && route.position() > 0 && route.node().equals(node);
  }

  @Test
  void nodeThatJoinsTakesItsPartitionsAndShoppersHardlyNotice() throws Exception {
    assertThat(ownedBy("s1")).isTrue();
    await(vertx.deployVerticle(sale("s2")));
    members = List.of("s1", "s2");

    long longestMs = longestAnswerMs(() -> ownedBy("s2"));

    System.out.printf("hand-over to a joining node, %,d events: %d ms%n", EVENTS, longestMs);
    assertThat(longestMs).isLessThan(LONGEST_MS_MAX);
  }

  @Test
  void nodeThatLeavesHandsOverAndShoppersHardlyNotice() throws Exception {
    String leaving = await(vertx.deployVerticle(sale("s2")));
    members = List.of("s1", "s2");
    until(() -> ownedBy("s2"));
    AtomicInteger left = new AtomicInteger();
    long begun = System.nanoTime();
    vertx.undeploy(leaving).onComplete(gone -> left.incrementAndGet());

    long longestMs = longestAnswerMs(() -> ownedBy("s1") && left.get() == 1);
    long stopMs = (System.nanoTime() - begun) / 1_000_000;

    System.out.printf(
        "hand-over by a leaving node, %,d events: %d ms, stop %d ms%n", EVENTS, longestMs, stopMs);
    assertThat(longestMs).isLessThan(LONGEST_MS_MAX);
    assertThat(stopMs).isLessThan(15_000);
  }

  @Test
  void nodeOfAnotherPartitionCountDoesNotStart() {
    Throwable failure = catchThrowable(() -> await(vertx.deployVerticle(sale("s3", 8))));

    assertThat(failure)
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("partitions in Redis key st:meta: found 4, wanted 8");
  }

  private void onLoop(Runnable task) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    loop.runOnContext(
        go -> {
          task.run();
          done.countDown();
        });
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private static void until(BooleanSupplier holds) throws InterruptedException {
    long until = System.nanoTime() + BOUND_MS * 1_000_000;
    while (!holds.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(until);
      Thread.sleep(10);
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    try {
      return future.toCompletionStage().toCompletableFuture().get(BOUND_MS, TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
