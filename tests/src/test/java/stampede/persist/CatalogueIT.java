package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.CommitResult;
import stampede.persist.drain.Cursor;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.Limits;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;

class CatalogueIT {
  private static final int PARTITIONS = 16;
  @TempDir static Path directory;
  @RegisterExtension static final Database db = new Database(() -> directory);
  private static QueryDesk desk;

  @BeforeAll
  static void openDesk() {
    desk = db.desk(PARTITIONS);
  }

  @Test
  void draftsAreMadeFoundAndAudited() {
    JsonObject made = ask(session());
    JsonObject item = ask(item(made.getString("session")));

    assertThat(made).isEqualTo(JsonObject.of("session", "1"));
    assertThat(item)
        .isEqualTo(
            JsonObject.of(
                "item", "1001", "partition", PartitionMap.partitionOfItem(1001, PARTITIONS)));
    JsonObject listed = ask(op("session.list")).getJsonArray("sessions").getJsonObject(0);
    assertThat(listed.getString("title")).isEqualTo("秒杀");
    assertThat(listed.getString("status")).isEqualTo("draft");
    assertThat(listed.getString("zone")).isEqualTo("Asia/Shanghai");
    JsonObject found = ask(op("item.get").put("item", "1001")).getJsonObject("item");
    assertThat(found)
        .isEqualTo(
            new JsonObject()
                .put("item", "1001")
                .put("session", "1")
                .put("title", "phone")
                .put("price", 100)
                .put("listPrice", 200)
                .put("currency", "CNY")
                .put("opensAt", 1_000)
                .put("closesAt", 9_000)
                .put("stock", 50)
                .put("limitPerUser", 2)
                .put("limitPerOrder", 0)
                .put("limitPerSession", 0)
                .put("payWithinSeconds", 60)
                .put("cooldownMs", 5_000)
                .put("gate", 0.5)
                .put("releases", new JsonArray().add(JsonObject.of("at", 2_000, "units", 5)))
                .put("product", "")
                .put("claimWithinSeconds", 0)
                .put("partition", PartitionMap.partitionOfItem(1001, PARTITIONS))
                .put("published", false));
    assertThat(listed.getJsonArray("items")).isEqualTo(new JsonArray().add(found));
    assertThat(ask(op("session.get").put("session", "1")).getJsonObject("session"))
        .isEqualTo(listed);
    JsonArray audit = ask(op("audit")).getJsonArray("entries");
    assertThat(audit).hasSize(2);
    assertThat(audit.getJsonObject(0).getString("action")).isEqualTo("session.create");
    assertThat(audit.getJsonObject(1).getJsonObject("after").getLong("price")).isEqualTo(100);
    assertThat(audit.getJsonObject(1).getString("by")).isEqualTo("ann");
  }

  @Test
  void repeatedKeyGetsTheEarlierReplyAndDoesNothingTwice() {
    JsonObject keyed = session().put("key", "c-1");

    assertThat(ask(keyed)).isEqualTo(ask(keyed)).isEqualTo(JsonObject.of("session", "1"));
    JsonObject item = item("1").put("key", "c-1");
    assertThat(ask(item)).isEqualTo(ask(item));

    assertThat(db.number("SELECT COUNT(*) FROM sale_session")).isEqualTo(1);
    assertThat(db.number("SELECT COUNT(*) FROM sale_item")).isEqualTo(1);
    assertThat(db.number("SELECT COUNT(*) FROM admin_audit")).isEqualTo(2);
    assertThat(code(ask(keyed.copy().put("title", "other")))).isEqualTo("key_reused");
    assertThat(code(ask(item.copy().put("stock", 51)))).isEqualTo("key_reused");
    assertThat(ask(keyed.copy().put("by", "bob"))).isEqualTo(JsonObject.of("session", "2"));
  }

  @Test
  void whatAnOperatorIsAboutToDoIsWrittenDownOnceAndTheNewestCanBeAskedFor() {
    ask(session());
    JsonObject note =
        op("audit.add")
            .put("action", "item.message")
            .put("subject", "1001")
            .put("after", JsonObject.of("text", "<b>soon</b>"))
            .put("by", "ann")
            .put("reason", "queue")
            .put("key", "n-1");

    assertThat(ask(note)).isEqualTo(JsonObject.of("again", false));
    assertThat(ask(note)).isEqualTo(JsonObject.of("again", true));
    assertThat(code(ask(note.copy().put("subject", "1002")))).isEqualTo("key_reused");
    assertThat(code(ask(note.copy().put("after", "text")))).isEqualTo("invalid");

    JsonObject newest = ask(op("audit").put("newest", true).put("max", 1));
    JsonObject entry = newest.getJsonArray("entries").getJsonObject(0);
    assertThat(entry.getString("action")).isEqualTo("item.message");
    assertThat(entry.getJsonObject("after")).isEqualTo(JsonObject.of("text", "<b>soon</b>"));
    assertThat(newest.getBoolean("more")).isTrue();
    assertThat(ask(op("audit")).getJsonArray("entries")).hasSize(2);
  }

  @Test
  void sameKeyAtTheSameMomentMakesOneSession() {
    JsonObject keyed = session().put("key", "c-2");

    List<CompletableFuture<JsonObject>> answers =
        List.of(send(keyed), send(keyed), send(keyed), send(keyed));

    assertThat(answers.stream().map(CompletableFuture::join).distinct())
        .containsExactly(JsonObject.of("session", "1"));
    assertThat(db.number("SELECT COUNT(*) FROM sale_session")).isEqualTo(1);
  }

  @Test
  void badInputIsRefusedByTheMembersName() {
    ask(session());

    Map.of(
            "title is", item("1").put("title", ""),
            "price must", item("1").put("price", 1.5),
            "price", item("1").put("price", -1),
            "listPrice", item("1").put("listPrice", 99),
            "currency", item("1").put("currency", "cny"),
            "stock", item("1").put("stock", 0).putNull("releases"),
            "gate", item("1").put("gate", 1.1),
            "releases.at",
                item("1")
                    .put("releases", new JsonArray().add(JsonObject.of("at", 9_000, "units", 1))),
            "by", item("1").putNull("by"),
            "colour", item("1").put("colour", "red"))
        .forEach(
            (member, request) -> {
              JsonObject error = ask(request).getJsonObject("error");
              assertThat(error.getString("code")).as(member).isEqualTo("invalid");
              assertThat(error.getString("detail")).startsWith(member.split(" ")[0]);
            });
    assertThat(code(ask(item("7")))).isEqualTo("not_found");
    assertThat(ask(session().put("zone", "Mars")).encode()).contains("zone must be");
    assertThat(ask(session().put("closesAt", 1_000)).encode()).contains("closesAt must be after");
    assertThat(ask(op("nonsense")).encode())
        .contains("op must be one of audit, audit.add, clock, cursor");
    assertThat(code(new JsonObject(answer(Buffer.buffer("[1]"))))).isEqualTo("invalid");
    assertThat(code(new JsonObject(answer(Buffer.buffer("{"))))).isEqualTo("invalid");
    assertThat(db.number("SELECT COUNT(*) FROM sale_item")).isZero();
  }

  @Test
  void publishedIsMarkedOnce() {
    ask(session());
    JsonObject published = op("session.published").put("session", "1").put("by", "ann");

    assertThat(ask(published))
        .isEqualTo(ask(published))
        .isEqualTo(JsonObject.of("session", "1", "status", "published"));

    JsonObject found = ask(op("session.get").put("session", 1)).getJsonObject("session");
    assertThat(found.getString("status")).isEqualTo("published");
    assertThat(db.number("SELECT COUNT(*) FROM admin_audit WHERE action = 'session.publish'"))
        .isEqualTo(1);
    assertThat(code(ask(published.copy().put("session", "9")))).isEqualTo("not_found");
  }

  @Test
  void sessionsAreListedByTheTimeTheyAreOn() {
    ask(session());
    ask(session().put("opensAt", 9_000).put("closesAt", 12_000));

    assertThat(sessions(0, 1_000)).isEmpty();
    assertThat(sessions(8_999, 9_000)).containsExactly("1");
    assertThat(sessions(9_000, 9_001)).containsExactly("2");
    assertThat(sessions(0, 20_000)).containsExactly("1", "2");
  }

  @Test
  void ordersAreShownToTheirOwnerOnly() {
    drainSomeOrders();
    long order = PartitionMap.orderId(3, 2);

    JsonObject orders = ask(op("orders").put("user", "u\0秒"));
    JsonObject found = orders.getJsonArray("orders").getJsonObject(0);

    assertThat(orders.getLong("asOf")).isBetween(1_600_000_000_000L, 99_999_999_999_999L);
    assertThat(orders.getJsonArray("orders")).hasSize(1);
    assertThat(found)
        .isEqualTo(
            new JsonObject()
                .put("order", Long.toString(order))
                .put("item", "1001")
                .put("user", "u\0秒")
                .put("key", "k")
                .put("quantity", 2)
                .put("price", 100)
                .put("currency", "CNY")
                .put("status", "paid")
                .put("acceptedAt", 11)
                .put("payBy", 99)
                .put("paidAt", 12)
                .put("payment", "p-1")
                .put("releasedAt", 0)
                .put("releaseReason", "")
                .put("refundPayment", "p-2")
                .put("refundReason", "extra_payment")
                .put("refundAt", 13)
                .put("claimBy", 0)
                .put("claimedBy", "")
                .put("claimedAt", 0)
                .put("position", 2));
    JsonObject question = op("order.get").put("order", Long.toString(order));
    assertThat(ask(question).getJsonObject("order")).isEqualTo(found);
    assertThat(ask(question.copy().put("user", "u\0秒")).getJsonObject("order")).isEqualTo(found);
    assertThat(code(ask(question.copy().put("user", "u")))).isEqualTo("not_found");
    assertThat(code(ask(op("order.get").put("order", "5")))).isEqualTo("not_found");
  }

  @Test
  void itemsHaveTheTimeToClaimOfTheirSession() {
    ask(session().put("claimWithinSeconds", 90));
    ask(item("1"));

    JsonObject found = ask(op("session.get").put("session", "1")).getJsonObject("session");

    assertThat(found.getString("login")).isEqualTo("after");
    assertThat(found.getInteger("claimWithinSeconds")).isEqualTo(90);
    assertThat(found.getJsonArray("items").getJsonObject(0).getInteger("claimWithinSeconds"))
        .isEqualTo(90);
    assertThat(code(ask(session().put("claimWithinSeconds", 86_401)))).isEqualTo("invalid");
  }

  @Test
  void aClaimedOrderIsShownToItsDeviceAndItsUser() {
    drainSomeOrders();
    long own = PartitionMap.orderId(3, 2);
    long claimed = PartitionMap.orderId(3, 1);
    claimedOrder(claimed, own, "d", 5);

    assertThat(idsOfOrders("u\0秒")).containsExactly(own + "", claimed + "");
    assertThat(idsOfOrders("device:1")).containsExactly(claimed + "");
    assertThat(idsOfOrders("device:2")).isEmpty();
    JsonObject question = op("order.get").put("order", Long.toString(claimed));
    for (String who : List.of("u\0秒", "device:1")) {
      JsonObject found = ask(question.copy().put("user", who)).getJsonObject("order");
      assertThat(found.getLong("claimBy")).isEqualTo(50);
      assertThat(found.getString("claimedBy")).isEqualTo("u\0秒");
    }
    assertThat(code(ask(question.copy().put("user", "u")))).isEqualTo("not_found");
  }

  @Test
  void claimedOrdersAreOnThePagesAmongOwnOnesAndFoundByItemAndKey() {
    drainSomeOrders();
    long own = PartitionMap.orderId(3, 2);
    claimedOrder(PartitionMap.orderId(3, 1), own, "older", 5);
    claimedOrder(PartitionMap.orderId(4, 1), own, "newer", 50);
    claimedOrder(PartitionMap.orderId(5, 1), own, "same", 11);

    List<String> found = new ArrayList<>();
    JsonObject question = op("orders").put("user", "u\0秒").put("limit", 1);
    JsonObject page = ask(question);
    found.addAll(keys(page));
    while (page.containsKey("next")) {
      page = ask(question.copy().put("after", page.getString("next")));
      found.addAll(keys(page));
    }

    assertThat(found).containsExactly("newer", "same", "k", "older");
    JsonObject ofItem = op("orders").put("user", "u\0秒").put("item", "1001");
    assertThat(keys(ask(ofItem))).containsExactly("newer", "same", "k", "older");
    assertThat(keys(ask(ofItem.copy().put("key", "older")))).containsExactly("older");
    assertThat(keys(ask(ofItem.copy().put("item", "1002")))).isEmpty();
  }

  /** Of a device, like {@code like}, whose user has claimed it. */
  private static void claimedOrder(long order, long like, String key, long acceptedAt) {
    int partition = PartitionMap.partitionOfOrder(order);
    db.run(
        ("INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price, currency,"
                + " status, accepted_at, pay_by, claim_by, claimed_by, claimed_at, partition_id,"
                + " position) SELECT %1$d, item_id, 'device:1', '%3$s', 1, price, currency, 'held',"
                + " %4$d, 99, 50, user_id, 7, %5$d, 1 FROM sale_order WHERE order_id = %2$d")
            .formatted(order, like, key, acceptedAt, partition));
    db.run(
        "INSERT INTO sale_claim SELECT order_id, claimed_by, claimed_at, partition_id, 9"
            + " FROM sale_order WHERE order_id = "
            + order);
  }

  private static List<String> idsOfOrders(String user) {
    return ask(op("orders").put("user", user)).getJsonArray("orders").stream()
        .map(order -> ((JsonObject) order).getString("order"))
        .toList();
  }

  @Test
  void ordersArePagedFromTheNewestWhateverComesMeanwhile() {
    drainSomeOrders();

    JsonObject first = ask(op("orders").put("user", "many").put("limit", 2));
    db.run(
        "INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price, currency,"
            + " status, accepted_at, pay_by, partition_id, position)"
            + " VALUES (9, 1001, 'many', 'd', 1, 1, 'CNY', 'held', 17, 1, 0, 9)");
    JsonObject second =
        ask(op("orders").put("user", "many").put("limit", 2).put("after", first.getString("next")));

    assertThat(keys(first)).containsExactly("c", "b");
    assertThat(keys(second)).containsExactly("a");
    assertThat(second.containsKey("next")).isFalse();
    assertThat(keys(ask(op("orders").put("user", "many")))).containsExactly("d", "c", "b", "a");
    assertThat(code(ask(op("orders").put("user", "many").put("limit", 101)))).isEqualTo("invalid");
    assertThat(code(ask(op("orders").put("user", "many").put("after", "1' OR 1-1"))))
        .isEqualTo("invalid");
  }

  @Test
  void ordersOfTheSameMillisecondAreAllOnSomePage() {
    for (int order = 1; order <= 7; order++) {
      db.run(
          "INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price,"
              + " currency, status, accepted_at, pay_by, partition_id, position) VALUES (%1$d, 1001,"
                  .formatted(order)
              + " 'same', 'k%1$d', 1, 1, 'CNY', 'held', 5, 1, 0, %1$d)".formatted(order));
    }

    List<String> found = new ArrayList<>();
    JsonObject page = ask(op("orders").put("user", "same").put("limit", 3));
    found.addAll(keys(page));
    while (page.containsKey("next")) {
      page =
          ask(
              op("orders")
                  .put("user", "same")
                  .put("limit", 3)
                  .put("after", page.getString("next")));
      found.addAll(keys(page));
    }

    assertThat(found).containsExactly("k7", "k6", "k5", "k4", "k3", "k2", "k1");
  }

  @Test
  void orderIsFoundByUserItemAndKey() {
    drainSomeOrders();

    assertThat(keys(ask(op("orders").put("user", "many").put("item", "1001").put("key", "b"))))
        .containsExactly("b");
    assertThat(keys(ask(op("orders").put("user", "many").put("item", "1002")))).isEmpty();
    assertThat(keys(ask(op("orders").put("user", "u").put("item", "1001").put("key", "b"))))
        .isEmpty();
    assertThat(code(ask(op("orders").put("user", "many").put("key", "b")))).isEqualTo("invalid");
  }

  private static List<String> keys(JsonObject reply) {
    return reply.getJsonArray("orders").stream()
        .map(order -> ((JsonObject) order).getString("key"))
        .toList();
  }

  @Test
  void auditIsPagedById() {
    drainSomeOrders();

    JsonObject audit = ask(op("audit").put("max", 1));
    assertThat(audit.getJsonArray("entries").getJsonObject(0).getString("action"))
        .isEqualTo("item.publish");
    String after = audit.getJsonArray("entries").getJsonObject(0).getString("audit");
    assertThat(
            ask(op("audit").put("after", after))
                .getJsonArray("entries")
                .getJsonObject(0)
                .getString("user"))
        .isEqualTo("bad");
  }

  @Test
  void cursorIsOfThePrimary() {
    drainSomeOrders();

    assertThat(ask(op("cursor").put("partition", 3)))
        .isEqualTo(JsonObject.of("position", 8, "batch", "18446744073709551615"));
    assertThat(ask(op("cursor").put("partition", 4)))
        .isEqualTo(JsonObject.of("position", 0, "batch", "0"));
    assertThat(code(ask(op("cursor").put("partition", 16)))).isEqualTo("invalid");
  }

  @Test
  void searchFindsPublishedTitlesByEveryWordWhateverTheirCaseOrWidth() {
    long now = System.currentTimeMillis();
    String session =
        ask(session().put("opensAt", now).put("closesAt", now + 60_000)).getString("session");
    String phone = onSale(session, "iPhone 15 手机 限量");
    String wide = onSale(session, "ＰＨＯＮＥ case 手机壳");
    onSale(session, "平板电脑");
    ask(item(session).put("title", "phone, a draft"));
    assertThat(found("phone")).as("session is a draft").isEmpty();
    ask(op("session.published").put("session", session).put("by", "ann"));

    assertThat(found("phone")).containsExactly(phone, wide);
    assertThat(found("手机 iphone")).containsExactly(phone);
    assertThat(found("手机壳")).containsExactly(wide);
    assertThat(found("电脑 手机")).isEmpty();
    JsonObject item = ask(op("search").put("q", "限量")).getJsonArray("items").getJsonObject(0);
    assertThat(item.getString("zone")).isEqualTo("Asia/Shanghai");
    assertThat(item.getString("title")).isEqualTo("iPhone 15 手机 限量");
    assertThat(item.getLong("opensAt")).isEqualTo(now);
  }

  @Test
  void searchTakesWildcardsForWhatTheyLookLike() {
    long now = System.currentTimeMillis();
    String session =
        ask(session().put("opensAt", now).put("closesAt", now + 60_000)).getString("session");
    String percent = onSale(session, "50% off | a_b");
    onSale(session, "500 off axb");
    String smile = onSale(session, "杯子 😀");
    onSale(session, "杯子 😡");
    ask(op("session.published").put("session", session).put("by", "ann"));

    assertThat(found("50%")).containsExactly(percent);
    assertThat(found("a_b")).containsExactly(percent);
    assertThat(found("|")).containsExactly(percent);
    assertThat(found("'; DROP TABLE sale_item; -- \\")).isEmpty();
    assertThat(found("😀")).containsExactly(smile);
    assertThat(code(ask(op("search").put("q", " ")))).isEqualTo("invalid");
    assertThat(code(ask(op("search").put("q", "x".repeat(129))))).isEqualTo("invalid");
    assertThat(code(ask(op("search")))).isEqualTo("invalid");
  }

  @Test
  void searchIsBoundedAndLeavesOutWhatIsLongOver() {
    long now = System.currentTimeMillis();
    String over = ask(session()).getString("session");
    onSale(over, "phone of yesterday's yesterday");
    ask(op("session.published").put("session", over).put("by", "ann"));
    String session =
        ask(session().put("opensAt", now).put("closesAt", now + 60_000)).getString("session");
    for (int n = 0; n < Limits.SEARCH_ITEMS_MAX + 5; n++) {
      onSale(session, "phone " + n);
    }
    ask(op("session.published").put("session", session).put("by", "ann"));

    JsonObject reply = ask(op("search").put("q", "phone"));

    assertThat(reply.getJsonArray("items")).hasSize(Limits.SEARCH_ITEMS_MAX);
    assertThat(reply.getBoolean("more")).isTrue();
    assertThat(reply.getLong("asOf")).isBetween(now - 5_000, now + 60_000);
  }

  /** As if its owner's event had been drained. */
  private static String onSale(String session, String title) {
    String item = ask(item(session).put("title", title).putNull("releases")).getString("item");
    db.run("UPDATE sale_item SET published_at = 1 WHERE item_id = " + item);
    return item;
  }

  private static List<String> found(String query) {
    return ask(op("search").put("q", query)).getJsonArray("items").stream()
        .map(item -> ((JsonObject) item).getString("item"))
        .toList();
  }

  private static void drainSomeOrders() {
    MySqlOrderStore store = db.store();
    SaleItem item =
        new SaleItem(1001, 1, "t", 100, 200, "CNY", 1, 9, 50, 9, 60_000, 0, 1_000_000, List.of());
    Warrant warrant = new Warrant("ann", "", Bytes.EMPTY, true);
    long order = PartitionMap.orderId(3, 2);
    JournalEntry entry =
        JournalEntry.of(
            3,
            1,
            1,
            -1L,
            List.of(
                new ItemPublished(item, warrant, 10),
                new Accepted(1001, Bytes.of("u\0秒"), Bytes.of("k"), 2, 99, 11),
                new Paid(order, 1001, 2, Bytes.of("p-1"), 12),
                new RefundDue(order, Bytes.of("p-2"), RefundReason.EXTRA, 13),
                new Accepted(1001, Bytes.of("many"), Bytes.of("a"), 1, 99, 14),
                new Accepted(1001, Bytes.of("many"), Bytes.of("b"), 1, 99, 15),
                new Accepted(1001, Bytes.of("many"), Bytes.of("c"), 1, 99, 16),
                new Steered(Steering.BLOCK_USER, 0, 0, Bytes.of("bad"), warrant, "{}", "{}", 17)));
    Chunk chunk = Chunk.of(3, List.of(entry), Map.of());
    Cursor start = db.ask(done -> store.cursor(3, done));
    CommitResult result = db.ask(done -> store.commit(3, start, chunk, done));
    assertThat(result).isEqualTo(new CommitResult.Committed(chunk.end()));
  }

  private static List<String> sessions(long from, long to) {
    return ask(op("session.list").put("from", from).put("to", to)).getJsonArray("sessions").stream()
        .map(session -> ((JsonObject) session).getString("session"))
        .toList();
  }

  private static JsonObject session() {
    return op("session.create")
        .put("title", "秒杀")
        .put("opensAt", 1_000)
        .put("closesAt", 9_000)
        .put("zone", "Asia/Shanghai")
        .put("by", "ann");
  }

  private static JsonObject item(String session) {
    return op("item.create")
        .put("session", session)
        .put("title", "phone")
        .put("price", 100)
        .put("listPrice", 200)
        .put("currency", "CNY")
        .put("stock", 50)
        .put("limitPerUser", 2)
        .put("payWithinSeconds", 60)
        .put("cooldownMs", 5_000)
        .put("gate", 0.5)
        .put("releases", new JsonArray().add(JsonObject.of("at", 2_000, "units", 5)))
        .put("by", "ann");
  }

  private static JsonObject op(String op) {
    return JsonObject.of("op", op);
  }

  private static String code(JsonObject reply) {
    return reply.getJsonObject("error").getString("code");
  }

  private static JsonObject ask(JsonObject request) {
    return new JsonObject(answer(request.toBuffer()));
  }

  private static Buffer answer(Buffer request) {
    byte[] reply = db.ask(done -> desk.handle(request.getBytes(), done));
    return Buffer.buffer(reply);
  }

  private static CompletableFuture<JsonObject> send(JsonObject request) {
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    db.vertx.runOnContext(
        go ->
            desk.handle(
                request.toBuffer().getBytes(),
                (reply, failure) -> answer.complete(new JsonObject(Buffer.buffer(reply)))));
    return answer;
  }
}
