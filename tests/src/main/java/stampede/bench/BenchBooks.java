package stampede.bench;

import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.SqlConnection;
import java.util.concurrent.TimeUnit;

/** What MySQL has of a shop, over one connection; for as long as the server lives. */
public final class BenchBooks implements AutoCloseable {
  private static final long ANSWER_SECONDS_MAX = 30;
  private static final long DRAIN_SECONDS_MAX = 60;
  private static final long QUIET_MS = 300;

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
    long begin = System.nanoTime();
    long quietSince = begin;
    long last = -1;
    while (System.nanoTime() - quietSince < QUIET_MS * 1_000_000) {
      long now = drained();
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

  SqlConnection sql() {
    return sql;
  }

  private long number(String query) {
    return sql.query(query)
        .execute()
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
        .join()
        .iterator()
        .next()
        .getLong(0);
  }

  @Override
  public void close() {
    sql.close();
  }
}
