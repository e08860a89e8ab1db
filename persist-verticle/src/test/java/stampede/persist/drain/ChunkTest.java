package stampede.persist.drain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import stampede.persist.drain.Chunk.NewOrder;
import stampede.persist.drain.Chunk.Refund;
import stampede.persist.drain.Chunk.StockChange;
import stampede.persist.drain.Chunk.Webhook;
import stampede.persist.webhook.WebhookKind;
import stampede.protocol.Bytes;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.ItemEnded;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;

class ChunkTest {
  private static final int PARTITION = 7;
  private static final long ITEM = DrainWorld.ITEM;
  private static final SaleItem SOLD = DrainWorld.item(ITEM);
  private static final SaleItem TO_CLAIM =
      new SaleItem(
          ITEM, 4, "t", 5, 5, "CNY", 1, 2, 9, 2, 1_000, 0, 1_000_000, List.of(), 0, 0, 60_000);
  private static final Map<Long, SaleItem> KNOWN = Map.of(ITEM, SOLD);
  private static final Warrant WARRANT = new Warrant("ann", "why", Bytes.of("c"), true);
  private static final Warrant COPY = new Warrant("ann", "why", Bytes.of("c"), false);

  @Test
  void acceptedOrderTakesPriceAndCurrencyFromItsItem() {
    Chunk chunk = chunk(KNOWN, accepted("u", 3));

    assertThat(chunk.orders())
        .containsExactly(
            new NewOrder(
                new OrderFact(
                    order(1),
                    ITEM,
                    Bytes.of("u"),
                    Bytes.of("k"),
                    3,
                    5,
                    "CNY",
                    OrderStatus.HELD,
                    10,
                    99,
                    0,
                    Bytes.EMPTY,
                    0,
                    ""),
                null));
    assertThat(chunk.stock()).containsExactly(new StockChange(ITEM, -3, 3, 0, 0, 1));
    assertThat(chunk.end()).isEqualTo(new Cursor(1, 1, 55));
  }

  @Test
  void orderPaidInItsOwnChunkIsOneNewPaidOrder() {
    Chunk chunk = chunk(KNOWN, accepted("u", 2), new Paid(order(1), ITEM, 2, Bytes.of("p"), 20));

    OrderFact fact = chunk.orders().get(0).fact();
    assertThat(fact.status()).isEqualTo(OrderStatus.PAID);
    assertThat(fact.paidAt()).isEqualTo(20);
    assertThat(fact.payment()).isEqualTo(Bytes.of("p"));
    assertThat(chunk.paid()).isEmpty();
    assertThat(chunk.stock()).containsExactly(new StockChange(ITEM, -2, 0, 2, 0, 2));
  }

  @Test
  void orderReleasedInItsOwnChunkIsOneNewReleasedOrderWithItsFirstRefund() {
    Chunk chunk =
        chunk(
            KNOWN,
            accepted("u", 2),
            new Released(order(1), ITEM, 2, ReleaseReason.EXPIRED, 20),
            new RefundDue(order(1), Bytes.of("p"), RefundReason.LATE, 21),
            new RefundDue(order(1), Bytes.of("q"), RefundReason.LATE, 22));

    Refund first = new Refund(order(1), Bytes.of("p"), "late_payment", 21, 3, true);
    Refund second = new Refund(order(1), Bytes.of("q"), "late_payment", 22, 4, true);
    assertThat(chunk.orders()).hasSize(1);
    assertThat(chunk.orders().get(0).fact().status()).isEqualTo(OrderStatus.RELEASED);
    assertThat(chunk.orders().get(0).fact().releaseReason()).isEqualTo("expired");
    assertThat(chunk.orders().get(0).fact().releasedAt()).isEqualTo(20);
    assertThat(chunk.orders().get(0).refund()).isEqualTo(first);
    assertThat(chunk.refunds()).containsExactly(first, second);
    assertThat(chunk.released()).isEmpty();
    assertThat(chunk.stock()).containsExactly(new StockChange(ITEM, 0, 0, 0, 0, 2));
  }

  @Test
  void endingsOfEarlierOrdersAreUpdates() {
    Chunk chunk =
        chunk(
            KNOWN,
            new Paid(order(90), ITEM, 2, Bytes.of("p"), 20),
            new Released(order(91), ITEM, 1, ReleaseReason.CANCELLED, 21),
            new RefundDue(order(80), Bytes.of("q"), RefundReason.EXTRA, 22));

    assertThat(chunk.paid()).containsExactly(new Chunk.Paid(order(90), Bytes.of("p"), 20));
    assertThat(chunk.released()).containsExactly(new Chunk.Released(order(91), "cancelled", 21));
    assertThat(chunk.refunds())
        .containsExactly(new Refund(order(80), Bytes.of("q"), "extra_payment", 22, 3, false));
    assertThat(chunk.stock()).containsExactly(new StockChange(ITEM, 1, -3, 2, 0, 2));
  }

  @Test
  void publishedItemComesWithItsStockAfterTheChunk() {
    Chunk chunk =
        chunk(
            Map.of(),
            new ItemPublished(SOLD, WARRANT, 5),
            new ItemOpened(ITEM, 6),
            accepted("u", 4),
            new StockReleased(ITEM, 0, 50, 11));

    StockChange total = new StockChange(ITEM, 100_046, 4, 0, 100_050, 4);
    assertThat(chunk.published()).containsExactly(new Chunk.Published(SOLD, 1, 5, total));
    assertThat(chunk.stock()).isEmpty();
    assertThat(chunk.audits()).hasSize(1);
    assertThat(chunk.audits().get(0).action()).isEqualTo("item.publish");
    assertThat(chunk.audits().get(0).subject()).isEqualTo("1001");
  }

  @Test
  void onlyTheAuditedCopyOfACommandIsAudited() {
    Chunk chunk =
        chunk(
            KNOWN,
            new Steered(Steering.ADD_STOCK, ITEM, 9, Bytes.EMPTY, WARRANT, "{1}", "{2}", 30),
            new Steered(Steering.BLOCK_USER, 0, 0, Bytes.of("v"), WARRANT, "", "", 31),
            new Steered(Steering.PAUSE_SESSION, 4, 0, Bytes.EMPTY, COPY, "", "", 32));

    assertThat(chunk.audits())
        .containsExactly(
            new Chunk.Audit(
                1, 30, "ann", "add_stock", "1001", Bytes.EMPTY, "why", Bytes.of("c"), "{1}", "{2}"),
            new Chunk.Audit(
                2, 31, "ann", "block_user", "", Bytes.of("v"), "why", Bytes.of("c"), "", ""));
    assertThat(chunk.stock()).containsExactly(new StockChange(ITEM, 9, 0, 0, 9, 1));
  }

  @Test
  void ownershipAndWindowsMoveOnlyTheCursor() {
    Chunk chunk =
        chunk(KNOWN, new Owned(2, "n", 3, 1), new ItemOpened(ITEM, 2), new ItemEnded(ITEM, 3));

    assertThat(chunk)
        .isEqualTo(
            new Chunk(
                PARTITION,
                new Cursor(1, 3, 55),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of()));
  }

  @Test
  void claimIsInItsOrderOrBesideIt() {
    Bytes device = Bytes.of("device:1");
    Chunk chunk =
        chunk(
            Map.of(ITEM, TO_CLAIM),
            new Accepted(ITEM, device, Bytes.of("k"), 2, 99, 10),
            new Claimed(order(1), ITEM, 2, Bytes.of("u"), 11),
            new Claimed(order(70), ITEM, 1, Bytes.of("v"), 12),
            new Released(order(70), ITEM, 1, ReleaseReason.EXPIRED, 13));

    assertThat(chunk.orders()).hasSize(1);
    assertThat(chunk.orders().get(0).fact().user()).isEqualTo(device);
    assertThat(chunk.orders().get(0).fact().claimBy()).isEqualTo(60_010);
    assertThat(chunk.orders().get(0).fact().claimedBy()).isEqualTo(Bytes.of("u"));
    assertThat(chunk.orders().get(0).fact().claimedAt()).isEqualTo(11);
    assertThat(chunk.claims())
        .containsExactly(
            new Chunk.Claim(order(1), Bytes.of("u"), 11, 2, true),
            new Chunk.Claim(order(70), Bytes.of("v"), 12, 3, false));
    assertThat(chunk.released()).hasSize(1);
  }

  @Test
  void claimAgainOrAfterTheEndIsCorrupt() {
    Claimed claimed = new Claimed(order(1), ITEM, 1, Bytes.of("u"), 20);
    Released released = new Released(order(1), ITEM, 1, ReleaseReason.UNCLAIMED, 19);

    assertThatThrownBy(() -> chunk(KNOWN, claimed, claimed)).isInstanceOf(CorruptRecord.class);
    assertThatThrownBy(() -> chunk(KNOWN, released, claimed)).isInstanceOf(CorruptRecord.class);
    assertThatThrownBy(() -> chunk(KNOWN, accepted("u", 1), released, claimed))
        .isInstanceOf(CorruptRecord.class)
        .hasMessageContaining("claimed again, or after its end at position 3 of partition 7");
  }

  @Test
  void orderThatEndsTwiceIsCorrupt() {
    Paid paid = new Paid(order(1), ITEM, 1, Bytes.of("p"), 20);
    Released released = new Released(order(1), ITEM, 1, ReleaseReason.EXPIRED, 21);

    assertThatThrownBy(() -> chunk(KNOWN, accepted("u", 1), paid, released))
        .isInstanceOf(CorruptRecord.class)
        .hasMessageContaining("ends a second time at position 3 of partition 7");
    assertThatThrownBy(() -> chunk(KNOWN, released, paid)).isInstanceOf(CorruptRecord.class);
  }

  @Test
  void itemPublishedTwiceOrNeverIsCorrupt() {
    ItemPublished published = new ItemPublished(SOLD, WARRANT, 5);

    assertThatThrownBy(() -> chunk(KNOWN, published)).isInstanceOf(CorruptRecord.class);
    assertThatThrownBy(() -> chunk(Map.of(), published, published))
        .isInstanceOf(CorruptRecord.class);
    assertThatThrownBy(() -> chunk(Map.of(), accepted("u", 1)))
        .isInstanceOf(CorruptRecord.class)
        .hasMessageContaining("was never published before at position 1");
  }

  @Test
  void theShopIsToldOfEveryTurnOfAnOrderInItsPlace() {
    Chunk chunk =
        told(
            accepted("u", 1),
            accepted("v", 1),
            new Paid(order(1), ITEM, 1, Bytes.of("p"), 20),
            new RefundDue(order(1), Bytes.of("q"), RefundReason.EXTRA, 21),
            new Released(order(2), ITEM, 1, ReleaseReason.EXPIRED, 22),
            new RefundDue(order(2), Bytes.of("r"), RefundReason.LATE, 23),
            new Claimed(order(1), ITEM, 1, Bytes.of("w"), 24));

    assertThat(chunk.webhooks())
        .containsExactly(
            new Webhook(1, WebhookKind.ACCEPTED, order(1), 10),
            new Webhook(2, WebhookKind.ACCEPTED, order(2), 10),
            new Webhook(3, WebhookKind.PAID, order(1), 20),
            new Webhook(4, WebhookKind.EXTRA_PAYMENT, order(1), 21),
            new Webhook(5, WebhookKind.RELEASED, order(2), 22),
            new Webhook(6, WebhookKind.LATE_PAYMENT, order(2), 23),
            new Webhook(7, WebhookKind.CLAIMED, order(1), 24));
    assertThat(chunk.perhapsSoldOut())
        .containsExactly(new Webhook(2, WebhookKind.SOLD_OUT, ITEM, 10));
  }

  @Test
  void aShopThatIsToldNothingCostsNothing() {
    Chunk chunk = chunk(KNOWN, accepted("u", 1), new Paid(order(1), ITEM, 1, Bytes.of("p"), 20));

    assertThat(chunk.webhooks()).isEmpty();
    assertThat(chunk.perhapsSoldOut()).isEmpty();
  }

  private static Chunk told(SaleEvent... events) {
    JournalEntry entry = JournalEntry.of(PARTITION, 1, 1, 55, List.of(events));
    return Chunk.of(PARTITION, List.of(entry), KNOWN, true);
  }

  private static long order(long position) {
    return PartitionMap.orderId(PARTITION, position);
  }

  private static Accepted accepted(String user, int quantity) {
    return new Accepted(ITEM, Bytes.of(user), Bytes.of("k"), quantity, 99, 10);
  }

  private static Chunk chunk(Map<Long, SaleItem> items, SaleEvent... events) {
    JournalEntry entry = JournalEntry.of(PARTITION, 1, 1, 55, List.of(events));
    return Chunk.of(PARTITION, List.of(entry), items);
  }
}
