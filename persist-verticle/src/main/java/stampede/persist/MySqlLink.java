package stampede.persist;

import io.vertx.circuitbreaker.CircuitBreaker;
import io.vertx.circuitbreaker.CircuitBreakerOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.mysqlclient.MySQLBuilder;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Connections to one MySQL: a small pool with a bounded queue, behind a circuit breaker, with what
 * the client lacks: a time-out on every statement.
 *
 * <p>While MySQL is away the breaker is open and leases fail at once; one attempt a second finds
 * out when it is back. A statement that times out leaves its connection in an unknown state: such a
 * connection is never given back, and its socket closes by itself soon after.
 */
final class MySqlLink {
  private static final int CONNECT_FAILURES_MAX = 3;
  private static final long BREAKER_RESET_MS = 1_000;
  private static final int IDLE_MS = 3_000;
  private static final int SOCKET_GRACE_MS = 500;

  /**
   * @param connections at most
   * @param waitersMax callers waiting for one of them; one more fails at once
   * @param timeoutMs for one statement, and for getting a connection
   */
  record Settings(String url, int connections, int waitersMax, int timeoutMs) {}

  private final Pool pool;
  private final CircuitBreaker breaker;
  private final int connections;
  private final int timeoutMs;
  private volatile String lastFault = "";

  /** Opens nothing yet. {@code name} is for messages. */
  MySqlLink(Vertx vertx, String name, Settings settings) {
    this.connections = settings.connections;
    this.timeoutMs = settings.timeoutMs;
    this.pool =
        MySQLBuilder.pool()
            .using(vertx)
            .with(poolOptions(settings))
            .with(socketOptions(settings))
            .connectingTo(MySQLConnectOptions.fromUri(settings.url))
            .build();
    this.breaker =
        CircuitBreaker.create(
            name,
            vertx,
            new CircuitBreakerOptions()
                .setMaxFailures(CONNECT_FAILURES_MAX)
                .setTimeout(-1) // the pool's own bound ends every attempt, and ends it for real
                .setResetTimeout(BREAKER_RESET_MS));
  }

  private static PoolOptions poolOptions(Settings settings) {
    return new PoolOptions()
        .setMaxSize(settings.connections)
        .setMaxWaitQueueSize(settings.waitersMax)
        .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
        .setConnectionTimeout(settings.timeoutMs)
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setIdleTimeout(IDLE_MS)
        .setPoolCleanerPeriod(1_000);
  }

  private static NetClientOptions socketOptions(Settings settings) {
    NetClientOptions options = new NetClientOptions().setConnectTimeout(settings.timeoutMs);
    options.setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
    options.setReadIdleTimeout(Math.max(IDLE_MS, settings.timeoutMs) + SOCKET_GRACE_MS);
    return options;
  }

  /** At most so many are leased at once. */
  int connections() {
    return connections;
  }

  /**
   * A connection, to be given back with {@link #giveBack}. Fails within the time-out, at once while
   * the breaker is open.
   */
  Future<SqlConnection> lease() {
    return breaker
        .execute(pool::getConnection)
        .recover(
            fault -> {
              String text = String.valueOf(fault.getMessage());
              boolean open = text.equals("open circuit");
              lastFault = open ? lastFault : text;
              return Future.failedFuture(new MySqlAway(lastFault));
            });
  }

  /**
   * Back to the pool, unless {@code fault} says that a statement may still be running on it.
   *
   * @param fault of the last work done on it; null = none
   */
  static void giveBack(SqlConnection connection, @Nullable Throwable fault) {
    if (!(fault instanceof TimeoutException)) {
      connection.close().onFailure(closed -> {}); // closed already: the pool knows
    }
  }

  /** One or more statements in one round trip; their results are chained. */
  Future<RowSet<Row>> run(SqlConnection connection, String sql) {
    return connection.query(sql).execute().timeout(timeoutMs, TimeUnit.MILLISECONDS);
  }

  Future<RowSet<Row>> run(SqlConnection connection, String sql, Tuple parameters) {
    return connection
        .preparedQuery(sql)
        .execute(parameters)
        .timeout(timeoutMs, TimeUnit.MILLISECONDS);
  }

  /** Work on one connection, each statement in a transaction of its own. */
  <T> Future<T> with(Function<SqlConnection, Future<T>> work) {
    return lease()
        .compose(
            connection ->
                work.apply(connection).onComplete(done -> giveBack(connection, done.cause())));
  }

  /** Work in one transaction; undone if it fails. A time-out of the commit leaves it open. */
  <T> Future<T> inTransaction(Function<SqlConnection, Future<T>> work) {
    return with(
        connection ->
            run(connection, "START TRANSACTION")
                .compose(started -> work.apply(connection))
                .compose(
                    result -> run(connection, "COMMIT").map(result),
                    fault -> undo(connection, fault)));
  }

  private <T> Future<T> undo(SqlConnection connection, Throwable fault) {
    if (fault instanceof TimeoutException) {
      return Future.failedFuture(fault);
    }
    return run(connection, "ROLLBACK").compose(undone -> Future.failedFuture(fault));
  }

  Future<Void> close() {
    breaker.close();
    return pool.close();
  }

  /** MySQL can't be reached, or not in time. */
  static final class MySqlAway extends Exception {
    MySqlAway(String cause) {
      super("MySQL is away: " + cause, null, false, false);
    }
  }
}
