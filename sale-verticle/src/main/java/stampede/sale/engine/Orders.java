package stampede.sale.engine;

import java.util.Arrays;
import stampede.protocol.Bytes;
import stampede.protocol.SaleEvent.ReleaseReason;

/**
 * All orders of a partition as columns, numbered from 0 in the order they were accepted, which is
 * the order of their positions. About 70 bytes an order.
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

  private final HashIndex byKey = new HashIndex();
  private final ByteArena keys = new ByteArena();
  private long[] heldUnits = new long[16];
  private long[] paidUnits = new long[16];
  private int size;

  private long[] positions = new long[64];
  private long[] acceptedAt = new long[64];
  private long[] payBy = new long[64];
  private long[] endedAt = new long[64];
  private int[] buyers = new int[64];
  private int[] keyRefs = new int[64];
  private short[] quantities = new short[64];
  private byte[] status = new byte[64];
  private int[] payments = new int[64];
  private int[] nextOfItem = new int[64];
  private int[] olderOfBuyer = new int[64];

  int size() {
    return size;
  }

  /** The order accepted at {@code position}; −1 = none. */
  int findByPosition(long position) {
    int order = Arrays.binarySearch(positions, 0, size, position);
    return order < 0 ? -1 : order;
  }

  /** The last order not behind {@code position}; −1 = none. */
  int lastUpTo(long position) {
    int order = Arrays.binarySearch(positions, 0, size, position);
    return order < 0 ? -order - 2 : order;
  }

  /**
   * The order a buyer's key is bound to; −1 = none. Most buyers have one order: only further ones
   * are indexed.
   */
  int findByKey(Buyers all, int buyer, Bytes key) {
    int first = all.firstOrder(buyer);
    if (first < 0 || keys.same(keyRefs[first], key)) {
      return first;
    }
    long hash = hash(buyer, key.hash64());
    for (int slot = byKey.first(hash); slot >= 0; slot = byKey.next(hash, slot)) {
      int order = byKey.entry(slot);
      if (buyers[order] == buyer && keys.same(keyRefs[order], key)) {
        return order;
      }
    }
    return -1;
  }

  /** A new held order, newest of its buyer. */
  int add(long position, Buyers all, int buyer, Bytes key, int quantity, long payByMs, long atMs) {
    if (size == positions.length) {
      grow(size + (size >> 1));
    }
    int order = size++;
    positions[order] = position;
    acceptedAt[order] = atMs;
    payBy[order] = payByMs;
    buyers[order] = buyer;
    keyRefs[order] = keys.add(key);
    quantities[order] = (short) quantity;
    payments[order] = -1;
    nextOfItem[order] = -1;
    olderOfBuyer[order] = all.newestOrder(buyer);
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
    status[order] = PAID;
    int item = all.item(buyers[order]);
    heldUnits[item] -= quantities[order];
    paidUnits[item] += quantities[order];
    payments[order] = payment;
    endedAt[order] = atMs;
  }

  /** Also takes it off its buyer's chain and units. */
  void release(int order, Buyers all, byte released, long atMs) {
    status[order] = released;
    endedAt[order] = atMs;
    int buyer = buyers[order];
    heldUnits[all.item(buyer)] -= quantities[order];
    all.addUnits(buyer, -quantities[order]);
    int newer = all.newestOrder(buyer);
    if (newer == order) {
      all.newestOrder(buyer, olderOfBuyer[order]);
      return;
    }
    while (olderOfBuyer[newer] != order) {
      newer = olderOfBuyer[newer]; // at most as many as the limit per user
    }
    olderOfBuyer[newer] = olderOfBuyer[order];
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
    for (int order = all.newestOrder(buyer); order >= 0; order = olderOfBuyer[order]) {
      count++;
    }
    int[] found = new int[count];
    for (int order = all.newestOrder(buyer); order >= 0; order = olderOfBuyer[order]) {
      found[--count] = order;
    }
    return found;
  }

  long position(int order) {
    return positions[order];
  }

  long acceptedAt(int order) {
    return acceptedAt[order];
  }

  long payBy(int order) {
    return payBy[order];
  }

  /** When it was paid or released, epoch ms; 0 while held. */
  long endedAt(int order) {
    return endedAt[order];
  }

  int buyer(int order) {
    return buyers[order];
  }

  Bytes key(int order) {
    return keys.get(keyRefs[order]);
  }

  boolean hasKey(int order, Bytes key) {
    return keys.same(keyRefs[order], key);
  }

  long keyHash64(int order) {
    return keys.hash64(keyRefs[order]);
  }

  int quantity(int order) {
    return quantities[order];
  }

  byte status(int order) {
    return status[order];
  }

  /** Number of the payment that paid it; −1 = none. */
  int payment(int order) {
    return payments[order];
  }

  /** The next newer order of the same item; −1 = none. */
  int nextOfItem(int order) {
    return nextOfItem[order];
  }

  void nextOfItem(int order, int next) {
    nextOfItem[order] = next;
  }

  private void grow(int capacity) {
    positions = Arrays.copyOf(positions, capacity);
    acceptedAt = Arrays.copyOf(acceptedAt, capacity);
    payBy = Arrays.copyOf(payBy, capacity);
    endedAt = Arrays.copyOf(endedAt, capacity);
    buyers = Arrays.copyOf(buyers, capacity);
    keyRefs = Arrays.copyOf(keyRefs, capacity);
    quantities = Arrays.copyOf(quantities, capacity);
    status = Arrays.copyOf(status, capacity);
    payments = Arrays.copyOf(payments, capacity);
    nextOfItem = Arrays.copyOf(nextOfItem, capacity);
    olderOfBuyer = Arrays.copyOf(olderOfBuyer, capacity);
  }

  static long hash(int buyer, long keyHash64) {
    return Bytes.mix64(keyHash64 ^ buyer * 0x9E3779B97F4A7C15L);
  }
}
