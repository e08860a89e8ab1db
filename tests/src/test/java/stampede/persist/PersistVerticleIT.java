package stampede.persist;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import stampede.node.Vitals;
import stampede.persist.reconcile.ReconcileConfig;
import stampede.persist.webhook.WebhookConfig;
import stampede.protocol.Addresses;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.DrainStatus.Mode;
import stampede.protocol.Rendezvous;

class PersistVerticleIT {
  @TempDir static Path directory;
  @RegisterExtension static final Stores stores = new Stores(() -> directory);
  private static final Database db = stores.db;

  /** Last status of each partition. */
  private final Map<Integer, DrainStatus> told = new ConcurrentHashMap<>();

  /** And who told it. */
  private final Map<Integer, String> tellers = new ConcurrentHashMap<>();

  /** The same by node. */
  private final Map<String, Map<Integer, DrainStatus>> toldBy = new ConcurrentHashMap<>();

  private final Map<String, Vitals> vitals = new ConcurrentHashMap<>();
  private volatile long toldAt;

  @BeforeEach
  void fresh() {
    db.vertx
        .eventBus()
        .<Buffer>consumer(
            Addresses.DRAIN_STATUS,
            message -> {
              DrainNews news = DrainNews.decode(message.body().getBytes());
              toldAt = news.at();
              for (DrainStatus status : news.drains()) {
                told.put(status.partition(), status);
                tellers.put(status.partition(), news.node());
                toldBy
                    .computeIfAbsent(news.node(), first -> new ConcurrentHashMap<>())
                    .put(status.partition(), status);
              }
            });
  }

  @AfterEach
  void undeploy() {
    db.server().thaw();
    stores.undeployAll();
  }

  @Test
  void theDatabaseIsTheFoldOfTheLog() {
    long seed = 20261122;
    List<NaiveSale> sales = NaiveSale.all(seed);
    Random random = new Random(seed);
    deploy();
    for (int round = 0; round < 40; round++) {
      NaiveSale sale = sales.get(random.nextInt(Stores.PARTITIONS));
      stores.append(sale.entry(1 + random.nextInt(round % 10 == 0 ? 900 : 40)));
    }

    assertBooksMatch(sales, seed);
    JsonObject cursor = stores.ask(JsonObject.of("op", "cursor", "partition", 0));
    await() // it is told a few times a second
        .atMost(5, SECONDS)
        .until(() -> told.get(0).position() == cursor.getLong("position"));
    assertThat(told.get(0).mode()).isEqualTo(Mode.OK);
    assertThat(System.currentTimeMillis() - toldAt).isBetween(-1_000L, 10_000L);
    assertThat(cursor.getString("batch")).isEqualTo(Long.toUnsignedString(told.get(0).batch()));
  }

  @Test
  void twoNodesOnOneLogKeepTheSameBooks() {
    long seed = 77;
    List<NaiveSale> sales = NaiveSale.all(seed);
    Random random = new Random(seed);
    String first = deploy();
    deploy();
    for (int round = 0; round < 60; round++) {
      stores.append(sales.get(random.nextInt(Stores.PARTITIONS)).entry(1 + random.nextInt(30)));
      if (round == 30) {
        stores.undeploy(first);
      }
    }

    assertBooksMatch(sales, seed);
  }

  @Test
  void frozenMySqlIsWaitedForAndNothingIsLostOrDoubled() {
    long seed = 5;
    List<NaiveSale> sales = NaiveSale.all(seed);
    deploy();
    sales.forEach(sale -> stores.append(sale.entry(50)));
    db.server().freeze();
    for (int i = 0; i < 5; i++) {
      sales.forEach(sale -> stores.append(sale.entry(50)));
    }
    await()
        .atMost(15, SECONDS)
        .until(() -> told.containsKey(0) && told.get(0).mode() == Mode.WAITING);
    await().atMost(10, SECONDS).until(() -> told.get(0).attempts() >= 2);
    long begin = System.nanoTime();
    assertThat(stores.ask(JsonObject.of("op", "item.get", "item", "1")).encode())
        .contains("catalogue_unavailable");
    assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(6_000);

    db.server().thaw();

    assertBooksMatch(sales, seed);
  }

  @Test
  void startsWhileMySqlIsAwayAndServesWhenItIsBack() {
    long seed = 6;
    List<NaiveSale> sales = NaiveSale.all(seed);
    sales.forEach(sale -> stores.append(sale.entry(50)));
    db.server().freeze();

    deploy();
    await().atMost(5, SECONDS).until(() -> told.size() == Stores.PARTITIONS);
    assertThat(told.get(1).mode()).isEqualTo(Mode.WAITING);
    assertThat(stores.ask(JsonObject.of("op", "session.list")).encode())
        .contains("catalogue_unavailable");
    db.server().thaw();

    assertBooksMatch(sales, seed);
    assertThat(stores.ask(JsonObject.of("op", "session.list")))
        .isEqualTo(JsonObject.of("sessions", new JsonArray()));
  }

  @Test
  void databaseOfALaterVersionEndsTheStart() {
    db.run("INSERT INTO schema_version VALUES (99, 'V099__later.sql', 1)");

    assertThatThrownBy(this::deploy)
        .hasStackTraceContaining(
            "schema version 99, this node knows up to " + Schema.SCRIPTS.size());
  }

  @Test
  void haltedDrainResumesWhenToldToAndTheOthersGoOn() {
    List<NaiveSale> sales = NaiveSale.all(9);
    sales.forEach(sale -> stores.append(sale.entry(20)));
    db.run(
        "INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price, currency,"
            + " status, accepted_at, pay_by, partition_id, position)"
            + " VALUES (1, 1, 'x', 'k', 1, 1, 'CNY', 'held', 1, 1, 2, 4)");
    deploy();
    await()
        .atMost(20, SECONDS)
        .until(() -> told.containsKey(2) && told.get(2).mode() == Mode.HALTED);
    assertThat(told.get(2).error())
        .startsWith("chunk_refused: chunk of positions 1 to 20 refused: ")
        .contains("Duplicate");
    assertThat(told.get(1).mode()).isEqualTo(Mode.OK);
    db.run("DELETE FROM sale_order WHERE order_id = 1");

    db.vertx.eventBus().publish(Addresses.DRAIN_RETRY, JsonObject.of("partition", 2).toBuffer());

    assertBooksMatch(sales, 9);
  }

  /**
   * Both follow every log from its first entry. A cursor of theirs moves by a chunk of their own or
   * by meeting that the other one was quicker, so two cursors at the end of a log of which each
   * event was drained once have met there.
   */
  @Test
  void twoNodesDrainingTheSameLogsMeetAndPutEveryRowInOnce() {
    long seed = 31;
    List<NaiveSale> sales = NaiveSale.all(seed);
    List<String> nodes = List.of("persist-1", "persist-2");
    nodes.forEach(node -> deploy(db.vertx, node, () -> List.of(node)));
    await().atMost(20, SECONDS).untilAsserted(() -> nodes.forEach(node -> assertTold(node, sales)));

    for (int i = 0; i < 40; i++) {
      sales.forEach(sale -> stores.append(sale.entry(100)));
    }

    assertBooksMatch(sales, seed);
    assertCursorsAtTheEnd(sales);
    await().atMost(20, SECONDS).untilAsserted(() -> nodes.forEach(node -> assertTold(node, sales)));
    assertThat(nodes.stream().mapToLong(this::drainedEvents).sum())
        .isEqualTo(sales.stream().mapToLong(NaiveSale::position).sum());
  }

  /** What a node itself said last of each partition. */
  private void assertTold(String node, List<NaiveSale> sales) {
    Map<Integer, DrainStatus> last = toldBy.getOrDefault(node, Map.of());
    assertThat(last).as(node).hasSize(Stores.PARTITIONS);
    last.forEach(
        (p, status) -> {
          assertThat(status.mode()).as("%s of partition %d", node, p).isEqualTo(Mode.OK);
          assertThat(status.position())
              .as("%s of partition %d", node, p)
              .isEqualTo(sales.get(p).position());
        });
  }

  private long drainedEvents(String node) {
    String page = Database.await(vitals.get(node).scrape());
    return page.lines()
        .filter(line -> line.startsWith("stampede_drained_events_total"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void eachPartitionIsDrainedByOneOfTwoNodesAndByTheOtherWhenThatIsGone() {
    long seed = 32;
    List<NaiveSale> sales = NaiveSale.all(seed);
    List<String> live = new CopyOnWriteArrayList<>(List.of("persist-1", "persist-2"));
    String first = deploy(db.vertx, "persist-1", () -> live);
    deploy(db.vertx, "persist-2", () -> live);
    sales.forEach(sale -> stores.append(sale.entry(50)));
    assertBooksMatch(sales, seed);
    Map<Integer, String> before = drainers(2_500);
    before.forEach(
        (p, node) -> assertThat(Rendezvous.rank(node, live, p)).as("partition %d", p).isZero());
    assertThat(before).hasSize(Stores.PARTITIONS).containsValue("persist-1");

    live.remove("persist-1");
    stores.undeploy(first);
    assertThat(Database.await(vitals.get("persist-1").ready()).body().encode())
        .contains("\"stopping\"");
    sales.forEach(sale -> stores.append(sale.entry(50)));

    assertBooksMatch(sales, seed);
    assertCursorsAtTheEnd(sales);
    assertThat(drainers(1_500).values()).containsOnly("persist-2");
  }

  @Test
  void whileTheFirstNodeIsFrozenTheNextDrainsAndItsThawDoesNoHarm() throws InterruptedException {
    long seed = 33;
    List<NaiveSale> sales = NaiveSale.all(seed);
    for (int i = 0; i < 12; i++) {
      sales.forEach(sale -> stores.append(sale.entry(400)));
    }
    Vertx frozen = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    CountDownLatch thaw = new CountDownLatch(1);
    try {
      deploy(frozen, "persist-1", () -> List.of("persist-1"));
      await()
          .pollInterval(5, MILLISECONDS)
          .until(() -> db.number("SELECT COALESCE(MAX(position), 0) FROM drain_cursor") > 0);
      frozen.runOnContext(freeze -> waitFor(thaw));
      deploy(db.vertx, "persist-2", () -> List.of("persist-2"));

      assertBooksMatch(sales, seed);
      sales.forEach(sale -> stores.append(sale.entry(50)));
      thaw.countDown();
      sales.forEach(sale -> stores.append(sale.entry(50)));

      assertBooksMatch(sales, seed);
      assertCursorsAtTheEnd(sales);
    } finally {
      thaw.countDown();
      Database.await(frozen.close());
    }
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      if (!latch.await(60, SECONDS)) {
        throw new AssertionError("nobody thawed the loop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void assertCursorsAtTheEnd(List<NaiveSale> sales) {
    for (int p = 0; p < Stores.PARTITIONS; p++) {
      Row cursor = db.row("SELECT position FROM drain_cursor WHERE partition_id = " + p);
      assertThat(cursor.getLong(0)).as("partition %d", p).isEqualTo(sales.get(p).position());
    }
  }

  /** Who speaks of each partition in the next while; fails if two do. */
  private Map<Integer, String> drainers(long ms) {
    tellers.clear();
    Map<Integer, String> drainers = new TreeMap<>();
    await()
        .during(ms, MILLISECONDS)
        .atMost(ms + 2_000, MILLISECONDS)
        .pollInterval(50, MILLISECONDS)
        .untilAsserted(
            () ->
                tellers.forEach(
                    (p, node) -> {
                      String earlier = drainers.putIfAbsent(p, node);
                      assertThat(earlier == null ? node : earlier).isEqualTo(node);
                    }));
    return drainers;
  }

  private String deploy() {
    return deploy(db.vertx, "persist-1", () -> List.of("persist-1"));
  }

  private String deploy(Vertx vertx, String node, Supplier<List<String>> members) {
    PersistConfig config =
        stores.config(
            node,
            1_500,
            1_000,
            WebhookConfig.OFF,
            ReconcileConfig.OFF); // what these tests do to the tables is an alarm to it
    vitals.put(node, new Vitals());
    PersistVerticle verticle = new PersistVerticle(config, members, vitals.get(node));
    return vertx == db.vertx
        ? stores.deploy(verticle)
        : Database.await(vertx.deployVerticle(verticle));
  }

  private static void assertBooksMatch(List<NaiveSale> sales, long seed) {
    Map<String, String> orders = new TreeMap<>();
    Map<String, String> stock = new TreeMap<>();
    List<String> refunds = new ArrayList<>();
    List<String> claims = new ArrayList<>();
    for (NaiveSale sale : sales) {
      orders.putAll(sale.orders);
      refunds.addAll(sale.refunds);
      claims.addAll(sale.claims);
      sale.stock.forEach(
          (item, units) ->
              stock.put(
                  Long.toString(item),
                  units[0] + " " + units[1] + " " + units[2] + " " + units[3]));
    }
    await()
        .atMost(30, SECONDS)
        .pollInterval(200, MILLISECONDS)
        .untilAsserted(
            () -> {
              assertThat(ordersInDatabase()).as("seed %d", seed).isEqualTo(orders);
              assertThat(stockInDatabase()).as("seed %d", seed).isEqualTo(stock);
              assertThat(refundsInDatabase())
                  .as("seed %d", seed)
                  .containsExactlyInAnyOrderElementsOf(refunds);
              assertThat(claimsInDatabase())
                  .as("seed %d", seed)
                  .containsExactlyInAnyOrderElementsOf(claims);
            });
  }

  private static Map<String, String> ordersInDatabase() {
    Map<String, String> orders = new TreeMap<>();
    for (Row row :
        db.run(
            "SELECT CAST(order_id AS CHAR), item_id, user_id, quantity, CAST(status AS CHAR),"
                + " COALESCE(payment_id, ''), COALESCE(release_reason, ''),"
                + " COALESCE(refund_payment_id, ''), price, COALESCE(claimed_by, '') FROM sale_order")) {
      assertThat(row.getLong(8)).isEqualTo(row.getLong(1));
      orders.put(
          row.getString(0),
          String.join(
              " ",
              Long.toString(row.getLong(1)),
              text(row, 2),
              Integer.toString(row.getInteger(3)),
              row.getString(4),
              text(row, 5),
              row.getString(6),
              text(row, 7),
              text(row, 9)));
    }
    return orders;
  }

  private static Map<String, String> stockInDatabase() {
    Map<String, String> stock = new TreeMap<>();
    for (Row row : db.run("SELECT item_id, available, held, sold, stock FROM item_stock")) {
      stock.put(
          Long.toString(row.getLong(0)),
          row.getLong(1) + " " + row.getLong(2) + " " + row.getLong(3) + " " + row.getLong(4));
    }
    return stock;
  }

  private static List<String> refundsInDatabase() {
    List<String> refunds = new ArrayList<>();
    for (Row row : db.run("SELECT CAST(order_id AS CHAR), payment_id FROM sale_refund")) {
      refunds.add(row.getString(0) + " " + text(row, 1));
    }
    return refunds;
  }

  private static List<String> claimsInDatabase() {
    List<String> claims = new ArrayList<>();
    for (Row row : db.run("SELECT CAST(order_id AS CHAR), claimed_by, position FROM sale_claim")) {
      claims.add(row.getString(0) + " " + text(row, 1) + " " + row.getLong(2));
    }
    return claims;
  }

  private static String text(Row row, int column) {
    return row.getBuffer(column).toString(StandardCharsets.UTF_8);
  }
}
