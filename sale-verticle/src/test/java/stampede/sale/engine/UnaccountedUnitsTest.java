package stampede.sale.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;

/** The identity that metrics show live finds each kind of fault, and none hides behind another. */
class UnaccountedUnitsTest {
  private static final int PARTITION = 2;
  private static final long AT = 1_800_000_000_000L;
  private static final long ONE = 1001;
  private static final long OTHER = 1002;

  private final SaleState state = new SaleState(PARTITION, 0);
  private long held;

  @BeforeEach
  void twoItemsWithOrders() {
    for (long item : List.of(ONE, OTHER)) {
      state.apply(new ItemPublished(item(item), new Warrant("op", "", Bytes.EMPTY, true), AT));
      state.apply(new SaleEvent.ItemOpened(item, AT));
      for (String user : List.of("ann", "bob", "eve")) {
        state.apply(new Accepted(item, Bytes.of(user), Bytes.of("k"), 2, AT + 60_000, AT));
        held = PartitionMap.orderId(PARTITION, state.position);
      }
      long paid = held - 1;
      state.apply(new Paid(paid, item, 2, Bytes.of("p-" + item), AT));
      state.apply(new Released(paid - 1, item, 2, ReleaseReason.CANCELLED, AT));
    }
    assertThat(state.unaccountedUnits()).isZero();
  }

  @Test
  void anItemThatCountsAPaymentWithoutAnOrderIsFound() {
    sale(ONE).paid(1, state.position);

    assertThat(state.unaccountedUnits()).as("held one too few, sold one too many").isEqualTo(2);
  }

  @Test
  void anOrderThatIsPaidWithoutItsItemIsFound() {
    int order = state.findOrder(held);

    state.orders.pay(
        order, state.buyers, state.payments.add(Bytes.of("p"), order, Payments.PAYS), AT);

    assertThat(state.unaccountedUnits()).isEqualTo(4);
  }

  @Test
  void anOrderThatIsReleasedWithoutItsItemIsFound() {
    int order = state.findOrder(held);

    state.orders.release(order, state.buyers, Orders.EXPIRED, AT);

    assertThat(state.unaccountedUnits()).isEqualTo(2);
  }

  @Test
  void oppositeFaultsOfTwoItemsDoNotHideEachOther() {
    sale(ONE).accepted(1, state.position);
    sale(OTHER).released(1, state.position);

    assertThat(state.unaccountedUnits()).isEqualTo(2);
  }

  private ItemSale sale(long item) {
    return state.items.stream().filter(each -> each.item.item() == item).findFirst().orElseThrow();
  }

  private static SaleItem item(long id) {
    return Goods.item(id, 1, AT, AT + 600_000, 10, 2, 60_000);
  }
}
