package stampede.endtoend;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.AdminWire;
import stampede.rig.WireHttp;
import stampede.rig.WireTokens;
import stampede.standalone.cluster.ClusterNode;
import stampede.standalone.cluster.ClusterPlan;
import stampede.standalone.cluster.LocalCluster;
import stampede.standalone.cluster.NodeRole;

/** Five JVMs; each kind in turn is told to stop and started again while shoppers go on shaking. */
@Timeout(300)
class NodeRestartsIT {
  private static final Duration START_BOUND = Duration.ofSeconds(60);
  private static final Duration STOP_BOUND = Duration.ofSeconds(20);
  private static final Duration FROZEN = Duration.ofSeconds(7);

  /**
   * From a key's first shake to its answer, whatever is stopped or frozen: an edge that stops sends
   * its shoppers away for up to 5 s, an owner's lease ends after 1.5 s; the rest is for a machine
   * that does other things too.
   */
  private static final long ANSWER_MS_MAX = 10_000;

  private static final int USERS = 4;
  private static final int ITEMS = 6;
  private static final int STOCK = 5_000;

  @TempDir Path data;
  private LocalCluster cluster;

  @BeforeEach
  void start() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("STAMPEDE_REHEARSE", "false"); // nine starts, and two processors for them
    ClusterPlan plan = new ClusterPlan(data, 2, 2, 1, true, false, "127.0.0.1", 0, 0, environment);
    cluster = LocalCluster.open(plan, told -> {});
    cluster.start();
    awaitReady();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void nodesAreRestartedOneByOneAndNoCommandFails() {
    List<String> items = openItems();
    try (SteadyShoppers shoppers =
        SteadyShoppers.start(edgePorts(), secret("STAMPEDE_JWT_SECRET"), USERS, items)) {
      List<String> report = new ArrayList<>();
      for (String node : List.of("sale-1", "sale-2", "persist-1")) {
        awaitProgress(shoppers);
        report.add(restart(node, shoppers));
        assertThat(shoppers.closes()).isEmpty();
      }
      awaitProgress(shoppers);
      report.add(restart("edge-1", shoppers));
      expectSentAway(shoppers);
      awaitProgress(shoppers);
      report.add(freeze("sale-1", shoppers));
      shoppers.finish();
      System.out.println(String.join("\n", report));

      assertThat(shoppers.failures()).as(String.join("\n", report)).isEmpty();
      expectBooks(shoppers, items);
    }
  }

  /** Told to stop with SIGTERM; ends in order, and serves again. */
  private String restart(String name, SteadyShoppers shoppers) {
    int before = shoppers.answered();
    shoppers.slowestMs();
    long beganNanos = System.nanoTime();
    stopInOrder(name);
    long stoppedMs = (System.nanoTime() - beganNanos) / 1_000_000;
    cluster.start(name);
    awaitReady();
    awaitProgress(shoppers);
    long slowestMs = shoppers.slowestMs();
    assertThat(slowestMs).as(name + " stopped").isLessThan(ANSWER_MS_MAX);
    return name
        + ": stopped in "
        + stoppedMs
        + " ms, "
        + (shoppers.answered() - before)
        + " answers meanwhile, the slowest after "
        + slowestMs
        + " ms";
  }

  /**
   * Frozen for longer than a member is waited for: the other one sells on, and so does the edge.
   */
  private String freeze(String name, SteadyShoppers shoppers) {
    int before = shoppers.answered();
    shoppers.slowestMs();
    cluster.stop(name);
    await().pollDelay(FROZEN).atMost(FROZEN.multipliedBy(4)).until(this::isReady);
    awaitProgress(shoppers);
    cluster.cont(name);
    awaitProgress(shoppers);
    long slowestMs = shoppers.slowestMs();
    assertThat(slowestMs).as(name + " frozen").isLessThan(ANSWER_MS_MAX);
    return name
        + ": frozen, "
        + (shoppers.answered() - before)
        + " answers meanwhile, the slowest after "
        + slowestMs
        + " ms";
  }

  /** Each shopper once, and not all back at the same moment. */
  private static void expectSentAway(SteadyShoppers shoppers) {
    assertThat(shoppers.closes())
        .hasSize(USERS)
        .allMatch(close -> close.matches("1012 retryAfterMs=[0-9]+"));
    assertThat(new HashSet<>(shoppers.closes())).hasSizeGreaterThan(1);
  }

  /** Every accepted order is in MySQL, nothing else is, and the stock is accounted for. */
  private void expectBooks(SteadyShoppers shoppers, List<String> items) {
    try (ShopBooks books = new ShopBooks(cluster.mysqlUrl())) {
      await()
          .atMost(START_BOUND)
          .untilAsserted(
              () ->
                  assertThat(books.column("SELECT order_id FROM sale_order"))
                      .containsExactlyInAnyOrderElementsOf(shoppers.accepted().values()));
      assertThat(new HashSet<>(shoppers.accepted().values())).hasSize(shoppers.accepted().size());
      assertThat(books.column("SELECT available + held + sold FROM item_stock"))
          .hasSize(items.size())
          .containsOnly(Integer.toString(STOCK));
      assertThat(books.column("SELECT SUM(held) FROM item_stock"))
          .containsExactly(Integer.toString(shoppers.accepted().size()));
    }
  }

  private static void awaitProgress(SteadyShoppers shoppers) {
    int before = shoppers.answered();
    await()
        .atMost(START_BOUND)
        .until(() -> shoppers.answered() > before + 100 || !shoppers.failures().isEmpty());
    assertThat(shoppers.failures()).isEmpty();
  }

  /**
   * Between the signal and its end it says that it is not ready, and why: one whose loops have left
   * already is not ready either. Others than sale nodes, which hand over, may have ended before
   * anybody can ask.
   */
  private void stopInOrder(String name) {
    int before = log(name).length();
    try (WireHttp health = new WireHttp(cluster.node(name).managementPort())) {
      assertThat(readiness(health).status()).as(name).isEqualTo(200);
      long beganNanos = System.nanoTime();
      CompletableFuture<Integer> stopped =
          CompletableFuture.supplyAsync(() -> cluster.terminate(name));
      await()
          .atMost(STOP_BOUND)
          .pollInterval(2, MILLISECONDS)
          .until(() -> saysThatItStops(health) || !name.startsWith("sale") && stopped.isDone());
      int code = stopped.join();
      String said = log(name).substring(before);
      assertThat(said).contains("stopped in order");
      assertThat(code).as(said).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - beganNanos)).isLessThan(STOP_BOUND);
    }
  }

  private static WireHttp.Answer readiness(WireHttp health) {
    return health.send("GET", "/health/ready", Map.of(), "");
  }

  private static boolean saysThatItStops(WireHttp health) {
    try {
      WireHttp.Answer readiness = readiness(health);
      return readiness.status() == 503 && readiness.body().contains("\"stopping\"");
    } catch (AssertionError closed) {
      return false;
    }
  }

  private String log(String name) {
    try {
      return Files.readString(cluster.node(name).log());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private ClusterNode edge() {
    return cluster.node("edge-1");
  }

  private List<Integer> edgePorts() {
    return cluster.nodes(NodeRole.EDGE).stream().map(ClusterNode::httpPort).toList();
  }

  private String secret(String name) {
    return cluster.secret(name);
  }

  /** The edges know a serving owner of every partition. */
  private void awaitReady() {
    await().atMost(START_BOUND).until(this::isReady);
  }

  private boolean isReady() {
    return cluster.nodes(NodeRole.EDGE).stream()
        .map(each -> WireHttp.once(each.managementPort(), "GET", "/health/ready", Map.of(), ""))
        .allMatch(answer -> answer.status() == 200);
  }

  private List<String> openItems() {
    long now = System.currentTimeMillis();
    List<String> items = new ArrayList<>();
    String token = WireTokens.operator(secret("STAMPEDE_ADMIN_SECRET"), "rig", "admin");
    try (AdminWire admin = AdminWire.open(edge().managementPort(), token)) {
      JsonObject session =
          JsonObject.of("title", "Rig", "opensAt", now - 1_000, "closesAt", now + 3_600_000);
      String id = admin.require("admin.session.create", session).getString("session");
      for (int i = 0; i < ITEMS; i++) {
        JsonObject item =
            JsonObject.of("session", id, "title", "Phone", "price", 100, "currency", "CNY")
                .put("stock", STOCK)
                .put("limitPerUser", 1_000)
                .put("cooldownMs", 0)
                .put("payWithinSeconds", 3_600);
        items.add(admin.require("admin.item.create", item).getString("item"));
      }
      admin.require("admin.session.publish", JsonObject.of("session", id));
    }
    return items;
  }
}
