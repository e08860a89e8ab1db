package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.AdminWire;
import stampede.rig.RunningShop;
import stampede.rig.StampedeProcess;
import stampede.rig.WireHttp;
import stampede.rig.WireSocket;
import stampede.standalone.CommandRun;

/** Operators: every address through the command line, once, twice, in every role, without MySQL. */
class AdminIT {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final List<String> READS =
      List.of(
          "admin.ping",
          "admin.schema",
          "admin.stats",
          "admin.history",
          "admin.pending",
          "admin.session.list",
          "admin.session.preflight",
          "admin.session.export",
          "admin.item.get",
          "admin.order.get",
          "admin.order.list",
          "admin.alarms",
          "admin.cluster",
          "admin.drain",
          "admin.audit",
          "admin.webhooks",
          "admin.report",
          "admin.limits");
  private static final List<String> STEERS =
      List.of(
          "admin.session.pause",
          "admin.session.resume",
          "admin.item.pause",
          "admin.item.resume",
          "admin.item.gate",
          "admin.item.cooldown",
          "admin.item.message",
          "admin.partition.handover",
          "admin.limits.set",
          "admin.user.block",
          "admin.user.unblock",
          "admin.drain.retry",
          "admin.webhooks.retry");
  private static final List<String> CHANGES =
      List.of(
          "admin.session.create",
          "admin.session.change",
          "admin.session.copy",
          "admin.session.import",
          "admin.session.publish",
          "admin.session.archive",
          "admin.item.change",
          "admin.item.create",
          "admin.item.close",
          "admin.item.stock",
          "admin.approve");

  @TempDir static Path directory;
  private static RunningShop shop;

  @BeforeAll
  static void start() {
    shop = RunningShop.start(directory);
  }

  @AfterAll
  static void stop() {
    UpIT.expectQuiet(shop.process());
    shop.close();
  }

  // ---- the command line

  @Test
  void everyAddressWorksFromTheCommandLine() {
    assertThat(addresses()).containsExactlyInAnyOrderElementsOf(all());
    long now = System.currentTimeMillis();
    String session =
        typed(
                "admin.session.create",
                JsonObject.of("title", "Eleven", "opensAt", now - 1_000, "closesAt", now + 600_000)
                    .put("zone", "Asia/Shanghai"))
            .getString("session");
    JsonObject created =
        cli(
            "admin.item.create",
            JsonObject.of("session", session, "title", "Phone", "price", 100, "listPrice", 200)
                .put("currency", "CNY")
                .put("stock", 10)
                .put("limitPerUser", 2));
    String item = created.getString("item");
    assertThat(created.getInteger("partition")).isBetween(0, 15);

    assertThat(cli("admin.session.publish", JsonObject.of("session", session)))
        .isEqualTo(
            JsonObject.of(
                "session", session, "published", JsonArray.of(item), "missing", JsonArray.of()));
    String order = shop.shake(shop.login("ann"), item, "k-1", 2).json().getString("order");
    expectReads(session, item, order);
    expectSteering(session, item);
  }

  @Test
  void aSessionIsPlannedCopiedSoldAndArchived() {
    String sheet =
        """
        session,label,zone,opensAt,closesAt,limitPerSession,title,product,price,stock,limitPerUser,limitPerOrder
        Ten,super,Europe/Berlin,2036-10-24T10:00,2036-10-24T12:00,3,tea,T-1,100,9,3,2
        Ten,super,Europe/Berlin,2036-10-24T10:00,2036-10-24T12:00,3,cup,C-1,100,9,3,
        """;
    JsonObject made = cli("admin.session.import", JsonObject.of("csv", sheet));
    JsonObject of = JsonObject.of("session", made.getJsonArray("sessions").getString(0));
    JsonObject copy = cli("admin.session.copy", of.copy().put("day", "2036-10-26"));
    JsonObject copied = JsonObject.of("session", copy.getString("session"));
    assertThat(cli("admin.session.export", copied.copy()).getString("csv"))
        .contains("2036-10-26T10:00:00+01:00", "2036-10-26T12:00:00+01:00", "C-1");
    JsonObject twice = wrong("admin.session.copy", of.copy().put("day", "2036-10-24"));
    assertThat(twice.getString("code")).isEqualTo("product_twice");

    long now = System.currentTimeMillis();
    cli(
        "admin.session.change",
        copied.copy().put("opensAt", now - 1_000).put("closesAt", now + 600_000));
    String tea = copy.getJsonArray("items").getString(0);
    String cup = copy.getJsonArray("items").getString(1);
    cli("admin.item.change", JsonObject.of("item", tea, "price", 70));
    assertThat(state(copied)).isEqualTo("draft");
    JsonObject preflight = cli("admin.session.preflight", copied.copy());
    assertThat(preflight.getBoolean("green")).as(preflight.encodePrettily()).isTrue();
    cli("admin.session.publish", copied.copy());
    Awaitility.await().atMost(BOUND).until(() -> state(copied).equals("open"));
    JsonObject late = wrong("admin.item.change", JsonObject.of("item", tea, "price", 1));
    assertThat(late.getString("code")).isEqualTo("published");

    String eve = shop.login("eve");
    JsonObject above = shop.shake(eve, tea, "t-0", 3).json();
    assertThat(above.getString("code")).isEqualTo("above_order_limit");
    assertThat(shop.shake(eve, tea, "t-1", 2).json().getString("outcome")).isEqualTo("accepted");
    assertThat(shop.shake(eve, cup, "c-1", 2).json().getString("outcome"))
        .isEqualTo("limit_reached");
    assertThat(shop.shake(eve, cup, "c-2", 1).json().getString("outcome")).isEqualTo("accepted");

    assertThat(wrong("admin.session.archive", copied.copy()).getString("code"))
        .isEqualTo("not_ended");
    cli("admin.item.close", JsonObject.of("item", tea));
    cli("admin.item.close", JsonObject.of("item", cup));
    Awaitility.await().atMost(BOUND).until(() -> state(copied).equals("ended"));
    assertThat(wrong("admin.session.archive", copied.copy()).getString("code"))
        .isEqualTo("orders_held");
  }

  private static String state(JsonObject session) {
    return cli("admin.session.list", new JsonObject()).getJsonArray("sessions").stream()
        .map(JsonObject.class::cast)
        .filter(each -> each.getString("session").equals(session.getString("session")))
        .map(each -> each.getString("state"))
        .findFirst()
        .orElseThrow();
  }

  /** A command that is refused. */
  private static JsonObject wrong(String address, JsonObject body) {
    CommandRun run = CommandRun.of(arguments("admin", address, body.encode()));
    assertThat(run.exitCode()).as(address + body + run.output()).isEqualTo(1);
    return new JsonObject(run.output()).getJsonObject("error");
  }

  private static void expectReads(String session, String item, String order) {
    JsonObject of = JsonObject.of("item", item);
    assertThat(numbers(typed("admin.item.get", of))).containsExactly(8L, 2L, 0L, 10L);
    JsonObject known = cli("admin.order.get", JsonObject.of("order", order));
    assertThat(known.getString("user")).isEqualTo("ann");
    assertThat(known.getString("status")).isEqualTo("held");
    JsonObject ofKey = JsonObject.of("user", "ann", "item", item, "key", "k-1");
    Awaitility.await()
        .atMost(BOUND)
        .until(
            () -> cli("admin.order.list", ofKey).getJsonArray("orders"),
            found -> found.size() == 1);
    JsonArray ofAnn = cli("admin.order.list", JsonObject.of("user", "ann")).getJsonArray("orders");
    assertThat(ofAnn.getJsonObject(0).getString("order")).isEqualTo(order);
    assertThat(cli("admin.alarms", new JsonObject()).getJsonArray("alarms")).isNotNull();
    assertThat(cli("admin.session.list", new JsonObject()).getJsonArray("sessions").stream())
        .anyMatch(each -> session.equals(((JsonObject) each).getString("session")));
    JsonObject cluster = cli("admin.cluster", new JsonObject());
    assertThat(cluster.getBoolean("safe")).isTrue();
    assertThat(cluster.getJsonArray("members")).isNotEmpty();
    assertThat(cluster.getJsonArray("partitions")).hasSize(16);
    assertThat(cluster.getJsonArray("partitions").getJsonObject(0).fieldNames())
        .contains(
            "partition", "owner", "epoch", "position", "stateHash", "drained", "lagMs", "status");
    assertThat(cli("admin.drain", new JsonObject()).getJsonArray("partitions")).hasSize(16);
    assertThat(cli("admin.report", JsonObject.of("session", session)).getJsonArray("items"))
        .hasSize(1);
    assertThat(cli("admin.audit", JsonObject.of("max", 5)).getJsonArray("entries")).isNotEmpty();
  }

  private static List<Long> numbers(JsonObject item) {
    return List.of(
        item.getLong("available"),
        item.getLong("held"),
        item.getLong("sold"),
        item.getLong("stock"));
  }

  private static void expectSteering(String session, String item) {
    String bob = shop.login("bob");
    JsonObject of = JsonObject.of("item", item);
    expectState(cli("admin.item.pause", of.copy()), "paused");
    assertThat(outcome(bob, item, "p-1")).isEqualTo("paused");
    expectState(cli("admin.item.resume", of.copy()), "open");
    assertThat(cli("admin.session.pause", JsonObject.of("session", session)).getString("session"))
        .isEqualTo(session);
    assertThat(outcome(bob, item, "p-2")).isEqualTo("paused");
    cli("admin.session.resume", JsonObject.of("session", session));
    cli("admin.item.gate", of.copy().put("gate", 0));
    awaitHint();
    assertThat(outcome(bob, item, "p-3")).isEqualTo("missed");
    cli("admin.item.gate", of.copy().put("gate", 1));
    awaitHint();
    expectCooldown(shop.login("cid"), item);
    expectLimit(shop.login("dan"), item);
    cli("admin.user.block", JsonObject.of("user", "bob"));
    assertThat(outcome(bob, item, "p-4")).isEqualTo("blocked");
    cli("admin.user.unblock", JsonObject.of("user", "bob"));
    assertThat(outcome(bob, item, "p-5")).isEqualTo("accepted");
    cli("admin.item.stock", of.copy().put("add", 5));
    assertThat(numbers(cli("admin.item.get", of))).containsExactly(9L, 6L, 0L, 15L);
    assertThat(cli("admin.drain.retry", JsonObject.of("partition", 3)).getBoolean("sent")).isTrue();
    expectWords(item);
    assertThat(cli("admin.webhooks", new JsonObject()).getBoolean("on")).isFalse();
    assertThat(cli("admin.webhooks.retry", new JsonObject()))
        .isEqualTo(JsonObject.of("retried", 0, "more", false));
    expectState(cli("admin.item.close", of.copy()), "ended");
    assertThat(outcome(bob, item, "p-6")).isEqualTo("ended");
  }

  private static void expectWords(String item) {
    try (WireSocket socket = shop.socket(shop.login("wendy"))) {
      socket.send(JsonObject.of("type", "watch", "items", JsonArray.of(item)));
      socket.await("item");
      JsonObject said = JsonObject.of("item", item, "text", "more at noon 中午", "reason", "words");
      assertThat(cli("admin.item.message", said).getBoolean("sent")).isTrue();
      assertThat(socket.await("notice").getString("text")).isEqualTo("more at noon 中午");
    }
    JsonObject alone = wrong("admin.partition.handover", JsonObject.of("partition", 3));
    assertThat(alone.getString("code")).isEqualTo("no_other_node");
    assertThat(cli("admin.pending", new JsonObject()).getJsonArray("pending")).isEmpty();
    assertThat(wrong("admin.approve", JsonObject.of("pending", "x")).getString("code"))
        .isEqualTo("unknown_pending");
    assertThat(cli("admin.schema", new JsonObject()).getJsonArray("addresses"))
        .hasSameSizeAs(all());
    JsonArray told = cli("admin.stats", new JsonObject()).getJsonArray("items");
    assertThat(told.stream().map(each -> ((JsonObject) each).getString("item"))).contains(item);
    JsonObject history = cli("admin.history", JsonObject.of("items", JsonArray.of(item)));
    assertThat(history.getJsonObject("items").getJsonObject(item).getJsonArray("held"))
        .hasSize(history.getInteger("seconds"));
  }

  private static void expectCooldown(String cid, String item) {
    JsonObject of = JsonObject.of("item", item);
    JsonObject set = cli("admin.item.cooldown", of.copy().put("cooldownMs", 600_000));
    assertThat(set.getJsonObject("after").getLong("cooldownMs")).isEqualTo(600_000);
    awaitHint();
    assertThat(cli("admin.item.get", of.copy()).getLong("cooldownMs")).isEqualTo(600_000);
    assertThat(outcome(cid, item, "c-1")).isEqualTo("accepted");
    assertThat(outcome(cid, item, "c-2")).isEqualTo("throttled");
    cli("admin.item.cooldown", of.copy().put("cooldownMs", 0));
    awaitHint();
    assertThat(outcome(cid, item, "c-2")).isEqualTo("accepted");
  }

  private static void expectLimit(String dan, String item) {
    JsonObject set = JsonObject.of("limit", "userShakesPerMinute", "reason", "bots");
    cli("admin.limits.set", JsonObject.of("limit", "userBurst", "value", 1));
    cli("admin.limits.set", set.copy().put("value", 1));
    awaitLive("userShakesPerMinute", 1);
    assertThat(outcome(dan, item, "d-1")).isEqualTo("accepted");
    assertThat(outcome(dan, item, "d-2")).isEqualTo("throttled");
    cli("admin.limits.set", set.copy().put("value", "default"));
    cli("admin.limits.set", JsonObject.of("limit", "userBurst", "value", "default"));
    awaitLive("userBurst", null);
  }

  /**
   * @param value null = as in the config
   */
  private static void awaitLive(String limit, @Nullable Integer value) {
    Awaitility.await()
        .atMost(BOUND)
        .until(
            () ->
                cli("admin.limits", new JsonObject()).getJsonArray("limits").stream()
                    .map(JsonObject.class::cast)
                    .filter(each -> each.getString("limit").equals(limit))
                    .anyMatch(each -> Objects.equals(each.getInteger("live"), value)));
  }

  /** The gate is the edges': they hear of it from its owner, which speaks ten times a second. */
  private static void awaitHint() {
    try {
      Thread.sleep(400);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void expectState(JsonObject steered, String state) {
    assertThat(steered.getLong("position")).isPositive();
    assertThat(steered.getJsonObject("after").getString("state")).isEqualTo(state);
  }

  private static String outcome(String token, String item, String key) {
    return shop.shake(token, item, key, 1).json().getString("outcome");
  }

  @Test
  void tokenOfTheCommandLineIsGoodForItsNameAndRole() {
    String data = "--data=" + shop.data();
    CommandRun run = CommandRun.of("admin", "token", "--name=tess", "--role=operator", data);
    assertThat(run.exitCode()).as(run.output()).isZero();
    try (AdminWire admin = AdminWire.open(shop.managementPort(), run.output().strip())) {
      JsonObject pong = admin.require("admin.ping", new JsonObject());
      assertThat(pong.getString("you")).isEqualTo("tess");
      assertThat(pong.getString("role")).isEqualTo("operator");
    }
    assertThat(CommandRun.of("admin", "token", "--name=t", "--role=root", data).exitCode())
        .isEqualTo(2);
    assertThat(CommandRun.of("admin", "token", "--name=t", "--role=viewer", "--hours=0", data))
        .extracting(CommandRun::exitCode)
        .isEqualTo(2);
  }

  @Test
  void whatIsPublishedIsHeardOnTheCommandLineToo() {
    for (String address : List.of("stats", "cluster")) {
      CommandRun run = CommandRun.of(arguments("admin", address, "--lines=1"));
      assertThat(run.exitCode()).as(run.output()).isZero();
      assertThat(run.output().lines()).hasSize(1);
      assertThat(new JsonObject(run.output()).fieldNames()).as(address).hasSizeGreaterThan(2);
    }
    JsonArray published = cli("admin.schema", new JsonObject()).getJsonArray("published");
    assertThat(published.stream().map(each -> ((JsonObject) each).getString("address")))
        .containsExactly("stats", "cluster", "alarms");
  }

  @Test
  void wrongUseOfTheCommandLineIsExplained() {
    expectEnd(1, "unknown_item", "admin", "admin.item.get", "{\"item\":\"999999\"}");
    expectEnd(2, "JSON", "admin", "admin.item.get", "{item}");
    expectEnd(2, "admin.nothing", "admin", "admin.nothing", "{}");
    try (StampedeProcess nobody =
        StampedeProcess.start(
            Map.of(),
            directory,
            "admin",
            "admin.ping",
            "--url=http://127.0.0.1:" + StampedeProcess.freePort(),
            "--data=" + shop.data())) {
      assertThat(nobody.awaitExit(BOUND)).as(nobody.output()).isEqualTo(2);
      UpIT.expectQuiet(nobody);
    }
  }

  private static void expectEnd(int code, String word, String... args) {
    try (StampedeProcess admin = admin(args)) {
      assertThat(admin.awaitExit(BOUND)).as(admin.output()).isEqualTo(code);
      assertThat(admin.output()).contains(word);
      UpIT.expectQuiet(admin);
    }
  }

  /** The command in this process; a JVM for each takes longer than all that is asked. */
  private static JsonObject cli(String address, JsonObject body) {
    CommandRun run = CommandRun.of(arguments("admin", address, body.encode()));
    assertThat(run.exitCode()).as(address + body + run.output()).isZero();
    return new JsonObject(run.output());
  }

  /** As an operator has it. */
  private static JsonObject typed(String address, JsonObject body) {
    try (StampedeProcess admin = admin("admin", address, body.encode())) {
      assertThat(admin.awaitExit(BOUND)).as(address + body + admin.output()).isZero();
      return new JsonObject(admin.output());
    }
  }

  private static List<String> addresses() {
    try (StampedeProcess admin = admin("admin")) {
      assertThat(admin.awaitExit(BOUND)).as(admin.output()).isZero();
      return admin.output().lines().toList();
    }
  }

  private static StampedeProcess admin(String... args) {
    return StampedeProcess.start(Map.of(), directory, arguments(args));
  }

  private static String[] arguments(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--url=http://127.0.0.1:" + shop.managementPort());
    all.add("--data=" + shop.data());
    all.add("--user=cli");
    return all.toArray(String[]::new);
  }

  private static List<String> all() {
    List<String> all = new ArrayList<>(READS);
    all.addAll(STEERS);
    all.addAll(CHANGES);
    return all;
  }

  // ---- keys, roles, the audit

  @Test
  void aRepeatedKeyGetsTheEarlierReplyAndDoesNothingTwice() {
    String item = shop.openItem(10, new JsonObject());
    try (AdminWire admin = shop.admin("key-op", "admin")) {
      long now = System.currentTimeMillis();
      JsonObject session =
          JsonObject.of("title", "Keyed", "opensAt", now, "closesAt", now + 600_000, "key", "s-1");
      JsonObject created = admin.require("admin.session.create", session);
      assertThat(admin.require("admin.session.create", session)).isEqualTo(created);
      assertThat(code(admin, "admin.session.create", session.copy().put("title", "Other")))
          .isEqualTo("key_reused");

      JsonObject add = JsonObject.of("item", item, "add", 7, "key", "a-1", "reason", "restock");
      JsonObject added = admin.require("admin.item.stock", add);
      assertThat(admin.require("admin.item.stock", add)).isEqualTo(added);
      assertThat(stock(admin, item)).isEqualTo(17);
      JsonObject pause = JsonObject.of("item", item, "key", "p-1");
      admin.require("admin.item.pause", pause);
      admin.require("admin.item.resume", JsonObject.of("item", item, "key", "r-1"));
      admin.require("admin.item.pause", pause);
      assertThat(admin.require("admin.item.get", pause).getString("state")).isEqualTo("open");

      JsonObject row = awaitAudit(admin, "restock");
      assertThat(row.getString("by")).isEqualTo("key-op");
      assertThat(row.getString("key")).isEqualTo("a-1");
      assertThat(row.getString("subject")).isEqualTo(item);
      assertThat(row.getLong("at")).isBetween(now - 5_000, System.currentTimeMillis() + 5_000);
      assertThat(row.getJsonObject("before").getLong("stock")).isEqualTo(10);
      assertThat(row.getJsonObject("after").getLong("stock")).isEqualTo(17);
      assertThat(auditRows(admin, "restock")).hasSize(1);
    }
  }

  @Test
  void rolesRefuseWhatTheyMust() {
    try (AdminWire viewer = shop.admin("eye", "viewer");
        AdminWire operator = shop.admin("hand", "operator")) {
      for (String address : STEERS) {
        assertThat(code(viewer, address, new JsonObject())).as(address).isEqualTo("forbidden");
        assertThat(code(operator, address, new JsonObject())).as(address).isNotEqualTo("forbidden");
      }
      for (String address : CHANGES) {
        assertThat(code(viewer, address, new JsonObject())).as(address).isEqualTo("forbidden");
        assertThat(code(operator, address, new JsonObject())).as(address).isEqualTo("forbidden");
      }
      for (String address : READS) {
        assertThat(code(viewer, address, new JsonObject())).as(address).isNotEqualTo("forbidden");
      }
      viewer.register("stats");
      assertThat(viewer.awaitPublished("stats").fieldNames())
          .contains("sockets", "shakes", "outcomes", "queue", "drainLagMs", "eventLoopDelayMs")
          .contains("held", "sold", "available", "perSecond", "edges", "items");
      viewer.register("cluster");
      assertThat(viewer.awaitPublished("cluster").getBoolean("safe")).isTrue();
    }
  }

  private static String code(AdminWire admin, String address, JsonObject body) {
    return admin.send(address, body).getJsonObject("error", new JsonObject()).getString("code", "");
  }

  private static long stock(AdminWire admin, String item) {
    return admin.require("admin.item.get", JsonObject.of("item", item)).getLong("stock");
  }

  private static List<JsonObject> auditRows(AdminWire admin, String reason) {
    List<JsonObject> rows = new ArrayList<>();
    String after = "";
    boolean more = true;
    while (more) {
      JsonObject query = JsonObject.of("max", 100);
      JsonObject page =
          admin.require("admin.audit", after.isEmpty() ? query : query.put("after", after));
      for (Object each : page.getJsonArray("entries")) {
        JsonObject row = (JsonObject) each;
        after = row.getString("audit");
        if (reason.equals(row.getString("reason"))) {
          rows.add(row);
        }
      }
      more = page.getBoolean("more", false);
    }
    return rows;
  }

  private static JsonObject awaitAudit(AdminWire admin, String reason) {
    return Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> auditRows(admin, reason), rows -> !rows.isEmpty())
        .get(0);
  }

  // ---- without MySQL

  @Test
  void steersAndSellsWhileMySqlIsFrozenAndAuditsItAfterwards() {
    String item = shop.openItem(5, JsonObject.of("limitPerUser", 5));
    String token = shop.login("carl");
    long mariaDb = StampedeProcess.serverPid(shop.data(), "mariadb");
    String order;
    try (AdminWire admin = shop.admin("night", "operator", "admin");
        WireSocket socket = shop.socket(token)) {
      StampedeProcess.signal("STOP", mariaDb);
      try {
        order = sellAndSteer(admin, socket, item);
      } finally {
        StampedeProcess.signal("CONT", mariaDb);
      }
      for (String reason : List.of("dark-1", "dark-2", "dark-3")) {
        assertThat(awaitAudit(admin, reason).getString("by")).isEqualTo("night");
      }
    }
    try (ShopBooks books = new ShopBooks(shop.mysqlUrl())) {
      String sql = "SELECT status FROM sale_order WHERE order_id = " + order;
      Awaitility.await()
          .atMost(20, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(books.column(sql)).containsExactly("paid"));
    }
  }

  private static String sellAndSteer(AdminWire admin, WireSocket socket, String item) {
    String order = accepted(socket, item, "d-1");
    admin.require("admin.item.pause", JsonObject.of("item", item, "reason", "dark-1"));
    admin.require("admin.item.resume", JsonObject.of("item", item, "reason", "dark-2"));
    admin.require("admin.item.stock", JsonObject.of("item", item, "add", 3, "reason", "dark-3"));
    accepted(socket, item, "d-2");
    WireHttp.Answer paid = shop.pay(order, "dark-pay", 100, "CNY");
    assertThat(paid.status()).as(paid.body()).isEqualTo(200);
    assertThat(stock(admin, item)).isEqualTo(8);
    assertThat(code(admin, "admin.audit", new JsonObject())).isEqualTo("catalogue_unavailable");
    return order;
  }

  private static String accepted(WireSocket socket, String item, String key) {
    socket.send(JsonObject.of("type", "shake", "key", key, "item", item, "quantity", 1));
    JsonObject outcome = socket.await(frame -> key.equals(frame.getString("key")));
    assertThat(outcome.getString("outcome")).isEqualTo("accepted");
    return outcome.getString("order");
  }
}
