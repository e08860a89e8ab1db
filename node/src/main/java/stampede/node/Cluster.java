package stampede.node;

import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.FileSystemXmlConfig;
import com.hazelcast.config.InvalidConfigurationException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This node's membership in the shop's cluster. Thread-safe. */
public final class Cluster {
  private static final String BUS_PORT = "stampede.bus.port";
  private static final String ROLE = "role";
  private static final String NAME = "name";
  private static final String PID = "pid";
  private static final String PARTITIONS = "partitions";

  /** What is left when all others are frozen: then leaving gracefully is not to be had. */
  private static final String LEAVE_SECONDS_MAX = "4";

  /** A live node; {@code address} is its cluster address, host:port. */
  public record Node(String name, String role, long pid, String address) {}

  private final HazelcastClusterManager manager;
  private final Vertx vertx;

  private Cluster(HazelcastClusterManager manager, Vertx vertx) {
    this.manager = manager;
    this.vertx = vertx;
  }

  /**
   * Joins. The future fails with {@link ConfigFault} if a live node has another number of
   * partitions: it would send an item's shakes to another owner than this one does.
   *
   * @param file Hazelcast XML; there is no default to fall back to
   * @param role {@code edge}, {@code sale} or {@code persist}
   * @throws ConfigFault if the file is missing or wrong
   */
  public static Future<Cluster> join(Path file, String role, String name, int partitions) {
    Config config = load(file);
    config
        .getMemberAttributeConfig()
        .setAttribute(ROLE, role)
        .setAttribute(NAME, name)
        .setAttribute(PID, Long.toString(ProcessHandle.current().pid()))
        .setAttribute(PARTITIONS, Integer.toString(partitions));
    config.setInstanceName("stampede-" + role + "-" + name);
    // The order of a stop is the node's, whatever the file says: last of all, and in bounded time.
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.setProperty("hazelcast.graceful.shutdown.max.wait", LEAVE_SECONDS_MAX);
    HazelcastClusterManager manager = new HazelcastClusterManager(config);
    return Vertx.builder()
        .with(options(config))
        .withClusterManager((ClusterManager) manager)
        .buildClustered()
        .onSuccess(vertx -> Presence.keep(manager, vertx))
        .map(vertx -> new Cluster(manager, vertx))
        .compose(cluster -> cluster.agree(partitions));
  }

  private Future<Cluster> agree(int partitions) {
    for (Member member : manager.getHazelcastInstance().getCluster().getMembers()) {
      String theirs = member.getAttribute(PARTITIONS);
      if (theirs != null && Integer.parseInt(theirs) != partitions) {
        ConfigFault fault =
            new ConfigFault(
                "setting \"partitions\" is "
                    + partitions
                    + ", but "
                    + theirs
                    + " on node "
                    + member.getAttribute(NAME)
                    + "; it must be the same on every node of a cluster");
        return vertx.close().transform(closed -> Future.failedFuture(fault));
      }
    }
    return Future.succeededFuture(this);
  }

  public Vertx vertx() {
    return vertx;
  }

  /** Names of the members with {@code role}, in no order. */
  public List<String> names(String role) {
    return nodes().stream().filter(node -> node.role().equals(role)).map(Node::name).toList();
  }

  /** All live nodes as this one sees them, itself among them, in no order. */
  public List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    for (Member member : manager.getHazelcastInstance().getCluster().getMembers()) {
      String pid = member.getAttribute(PID);
      if (member.getAttribute(ROLE) != null && member.getAttribute(NAME) != null && pid != null) {
        nodes.add(
            new Node(
                member.getAttribute(NAME),
                member.getAttribute(ROLE),
                Long.parseLong(pid),
                member.getAddress().getHost() + ":" + member.getAddress().getPort()));
      }
    }
    return nodes;
  }

  private static VertxOptions options(Config config) {
    return new VertxOptions()
        .setPreferNativeTransport(true)
        .setEventBusOptions(eventBus(busPort(config)));
  }

  private static EventBusOptions eventBus(int port) {
    return new EventBusOptions()
        .setPort(port)
        .setConnectTimeout(1_000)
        .setClusterPingInterval(1_000)
        .setClusterPingReplyInterval(1_000);
  }

  /** Whether this node is a member, and how many others of each role it sees. */
  public Finding finding() {
    boolean joined = manager.getHazelcastInstance().getLifecycleService().isRunning();
    if (!joined) {
      return Finding.down("this node has left the cluster");
    }
    JsonObject byRole = new JsonObject();
    for (Node node : nodes()) {
      byRole.put(node.role(), byRole.getInteger(node.role(), 0) + 1);
    }
    return Finding.up(JsonObject.of("members", byRole));
  }

  private static int busPort(Config config) {
    String text = config.getProperties().getProperty(BUS_PORT, "0");
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
      throw new ConfigFault(
          "property \"" + BUS_PORT + "\" of the clusterConfig is " + text + "; must be 0 to 65535");
    }
    return Integer.parseInt(text);
  }

  private static Config load(Path file) {
    if (!Files.isReadable(file)) {
      throw new ConfigFault(
          "setting \"clusterConfig\" is "
              + file.toAbsolutePath()
              + ", which can't be read; give the shop's cluster.xml");
    }
    try {
      return new FileSystemXmlConfig(file.toFile());
    } catch (FileNotFoundException | InvalidConfigurationException e) {
      throw new ConfigFault(
          "setting \"clusterConfig\": "
              + file
              + " is not a Hazelcast configuration: "
              + e.getMessage());
    }
  }
}
