package stampede.persist.drain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.persist.drain.Chunk.Audit;
import stampede.persist.drain.Chunk.Claim;
import stampede.persist.drain.Chunk.NewOrder;
import stampede.persist.drain.Chunk.Published;
import stampede.persist.drain.Chunk.Refund;
import stampede.persist.drain.Chunk.StockChange;
import stampede.protocol.Bytes;
import stampede.protocol.CorruptRecord;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
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
import stampede.protocol.Steering;

/** Events in, {@link Chunk} out. Used once. */
final class ChunkFold {
  private final int partition;
  private final Map<Long, SaleItem> known;
  private final Map<Long, Publication> published = new LinkedHashMap<>();
  private final Map<Long, OrderFact> orders = new LinkedHashMap<>();
  private final Map<Long, Chunk.Paid> paid = new LinkedHashMap<>();
  private final Map<Long, Chunk.Released> released = new LinkedHashMap<>();
  private final Map<Long, Claim> claims = new LinkedHashMap<>();
  private final List<Refund> refunds = new ArrayList<>();
  private final Map<Long, Refund> firstRefunds = new HashMap<>();
  private final Map<Long, StockChange> stock = new LinkedHashMap<>();
  private final List<Audit> audits = new ArrayList<>();
  private final @Nullable WebhookFold webhooks;

  private record Publication(SaleItem item, long position, long at) {}

  /**
   * @param webhooks the shop is told
   */
  ChunkFold(int partition, Map<Long, SaleItem> known, boolean webhooks) {
    this.partition = partition;
    this.known = known;
    this.webhooks = webhooks ? new WebhookFold() : null;
  }

  void apply(SaleEvent event, long position) {
    if (event instanceof Accepted e) {
      accepted(e, position);
    } else if (event instanceof Paid e) {
      paid(e, position);
    } else if (event instanceof Released e) {
      released(e, position);
    } else if (event instanceof Claimed e) {
      claimed(e, position);
    } else if (event instanceof RefundDue e) {
      refundDue(e, position);
    } else if (event instanceof ItemPublished e) {
      published(e, position);
    } else if (event instanceof StockReleased e) {
      move(e.item(), e.units(), 0, 0, e.units(), position);
    } else if (event instanceof Steered e) {
      steered(e, position);
    } else if (!(event instanceof Owned
        || event instanceof ItemOpened
        || event instanceof ItemEnded
        || event instanceof SessionArchived // its rows stay as they are
        || event instanceof Restated
        || event instanceof LogCut)) {
      throw new AssertionError(event);
    }
    if (webhooks != null) {
      webhooks.apply(event, position, partition);
    }
  }

  Chunk chunk(Cursor end) {
    List<Published> publications = new ArrayList<>();
    for (Publication p : published.values()) {
      StockChange total = stock.remove(p.item.item());
      publications.add(new Published(p.item, p.position, p.at, total));
    }
    List<NewOrder> fresh = new ArrayList<>(orders.size());
    for (OrderFact fact : orders.values()) {
      fresh.add(new NewOrder(fact, firstRefunds.get(fact.order())));
    }
    return new Chunk(
        partition,
        end,
        List.copyOf(publications),
        List.copyOf(fresh),
        List.copyOf(paid.values()),
        List.copyOf(released.values()),
        List.copyOf(claims.values()),
        List.copyOf(refunds),
        List.copyOf(stock.values()),
        List.copyOf(audits),
        webhooks == null ? List.of() : webhooks.ofOrders(),
        webhooks == null ? List.of() : webhooks.perhapsSoldOut());
  }

  private void accepted(Accepted e, long position) {
    SaleItem item = item(e.item(), position);
    long order = PartitionMap.orderId(partition, position);
    OrderFact fact =
        new OrderFact(
            order,
            e.item(),
            e.user(),
            e.key(),
            e.quantity(),
            item.price(),
            item.currency(),
            OrderStatus.HELD,
            e.at(),
            e.payBy(),
            0,
            Bytes.EMPTY,
            0,
            "",
            item.claimBy(e.user(), e.at()),
            Bytes.EMPTY,
            0);
    orders.put(order, fact);
    move(e.item(), -e.quantity(), e.quantity(), 0, 0, position);
  }

  private void paid(Paid e, long position) {
    OrderFact fresh = heldOrder(e.order(), position);
    if (fresh != null) {
      orders.put(e.order(), fresh.ended(OrderStatus.PAID, e.at(), e.payment(), 0, ""));
    } else {
      paid.put(e.order(), new Chunk.Paid(e.order(), e.payment(), e.at()));
    }
    move(e.item(), 0, -e.quantity(), e.quantity(), 0, position);
  }

  private void released(Released e, long position) {
    OrderFact fresh = heldOrder(e.order(), position);
    String reason = e.reason().text();
    if (fresh != null) {
      orders.put(e.order(), fresh.ended(OrderStatus.RELEASED, 0, Bytes.EMPTY, e.at(), reason));
    } else {
      released.put(e.order(), new Chunk.Released(e.order(), reason, e.at()));
    }
    move(e.item(), e.quantity(), -e.quantity(), 0, 0, position);
  }

  private void claimed(Claimed e, long position) {
    OrderFact fresh = orders.get(e.order());
    boolean released =
        fresh == null
            ? this.released.containsKey(e.order())
            : fresh.status() == OrderStatus.RELEASED;
    Claim claim = new Claim(e.order(), e.user(), e.at(), position, fresh != null);
    if (released || claims.put(e.order(), claim) != null) {
      throw new CorruptRecord(
          "order " + e.order() + " is claimed again, or after its end " + at(position));
    }
    if (fresh != null) {
      orders.put(e.order(), fresh.claimed(e.user(), e.at()));
    }
  }

  private void published(ItemPublished e, long position) {
    SaleItem item = e.item();
    if (published.put(item.item(), new Publication(item, position, e.at())) != null
        || known.containsKey(item.item())) {
      throw new CorruptRecord("item " + item.item() + " is published again " + at(position));
    }
    move(item.item(), item.stock(), 0, 0, item.stock(), position);
    if (e.warrant().audited()) {
      String after = "{\"item\":\"" + item.item() + "\",\"stock\":" + item.stock() + "}";
      audits.add(
          new Audit(
              position,
              e.at(),
              e.warrant().by(),
              "item.publish",
              Long.toString(item.item()),
              Bytes.EMPTY,
              e.warrant().reason(),
              e.warrant().key(),
              "{}",
              after));
    }
  }

  private void steered(Steered e, long position) {
    if (e.steering() == Steering.ADD_STOCK) {
      move(e.subject(), e.value(), 0, 0, e.value(), position);
    }
    if (e.warrant().audited()) {
      audits.add(
          new Audit(
              position,
              e.at(),
              e.warrant().by(),
              e.steering().name().toLowerCase(Locale.ROOT),
              e.subject() == 0 ? "" : Long.toString(e.subject()),
              e.user(),
              e.warrant().reason(),
              e.warrant().key(),
              e.before(),
              e.after()));
    }
  }

  private SaleItem item(long id, long position) {
    Publication fresh = published.get(id);
    SaleItem item = fresh == null ? known.get(id) : fresh.item;
    if (item == null) {
      throw new CorruptRecord("item " + id + " was never published before " + at(position));
    }
    return item;
  }

  /** The order if this chunk brings it, null if an earlier one did. */
  private @Nullable OrderFact heldOrder(long order, long position) {
    OrderFact fresh = orders.get(order);
    boolean ended =
        fresh == null
            ? paid.containsKey(order) || released.containsKey(order)
            : fresh.status() != OrderStatus.HELD;
    if (ended) {
      throw new CorruptRecord("order " + order + " ends a second time " + at(position));
    }
    return fresh;
  }

  private void refundDue(RefundDue e, long position) {
    boolean newOrder = orders.containsKey(e.order());
    Refund refund =
        new Refund(e.order(), e.payment(), e.reason().text(), e.at(), position, newOrder);
    refunds.add(refund);
    firstRefunds.putIfAbsent(e.order(), refund);
  }

  private void move(long item, long available, long held, long sold, long total, long position) {
    item(item, position);
    stock.merge(
        item,
        new StockChange(item, available, held, sold, total, position),
        (a, b) ->
            new StockChange(
                item,
                a.available() + b.available(),
                a.held() + b.held(),
                a.sold() + b.sold(),
                a.stock() + b.stock(),
                b.position()));
  }

  private String at(long position) {
    return "at position " + position + " of partition " + partition;
  }
}
