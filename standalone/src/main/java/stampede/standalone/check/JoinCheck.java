package stampede.standalone.check;

import static stampede.standalone.check.CheckLine.ok;
import static stampede.standalone.check.CheckLine.red;
import static stampede.standalone.check.CheckLine.skipped;
import static stampede.standalone.check.CheckLine.warn;

import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.FileSystemXmlConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Whether this machine can bind the cluster port and meets the others: joins as a member without
 * data and without a role, so that nobody counts on it, and leaves.
 */
final class JoinCheck {
  private static final String NAME = "cluster join";
  private static final int JOIN_SECONDS_MAX = 10;

  /** Joining, and starting what joins. */
  private static final long SECONDS_MAX = 2 * JOIN_SECONDS_MAX;

  /** Kept, or its level would be forgotten with it. */
  private static final Logger CHATTER = Logger.getLogger("com.hazelcast");

  /** Vert.x nodes know one another by it. */
  private static final String NODE_ID = "__vertx.nodeId";

  private JoinCheck() {}

  static CheckLine run(CheckSettings settings) {
    if (!settings.has("clusterConfig")) {
      return skipped(NAME, "give --cluster FILE (or STAMPEDE_CLUSTER_CONFIG), as cluster.xml");
    }
    Path file = Path.of(settings.text("clusterConfig"));
    if (!Files.isReadable(file)) {
      return red(NAME, file + " that can't be read", "the shop's cluster.xml", "mend the path");
    }
    Config config;
    try {
      config = config(file);
    } catch (Exception e) { // Hazelcast's parsers throw what they like, checked ones included
      return red(NAME, file + " that can't be used: " + e.getMessage(), "Hazelcast XML", "mend it");
    }
    try {
      return joined(join(config));
    } catch (CheckFailed e) {
      return red(
          NAME,
          e.getMessage(),
          "a member that joins within " + JOIN_SECONDS_MAX + " s",
          "see that <interface> in "
              + file
              + " is an address of this machine, that its ports are free, and that every"
              + " <member> can be reached on them");
    }
  }

  private static Config config(Path file) throws Exception {
    CHATTER.setLevel(Level.OFF); // what matters is in the line of the check
    Config config = new FileSystemXmlConfig(file.toFile());
    config.setInstanceName("stampede-check-" + UUID.randomUUID());
    config.setLiteMember(true);
    config.setProperty("hazelcast.logging.type", "none");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.setProperty("hazelcast.max.join.seconds", Integer.toString(JOIN_SECONDS_MAX));
    config.getNetworkConfig().getJoin().getTcpIpConfig().setConnectionTimeoutSeconds(1);
    config.getMemberAttributeConfig().setAttribute(NODE_ID, UUID.randomUUID().toString());
    return config;
  }

  private static CheckLine joined(Map<String, Integer> byRole) {
    return byRole.isEmpty()
        ? warn(
            NAME,
            "the port to be had and nobody else there",
            "the shop's other nodes, unless this is the first",
            "start them, or mend <member-list>")
        : ok(NAME, "it works; members by role: " + byRole);
  }

  /** The other members by role. */
  private static Map<String, Integer> join(Config config) throws CheckFailed {
    CompletableFuture<Map<String, Integer>> members = new CompletableFuture<>();
    Thread joining =
        new Thread(
            () -> {
              try {
                members.complete(others(config));
              } catch (RuntimeException e) { // of any kind: whoever waits must hear of it
                members.completeExceptionally(e);
              }
            },
            "check-join");
    joining.setDaemon(true);
    joining.start();
    return CheckFailed.await(members, SECONDS_MAX);
  }

  private static Map<String, Integer> others(Config config) {
    HazelcastInstance instance = Hazelcast.newHazelcastInstance(config);
    try {
      Map<String, Integer> byRole = new TreeMap<>();
      for (Member member : instance.getCluster().getMembers()) {
        if (!member.localMember()) {
          String role = member.getAttribute("role");
          byRole.merge(role == null ? "unknown" : role, 1, Integer::sum);
        }
      }
      return byRole;
    } finally {
      instance.getLifecycleService().terminate(); // it holds nothing to hand over
    }
  }
}
