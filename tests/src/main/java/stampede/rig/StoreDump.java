package stampede.rig;

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
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import stampede.rig.check.Dump;

/**
 * Reads both stores past the shop: MySQL in one snapshot, then Redis, where a partition's record is
 * read together with the end of its log. Blocks; each call is bounded.
 */
public final class StoreDump {
  private static final long CALL_SECONDS_MAX = 120;
  private static final int PAGE_ENTRIES = 500;

  private StoreDump() {}

  /** Everything the checker wants to know of both. */
  public static Dump read(String redisUrl, String mysqlUrl) {
    Vertx vertx = Vertx.vertx();
    try {
      MySQLConnection mysql =
          await(MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(mysqlUrl)));
      await(mysql.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY").execute());
      List<Dump.Order> orders = rows(mysql, "sale_order", StoreDump::order);
      List<Dump.Claim> claims = rows(mysql, "sale_claim", StoreDump::claim);
      List<Dump.Refund> refunds = rows(mysql, "sale_refund", StoreDump::refund);
      List<Dump.Stock> stock = rows(mysql, "item_stock", StoreDump::stock);
      List<Dump.Cursor> cursors = rows(mysql, "drain_cursor", StoreDump::cursor);
      RedisConnection redis = await(Redis.createClient(vertx, redisUrl).connect());
      int partitions = Integer.parseInt(ask(redis, "st:meta", "partitions").toString());
      List<Dump.Entry> log = new ArrayList<>();
      List<Dump.Owner> owners = new ArrayList<>();
      for (int p = 0; p < partitions; p++) {
        readPartition(redis, p, log, owners);
      }
      Response time = await(redis.send(Request.cmd(Command.TIME)));
      long now = time.get(0).toLong() * 1_000 + time.get(1).toLong() / 1_000;
      return new Dump(partitions, now, log, owners, orders, claims, refunds, stock, cursors);
    } finally {
      await(vertx.close());
    }
  }

  private static Response ask(RedisConnection redis, String key, String field) {
    Response found = await(redis.send(Request.cmd(Command.HGET, key, field)));
    if (found == null) {
      throw new IllegalStateException("no " + field + " in " + key);
    }
    return found;
  }

  private static void readPartition(
      RedisConnection redis, int partition, List<Dump.Entry> log, List<Dump.Owner> owners) {
    String key = "st:{" + partition + "}:";
    String from = "-";
    Response page;
    do {
      page = await(redis.send(range(key, from)));
      from = readPage(partition, page, log, from);
    } while (page.size() == PAGE_ENTRIES);
    await(redis.send(Request.cmd(Command.MULTI)));
    await(redis.send(range(key, from)));
    await(
        redis.send(
            Request.cmd(Command.HMGET, key + "own", "node", "epoch", "position", "lastBatch")));
    Response end = await(redis.send(Request.cmd(Command.EXEC)));
    if (end.get(0).size() == PAGE_ENTRIES) {
      throw new IllegalStateException("the log of partition " + partition + " grows too fast");
    }
    readPage(partition, end.get(0), log, from);
    Response own = end.get(1);
    if (own.get(1) != null) {
      owners.add(
          new Dump.Owner(
              partition,
              String.valueOf(own.get(0)),
              own.get(1).toLong(),
              own.get(2).toLong(),
              own.get(3) == null ? "" : own.get(3).toString()));
    }
  }

  private static Request range(String key, String from) {
    return Request.cmd(Command.XRANGE, key + "log", from, "+", "COUNT", PAGE_ENTRIES);
  }

  /** Tells where the next page begins. */
  private static String readPage(int partition, Response page, List<Dump.Entry> log, String begin) {
    String next = begin;
    for (Response entry : page) {
      log.add(entry(partition, entry));
      next = "(" + entry.get(0);
    }
    return next;
  }

  private static Dump.Entry entry(int partition, Response entry) {
    Response pairs = entry.get(1);
    List<Dump.Field> fields = new ArrayList<>();
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      fields.add(new Dump.Field(pairs.get(i).toString(), pairs.get(i + 1).toBytes()));
    }
    return new Dump.Entry(partition, entry.get(0).toString(), List.copyOf(fields));
  }

  private static void readOwner(RedisConnection redis, int partition, List<Dump.Owner> owners) {
    String key = "st:{" + partition + "}:own";
    Response own =
        await(
            redis.send(Request.cmd(Command.HMGET, key, "node", "epoch", "position", "lastBatch")));
    if (own.get(1) != null) {
      owners.add(
          new Dump.Owner(
              partition,
              String.valueOf(own.get(0)),
              own.get(1).toLong(),
              own.get(2).toLong(),
              own.get(3) == null ? "" : own.get(3).toString()));
    }
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
        row.getString("currency"),
        row.getString("status"),
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
    Object batch = row.getValue("batch");
    return new Dump.Cursor(
        (int) number(row, "partition_id"),
        number(row, "position"),
        String.valueOf(batch),
        number(row, "batch_first"));
  }

  private static long number(Row row, String column) {
    return row.getValue(column) instanceof Number number ? number.longValue() : 0;
  }

  private static String text(Row row, String column) {
    Object value = row.getValue(column);
    return value instanceof Buffer bytes
        ? Dump.text(bytes.getBytes())
        : value == null ? "" : value.toString();
  }

  private static <T> T await(Future<T> future) {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(CALL_SECONDS_MAX, TimeUnit.SECONDS)
        .join();
  }
}
