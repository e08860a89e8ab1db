package stampede.persist;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
  private static final int BEHIND_CURSOR = 3;

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
        .map(rows -> new Stretch(orders(rows), refunds(rows.next())))
        .onComplete(done::done);
  }

  @Override
  public void orders(int partition, Collection<Long> orders, Completion<Reading<OrderRow>> done) {
    String ids = orders.stream().map(String::valueOf).collect(Collectors.joining(", "));
    String sql = Sql.RECONCILE_ORDERS.formatted("o.order_id IN (" + ids + ")", partition);
    link.with(connection -> link.run(connection, sql))
        .map(MySqlBooks::orders)
        .onComplete(done::done);
  }

  @Override
  public void stock(int partition, Completion<Reading<StockRow>> done) {
    link.with(connection -> link.run(connection, Sql.RECONCILE_STOCK.formatted(partition)))
        .map(MySqlBooks::stock)
        .onComplete(done::done);
  }

  @Override
  public void rehearse(int partition, Completion<List<OrderRow>> done) {
    String sql = Sql.REHEARSE_ORDERS.formatted(PartitionMap.orderId(partition, 0), partition);
    link.with(connection -> link.run(connection, sql))
        .map(rows -> orders(rows).rows())
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

  /**
   * The rows carry the cursor, all the same one; of nothing else there is one row with a NULL
   * behind it. A loop for each kind of row, and columns by their place: what is compiled stays
   * small, and no kind's compilation is thrown away for another's.
   */
  private static Reading<OrderRow> orders(RowSet<Row> rows) {
    List<OrderRow> found = new ArrayList<>(rows.size());
    Row last = null;
    for (Row row : rows) {
      last = row;
      if (row.getValue(BEHIND_CURSOR) != null) {
        found.add(order(row));
      }
    }
    return new Reading<>(cursor(last), found);
  }

  private static Reading<StockRow> stock(RowSet<Row> rows) {
    List<StockRow> found = new ArrayList<>(rows.size());
    Row last = null;
    for (Row row : rows) {
      last = row;
      if (row.getValue(BEHIND_CURSOR) != null) {
        found.add(stock(row));
      }
    }
    return new Reading<>(cursor(last), found);
  }

  private static List<RefundRow> refunds(RowSet<Row> rows) {
    List<RefundRow> found = new ArrayList<>(rows.size());
    for (Row row : rows) {
      found.add(refund(row));
    }
    return found;
  }

  private static Cursor cursor(@Nullable Row row) {
    return row == null
        ? Cursor.START
        : new Cursor(number(row, 2), number(row, 0), Long.parseUnsignedLong(row.getString(1)));
  }

  /** Columns of {@link Sql#RECONCILE_ORDERS}. */
  private static OrderRow order(Row row) {
    return new OrderRow(
        number(row, 3),
        number(row, 4),
        bytes(row, 5),
        bytes(row, 6),
        (int) number(row, 7),
        number(row, 8),
        text(row, 9),
        text(row, 10),
        number(row, 11),
        number(row, 12),
        number(row, 13),
        bytes(row, 14),
        number(row, 15),
        text(row, 16),
        bytes(row, 17),
        text(row, 18),
        number(row, 19),
        number(row, 20),
        bytes(row, 21),
        number(row, 22),
        (int) number(row, 23),
        number(row, 24));
  }

  /** Columns of {@link Sql#RECONCILE_REFUNDS}. */
  private static RefundRow refund(Row row) {
    return new RefundRow(
        number(row, 0), number(row, 1), bytes(row, 2), text(row, 3), number(row, 4));
  }

  /** Columns of {@link Sql#RECONCILE_STOCK}. */
  private static StockRow stock(Row row) {
    return new StockRow(
        number(row, 3),
        number(row, 4),
        number(row, 5),
        number(row, 6),
        number(row, 7),
        number(row, 8));
  }

  private static long number(Row row, int column) {
    Object value = row.getValue(column);
    return value == null ? 0 : ((Number) value).longValue();
  }

  private static String text(Row row, int column) {
    String value = row.getString(column);
    return value == null ? "" : value;
  }

  private static Bytes bytes(Row row, int column) {
    Buffer value = row.getBuffer(column);
    return value == null ? Bytes.EMPTY : Bytes.of(row.getColumnName(column), value.getBytes());
  }
}
