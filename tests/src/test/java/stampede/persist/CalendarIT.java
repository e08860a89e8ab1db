package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import stampede.protocol.PartitionMap;

/** What the calendar keeps in MySQL; Berlin's clocks went back on 25 October 2026. */
class CalendarIT {
  private static final int PARTITIONS = 16;
  @TempDir static Path directory;
  @RegisterExtension static final Database db = new Database(() -> directory);
  private static QueryDesk desk;

  @BeforeAll
  static void openDesk() {
    desk = db.desk(PARTITIONS);
  }

  // ---- drafts

  @Test
  void windowsAreGivenInTheSessionsLocalTime() {
    String session = create(session("2026-07-01T10:00", "2026-07-01T12:00").put("label", "super"));

    JsonObject found = get(session);
    assertThat(found.getLong("opensAt")).isEqualTo(ms("2026-07-01T08:00:00Z"));
    assertThat(found.getString("label")).isEqualTo("super");
    assertThat(detail(session("2026-03-29T02:30", "2026-03-29T12:00"))).contains("does not exist");
    assertThat(detail(session("2026-10-25T02:30", "2026-10-25T12:00"))).contains("there twice");
    assertThat(detail(session("2026-07-01T10:00", "2026-07-01T10:00")))
        .isEqualTo("closesAt must be after opensAt");
    assertThat(detail(session("2026-07-01T10:00", "2026-07-01T12:00").putNull("zone")))
        .startsWith("zone is missing");
    assertThat(detail(session("2026-07-01T10:00", "2026-07-01T12:00").put("label", "vip")))
        .startsWith("label must be");
  }

  @Test
  void allItemsOfALimitedSessionAreOnOnePartitionAndNoOtherItemSuffers() {
    String limited =
        create(session("2026-07-01T10:00", "2026-07-01T12:00").put("limitPerSession", 2));
    String free = create(session("2026-07-01T10:00", "2026-07-01T12:00"));
    int home = PartitionMap.partitionOfItem(Long.parseLong(limited), PARTITIONS);
    Set<String> ids = new HashSet<>();
    List<CompletableFuture<JsonObject>> made = new java.util.ArrayList<>();
    for (int i = 0; i < 20; i++) {
      made.add(send(item(limited, "a" + i)));
      made.add(send(item(free, "b" + i)));
    }

    for (int i = 0; i < made.size(); i++) {
      JsonObject reply = made.get(i).join();
      assertThat(ids.add(reply.getString("item"))).as(reply.encode()).isTrue();
      long id = Long.parseLong(reply.getString("item"));
      assertThat(reply.getInteger("partition"))
          .isEqualTo(PartitionMap.partitionOfItem(id, PARTITIONS));
      if (i % 2 == 0) {
        assertThat(reply.getInteger("partition")).isEqualTo(home);
      }
    }
    assertThat(items(limited)).allMatch(item -> item.getInteger("limitPerSession") == 2);
    assertThat(db.number("SELECT COUNT(DISTINCT partition_id) FROM sale_item WHERE session_id = 1"))
        .isEqualTo(1);
    assertThat(detail(change("session", limited).put("limitPerSession", 3)))
        .startsWith("limitPerSession can't change");
  }

  @Test
  void aProductIsInOneSessionAtATime() {
    String morning = create(session("2026-07-01T10:00", "2026-07-01T12:00"));
    String later = create(session("2026-07-01T12:00", "2026-07-01T14:00"));
    String overlapping = create(session("2026-07-01T11:59", "2026-07-01T13:00"));
    ask(item(morning, "tea").put("product", "T-1"));

    assertThat(code(ask(item(later, "tea").put("product", "T-1")))).isEmpty();
    JsonObject twice = ask(item(overlapping, "tea").put("product", "T-1"));
    assertThat(code(twice)).isEqualTo("product_twice");
    assertThat(twice.encode()).contains("product T-1 is in session 1 at the same time (item 1001)");
    assertThat(code(ask(item(overlapping, "tea").put("product", "t-1"))))
        .as("codes are compared byte for byte")
        .isEmpty();
    String draft = ask(item(overlapping, "cup")).getString("item");
    assertThat(code(ask(changeItem(draft).put("product", "T-1")))).isEqualTo("product_twice");
    assertThat(code(ask(change("session", later).put("opensAt", "2026-07-01T11:00"))))
        .isEqualTo("product_twice");
    assertThat(get(later).getLong("opensAt")).isEqualTo(ms("2026-07-01T10:00:00Z"));
  }

  @Test
  void twoWhoPlanTheSameProductAtTheSameMomentDoNotBothGetIt() {
    String one = create(session("2026-07-01T10:00", "2026-07-01T12:00"));
    String two = create(session("2026-07-01T10:00", "2026-07-01T12:00"));

    CompletableFuture<JsonObject> first = send(item(one, "tea").put("product", "T-1"));
    CompletableFuture<JsonObject> second = send(item(two, "tea").put("product", "T-1"));

    assertThat(List.of(code(first.join()), code(second.join())))
        .containsExactlyInAnyOrder("", "product_twice");
  }

  // ---- change

  @Test
  void aDraftChangesAndItsItemsMoveWithIt() {
    String session = create(session("2026-07-01T10:00", "2026-07-01T12:00"));
    String item =
        ask(item(session, "tea")
                .put("releases", new JsonArray().add(release("2026-07-01T11:00", 5))))
            .getString("item");

    JsonObject told =
        ask(change("session", session).put("closesAt", "2026-07-01T11:30").put("title", "new"));

    assertThat(told.getJsonObject("before").getString("title")).isEqualTo("ten");
    assertThat(told.getJsonObject("after").getString("title")).isEqualTo("new");
    assertThat(items(session).get(0).getLong("closesAt")).isEqualTo(ms("2026-07-01T09:30:00Z"));
    assertThat(detail(change("session", session).put("closesAt", "2026-07-01T10:30")))
        .as("a portion would come after the end")
        .startsWith("releases.at must be before closesAt");
    assertThat(ask(changeItem(item).put("price", 50).put("gate", 0.25)).getString("item"))
        .isEqualTo(item);
    assertThat(items(session).get(0).getLong("price")).isEqualTo(50);
    assertThat(items(session).get(0).getDouble("gate")).isEqualTo(0.25);
    assertThat(detail(changeItem(item).put("listPrice", 49))).startsWith("listPrice must be");
    assertThat(actions())
        .containsExactly("session.create", "item.create", "session.change", "item.change");
  }

  @Test
  void howShoppersSignInChangesWithTheItemsAndIsCopied() {
    String session = create(session("2026-07-01T10:00", "2026-07-01T12:00"));
    ask(item(session, "tea"));

    JsonObject told = ask(change("session", session).put("claimWithinSeconds", 90));
    JsonObject copy = ask(op("session.copy").put("session", session).put("day", "2026-07-02"));

    assertThat(told.getJsonObject("before").getString("login")).isEqualTo("before");
    assertThat(told.getJsonObject("after").getString("login")).isEqualTo("after");
    for (String each : List.of(session, copy.getString("session"))) {
      assertThat(get(each).getInteger("claimWithinSeconds")).isEqualTo(90);
      assertThat(items(each).get(0).getInteger("claimWithinSeconds")).isEqualTo(90);
    }
    ask(change("session", session).put("claimWithinSeconds", 0));
    assertThat(get(session).getString("login")).isEqualTo("before");
    assertThat(items(session).get(0).getInteger("claimWithinSeconds")).isZero();
    published(session);
    assertThat(detail(change("session", session).put("claimWithinSeconds", 60)))
        .startsWith("claimWithinSeconds can't change any more");
  }

  @Test
  void aChangeThatIsSentAgainUndoesNothingThatCameInBetween() {
    String session = create(session("2026-07-01T10:00", "2026-07-01T12:00"));
    JsonObject first = change("session", session).put("title", "one").put("key", "c-1");
    JsonObject told = ask(first);
    ask(change("session", session).put("title", "two"));

    assertThat(ask(first)).isEqualTo(told);
    assertThat(get(session).getString("title")).isEqualTo("two");
    String other = create(session("2026-07-01T10:00", "2026-07-01T12:00"));
    assertThat(code(ask(first.copy().put("session", other)))).isEqualTo("key_reused");
  }

  @Test
  void whatIsPublishedKeepsEverythingItsOwnersKnow() {
    String session = create(session("2026-07-01T10:00", "2026-07-01T12:00"));
    String item = ask(item(session, "tea")).getString("item");
    published(session);

    assertThat(detail(change("session", session).put("opensAt", "2026-07-01T09:00")))
        .startsWith("opensAt can't change any more");
    assertThat(code(ask(change("session", session).put("title", "better").put("label", "brand"))))
        .isEmpty();
    assertThat(get(session).getString("label")).isEqualTo("brand");
    assertThat(code(ask(changeItem(item).put("price", 1)))).isEqualTo("published");
    assertThat(code(ask(changeItem("77").put("price", 1)))).isEqualTo("not_found");
  }

  @Test
  void whatOwnersWereToldOutranksAChangeThatCameWhileTheyWereTold() {
    String session = create(session("2026-07-01T10:00", "2026-07-01T12:00"));
    String taken = ask(item(session, "tea")).getString("item");
    String missing = ask(item(session, "cup")).getString("item");
    JsonObject told = get(session); // as the one who publishes reads it, and sends it to the owners
    ask(
        change("session", session)
            .put("opensAt", "2026-07-01T11:00")
            .put("closesAt", "2026-07-01T13:00")
            .put("claimWithinSeconds", 90)
            .put("title", "new"));
    String late =
        ask(item(session, "pot")
                .put("releases", new JsonArray().add(release("2026-07-01T12:30", 5))))
            .getString("item");

    JsonObject published = op("session.published").put("session", session);
    for (String member : List.of("opensAt", "closesAt", "claimWithinSeconds")) {
      published.put(member, told.getValue(member));
    }
    assertThat(code(ask(published))).isEmpty();

    JsonObject kept = get(session);
    assertThat(kept.getLong("opensAt")).isEqualTo(told.getLong("opensAt"));
    assertThat(kept.getLong("closesAt")).isEqualTo(told.getLong("closesAt"));
    assertThat(kept.getString("login")).isEqualTo("before");
    assertThat(kept.getString("title")).as("no owner knows it").isEqualTo("new");
    for (JsonObject item : items(session)) {
      boolean goesOnLonger = item.getString("item").equals(late);
      assertThat(item.getLong("closesAt"))
          .as(item.encode())
          .isEqualTo(goesOnLonger ? ms("2026-07-01T11:00:00Z") : told.getLong("closesAt"));
    }
    assertThat(items(session)).extracting(item -> item.getString("item")).contains(taken, missing);
    assertThat(detail(change("session", session).put("opensAt", "2026-07-01T11:00")))
        .startsWith("opensAt can't change any more");
    JsonObject audited =
        ask(JsonObject.of("op", "audit")).getJsonArray("entries").stream()
            .map(entry -> (JsonObject) entry)
            .filter(entry -> entry.getString("action").equals("session.publish"))
            .findFirst()
            .orElseThrow();
    assertThat(audited.encode())
        .contains(Long.toString(told.getLong("opensAt")))
        .contains(Long.toString(ms("2026-07-01T09:00:00Z")));
    assertThat(code(ask(changeItem(late).put("releases", new JsonArray())))).isEmpty();
    assertThat(items(session))
        .extracting(i -> i.getLong("closesAt"))
        .containsOnly(kept.getLong("closesAt"));
    assertThat(code(ask(published.copy().put("opensAt", 1)))).isEmpty();
    assertThat(get(session).getLong("opensAt"))
        .as("only the first time counts")
        .isEqualTo(told.getLong("opensAt"));
  }

  // ---- copy

  @Test
  void aCopyHasTheSameLocalTimesOnItsDayWhateverTheClocksDid() {
    String session = create(session("2026-10-24T22:00", "2026-10-25T01:00"));
    ask(
        item(session, "tea")
            .put("product", "T-1")
            .put("limitPerOrder", 1)
            .put("releases", new JsonArray().add(release("2026-10-25T00:30", 5))));
    published(session);
    JsonObject copy = op("session.copy").put("session", session).put("day", "2026-10-26");

    JsonObject told = ask(copy.put("key", "c-1"));

    JsonObject made = get(told.getString("session"));
    assertThat(made.getString("status")).isEqualTo("draft");
    assertThat(made.getLong("opensAt")).isEqualTo(ms("2026-10-26T21:00:00Z"));
    assertThat(made.getLong("closesAt")).isEqualTo(ms("2026-10-27T00:00:00Z"));
    JsonObject item = made.getJsonArray("items").getJsonObject(0);
    assertThat(told.getJsonArray("items")).isEqualTo(JsonArray.of(item.getString("item")));
    assertThat(item.getBoolean("published")).isFalse();
    assertThat(item.getString("product")).isEqualTo("T-1");
    assertThat(item.getInteger("limitPerOrder")).isEqualTo(1);
    assertThat(item.getJsonArray("releases").getJsonObject(0).getLong("at"))
        .isEqualTo(ms("2026-10-26T23:30:00Z"));
    assertThat(ask(copy)).isEqualTo(told);
    assertThat(code(ask(copy.copy().put("day", "2026-10-28")))).isEqualTo("key_reused");
    assertThat(code(ask(copy.copy().put("day", "2026-10-26").putNull("key"))))
        .as("the product is in the first copy")
        .isEqualTo("product_twice");
    assertThat(db.number("SELECT COUNT(*) FROM sale_session")).isEqualTo(2);
    assertThat(detail(copy.copy().put("day", "soon"))).startsWith("day must be");
  }

  // ---- archive

  @Test
  void whatIsPaidForOrReleasedToTheLastUnitIsArchivedOnce() {
    String session = create(session("2026-07-01T10:00", "2026-07-01T12:00"));
    String item = ask(item(session, "tea")).getString("item");
    JsonObject archive = op("session.archive").put("session", session);
    assertThat(code(ask(archive))).isEqualTo("not_ended");
    published(session);
    db.run("INSERT INTO item_stock VALUES (" + item + ", 3, 1, 1, 5, 9)");
    assertThat(code(ask(archive))).isEqualTo("orders_held");
    db.run("UPDATE item_stock SET held = 0, sold = 2");

    assertThat(ask(archive))
        .isEqualTo(ask(archive))
        .isEqualTo(JsonObject.of("session", session, "status", "archived"));
    assertThat(get(session).getString("status")).isEqualTo("archived");
    assertThat(actions()).filteredOn("session.archive"::equals).hasSize(1);
    assertThat(code(ask(item(session, "late")))).isEqualTo("archived");
    assertThat(detail(change("session", session).put("title", "x"))).contains("archived");
    assertThat(code(ask(op("session.published").put("session", session)))).isEqualTo("archived");
  }

  // ---- CSV

  @Test
  void aSheetGoesInAndComesOutTheSame() {
    String csv =
        """
        session,label,zone,opensAt,closesAt,limitPerSession,claimWithinSeconds,title,product,price,\
        listPrice,currency,stock,limitPerUser,limitPerOrder,payWithinSeconds,cooldownMs,gate,releases
        Nacht,super,Europe/Berlin,2026-10-25T02:30:00+02:00,2026-10-25T02:30:00+01:00,3,90,"tea, green",\
        T-1,100,200,EUR,5,2,1,60,5000,0.25,2026-10-25T02:45:00+02:00 7
        Nacht,super,Europe/Berlin,2026-10-25T02:30:00+02:00,2026-10-25T02:30:00+01:00,3,90,cup,,1,1,CNY,\
        9,1,0,900,0,1,
        Leer,single,UTC,2026-10-26T10:00:00Z,2026-10-26T12:00:00Z,0,0,,,,,,,,,,,,
        """;

    JsonObject told = ask(op("session.import").put("csv", csv).put("key", "i-1"));

    assertThat(told).isEqualTo(JsonObject.of("sessions", JsonArray.of("1", "2"), "items", 2));
    assertThat(ask(JsonObject.of("op", "session.export")).getString("csv")).isEqualTo(csv);
    assertThat(items("1")).extracting(item -> item.getInteger("partition")).containsOnly(home("1"));
    assertThat(ask(op("session.import").put("csv", csv).put("key", "i-1"))).isEqualTo(told);
    assertThat(code(ask(op("session.import").put("csv", csv + "\n").put("key", "i-1"))))
        .isEqualTo("key_reused");
    assertThat(db.number("SELECT COUNT(*) FROM sale_session")).isEqualTo(2);
    assertThat(actions()).containsExactly("session.import");
    JsonObject one = JsonObject.of("op", "session.export", "session", "2");
    assertThat(ask(one).getString("csv").lines()).hasSize(2);
  }

  @Test
  void aSheetWithOneWrongLineLeavesNothing() {
    String head = "session,zone,opensAt,closesAt,title,product,price,stock\n";
    String line = "Ten,UTC,2026-11-29T10:00,2026-11-29T12:00,tea,T-1,100,5\n";
    String overlapping = "Eleven,UTC,2026-11-29T11:00,2026-11-29T12:00,tea,T-1,100,5\n";
    String wrong = "Ten,UTC,2026-11-29T10:00,2026-11-29T12:00,tea,,x,5\n";

    JsonObject twice = ask(op("session.import").put("csv", head + line + overlapping));
    JsonObject unreadable = ask(op("session.import").put("csv", head + line + wrong));

    assertThat(code(twice)).isEqualTo("invalid_csv");
    JsonObject fault = twice.getJsonObject("error").getJsonArray("lines").getJsonObject(0);
    assertThat(fault.getInteger("line")).isEqualTo(3);
    assertThat(fault.getString("field")).isEqualTo("product");
    assertThat(unreadable.getJsonObject("error").getJsonArray("lines"))
        .isEqualTo(
            JsonArray.of(
                JsonObject.of(
                    "line", 3, "field", "price", "problem", "must be a whole number, is x")));
    assertThat(db.number("SELECT COUNT(*) FROM sale_session")).isZero();
    assertThat(db.number("SELECT COUNT(*) FROM sale_item")).isZero();
    assertThat(actions()).isEmpty();
  }

  @Test
  void theClockIsThatOfTheDatabase() {
    assertThat(ask(JsonObject.of("op", "clock")).getLong("now"))
        .isCloseTo(System.currentTimeMillis(), org.assertj.core.data.Offset.offset(60_000L));
  }

  // ----

  private static int home(String session) {
    return PartitionMap.partitionOfItem(Long.parseLong(session), PARTITIONS);
  }

  private static JsonObject session(String opensAt, String closesAt) {
    return op("session.create")
        .put("title", "ten")
        .put("opensAt", opensAt)
        .put("closesAt", closesAt)
        .put("zone", "Europe/Berlin");
  }

  private static String create(JsonObject session) {
    JsonObject reply = ask(session);
    assertThat(reply.getString("session")).as(reply.encode()).isNotNull();
    return reply.getString("session");
  }

  private static JsonObject item(String session, String title) {
    return op("item.create")
        .put("session", session)
        .put("title", title)
        .put("price", 100)
        .put("listPrice", 200)
        .put("stock", 5);
  }

  private static JsonObject release(String at, int units) {
    return JsonObject.of("at", at, "units", units);
  }

  private static JsonObject change(String what, String id) {
    return op(what + ".change").put(what, id);
  }

  private static JsonObject changeItem(String id) {
    return change("item", id);
  }

  /** As if its owners' events had been drained. */
  private static void published(String session) {
    db.run("UPDATE sale_item SET published_at = 1 WHERE session_id = " + session);
    ask(op("session.published").put("session", session));
  }

  private static JsonObject get(String session) {
    return ask(JsonObject.of("op", "session.get", "session", session)).getJsonObject("session");
  }

  private static List<JsonObject> items(String session) {
    return get(session).getJsonArray("items").stream().map(item -> (JsonObject) item).toList();
  }

  private static List<String> actions() {
    return ask(JsonObject.of("op", "audit")).getJsonArray("entries").stream()
        .map(entry -> ((JsonObject) entry).getString("action"))
        .toList();
  }

  private static JsonObject op(String op) {
    return JsonObject.of("op", op, "by", "ann");
  }

  private static String code(JsonObject reply) {
    return reply.getJsonObject("error", new JsonObject()).getString("code", "");
  }

  private static String detail(JsonObject request) {
    return ask(request).getJsonObject("error", new JsonObject()).getString("detail", "none");
  }

  private static JsonObject ask(JsonObject request) {
    return send(request).join();
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

  private static long ms(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }
}
