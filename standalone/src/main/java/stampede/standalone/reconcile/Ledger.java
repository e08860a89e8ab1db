package stampede.standalone.reconcile;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.OrderFact;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.SessionArchived;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;
import stampede.sale.engine.SaleEngine;

/**
 * What MySQL must say of a partition after the events applied so far. The owner's own engine says
 * what the orders and the stock are; the rest is what only MySQL keeps: refunds, where claims are,
 * audit, and which event touched what last.
 *
 * <p>What an owner forgets with an archived session is kept here. Of a log that was cut, what was
 * accepted before its first event is not known, nor the whole of an order of an item published
 * before.
 */
final class Ledger {
  private static final long EVENTS_MAX = Long.MAX_VALUE;

  private final int partition;
  private SaleEngine engine;
  private long cutAway;
  private final Set<Long> halfKnown = new LinkedHashSet<>();
  private final Map<Long, OrderFact> archivedOrders = new HashMap<>();
  private final Map<Long, Booked.Stock> archivedStock = new LinkedHashMap<>();
  private final Map<Long, Booked.Refund> refunds = new LinkedHashMap<>();
  private final Map<Long, Booked.Refund> firstRefunds = new LinkedHashMap<>();
  private final Map<Long, Booked.Claim> claims = new LinkedHashMap<>();
  private final Map<Long, Booked.Item> items = new LinkedHashMap<>();
  private final Map<Long, Booked.Audit> audits = new LinkedHashMap<>();
  private final Map<Long, Long> stockPositions = new LinkedHashMap<>();
  private long[] accepted = new long[64];
  private int acceptedCount;

  Ledger(int partition) {
    this.partition = partition;
    this.engine = new SaleEngine(partition, EVENTS_MAX);
  }

  /** The log begins behind this position: it was cut. */
  void beginAfter(long position) {
    engine = new SaleEngine(partition, EVENTS_MAX, position);
    cutAway = position;
  }

  /** Position of the last event that is not in the log any more. */
  long cutAway() {
    return cutAway;
  }

  /** False: events are missing that no cut has taken. */
  boolean isWhole() {
    return engine.isWhole();
  }

  /** Orders accepted in the log, of items published before its beginning. */
  Set<Long> halfKnown() {
    return halfKnown;
  }

  int partition() {
    return partition;
  }

  long position() {
    return engine.position();
  }

  /**
   * @throws IllegalStateException if the event contradicts those before; the ledger is worthless
   *     then
   */
  void apply(SaleEvent event) {
    if (event instanceof SessionArchived e) {
      archive(e);
    }
    engine.apply(event);
    long position = engine.position();
    if (event instanceof Accepted e && engine.indexOf(e.item()) < 0) {
      halfKnown.add(PartitionMap.orderId(partition, position));
    } else if (event instanceof Accepted e) {
      accepted(position);
      stockPositions.put(e.item(), position);
    } else if (event instanceof Paid e) {
      stockPositions.put(e.item(), position);
    } else if (event instanceof Released e) {
      stockPositions.put(e.item(), position);
    } else if (event instanceof StockReleased e) {
      stockPositions.put(e.item(), position);
    } else if (event instanceof Claimed e) {
      claims.put(position, new Booked.Claim(e.order(), e.user(), e.at(), position));
    } else if (event instanceof RefundDue e) {
      refund(e, position);
    } else if (event instanceof ItemPublished e) {
      published(e, position);
    } else if (event instanceof Steered e) {
      steered(e, position);
    }
  }

  /** Nothing changes of it any more. */
  private void archive(SessionArchived e) {
    Map<Long, Booked.Stock> stock = stock();
    for (long item : e.items()) {
      if (stock.containsKey(item)) {
        archivedStock.put(item, stock.get(item));
      }
    }
    for (int i = 0; i < acceptedCount; i++) {
      OrderFact order = order(orderAt(i));
      if (order != null && archivedStock.containsKey(order.item())) {
        archivedOrders.put(order.order(), order);
      }
    }
  }

  private void accepted(long position) {
    if (acceptedCount == accepted.length) {
      accepted = Arrays.copyOf(accepted, acceptedCount + (acceptedCount >> 1));
    }
    accepted[acceptedCount++] = position;
  }

  private void refund(RefundDue e, long position) {
    Booked.Refund refund =
        new Booked.Refund(e.order(), e.payment(), e.reason().text(), e.at(), position);
    refunds.put(position, refund);
    firstRefunds.putIfAbsent(e.order(), refund);
  }

  private void published(ItemPublished e, long position) {
    long item = e.item().item();
    items.put(item, new Booked.Item(item, e.item().toString(), partition, e.at(), position));
    stockPositions.put(item, position);
    audit(e.warrant(), "item.publish", position, e.at());
  }

  private void steered(Steered e, long position) {
    if (e.steering() == Steering.ADD_STOCK) {
      stockPositions.put(e.subject(), position);
    }
    audit(e.warrant(), e.steering().name().toLowerCase(Locale.ROOT), position, e.at());
  }

  private void audit(Warrant warrant, String action, long position, long at) {
    if (warrant.audited()) {
      audits.put(position, new Booked.Audit(position, at, warrant.by(), action));
    }
  }

  /** Orders ever accepted. */
  int orders() {
    return acceptedCount;
  }

  /** Id of the order accepted as number {@code index}, counted from 0. */
  long orderAt(int index) {
    return PartitionMap.orderId(partition, accepted[index]);
  }

  /** The order as its owner knows it; null if there is none. */
  @Nullable OrderFact order(long id) {
    OrderFact archived = archivedOrders.get(id);
    if (archived != null) {
      return archived;
    }
    Reply reply = engine.decide(new Command.FindOrder(id, Bytes.EMPTY), 0).reply();
    return reply instanceof Reply.OrderIs found ? found.order() : null;
  }

  /** The first refund due for an order, as its row carries it; null if there is none. */
  Booked.@Nullable OrderRefund firstRefund(long order) {
    Booked.Refund refund = firstRefunds.get(order);
    return refund == null
        ? null
        : new Booked.OrderRefund(refund.payment(), refund.reason(), refund.at());
  }

  /** By position. */
  Map<Long, Booked.Refund> refunds() {
    return refunds;
  }

  /** By position. */
  Map<Long, Booked.Claim> claims() {
    return claims;
  }

  /** By item. */
  Map<Long, Booked.Item> items() {
    return items;
  }

  /** By position. */
  Map<Long, Booked.Audit> audits() {
    return audits;
  }

  /** By item. */
  Map<Long, Booked.Stock> stock() {
    Map<Long, Booked.Stock> all = new LinkedHashMap<>(archivedStock);
    for (int i = 0; i < engine.items(); i++) {
      Reply.ItemIs is = engine.itemAt(i);
      long item = is.item().item();
      long position = stockPositions.getOrDefault(item, 0L);
      all.put(
          item, new Booked.Stock(item, is.available(), is.held(), is.sold(), is.stock(), position));
    }
    return all;
  }
}
