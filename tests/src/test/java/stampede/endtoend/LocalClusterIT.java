package stampede.endtoend;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.StampedeProcess;
import stampede.rig.WireHttp;
import stampede.standalone.cluster.ClusterNode;
import stampede.standalone.cluster.ClusterPlan;
import stampede.standalone.cluster.LocalCluster;
import stampede.standalone.cluster.NodeRole;

/** What tests do to the processes of a cluster. */
@Timeout(300)
class LocalClusterIT {
  @TempDir Path data;

  @Test
  void processesAreEndedFrozenStartedAgainAndAdded() {
    List<String> told = new CopyOnWriteArrayList<>();
    try (LocalCluster cluster = LocalCluster.open(ClusterPlan.of(data, 1, 1, 1), told::add)) {
      cluster.start();
      expectReady(cluster);

      killedNodeComesBackOnItsPorts(cluster);
      addedNodeIsAMember(cluster);
      frozenEdgeAnswersWhenItThaws(cluster);
      killedRedisComesBackOnItsPort(cluster);
      terminatedNodeEndsInOrder(cluster);

      assertThat(told).noneMatch(line -> line.startsWith("DIED"));
    }
    await() // the shell beside a server ends after it
        .atMost(10, SECONDS)
        .untilAsserted(() -> assertThat(StampedeProcess.naming(data)).isEmpty());
  }

  private static void killedNodeComesBackOnItsPorts(LocalCluster cluster) {
    ClusterNode sale = cluster.node("sale-1");
    long before = sale.pid();

    cluster.kill9("sale-1");

    assertThat(StampedeProcess.runs(before)).isFalse();
    cluster.start("sale-1");
    assertThat(sale.pid()).isNotEqualTo(before);
    assertThatThrownBy(() -> cluster.start("sale-1")).hasMessageContaining("sale-1 runs");
    expectReady(cluster);
  }

  private static void addedNodeIsAMember(LocalCluster cluster) {
    ClusterNode added = cluster.add(NodeRole.SALE);

    assertThat(added.name()).isEqualTo("sale-2");
    assertThat(cluster.nodes(NodeRole.SALE)).hasSize(2);
    expectReady(cluster);
  }

  private static void frozenEdgeAnswersWhenItThaws(LocalCluster cluster) {
    long edge = cluster.node("edge-1").pid();

    cluster.stop("edge-1");

    Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> state(edge).equals("T"));
    cluster.cont("edge-1");
    expectReady(cluster);
  }

  private static void killedRedisComesBackOnItsPort(LocalCluster cluster) {
    String url = cluster.redisUrl();

    cluster.kill9("redis");
    cluster.start("redis");

    assertThat(cluster.redisUrl()).isEqualTo(url);
    expectReady(cluster);
  }

  private static void terminatedNodeEndsInOrder(LocalCluster cluster) {
    assertThat(cluster.terminate("sale-2")).as("143 would be: not in order").isZero();
    expectReady(cluster);
    assertThat(cluster.nodes()).extracting(ClusterNode::name).contains("sale-2");
    assertThat(Set.of("redis", "mysql"))
        .allMatch(name -> StampedeProcess.runs(cluster.process(name).pid()));
  }

  private static void expectReady(LocalCluster cluster) {
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .pollInterval(200, TimeUnit.MILLISECONDS)
        .until(
            () -> {
              int port = cluster.node("edge-1").managementPort();
              return WireHttp.once(port, "GET", "/health/ready", Map.of(), "").status() == 200;
            });
  }

  private static String state(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
