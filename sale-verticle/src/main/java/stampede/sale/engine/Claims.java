package stampede.sale.engine;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntToLongFunction;
import java.util.function.LongConsumer;
import org.agrona.collections.Int2IntHashMap;
import stampede.protocol.Bytes;

/**
 * Which orders of devices wait for a user, and which user has claimed which. Numbered from 0 in the
 * order they came. An order of somebody who signed in before leaves nothing here.
 *
 * <p>A claim is found by its order, or by user and key, as if the user had shaken: of several
 * claimed orders with one key the first. A chain runs backwards through a buyer's claims of held
 * and paid orders.
 */
final class Claims {
  private static final int NONE = -1;

  private final BitSet waiting = new BitSet();
  private final Int2IntHashMap byOrder = new Int2IntHashMap(NONE);
  private final Int2IntHashMap newestOfBuyer = new Int2IntHashMap(NONE);
  private final HashIndex byKey = new HashIndex();
  private int size;
  private int[] orders = new int[16];
  private int[] buyers = new int[16];
  private int[] older = new int[16];
  private long[] positions = new long[16];
  private long[] at = new long[16];

  /** A device got it. */
  void await(int order) {
    waiting.set(order);
  }

  boolean waits(int order) {
    return waiting.get(order);
  }

  /** It is claimed, or has ended. */
  void noLongerWaits(int order) {
    waiting.clear(order);
  }

  /** Number of the order's claim; −1 = nobody has claimed it. */
  int of(int order) {
    return byOrder.get(order);
  }

  int size() {
    return size;
  }

  int order(int claim) {
    return orders[claim];
  }

  /** Buyer of the item on behalf of the user who claimed. */
  int buyer(int claim) {
    return buyers[claim];
  }

  /** Epoch ms. */
  long at(int claim) {
    return at[claim];
  }

  /** Of the event it was made by. */
  long position(int claim) {
    return positions[claim];
  }

  /** Its number. */
  int add(int order, int buyer, long position, long atMs, Orders all) {
    if (size == orders.length) {
      grow(size + (size >> 1));
    }
    orders[size] = order;
    buyers[size] = buyer;
    positions[size] = position;
    at[size] = atMs;
    older[size] = newestOfBuyer.get(buyer);
    newestOfBuyer.put(buyer, size);
    byOrder.put(order, size);
    if (findByKey(buyer, all.key(order), all) < 0) {
      byKey.add(Orders.hash(buyer, all.keyHash64(order)), size);
    }
    return size++;
  }

  /** The order a buyer's key is bound to by a claim; −1 = none. */
  int findByKey(int buyer, Bytes key, Orders all) {
    long hash = Orders.hash(buyer, key.hash64());
    for (int slot = byKey.first(hash); slot >= 0; slot = byKey.next(hash, slot)) {
      int claim = byKey.entry(slot);
      if (buyers[claim] == buyer && all.hasKey(orders[claim], key)) {
        return orders[claim];
      }
    }
    return -1;
  }

  /** Takes it off the chain: its order was released. */
  void released(int claim) {
    int newer = newestOfBuyer.get(buyers[claim]);
    if (newer != claim) {
      while (older[newer] != claim) {
        newer = older[newer]; // at most as many as the limit per user
      }
      older[newer] = older[claim];
    } else if (older[claim] < 0) {
      newestOfBuyer.remove(buyers[claim]);
    } else {
      newestOfBuyer.put(buyers[claim], older[claim]);
    }
  }

  /** A buyer's held and paid orders that were claimed, beside {@code own}; oldest first. */
  int[] with(int[] own, int buyer) {
    int claim = newestOfBuyer.get(buyer);
    if (claim < 0) {
      return own;
    }
    int[] all = own;
    for (; claim >= 0; claim = older[claim]) {
      all = Arrays.copyOf(all, all.length + 1);
      all[all.length - 1] = orders[claim];
    }
    Arrays.sort(all);
    return all;
  }

  /** Claims in the order they came; users by {@code userHash64} of their buyer. */
  void canonical(int from, int to, Orders all, IntToLongFunction userHash64, LongConsumer out) {
    for (int claim = from; claim < to; claim++) {
      out.accept(all.position(orders[claim]));
      out.accept(userHash64.applyAsLong(buyers[claim]));
      out.accept(positions[claim]);
      out.accept(at[claim]);
    }
  }

  private void grow(int capacity) {
    orders = Arrays.copyOf(orders, capacity);
    buyers = Arrays.copyOf(buyers, capacity);
    older = Arrays.copyOf(older, capacity);
    positions = Arrays.copyOf(positions, capacity);
    at = Arrays.copyOf(at, capacity);
  }
}
