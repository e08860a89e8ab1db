package stampede.persist;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;

/**
 * A seeded sale of one partition and, beside it, the books as the simplest possible code keeps
 * them: what the database must say in the end.
 */
final class NaiveSale {
  private static final int ITEMS = 3;
  private final int partition;
  private final Random random;
  private final List<SaleEvent> waiting = new ArrayList<>();
  private long position;
  private long at = 1_000_000;

  /** Order id → "item user quantity status payment reason refund claimedBy". */
  final Map<String, String> orders = new LinkedHashMap<>();

  /** Item id → available, held, sold, stock. */
  final Map<Long, long[]> stock = new LinkedHashMap<>();

  final List<String> refunds = new ArrayList<>();

  /** "order user position". */
  final List<String> claims = new ArrayList<>();

  private final Map<Long, Open> open = new LinkedHashMap<>();

  private static final class Open {
    long item;
    String user;
    int quantity;
    String status = "held";
    String payment = "";
    String reason = "";
    String refund = "";
    String claimedBy = "";

    boolean mayBeClaimed() {
      return user.startsWith("device:") && claimedBy.isEmpty() && !status.equals("released");
    }
  }

  NaiveSale(int partition, long seed) {
    this.partition = partition;
    this.random = new Random(seed);
  }

  /** One of each partition. */
  static List<NaiveSale> all(long seed) {
    List<NaiveSale> sales = new ArrayList<>();
    for (int partition = 0; partition < Stores.PARTITIONS; partition++) {
      sales.add(new NaiveSale(partition, seed + partition));
    }
    return sales;
  }

  int partition() {
    return partition;
  }

  /** Of the last event so far. */
  long position() {
    return position;
  }

  /** The next group of events as a journal entry. */
  JournalEntry entry(int events) {
    long first = position + 1;
    while (waiting.size() < events) {
      step();
    }
    List<SaleEvent> group = List.copyOf(waiting);
    waiting.clear();
    return JournalEntry.of(partition, 1, first, random.nextLong(), group);
  }

  private void step() {
    at += random.nextInt(20);
    if (stock.size() < ITEMS) {
      publish();
      return;
    }
    int dice = random.nextInt(10);
    List<Long> ids = new ArrayList<>(open.keySet());
    if (dice < 5 || ids.isEmpty()) {
      accept();
      return;
    }
    long id = ids.get(random.nextInt(ids.size()));
    Open order = open.get(id);
    if (order.mayBeClaimed() && random.nextInt(3) > 0) {
      claim(id, order);
    } else if (order.status.equals("held")) {
      end(id, order, dice < 8);
    } else if (dice == 9) {
      refund(id, order);
    }
  }

  private void publish() {
    long item = 1001 + stock.size() + 100L * partition;
    SaleItem sold =
        new SaleItem(
            item,
            1,
            "t",
            item,
            item,
            "CNY",
            1,
            2,
            100_000,
            9,
            60_000,
            0,
            1_000_000,
            List.of(),
            0,
            0,
            stock.size() % 2 == 0 ? 60_000 : 0);
    stock.put(item, new long[] {100_000, 0, 0, 100_000});
    add(new SaleEvent.ItemPublished(sold, new Warrant("ann", "", Bytes.EMPTY, true), at));
  }

  private void accept() {
    Open order = new Open();
    List<Long> items = new ArrayList<>(stock.keySet());
    order.item = items.get(random.nextInt(items.size()));
    String prefix = random.nextBoolean() ? "u" : "device:";
    order.user = prefix + partition + "-" + position;
    order.quantity = 1 + random.nextInt(3);
    move(order.item, -order.quantity, order.quantity, 0);
    add(
        new SaleEvent.Accepted(
            order.item, Bytes.of(order.user), Bytes.of("k"), order.quantity, at + 9, at));
    long id = PartitionMap.orderId(partition, position);
    open.put(id, order);
    book(id, order);
  }

  private void claim(long id, Open order) {
    order.claimedBy = "c" + random.nextInt(5);
    Bytes user = Bytes.of(order.claimedBy);
    add(new SaleEvent.Claimed(id, order.item, order.quantity, user, at));
    claims.add(id + " " + order.claimedBy + " " + position);
    book(id, order);
  }

  private void end(long id, Open order, boolean pay) {
    if (pay) {
      order.status = "paid";
      order.payment = "p" + id;
      move(order.item, 0, -order.quantity, order.quantity);
      add(new SaleEvent.Paid(id, order.item, order.quantity, Bytes.of(order.payment), at));
    } else {
      order.status = "released";
      order.reason = "expired";
      move(order.item, order.quantity, -order.quantity, 0);
      add(
          new SaleEvent.Released(
              id, order.item, order.quantity, SaleEvent.ReleaseReason.EXPIRED, at));
    }
    book(id, order);
  }

  private void refund(long id, Open order) {
    String payment = "r" + position;
    order.refund = order.refund.isEmpty() ? payment : order.refund;
    refunds.add(id + " " + payment);
    add(new SaleEvent.RefundDue(id, Bytes.of(payment), SaleEvent.RefundReason.LATE, at));
    book(id, order);
  }

  private void add(SaleEvent event) {
    waiting.add(event);
    position++;
  }

  private void move(long item, long available, long held, long sold) {
    long[] units = stock.get(item);
    units[0] += available;
    units[1] += held;
    units[2] += sold;
  }

  private void book(long id, Open order) {
    orders.put(
        Long.toString(id),
        String.join(
            " ",
            Long.toString(order.item),
            order.user,
            Integer.toString(order.quantity),
            order.status,
            order.payment,
            order.reason,
            order.refund,
            order.claimedBy));
  }
}
