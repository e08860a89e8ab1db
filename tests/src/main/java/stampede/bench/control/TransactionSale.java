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
 * Control (a): one MySQL transaction a shake. Who buys is noted under a unique key, the stock goes
 * down by one where there is any, the order is written.
 *
 * <p>Nothing but a commit ever commits: what runs after a deadlock has ended its transaction is
 * undone too.
 */
public final class TransactionSale implements ControlSale {
  /** How a transaction's statements are sent. */
  public enum Way {
    /**
     * As people write it: in that order, each after the answer to the one before. The row that
     * everybody wants is locked for two round trips.
     */
    STEP_BY_STEP(8),

    /**
     * As fast as it gets: the row that everybody wants last, and all at once; then the commit. It
     * is locked for one round trip.
     */
    AT_ONCE(4);

    /**
     * To MySQL, as docs/compare.md has it: 8, 16, 32 and 64 are slower at once; a transaction of
     * twice as many round trips gets twice as many.
     */
    public final int connections;

    Way(int connections) {
      this.connections = connections;
    }
  }

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
  private final Way way;

  private TransactionSale(Pool pool, Way way) {
    this.pool = pool;
    this.way = way;
  }

  /**
   * With its tables.
   *
   * @param connections to MySQL
   */
  public static Future<TransactionSale> open(Vertx vertx, String url, Way way, int connections) {
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
        .map(made -> new TransactionSale(pool, way));
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
                .compose(item -> connection.query("COMMIT").execute().map(id(item))));
  }

  @Override
  public Future<Said> shake(long item, String buyer, String key) {
    return attempt(item, bytes(buyer), bytes(key), TRIES_MAX);
  }

  private Future<Said> attempt(long item, Buffer buyer, Buffer key, int tries) {
    return pool.withConnection(
            connection -> {
              long at = System.currentTimeMillis();
              Transaction one = new Transaction(connection, item, buyer, key, at);
              return way == Way.AT_ONCE ? one.atOnce() : one.stepByStep();
            })
        .recover(
            fault ->
                tries > 1 && AGAIN.contains(code(fault))
                    ? attempt(item, buyer, key, tries - 1)
                    : Future.failedFuture(fault));
  }

  /** One of one shake. */
  private record Transaction(
      SqlConnection connection, long item, Buffer buyer, Buffer key, long at) {
    Future<Said> stepByStep() {
      Future<RowSet<Row>> bought = bought();
      return bought
          .compose(noted -> taken())
          .compose(taken -> taken.rowCount() == 1 ? ordered() : Future.succeededFuture())
          .transform(
              ordered ->
                  ordered.succeeded() && ordered.result() != null
                      ? commit(ordered.result())
                      : undo(bought, ordered.cause()));
    }

    Future<Said> atOnce() {
      Future<RowSet<Row>> bought = bought();
      Future<RowSet<Row>> ordered = ordered();
      Future<RowSet<Row>> taken = taken();
      return Future.join(bought, ordered, taken)
          .transform(
              done ->
                  done.succeeded() && taken.result().rowCount() == 1
                      ? commit(ordered.result())
                      : undo(bought, done.cause()));
    }

    private Future<RowSet<Row>> bought() {
      return connection.preparedQuery(BOUGHT).execute(Tuple.of(buyer, item));
    }

    private Future<RowSet<Row>> taken() {
      return connection.preparedQuery(DECREMENT).execute(Tuple.of(item, at, at));
    }

    private Future<RowSet<Row>> ordered() {
      Tuple order = Tuple.of(item, buyer, key, at, at + PAY_WITHIN_MS);
      return connection.preparedQuery(OrderTable.INSERT_ONE).execute(order);
    }

    private Future<Said> commit(RowSet<Row> ordered) {
      Said accepted = new Said(Outcome.ACCEPTED, id(ordered), at);
      return connection.query("COMMIT").execute().map(accepted);
    }

    /** {@code fault}: null = there was nothing left. */
    private Future<Said> undo(Future<RowSet<Row>> bought, @Nullable Throwable fault) {
      boolean twice = code(bought.cause()) == DUPLICATE_KEY;
      return connection
          .query("ROLLBACK")
          .execute()
          .compose(
              undone ->
                  fault == null || twice
                      ? Future.succeededFuture(
                          Said.no(twice ? Outcome.LIMIT_REACHED : Outcome.SOLD_OUT))
                      : Future.failedFuture(fault));
    }
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
