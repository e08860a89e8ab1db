package stampede.persist.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.persist.drain.Cursor;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;

class PartitionReconcilerTest {
  private ReconcileWorld world;
  private long held;
  private long paid;
  private long released;

  /** A shop with three orders, one of each kind, that has been looked at for a while. */
  @BeforeEach
  void shop() {
    world = new ReconcileWorld(1);
    world.publish(100_000);
    held = world.accept(1);
    paid = world.accept(2);
    released = world.accept(1);
    world.pay(paid, 2);
    world.release(released, 1);
    world.refund(released);
    world.drainAll();
  }

  private PartitionReconciler quiet() {
    PartitionReconciler reconciler = world.begin();
    world.run(6_000);
    assertThat(world.told).isEmpty();
    assertThat(reconciler.lagEvents()).isZero();
    return reconciler;
  }

  private void assertToldWithin5s(String... parts) {
    long before = world.nowMs;
    while (world.told.isEmpty() && world.nowMs < before + 5_000) {
      world.run(50);
    }
    assertThat(world.told).as("after %d ms", world.nowMs - before).hasSize(1);
    assertThat(world.told.get(0)).contains(parts);
  }

  @Test
  void deletedOrderIsNamed() {
    PartitionReconciler reconciler = quiet();

    world.orders.remove(held);

    assertToldWithin5s("order " + held, "position 3", "missing in MySQL");
    assertThat(reconciler.differences().standing()).isEqualTo(1);
    world.run(60_000);
    assertThat(world.told).as("said once").hasSize(1);
  }

  @Test
  void orderThatIsRightAgainDiffersNoMore() {
    PartitionReconciler reconciler = quiet();
    OrderRow row = world.orders.remove(held);
    assertToldWithin5s("order " + held);

    world.orders.put(held, row);
    world.run(5_000);

    assertThat(reconciler.differences().standing()).isZero();
  }

  @Test
  void changedStatusIsNamedWithWhatTheJournalSays() {
    quiet();

    world.orders.compute(held, (id, o) -> ReconcileWorld.with(o, "paid", Bytes.EMPTY, "", 0));

    assertToldWithin5s("order " + held, "status paid, by the journal it is held");
  }

  @Test
  void paidOrderTurnedBackIsNamed() {
    quiet();

    world.orders.compute(paid, (id, o) -> ReconcileWorld.with(o, "held", Bytes.EMPTY, "", 0));

    assertToldWithin5s("order " + paid, "status held");
  }

  @Test
  void changedPriceIsNamedWithTheRightOne() {
    quiet();

    world.orders.compute(paid, (id, o) -> ReconcileWorld.of(o, o.quantity(), 1));

    assertToldWithin5s("order " + paid, "price 1 CNY, by the journal 9900 CNY");
  }

  @Test
  void changedQuantityIsNamedWithTheRightOne() {
    quiet();

    world.orders.compute(released, (id, o) -> ReconcileWorld.of(o, 3, o.price()));

    assertToldWithin5s("order " + released, "quantity 3, by the journal 1");
  }

  @Test
  void claimIsLookedAt() {
    long claimed = world.acceptOfDevice(1);
    long unclaimed = world.acceptOfDevice(1);
    world.drainAll();
    world.claim(claimed, 1);
    world.drainAll();
    assertThat(world.orders.get(claimed).claimedBy()).isEqualTo(Bytes.of("c" + claimed));
    assertThat(world.orders.get(claimed).claimBy()).isPositive();
    quiet();

    world.orders.compute(
        unclaimed, (id, o) -> ReconcileWorld.claimed(o, Bytes.of("mallory"), o.acceptedAt()));

    assertToldWithin5s("order " + unclaimed, "a claim that the journal does not know");
  }

  @Test
  void lostClaimIsNamed() {
    long claimed = world.acceptOfDevice(1);
    world.claim(claimed, 1);
    world.drainAll();
    quiet();

    world.orders.compute(claimed, (id, o) -> ReconcileWorld.claimed(o, Bytes.EMPTY, 0));

    assertToldWithin5s("order " + claimed, "status, payment, refund, claim, or who accepted");
  }

  @Test
  void orderThatNobodyAcceptedIsNamed() {
    quiet();
    OrderRow row = world.orders.get(held);
    long forged = PartitionMap.orderId(ReconcileWorld.PARTITION, world.end());

    world.orders.put(forged, row(row, forged));

    assertToldWithin5s("order " + forged, "the journal has no such order");
  }

  @Test
  void orderBehindTheCursorIsNamedToo() {
    quiet();
    long forged = PartitionMap.orderId(ReconcileWorld.PARTITION, 1_000_000);

    world.orders.put(forged, row(world.orders.get(held), forged));

    assertToldWithin5s("order " + forged, "the journal has no such order");
  }

  private static OrderRow row(OrderRow o, long order) {
    return new OrderRow(
        order,
        o.item(),
        Bytes.of("mallory"),
        o.key(),
        o.quantity(),
        o.price(),
        o.currency(),
        "paid",
        o.acceptedAt(),
        o.payBy(),
        1,
        Bytes.of("p"),
        0,
        "",
        Bytes.EMPTY,
        "",
        0,
        o.claimBy(),
        o.claimedBy(),
        o.claimedAt(),
        o.partition(),
        PartitionMap.positionOfOrder(order));
  }

  @Test
  void refundThatIsMissingIsNamed() {
    quiet();

    world.refunds.clear();

    assertToldWithin5s("refund at position 8", "order " + released, "missing");
  }

  @Test
  void stockThatIsOffByOneIsNamedEvenIfItBalances() {
    quiet();

    world.stock.compute(
        ReconcileWorld.ITEM,
        (id, s) ->
            new StockRow(id, s.available() + 1, s.held() - 1, s.sold(), s.stock(), s.position()));

    assertToldWithin5s(
        "stock of item 1001",
        "MySQL says available 99998, held 0, sold 2, stock 100000",
        "the journal available 99997, held 1, sold 2, stock 100000");
  }

  @Test
  void itemWithoutStockIsNamed() {
    quiet();

    world.stock.clear();

    assertToldWithin5s("stock of item 1001: missing in MySQL");
  }

  @Test
  void orderChangedAsItIsDrainedIsToldWithinFiveSecondsAmongManyOthers() {
    for (int i = 0; i < 20_000; i++) {
      world.accept(1);
    }
    world.drainAll();
    world.begin();
    world.run(60_000);
    assertThat(world.told).isEmpty();

    long order = world.accept(1);
    world.drainAll();
    world.orders.compute(order, (id, o) -> ReconcileWorld.of(o, 1, 5));

    assertToldWithin5s("order " + order, "price 5 CNY");
  }

  @Test
  void orderChangedSomeTimeAfterItWasDrainedIsToldWithinFiveSecondsToo() {
    for (int i = 0; i < 20_000; i++) {
      world.accept(1);
    }
    long order = world.accept(1);
    world.drainAll();
    world.begin();
    world.run(60_000);
    assertThat(world.told).isEmpty();

    world.orders.remove(order);

    assertToldWithin5s("order " + order, "missing");
  }

  @Test
  void oldOrderIsFoundByTheSweepAtItsRate() {
    for (int i = 0; i < 20_000; i++) {
      world.accept(1);
    }
    world.drainAll();
    PartitionReconciler reconciler = world.begin();
    world.run(60_000);
    world.orders.remove(held);

    world.run(25_000);

    assertThat(world.told).hasSize(1);
    assertThat(world.told.get(0)).contains("order " + held);
    assertThat(reconciler.sweepAgeMs()).isLessThan(25_000);
    long before = world.rows;
    world.run(10_000);
    assertThat(world.rows - before).as("rows in 10 s").isBetween(8_000L, 13_000L);
  }

  @Test
  void fastSweepDoesNotHoldUpWhatIsFresh() {
    PartitionReconciler reconciler = world.reconciler(1 << 20, 1_000, 100_000);
    world.begin(reconciler);
    for (int i = 0; i < 200; i++) {
      world.accept(1);
      world.drainAll();
      world.run(100);
    }

    world.run(2_000);

    assertThat(reconciler.lagEvents()).isZero();
    assertThat(reconciler.checked()).isEqualTo(world.end());
  }

  @Test
  void salesDrainsClaimsPaymentsReleasesAndRefundsInAnyOrderRaiseNothing() {
    for (long seed = 1; seed <= 10; seed++) {
      ReconcileWorld busy = new ReconcileWorld(seed);
      Random random = new Random(seed);
      busy.publish(1_000_000);
      PartitionReconciler reconciler = busy.begin();
      List<Long> open = new ArrayList<>();
      List<Long> done = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        int dice = random.nextInt(10);
        if (dice < 5 || open.isEmpty()) {
          open.add(random.nextBoolean() ? busy.accept(1) : claimedSoon(busy, random));
        } else if (dice < 7) {
          done.add(open.get(0));
          busy.pay(open.remove(random.nextInt(1)), 1);
        } else if (dice < 9) {
          done.add(open.get(open.size() - 1));
          busy.release(open.remove(open.size() - 1), 1);
        } else if (!done.isEmpty()) {
          busy.refund(done.get(random.nextInt(done.size())));
        }
        if (random.nextInt(3) == 0) {
          busy.drain(1 + random.nextInt(20));
        }
        busy.booksAway = random.nextInt(40) == 0;
        busy.journalAway = random.nextInt(40) == 0;
        busy.run(random.nextInt(12));
      }
      busy.booksAway = false;
      busy.journalAway = false;
      busy.drainAll();
      busy.run(10_000);

      assertThat(busy.told).as("seed %d", seed).isEmpty();
      assertThat(reconciler.lagEvents()).as("seed %d", seed).isZero();
      assertThat(reconciler.sweepAgeMs()).as("seed %d", seed).isLessThan(9_000);
    }
  }

  /** In the entry after its own, which a chunk may end between. */
  private static long claimedSoon(ReconcileWorld busy, Random random) {
    long order = busy.acceptOfDevice(1);
    if (random.nextBoolean()) {
      busy.drain(1 + random.nextInt(20));
    }
    busy.claim(order, 1);
    return order;
  }

  @Test
  void archivedLogIsNoDifference() {
    quiet();
    world.cut(1);
    world.run(5_000);
    long later = world.accept(1);
    world.drainAll();
    world.run(5_000);
    assertThat(world.told).isEmpty();

    world.orders.remove(later);

    assertToldWithin5s("order " + later, "missing");
  }

  @Test
  void logCutWhileItIsReadIsNoDifference() {
    for (int entries = 1; entries < 40; entries++) {
      ReconcileWorld cut = new ReconcileWorld(entries);
      cut.publish(1_000);
      for (int i = 0; i < 40; i++) {
        cut.accept(1);
      }
      cut.drainAll();
      cut.begin();
      cut.run(20 + entries);
      cut.cut(entries);
      cut.run(20_000);
      cut.accept(1);
      cut.drainAll();
      cut.run(5_000);

      assertThat(cut.told).as("%d entries left", entries).isEmpty();
    }
  }

  @Test
  void whatBeganOnACutLogSeesLaterOrdersAndUnits() {
    world.cut(1);
    quiet();
    world.accept(1);
    world.drainAll();
    world.run(3_000);
    assertThat(world.told).isEmpty();

    world.stock.compute(
        ReconcileWorld.ITEM,
        (id, s) ->
            new StockRow(id, s.available() - 1, s.held() + 1, s.sold(), s.stock(), s.position()));

    assertToldWithin5s("stock of item 1001");
  }

  @Test
  void fullMemoryForgetsTheOldestAndStillSeesTheNewest() {
    for (int i = 0; i < 20_000; i++) {
      world.accept(1);
    }
    world.drainAll();
    PartitionReconciler reconciler = world.reconciler(2 * Digests.PAGE);
    world.begin(reconciler);
    world.run(30_000);
    world.orders.remove(held);
    world.run(30_000);
    assertThat(world.told).as("what is forgotten is not looked at").isEmpty();
    assertThat(reconciler.sweepAgeMs()).isLessThan(20_000);

    long last = world.orders.lastKey();
    world.orders.remove(last);

    assertToldWithin5s("order " + last);
  }

  @Test
  void gapBeforeTheCursorIsTold() {
    world.journal.remove(4);
    world.begin();

    assertToldWithin5s("journal: after position 4 comes position 6");
  }

  @Test
  void damagedEntryIsToldAndLookedAtAgain() {
    JournalEntry e = world.journal.get(3);
    world.journal.set(
        3,
        new JournalEntry(
            e.partition(), e.epoch(), e.first(), e.count(), e.batch(), e.payload(), e.crc() + 1));
    PartitionReconciler reconciler = world.begin();
    assertToldWithin5s("journal: ", "checksum");

    world.journal.set(3, e);
    world.run(60_000);

    assertThat(reconciler.differences().standing()).isZero();
  }

  @Test
  void cursorAheadOfTheJournalIsTold() {
    world.journal.remove(world.journal.size() - 1);
    world.begin();

    assertToldWithin5s("journal: ", "drained to position 8", "no entry ends there");
  }

  @Test
  void cursorAheadOfTheOwnersRecordIsTold() {
    world.ownerEnd = 7;
    world.begin();

    assertToldWithin5s("cursor: ", "drained to position 8", "record says 7");
  }

  @Test
  void cursorOfAnotherJournalIsTold() {
    world.cursor = new Cursor(world.cursor.first(), world.cursor.position(), 77);
    world.begin();

    assertToldWithin5s("cursor: ", "batch 77");
  }

  @Test
  void booksOfYesterdayAreTold() {
    quiet();
    world.cursor = new Cursor(3, 3, 1_002);

    assertToldWithin5s("journal: ", "drained to position 3, it was at 8 before");
  }

  @Test
  void milestonesAreKeptOnceReached() {
    world.append(new SaleEvent.ItemEnded(ReconcileWorld.ITEM, 777));
    ReconcileWorld fresh = new ReconcileWorld(2);
    fresh.publish(2);
    fresh.accept(1);
    fresh.nowMs = 500;
    long last = fresh.accept(1);
    fresh.drainAll();
    fresh.begin();
    fresh.run(3_000);
    assertThat(fresh.milestones.get(ReconcileWorld.ITEM))
        .isEqualTo(new Milestone(ReconcileWorld.ITEM, 2, 510, 0));

    fresh.release(last, 1);
    fresh.nowMs += 500;
    fresh.accept(1);
    fresh.append(new SaleEvent.ItemEnded(ReconcileWorld.ITEM, 9_999));
    fresh.drainAll();
    fresh.run(3_000);

    assertThat(fresh.milestones.get(ReconcileWorld.ITEM))
        .isEqualTo(new Milestone(ReconcileWorld.ITEM, 2, 510, 9_999));
  }
}
