package stampede.persist.reconcile;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import stampede.persist.VirtualTime;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.Cursor;
import stampede.persist.drain.JournalReader;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.protocol.port.Completion;

/**
 * A journal, and books that are drained from it as the drain does it, in virtual time: every answer
 * takes 1 to 9 ms, so that the drain goes on between a question and its answer.
 */
final class ReconcileWorld extends VirtualTime implements JournalReader, Books {
  static final int PARTITION = 3;
  static final long ITEM = 1001;
  static final long PRICE = 9_900;

  final List<JournalEntry> journal = new ArrayList<>();
  final TreeMap<Long, OrderRow> orders = new TreeMap<>();
  final TreeMap<Long, RefundRow> refunds = new TreeMap<>();
  final TreeMap<Long, StockRow> stock = new TreeMap<>();
  final Map<Long, Milestone> milestones = new HashMap<>();
  final List<String> told = new ArrayList<>();
  final List<OrderRow> madeUp = new ArrayList<>();
  Cursor cursor = Cursor.START;
  long ownerEnd = -1;
  boolean booksAway;
  boolean journalAway;
  long rows;
  private final Map<Long, SaleItem> items = new HashMap<>();
  private final Random random;

  ReconcileWorld(long seed) {
    random = new Random(seed);
  }

  PartitionReconciler reconciler(int positionsMax) {
    return reconciler(positionsMax, 10_000, 1_000);
  }

  PartitionReconciler reconciler(int positionsMax, int rowsPerSecond, int sweepRowsPerSecond) {
    return new PartitionReconciler(
        PARTITION,
        new PartitionReconciler.Means(
            this,
            (partition, done) -> answer(() -> done.succeed(ownerEnd < 0 ? end() : ownerEnd)),
            this,
            this,
            new Pace(this, rowsPerSecond),
            new Pace(this, sweepRowsPerSecond),
            new Pace(this, 20_000),
            positionsMax,
            new PartitionReconciler.Watcher() {
              @Override
              public void differs(int partition, List<String> what) {
                told.addAll(what);
              }

              @Override
              public void rows(int count) {
                rows += count;
              }
            }));
  }

  /** A reconciler at work. */
  PartitionReconciler begin() {
    PartitionReconciler reconciler = reconciler(1 << 20);
    begin(reconciler);
    return reconciler;
  }

  Rota begin(PartitionReconciler reconciler) {
    Rota rota = new Rota(this);
    rota.take(reconciler);
    rota.start();
    return rota;
  }

  // ── journal

  long end() {
    return journal.isEmpty() ? 0 : journal.get(journal.size() - 1).last();
  }

  void publish(long stock) {
    append(new SaleEvent.ItemPublished(item(stock), new Warrant("ann", "", Bytes.EMPTY, true), 1));
    append(new SaleEvent.ItemOpened(ITEM, 2));
  }

  static SaleItem item(long stock) {
    return new SaleItem(
        ITEM, 7, "t", PRICE, PRICE, "CNY", 1, 9, stock, 5, 60_000, 0, 1_000_000, List.of(), 0, 0,
        30_000);
  }

  /** Id of the order. */
  long accept(int quantity) {
    return accept("u", quantity);
  }

  /** The same, by somebody who has not signed in. */
  long acceptOfDevice(int quantity) {
    return accept("device:", quantity);
  }

  private long accept(String who, int quantity) {
    long position = end() + 1;
    append(
        new SaleEvent.Accepted(
            ITEM, Bytes.of(who + position), Bytes.of("k"), quantity, 60, nowMs + 10));
    return PartitionMap.orderId(PARTITION, position);
  }

  void claim(long order, int quantity) {
    append(new SaleEvent.Claimed(order, ITEM, quantity, Bytes.of("c" + order), nowMs + 10));
  }

  void pay(long order, int quantity) {
    append(new SaleEvent.Paid(order, ITEM, quantity, Bytes.of("p" + order), nowMs + 10));
  }

  void release(long order, int quantity) {
    append(
        new SaleEvent.Released(order, ITEM, quantity, SaleEvent.ReleaseReason.EXPIRED, nowMs + 10));
  }

  void refund(long order) {
    append(
        new SaleEvent.RefundDue(
            order, Bytes.of("r" + end()), SaleEvent.RefundReason.LATE, nowMs + 10));
  }

  void append(SaleEvent... events) {
    journal.add(JournalEntry.of(PARTITION, 1, end() + 1, 1_000 + end(), List.of(events)));
  }

  /** As an archive does: only the last {@code entries} stay. */
  void cut(int entries) {
    journal.subList(0, journal.size() - entries).clear();
  }

  // ── drain

  /** The next {@code entriesMax} entries, in one transaction. */
  void drain(int entriesMax) {
    List<JournalEntry> chunk = new ArrayList<>();
    for (JournalEntry entry : journal) {
      if (entry.first() > cursor.position() && chunk.size() < entriesMax) {
        chunk.add(entry);
      }
    }
    if (!chunk.isEmpty()) {
      put(Chunk.of(PARTITION, chunk, items));
    }
  }

  void drainAll() {
    drain(Integer.MAX_VALUE);
  }

  private void put(Chunk chunk) {
    chunk
        .published()
        .forEach(
            p -> {
              items.put(p.item().item(), p.item());
              move(p.stock());
            });
    chunk.orders().forEach(order -> orders.put(order.fact().order(), row(order)));
    chunk.paid().forEach(p -> end(p.order(), OrderStatus.PAID, p.at(), p.payment(), 0, ""));
    chunk
        .released()
        .forEach(r -> end(r.order(), OrderStatus.RELEASED, 0, Bytes.EMPTY, r.at(), r.reason()));
    chunk
        .refunds()
        .forEach(
            r -> {
              refunds.put(
                  r.position(),
                  new RefundRow(r.position(), r.order(), r.payment(), r.reason(), r.at()));
              OrderRow row = orders.get(r.order());
              if (row.refundAt() == 0) {
                orders.put(r.order(), with(row, row.status(), r.payment(), r.reason(), r.at()));
              }
            });
    chunk.claims().stream()
        .filter(c -> !c.newOrder())
        .forEach(c -> orders.computeIfPresent(c.order(), (id, o) -> claimed(o, c.user(), c.at())));
    chunk.stock().forEach(this::move);
    cursor = chunk.end();
  }

  private void move(Chunk.StockChange c) {
    StockRow old = stock.getOrDefault(c.item(), new StockRow(c.item(), 0, 0, 0, 0, 0));
    stock.put(
        c.item(),
        new StockRow(
            c.item(),
            old.available() + c.available(),
            old.held() + c.held(),
            old.sold() + c.sold(),
            old.stock() + c.stock(),
            c.position()));
  }

  private static OrderRow row(Chunk.NewOrder order) {
    OrderFact f = order.fact();
    Chunk.Refund r = order.refund();
    return new OrderRow(
        f.order(),
        f.item(),
        f.user(),
        f.key(),
        f.quantity(),
        f.price(),
        f.currency(),
        f.status().text(),
        f.acceptedAt(),
        f.payBy(),
        f.paidAt(),
        f.payment(),
        f.releasedAt(),
        f.releaseReason(),
        r == null ? Bytes.EMPTY : r.payment(),
        r == null ? "" : r.reason(),
        r == null ? 0 : r.at(),
        f.claimBy(),
        f.claimedBy(),
        f.claimedAt(),
        PARTITION,
        PartitionMap.positionOfOrder(f.order()));
  }

  private void end(
      long order, OrderStatus status, long paidAt, Bytes payment, long releasedAt, String reason) {
    OrderRow o = orders.get(order);
    orders.put(
        order,
        new OrderRow(
            o.order(),
            o.item(),
            o.user(),
            o.key(),
            o.quantity(),
            o.price(),
            o.currency(),
            status.text(),
            o.acceptedAt(),
            o.payBy(),
            paidAt,
            payment,
            releasedAt,
            reason,
            o.refundPayment(),
            o.refundReason(),
            o.refundAt(),
            o.claimBy(),
            o.claimedBy(),
            o.claimedAt(),
            o.partition(),
            o.position()));
  }

  static OrderRow with(OrderRow o, String status, Bytes refund, String reason, long refundAt) {
    return new OrderRow(
        o.order(),
        o.item(),
        o.user(),
        o.key(),
        o.quantity(),
        o.price(),
        o.currency(),
        status,
        o.acceptedAt(),
        o.payBy(),
        o.paidAt(),
        o.payment(),
        o.releasedAt(),
        o.releaseReason(),
        refund,
        reason,
        refundAt,
        o.claimBy(),
        o.claimedBy(),
        o.claimedAt(),
        o.partition(),
        o.position());
  }

  /** The same order, claimed by somebody at some time; empty and 0 = by nobody. */
  static OrderRow claimed(OrderRow o, Bytes by, long at) {
    return new OrderRow(
        o.order(),
        o.item(),
        o.user(),
        o.key(),
        o.quantity(),
        o.price(),
        o.currency(),
        o.status(),
        o.acceptedAt(),
        o.payBy(),
        o.paidAt(),
        o.payment(),
        o.releasedAt(),
        o.releaseReason(),
        o.refundPayment(),
        o.refundReason(),
        o.refundAt(),
        o.claimBy(),
        by,
        at,
        o.partition(),
        o.position());
  }

  /** The same order at another price and in another number. */
  static OrderRow of(OrderRow o, int quantity, long price) {
    return new OrderRow(
        o.order(),
        o.item(),
        o.user(),
        o.key(),
        quantity,
        price,
        o.currency(),
        o.status(),
        o.acceptedAt(),
        o.payBy(),
        o.paidAt(),
        o.payment(),
        o.releasedAt(),
        o.releaseReason(),
        o.refundPayment(),
        o.refundReason(),
        o.refundAt(),
        o.claimBy(),
        o.claimedBy(),
        o.claimedAt(),
        o.partition(),
        o.position());
  }

  // ── what the reconciler asks: of the moment the question arrives, answered later

  private void answer(Runnable answer) {
    after(1 + random.nextInt(4), () -> after(1 + random.nextInt(4), answer));
  }

  private <T> void ask(boolean away, java.util.function.Supplier<T> reading, Completion<T> done) {
    after(
        1 + random.nextInt(4),
        () -> {
          if (away) {
            after(1, () -> done.fail(new IllegalStateException("away")));
            return;
          }
          T read = reading.get();
          after(1 + random.nextInt(4), () -> done.succeed(read));
        });
  }

  @Override
  public void read(
      int partition, long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
    ask(
        journalAway,
        () ->
            journal.subList(after(afterPosition), journal.size()).stream()
                .limit(Math.min(entriesMax, 1 + random.nextInt(8) + 1))
                .toList(),
        done);
  }

  private int after(long position) {
    int low = 0;
    int high = journal.size();
    while (low < high) {
      int middle = (low + high) / 2;
      if (journal.get(middle).first() > position) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  @Override
  public void stretch(int partition, long after, long upTo, Completion<Stretch> done) {
    ask(
        booksAway,
        () ->
            new Stretch(
                new Reading<>(
                    cursor,
                    List.copyOf(
                        orders
                            .subMap(
                                PartitionMap.orderId(PARTITION, after),
                                false,
                                PartitionMap.orderId(PARTITION, upTo),
                                true)
                            .values())),
                List.copyOf(refunds.subMap(after, false, upTo, true).values())),
        done);
  }

  @Override
  public void orders(int partition, Collection<Long> ids, Completion<Reading<OrderRow>> done) {
    List<Long> wanted = List.copyOf(ids);
    ask(
        booksAway,
        () ->
            new Reading<>(
                cursor, wanted.stream().filter(orders::containsKey).map(orders::get).toList()),
        done);
  }

  @Override
  public void stock(int partition, Completion<Reading<StockRow>> done) {
    ask(booksAway, () -> new Reading<>(cursor, List.copyOf(stock.values())), done);
  }

  @Override
  public void rehearse(int partition, Completion<List<OrderRow>> done) {
    ask(booksAway, () -> madeUp, done);
  }

  @Override
  public void keep(List<Milestone> kept, Completion<Void> done) {
    kept.forEach(milestone -> milestones.put(milestone.item(), milestone));
    after(1, () -> done.done(null, null));
  }
}
