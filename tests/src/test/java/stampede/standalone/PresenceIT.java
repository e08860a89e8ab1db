package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.multimap.MultiMap;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.node.Cluster;

/** A node that is a member and that nobody finds. */
class PresenceIT {
  private static final String ADDRESS = "sale.sale-1.7";

  @TempDir static Path directory;

  private final List<Cluster> nodes = new ArrayList<>();

  @AfterEach
  void leave() throws Exception {
    for (Cluster node : nodes) {
      node.vertx().close().await(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void nodeThatALateMemberCleanedAwayIsFoundAgain() throws Exception {
    Path xml = clusterXml();
    Cluster sale = joins(xml, "sale", "sale-1");
    sale.vertx().eventBus().<Buffer>consumer(ADDRESS, message -> message.reply(message.body()));
    Cluster edge = joins(xml, "edge", "edge-1");
    await().atMost(20, TimeUnit.SECONDS).until(() -> answers(edge));

    cleanAway(edge);
    assertThat(answers(edge)).isFalse();
    Cluster other = joins(xml, "edge", "edge-2");

    await().atMost(20, TimeUnit.SECONDS).until(() -> answers(edge) && answers(other));
  }

  private Cluster joins(Path xml, String role, String name) throws Exception {
    Cluster node = Cluster.join(xml, role, name, 2).await(60, TimeUnit.SECONDS);
    nodes.add(node);
    return node;
  }

  private static boolean answers(Cluster from) {
    DeliveryOptions options = new DeliveryOptions().setSendTimeout(800);
    return from.vertx()
        .eventBus()
        .<Buffer>request(ADDRESS, Buffer.buffer("?"), options)
        .transform(answer -> Future.succeededFuture(answer.succeeded()))
        .await();
  }

  /** As a member does that learns late that another was gone: when that one is back. */
  private static void cleanAway(Cluster by) {
    HazelcastInstance grid = Hazelcast.getHazelcastInstanceByName("stampede-edge-edge-1");
    MultiMap<String, Object> subscriptions = grid.getMultiMap("__vertx.subs");
    subscriptions.remove(ADDRESS);
    grid.getMap("__vertx.nodeInfo").clear();
    await().atMost(10, TimeUnit.SECONDS).until(() -> !answers(by));
  }

  private static Path clusterXml() throws IOException {
    int port = Ports.free();
    String xml =
        Files.readString(Path.of("..", "cluster.xml"))
            .replace("<cluster-name>stampede<", "<cluster-name>presence-" + port + "<")
            .replace(">5701<", ">" + port + "<")
            .replace("port-count=\"20\"", "port-count=\"3\"")
            .replace("<member>127.0.0.1<", "<member>127.0.0.1:" + port + "<");
    return Files.writeString(directory.resolve("cluster.xml"), xml);
  }
}
