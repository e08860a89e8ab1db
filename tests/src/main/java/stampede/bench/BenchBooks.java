package stampede.bench;

import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What MySQL has of a shop, over one connection; for as long as the server lives. */
public final class BenchBooks implements AutoCloseable {
  private static final long ANSWER_SECONDS_MAX = 30;
  private static final long DRAIN_SECONDS_MAX = 60;
  private static final long QUIET_MS = 300;
  private static final String INSERTS = "SHOW GLOBAL STATUS LIKE 'Com_insert'";

  record Sold(long orders, long users) {}

  private final SqlConnection sql;

  BenchBooks(Vertx vertx, String url) {
    sql =
        MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(url))
            .toCompletionStage()
            .toCompletableFuture()
            .orTimeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
            .join();
  }

  /** Waits until the drain stands still; how long that took, milliseconds. */
  public long awaitDrained() {
    return awaitStill(this::drained);
  }

  private static long awaitStill(LongSupplier progress) {
    long begin = System.nanoTime();
    long quietSince = begin;
    long last = -1;
    while (System.nanoTime() - quietSince < QUIET_MS * 1_000_000) {
      long now = progress.getAsLong();
      if (now != last) {
        last = now;
        quietSince = System.nanoTime();
      }
      if (System.nanoTime() - begin > DRAIN_SECONDS_MAX * 1_000_000_000) {
        throw new IllegalStateException("the drain does not end; it is at " + last);
      }
      Pause.ms(10);
    }
    return (quietSince - begin) / 1_000_000;
  }

  /** Events in MySQL, all partitions together. */
  long drained() {
    return number("SELECT COALESCE(SUM(position), 0) FROM drain_cursor");
  }

  /** Waits until nobody inserts anything any more; how long that took, milliseconds. */
  long awaitQuiet() {
    return awaitStill(() -> Long.parseLong(row(INSERTS).getString(1)));
  }

  /** Orders in MySQL. */
  long orders() {
    return number("SELECT COUNT(*) FROM sale_order");
  }

  /** Of them, given back. */
  long released() {
    return number("SELECT COUNT(*) FROM sale_order WHERE status = 'released'");
  }

  /** From the first of them to the last, by the owner's time. */
  long releasedWithinMs() {
    return number(
        "SELECT COALESCE(MAX(released_at) - MIN(released_at), 0) FROM sale_order"
            + " WHERE status = 'released'");
  }

  /** Orders of an item, and by how many users. */
  Sold sold(String item) {
    Row row =
        row("SELECT COUNT(*), COUNT(DISTINCT user_id) FROM sale_order WHERE item_id = " + item);
    return new Sold(row.getLong(0), row.getLong(1));
  }

  SqlConnection sql() {
    return sql;
  }

  String text(String query) {
    return row(query).getString(0);
  }

  private long number(String query) {
    return row(query).getLong(0);
  }

  private Row row(String query) {
    return sql.query(query)
        .execute()
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
        .join()
        .iterator()
        .next();
  }

  @Override
  public void close() {
    sql.close();
  }
}
