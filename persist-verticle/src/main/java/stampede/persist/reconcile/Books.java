package stampede.persist.reconcile;

import java.util.Collection;
import java.util.List;
import stampede.persist.drain.Cursor;
import stampede.protocol.port.Completion;

/**
 * What MySQL says. Rows come with the partition's cursor as it was at the very same moment: one
 * statement, one reading. Every call ends within the store's own time-out.
 */
public interface Books {
  /** {@code rows} as they were when {@code cursor} was. */
  record Reading<T>(Cursor cursor, List<T> rows) {}

  /** Orders and refunds of a stretch of positions. */
  record Stretch(Reading<OrderRow> orders, List<RefundRow> refunds) {}

  /** Those with {@code after < position ≤ upTo}, by position. */
  void stretch(int partition, long after, long upTo, Completion<Stretch> done);

  /** Those of {@code orders} that there are, by id. */
  void orders(int partition, Collection<Long> orders, Completion<Reading<OrderRow>> done);

  /** Of all items published in the partition. */
  void stock(int partition, Completion<Reading<StockRow>> done);

  /**
   * As many orders as are read at once, made up for a {@link Rehearsal}: paid ones of one item, at
   * the positions from 2 on. No table is read.
   */
  void rehearse(int partition, Completion<List<OrderRow>> done);

  /** Keeps when things happened to items; the same again changes nothing. */
  void keep(List<Milestone> milestones, Completion<Void> done);
}
