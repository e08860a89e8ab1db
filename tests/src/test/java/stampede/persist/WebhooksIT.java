package stampede.persist;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import stampede.node.Vitals;
import stampede.persist.reconcile.ReconcileConfig;
import stampede.persist.webhook.WebhookConfig;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;

/** The shop hears of its orders, whatever it, the database and the nodes do meanwhile. */
class WebhooksIT {
  @TempDir static Path directory;
  @RegisterExtension static final Stores stores = new Stores(() -> directory);
  private static final Database db = stores.db;

  /** What the shop must hear: id → type and order. */
  private final Map<String, String> due = new LinkedHashMap<>();

  private ShopEnd shop;

  @BeforeEach
  void fresh() {
    shop = new ShopEnd();
  }

  @AfterEach
  void undeploy() {
    stores.undeployAll();
    shop.close();
  }

  @Test
  void flappingShopHearsOfEveryTurnOfEveryOrderInItsOrder() {
    long seed = 20261128;
    Random random = new Random(seed);
    List<NaiveSale> sales = NaiveSale.all(seed);
    deploy("persist-1", shop.url());
    for (int round = 0; round < 40; round++) {
      shop.mood(ShopEnd.Mood.values()[random.nextInt(ShopEnd.Mood.values().length)]);
      for (NaiveSale sale : sales) {
        append(sale.entry(1 + random.nextInt(12)));
      }
      pause(50 + random.nextInt(200));
    }
    shop.mood(ShopEnd.Mood.TAKES);

    awaitAllHeard(seed);
    expectTold();
  }

  @Test
  void stoppedAndReplacedNodesLoseNothing() {
    long seed = 12;
    Random random = new Random(seed);
    List<NaiveSale> sales = NaiveSale.all(seed);
    shop.mood(ShopEnd.Mood.SLOW);
    for (int round = 0; round < 4; round++) {
      String node = deploy("persist-" + round, shop.url());
      sales.forEach(sale -> append(sale.entry(40)));
      pause(300 + random.nextInt(500));
      stores.undeploy(node);
    }
    int heard = shop.messages().size();
    deploy("persist-1", shop.url());

    awaitAllHeard(seed);
    assertThat(heard).isPositive().isLessThan(due.size());
    expectTold();
  }

  @Test
  void twoNodesShareThePartitionsAndSendNothingTwice() {
    List<NaiveSale> sales = NaiveSale.all(3);
    List<String> members = List.of("persist-1", "persist-2");
    // An answer that comes too late is a message sent twice: nobody is to be late here.
    WebhookConfig patient =
        new WebhookConfig(shop.url(), ShopEnd.SECRET, 8, 10_000, 400, 10_000, 48);
    deploy("persist-1", members, patient);
    deploy("persist-2", members, patient);
    pause(1_500);
    for (int round = 0; round < 10; round++) {
      sales.forEach(sale -> append(sale.entry(20)));
      pause(100);
    }

    awaitAllHeard(3);
    expectTold();
    assertThat(shop.requests()).isEqualTo(due.size());
  }

  @Test
  void drainReachesItsEndWhileNobodyListens() {
    expectDrainToEndWithoutTheShop(ShopEnd.Mood.REFUSES);
  }

  @Test
  void drainReachesItsEndWhileTheShopFails() {
    expectDrainToEndWithoutTheShop(ShopEnd.Mood.FAILS);
  }

  private void expectDrainToEndWithoutTheShop(ShopEnd.Mood mood) {
    shop.mood(mood);
    List<NaiveSale> sales = NaiveSale.all(5);
    deploy("persist-1", shop.url());
    for (int i = 0; i < 10; i++) {
      sales.forEach(sale -> append(sale.entry(500)));
    }
    for (int p = 0; p < Stores.PARTITIONS; p++) {
      String cursor =
          "SELECT COALESCE(MAX(position), 0) FROM drain_cursor WHERE partition_id = " + p;
      long end = sales.get(p).position();
      await().atMost(60, SECONDS).until(() -> db.number(cursor) == end);
    }

    assertThat(shop.messages()).isEmpty();
    assertThat(shop.requests()).isLessThan(100);
    assertThat(db.number("SELECT COUNT(*) FROM webhook_outbox")).isEqualTo(due.size());
    JsonObject seen = stores.ask(JsonObject.of("op", "webhooks"));
    assertThat(seen.getLong("pending")).isEqualTo(due.size());
    assertThat(seen.getLong("oldestAgeMs")).isPositive();
    shop.mood(ShopEnd.Mood.TAKES);
    awaitAllHeard(5);
    expectTold();
  }

  @Test
  void itemIsToldToBeSoldOutOnceEachTimeNothingIsLeft() {
    SaleItem item =
        new SaleItem(1001, 1, "t", 5, 5, "CNY", 1, 2, 2, 9, 60_000, 0, 1_000_000, List.of());
    deploy("persist-1", shop.url());
    append(
        entry(
            1,
            new SaleEvent.ItemPublished(item, new Warrant("ann", "", Bytes.EMPTY, true), 1),
            accepted("u1", 2),
            accepted("u2", 3)));
    awaitHeard("0-3-sold_out");
    append(entry(4, new SaleEvent.Paid(order(2), 1001, 1, Bytes.of("p"), 4)));
    append(entry(5, new SaleEvent.Released(order(3), 1001, 1, SaleEvent.ReleaseReason.EXPIRED, 5)));
    awaitHeard("0-5");
    append(entry(6, accepted("u3", 6)));
    awaitHeard("0-6-sold_out");

    assertThat(shop.messages().keySet())
        .containsExactlyInAnyOrder(
            "0-2", "0-3", "0-3-sold_out", "0-4", "0-5", "0-6", "0-6-sold_out");
    JsonObject soldOut = shop.messages().get("0-6-sold_out");
    assertThat(soldOut.getString("type")).isEqualTo("item.sold_out");
    assertThat(soldOut.getJsonObject("data")).isEqualTo(JsonObject.of("item", "1001", "at", 6));
    JsonObject paid = shop.messages().get("0-4");
    assertThat(paid.getString("type")).isEqualTo("order.paid");
    assertThat(paid.getString("timestamp")).isEqualTo("1970-01-01T00:00:00.004Z");
    assertThat(paid.getJsonObject("data"))
        .isEqualTo(
            JsonObject.of("order", "2", "item", "1001", "user", "u1", "key", "k")
                .put("quantity", 1)
                .put("price", 5)
                .put("amount", 5)
                .put("currency", "CNY")
                .put("acceptedAt", 2)
                .put("payBy", 102)
                .put("payment", "p")
                .put("at", 4));
  }

  @Test
  void messagesNameWhoClaimedFromTheClaimOn() {
    SaleItem item =
        new SaleItem(
            1001, 1, "t", 5, 5, "CNY", 1, 2, 9, 9, 60_000, 0, 1_000_000, List.of(), 0, 0, 1_000);
    Warrant warrant = new Warrant("ann", "", Bytes.EMPTY, true);
    append(
        entry(
            1,
            new SaleEvent.ItemPublished(item, warrant, 1),
            accepted("device:1", 2),
            new SaleEvent.Claimed(order(2), 1001, 1, Bytes.of("u1"), 3),
            new SaleEvent.Paid(order(2), 1001, 1, Bytes.of("p"), 4)));
    deploy("persist-1", shop.url());
    awaitHeard("0-4");

    assertThat(shop.messages().keySet()).containsExactlyInAnyOrder("0-2", "0-3", "0-4");
    assertThat(shop.messages().get("0-3").getString("type")).isEqualTo("order.claimed");
    for (JsonObject message : shop.messages().values()) {
      JsonObject data = message.getJsonObject("data");
      boolean accepted = message.getString("type").equals("order.accepted");
      assertThat(data.getString("user")).isEqualTo("device:1");
      assertThat(data.getLong("claimBy")).isEqualTo(1_002);
      assertThat(data.getString("claimedBy")).isEqualTo(accepted ? null : "u1");
    }
  }

  @Test
  void nothingIsWrittenForAShopThatIsToldNothing() {
    List<NaiveSale> sales = NaiveSale.all(8);
    deploy("persist-1", "");
    sales.forEach(sale -> append(sale.entry(200)));
    String drained = "SELECT COALESCE(SUM(position), 0) FROM drain_cursor";
    await().atMost(20, SECONDS).until(() -> db.number(drained) == 4 * 200);

    assertThat(db.number("SELECT COUNT(*) FROM webhook_outbox")).isZero();
    assertThat(stores.ask(JsonObject.of("op", "webhooks")).getBoolean("on")).isFalse();
  }

  @Test
  void parkedMessagesAreSeenAndGoOutWhenAnOperatorSaysSo() {
    shop.mood(ShopEnd.Mood.FAILS);
    WebhookConfig impatient = new WebhookConfig(shop.url(), ShopEnd.SECRET, 4, 500, 100, 2, 48);
    deploy("persist-1", List.of("persist-1"), impatient);
    append(NaiveSale.all(4).get(0).entry(5));
    await()
        .atMost(20, SECONDS)
        .until(() -> stores.ask(JsonObject.of("op", "webhooks")).getLong("parked") == due.size());
    JsonObject seen = stores.ask(JsonObject.of("op", "webhooks"));
    assertThat(seen.getLong("pending")).isZero();
    assertThat(seen.getString("lastError")).isEqualTo("status 500");
    assertThat(seen.getJsonArray("first").getJsonObject(0).getString("type")).isNotEmpty();
    shop.mood(ShopEnd.Mood.TAKES);

    JsonObject retried =
        stores.ask(JsonObject.of("op", "webhooks.retry", "by", "ann", "reason", "mended"));
    db.vertx.eventBus().publish(Addresses.WEBHOOK_RETRY, Buffer.buffer());

    assertThat(retried.getInteger("retried")).isEqualTo(due.size());
    awaitAllHeard(4);
    assertThat(
            db.row("SELECT operator FROM admin_audit WHERE action = 'webhooks.retry'").getString(0))
        .isEqualTo("ann");
  }

  @Test
  void redirectsAreNotFollowed() {
    shop.mood(ShopEnd.Mood.REDIRECTS);
    deploy("persist-1", shop.url());
    append(NaiveSale.all(6).get(0).entry(5));

    awaitError("status 307");

    assertThat(shop.faults()).isEmpty(); // nobody asked elsewhere
  }

  @Test
  void aCertificateNobodyVouchesForIsRefused() throws Exception {
    Path store = directory.resolve("key.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit",
                "-keyalg",
                "RSA",
                "-dname",
                "CN=127.0.0.1")
            .start();
    assertThat(keytool.waitFor(30, SECONDS)).isTrue();
    List<String> requests = new ArrayList<>();
    PfxOptions key = new PfxOptions().setPath(store.toString()).setPassword("changeit");
    HttpServer server =
        Database.await(
            db.vertx
                .createHttpServer(new HttpServerOptions().setSsl(true).setKeyCertOptions(key))
                .requestHandler(
                    request -> {
                      requests.add(request.path());
                      request.response().end();
                    })
                .listen(0, "127.0.0.1"));
    try {
      deploy("persist-1", "https://127.0.0.1:" + server.actualPort() + "/");
      append(NaiveSale.all(6).get(0).entry(5));

      awaitError("TLS failed, or the certificate is not good");

      assertThat(requests).isEmpty();
    } finally {
      Database.await(server.close());
    }
  }

  private static void awaitError(String error) {
    await()
        .atMost(20, SECONDS)
        .untilAsserted(
            () ->
                assertThat(stores.ask(JsonObject.of("op", "webhooks")).getString("lastError"))
                    .isEqualTo(error));
  }

  private void awaitHeard(String id) {
    await()
        .atMost(20, SECONDS)
        .pollInterval(20, MILLISECONDS)
        .until(() -> shop.messages().containsKey(id));
  }

  private void awaitAllHeard(long seed) {
    await()
        .atMost(90, SECONDS)
        .pollInterval(200, MILLISECONDS)
        .untilAsserted(
            () ->
                assertThat(shop.messages().keySet())
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(due.keySet()));
    await().atMost(10, SECONDS).until(() -> db.number("SELECT COUNT(*) FROM webhook_outbox") == 0);
  }

  /** Signed, of the right kind, in the order of each order. */
  private void expectTold() {
    Map<String, Long> last = new HashMap<>();
    shop.messages()
        .forEach(
            (id, message) -> {
              String order = message.getJsonObject("data").getString("order");
              assertThat(message.getString("type") + " " + order).as(id).isEqualTo(due.get(id));
              long position = Long.parseLong(id.substring(id.indexOf('-') + 1));
              Long before = last.put(order, position);
              assertThat(before == null || before < position).as("%s of %s", id, order).isTrue();
            });
    assertThat(shop.faults()).isEmpty();
  }

  private String deploy(String node, String url) {
    return deploy(
        node, List.of(node), new WebhookConfig(url, ShopEnd.SECRET, 8, 500, 400, 10_000, 48));
  }

  private String deploy(String node, List<String> members, WebhookConfig webhook) {
    PersistConfig config = stores.config(node, 10_000, 5_000, webhook, ReconcileConfig.OFF);
    return stores.deploy(new PersistVerticle(config, () -> members, new Vitals()));
  }

  private static JournalEntry entry(long first, SaleEvent... events) {
    return JournalEntry.of(0, 1, first, 7_000 + first, List.of(events));
  }

  private static SaleEvent accepted(String user, long at) {
    return new SaleEvent.Accepted(1001, Bytes.of(user), Bytes.of("k"), 1, at + 100, at);
  }

  private static long order(long position) {
    return PartitionMap.orderId(0, position);
  }

  private void append(JournalEntry entry) {
    long position = entry.first();
    for (SaleEvent event : entry.events()) {
      String id = entry.partition() + "-" + position;
      long order = PartitionMap.orderId(entry.partition(), position++);
      if (event instanceof SaleEvent.Accepted) {
        due.put(id, "order.accepted " + order);
      } else if (event instanceof SaleEvent.Claimed e) {
        due.put(id, "order.claimed " + e.order());
      } else if (event instanceof SaleEvent.Paid e) {
        due.put(id, "order.paid " + e.order());
      } else if (event instanceof SaleEvent.Released e) {
        due.put(id, "order.released " + e.order());
      } else if (event instanceof SaleEvent.RefundDue e) {
        due.put(id, "order." + e.reason().text() + " " + e.order());
      }
    }
    stores.append(entry);
  }

  private static void pause(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
