package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.LoneCluster;
import stampede.rig.StampedeProcess;
import stampede.standalone.EmbeddedRedis;

/** A node that can't be run as it was set up says why, names the setting, and ends with 2. */
@Timeout(120)
class NodesIT {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final Duration BOUND = Duration.ofSeconds(40);

  @TempDir Path directory;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void cluster() throws IOException {
    Path xml = LoneCluster.xml(directory.resolve("cluster.xml"), "127.0.0.1");
    environment.put("STAMPEDE_CLUSTER_CONFIG", xml.toString());
    environment.put("STAMPEDE_MANAGEMENT_PORT", "0");
  }

  @Test
  void anUnknownSettingIsRefusedWithTheNearestOne() {
    expectRefusal(
        "sale-verticle",
        conf("leaseMillis = 2000"),
        "unknown setting \"leaseMillis\"; did you mean \"leaseMs\"?");
    expectRefusal(
        "persist-verticle", conf("poolsize = 3"), "\"poolsize\"; did you mean \"poolSize\"?");
    expectRefusal("edge-verticle", conf("htpPort = 1"), "\"htpPort\"; did you mean \"httpPort\"?");
  }

  @Test
  void thereIsNoDefaultSecretAndAShortOneIsRefused() {
    expectRefusal("edge-verticle", conf(""), "jwtSecret must be set", "STAMPEDE_JWT_SECRET");
    secrets();
    environment.put("STAMPEDE_ADMIN_SECRET", "too-short");

    String output =
        expectRefusal("edge-verticle", conf(""), "adminSecret must have at least 32 bytes, has 9");

    assertThat(output).doesNotContain("too-short");
  }

  @Test
  void noStoreIsGuessed() {
    expectRefusal("sale-verticle", conf(""), "redisUrl must be set", "STAMPEDE_REDIS_URL");
    environment.put("STAMPEDE_REDIS_URL", "https://:hidden@127.0.0.1:1");
    String redis = expectRefusal("sale-verticle", conf(""), "redisUrl must be redis://");
    environment.put("STAMPEDE_REDIS_URL", "redis://127.0.0.1:1");
    environment.put("STAMPEDE_MYSQL_URL", "mysql://me:hidden@127.0.0.1:port/shop");
    String mysql =
        expectRefusal("persist-verticle", conf(""), "mysqlUrl must be set", "STAMPEDE_MYSQL_URL");

    assertThat(redis + mysql).doesNotContain("hidden");
  }

  @Test
  void aTakenPortIsNamed() throws IOException {
    secrets();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      environment.put("STAMPEDE_HTTP_PORT", Integer.toString(taken.getLocalPort()));

      expectRefusal(
          "edge-verticle", conf(""), "httpPort " + taken.getLocalPort(), "STAMPEDE_HTTP_PORT");
    }
  }

  @Test
  void aMissingOrBrokenClusterFileEndsTheNodeAndNoSecretIsShown() throws IOException {
    secrets();
    Path broken = Files.writeString(directory.resolve("broken.xml"), "<hazelcast><network>");
    environment.put("STAMPEDE_CLUSTER_CONFIG", broken.toString());
    String output =
        expectRefusal(
            "edge-verticle", conf("httpPort = 4242"), broken + " is not a Hazelcast configuration");
    environment.put("STAMPEDE_CLUSTER_CONFIG", "nowhere.xml");
    environment.put("STAMPEDE_REDIS_URL", "redis://:hidden@127.0.0.1:1");
    environment.put("STAMPEDE_LEASE_MS", "1234");
    String missing =
        expectRefusal("sale-verticle", conf("leaseMs = 999"), "nowhere.xml, which can't be read");

    assertThat(output).contains("httpPort = 4242", "jwtSecret = ****").doesNotContain(SECRET);
    assertThat(missing)
        .contains("leaseMs = 1234", "redisUrl = redis://:****@127.0.0.1:1")
        .doesNotContain("hidden");
  }

  @Test
  void anotherNumberOfPartitionsThanTheJournalsOrALiveNodesEndsTheNode() {
    EmbeddedRedis redis = EmbeddedRedis.start(directory.resolve("redis"));
    try {
      environment.put("STAMPEDE_REDIS_URL", redis.url());
      environment.put("STAMPEDE_PARTITIONS", "4");
      try (StampedeProcess first = start("sale-verticle", conf("node = sale-1"))) {
        first.awaitLine("sale node sale-1 serves", BOUND);
        environment.put("STAMPEDE_PARTITIONS", "5");
        secrets();
        expectRefusal(
            "edge-verticle", conf(""), "\"partitions\" is 5, but 4 on node sale-1; it must be");
        first.term();
        assertThat(first.awaitExit(BOUND)).as(first.output()).isZero();
      }

      expectRefusal(
          "sale-verticle", conf(""), "partitions in Redis key st:meta: found 4, wanted 5");
    } finally {
      redis.stop();
    }
  }

  private void secrets() {
    environment.put("STAMPEDE_JWT_SECRET", SECRET);
    environment.put("STAMPEDE_ADMIN_SECRET", SECRET);
    environment.put("STAMPEDE_PAYMENT_SECRET", SECRET);
  }

  private Path conf(String text) {
    try {
      return Files.writeString(directory.resolve("node.conf"), text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private StampedeProcess start(String verticle, Path conf) {
    return StampedeProcess.startNode(verticle, environment, directory, "-conf", conf.toString());
  }

  private String expectRefusal(String verticle, Path conf, String... said) {
    try (StampedeProcess node = start(verticle, conf)) {
      int code = node.awaitExit(BOUND);
      assertThat(node.output()).contains(said);
      assertThat(code).as(node.output()).isEqualTo(2);
      return node.output();
    }
  }
}
