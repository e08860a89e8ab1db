package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.protocol.PartitionMap;
import stampede.rig.RunningShop;
import stampede.rig.StampedeProcess;
import stampede.rig.WireHttp;

/**
 * A sale with orders, payments, cancellations and a refund; then each store is spoilt in turn,
 * found out, and put right again.
 */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReconcileIT {
  private static final int ORDERS = 24;

  @TempDir static Path directory;
  private static RunningShop shop;
  private static ShopStores stores;
  private static Map<String, String> urls;
  private static String item;
  private static int partition;
  private static final List<String> orders = new ArrayList<>();

  @BeforeAll
  static void sell() {
    shop = RunningShop.start(directory);
    urls = StoreUrls.known(shop.data(), Map.of());
    stores = new ShopStores(urls.get(StoreUrls.REDIS), urls.get(StoreUrls.MYSQL));
    item = shop.openItem(100, JsonObject.of("limitPerUser", 3, "cooldownMs", 0));
    partition = PartitionMap.partitionOfItem(Long.parseLong(item), PartitionMap.PARTITIONS_DEFAULT);
    for (int i = 0; i < ORDERS; i++) {
      orders.add(accepted("user-" + i, "k-" + i, 1 + i % 3));
      end(i);
    }
    awaitDrained();
  }

  @AfterAll
  static void stop() {
    stores.close();
    shop.close();
  }

  private static String accepted(String user, String key, int quantity) {
    WireHttp.Answer answer = shop.shake(shop.login(user), item, key, quantity);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return answer.json().getString("order");
  }

  /** Every third is paid, every fourth cancelled, and one of those paid for after all. */
  private static void end(int i) {
    String order = orders.get(i);
    if (i % 3 == 0) {
      pay(order, "p-" + i, 1 + i % 3);
    } else if (i % 4 == 0) {
      cancel(order, "user-" + i);
      pay(order, "p-" + i, 1 + i % 3);
    }
  }

  private static void awaitDrained() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> stores.number("SELECT COUNT(*) FROM sale_order") == orders.size());
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> stores.number("SELECT COUNT(*) FROM sale_order WHERE status = 'paid'") >= 8);
  }

  private static CommandRun reconcile(String... more) {
    List<String> args = new ArrayList<>(List.of("reconcile", "--data", shop.data().toString()));
    args.addAll(List.of("--reports", directory.toString()));
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private static void spoilt(String sql, String undo, String... told) {
    stores.sql(sql);
    try {
      CommandRun run = reconcile();
      assertThat(run.output()).contains(told).contains("partition " + partition + ": ");
      assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
    } finally {
      stores.sql(undo);
    }
    assertThat(reconcile().exitCode()).isZero();
  }

  @Test
  @Order(1)
  void anHonestSaleBalances() throws IOException {
    CommandRun run = reconcile();

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output())
        .contains("partition " + partition + ": log to ")
        .contains(ORDERS + " orders: balanced")
        .contains("16 partitions, " + ORDERS + " orders, balanced");
    assertThat(Files.getPosixFilePermissions(StoreUrls.file(shop.data())))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  @Order(2)
  void aDeletedOrderIsFound() {
    stores.sql("CREATE TABLE kept_order AS SELECT * FROM sale_order");

    spoilt(
        "DELETE FROM sale_order WHERE order_id = " + orders.get(5),
        "INSERT INTO sale_order SELECT * FROM kept_order WHERE order_id = " + orders.get(5),
        orders.get(5),
        "user user-5",
        "is not in MySQL",
        "1 difference (order 1)");
  }

  @Test
  @Order(3)
  void aChangedStatusIsFound() {
    spoilt(
        "UPDATE sale_order SET status = 'released' WHERE order_id = " + orders.get(3),
        "UPDATE sale_order SET status = 'paid' WHERE order_id = " + orders.get(3),
        "order " + orders.get(3) + ": status is paid in the journal, released in MySQL");
  }

  @Test
  @Order(4)
  void anInventedOrderIsFound() {
    long stranger = PartitionMap.orderId(PartitionMap.PARTITIONS_DEFAULT + 1, 1);
    String row =
        "INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price, currency,"
            + " status, accepted_at, pay_by, partition_id, position) VALUES (%d, 1, 'x', '%s', 1, 1,"
            + " 'CNY', 'held', 1, 2, %d, %d)";
    long extra = PartitionMap.orderId(partition, 1);

    spoilt(
        row.formatted(extra, "a", partition, 1),
        "DELETE FROM sale_order WHERE order_id = " + extra,
        extra + " (position 1",
        "no event of the journal accepted it");
    spoilt(
        row.formatted(stranger, "b", 99, 1),
        "DELETE FROM sale_order WHERE order_id = " + stranger,
        "sale_order " + stranger + " is of a partition above 15");
  }

  @Test
  @Order(5)
  void changedStockIsFound() {
    spoilt(
        "UPDATE item_stock SET available = available - 1, sold = sold + 1 WHERE item_id = " + item,
        "UPDATE item_stock SET available = available + 1, sold = sold - 1 WHERE item_id = " + item,
        "stock: item " + item + ": available is ");
  }

  @Test
  @Order(6)
  void aLostRefundIsFound() {
    stores.sql("CREATE TABLE kept_refund AS SELECT * FROM sale_refund");

    spoilt(
        "DELETE FROM sale_refund ORDER BY position LIMIT 1",
        "REPLACE INTO sale_refund SELECT * FROM kept_refund",
        "refund: Refund[order=",
        "late_payment",
        "is not in sale_refund");
  }

  @Test
  @Order(7)
  void aFlippedByteInTheJournalIsFound() {
    stores.flipByte(partition, 4);
    try {
      CommandRun run = reconcile();

      assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
      assertThat(run.output())
          .contains("journal: unusable after position ")
          .contains("has checksum")
          .contains("its rows were not compared");
    } finally {
      stores.flipByte(partition, 4);
    }
    assertThat(reconcile().exitCode()).isZero();
  }

  @Test
  @Order(8)
  void aShopThatSellsShowsNoDifference() throws Exception {
    Thread seller =
        new Thread(
            () -> {
              for (int i = 0; i < 40; i++) {
                shop.shake(shop.login("late-" + i), item, "late-" + i, 1);
              }
            });
    seller.start();

    while (seller.isAlive()) {
      CommandRun run = reconcile();
      assertThat(run.exitCode()).as(run.output()).isZero();
    }
    seller.join(30_000);
  }

  @Test
  @Order(9)
  void aJournalThatDoesNotNeedItIsNotRepaired() {
    CommandRun run = reconcile("--repair", Integer.toString(partition), "--yes");

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output()).contains("needs no repair");
    assertThat(reconcile("--repair", "99").exitCode()).isEqualTo(2);
  }

  @Test
  @Order(10)
  void aJournalThatRegressedIsMadeWholeAndSellsOn() throws Exception {
    moreOfEveryKind();
    awaitRows();
    stopSelling();
    try (OwnStores own = OwnStores.start(shop.data())) {
      long before = own.stores.logEntries(partition);
      refusesWhatLeavesNoRow(own, before);

      long end = own.stores.regress(partition, 12);
      CommandRun found = own.reconcile();
      assertThat(found.exitCode()).as(found.output()).isEqualTo(1);
      assertThat(found.output()).contains("but the log ends at " + end, "--repair " + partition);

      CommandRun stopped = typing("no", own);
      assertThat(stopped.exitCode()).isEqualTo(1);
      assertThat(stopped.output()).contains("not confirmed; nothing was changed");
      assertThat(own.stores.logEntries(partition)).isEqualTo(before - 12);
      assertThat(reported(stopped))
          .extracting(order -> order.getString("user"))
          .contains("fresh-1", "fresh-2", "fresh-3", "user-1", "user-5");

      CommandRun repaired = typing(Integer.toString(partition), own);
      assertThat(repaired.exitCode()).as(repaired.output()).isZero();
      assertThat(repaired.output()).contains("is whole", "balanced");
      assertThat(own.reconcile().exitCode()).isZero();
    }

    shop = RunningShop.start(directory);
    urls = StoreUrls.known(shop.data(), Map.of());
    stores.close();
    stores = new ShopStores(urls.get(StoreUrls.REDIS), urls.get(StoreUrls.MYSQL));
    WireHttp.Answer again = shop.shake(shop.login("user-23"), item, "k-23", 3);
    assertThat(again.status()).as(again.body()).isEqualTo(200);
    assertThat(again.json().getString("order")).isEqualTo(orders.get(23));
    assertThat(reconcile().exitCode()).isZero();
  }

  /** Payments and releases of old orders and of new ones, and refunds of both kinds. */
  private static void moreOfEveryKind() {
    pay(orders.get(1), "late-p-1", 2);
    pay(orders.get(1), "extra-p-1", 2);
    cancel(orders.get(5), "user-5");
    pay(orders.get(5), "late-p-5", 3);
    String fresh = accepted("fresh-1", "f-1", 3);
    pay(fresh, "fresh-p-1", 3);
    cancel(accepted("fresh-2", "f-2", 2), "fresh-2");
    accepted("fresh-3", "f-3", 1);
  }

  private static void pay(String order, String payment, int quantity) {
    WireHttp.Answer answer = shop.pay(order, payment, 100L * quantity, "CNY");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private static void cancel(String order, String user) {
    String path = "/api/v1/orders/" + order + "/cancel";
    WireHttp.Answer answer = shop.post(path, shop.login(user));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private static CommandRun typing(String line, OwnStores own) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream((line + "\n").getBytes(StandardCharsets.UTF_8)));
    try {
      return own.reconcile("--repair", Integer.toString(partition));
    } finally {
      System.setIn(before);
    }
  }

  /** The orders accepted in the part of the log that is gone, as the command listed them. */
  private static List<JsonObject> reported(CommandRun run) throws IOException {
    Matcher file = Pattern.compile("listed in (\\S+)").matcher(run.output());
    assertThat(file.find()).as(run.output()).isTrue();
    Path path = Path.of(file.group(1));
    assertThat(Files.getPosixFilePermissions(path))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    return Files.readAllLines(path).stream().map(JsonObject::new).toList();
  }

  private static void refusesWhatLeavesNoRow(OwnStores own, long entries) {
    own.stores.keep(partition);
    own.stores.regress(partition, (int) entries - 1);
    long left = own.stores.logEntries(partition);

    CommandRun refused = own.reconcile("--repair", Integer.toString(partition), "--yes");

    assertThat(refused.exitCode()).as(refused.output()).isEqualTo(1);
    assertThat(refused.output())
        .contains("can't be made again from MySQL; nothing was changed")
        .contains("item.publish by rig");
    assertThat(own.stores.logEntries(partition)).isEqualTo(left);
    own.stores.restore(partition);
    assertThat(own.stores.logEntries(partition)).isEqualTo(entries);
  }

  /** Everything sold must be in MySQL before the journal loses it. */
  private static void awaitRows() {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(reconcile().output()).contains("balanced"));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !drainedTo().equals("0") && logEnd().equals(drainedTo()));
  }

  private static String drainedTo() {
    return Long.toString(
        stores.number("SELECT position FROM drain_cursor WHERE partition_id = " + partition));
  }

  private static String logEnd() {
    String line = "partition " + partition + ": log to ";
    String output = reconcile().output();
    int from = output.indexOf(line) + line.length();
    return output.substring(from, output.indexOf(',', from));
  }

  private static void stopSelling() {
    shop.process().term();
    shop.process().awaitExit(Duration.ofSeconds(60));
    assertThat(StoreUrls.file(shop.data())).doesNotExist();
    CommandRun closed = reconcile();
    assertThat(closed.exitCode()).isEqualTo(2);
    assertThat(closed.output()).contains("STAMPEDE_REDIS_URL", "no shop that runs in");
  }

  /** The servers of a data directory without a shop, as after a restore. */
  private record OwnStores(Stores servers, ShopStores stores) implements AutoCloseable {
    static OwnStores start(Path data) {
      Stores servers = Stores.open(data, Map.of());
      return new OwnStores(servers, new ShopStores(servers.redisUrl(), servers.mysqlUrl()));
    }

    CommandRun reconcile(String... more) {
      return ReconcileIT.reconcile(more);
    }

    @Override
    public void close() {
      stores.close();
      servers.close();
    }
  }

  @Test
  @Order(11)
  void theWholeCommandRunsFromTheJar() {
    try (StampedeProcess process =
        StampedeProcess.start(Map.of(), directory, "reconcile", "--data", shop.data().toString())) {
      assertThat(process.awaitExit(Duration.ofSeconds(60))).as(process.output()).isZero();
      assertThat(process.output()).contains("balanced");
    }
  }
}
