package stampede.rig.chaos;

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

/** Reads both stores past the shop, MySQL first. Blocks; each call is bounded. */
final class StoreDump {
  private static final long CALL_SECONDS_MAX = 120;
  private static final int PAGE_ENTRIES = 500;

  private StoreDump() {}

  /** Everything the checker wants to know of both. */
  static Dump read(String redisUrl, String mysqlUrl) {
    Vertx vertx = Vertx.vertx();
    try {
      Rows rows = new Rows(vertx, mysqlUrl);
      List<Dump.Order> orders = rows.all("SELECT * FROM sale_order", StoreDump::order);
      List<Dump.Claim> claims = rows.all("SELECT * FROM sale_claim", StoreDump::claim);
      List<Dump.Refund> refunds = rows.all("SELECT * FROM sale_refund", StoreDump::refund);
      List<Dump.Stock> stock = rows.all("SELECT * FROM item_stock", StoreDump::stock);
      List<Dump.Cursor> cursors = rows.all("SELECT * FROM drain_cursor", StoreDump::cursor);
      RedisConnection redis = await(Redis.createClient(vertx, redisUrl).connect());
      int partitions = Integer.parseInt(ask(redis, "st:meta", "partitions").toString());
      List<Dump.Entry> log = new ArrayList<>();
      List<Dump.Owner> owners = new ArrayList<>();
      for (int p = 0; p < partitions; p++) {
        readLog(redis, p, log);
        readOwner(redis, p, owners);
      }
      long now = await(redis.send(Request.cmd(Command.TIME))).get(0).toLong() * 1_000;
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

  private static void readLog(RedisConnection redis, int partition, List<Dump.Entry> log) {
    String key = "st:{" + partition + "}:log";
    String from = "-";
    while (true) {
      Response page =
          await(redis.send(Request.cmd(Command.XRANGE, key, from, "+", "COUNT", PAGE_ENTRIES)));
      for (Response entry : page) {
        log.add(entry(partition, entry));
      }
      if (page.size() < PAGE_ENTRIES) {
        return;
      }
      from = "(" + page.get(page.size() - 1).get(0);
    }
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

  /** One connection to MySQL. */
  private static final class Rows {
    private final MySQLConnection connection;

    Rows(Vertx vertx, String url) {
      connection = await(MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(url)));
    }

    <T> List<T> all(String sql, Function<Row, T> make) {
      List<T> all = new ArrayList<>();
      await(connection.query(sql).execute()).forEach(row -> all.add(make.apply(row)));
      return all;
    }
  }
}
