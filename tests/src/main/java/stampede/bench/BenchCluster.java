package stampede.bench;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import stampede.bench.ProcessMeter.Watched;
import stampede.protocol.Limits;
import stampede.protocol.Rendezvous;
import stampede.rig.AdminWire;
import stampede.rig.WireHttp;
import stampede.rig.WireTokens;
import stampede.standalone.cluster.ClusterNode;
import stampede.standalone.cluster.ClusterPlan;
import stampede.standalone.cluster.LocalCluster;
import stampede.standalone.cluster.NodeRole;

/**
 * The same shop as a cluster: one edge, one sale node or more and one persist node, each a JVM of
 * its own from its fat jar, with stores like {@link BenchShop}'s.
 */
public final class BenchCluster implements AutoCloseable {
  /** What a {@link #meter} calls the process of who shakes. */
  public static final String CROWD = "the crowd";

  /** An edge that rehearses is a crowd of its own for some seconds. */
  private static final int SOCKETS_OF_REHEARSAL = 50;

  private static final long REST_MINUTES_MAX = 3;
  private static final long OWNERS_SECONDS_MAX = 60;
  private static final String BATCHES = "stampede_sale_batch_commands";

  private final Vertx vertx = Vertx.vertx();
  private final LocalCluster cluster;
  private BenchBooks books;
  private String session = "";

  /**
   * What the sale node got over the bus since it started.
   *
   * @param messages of an edge's commands
   */
  record BusLoad(double messages, double commands) {
    double commandsAMessageSince(BusLoad before) {
      return (commands - before.commands) / (messages - before.messages);
    }
  }

  /** That does not rehearse: whoever measures it warms it up. */
  BenchCluster(Path directory, int socketsMax) {
    this(directory, socketsMax, 1);
  }

  public BenchCluster(Path directory, int socketsMax, int sales) {
    this(directory, socketsMax, sales, false);
  }

  /** As a shop has it. */
  static BenchCluster rehearsed(Path directory, int socketsMax) {
    return new BenchCluster(directory, socketsMax + SOCKETS_OF_REHEARSAL, 1, true);
  }

  private BenchCluster(Path directory, int socketsMax, int sales, boolean rehearses) {
    Map<String, String> settings = new HashMap<>(System.getenv());
    settings.put("STAMPEDE_JWT_SECRET", BenchShop.SECRET);
    settings.put("STAMPEDE_ADMIN_SECRET", BenchShop.SECRET);
    settings.put("STAMPEDE_SOCKETS_MAX", Integer.toString(socketsMax));
    settings.put("STAMPEDE_REHEARSE", Boolean.toString(rehearses));
    settings.put("STAMPEDE_COOLDOWN_MS", "0");
    settings.put("STAMPEDE_LIMITS_USER_SHAKES_PER_MINUTE", "0"); // as BenchShop has it
    settings.put("STAMPEDE_LIMITS_HUMAN_GAP_MS", "0");
    settings.put("STAMPEDE_LIMITS_SHARED_KEY_CHARS", "0");
    settings.put("STAMPEDE_EVENTS_MAX", Long.toString(BenchShop.EVENTS_MAX));
    ClusterPlan plan =
        new ClusterPlan(directory, 1, sales, 1, false, false, "127.0.0.1", 0, 0, settings);
    cluster = LocalCluster.open(plan, line -> {});
    try {
      cluster.start();
      books = new BenchBooks(vertx, cluster.mysqlUrl());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Its processes as they are now, and {@link #CROWD}. */
  public ProcessMeter meter() {
    List<Watched> processes = new ArrayList<>();
    cluster.nodes().forEach(node -> processes.add(Watched.jvm(node.name(), node.pid())));
    JsonObject members = cluster.toJson();
    processes.add(Watched.store(Contender.REDIS, pid(members, "redis")));
    processes.add(Watched.store(Contender.MYSQL, pid(members, "mysql")));
    processes.add(ProcessMeter.self(CROWD));
    return new ProcessMeter(processes);
  }

  private static long pid(JsonObject members, String store) {
    return members.getJsonObject(store).getLong("pid");
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

  public int port() {
    return node(NodeRole.EDGE).httpPort();
  }

  public BenchBooks books() {
    return books;
  }

  /** Opens an item that nobody has had yet; back when it is on sale. */
  String openItem() {
    return openItem(System.currentTimeMillis() - 1_000);
  }

  /** Publishes one that opens at that time, the same for all of this cluster. */
  String openItem(long opensAt) {
    return openItems(1, opensAt).get(0);
  }

  /** The same, so many. */
  public List<String> openItems(int count) {
    return openItems(count, System.currentTimeMillis() - 1_000);
  }

  private List<String> openItems(int count, long opensAt) {
    try (AdminWire admin = operator()) {
      if (session.isEmpty()) {
        session = createSession(admin, opensAt);
      }
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        JsonObject item =
            JsonObject.of("session", session, "title", "Phone", "price", 100, "currency", "CNY")
                .put("stock", BenchShop.STOCK)
                .put("limitPerUser", Limits.QUANTITY_MAX)
                .put("cooldownMs", 0)
                .put("payWithinSeconds", 3_600);
        ids.add(admin.require("admin.item.create", item).getString("item"));
      }
      JsonObject told = admin.require("admin.session.publish", JsonObject.of("session", session));
      if (!told.getJsonArray("missing").isEmpty()) {
        throw new IllegalStateException("not on sale: " + told);
      }
      return ids;
    }
  }

  private AdminWire operator() {
    String token = WireTokens.operator(BenchShop.SECRET, "bench", "admin");
    return AdminWire.open(node(NodeRole.EDGE).managementPort(), token);
  }

  private static String createSession(AdminWire admin, long opensAt) {
    JsonObject wanted =
        JsonObject.of("title", "Bench", "opensAt", opensAt, "closesAt", opensAt + 7_200_000);
    return admin.require("admin.session.create", wanted).getString("session");
  }

  BusLoad busLoad() {
    String text =
        WireHttp.once(node(NodeRole.SALE).managementPort(), "GET", "/metrics", Map.of(), "").body();
    return new BusLoad(figure(text, BATCHES + "_count"), figure(text, BATCHES + "_sum"));
  }

  private static double figure(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Ends or starts sale nodes; back when each partition is where it then belongs. */
  public void sales(int count) {
    List<ClusterNode> all = cluster.nodes(NodeRole.SALE);
    for (int i = 0; i < all.size(); i++) {
      ClusterNode node = all.get(i);
      if (i >= count && node.process().isAlive()) {
        cluster.terminate(node.name());
      } else if (i < count && !node.process().isAlive()) {
        cluster.start(node.name());
      }
    }
    for (int i = all.size(); i < count; i++) {
      cluster.add(NodeRole.SALE);
    }
    awaitOwners(cluster.nodes(NodeRole.SALE).subList(0, count));
  }

  private void awaitOwners(List<ClusterNode> sales) {
    List<String> names = sales.stream().map(ClusterNode::name).toList();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(OWNERS_SECONDS_MAX);
    try (AdminWire admin = operator()) {
      JsonObject view = admin.require("admin.cluster", new JsonObject());
      while (!isSettled(view.getJsonArray("partitions"), names)) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("partitions are not with " + names + ": " + view);
        }
        Pause.ms(100);
        view = admin.require("admin.cluster", new JsonObject());
      }
    }
  }

  private static boolean isSettled(JsonArray partitions, List<String> names) {
    return partitions.stream()
        .map(JsonObject.class::cast)
        .allMatch(
            each ->
                Rendezvous.line(names, each.getInteger("partition"))
                        .get(0)
                        .equals(each.getString("owner"))
                    && "serving".equals(each.getString("status")));
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
