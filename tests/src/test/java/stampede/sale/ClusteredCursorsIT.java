package stampede.sale;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.node.Cluster;
import stampede.node.VertxBus;
import stampede.protocol.Addresses;
import stampede.standalone.Ports;

/** How the clustered bus chooses among nodes: what {@link stampede.node.TwoAsked} rests on. */
class ClusteredCursorsIT {
  private static final int PARTITIONS = 16;

  @TempDir static Path directory;

  private final List<Cluster> nodes = new ArrayList<>();

  @AfterEach
  void leave() throws Exception {
    for (Cluster node : nodes) {
      node.vertx().close().await(30, SECONDS);
    }
  }

  @Test
  void frozenPersistNodeHidesNoCursorFromAnyOfManyThatAskAtOnce() throws Exception {
    Path xml = clusterXml();
    AtomicInteger frozen = new AtomicInteger();
    AtomicInteger good = new AtomicInteger();
    Cluster sale = joins(xml, "sale", "sale-1");
    joins(xml, "persist", "persist-1")
        .vertx()
        .eventBus()
        .<Buffer>consumer(Addresses.PERSIST_QUERY, question -> frozen.incrementAndGet());
    joins(xml, "persist", "persist-2")
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

    List<CompletableFuture<Long>> cursors = askAll(sale);

    for (int p = 0; p < PARTITIONS; p++) {
      assertThat(cursors.get(p).get(10, SECONDS)).isEqualTo(100 + p);
    }
    await()
        .atMost(10, SECONDS)
        .untilAsserted(() -> assertThat(frozen.get() - frozenBefore).isEqualTo(PARTITIONS));
    assertThat(good.get() - goodBefore).as("no second round").isEqualTo(PARTITIONS);
  }

  private Cluster joins(Path xml, String role, String name) throws Exception {
    Cluster node = Cluster.join(xml, role, name, PARTITIONS).await(60, SECONDS);
    nodes.add(node);
    return node;
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

  private static List<CompletableFuture<Long>> askAll(Cluster sale) {
    List<CompletableFuture<Long>> cursors = new ArrayList<>();
    for (int p = 0; p < PARTITIONS; p++) {
      cursors.add(new CompletableFuture<>());
    }
    sale.vertx()
        .getOrCreateContext()
        .runOnContext(
            go -> {
              BusCursors asking = new BusCursors(new VertxBus(sale.vertx()));
              for (int p = 0; p < PARTITIONS; p++) {
                CompletableFuture<Long> cursor = cursors.get(p);
                asking.ask(
                    p,
                    (position, failure) -> {
                      if (position != null) {
                        cursor.complete(position);
                      } else {
                        cursor.completeExceptionally(failure);
                      }
                    });
              }
            });
    return cursors;
  }

  private static Path clusterXml() throws IOException {
    int port = Ports.free();
    String xml =
        Files.readString(Path.of("..", "cluster.xml"))
            .replace("<cluster-name>stampede<", "<cluster-name>cursors-" + port + "<")
            .replace(">5701<", ">" + port + "<")
            .replace("port-count=\"20\"", "port-count=\"4\"")
            .replace("<member>127.0.0.1<", "<member>127.0.0.1:" + port + "<");
    return Files.writeString(directory.resolve("cluster.xml"), xml);
  }
}
