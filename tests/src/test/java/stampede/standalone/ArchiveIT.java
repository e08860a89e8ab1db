package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;
import stampede.rig.AdminWire;
import stampede.rig.Invariants;
import stampede.rig.RunningShop;
import stampede.rig.WireHttp;

/**
 * A session of yesterday is archived while another of the same partition goes on: its owner cuts
 * the log, a kill -9 later everything is as it was, and what was sold is found in MySQL.
 */
@Timeout(240)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ArchiveIT {
  private static final int ORDERS = 30;
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final long SELLS_FOR_MS = 20_000;

  @TempDir static Path directory;
  private static RunningShop shop;
  private static ShopStores stores;
  private static String session;
  private static String item;
  private static String living;
  private static int partition;
  private static long closesAt;
  private static final List<String> orders = new ArrayList<>();

  @BeforeAll
  static void sell() {
    shop = RunningShop.start(directory);
    openStores();
    closesAt = System.currentTimeMillis() + SELLS_FOR_MS;
    try (AdminWire admin = shop.admin("rig", "admin")) {
      session = session(admin, closesAt);
      JsonObject made = item(admin, session);
      item = made.getString("item");
      partition = made.getInteger("partition");
      admin.require("admin.session.publish", JsonObject.of("session", session));
      admin.require("admin.user.block", JsonObject.of("user", "bot"));
      for (int i = 0; i < ORDERS; i++) {
        orders.add(accepted(item, "user-" + i, "k-" + i));
        end(i);
      }
      living = ofTheSamePartition(admin);
    }
    assertThat(accepted(living, "user-1", "k-1")).isNotEmpty();
  }

  private static void openStores() {
    Map<String, String> urls = StoreUrls.known(shop.data(), Map.of());
    stores = new ShopStores(urls.get(StoreUrls.REDIS), urls.get(StoreUrls.MYSQL));
  }

  private static String session(AdminWire admin, long closes) {
    long opens = System.currentTimeMillis() - 1_000;
    JsonObject members = JsonObject.of("title", "Rig", "opensAt", opens, "closesAt", closes);
    return admin.require("admin.session.create", members).getString("session");
  }

  private static JsonObject item(AdminWire admin, String of) {
    JsonObject members =
        JsonObject.of("session", of, "title", "Phone", "price", 100, "currency", "CNY");
    return admin.require(
        "admin.item.create", members.put("stock", 100).put("payWithinSeconds", 3_600));
  }

  /** In a session that lasts. */
  private static String ofTheSamePartition(AdminWire admin) {
    String lasting = session(admin, System.currentTimeMillis() + 3_600_000);
    JsonObject made = item(admin, lasting);
    while (made.getInteger("partition") != partition) {
      made = item(admin, lasting);
    }
    admin.require("admin.session.publish", JsonObject.of("session", lasting));
    return made.getString("item");
  }

  @AfterAll
  static void stop() {
    stores.close();
    shop.close();
  }

  private static String accepted(String of, String user, String key) {
    WireHttp.Answer answer = shop.shake(shop.login(user), of, key, 1);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return answer.json().getString("order");
  }

  /** Every third is given back, and one of these paid for after all; the others are paid. */
  private static void end(int i) {
    String order = orders.get(i);
    if (i % 3 == 2) {
      shop.post("/api/v1/orders/" + order + "/cancel", shop.login("user-" + i));
    }
    if (i % 3 != 2 || i == 5) {
      assertThat(shop.pay(order, "p-" + i, 100, "CNY").status()).isEqualTo(200);
    }
  }

  private static CommandRun reconcile() {
    return CommandRun.of("reconcile", "--data", shop.data().toString());
  }

  private static JsonObject archive(JsonObject more) {
    try (AdminWire admin = shop.admin("rig", "admin")) {
      return admin.send("admin.session.archive", more.put("session", session));
    }
  }

  private static String code(JsonObject reply) {
    return reply.getJsonObject("error", new JsonObject()).getString("code");
  }

  @Test
  @Order(1)
  void nothingIsArchivedBeforeItsEndNorWhilePaymentsMayCome() {
    assertThat(code(archive(new JsonObject()))).isEqualTo("not_ended");

    await().atMost(BOUND).until(() -> System.currentTimeMillis() > closesAt && !notEnded());

    assertThat(code(archive(new JsonObject()))).isEqualTo("too_early");
  }

  private static boolean notEnded() {
    return "not_ended".equals(code(archive(new JsonObject())));
  }

  @Test
  @Order(2)
  void theLogIsCutAndTheBooksBalance() {
    long before = stores.logEntries(partition);

    JsonObject reply = archive(JsonObject.of("force", "a test waits for no bank"));

    assertThat(reply.getString("status")).as(reply.encode()).isEqualTo("archived");
    assertThat(reply.getJsonArray("archived")).containsExactly(item);
    await().atMost(BOUND).until(() -> stores.logEntries(partition) < before / 3);
    List<SaleEvent> kept = new ArrayList<>();
    stores.log(partition).forEach(entry -> kept.addAll(entry.events()));
    assertThat(kept).anyMatch(SaleEvent.LogCut.class::isInstance);
    assertThat(kept).noneMatch(event -> event instanceof SaleEvent.Paid);
    CommandRun run = reconcile();
    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output())
        .contains("partition " + partition + ": log from ", ORDERS + " of them archived");
    assertThat(archive(new JsonObject()).getString("status")).isEqualTo("archived");
  }

  @Test
  @Order(3)
  void whatWasSoldIsStillKnown() {
    everythingIsKnown();
  }

  @Test
  @Order(4)
  void aKilledOwnerComesBackWithTheSameState() {
    long entries = stores.logEntries(partition);
    int httpPort = shop.httpPort();
    int managementPort = shop.managementPort();
    shop.process().kill9();
    shop.close();
    stores.close();

    shop = RunningShop.start(directory, httpPort, managementPort);
    openStores();

    await().atMost(BOUND).untilAsserted(ArchiveIT::ownerHasTheStateOfItsLog);
    assertThat(stores.logEntries(partition)).isLessThan(entries + 10);
    everythingIsKnown();
    await().atMost(BOUND).untilAsserted(() -> assertThat(reconcile().exitCode()).isZero());
  }

  private static void ownerHasTheStateOfItsLog() {
    List<JournalEntry> log = stores.log(partition);
    JsonObject seen;
    try (AdminWire admin = shop.admin("rig", "viewer")) {
      seen = admin.require("admin.cluster", new JsonObject());
    }
    JsonObject own = seen.getJsonArray("partitions").getJsonObject(partition);
    assertThat(own.getLong("position")).isEqualTo(log.get(log.size() - 1).last());
    assertThat(own.getString("stateHash"))
        .isEqualTo(String.format("%016x", Invariants.stateHash(partition, log)));
  }

  private static void everythingIsKnown() {
    String token = shop.login("user-1");
    String key = "/api/v1/items/" + item + "/shakes/";
    WireHttp.Answer order = shop.get("/api/v1/orders/" + orders.get(1), token);
    assertThat(order.json().getString("status")).as(order.body()).isEqualTo("paid");
    assertThat(shop.get(key + "k-1", token).json().getString("order")).isEqualTo(orders.get(1));
    assertThat(shop.get(key + "k-none", token).status()).isEqualTo(404);
    WireHttp.Answer again = shop.shake(token, item, "k-1", 1);
    assertThat(again.status()).as(again.body()).isEqualTo(200);
    assertThat(again.json().getString("order")).isEqualTo(orders.get(1));
    WireHttp.Answer fresh = shop.shake(token, item, "k-new", 1);
    assertThat(fresh.status()).as(fresh.body()).isEqualTo(410);
    assertThat(fresh.code()).isEqualTo("ended");

    assertThat(shop.pay(orders.get(1), "p-1", 100, "CNY").json().getString("status"))
        .isEqualTo("paid");
    assertThat(shop.pay(orders.get(5), "p-5", 100, "CNY").json().getString("status"))
        .isEqualTo("late_payment");
    WireHttp.Answer late = shop.pay(orders.get(2), "p-late", 100, "CNY");
    assertThat(late.status()).as(late.body()).isEqualTo(410);
    assertThat(late.code()).isEqualTo("archived");

    assertThat(shop.shake(shop.login("user-1"), living, "k-1", 1).status()).isEqualTo(200);
    assertThat(shop.shake(shop.login("bot"), living, "b", 1).status()).isEqualTo(403);
  }
}
