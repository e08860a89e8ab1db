package stampede.sale.engine;

import java.util.Arrays;
import stampede.protocol.Bytes;
import stampede.protocol.SaleEvent.ReleaseReason;

/**
 * All orders of a partition as rows, numbered from 0 in the order they were accepted, which is the
 * order of their positions. About 70 bytes an order.
 *
 * <p>Two chains run through them: forwards through the orders of an item, from an older to the next
 * newer one; backwards through the held and paid orders of a buyer, from the newest to older ones.
 */
final class Orders {
  static final byte HELD = 0;
  static final byte PAID = 1;
  static final byte EXPIRED = 2;
  static final byte CANCELLED = 3;
  static final byte UNCLAIMED = 4;

  // Columns of a row. Those named after two things have one in each half.
  private static final int POSITION = 0;
  private static final int ACCEPTED_AT = 1;
  private static final int PAY_BY = 2;
  private static final int ENDED_AT = 3;
  private static final int BUYER_KEY = 4;
  private static final int NEXT_OLDER = 5;

  /** In the lower half the quantity stands above the status. */
  private static final int PAYMENT_STATUS = 6;

  private static final int COLUMNS = 7;
  private static final int STATUS_BITS = 8;

  private final HashIndex byKey = new HashIndex();
  private final ByteArena keys = new ByteArena();
  private final Rows rows = new Rows(COLUMNS);
  private long[] heldUnits = new long[16];
  private long[] paidUnits = new long[16];
  private int size;

  int size() {
    return size;
  }

  /** The order accepted at {@code position}; −1 = none. */
  int findByPosition(long position) {
    int order = lastUpTo(position);
    return order < 0 || position(order) != position ? -1 : order;
  }

  /** The last order not behind {@code position}; −1 = none. */
  int lastUpTo(long position) {
    int from = 0;
    int to = size;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (position(middle) <= position) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from - 1;
  }

  /**
   * The order a buyer's key is bound to; −1 = none. Most buyers have one order: only further ones
   * are indexed.
   */
  int findByKey(Buyers all, int buyer, Bytes key) {
    int first = all.firstOrder(buyer);
    if (first < 0 || hasKey(first, key)) {
      return first;
    }
    long hash = hash(buyer, key.hash64());
    for (int slot = byKey.first(hash); slot >= 0; slot = byKey.next(hash, slot)) {
      int order = byKey.entry(slot);
      if (buyer(order) == buyer && hasKey(order, key)) {
        return order;
      }
    }
    return -1;
  }

  /** A new held order, newest of its buyer. */
  int add(long position, Buyers all, int buyer, Bytes key, int quantity, long payByMs, long atMs) {
    int order = size++;
    rows.reserve(order);
    rows.set(order, POSITION, position);
    rows.set(order, ACCEPTED_AT, atMs);
    rows.set(order, PAY_BY, payByMs);
    rows.set(order, BUYER_KEY, Rows.pair(buyer, keys.add(key)));
    rows.set(order, NEXT_OLDER, Rows.pair(-1, all.newestOrder(buyer)));
    rows.set(order, PAYMENT_STATUS, Rows.pair(-1, quantity << STATUS_BITS | HELD));
    all.newestOrder(buyer, order);
    all.addUnits(buyer, quantity);
    int item = all.item(buyer);
    if (item >= heldUnits.length) {
      heldUnits = Arrays.copyOf(heldUnits, 2 * item);
      paidUnits = Arrays.copyOf(paidUnits, 2 * item);
    }
    heldUnits[item] += quantity;
    if (all.firstOrder(buyer) < 0) {
      all.firstOrder(buyer, order);
    } else {
      byKey.add(hash(buyer, key.hash64()), order);
    }
    return order;
  }

  void pay(int order, Buyers all, int payment, long atMs) {
    int item = all.item(buyer(order));
    int quantity = quantity(order);
    heldUnits[item] -= quantity;
    paidUnits[item] += quantity;
    end(order, PAID, payment, atMs);
  }

  /** Also takes it off its buyer's chain and units. */
  void release(int order, Buyers all, byte released, long atMs) {
    int buyer = buyer(order);
    int quantity = quantity(order);
    end(order, released, -1, atMs);
    heldUnits[all.item(buyer)] -= quantity;
    all.addUnits(buyer, -quantity);
    int newer = all.newestOrder(buyer);
    if (newer == order) {
      all.newestOrder(buyer, olderOfBuyer(order));
      return;
    }
    while (olderOfBuyer(newer) != order) {
      newer = olderOfBuyer(newer); // at most as many as the limit per user
    }
    rows.setLower(newer, NEXT_OLDER, olderOfBuyer(order));
  }

  private void end(int order, byte status, int payment, long atMs) {
    int lower = quantity(order) << STATUS_BITS | status;
    rows.set(order, PAYMENT_STATUS, Rows.pair(payment, lower));
    rows.set(order, ENDED_AT, atMs);
  }

  static boolean isReleased(byte status) {
    return status >= EXPIRED;
  }

  static byte statusOf(ReleaseReason reason) {
    return switch (reason) {
      case EXPIRED -> EXPIRED;
      case CANCELLED -> CANCELLED;
      case UNCLAIMED -> UNCLAIMED;
    };
  }

  /** Units of an item's held orders, counted order by order: not by the item's own books. */
  long heldUnits(int item) {
    return item < heldUnits.length ? heldUnits[item] : 0;
  }

  /** The same of its paid orders. */
  long paidUnits(int item) {
    return item < paidUnits.length ? paidUnits[item] : 0;
  }

  /** Its held and paid orders, oldest first. */
  int[] ofBuyer(Buyers all, int buyer) {
    int count = 0;
    for (int order = all.newestOrder(buyer); order >= 0; order = olderOfBuyer(order)) {
      count++;
    }
    int[] found = new int[count];
    for (int order = all.newestOrder(buyer); order >= 0; order = olderOfBuyer(order)) {
      found[--count] = order;
    }
    return found;
  }

  long position(int order) {
    return rows.get(order, POSITION);
  }

  long acceptedAt(int order) {
    return rows.get(order, ACCEPTED_AT);
  }

  long payBy(int order) {
    return rows.get(order, PAY_BY);
  }

  /** When it was paid or released, epoch ms; 0 while held. */
  long endedAt(int order) {
    return rows.get(order, ENDED_AT);
  }

  int buyer(int order) {
    return rows.upper(order, BUYER_KEY);
  }

  Bytes key(int order) {
    return keys.get(keyRef(order));
  }

  boolean hasKey(int order, Bytes key) {
    return keys.same(keyRef(order), key);
  }

  long keyHash64(int order) {
    return keys.hash64(keyRef(order));
  }

  int quantity(int order) {
    return rows.lower(order, PAYMENT_STATUS) >> STATUS_BITS;
  }

  byte status(int order) {
    return (byte) rows.lower(order, PAYMENT_STATUS);
  }

  /** Number of the payment that paid it; −1 = none. */
  int payment(int order) {
    return rows.upper(order, PAYMENT_STATUS);
  }

  /** The next newer order of the same item; −1 = none. */
  int nextOfItem(int order) {
    return rows.upper(order, NEXT_OLDER);
  }

  void nextOfItem(int order, int next) {
    rows.setUpper(order, NEXT_OLDER, next);
  }

  private int olderOfBuyer(int order) {
    return rows.lower(order, NEXT_OLDER);
  }

  private int keyRef(int order) {
    return rows.lower(order, BUYER_KEY);
  }

  static long hash(int buyer, long keyHash64) {
    return Bytes.mix64(keyHash64 ^ buyer * 0x9E3779B97F4A7C15L);
  }
}
