package stampede.check;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import stampede.rig.check.Dump;

/**
 * Reads the stores of a small shop past the shop: MySQL in one snapshot, then Redis in one
 * transaction. Every call waits for its answer.
 */
final class ShopDump {
  private final List<Dump.Entry> log = new ArrayList<>();
  private final List<Dump.Owner> owners = new ArrayList<>();

  private ShopDump() {}

  static Dump read(String redisUrl, String mysqlUrl) {
    Vertx vertx = Vertx.vertx();
    try {
      MySQLConnection mysql =
          await(MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(mysqlUrl)));
      await(mysql.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY").execute());
      List<Dump.Order> orders = rows(mysql, "sale_order", ShopDump::order);
      List<Dump.Claim> claims = rows(mysql, "sale_claim", ShopDump::claim);
      List<Dump.Refund> refunds = rows(mysql, "sale_refund", ShopDump::refund);
      List<Dump.Stock> stock = rows(mysql, "item_stock", ShopDump::stock);
      List<Dump.Cursor> cursors = rows(mysql, "drain_cursor", ShopDump::cursor);
      await(mysql.close());
      RedisConnection redis = await(Redis.createClient(vertx, redisUrl).connect());
      int partitions =
          await(redis.send(Request.cmd(Command.HGET, "st:meta", "partitions"))).toInteger();
      ShopDump dump = new ShopDump();
      long now = dump.readLogs(redis, partitions);
      return new Dump(
          partitions, now, dump.log, dump.owners, orders, claims, refunds, stock, cursors);
    } finally {
      await(vertx.close());
    }
  }

  private long readLogs(RedisConnection redis, int partitions) {
    await(redis.send(Request.cmd(Command.MULTI)));
    for (int p = 0; p < partitions; p++) {
      String key = "st:{" + p + "}:";
      await(redis.send(Request.cmd(Command.XRANGE, key + "log", "-", "+")));
      await(
          redis.send(
              Request.cmd(Command.HMGET, key + "own", "node", "epoch", "position", "lastBatch")));
    }
    await(redis.send(Request.cmd(Command.TIME)));
    Response all = await(redis.send(Request.cmd(Command.EXEC)));
    for (int p = 0; p < partitions; p++) {
      for (Response entry : all.get(2 * p)) {
        log.add(entry(p, entry));
      }
      Response own = all.get(2 * p + 1);
      if (own.get(1) != null) {
        long position = own.get(2).toLong();
        String batch = own.get(3).toString();
        owners.add(new Dump.Owner(p, own.get(0).toString(), own.get(1).toLong(), position, batch));
      }
    }
    Response time = all.get(2 * partitions);
    return time.get(0).toLong() * 1_000 + time.get(1).toLong() / 1_000;
  }

  private static Dump.Entry entry(int partition, Response entry) {
    Response pairs = entry.get(1);
    List<Dump.Field> fields = new ArrayList<>();
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      fields.add(new Dump.Field(pairs.get(i).toString(), pairs.get(i + 1).toBytes()));
    }
    return new Dump.Entry(partition, entry.get(0).toString(), fields);
  }

  private static <T> List<T> rows(MySQLConnection mysql, String table, Function<Row, T> make) {
    List<T> rows = new ArrayList<>();
    await(mysql.query("SELECT * FROM " + table).execute())
        .forEach(row -> rows.add(make.apply(row)));
    return rows;
  }

  private static Dump.Order order(Row row) {
    return new Dump.Order(
        number(row, "order_id"),
        number(row, "item_id"),
        text(row, "user_id"),
        text(row, "shake_key"),
        (int) number(row, "quantity"),
        number(row, "price"),
        text(row, "currency"),
        text(row, "status"),
        number(row, "accepted_at"),
        number(row, "pay_by"),
        number(row, "paid_at"),
        text(row, "payment_id"),
        number(row, "released_at"),
        text(row, "release_reason"),
        text(row, "refund_payment_id"),
        text(row, "refund_reason"),
        number(row, "refund_at"),
        number(row, "claim_by"),
        text(row, "claimed_by"),
        number(row, "claimed_at"),
        (int) number(row, "partition_id"),
        number(row, "position"));
  }

  private static Dump.Claim claim(Row row) {
    return new Dump.Claim(
        number(row, "order_id"),
        text(row, "claimed_by"),
        number(row, "claimed_at"),
        (int) number(row, "partition_id"),
        number(row, "position"));
  }

  private static Dump.Refund refund(Row row) {
    return new Dump.Refund(
        number(row, "order_id"),
        text(row, "payment_id"),
        text(row, "reason"),
        number(row, "due_at"),
        (int) number(row, "partition_id"),
        number(row, "position"));
  }

  private static Dump.Stock stock(Row row) {
    return new Dump.Stock(
        number(row, "item_id"),
        number(row, "available"),
        number(row, "held"),
        number(row, "sold"),
        number(row, "stock"),
        number(row, "position"));
  }

  private static Dump.Cursor cursor(Row row) {
    return new Dump.Cursor(
        (int) number(row, "partition_id"),
        number(row, "position"),
        row.getValue("batch").toString(),
        number(row, "batch_first"));
  }

  private static long number(Row row, String column) {
    return row.getValue(column) instanceof Number number ? number.longValue() : 0;
  }

  private static String text(Row row, String column) {
    Object value = row.getValue(column);
    if (value instanceof Buffer bytes) {
      return Dump.text(bytes.getBytes());
    }
    return value == null ? "" : value.toString();
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(30, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer within 30 s", e);
    }
  }
}
