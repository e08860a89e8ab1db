package stampede.rig.chaos;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.rig.WireTokens;
import stampede.standalone.cluster.ClusterNode;
import stampede.standalone.cluster.ClusterPlan;
import stampede.standalone.cluster.LocalCluster;
import stampede.standalone.cluster.NodeNet;
import stampede.standalone.cluster.NodeRole;

/**
 * A shop of real processes with places to break it. Every node's way to a store goes through a
 * {@link Relay}; where {@link Namespaces} can be had, every node is in one. Methods may be called
 * by any thread.
 */
final class ChaosShop implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int START_MS_MAX = 60_000;
  private static final int PUBLISH_TRIES_MAX = 10;

  private final Vertx vertx = Vertx.vertx();
  private final @Nullable Namespaces net;
  private final boolean relayed;
  private final Map<String, Relay> journals = new ConcurrentHashMap<>();
  private final Map<String, Relay> databases = new ConcurrentHashMap<>();
  private final LocalCluster cluster;

  /**
   * Nothing runs yet.
   *
   * @param net null = all on the loopback address
   * @param relayed false = nodes reach the stores straight
   */
  ChaosShop(
      Path data,
      int edges,
      int sales,
      int persists,
      @Nullable Namespaces net,
      boolean relayed,
      Consumer<String> told) {
    this.net = net;
    this.relayed = relayed;
    this.cluster = LocalCluster.open(ClusterPlan.of(data, edges, sales, persists), told, new Net());
  }

  void start() {
    cluster.start();
  }

  LocalCluster cluster() {
    return cluster;
  }

  Vertx vertx() {
    return vertx;
  }

  /** Null = none. */
  @Nullable Namespaces net() {
    return net;
  }

  boolean hasRelays() {
    return relayed;
  }

  List<String> names(NodeRole role) {
    return cluster.nodes(role).stream().map(ClusterNode::name).toList();
  }

  /** {@code host:port} of each edge, running or not. */
  List<String> edges() {
    return cluster.nodes(NodeRole.EDGE).stream().map(node -> hostPort(node.httpUrl())).toList();
  }

  List<String> managements() {
    return cluster.nodes(NodeRole.EDGE).stream()
        .map(node -> hostPort(node.managementUrl()))
        .toList();
  }

  private static String hostPort(String url) {
    URI uri = URI.create(url);
    return uri.getHost() + ":" + uri.getPort();
  }

  String shopperToken(String user) {
    return WireTokens.shopper(cluster.secret("STAMPEDE_JWT_SECRET"), user);
  }

  String signature(String id, long seconds, String body) {
    return WireTokens.webhookSignature(
        cluster.secret("STAMPEDE_PAYMENT_SECRET"), id, seconds, body);
  }

  OperatorLine operator() {
    String secret = cluster.secret("STAMPEDE_ADMIN_SECRET");
    return new OperatorLine(
        vertx, this::managements, () -> WireTokens.operator(secret, "chaos", "admin"));
  }

  /** A node's way to Redis. */
  Relay journalOf(String node) {
    Relay relay = journals.get(node);
    if (relay == null) {
      throw new IllegalArgumentException(node + " has no relay");
    }
    return relay;
  }

  /** Undoes every cut and delay. */
  void healNetwork() {
    journals.values().forEach(Relay::heal);
    databases.values().forEach(Relay::heal);
    if (net != null) {
      net.healAll();
    }
  }

  /** Publishes a session that is open at once; one offer for each of {@code items}. */
  List<SaleOffer> open(OperatorLine operator, List<JsonObject> items, long lengthMs) {
    long now = System.currentTimeMillis();
    JsonObject session =
        JsonObject.of("title", "Chaos", "opensAt", now - 1_000, "closesAt", now + lengthMs);
    String id =
        operator.require("admin.session.create", session, START_MS_MAX).getString("session");
    List<SaleOffer> offers = new ArrayList<>();
    for (JsonObject item : items) {
      JsonObject body = item.copy().put("session", id).put("currency", SaleOffer.CURRENCY);
      JsonObject made = operator.require("admin.item.create", body, START_MS_MAX);
      offers.add(
          new SaleOffer(
              made.getString("item"),
              made.getInteger("partition"),
              item.getLong("price"),
              item.getInteger("limitPerUser"),
              item.getLong("payWithinSeconds") * 1_000,
              item.getInteger("stock") < 1_000));
    }
    publish(operator, id);
    return offers;
  }

  /** An item whose owner was busy gets its next chance; one that is refused is told. */
  private static void publish(OperatorLine operator, String session) {
    for (int tries = 1; ; tries++) {
      JsonObject body = JsonObject.of("session", session);
      JsonObject told = operator.require("admin.session.publish", body, START_MS_MAX);
      if (told.getJsonArray("missing", new JsonArray()).isEmpty()) {
        return;
      }
      if (tries == PUBLISH_TRIES_MAX) {
        throw new IllegalStateException("not all items are on sale: " + told);
      }
      Pause.ms(1_000);
    }
  }

  @Override
  public void close() {
    try {
      healNetwork();
      cluster.close();
    } finally {
      if (net != null) {
        net.close();
      }
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  /** Where the cluster's nodes are. */
  private final class Net implements NodeNet {
    @Override
    public String host(String node) {
      if (net == null) {
        return ChaosShop.LOOPBACK;
      }
      if (!net.contains(node)) {
        net.add(node);
      }
      return net.address(node);
    }

    @Override
    public List<String> prefix(String node) {
      return net == null ? List.of() : net.prefix(node);
    }

    @Override
    public String redisUrl(String node, String url) {
      return relayed ? through(journals, node, url) : url;
    }

    @Override
    public String mysqlUrl(String node, String url) {
      return relayed ? through(databases, node, url) : url;
    }

    private String through(Map<String, Relay> relays, String node, String url) {
      URI store = URI.create(url);
      String near = net == null ? ChaosShop.LOOPBACK : net.hub();
      Relay relay =
          relays.computeIfAbsent(
              node, made -> new Relay(vertx, near, store.getHost(), store.getPort()));
      return url.replace(store.getHost() + ":" + store.getPort(), near + ":" + relay.port());
    }
  }

  /** Names of all nodes but one. */
  Collection<String> others(String node) {
    return cluster.nodes().stream().map(ClusterNode::name).filter(n -> !n.equals(node)).toList();
  }
}
