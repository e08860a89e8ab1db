package stampede.persist;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import stampede.persist.drain.Cursor;
import stampede.persist.reconcile.Books;
import stampede.persist.reconcile.Milestone;
import stampede.persist.reconcile.OrderRow;
import stampede.persist.reconcile.RefundRow;
import stampede.persist.reconcile.StockRow;
import stampede.protocol.Bytes;
import stampede.protocol.PartitionMap;
import stampede.protocol.port.Completion;

/** What MySQL says, for the reconciler. */
final class MySqlBooks implements Books {
  private final MySqlLink link;

  MySqlBooks(MySqlLink link) {
    this.link = link;
  }

  @Override
  public void stretch(int partition, long after, long upTo, Completion<Stretch> done) {
    String orders =
        Sql.RECONCILE_ORDERS.formatted(
            "o.order_id > "
                + PartitionMap.orderId(partition, after)
                + " AND o.order_id <= "
                + PartitionMap.orderId(partition, upTo),
            partition);
    String refunds = Sql.RECONCILE_REFUNDS.formatted(partition, after, upTo);
    link.with(connection -> link.run(connection, orders + ";\n" + refunds))
        .map(
            rows ->
                new Stretch(
                    reading(rows, MySqlBooks::order), list(rows.next(), MySqlBooks::refund)))
        .onComplete(done::done);
  }

  @Override
  public void orders(int partition, Collection<Long> orders, Completion<Reading<OrderRow>> done) {
    String ids = orders.stream().map(String::valueOf).collect(Collectors.joining(", "));
    String sql = Sql.RECONCILE_ORDERS.formatted("o.order_id IN (" + ids + ")", partition);
    link.with(connection -> link.run(connection, sql))
        .map(rows -> reading(rows, MySqlBooks::order))
        .onComplete(done::done);
  }

  @Override
  public void stock(int partition, Completion<Reading<StockRow>> done) {
    link.with(connection -> link.run(connection, Sql.RECONCILE_STOCK.formatted(partition)))
        .map(rows -> reading(rows, MySqlBooks::stock))
        .onComplete(done::done);
  }

  @Override
  public void keep(List<Milestone> milestones, Completion<Void> done) {
    String rows =
        milestones.stream()
            .map(
                m ->
                    "("
                        + m.item()
                        + ", "
                        + orNull(m.openedAt())
                        + ", "
                        + orNull(m.soldOutAt())
                        + ", "
                        + orNull(m.endedAt())
                        + ")")
            .collect(Collectors.joining(", "));
    link.with(connection -> link.run(connection, Sql.MILESTONES_KEEP.formatted(rows)))
        .<Void>mapEmpty()
        .onComplete(kept -> done.done(null, kept.cause()));
  }

  private static String orNull(long time) {
    return time == 0 ? "NULL" : Long.toString(time);
  }

  /** Rows that carry the cursor; of nothing else there is one row with a NULL behind it. */
  private static <T> Reading<T> reading(RowSet<Row> rows, Function<Row, @Nullable T> of) {
    Cursor cursor = Cursor.START;
    List<T> found = new ArrayList<>(rows.size());
    for (Row row : rows) {
      cursor = new Cursor(row.getLong(2), row.getLong(0), Long.parseUnsignedLong(row.getString(1)));
      T each = of.apply(row);
      if (each != null) {
        found.add(each);
      }
    }
    return new Reading<>(cursor, found);
  }

  private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> of) {
    List<T> found = new ArrayList<>(rows.size());
    rows.forEach(row -> found.add(of.apply(row)));
    return found;
  }

  private static @Nullable OrderRow order(Row row) {
    if (row.getLong("order_id") == null) {
      return null;
    }
    return new OrderRow(
        row.getLong("order_id"),
        row.getLong("item_id"),
        bytes(row, "user_id"),
        bytes(row, "shake_key"),
        row.getInteger("quantity"),
        row.getLong("price"),
        row.getString("currency"),
        row.getString("status"),
        row.getLong("accepted_at"),
        row.getLong("pay_by"),
        orZero(row.getLong("paid_at")),
        bytes(row, "payment_id"),
        orZero(row.getLong("released_at")),
        orEmpty(row.getString("release_reason")),
        bytes(row, "refund_payment_id"),
        orEmpty(row.getString("refund_reason")),
        orZero(row.getLong("refund_at")),
        orZero(row.getLong("claim_by")),
        bytes(row, "claimed_by"),
        orZero(row.getLong("claimed_at")),
        row.getInteger("partition_id"),
        row.getLong("order_position"));
  }

  private static RefundRow refund(Row row) {
    return new RefundRow(
        row.getLong(0),
        row.getLong(1),
        bytes(row, "payment_id"),
        row.getString("reason"),
        row.getLong("due_at"));
  }

  private static @Nullable StockRow stock(Row row) {
    return row.getLong("item_id") == null
        ? null
        : new StockRow(
            row.getLong("item_id"),
            row.getLong("available"),
            row.getLong("held"),
            row.getLong("sold"),
            row.getLong("stock"),
            row.getLong("stock_position"));
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
}
