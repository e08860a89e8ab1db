package stampede.standalone.reconcile;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleItem;
import stampede.standalone.EnvironmentFault;

/**
 * MySQL as it was at one moment: everything is read in one transaction, which locks nothing. For a
 * command's own thread: every statement blocks, at most {@value #STATEMENT_SECONDS_MAX} s.
 */
final class BooksSnapshot implements AutoCloseable {
  private static final String SETTING = "STAMPEDE_MYSQL_URL";
  private static final int STATEMENT_SECONDS_MAX = 60;
  private static final int CONNECT_SECONDS_MAX = 10;
  private static final int PAGE_ROWS = 5_000;

  private static final String CURSOR =
      "SELECT batch_first, position, CAST(batch AS CHAR) FROM drain_cursor WHERE partition_id = ?";
  private static final String ORDERS =
      """
      SELECT order_id, item_id, user_id, shake_key, quantity, price, currency,
        CAST(status AS CHAR) AS status, accepted_at, pay_by, paid_at, payment_id, released_at,
        release_reason, refund_payment_id, refund_reason, refund_at, claim_by, claimed_by,
        claimed_at, partition_id, position
      FROM sale_order WHERE order_id > ? AND order_id < ? ORDER BY order_id LIMIT ?""";
  private static final String STOCK =
      "SELECT item_id, available, held, sold, stock, position FROM item_stock ORDER BY item_id";
  private static final String ITEMS =
      """
      SELECT item_id, session_id, partition_id, title, price, list_price, currency, opens_at,
        closes_at, stock, limit_per_user, pay_within_ms, cooldown_ms, gate, releases,
        limit_per_order, limit_per_session, claim_within_ms, published_at, published_position
      FROM sale_item WHERE partition_id = ? AND published_at IS NOT NULL""";
  private static final String REFUNDS =
      """
      SELECT order_id, payment_id, reason, due_at, position FROM sale_refund
      WHERE partition_id = ? ORDER BY position""";
  private static final String CLAIMS =
      """
      SELECT order_id, claimed_by, claimed_at, position FROM sale_claim
      WHERE partition_id = ? ORDER BY position""";
  private static final String AUDITS =
      """
      SELECT position, at, operator, action FROM admin_audit
      WHERE partition_id = ? AND position IS NOT NULL ORDER BY position""";
  private static final List<String> STRANGERS =
      List.of(
          "SELECT 'sale_order', CAST(order_id AS CHAR) FROM sale_order WHERE order_id >= ? LIMIT 100",
          "SELECT 'drain_cursor', CAST(partition_id AS CHAR) FROM drain_cursor WHERE partition_id >= ? LIMIT 100",
          "SELECT 'sale_refund', CAST(order_id AS CHAR) FROM sale_refund WHERE partition_id >= ? LIMIT 100",
          "SELECT 'sale_claim', CAST(order_id AS CHAR) FROM sale_claim WHERE partition_id >= ? LIMIT 100");

  private final MySQLConnection connection;

  private BooksSnapshot(MySQLConnection connection) {
    this.connection = connection;
  }

  /**
   * @throws EnvironmentFault if the database can't be reached
   */
  static BooksSnapshot open(Vertx vertx, String url) {
    MySQLConnectOptions options;
    try {
      options = MySQLConnectOptions.fromUri(url);
    } catch (IllegalArgumentException e) {
      // without the cause: it repeats the password
      throw new EnvironmentFault(
          SETTING, "no such url", "mysql://user:password@host:port/database");
    }
    BooksSnapshot snapshot =
        new BooksSnapshot(await(MySQLConnection.connect(vertx, options), CONNECT_SECONDS_MAX));
    try {
      snapshot.begin();
      return snapshot;
    } catch (RuntimeException e) {
      snapshot.close();
      throw e;
    }
  }

  private void begin() {
    run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  }

  /** Ends the transaction and the connection; failing to changes nothing that was read. */
  @Override
  public void close() {
    connection.close().onFailure(cause -> {}); // the server ends it with the socket
  }

  Booked.Cursor cursor(int partition) {
    for (Row row : run(CURSOR, Tuple.of(partition))) {
      return new Booked.Cursor(
          row.getLong(0), row.getLong(1), Long.parseUnsignedLong(row.getString(2)));
    }
    return Booked.Cursor.START;
  }

  /** Every order whose id lies in the partition, by id. */
  void orders(int partition, Consumer<Booked.Order> each) {
    long end = PartitionMap.orderId(partition + 1, 0);
    long after = PartitionMap.orderId(partition, 0);
    int read = PAGE_ROWS;
    while (read == PAGE_ROWS) {
      read = 0;
      for (Row row : run(ORDERS, Tuple.of(after, end, PAGE_ROWS))) {
        Booked.Order order = order(row);
        after = order.fact().order();
        read++;
        each.accept(order);
      }
    }
  }

  /** Stock of the items that belong to a partition, published or not. */
  List<Booked.Stock> stock(int partition, int partitions) {
    List<Booked.Stock> all = list(run(STOCK), BooksSnapshot::stock);
    all.removeIf(row -> PartitionMap.partitionOfItem(row.item(), partitions) != partition);
    return all;
  }

  List<Booked.Item> items(int partition) {
    return list(run(ITEMS, Tuple.of(partition)), BooksSnapshot::item);
  }

  List<Booked.Refund> refunds(int partition) {
    return list(
        run(REFUNDS, Tuple.of(partition)),
        row ->
            new Booked.Refund(
                row.getLong("order_id"),
                bytes(row, "payment_id"),
                row.getString("reason"),
                row.getLong("due_at"),
                row.getLong("position")));
  }

  List<Booked.Claim> claims(int partition) {
    return list(
        run(CLAIMS, Tuple.of(partition)),
        row ->
            new Booked.Claim(
                row.getLong("order_id"),
                bytes(row, "claimed_by"),
                row.getLong("claimed_at"),
                row.getLong("position")));
  }

  List<Booked.Audit> audits(int partition) {
    return list(
        run(AUDITS, Tuple.of(partition)),
        row ->
            new Booked.Audit(
                row.getLong("position"),
                row.getLong("at"),
                row.getString("operator"),
                row.getString("action")));
  }

  /** Rows of partitions that the journal does not have, in words; the first hundred of a table. */
  List<String> strangers(int partitions) {
    List<String> found = new ArrayList<>();
    for (String sql : STRANGERS) {
      long from = sql.contains("order_id >=") ? PartitionMap.orderId(partitions, 0) : partitions;
      for (Row row : run(sql, Tuple.of(from))) {
        found.add(
            row.getString(0)
                + " "
                + row.getString(1)
                + " is of a partition above "
                + (partitions - 1)
                + ", the last one of the journal");
      }
    }
    return found;
  }

  private static Booked.Order order(Row row) {
    OrderFact fact =
        new OrderFact(
            row.getLong("order_id"),
            row.getLong("item_id"),
            bytes(row, "user_id"),
            bytes(row, "shake_key"),
            row.getInteger("quantity"),
            row.getLong("price"),
            row.getString("currency"),
            status(row.getString("status")),
            row.getLong("accepted_at"),
            row.getLong("pay_by"),
            orZero(row.getLong("paid_at")),
            bytes(row, "payment_id"),
            orZero(row.getLong("released_at")),
            orEmpty(row.getString("release_reason")),
            orZero(row.getLong("claim_by")),
            bytes(row, "claimed_by"),
            orZero(row.getLong("claimed_at")));
    Booked.OrderRefund refund =
        row.getLong("refund_at") == null
            ? null
            : new Booked.OrderRefund(
                bytes(row, "refund_payment_id"),
                orEmpty(row.getString("refund_reason")),
                row.getLong("refund_at"));
    return new Booked.Order(fact, refund, row.getInteger("partition_id"), row.getLong("position"));
  }

  private static OrderStatus status(String text) {
    for (OrderStatus status : OrderStatus.values()) {
      if (status.text().equals(text)) {
        return status;
      }
    }
    throw new EnvironmentFault("sale_order.status", text, "held, paid or released");
  }

  private static Booked.Stock stock(Row row) {
    return new Booked.Stock(
        row.getLong(0),
        row.getLong(1),
        row.getLong(2),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5));
  }

  private static Booked.Item item(Row row) {
    String definition;
    try {
      definition = definition(row).toString();
    } catch (InvalidField | DecodeException | ClassCastException e) {
      definition = "an impossible one: " + e.getMessage();
    }
    return new Booked.Item(
        row.getLong("item_id"),
        definition,
        row.getInteger("partition_id"),
        row.getLong("published_at"),
        orZero(row.getLong("published_position")));
  }

  private static SaleItem definition(Row row) {
    return new SaleItem(
        row.getLong("item_id"),
        row.getLong("session_id"),
        row.getString("title"),
        row.getLong("price"),
        row.getLong("list_price"),
        row.getString("currency"),
        row.getLong("opens_at"),
        row.getLong("closes_at"),
        row.getLong("stock"),
        row.getInteger("limit_per_user"),
        row.getLong("pay_within_ms"),
        row.getLong("cooldown_ms"),
        row.getInteger("gate"),
        releases(new JsonArray(row.getString("releases"))),
        row.getInteger("limit_per_order"),
        row.getInteger("limit_per_session"),
        row.getLong("claim_within_ms"));
  }

  private static List<SaleItem.Release> releases(JsonArray json) {
    List<SaleItem.Release> releases = new ArrayList<>(json.size());
    for (int i = 0; i < json.size(); i++) {
      JsonObject release = json.getJsonObject(i);
      releases.add(new SaleItem.Release(release.getLong("at"), release.getLong("units")));
    }
    return releases;
  }

  private static Bytes bytes(Row row, String column) {
    Buffer value = row.getBuffer(column);
    return value == null ? Bytes.EMPTY : Bytes.of(column, value.getBytes());
  }

  private static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }

  private static String orEmpty(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> as) {
    List<T> all = new ArrayList<>(rows.size());
    rows.forEach(row -> all.add(as.apply(row)));
    return all;
  }

  private RowSet<Row> run(String sql) {
    return await(connection.query(sql).execute(), STATEMENT_SECONDS_MAX);
  }

  private RowSet<Row> run(String sql, Tuple parameters) {
    return await(connection.preparedQuery(sql).execute(parameters), STATEMENT_SECONDS_MAX);
  }

  private static <T> T await(Future<T> future, int secondsMax) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(secondsMax, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      String found = String.valueOf(e.getCause().getMessage());
      throw new EnvironmentFault(SETTING, found, "the database of the shop", e.getCause());
    } catch (TimeoutException e) {
      throw new EnvironmentFault(
          SETTING, "no answer within " + secondsMax + " s", "the database of the shop", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
