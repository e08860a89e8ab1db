package stampede.bench.control;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mysqlclient.MySQLBuilder;
import io.vertx.mysqlclient.MySQLClient;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.protocol.Outcome;

/**
 * Control (a): one MySQL transaction a shake: who buys, under a unique key; the order; one unit
 * less where there are any.
 *
 * <p>Two round trips, where most shops make five: these three statements are sent without waiting
 * for each other, then the commit. The row that everybody wants comes last, so it is locked for one
 * of them. Nothing but a commit ever commits: a statement that runs after a deadlock ended its
 * transaction is undone too.
 */
public final class TransactionSale implements ControlSale {
  public static final int CONNECTIONS_DEFAULT = 16;

  private static final Logger LOG = LoggerFactory.getLogger(TransactionSale.class);
  private static final int STATEMENTS_IN_FLIGHT = 4;
  private static final int TRIES_MAX = 10;
  private static final int DUPLICATE_KEY = 1062;

  /** Lock wait, deadlock, and MariaDB's "record has changed": the same transaction may pass now. */
  private static final Set<Integer> AGAIN = Set.of(1205, 1213, 1020);

  private static final String SESSION =
      "SET SESSION autocommit = 0; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
  private static final String CREATE_ITEM =
      """
      CREATE TABLE IF NOT EXISTS item (
        item_id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT,
        stock BIGINT NOT NULL,
        opens_at BIGINT NOT NULL,
        closes_at BIGINT NOT NULL)""";
  private static final String CREATE_BOUGHT =
      """
      CREATE TABLE IF NOT EXISTS bought (
        user_id VARBINARY(160) NOT NULL,
        item_id BIGINT UNSIGNED NOT NULL,
        PRIMARY KEY (user_id, item_id))""";
  private static final String ITEM =
      "INSERT INTO item (stock, opens_at, closes_at) VALUES (?, ?, ?)";
  private static final String BOUGHT = "INSERT INTO bought (user_id, item_id) VALUES (?, ?)";
  private static final String DECREMENT =
      """
      UPDATE item SET stock = stock - 1
        WHERE item_id = ? AND stock > 0 AND opens_at <= ? AND closes_at > ?""";

  private final Pool pool;

  private TransactionSale(Pool pool) {
    this.pool = pool;
  }

  /**
   * With its tables.
   *
   * @param connections to MySQL
   */
  public static Future<TransactionSale> open(Vertx vertx, String url, int connections) {
    MySQLConnectOptions options =
        MySQLConnectOptions.fromUri(url)
            .setCachePreparedStatements(true)
            .setPipeliningLimit(STATEMENTS_IN_FLIGHT);
    Pool pool =
        MySQLBuilder.pool()
            .using(vertx)
            .with(new PoolOptions().setMaxSize(connections))
            .withConnectHandler(TransactionSale::begin)
            .connectingTo(options)
            .build();
    return pool.query(CREATE_ITEM)
        .execute()
        .compose(made -> pool.query(CREATE_BOUGHT).execute())
        .compose(made -> pool.query(OrderTable.CREATE).execute())
        .map(made -> new TransactionSale(pool));
  }

  /** Closing gives it to the pool, so one that can't be set up is never used. */
  private static void begin(SqlConnection connection) {
    connection
        .query(SESSION)
        .execute()
        .compose(set -> connection.close())
        .onFailure(fault -> LOG.error("a connection to MySQL can't be set up", fault));
  }

  @Override
  public Future<Long> open(long stock, long opensAt, long closesAt) {
    return pool.withConnection(
        connection ->
            connection
                .preparedQuery(ITEM)
                .execute(Tuple.of(stock, opensAt, closesAt))
                .compose(item -> commit(connection).map(id(item))));
  }

  @Override
  public Future<Said> shake(long item, String buyer, String key) {
    return attempt(item, bytes(buyer), bytes(key), TRIES_MAX);
  }

  private Future<Said> attempt(long item, Buffer buyer, Buffer key, int tries) {
    return pool.withConnection(connection -> transaction(connection, item, buyer, key))
        .recover(
            fault ->
                tries > 1 && AGAIN.contains(code(fault))
                    ? attempt(item, buyer, key, tries - 1)
                    : Future.failedFuture(fault));
  }

  private static Future<Said> transaction(
      SqlConnection connection, long item, Buffer buyer, Buffer key) {
    long at = System.currentTimeMillis();
    Future<RowSet<Row>> bought = connection.preparedQuery(BOUGHT).execute(Tuple.of(buyer, item));
    Future<RowSet<Row>> ordered =
        connection
            .preparedQuery(OrderTable.INSERT_ONE)
            .execute(Tuple.of(item, buyer, key, at, at + PAY_WITHIN_MS));
    Future<RowSet<Row>> taken = connection.preparedQuery(DECREMENT).execute(Tuple.of(item, at, at));
    return Future.join(bought, ordered, taken)
        .transform(
            done -> {
              if (done.succeeded() && taken.result().rowCount() == 1) {
                long order = id(ordered.result());
                return commit(connection).map(new Said(Outcome.ACCEPTED, order, at));
              }
              Said refused = Said.no(done.succeeded() ? Outcome.SOLD_OUT : Outcome.LIMIT_REACHED);
              boolean isRefusal = done.succeeded() || code(bought.cause()) == DUPLICATE_KEY;
              return connection
                  .query("ROLLBACK")
                  .execute()
                  .compose(
                      undone ->
                          isRefusal
                              ? Future.succeededFuture(refused)
                              : Future.failedFuture(done.cause()));
            });
  }

  private static Future<RowSet<Row>> commit(SqlConnection connection) {
    return connection.query("COMMIT").execute();
  }

  private static int code(@Nullable Throwable fault) {
    return fault instanceof MySQLException mysql ? mysql.getErrorCode() : 0;
  }

  private static long id(RowSet<Row> inserted) {
    return inserted.property(MySQLClient.LAST_INSERTED_ID);
  }

  private static Buffer bytes(String text) {
    return Buffer.buffer(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Future<Void> close() {
    return pool.close();
  }
}
