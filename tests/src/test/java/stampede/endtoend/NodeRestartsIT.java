package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.AdminWire;
import stampede.rig.WireHttp;
import stampede.rig.WireSocket;
import stampede.rig.WireTokens;
import stampede.standalone.cluster.ClusterNode;
import stampede.standalone.cluster.ClusterPlan;
import stampede.standalone.cluster.LocalCluster;

/** Four JVMs; each in turn is told to stop and started again while shoppers go on shaking. */
@Timeout(300)
class NodeRestartsIT {
  private static final Duration START_BOUND = Duration.ofSeconds(60);
  private static final Duration STOP_BOUND = Duration.ofSeconds(20);
  private static final Duration FROZEN = Duration.ofSeconds(7);
  private static final int USERS = 4;
  private static final int ITEMS = 6;
  private static final int STOCK = 5_000;

  @TempDir Path data;
  private LocalCluster cluster;

  @BeforeEach
  void start() {
    cluster = LocalCluster.open(ClusterPlan.of(data, 1, 2, 1), told -> {});
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
        SteadyShoppers.start(edge().httpPort(), secret("STAMPEDE_JWT_SECRET"), USERS, items)) {
      List<String> report = new ArrayList<>();
      for (String node : List.of("sale-1", "sale-2", "persist-1")) {
        awaitProgress(shoppers);
        report.add(restart(node, shoppers));
      }
      awaitProgress(shoppers);
      report.add(freeze("sale-1", shoppers));
      shoppers.finish();
      System.out.println(String.join("\n", report));

      assertThat(shoppers.failures()).as(String.join("\n", report)).isEmpty();
      expectBooks(shoppers, items);
      expectOrderlyStopOfTheEdge(shoppers);
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
    return name
        + ": stopped in "
        + stoppedMs
        + " ms, "
        + (shoppers.answered() - before)
        + " answers meanwhile, the slowest after "
        + shoppers.slowestMs()
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
    return name
        + ": frozen, "
        + (shoppers.answered() - before)
        + " answers meanwhile, the slowest after "
        + shoppers.slowestMs()
        + " ms";
  }

  private void expectOrderlyStopOfTheEdge(SteadyShoppers shoppers) {
    stopInOrder("edge-1");
    for (WireSocket socket : shoppers.sockets()) {
      assertThat(socket.awaitClose(STOP_BOUND.toMillis())).isEqualTo(1012);
      assertThat(socket.closeReason()).matches("retryAfterMs=[0-9]+");
    }
    assertThat(shoppers.sockets().stream().map(WireSocket::closeReason).distinct())
        .as("not all at the same moment")
        .hasSizeGreaterThan(1);
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
  }

  private void stopInOrder(String name) {
    int before = log(name).length();
    long beganNanos = System.nanoTime();
    int code = cluster.terminate(name);
    String said = log(name).substring(before);
    assertThat(said).contains("stopped in order");
    assertThat(code).as(said).isZero();
    assertThat(Duration.ofNanos(System.nanoTime() - beganNanos)).isLessThan(STOP_BOUND);
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

  private String secret(String name) {
    return cluster.secret(name);
  }

  /** The edge knows a serving owner of every partition. */
  private void awaitReady() {
    await().atMost(START_BOUND).until(this::isReady);
  }

  private boolean isReady() {
    return WireHttp.once(edge().managementPort(), "GET", "/health/ready", Map.of(), "").status()
        == 200;
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
