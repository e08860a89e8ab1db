package stampede.rig;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import stampede.protocol.Bytes;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.OrderFact;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.LogCut;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.SessionArchived;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.Steering;
import stampede.sale.engine.SaleEngine;

/**
 * What must be true of every log of a partition, however it came about. Keeps its own naive books,
 * so that it does not share the engine's mistakes. Pure; the log is read, nothing is kept.
 *
 * <pre>
 *   units      at every prefix, every item: available + held + sold = stock, none negative
 *   orders     one per (user, item, key); ids unique; a user's held and paid units within the limit
 *   claims     of devices' orders, once, before their release; units count for the limit of both
 *   epochs     never decrease; one Owned an epoch, and it is the epoch's first event
 *   positions  contiguous from 1; checksums hold; time never goes back
 *   ends       an order is paid or released at most once; a payment counts once
 *   archive    of items that hold nothing, and nothing of them after it; cuts take no other's events
 *   hash       the same state, however the events are grouped, and from where a cut lets the log begin
 * </pre>
 */
public final class Invariants {
  private static final int HASHES_COMPARED = 4;

  private record Key(long item, Bytes user, Bytes key) {}

  private record Buyer(long item, Bytes user) {}

  private static final class Units {
    private final int limit;
    private final long publishedAt;
    private boolean archived;
    private long available;
    private long held;
    private long sold;
    private long stock;

    private Units(long stock, int limit, long publishedAt) {
      this.publishedAt = publishedAt;
      this.available = stock;
      this.stock = stock;
      this.limit = limit;
    }
  }

  private final int partition;
  private final List<String> broken = new ArrayList<>();
  private final Map<Long, Units> items = new HashMap<>();
  private final Map<Long, Accepted> orders = new HashMap<>();
  private final Set<Long> ended = new HashSet<>();
  private final Set<Long> released = new HashSet<>();
  private final Map<Long, Bytes> claimants = new HashMap<>();
  private final Set<Key> keys = new HashSet<>();
  private final Set<Bytes> payments = new HashSet<>();
  private final Map<Buyer, Integer> bought = new HashMap<>();
  private long position;
  private long epoch;
  private long at;

  /** Books of a log that is still being written. */
  public Invariants(int partition) {
    this.partition = partition;
  }

  /** One sentence for each violation, in the order of the log; empty = all hold. */
  public static List<String> broken(int partition, List<JournalEntry> log) {
    Invariants books = new Invariants(partition);
    log.forEach(entry -> books.add(entry));
    if (books.broken.isEmpty()) {
      books.compareHashes(log);
    }
    return books.broken;
  }

  /**
   * @throws AssertionError naming the first violations
   */
  public static void require(int partition, List<JournalEntry> log) {
    List<String> broken = broken(partition, log);
    if (!broken.isEmpty()) {
      throw new AssertionError(
          broken.size() + " violations: " + broken.subList(0, Math.min(5, broken.size())));
    }
  }

  /** The state hash of a new engine that the log, which may be cut, was folded into. */
  public static long stateHash(int partition, List<JournalEntry> log) {
    long cutAway = log.isEmpty() ? 0 : log.get(0).first() - 1;
    SaleEngine engine = new SaleEngine(partition, Long.MAX_VALUE / 4, cutAway);
    log.forEach(entry -> entry.events().forEach(engine::apply));
    if (!engine.isWhole()) {
      throw new AssertionError("the log begins behind " + cutAway + ", and no cut says it may");
    }
    return engine.stateHash();
  }

  /** Whether the log has this order just as a shopper was told. */
  public static boolean holds(int partition, List<JournalEntry> log, OrderFact order) {
    long at = PartitionMap.positionOfOrder(order.order());
    for (JournalEntry entry : log) {
      if (entry.first() <= at && at <= entry.last()) {
        SaleEvent event = entry.events().get((int) (at - entry.first()));
        return PartitionMap.partitionOfOrder(order.order()) == partition
            && event instanceof Accepted e
            && e.item() == order.item()
            && e.user().equals(order.user())
            && e.key().equals(order.key())
            && e.quantity() == order.quantity()
            && e.payBy() == order.payBy()
            && e.at() == order.acceptedAt();
      }
    }
    return false;
  }

  /**
   * The next entry of the log.
   *
   * @return its events; empty if it is damaged
   */
  public List<SaleEvent> add(JournalEntry entry) {
    check(
        entry.partition() == partition,
        () -> "positions: an entry of partition " + entry.partition());
    check(entry.first() == position + 1, () -> "positions: an entry begins at " + entry.first());
    check(entry.epoch() >= epoch, () -> "epochs: " + entry.epoch() + " after " + epoch);
    List<SaleEvent> events;
    try {
      events = entry.events();
    } catch (CorruptRecord e) {
      check(false, () -> "positions: " + e.getMessage());
      return List.of();
    }
    boolean owned = events.get(0) instanceof Owned first && first.epoch() == entry.epoch();
    check(owned == entry.epoch() > epoch, () -> "epochs: epoch and its first event do not agree");
    for (int i = 0; i < events.size(); i++) {
      check(i == 0 || !(events.get(i) instanceof Owned), () -> "epochs: owned amid an epoch");
      position++;
      event(events.get(i));
    }
    epoch = entry.epoch();
    return events;
  }

  /** What was found so far, one sentence each. */
  public List<String> broken() {
    return broken;
  }

  private void event(SaleEvent event) {
    check(event.at() >= at, () -> "positions: time goes back to " + event.at());
    at = event.at();
    if (event instanceof ItemPublished e) {
      Units units = new Units(e.item().stock(), e.item().limitPerUser(), position);
      check(items.put(e.item().item(), units) == null, () -> "units: an item published again");
    } else if (event instanceof Accepted e) {
      accepted(e);
    } else if (event instanceof Paid e) {
      end(e.order(), "paid");
      count(e.payment());
      move(e.item(), 0, -e.quantity(), e.quantity(), 0);
    } else if (event instanceof Released e) {
      released(e);
    } else if (event instanceof Claimed e) {
      claimed(e);
    } else if (event instanceof RefundDue e) {
      check(
          ended.contains(e.order()),
          () -> "ends: refund for order " + e.order() + " that has no end");
      count(e.payment());
    } else if (event instanceof StockReleased e) {
      move(e.item(), e.units(), 0, 0, e.units());
    } else if (event instanceof Steered e && e.steering() == Steering.ADD_STOCK) {
      move(e.subject(), e.value(), 0, 0, e.value());
    } else if (event instanceof SessionArchived e) {
      e.items().forEach(this::archived);
    } else if (event instanceof LogCut e) {
      check(e.upTo() < position, () -> "archive: a cut up to " + e.upTo());
      items.forEach(
          (item, units) ->
              check(
                  units.archived || units.publishedAt > e.upTo(),
                  () -> "archive: a cut takes away item " + item));
    }
  }

  private void archived(long id) {
    Units item = items.get(id);
    check(
        item != null && item.held == 0 && !item.archived,
        () -> "archive: item " + id + " holds units, or is archived again");
    if (item != null) {
      item.archived = true;
    }
  }

  private void accepted(Accepted e) {
    check(keys.add(new Key(e.item(), e.user(), e.key())), () -> "orders: a key bound again");
    long id = PartitionMap.orderId(partition, position);
    check(orders.put(id, e) == null, () -> "orders: id " + id + " given again");
    buy(e.item(), e.user(), e.quantity());
    move(e.item(), -e.quantity(), e.quantity(), 0, 0);
  }

  private void buy(long id, Bytes user, int quantity) {
    int units = bought.merge(new Buyer(id, user), quantity, Integer::sum);
    Units item = items.get(id);
    check(item != null && units <= item.limit, () -> "orders: a user above the limit of its item");
  }

  private void claimed(Claimed e) {
    Accepted order = orders.get(e.order());
    check(
        order != null
            && order.user().utf8().startsWith("device:")
            && !e.user().utf8().startsWith("device:")
            && order.item() == e.item()
            && order.quantity() == e.quantity(),
        () -> "claims: " + e + " of " + order);
    check(!released.contains(e.order()), () -> "claims: order " + e.order() + " after its release");
    check(
        claimants.put(e.order(), e.user()) == null,
        () -> "claims: order " + e.order() + " claimed again");
    buy(e.item(), e.user(), e.quantity());
    if (order != null) {
      keys.add(new Key(e.item(), e.user(), order.key())); // a user's own key may be the same
    }
  }

  private void released(Released e) {
    end(e.order(), "released");
    released.add(e.order());
    Bytes claimant = claimants.get(e.order());
    check(
        !e.reason().text().equals("unclaimed") || claimant == null,
        () -> "claims: order " + e.order() + " released as unclaimed");
    if (claimant != null) {
      bought.merge(new Buyer(e.item(), claimant), -e.quantity(), Integer::sum);
    }
    Accepted order = orders.get(e.order());
    if (order != null) {
      bought.merge(new Buyer(e.item(), order.user()), -e.quantity(), Integer::sum);
      check(
          order.item() == e.item() && order.quantity() == e.quantity(),
          () -> "ends: order " + e.order() + " released with another item or quantity");
    }
    move(e.item(), e.quantity(), -e.quantity(), 0, 0);
  }

  private void end(long order, String how) {
    check(orders.containsKey(order), () -> "ends: unknown order " + order + " " + how);
    check(ended.add(order), () -> "ends: order " + order + " " + how + " after its end");
  }

  private void count(Bytes payment) {
    check(payments.add(payment), () -> "ends: payment " + payment + " counted again");
  }

  private void move(long id, long available, long held, long sold, long stock) {
    Units item = items.get(id);
    if (item == null) {
      check(false, () -> "units: item " + id + " was never published");
      return;
    }
    check(!item.archived, () -> "archive: item " + id + " changes after it");
    item.available += available;
    item.held += held;
    item.sold += sold;
    item.stock += stock;
    check(
        item.available >= 0
            && item.held >= 0
            && item.sold >= 0
            && item.available + item.held + item.sold == item.stock,
        () ->
            "units: item %d has %d available, %d held, %d sold of %d"
                .formatted(id, item.available, item.held, item.sold, item.stock));
  }

  /** Groups of one against the groups as they are, at the end and at some prefixes. */
  private void compareHashes(List<JournalEntry> log) {
    SaleEngine grouped = new SaleEngine(partition, Long.MAX_VALUE / 4);
    SaleEngine single = new SaleEngine(partition, Long.MAX_VALUE / 4);
    int every = Math.max(1, log.size() / HASHES_COMPARED);
    for (int i = 0; i < log.size(); i++) {
      JournalEntry entry = log.get(i);
      for (SaleEvent event : entry.events()) {
        grouped.apply(event);
        long first = single.position() + 1;
        List<SaleEvent> one = List.of(event);
        JournalEntry.of(partition, entry.epoch(), first, first, one)
            .events()
            .forEach(single::apply);
      }
      if (i % every == 0 || i == log.size() - 1) {
        check(grouped.stateHash() == single.stateHash(), () -> "hash: differs at " + entry.last());
      }
    }
    List<JournalEntry> left = new ArrayList<>(log);
    left.removeIf(entry -> entry.last() <= grouped.cutUpTo());
    check(
        stateHash(partition, left) == grouped.stateHash(),
        () -> "hash: another state behind a cut up to " + grouped.cutUpTo());
  }

  private void check(boolean holds, Supplier<String> violation) {
    if (!holds) {
      broken.add("position " + position + ": " + violation.get());
    }
  }
}
