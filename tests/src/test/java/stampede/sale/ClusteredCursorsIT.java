package stampede.sale;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.node.Cluster;
import stampede.protocol.Addresses;
import stampede.rig.LoneCluster;

/** How the clustered bus chooses among nodes: what {@link stampede.node.TwoAsked} rests on. */
class ClusteredCursorsIT {
  private LoneCluster cluster;

  @BeforeEach
  void found(@TempDir Path directory) throws IOException {
    cluster = new LoneCluster(directory, CursorCrowd.PARTITIONS);
  }

  @AfterEach
  void leave() throws TimeoutException {
    cluster.close();
  }

  @Test
  void frozenPersistNodeHidesNoCursorFromAnyOfManyThatAskAtOnce() throws Exception {
    AtomicInteger frozen = new AtomicInteger();
    AtomicInteger good = new AtomicInteger();
    Cluster sale = cluster.join("sale", "sale-1");
    cluster
        .join("persist", "persist-1")
        .vertx()
        .eventBus()
        .<Buffer>consumer(Addresses.PERSIST_QUERY, question -> frozen.incrementAndGet());
    cluster
        .join("persist", "persist-2")
        .vertx()
        .eventBus()
        .<Buffer>consumer(
            Addresses.PERSIST_QUERY,
            question -> {
              good.incrementAndGet();
              int partition = new JsonObject(question.body()).getInteger("partition");
              question.reply(JsonObject.of("position", 100L + partition).toBuffer());
            });
    awaitBothKnown(sale, frozen, good);
    int frozenBefore = frozen.get();
    int goodBefore = good.get();

    List<CompletableFuture<Long>> cursors = CursorCrowd.askAll(sale.vertx());

    CursorCrowd.assertAllKnown(cursors);
    await()
        .atMost(10, SECONDS)
        .untilAsserted(
            () -> assertThat(frozen.get() - frozenBefore).isEqualTo(CursorCrowd.PARTITIONS));
    assertThat(good.get() - goodBefore).as("no second round").isEqualTo(CursorCrowd.PARTITIONS);
  }

  private static void awaitBothKnown(Cluster from, AtomicInteger one, AtomicInteger other) {
    DeliveryOptions shortly = new DeliveryOptions().setSendTimeout(200);
    Buffer question = JsonObject.of("op", "cursor", "partition", 0).toBuffer();
    await()
        .atMost(30, SECONDS)
        .until(
            () -> {
              from.vertx()
                  .eventBus()
                  .<Buffer>request(Addresses.PERSIST_QUERY, question, shortly)
                  .otherwiseEmpty()
                  .await();
              return one.get() > 0 && other.get() > 0;
            });
  }
}
