package stampede.rig.sim;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.ItemEnded;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.LogCut;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.Restated;
import stampede.protocol.SaleEvent.SessionArchived;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.SaleItem;

/**
 * What a partition's log means, folded naively and without the engine: the books that answers and
 * the database are compared with. Does not judge; {@link stampede.rig.Invariants} does.
 */
final class Ledger {
  /** Who wants what, by which key. */
  record Key(long item, Bytes user, Bytes key) {}

  record Buyer(long item, Bytes user) {}

  /** An order as the log tells it; times in epoch ms, 0 = not yet. */
  static final class Order {
    final long id;
    final long position;
    final Accepted accepted;
    String status = "held";
    long paidAt;
    Bytes payment = Bytes.EMPTY;
    long releasedAt;
    String releaseReason = "";

    /** 0 = it needs no claim. */
    final long claimBy;

    Bytes claimedBy = Bytes.EMPTY;
    long claimedAt;

    private Order(long id, long position, Accepted accepted, long claimBy) {
      this.id = id;
      this.position = position;
      this.accepted = accepted;
      this.claimBy = claimBy;
    }

    boolean isOf(Bytes user) {
      return accepted.user().equals(user) || !claimedBy.isEmpty() && claimedBy.equals(user);
    }

    boolean waitsForClaim() {
      return claimBy > 0 && claimedBy.isEmpty() && status.equals("held");
    }
  }

  /** An item as the log tells it. */
  static final class Item {
    final SaleItem item;
    boolean open;
    boolean ended;
    boolean paused;
    boolean sessionPaused;
    long available;
    long held;
    long sold;
    long stock;
    int portions;

    private Item(SaleItem item) {
      this.item = item;
      this.available = item.stock();
      this.stock = item.stock();
    }
  }

  private final int partition;
  final Map<Long, Item> items = new LinkedHashMap<>();
  final Map<Long, Order> orders = new LinkedHashMap<>();
  final Map<Key, Order> byKey = new HashMap<>();
  final Map<Buyer, Integer> units = new HashMap<>();
  final Map<Long, Order> held = new LinkedHashMap<>();
  final Map<Bytes, String> payments = new LinkedHashMap<>();
  final Set<Bytes> blocked = new HashSet<>();
  final Map<Long, Long> archivedAt = new HashMap<>();
  long position;
  long ownedPosition;
  long ownedAt;
  int refunds;
  int claims;
  int audits;

  Ledger(int partition) {
    this.partition = partition;
  }

  void apply(SaleEvent event) {
    position++;
    if (event instanceof Owned e) {
      ownedPosition = position;
      ownedAt = e.at();
    } else if (event instanceof ItemPublished e) {
      items.put(e.item().item(), new Item(e.item()));
      audits++;
    } else if (event instanceof ItemOpened e) {
      item(e.item()).open = true;
    } else if (event instanceof ItemEnded e) {
      item(e.item()).ended = true;
    } else if (event instanceof Accepted e) {
      accepted(e);
    } else if (event instanceof Paid e) {
      paid(e);
    } else if (event instanceof Released e) {
      released(e);
    } else if (event instanceof Claimed e) {
      claimed(e);
    } else if (event instanceof RefundDue e) {
      payments.put(e.payment(), e.reason().text());
      refunds++;
    } else if (event instanceof StockReleased e) {
      Item item = item(e.item());
      item.portions++;
      item.available += e.units();
      item.stock += e.units();
    } else if (event instanceof Steered e) {
      steered(e);
    } else if (event instanceof SessionArchived e) {
      e.items().forEach(item -> archivedAt.put(item, position)); // nothing becomes untrue by it
    } else if (!(event instanceof Restated || event instanceof LogCut)) {
      throw new AssertionError(event);
    }
  }

  @Nullable Order bound(long item, Bytes user, Bytes key) {
    return byKey.get(new Key(item, user, key));
  }

  int unitsOf(long item, Bytes user) {
    return units.getOrDefault(new Buyer(item, user), 0);
  }

  private Item item(long id) {
    Item item = items.get(id);
    if (item == null) {
      throw new Violation("S1 an event of item " + id + " that was never published");
    }
    return item;
  }

  private void accepted(Accepted e) {
    long id = PartitionMap.orderId(partition, position);
    long claimWithinMs = item(e.item()).item.claimWithinMs();
    boolean toClaim = claimWithinMs > 0 && e.user().utf8().startsWith("device:");
    Order order = new Order(id, position, e, toClaim ? e.at() + claimWithinMs : 0);
    orders.put(id, order);
    held.put(id, order);
    byKey.put(new Key(e.item(), e.user(), e.key()), order);
    units.merge(new Buyer(e.item(), e.user()), e.quantity(), Integer::sum);
    Item item = item(e.item());
    item.available -= e.quantity();
    item.held += e.quantity();
  }

  private void paid(Paid e) {
    Order order = end(e.order());
    order.status = "paid";
    order.paidAt = e.at();
    order.payment = e.payment();
    payments.put(e.payment(), "paid");
    Item item = item(e.item());
    item.held -= e.quantity();
    item.sold += e.quantity();
  }

  private void released(Released e) {
    Order order = end(e.order());
    order.status = "released";
    order.releasedAt = e.at();
    order.releaseReason = e.reason().text();
    units.merge(new Buyer(e.item(), order.accepted.user()), -e.quantity(), Integer::sum);
    if (!order.claimedBy.isEmpty()) {
      units.merge(new Buyer(e.item(), order.claimedBy), -e.quantity(), Integer::sum);
    }
    Item item = item(e.item());
    item.held -= e.quantity();
    item.available += e.quantity();
  }

  private void claimed(Claimed e) {
    Order order = orders.get(e.order());
    if (order == null) {
      throw new Violation("S9 order " + e.order() + " is claimed, but was never accepted");
    }
    claims++;
    order.claimedBy = e.user();
    order.claimedAt = e.at();
    byKey.putIfAbsent(new Key(e.item(), e.user(), order.accepted.key()), order);
    units.merge(new Buyer(e.item(), e.user()), e.quantity(), Integer::sum);
  }

  private Order end(long id) {
    Order order = held.remove(id);
    if (order == null) {
      throw new Violation("S9 order " + id + " ends, but it is not held");
    }
    return order;
  }

  private void steered(Steered e) {
    audits++;
    switch (e.steering()) {
      case PAUSE_ITEM -> item(e.subject()).paused = true;
      case RESUME_ITEM -> item(e.subject()).paused = false;
      case CLOSE_ITEM -> item(e.subject()).ended = true;
      case PAUSE_SESSION, RESUME_SESSION -> {
        for (Item item : items.values()) {
          if (item.item.session() == e.subject() && !item.ended) {
            item.sessionPaused = e.steering() == stampede.protocol.Steering.PAUSE_SESSION;
          }
        }
      }
      case ADD_STOCK -> {
        item(e.subject()).available += e.value();
        item(e.subject()).stock += e.value();
      }
      case BLOCK_USER -> blocked.add(e.user());
      case UNBLOCK_USER -> blocked.remove(e.user());
      default -> {}
    }
  }
}
