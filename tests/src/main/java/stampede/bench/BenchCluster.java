package stampede.bench;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import stampede.protocol.Limits;
import stampede.rig.AdminWire;
import stampede.rig.WireHttp;
import stampede.rig.WireTokens;
import stampede.standalone.cluster.ClusterNode;
import stampede.standalone.cluster.ClusterPlan;
import stampede.standalone.cluster.LocalCluster;
import stampede.standalone.cluster.NodeRole;

/**
 * The same shop as a cluster: one edge, one sale and one persist node, each a JVM of its own from
 * its fat jar, with stores like {@link BenchShop}'s.
 */
final class BenchCluster implements AutoCloseable {
  private static final long REST_MINUTES_MAX = 3;
  private static final String BATCHES = "stampede_sale_batch_commands";
  private static final String APPENDS = "stampede_sale_append_seconds";

  private final Vertx vertx = Vertx.vertx();
  private final LocalCluster cluster;
  private BenchBooks books;
  private String session = "";

  /**
   * What the sale node got over the bus since it started.
   *
   * @param messages of an edge's commands
   * @param appends of its owners to the journal
   * @param appendSeconds from sent to answered, of all of them together
   */
  record BusLoad(double messages, double commands, double appends, double appendSeconds) {
    BusLoad since(BusLoad before) {
      return new BusLoad(
          messages - before.messages,
          commands - before.commands,
          appends - before.appends,
          appendSeconds - before.appendSeconds);
    }

    double commandsAMessageSince(BusLoad before) {
      return (commands - before.commands) / (messages - before.messages);
    }
  }

  BenchCluster(Path directory, int socketsMax) {
    Map<String, String> settings = new HashMap<>(System.getenv());
    settings.put("STAMPEDE_JWT_SECRET", BenchShop.SECRET);
    settings.put("STAMPEDE_ADMIN_SECRET", BenchShop.SECRET);
    settings.put("STAMPEDE_SOCKETS_MAX", Integer.toString(socketsMax));
    settings.put("STAMPEDE_COOLDOWN_MS", "0");
    settings.put("STAMPEDE_LIMITS_USER_SHAKES_PER_MINUTE", "0"); // as BenchShop has it
    settings.put("STAMPEDE_LIMITS_HUMAN_GAP_MS", "0");
    settings.put("STAMPEDE_LIMITS_SHARED_KEY_CHARS", "0");
    settings.put("STAMPEDE_EVENTS_MAX", Long.toString(BenchShop.EVENTS_MAX));
    ClusterPlan plan =
        new ClusterPlan(directory, 1, 1, 1, false, false, "127.0.0.1", 0, 0, settings);
    cluster = LocalCluster.open(plan, line -> {});
    try {
      cluster.start();
      books = new BenchBooks(vertx, cluster.mysqlUrl());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Back when nothing is made in the background that only a first start makes. */
  void awaitRest() {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(REST_MINUTES_MAX);
    while (!cluster.isAtRest()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("class archives are being made for too long");
      }
      Pause.ms(200);
    }
  }

  int port() {
    return node(NodeRole.EDGE).httpPort();
  }

  int managementPort() {
    return node(NodeRole.EDGE).managementPort();
  }

  /** Of each process, by what it does. */
  Map<String, Long> pids() {
    return Map.of(
        "edge", node(NodeRole.EDGE).pid(),
        "sale", node(NodeRole.SALE).pid(),
        "persist", node(NodeRole.PERSIST).pid(),
        "redis", cluster.redis().orElseThrow().pid(),
        "mysql", cluster.mysql().orElseThrow().pid());
  }

  BenchBooks books() {
    return books;
  }

  /** Opens an item that nobody has had yet; back when it is on sale. */
  String openItem() {
    return openItem(System.currentTimeMillis() - 1_000);
  }

  /** Publishes one that opens at that time, the same for all of this cluster. */
  String openItem(long opensAt) {
    return openItem(opensAt, BenchShop.STOCK);
  }

  String openItem(long opensAt, long stock) {
    String token = WireTokens.operator(BenchShop.SECRET, "bench", "admin");
    try (AdminWire admin = AdminWire.open(node(NodeRole.EDGE).managementPort(), token)) {
      if (session.isEmpty()) {
        session = createSession(admin, opensAt);
      }
      JsonObject item =
          JsonObject.of("session", session, "title", "Phone", "price", 100, "currency", "CNY")
              .put("stock", stock)
              .put("limitPerUser", Limits.QUANTITY_MAX)
              .put("cooldownMs", 0)
              .put("payWithinSeconds", 3_600);
      String id = admin.require("admin.item.create", item).getString("item");
      JsonObject told = admin.require("admin.session.publish", JsonObject.of("session", session));
      if (!told.getJsonArray("missing").isEmpty()) {
        throw new IllegalStateException("item " + id + " is not on sale: " + told);
      }
      return id;
    }
  }

  private static String createSession(AdminWire admin, long opensAt) {
    JsonObject wanted =
        JsonObject.of("title", "Bench", "opensAt", opensAt, "closesAt", opensAt + 7_200_000);
    return admin.require("admin.session.create", wanted).getString("session");
  }

  /**
   * @param count of stops of a node's JVM for its garbage since it started
   */
  record Pauses(double count, double micros) {}

  Pauses pauses(NodeRole role) {
    String text = metrics(role);
    double seconds = figure(text, "jvm_gc_pause_seconds_sum");
    return new Pauses(figure(text, "jvm_gc_pause_seconds_count"), seconds * 1e6);
  }

  private String metrics(NodeRole role) {
    return WireHttp.once(node(role).managementPort(), "GET", "/metrics", Map.of(), "").body();
  }

  BusLoad busLoad() {
    String text = metrics(NodeRole.SALE);
    return new BusLoad(
        figure(text, BATCHES + "_count"),
        figure(text, BATCHES + "_sum"),
        figure(text, APPENDS + "_count"),
        figure(text, APPENDS + "_sum"));
  }

  private static double figure(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  void killMySql() {
    books.close();
    cluster.kill9("mysql");
  }

  /** Back when it answers. */
  void startMySql() {
    cluster.start("mysql");
    books = new BenchBooks(vertx, cluster.mysqlUrl());
  }

  private ClusterNode node(NodeRole role) {
    return cluster.nodes(role).get(0);
  }

  @Override
  public void close() {
    cluster.close();
    vertx.close().await();
  }
}
