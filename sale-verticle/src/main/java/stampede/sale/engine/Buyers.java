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
  private final HashIndex index = new HashIndex();

  /** By user: the number of the first buyer + 1; 0 = none. */
  private int[] firstOfUser = new int[64];

  private int[] items = new int[64];
  private int[] users = new int[64];
  private int[] units = new int[64];
  private int[] newestOrders = new int[64];
  private int[] firstOrders = new int[64];
  private int size;

  /** Number of the buyer; −1 = that user never had an order of that item. */
  int find(int item, int user) {
    int first = user < firstOfUser.length ? firstOfUser[user] - 1 : -1;
    return first < 0 || items[first] == item ? first : findFurther(item, user);
  }

  private int findFurther(int item, int user) {
    long hash = hash(item, user);
    for (int slot = index.first(hash); slot >= 0; slot = index.next(hash, slot)) {
      int buyer = index.entry(slot);
      if (items[buyer] == item && users[buyer] == user) {
        return buyer;
      }
    }
    return -1;
  }

  /** A new buyer, where {@link #find} finds none. */
  int add(int item, int user) {
    if (size == items.length) {
      grow(size + (size >> 1));
    }
    items[size] = item;
    users[size] = user;
    newestOrders[size] = -1;
    firstOrders[size] = -1;
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
    return items[buyer];
  }

  int user(int buyer) {
    return users[buyer];
  }

  /** Of held and paid orders. */
  int units(int buyer) {
    return units[buyer];
  }

  void addUnits(int buyer, int more) {
    units[buyer] += more;
  }

  /** The last held or paid order; −1 = none. */
  int newestOrder(int buyer) {
    return newestOrders[buyer];
  }

  void newestOrder(int buyer, int order) {
    newestOrders[buyer] = order;
  }

  /** The first order there ever was, whatever became of it; −1 = none yet. */
  int firstOrder(int buyer) {
    return firstOrders[buyer];
  }

  void firstOrder(int buyer, int order) {
    firstOrders[buyer] = order;
  }

  private void grow(int capacity) {
    items = Arrays.copyOf(items, capacity);
    users = Arrays.copyOf(users, capacity);
    units = Arrays.copyOf(units, capacity);
    newestOrders = Arrays.copyOf(newestOrders, capacity);
    firstOrders = Arrays.copyOf(firstOrders, capacity);
  }

  private static long hash(int item, int user) {
    return Bytes.mix64((long) item << 32 | user);
  }
}
