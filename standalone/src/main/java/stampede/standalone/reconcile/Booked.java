package stampede.standalone.reconcile;

import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.OrderFact;

/**
 * What the rows in MySQL say. NULL is 0 or empty here, as in the journal's own records; times are
 * epoch milliseconds.
 */
sealed interface Booked {

  /**
   * @param firstRefund as in the order's own row; null if none is due
   */
  record Order(OrderFact fact, @Nullable OrderRefund firstRefund, int partition, long position)
      implements Booked {}

  /** The refund columns of an order. */
  record OrderRefund(Bytes payment, String reason, long at) {}

  record Refund(long order, Bytes payment, String reason, long at, long position)
      implements Booked {}

  /** Who signed in for an order of a device. */
  record Claim(long order, Bytes user, long at, long position) implements Booked {}

  /** Units of an item; {@code position} of the last event that changed them. */
  record Stock(long item, long available, long held, long sold, long stock, long position)
      implements Booked {}

  /** A published item; {@code definition} is what was published, in words. */
  record Item(long item, String definition, int partition, long at, long position)
      implements Booked {}

  /** A change by an operator that came through the journal. */
  record Audit(long position, long at, String by, String action) implements Booked {}

  /**
   * How far a partition is drained.
   *
   * @param first position of the first event of the last entry drained
   * @param position of its last event; 0 = nothing is drained
   * @param batch its batch id
   */
  record Cursor(long first, long position, long batch) implements Booked {
    static final Cursor START = new Cursor(1, 0, 0);
  }
}
