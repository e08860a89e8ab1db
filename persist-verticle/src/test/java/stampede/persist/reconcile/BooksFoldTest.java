package stampede.persist.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;

class BooksFoldTest {
  private static final long ITEM = ReconcileWorld.ITEM;
  private static final long FIRST = PartitionMap.orderId(3, 4);
  private static final long SECOND = PartitionMap.orderId(3, 5);
  private static final Warrant ANN = new Warrant("ann", "", Bytes.EMPTY, true);

  /** One of each kind, as an owner might write them. */
  private static final List<SaleEvent> EVENTS =
      List.of(
          new SaleEvent.Owned(1, "sale-1", 7, 1),
          new SaleEvent.ItemPublished(ReconcileWorld.item(10), ANN, 1),
          new SaleEvent.ItemOpened(ITEM, 2),
          new SaleEvent.Accepted(ITEM, Bytes.of("a"), Bytes.of("k"), 2, 60, 3),
          new SaleEvent.Accepted(ITEM, Bytes.of("b"), Bytes.of("k"), 1, 60, 3),
          new SaleEvent.Claimed(FIRST, ITEM, 2, Bytes.of("c"), 4),
          new SaleEvent.Paid(FIRST, ITEM, 2, Bytes.of("p"), 4),
          new SaleEvent.Released(SECOND, ITEM, 1, SaleEvent.ReleaseReason.CANCELLED, 5),
          new SaleEvent.RefundDue(SECOND, Bytes.of("q"), SaleEvent.RefundReason.LATE, 6),
          new SaleEvent.StockReleased(ITEM, 0, 5, 7),
          new SaleEvent.Steered(Steering.ADD_STOCK, ITEM, 3, Bytes.EMPTY, ANN, "{}", "{}", 8),
          new SaleEvent.ItemEnded(ITEM, 9),
          new SaleEvent.SessionArchived(1, List.of(ITEM), 10),
          new SaleEvent.Restated(List.of(Bytes.of("bot")), List.of(), 11),
          new SaleEvent.LogCut(12, 1, 11));

  private final BooksFold fold = new BooksFold(3, 0, 1 << 20, changed -> {});

  @Test
  void everyKindOfEventIsFolded() {
    Set<Class<?>> kinds = EVENTS.stream().map(Object::getClass).collect(Collectors.toSet());
    assertThat(kinds).containsExactlyInAnyOrder(SaleEvent.class.getPermittedSubclasses());

    fold.add(JournalEntry.of(3, 1, 1, 9, EVENTS));

    assertThat(fold.stock(ITEM)).isEqualTo(new StockRow(ITEM, 16, 0, 2, 18, 11));
    assertThat(fold.orders().of(4)).isNotZero();
    assertThat(fold.orders().of(6)).isZero();
    assertThat(fold.refunds()).containsOnlyKeys(9L);
    assertThat(fold.takeReached()).containsExactly(new Milestone(ITEM, 2, 0, 9));
    assertThat(fold.takeReached()).isEmpty();
  }

  @Test
  void eventOfAnOrderThatWasNeverAcceptedIsDamage() {
    SaleEvent.Paid paid = new SaleEvent.Paid(FIRST, ITEM, 1, Bytes.of("p"), 4);

    assertThatThrownBy(() -> fold.add(JournalEntry.of(3, 1, 1, 9, List.of(paid))))
        .isInstanceOf(CorruptRecord.class)
        .hasMessageContaining("order " + FIRST);
  }

  @Test
  void epochThatGoesBackIsDamage() {
    fold.add(JournalEntry.of(3, 2, 1, 9, List.of(EVENTS.get(0))));

    assertThatThrownBy(() -> fold.add(JournalEntry.of(3, 1, 2, 10, List.of(EVENTS.get(0)))))
        .hasMessageContaining("after epoch 2 comes epoch 1");
  }
}
