package stampede.sale.engine;

import java.util.Arrays;
import stampede.protocol.Bytes;

/**
 * Who has had an order of which item: for each (item, user) the units of the held and paid orders,
 * and the newest of these orders; {@link Orders} chains the older ones behind it.
 *
 * <p>Most users buy one item: their buyer is found by the user's number, in a column that grows at
 * its end. Only a user's further buyers are hashed, which costs a cache miss each.
 */
final class Buyers {
  // Columns of a row, one thing in each half.
  private static final int ITEM_USER = 0;
  private static final int NEWEST_FIRST = 1;
  private static final int UNITS = 2;

  private final HashIndex index = new HashIndex();

  /** By user: the number of the first buyer + 1; 0 = none. */
  private int[] firstOfUser = new int[64];

  private final Rows rows = new Rows(3);
  private int size;

  /** Number of the buyer; −1 = that user never had an order of that item. */
  int find(int item, int user) {
    int first = user < firstOfUser.length ? firstOfUser[user] - 1 : -1;
    return first < 0 || item(first) == item ? first : findFurther(item, user);
  }

  private int findFurther(int item, int user) {
    long hash = hash(item, user);
    for (int slot = index.first(hash); slot >= 0; slot = index.next(hash, slot)) {
      int buyer = index.entry(slot);
      if (rows.get(buyer, ITEM_USER) == Rows.pair(item, user)) {
        return buyer;
      }
    }
    return -1;
  }

  /** A new buyer, where {@link #find} finds none. */
  int add(int item, int user) {
    rows.reserve(size);
    rows.set(size, ITEM_USER, Rows.pair(item, user));
    rows.set(size, NEWEST_FIRST, Rows.pair(-1, -1));
    register(item, user);
    return size++;
  }

  private void register(int item, int user) {
    if (user >= firstOfUser.length) {
      firstOfUser = Arrays.copyOf(firstOfUser, Math.max(user + 1, user + (user >> 1)));
    }
    if (firstOfUser[user] == 0) {
      firstOfUser[user] = size + 1;
    } else {
      index.add(hash(item, user), size);
    }
  }

  int size() {
    return size;
  }

  int item(int buyer) {
    return rows.upper(buyer, ITEM_USER);
  }

  int user(int buyer) {
    return rows.lower(buyer, ITEM_USER);
  }

  /** Of held and paid orders. */
  int units(int buyer) {
    return (int) rows.get(buyer, UNITS);
  }

  void addUnits(int buyer, int more) {
    rows.set(buyer, UNITS, rows.get(buyer, UNITS) + more);
  }

  /** The last held or paid order; −1 = none. */
  int newestOrder(int buyer) {
    return rows.upper(buyer, NEWEST_FIRST);
  }

  void newestOrder(int buyer, int order) {
    rows.setUpper(buyer, NEWEST_FIRST, order);
  }

  /** The first order there ever was, whatever became of it; −1 = none yet. */
  int firstOrder(int buyer) {
    return rows.lower(buyer, NEWEST_FIRST);
  }

  void firstOrder(int buyer, int order) {
    rows.setLower(buyer, NEWEST_FIRST, order);
  }

  private static long hash(int item, int user) {
    return Bytes.mix64((long) item << 32 | user);
  }
}
