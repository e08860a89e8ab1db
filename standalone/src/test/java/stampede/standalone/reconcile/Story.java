package stampede.standalone.reconcile;

import java.util.ArrayList;
import java.util.List;
import stampede.protocol.Bytes;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;

/**
 * A small sale of partition {@value #PARTITION}, event by event, and the rows it leaves in MySQL as
 * they are written by hand: not made by the code under test.
 *
 * <pre>
 *   1 owned  2 published  3 opened  4 ann 1 unit  5 bob 2 units  6 ann pays  7 bob's expires
 *   8 bob pays late: a refund  9 cid 1 unit
 * </pre>
 */
final class Story {
  static final int PARTITION = 3;
  static final long ITEM = 1001;
  static final long ANN = order(4);
  static final long BOB = order(5);
  static final long CID = order(9);
  static final long CURSOR = 9;

  private static final SaleItem SOLD =
      new SaleItem(
          ITEM, 7, "Phone", 500, 900, "CNY", 100, 100_000, 10, 3, 5_000, 0, 1_000_000, List.of());

  /** Another item, for devices. */
  static final SaleItem TO_CLAIM =
      new SaleItem(
          1002, 7, "Pen", 5, 9, "CNY", 100, 100_000, 10, 3, 5_000, 0, 1_000_000, List.of(), 0, 0,
          1_000);

  private Story() {}

  /** After three events: it is on sale. */
  static Ledger ledgerToClaim() {
    Ledger ledger = new Ledger(PARTITION);
    ledger.apply(new Owned(1, "sale-1", 42, 90));
    ledger.apply(new ItemPublished(TO_CLAIM, new Warrant("op", "", Bytes.EMPTY, true), 100));
    ledger.apply(new ItemOpened(TO_CLAIM.item(), 100));
    return ledger;
  }

  static long order(long position) {
    return PartitionMap.orderId(PARTITION, position);
  }

  static List<SaleEvent> events() {
    Warrant warrant = new Warrant("op", "", Bytes.EMPTY, true);
    return List.of(
        new Owned(1, "sale-1", 42, 90),
        new ItemPublished(SOLD, warrant, 100),
        new ItemOpened(ITEM, 100),
        new Accepted(ITEM, Bytes.of("ann"), Bytes.of("k-1"), 1, 5_200, 200),
        new Accepted(ITEM, Bytes.of("bob"), Bytes.of("k-2"), 2, 5_210, 210),
        new Paid(ANN, ITEM, 1, Bytes.of("p-1"), 300),
        new Released(BOB, ITEM, 2, ReleaseReason.EXPIRED, 6_300),
        new RefundDue(BOB, Bytes.of("p-2"), RefundReason.LATE, 6_400),
        new Accepted(ITEM, Bytes.of("cid"), Bytes.of("k-3"), 1, 11_500, 6_500));
  }

  static Ledger ledger(int events) {
    Ledger ledger = new Ledger(PARTITION);
    events().subList(0, events).forEach(ledger::apply);
    return ledger;
  }

  static List<Booked.Order> orders() {
    Booked.OrderRefund late = new Booked.OrderRefund(Bytes.of("p-2"), "late_payment", 6_400);
    return new ArrayList<>(
        List.of(
            new Booked.Order(
                fact(ANN, "ann", "k-1", 1, OrderStatus.PAID, 200, 5_200, 300, "p-1", 0, ""),
                null,
                PARTITION,
                4),
            new Booked.Order(
                fact(
                    BOB,
                    "bob",
                    "k-2",
                    2,
                    OrderStatus.RELEASED,
                    210,
                    5_210,
                    0,
                    "",
                    6_300,
                    "expired"),
                late,
                PARTITION,
                5),
            new Booked.Order(
                fact(CID, "cid", "k-3", 1, OrderStatus.HELD, 6_500, 11_500, 0, "", 0, ""),
                null,
                PARTITION,
                9)));
  }

  static OrderFact fact(
      long order,
      String user,
      String key,
      int quantity,
      OrderStatus status,
      long acceptedAt,
      long payBy,
      long paidAt,
      String payment,
      long releasedAt,
      String reason) {
    return new OrderFact(
        order,
        ITEM,
        Bytes.of(user),
        Bytes.of(key),
        quantity,
        500,
        "CNY",
        status,
        acceptedAt,
        payBy,
        paidAt,
        Bytes.of(payment),
        releasedAt,
        reason);
  }

  static Booked.Stock stock() {
    return new Booked.Stock(ITEM, 8, 1, 1, 10, 9);
  }

  static Booked.Item item() {
    return new Booked.Item(ITEM, SOLD.toString(), PARTITION, 100, 2);
  }

  static Booked.Refund refund() {
    return new Booked.Refund(BOB, Bytes.of("p-2"), "late_payment", 6_400, 8);
  }

  static Booked.Audit audit() {
    return new Booked.Audit(2, 100, "op", "item.publish");
  }
}
