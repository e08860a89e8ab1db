package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.PartitionMap;

/**
 * Reading from a second MariaDB. What it has of each order is told apart by the price: 1 on the
 * primary, 2 on the read server.
 */
class ReadServerIT {
  private static final int PARTITIONS = 4;
  private static final long ORDER = PartitionMap.orderId(2, 5);

  private final AtomicLong nowMs = new AtomicLong(100_000);
  private Database primary;
  private Database replica;
  private DrainedPositions drained;
  private QueryDesk desk;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    primary = Database.at(Files.createDirectories(directory.resolve("a")));
    replica = Database.at(Files.createDirectories(directory.resolve("b")));
    primary.reset();
    replica.reset();
    fill(primary, 1);
    fill(replica, 2);
    drained = new DrainedPositions(PARTITIONS, nowMs::get);
    MySqlLink link = primary.link();
    MySqlLink readLink =
        new MySqlLink(primary.vertx, "read", new MySqlLink.Settings(replica.url(), 4, 64, 400));
    ReadSide side = new ReadSide(link, readLink, drained, nowMs::get);
    desk =
        new QueryDesk(
            link,
            PARTITIONS,
            new Queries(side, PARTITIONS),
            new WebhookCommands(link, false),
            new Reports(side, PARTITIONS),
            10_000);
    desk.ready();
  }

  @AfterEach
  void stop() {
    replica.server().thaw();
    primary.close();
    replica.close();
  }

  private static void fill(Database db, int price) {
    db.run(
        "INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price, currency,"
            + " status, accepted_at, pay_by, partition_id, position) VALUES ("
            + ORDER
            + ", 1001, 'ann', 'k', 1, "
            + price
            + ", 'CNY', 'held', 1, 1, 2, 5)");
    db.run("INSERT INTO drain_cursor VALUES (2, 5, 1, 5, 1)");
  }

  @Test
  void ordersAreReadFromTheReadServer() {
    assertThat(price(orders())).isEqualTo(2);
    assertThat(price(order(ORDER))).isEqualTo(2);
    assertThat(orders().getLong("asOf")).isPositive();
  }

  @Test
  void primaryIsAskedForAnOrderTheReadServerCantHaveYet() {
    JsonObject list = orders(PartitionMap.orderId(2, 6));

    assertThat(price(list)).isEqualTo(1);
  }

  @Test
  void orderThatOnlyThePrimaryHasIsFound() {
    replica.run("DELETE FROM sale_order");
    assertThat(price(order(ORDER))).isEqualTo(1);

    replica.run("UPDATE drain_cursor SET position = 4");

    assertThat(price(order(ORDER))).isEqualTo(1);
  }

  @Test
  void readServerThatStaysBehindIsNotAskedUntilItCaughtUp() {
    primary.run("UPDATE drain_cursor SET position = 9");
    heard(2, 9);
    assertThat(price(orders())).as("a moment's lag is none").isEqualTo(2);

    nowMs.addAndGet(DrainedPositions.LAG_MS);
    assertThat(price(orders())).isEqualTo(1);

    replica.run("UPDATE drain_cursor SET position = 9");
    nowMs.addAndGet(ReadSide.BEHIND_MS);
    assertThat(price(orders())).isEqualTo(2);
  }

  @Test
  void stoppedReadServerCostsOneQuestionAMoment() {
    replica.server().kill9();

    assertThat(price(timed(1_000))).isEqualTo(1);
    assertThat(price(timed(300))).isEqualTo(1);
    nowMs.addAndGet(ReadSide.AWAY_MS);
    assertThat(price(timed(1_000))).isEqualTo(1);
  }

  @Test
  void frozenReadServerIsNotWaitedForAndUsedAgainWhenItThaws() throws InterruptedException {
    assertThat(price(orders())).isEqualTo(2);
    replica.server().freeze();

    assertThat(price(timed(1_000))).isEqualTo(1);
    assertThat(price(timed(300))).isEqualTo(1);

    replica.server().thaw();
    Thread.sleep(1_500); // its breaker tries again after a second
    nowMs.addAndGet(ReadSide.AWAY_MS);
    assertThat(price(orders())).isEqualTo(2);
  }

  private JsonObject timed(long msMax) {
    long begin = System.nanoTime();
    JsonObject reply = orders();
    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin)).isLessThan(msMax);
    return reply;
  }

  private JsonObject orders() {
    return ask(JsonObject.of("op", "orders", "user", "ann"));
  }

  private JsonObject orders(long seen) {
    return ask(JsonObject.of("op", "orders", "user", "ann", "seen", Long.toString(seen)));
  }

  private JsonObject order(long order) {
    JsonObject found =
        ask(JsonObject.of("op", "order.get", "order", Long.toString(order), "user", "ann"));
    return JsonObject.of("orders", JsonArray.of(found.getJsonObject("order")));
  }

  private static int price(JsonObject reply) {
    return reply.getJsonArray("orders").getJsonObject(0).getInteger("price");
  }

  private void heard(int partition, long position) {
    drained.heard(
        new DrainNews(
            "persist-1",
            1,
            List.of(new DrainStatus(partition, position, 1, DrainStatus.Mode.OK, "", 0, 0))));
  }

  private JsonObject ask(JsonObject request) {
    byte[] reply = primary.ask(done -> desk.handle(request.toBuffer().getBytes(), done));
    return new JsonObject(Buffer.buffer(reply));
  }
}
