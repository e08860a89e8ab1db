package stampede.standalone.verdict;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mysqlclient.MySQLBuilder;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The books in MySQL. Thread-safe; futures complete on an event loop of the Vert.x given. */
public final class MySqlBooks implements Books, AutoCloseable {
  private static final long QUIET_MS = 500;
  private static final String ORDERS =
      "SELECT CAST(order_id AS CHAR) AS order_id, user_id, shake_key, quantity, status, position FROM sale_order"
          + " WHERE item_id = CAST(? AS UNSIGNED) ORDER BY position";
  private static final String STOCK =
      "SELECT available, held, sold, stock, position FROM item_stock WHERE item_id = CAST(? AS UNSIGNED)";

  private final Vertx vertx;
  private final Pool pool;

  /**
   * @param url {@code mysql://user:password@host:port/database}; nothing is connected yet
   */
  public MySqlBooks(Vertx vertx, String url) {
    this.vertx = vertx;
    this.pool =
        MySQLBuilder.pool()
            .using(vertx)
            .with(new PoolOptions().setMaxSize(1).setMaxWaitQueueSize(10))
            .connectingTo(MySQLConnectOptions.fromUri(url))
            .build();
  }

  @Override
  public Future<Rows> read(String item) {
    return pool.withTransaction(
        connection ->
            orders(connection, item)
                .compose(orders -> stock(connection, item).map(stock -> new Rows(orders, stock))));
  }

  /**
   * Reads until nothing changed for half a second and at least the given number of orders is there,
   * so that a drain under way is not taken for a loss.
   *
   * @param ordersMin how many rows are expected at the least; with fewer the wait lasts to its end
   * @param boundMs after it the last rows read are the result, however many; longer only by one
   *     read
   */
  public Future<Rows> readWhenQuiet(String item, int ordersMin, long boundMs) {
    Promise<Rows> quiet = Promise.promise();
    long deadline = System.nanoTime() + boundMs * 1_000_000;
    read(item)
        .onFailure(quiet::tryFail)
        .onSuccess(first -> poll(item, ordersMin, deadline, first, quiet));
    return quiet.future();
  }

  /** Gives the connection back. */
  @Override
  public void close() {
    pool.close().await();
  }

  private void poll(String item, int ordersMin, long deadline, Rows last, Promise<Rows> quiet) {
    long leftMs = (deadline - System.nanoTime()) / 1_000_000;
    if (leftMs <= 0) {
      quiet.tryComplete(last);
      return;
    }
    vertx.setTimer(
        Math.min(QUIET_MS, Math.max(1, leftMs)),
        timer ->
            read(item)
                .onFailure(quiet::tryFail)
                .onSuccess(
                    next -> {
                      if (next.equals(last) && next.orders().size() >= ordersMin) {
                        quiet.tryComplete(next);
                      } else {
                        poll(item, ordersMin, deadline, next, quiet);
                      }
                    }));
  }

  private static Future<List<OrderRow>> orders(SqlConnection connection, String item) {
    return connection
        .preparedQuery(ORDERS)
        .execute(Tuple.of(item))
        .map(
            rows -> {
              List<OrderRow> orders = new ArrayList<>(rows.size());
              rows.forEach(row -> orders.add(order(row)));
              return orders;
            });
  }

  private static OrderRow order(Row row) {
    return new OrderRow(
        row.getString("order_id"),
        text(row.getBuffer("user_id")),
        text(row.getBuffer("shake_key")),
        row.getInteger("quantity"),
        row.getString("status"),
        row.getLong("position"));
  }

  private static Future<StockRow> stock(SqlConnection connection, String item) {
    return connection
        .preparedQuery(STOCK)
        .execute(Tuple.of(item))
        .compose(
            rows ->
                rows.size() == 1
                    ? Future.succeededFuture(stock(rows.iterator().next()))
                    : Future.failedFuture(new NoStock(item)));
  }

  private static StockRow stock(Row row) {
    return new StockRow(
        row.getLong("available"),
        row.getLong("held"),
        row.getLong("sold"),
        row.getLong("stock"),
        row.getLong("position"));
  }

  private static String text(Buffer bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** The item has no stock in the books: it was never published, or is not drained yet. */
  public static final class NoStock extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    NoStock(String item) {
      super("item " + item + " has no row in item_stock");
    }
  }
}
