package stampede.sale.engine;

import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Units of a user's held and paid orders, claimed ones too, over all items of a session that has
 * such a limit; other sessions leave nothing here. An order of a device that is claimed counts for
 * both, as it does for the limit per user: neither gets more than a user may have. Follows from the
 * orders, so it is no part of the state's hash.
 *
 * <p>Exact because all items of such a session are in this partition: the catalogue chooses their
 * ids so.
 */
final class SessionUnits {
  private final Long2ObjectHashMap<List<ItemSale>> sessions = new Long2ObjectHashMap<>();

  /** By the index of the session's first item here, and the number of the user. */
  private final Long2LongHashMap units = new Long2LongHashMap(0);

  void published(ItemSale sale) {
    if (sale.item.limitPerSession() > 0) {
      sessions.computeIfAbsent(sale.item.session(), first -> new ArrayList<>()).add(sale);
    }
  }

  /** Items of the same session that count together with {@code sale}, it among them. */
  List<ItemSale> together(ItemSale sale) {
    return sessions.get(sale.item.session());
  }

  /** {@code more} below 0: they were released. */
  void add(ItemSale sale, int user, int more) {
    if (sale.item.limitPerSession() > 0) {
      long key = key(sale, user);
      long left = units.get(key) + more;
      if (left == 0) {
        units.remove(key);
      } else {
        units.put(key, left);
      }
    }
  }

  /** Whether {@code more} units would take the user above the session's limit. */
  boolean isAbove(ItemSale sale, int user, int more) {
    int limit = sale.item.limitPerSession();
    return limit > 0 && (user < 0 ? 0 : units.get(key(sale, user))) + more > limit;
  }

  private long key(ItemSale sale, int user) {
    return (long) together(sale).get(0).index << 32 | user;
  }
}
