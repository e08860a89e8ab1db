package stampede.standalone.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;

class ComparisonTest {
  private final List<String> told = new ArrayList<>();
  private final Differences differences = new Differences(told::add);
  private final List<Booked.Order> orders = Story.orders();
  private List<Booked.Stock> stock = List.of(Story.stock());
  private List<Booked.Item> items = List.of(Story.item());
  private List<Booked.Refund> refunds = List.of(Story.refund());
  private List<Booked.Audit> audits = List.of(Story.audit());

  private String compare() {
    Comparison comparison =
        new Comparison(Story.ledger((int) Story.CURSOR), Story.CURSOR, differences);
    orders.forEach(comparison::order);
    comparison.endOfOrders();
    comparison.stock(stock);
    comparison.items(items);
    comparison.refunds(refunds);
    comparison.audits(audits);
    return String.join("\n", told);
  }

  @Test
  void rowsThatFollowFromTheEventsDifferInNothing() {
    assertThat(compare()).isEmpty();

    assertThat(differences.total()).isZero();
  }

  @Test
  void aLostOrderIsNamedWithItsUserAndKey() {
    orders.remove(1);

    assertThat(compare())
        .isEqualTo(
            "order: " + Story.BOB + " (position 5, item 1001, user bob, key k-2) is not in MySQL");
  }

  @Test
  void theLastOrderIsMissedToo() {
    orders.remove(2);

    assertThat(compare()).contains(Story.CID + " (position 9", "is not in MySQL");
  }

  @Test
  void anOrderNobodyAcceptedIsNamed() {
    long order = Story.order(6);
    orders.add(2, new Booked.Order(bob(order, 2), null, Story.PARTITION, 6));

    assertThat(compare())
        .isEqualTo(
            "order: "
                + order
                + " (position 6, item 1001, user bob, key k-2) is in MySQL, but no event of the"
                + " journal accepted it");
  }

  @Test
  void anOrderBeyondTheCursorIsToldApart() {
    orders.add(new Booked.Order(bob(Story.order(12), 1), null, Story.PARTITION, 12));

    assertThat(compare()).contains("is in MySQL, but beyond its cursor at 9");
  }

  @Test
  void everyFieldOfAnOrderCounts() {
    OrderFact other =
        new OrderFact(
            Story.BOB,
            1002,
            Bytes.of("rob"),
            Bytes.of("k-9"),
            3,
            501,
            "EUR",
            OrderStatus.PAID,
            211,
            5_211,
            9,
            Bytes.of("p-9"),
            6_301,
            "cancelled");
    orders.set(1, new Booked.Order(other, null, 4, 6));

    String found = compare();

    assertThat(found)
        .contains("order: order " + Story.BOB + ": ")
        .contains("item is 1001 in the journal, 1002 in MySQL")
        .contains("user is bob in the journal, rob in MySQL")
        .contains("key is k-2 in the journal, k-9 in MySQL")
        .contains("quantity is 2 in the journal, 3 in MySQL")
        .contains("price is 500 in the journal, 501 in MySQL")
        .contains("currency is CNY in the journal, EUR in MySQL")
        .contains("status is released in the journal, paid in MySQL")
        .contains("accepted_at is 210 in the journal, 211 in MySQL")
        .contains("pay_by is 5210 in the journal, 5211 in MySQL")
        .contains("paid_at is 0 in the journal, 9 in MySQL")
        .contains("payment_id is nothing in the journal, p-9 in MySQL")
        .contains("released_at is 6300 in the journal, 6301 in MySQL")
        .contains("release_reason is expired in the journal, cancelled in MySQL")
        .contains("partition_id is 3 in the journal, 4 in MySQL")
        .contains("position is 5 in the journal, 6 in MySQL")
        .contains("refund is OrderRefund[")
        .contains("in the journal, nothing in MySQL");
    assertThat(differences.total()).isOne();
  }

  @Test
  void stockIsComparedColumnByColumn() {
    stock = List.of(new Booked.Stock(Story.ITEM, 7, 2, 0, 9, 8));

    assertThat(compare())
        .isEqualTo(
            "stock: item 1001: available is 8 in the journal, 7 in MySQL; held is 1 in the journal,"
                + " 2 in MySQL; sold is 1 in the journal, 0 in MySQL; stock is 10 in the journal, 9"
                + " in MySQL; position is 9 in the journal, 8 in MySQL");
  }

  @Test
  void stockWithoutAnItemAndAnItemWithoutStockAreNamed() {
    stock = List.of(new Booked.Stock(1002, 1, 0, 0, 1, 1));

    assertThat(compare())
        .contains("stock: item 1002 is in item_stock, but not in the journal")
        .contains("stock: item 1001 has no row in item_stock");
  }

  @Test
  void itemsAreComparedByWhatWasPublished() {
    items = List.of(new Booked.Item(Story.ITEM, "another", Story.PARTITION, 101, 3));

    assertThat(compare())
        .contains("definition is SaleItem[", "another in MySQL")
        .contains("published_at is 100 in the journal, 101 in MySQL")
        .contains("published_position is 2 in the journal, 3 in MySQL");
  }

  @Test
  void itemsOnOneSideOnlyAreNamed() {
    items = List.of(new Booked.Item(1002, "x", Story.PARTITION, 1, 1));

    assertThat(compare())
        .contains("item: 1002 is published in MySQL, but not in the journal")
        .contains("item: 1001 is published in the journal, but not in MySQL");
  }

  @Test
  void aRefundLostOrChangedOrInventedIsNamed() {
    refunds = List.of(new Booked.Refund(Story.ANN, Bytes.of("p-7"), "extra_payment", 1, 6));

    assertThat(compare())
        .contains("refund: at position 6: in MySQL ", "in the journal nothing of that kind")
        .contains("refund: Refund[order=" + Story.BOB, "is not in sale_refund");
  }

  @Test
  void anAuditLostOrChangedIsNamed() {
    audits = List.of(new Booked.Audit(2, 100, "somebody", "item.publish"));

    assertThat(compare()).contains("audit: at position 2: in the journal ", "by=op", "by=somebody");
  }

  @Test
  void onlyTheFirstHundredAreToldAndAllAreCounted() {
    for (int i = 0; i < 130; i++) {
      long order = Story.order(100 + i);
      orders.add(new Booked.Order(bob(order, 1), null, Story.PARTITION, 100 + i));
    }
    stock = List.of();

    compare();

    assertThat(told).hasSize(100);
    assertThat(differences.total()).isEqualTo(131);
    assertThat(differences.summary())
        .isEqualTo("131 differences (order 130, stock 1; the first 100 are above)");
  }

  private static OrderFact bob(long order, int quantity) {
    return Story.fact(order, "bob", "k-2", quantity, OrderStatus.HELD, 210, 5_210, 0, "", 0, "");
  }
}
