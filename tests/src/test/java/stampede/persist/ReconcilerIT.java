package stampede.persist;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stampede.node.Alarms;
import stampede.node.Vitals;
import stampede.persist.reconcile.OrderRow;
import stampede.persist.reconcile.ReconcileConfig;
import stampede.persist.webhook.WebhookConfig;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.PartitionMap;
import stampede.protocol.ReconcileNews;

/** The reconciler of a persist node over real stores, in which somebody changes rows. */
class ReconcilerIT {
  private static final long BOUND_MS = 5_000;

  /** The default but for the sweep, which should come round in a test. */
  private static final ReconcileConfig RATES = new ReconcileConfig(10_000, 20_000, 20_000, 64);

  @TempDir static Path directory;
  @RegisterExtension static final Stores stores = new Stores(() -> directory);
  private static final Database db = stores.db;

  /** What was said last of each partition. */
  private final Map<Integer, ReconcileNews.Partition> told = new ConcurrentHashMap<>();

  private String node;
  private final Vitals vitals = new Vitals();
  private List<NaiveSale> sales = List.of();

  @BeforeEach
  void shopThatWasLookedAtForAWhile() {
    db.vertx
        .eventBus()
        .<Buffer>consumer(
            Addresses.RECONCILE_STATUS,
            message ->
                ReconcileNews.decode(message.body().getBytes())
                    .partitions()
                    .forEach(found -> told.put(found.partition(), found)));
    sales = NaiveSale.all(17);
    sales.forEach(sale -> stores.append(sale.entry(200)));
    deploy();
    awaitAllChecked();
  }

  @AfterEach
  void undeploy() {
    db.server().thaw();
    stores.undeployAll();
    vitals.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DELETE FROM sale_order WHERE order_id = %s",
        "UPDATE sale_order SET status = 'paid', paid_at = 1, payment_id = 'x' WHERE order_id = %s",
        "UPDATE sale_order SET price = price - 1 WHERE order_id = %s",
        "UPDATE sale_order SET quantity = quantity + 1 WHERE order_id = %s",
        "UPDATE sale_order SET user_id = 'mallory' WHERE order_id = %s",
        "UPDATE sale_order SET claimed_by = 'mallory', claimed_at = 1 WHERE order_id = %s",
        "UPDATE sale_order SET claim_by = COALESCE(claim_by, 0) + 1 WHERE order_id = %s"
      })
  void changedOrderIsNamedWithinFiveSeconds(String sql) {
    long order =
        db.number(
            "SELECT MIN(order_id) FROM sale_order WHERE status = 'held' AND partition_id = 2");
    long alarmsBefore = alarms();

    db.run(sql.formatted(order));

    awaitSubject(2, "order " + order);
    assertThat(alarms()).isGreaterThan(alarmsBefore);
    assertThat(figure("stampede_reconcile_differences{partition=\"2\"}")).isEqualTo(1);
    assertThat(figure("stampede_reconcile_differences{partition=\"1\"}")).isZero();
  }

  @Test
  void orderChangedWhileOthersAreDrainedIsNamedWithinFiveSeconds() {
    sales.forEach(sale -> stores.append(sale.entry(300)));
    await()
        .pollInterval(10, MILLISECONDS)
        .until(() -> db.number("SELECT COALESCE(MIN(position), 0) FROM drain_cursor") == 500);
    long order = db.number("SELECT MAX(order_id) FROM sale_order WHERE partition_id = 1");

    db.run("UPDATE sale_order SET currency = 'USD' WHERE order_id = " + order);

    awaitSubject(1, "order " + order);
  }

  @Test
  void stockThatIsOffByOneIsNamedThoughItBalances() {
    long item = db.number("SELECT MIN(item_id) FROM item_stock");
    int partition = (int) db.number("SELECT partition_id FROM sale_item WHERE item_id = " + item);

    db.run(
        "UPDATE item_stock SET available = available - 1, sold = sold + 1 WHERE item_id = " + item);

    awaitSubject(partition, "stock of item " + item);
  }

  @Test
  void rowsOfTheRehearsalAreReadAsTheyAreMadeUp() {
    MySqlBooks books = new MySqlBooks(db.link());

    List<OrderRow> rows = db.ask(done -> books.rehearse(9, done));

    assertThat(rows.stream().map(OrderRow::position).sorted())
        .isEqualTo(LongStream.rangeClosed(2, 501).boxed().toList());
    assertThat(rows)
        .contains(
            new OrderRow(
                PartitionMap.orderId(9, 77),
                (1L << 53) - 1,
                Bytes.of("user"),
                Bytes.of("key"),
                1,
                1_000_000_000_000L,
                "CNY",
                "paid",
                1_800_000_000_000L,
                1_800_000_060_000L,
                1_800_000_001_000L,
                Bytes.of("payment"),
                0,
                "",
                Bytes.EMPTY,
                "",
                0,
                0,
                Bytes.EMPTY,
                0,
                9,
                77));
  }

  @Test
  void orderThatNobodyAcceptedIsNamed() {
    db.run(
        "INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price, currency,"
            + " status, accepted_at, pay_by, partition_id, position)"
            + " VALUES (1, 1, 'x', 'k', 1, 1, 'CNY', 'held', 1, 1, 0, 1)");

    awaitSubject(0, "order 1");
  }

  @Test
  void lostRefundIsNamed() {
    long position = db.number("SELECT position FROM sale_refund WHERE partition_id = 3 LIMIT 1");

    db.run("DELETE FROM sale_refund WHERE partition_id = 3 AND position = " + position);

    awaitSubject(3, "refund at position " + position);
  }

  @Test
  void salesDrainsFrozenMySqlAndNewNodesRaiseNothing() throws InterruptedException {
    long before = alarms();
    Random random = new Random(4);
    long end = System.nanoTime() + SECONDS.toNanos(12);
    for (int round = 1; System.nanoTime() < end; round++) {
      stores.append(sales.get(random.nextInt(Stores.PARTITIONS)).entry(1 + random.nextInt(400)));
      Thread.sleep(random.nextInt(20));
      if (round % 150 == 0) {
        db.server().freeze();
        Thread.sleep(2_500);
        db.server().thaw();
      }
      if (round % 250 == 0) {
        stores.undeploy(node);
        deploy();
      }
    }

    awaitAllChecked();
    assertThat(told.values()).allSatisfy(s -> assertThat(s.differences()).isZero());
    assertThat(alarms()).isEqualTo(before);
    assertThat(figure("stampede_reconcile_rows_total")).isGreaterThan(1_000);
    await()
        .atMost(60, SECONDS)
        .until(() -> told.values().stream().allMatch(s -> s.sweepAgeMs() < 15_000));
  }

  private void awaitSubject(int partition, String subject) {
    await()
        .atMost(BOUND_MS, MILLISECONDS)
        .pollInterval(20, MILLISECONDS)
        .untilAsserted(() -> assertThat(told.get(partition).subjects()).containsExactly(subject));
  }

  /** Every row of every event so far was compared at least once. */
  private void awaitAllChecked() {
    await()
        .atMost(30, SECONDS)
        .untilAsserted(
            () -> {
              for (NaiveSale sale : sales) {
                ReconcileNews.Partition found = told.get(sale.partition());
                assertThat(found).isNotNull();
                assertThat(found.checked()).as("%s", found).isEqualTo(sale.position());
                assertThat(found.lagEvents()).isZero();
              }
            });
  }

  private static long alarms() {
    return Alarms.ofProcess().counts().getOrDefault("reconcile.differs", 0L);
  }

  private double figure(String name) {
    return Database.await(vitals.scrape())
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private void deploy() {
    PersistConfig config = stores.config("persist-1", 1_500, 1_000, WebhookConfig.OFF, RATES);
    node = stores.deploy(new PersistVerticle(config, () -> List.of("persist-1"), vitals));
  }
}
