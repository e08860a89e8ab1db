package stampede.sale.engine;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A state's columns without some of its items: what stays keeps its order and gets new numbers.
 * Costs about as much as folding the orders that stay.
 */
final class Renumbering {
  final Interner users = new Interner();
  final Buyers buyers = new Buyers();
  final Orders orders = new Orders();
  final Claims claims = new Claims();
  final Payments payments = new Payments();
  final SessionUnits sessionUnits = new SessionUnits();
  final BitSet blocked = new BitSet();

  private final SaleState old;
  private final int[] newItems;
  private final int[] newOrders;
  private final int[] newestOfItem;

  /**
   * @param stay of {@code old}'s items, in its order; they are numbered anew
   */
  Renumbering(SaleState old, List<ItemSale> stay) {
    this.old = old;
    newItems = new int[old.items.size()];
    newOrders = new int[old.orders.size()];
    newestOfItem = new int[stay.size()];
    Arrays.fill(newItems, -1);
    Arrays.fill(newOrders, -1);
    Arrays.fill(newestOfItem, -1);
    for (int i = 0; i < stay.size(); i++) {
      newItems[stay.get(i).index] = i;
      stay.get(i).index = i;
      sessionUnits.published(stay.get(i));
    }
    for (int user = old.blocked.nextSetBit(0); user >= 0; user = old.blocked.nextSetBit(user + 1)) {
      blocked.set(users.intern(old.users.get(user)));
    }
    for (int order = 0; order < newOrders.length; order++) {
      add(order, stay);
    }
    for (int payment = 0; payment < old.payments.size(); payment++) {
      pay(payment);
    }
    for (int claim = 0; claim < old.claims.size(); claim++) {
      claim(claim, stay);
    }
    for (ItemSale sale : stay) {
      sale.renumberOrders(this::orderNow);
    }
  }

  private int orderNow(int order) {
    return order < 0 ? -1 : newOrders[order];
  }

  private void add(int order, List<ItemSale> stay) {
    int item = newItems[old.buyers.item(old.orders.buyer(order))];
    if (item < 0) {
      return;
    }
    int quantity = old.orders.quantity(order);
    int buyer = buyer(item, old.buyers.user(old.orders.buyer(order)));
    int now =
        orders.add(
            old.orders.position(order),
            buyers,
            buyer,
            old.orders.key(order),
            quantity,
            old.orders.payBy(order),
            old.orders.acceptedAt(order));
    newOrders[order] = now;
    if (newestOfItem[item] >= 0) {
      orders.nextOfItem(newestOfItem[item], now);
    }
    newestOfItem[item] = now;
    byte status = old.orders.status(order);
    if (Orders.isReleased(status)) { // at once: it leaves a chain that is as short as it was
      orders.release(now, buyers, status, old.orders.endedAt(order));
    } else {
      sessionUnits.add(stay.get(item), buyers.user(buyer), quantity);
    }
    if (old.claims.waits(order)) {
      claims.await(now);
    }
  }

  /** A new one if need be. */
  private int buyer(int item, int oldUser) {
    int user = users.intern(old.users.get(oldUser));
    int known = buyers.find(item, user);
    return known >= 0 ? known : buyers.add(item, user);
  }

  private void pay(int payment) {
    int order = newOrders[old.payments.order(payment)];
    if (order >= 0) {
      byte kind = old.payments.kind(payment);
      int now = payments.add(old.payments.get(payment), order, kind);
      if (kind == Payments.PAYS) {
        orders.pay(order, buyers, now, old.orders.endedAt(old.payments.order(payment)));
      }
    }
  }

  private void claim(int claim, List<ItemSale> stay) {
    int order = newOrders[old.claims.order(claim)];
    if (order < 0) {
      return;
    }
    ItemSale sale = stay.get(buyers.item(orders.buyer(order)));
    int buyer = buyer(sale.index, old.buyers.user(old.claims.buyer(claim)));
    int now = claims.add(order, buyer, old.claims.position(claim), old.claims.at(claim), orders);
    if (Orders.isReleased(orders.status(order))) {
      claims.released(now);
    } else {
      buyers.addUnits(buyer, orders.quantity(order));
      sessionUnits.add(sale, buyers.user(buyer), orders.quantity(order));
    }
  }
}
