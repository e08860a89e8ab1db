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
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.node.Cluster;
import stampede.rig.LoneCluster;

/** A node that is a member and that nobody finds. */
class PresenceIT {
  private static final String ADDRESS = "sale.sale-1.7";

  private LoneCluster cluster;

  @BeforeEach
  void found(@TempDir Path directory) throws IOException {
    cluster = new LoneCluster(directory, 2);
  }

  @AfterEach
  void leave() throws TimeoutException {
    cluster.close();
  }

  @Test
  void nodeThatALateMemberCleanedAwayIsFoundAgain() throws Exception {
    Cluster sale = cluster.join("sale", "sale-1");
    sale.vertx().eventBus().<Buffer>consumer(ADDRESS, message -> message.reply(message.body()));
    Cluster edge = cluster.join("edge", "edge-1");
    await().atMost(20, TimeUnit.SECONDS).until(() -> answers(edge));

    cleanAway(edge);
    assertThat(answers(edge)).isFalse();
    Cluster other = cluster.join("edge", "edge-2");

    await().atMost(20, TimeUnit.SECONDS).until(() -> answers(edge) && answers(other));
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
}
