package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a report has of MySQL. */
class ReportsIT {
  private static final int PARTITIONS = 4;
  private static final long OPENS_AT = System.currentTimeMillis() - 3_600_000;
  @TempDir static Path directory;
  @RegisterExtension static final Database db = new Database(() -> directory);
  private static QueryDesk desk;

  @BeforeAll
  static void openDesk() {
    desk = db.desk(PARTITIONS);
  }

  @BeforeEach
  void session() {
    db.run(
        "INSERT INTO sale_session (session_id, title, opens_at, closes_at, zone, status, created_by,"
            + " created_at) VALUES (7, 't', "
            + OPENS_AT
            + ", "
            + (OPENS_AT + 1_800_000)
            + ", 'UTC', 'published', 'ann', 1)");
  }

  private static void item(long item, int partition, long publishedAt) {
    db.run(
        ("INSERT INTO sale_item (item_id, session_id, partition_id, title, price, list_price,"
                + " currency, opens_at, closes_at, stock, limit_per_user, pay_within_ms, cooldown_ms,"
                + " gate, releases, published_at, published_position) VALUES (%d, 7, %d, 'i', 100,"
                + " 100, 'CNY', 1, 2, 9, 1, 1, 0, 1, '[]', 1, %d)")
            .formatted(item, partition, publishedAt));
    db.run("INSERT INTO item_stock VALUES (" + item + ", 5, 1, 3, 9, 50)");
  }

  private static void order(long position, int partition, long item, String status, int quantity) {
    long order = stampede.protocol.PartitionMap.orderId(partition, position);
    String reason = status.equals("released") ? "'expired'" : "NULL";
    db.run(
        ("INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price, currency,"
                + " status, accepted_at, pay_by, release_reason, partition_id, position) VALUES"
                + " (%1$d, %2$d, 'u', '%1$d', %3$d, 100, 'CNY', '%4$s', %5$d, 1, %6$s, %7$d, %8$d)")
            .formatted(
                order, item, quantity, status, 1_000 + position, reason, partition, position));
  }

  @Test
  void ordersAreSummedByItemAndByWhatBecameOfThem() {
    item(1001, 2, 10);
    item(1002, 2, 11);
    order(20, 2, 1001, "paid", 2);
    order(21, 2, 1001, "paid", 1);
    order(22, 2, 1001, "held", 1);
    order(23, 2, 1002, "released", 3);
    order(24, 2, 999, "paid", 7); // of another session
    db.run("INSERT INTO drain_cursor VALUES (2, 50, 18446744073709551615, 49, 77)");
    db.run("INSERT INTO item_milestone VALUES (1001, 5, 30, NULL)");

    JsonObject report = report();

    JsonObject first = report.getJsonArray("items").getJsonObject(0);
    assertThat(first.getJsonObject("orders").getJsonObject("paid"))
        .isEqualTo(JsonObject.of("orders", 2, "units", 3, "amount", 300));
    assertThat(first.getJsonObject("orders").getJsonObject("held").getInteger("orders")).isOne();
    assertThat(first.getLong("firstOrderAt")).isEqualTo(1_020);
    assertThat(first.getLong("lastOrderAt")).isEqualTo(1_022);
    assertThat(first.getLong("soldOutAt")).isEqualTo(30);
    JsonObject second = report.getJsonArray("items").getJsonObject(1);
    assertThat(second.getJsonObject("orders").getJsonObject("expired").getInteger("units"))
        .isEqualTo(3);
    assertThat(second.getValue("soldOutAt")).isNull();
    JsonObject partition = report.getJsonArray("partitions").getJsonObject(0);
    assertThat(partition.getString("batch")).isEqualTo("18446744073709551615");
    assertThat(partition.getLong("drained")).isEqualTo(50);
  }

  @Test
  void countsAreThoseOfTheSessionsTimeAcrossEdgesAndRestarts() {
    long day = 86_400_000;
    words("edge-1", OPENS_AT - day, OPENS_AT - 3_600_000, 9_000, 900, 50); // long before
    words("edge-1", OPENS_AT - day, OPENS_AT - 300_000, 10_000, 1_000, 60);
    words("edge-1", OPENS_AT - day, OPENS_AT + 120_000, 10_500, 1_030, 80);
    words("edge-1", OPENS_AT + 200_000, OPENS_AT + 260_000, 7, 2, 5); // it was restarted
    words("edge-2", OPENS_AT - 60_000, OPENS_AT + 60_000, 300, 40, 20);
    words("edge-2", OPENS_AT - 60_000, OPENS_AT + 1_700_000, 400, 50, 10);
    words("edge-2", OPENS_AT - 60_000, OPENS_AT + 2_400_000, 9_999, 999, 10); // long after

    JsonObject counts = report().getJsonObject("counts");

    assertThat(counts.getInteger("edges")).isEqualTo(2);
    assertThat(counts.getLong("socketsMax")).isEqualTo(80 + 5 + 20);
    assertThat(counts.getJsonObject("counts").getLong("shakes")).isEqualTo(500 + 7 + 400);
    assertThat(counts.getJsonObject("counts").getJsonObject("outcomes").getLong("sold_out"))
        .isEqualTo(30 + 2 + 50);
    assertThat(counts.getLong("to")).isEqualTo(OPENS_AT + 1_700_000);
  }

  @Test
  void lastWordOfAMinuteStaysWhateverComesLater() {
    long minute = OPENS_AT - OPENS_AT % 60_000;
    words("edge-1", minute, minute + 20_000, 20, 2, 9);
    words("edge-1", minute, minute + 10_000, 10, 1, 11); // late on its way

    assertThat(db.number("SELECT COUNT(*) FROM edge_count")).isEqualTo(1);
    assertThat(db.row("SELECT counts FROM edge_count").getString(0)).contains("\"shakes\":20");
    assertThat(db.number("SELECT sockets FROM edge_count")).isEqualTo(11);
  }

  @Test
  void wordsOfLongAgoAreForgotten() {
    long now = System.currentTimeMillis();
    words("edge-1", 1, now - 100L * 86_400_000, 1, 1, 1);
    words("edge-1", 1, now, 2, 2, 2);

    assertThat(db.number("SELECT COUNT(*) FROM edge_count")).isEqualTo(1);
  }

  @Test
  void unknownSessionAndBadWordsAreRefused() {
    assertThat(ask(JsonObject.of("op", "report", "session", "8")).encode()).contains("not_found");
    assertThat(
            ask(JsonObject.of("op", "edge.counts", "node", "e", "startedAt", 1, "at", 1)).encode())
        .contains("invalid", "counts");
  }

  private static void words(
      String node, long startedAt, long at, long shakes, long soldOut, long sockets) {
    JsonObject kept =
        ask(
            new JsonObject()
                .put("op", "edge.counts")
                .put("node", node)
                .put("startedAt", startedAt)
                .put("at", at)
                .put("sockets", sockets)
                .put(
                    "counts",
                    new JsonObject()
                        .put("shakes", shakes)
                        .put("outcomes", JsonObject.of("sold_out", soldOut))));
    assertThat(kept).isEqualTo(JsonObject.of("kept", true));
  }

  private static JsonObject report() {
    return ask(JsonObject.of("op", "report", "session", "7"));
  }

  private static JsonObject ask(JsonObject request) {
    byte[] reply = db.ask(done -> desk.handle(request.toBuffer().getBytes(), done));
    return new JsonObject(Buffer.buffer(reply));
  }
}
