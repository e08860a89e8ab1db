package stampede.persist.reconcile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import stampede.persist.drain.Cursor;
import stampede.protocol.Bytes;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
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

/**
 * What MySQL must say of one partition after the events so far: a digest for each order, units for
 * each item, refunds by position. Knows nothing of what was before its first event.
 */
final class BooksFold {
  private final int partition;
  private final long base;
  private final LongConsumer changed;
  private final Digests orders;
  private final Map<Long, Stock> stock = new HashMap<>();
  private final NavigableMap<Long, RefundRow> refunds = new TreeMap<>();
  private final Set<Long> refunded = new HashSet<>();
  private final Set<Long> reached = new TreeSet<>();
  private Cursor end;
  private long epoch;

  private static final class Stock {
    final @Nullable SaleItem item;
    long available;
    long held;
    long sold;
    long total;
    long position;
    long openedAt;
    long soldOutAt;
    long endedAt;

    /**
     * @param item null = published before the first event
     */
    Stock(@Nullable SaleItem item) {
      this.item = item;
    }
  }

  /**
   * @param base position of the last event that is not in the log any more
   * @param changed is told the position of each order that an event after it changed
   */
  BooksFold(int partition, long base, int positionsMax, LongConsumer changed) {
    this.partition = partition;
    this.base = base;
    this.changed = changed;
    this.orders = new Digests(base, positionsMax);
    this.end = new Cursor(base + 1, base, 0);
  }

  /** The last entry so far; before the first, its position says where that begins. */
  Cursor end() {
    return end;
  }

  /**
   * Those behind the last entry, which must be the first of {@code page} unless it was cut away.
   *
   * @throws CorruptRecord if it is not: then it is another journal
   */
  List<JournalEntry> following(List<JournalEntry> page) {
    if (end.first() > end.position()) {
      return page;
    }
    if (page.isEmpty() || !Cursor.after(page.get(0)).equals(end)) {
      throw new CorruptRecord(
          "the entry at position " + end.first() + " is gone, or another one than it was");
    }
    return page.subList(1, page.size());
  }

  /** The log begins behind the last entry now. */
  void wasCut() {
    end = new Cursor(end.position() + 1, end.position(), end.batch());
  }

  long position() {
    return end.position();
  }

  /** Some of the log had been cut away when this began. */
  boolean isCut() {
    return base > 0;
  }

  boolean isEmpty() {
    return end.position() == base;
  }

  Digests orders() {
    return orders;
  }

  NavigableMap<Long, RefundRow> refunds() {
    return refunds;
  }

  /**
   * The next entry.
   *
   * @throws CorruptRecord if it can't follow the last one, or is damaged
   */
  void add(JournalEntry entry) {
    if (entry.partition() != partition || entry.first() != end.position() + 1) {
      throw new CorruptRecord(
          "after position " + end.position() + " comes position " + entry.first());
    }
    if (entry.epoch() < epoch) {
      throw new CorruptRecord(
          "after epoch " + epoch + " comes epoch " + entry.epoch() + " at " + entry.first());
    }
    long position = entry.first();
    for (SaleEvent event : entry.events()) {
      apply(event, position++);
    }
    epoch = entry.epoch();
    end = Cursor.after(entry);
  }

  private void apply(SaleEvent event, long position) {
    long digest = 0;
    if (event instanceof Accepted e) {
      digest = accepted(e, position);
    } else if (event instanceof Paid e) {
      ended(e.order(), Digest.ending("paid", e.at(), e.payment(), 0, ""));
      move(e.item(), 0, -e.quantity(), e.quantity(), 0, position);
    } else if (event instanceof Released e) {
      ended(e.order(), Digest.ending("released", 0, Bytes.EMPTY, e.at(), e.reason().text()));
      move(e.item(), e.quantity(), -e.quantity(), 0, 0, position);
    } else if (event instanceof Claimed e) {
      change(e.order(), Digest.claim(e.user(), e.at())); // its units stay where they are
    } else if (event instanceof RefundDue e) {
      refundDue(e, position);
    } else if (event instanceof ItemPublished e) {
      stock.put(e.item().item(), new Stock(e.item()));
      move(e.item().item(), e.item().stock(), 0, 0, e.item().stock(), position);
    } else if (event instanceof StockReleased e) {
      move(e.item(), e.units(), 0, 0, e.units(), position);
    } else if (event instanceof Steered e) {
      if (e.steering() == Steering.ADD_STOCK) {
        move(e.subject(), e.value(), 0, 0, e.value(), position);
      }
    } else if (event instanceof ItemOpened e) {
      reach(e.item(), s -> s.openedAt = s.openedAt == 0 ? e.at() : s.openedAt);
    } else if (event instanceof ItemEnded e) {
      reach(e.item(), s -> s.endedAt = s.endedAt == 0 ? e.at() : s.endedAt);
    } else if (!(event instanceof Owned
        || event instanceof SessionArchived // MySQL keeps its rows as they are
        || event instanceof Restated
        || event instanceof LogCut)) {
      throw new AssertionError(event);
    }
    orders.add(position, digest);
  }

  private long accepted(Accepted e, long position) {
    move(e.item(), -e.quantity(), e.quantity(), 0, 0, position);
    Stock of = stock.get(e.item());
    if (of == null || of.item == null) {
      return Digest.UNKNOWN;
    }
    if (of.available == 0 && of.soldOutAt == 0) {
      reach(e.item(), s -> s.soldOutAt = e.at());
    }
    return Digest.accepted(
            partition,
            position,
            e.item(),
            e.user(),
            e.key(),
            e.quantity(),
            of.item.price(),
            of.item.currency(),
            e.at(),
            e.payBy(),
            of.item.claimBy(e.user(), e.at()))
        + Digest.HELD;
  }

  private void ended(long order, long ending) {
    change(order, ending - Digest.HELD);
  }

  private void refundDue(RefundDue e, long position) {
    String reason = e.reason().text();
    refunds.put(position, new RefundRow(position, e.order(), e.payment(), reason, e.at()));
    if (refunded.add(e.order())) {
      change(e.order(), Digest.refund(e.payment(), reason, e.at()));
    }
  }

  private void change(long order, long by) {
    long position = PartitionMap.positionOfOrder(order);
    if (position <= orders.forgotten()) {
      return;
    }
    long digest = orders.of(position);
    if (digest == 0 || PartitionMap.partitionOfOrder(order) != partition) {
      throw new CorruptRecord("an event of order " + order + ", which was never accepted");
    }
    if (digest != Digest.UNKNOWN) {
      orders.change(position, digest + by);
    }
    changed.accept(position);
  }

  private void move(long item, long available, long held, long sold, long total, long position) {
    Stock of = stock.get(item);
    if (of == null) {
      if (isCut()) {
        return; // its publication was cut away; adopted later
      }
      throw new CorruptRecord("item " + item + " was never published before " + position);
    }
    of.available += available;
    of.held += held;
    of.sold += sold;
    of.total += total;
    of.position = position;
  }

  private void reach(long item, java.util.function.Consumer<Stock> milestone) {
    Stock of = stock.get(item);
    if (of != null && of.item != null) {
      milestone.accept(of);
      reached.add(item);
    }
  }

  /** What {@code item} has after the last event; null = it is not known. */
  @Nullable StockRow stock(long item) {
    Stock of = stock.get(item);
    return of == null
        ? null
        : new StockRow(item, of.available, of.held, of.sold, of.total, of.position);
  }

  Set<Long> items() {
    return stock.keySet();
  }

  /** Null = it was published before the first event, or never. */
  @Nullable SaleItem item(long item) {
    Stock of = stock.get(item);
    return of == null ? null : of.item;
  }

  /** Units of an item published before the first event, as they are after the last. */
  void adopt(StockRow row) {
    Stock of = new Stock(null);
    of.available = row.available();
    of.held = row.held();
    of.sold = row.sold();
    of.total = row.stock();
    of.position = row.position();
    stock.put(row.item(), of);
  }

  /** Of items to which something happened since this was last asked. */
  List<Milestone> takeReached() {
    List<Milestone> milestones = new ArrayList<>();
    for (long item : reached) {
      Stock of = stock.get(item);
      if (of != null) {
        milestones.add(new Milestone(item, of.openedAt, of.soldOutAt, of.endedAt));
      }
    }
    reached.clear();
    return milestones;
  }

  /** They could not be kept. */
  void reachedAgain(List<Milestone> milestones) {
    milestones.forEach(milestone -> reached.add(milestone.item()));
  }
}
