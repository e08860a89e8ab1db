package stampede.standalone.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;

class RepairPlanTest {
  /** The entry the cursor stands on holds the last two events. */
  private static final Booked.Cursor CURSOR = new Booked.Cursor(8, Story.CURSOR, 77);

  private List<String> obstacles = List.of();

  private RepairPlan plan(int eventsLeft, Booked.Cursor cursor) {
    RepairPlan plan = new RepairPlan(Story.ledger(eventsLeft), cursor);
    Story.orders().forEach(plan::order);
    plan.refund(Story.refund());
    plan.audit(Story.audit());
    plan.item(Story.item());
    obstacles = plan.complete();
    return plan;
  }

  @Test
  void ordersPaymentsReleasesAndRefundsAreMadeAgainAtTheirPositions() {
    RepairPlan plan = plan(3, CURSOR);

    assertThat(obstacles).isEmpty();
    assertThat(plan.orders()).isEqualTo(3);
    List<SaleEvent> made = new ArrayList<>();
    plan.entries(2).forEach(entry -> made.addAll(entry.events()));
    assertThat(made).isEqualTo(Story.events().subList(3, 9));
  }

  @Test
  void claimsAreMadeAgainOfOrdersLostAndOfOrdersKept() {
    Bytes device = Bytes.of("device:1");
    long kept = Story.order(4);
    long lost = Story.order(5);
    List<SaleEvent> events =
        List.of(
            new Accepted(Story.TO_CLAIM.item(), device, Bytes.of("k-1"), 1, 5_200, 200),
            new Accepted(Story.TO_CLAIM.item(), device, Bytes.of("k-2"), 2, 5_210, 210),
            new Claimed(lost, Story.TO_CLAIM.item(), 2, Bytes.of("ann"), 220),
            new Claimed(kept, Story.TO_CLAIM.item(), 1, Bytes.of("bob"), 230));
    Ledger ledger = Story.ledgerToClaim();
    ledger.apply(events.get(0));
    RepairPlan plan = new RepairPlan(ledger, new Booked.Cursor(5, 7, 77));
    Ledger whole = Story.ledgerToClaim();
    events.forEach(whole::apply);

    plan.order(new Booked.Order(whole.order(kept), null, Story.PARTITION, 4));
    plan.order(new Booked.Order(whole.order(lost), null, Story.PARTITION, 5));
    plan.claim(new Booked.Claim(lost, Bytes.of("ann"), 220, 6));
    plan.claim(new Booked.Claim(kept, Bytes.of("bob"), 230, 7));

    assertThat(plan.complete()).isEmpty();
    assertThat(plan.entries(1).get(0).events()).isEqualTo(events.subList(1, 4));
  }

  @Test
  void aClaimOfNoOrderStopsIt() {
    RepairPlan plan = new RepairPlan(Story.ledger(5), CURSOR);
    plan.claim(new Booked.Claim(Story.order(6), Bytes.of("ann"), 6_400, 8));

    assertThat(plan.complete())
        .anySatisfy(line -> assertThat(line).contains("claimed in MySQL, but was never accepted"));
  }

  @Test
  void theLastEntryIsTheOneTheCursorStandsOn() {
    List<JournalEntry> entries = plan(5, CURSOR).entries(2);

    assertThat(entries).extracting(JournalEntry::first).containsExactly(6L, 8L);
    assertThat(entries).extracting(JournalEntry::last).containsExactly(7L, 9L);
    assertThat(entries).extracting(JournalEntry::epoch).containsOnly(2L);
    assertThat(entries.get(1).batch()).isEqualTo(77);
  }

  @Test
  void theResultAgreesWithEveryRow() {
    RepairPlan plan = plan(3, CURSOR);
    LogFold fold = new LogFold(Story.ledger(3));
    List<String> told = new ArrayList<>();

    plan.entries(2).forEach(fold::add);
    Comparison comparison = new Comparison(fold.ledger(), Story.CURSOR, new Differences(told::add));
    Story.orders().forEach(comparison::order);
    comparison.endOfOrders();
    comparison.stock(List.of(Story.stock()));
    comparison.refunds(List.of(Story.refund()));

    assertThat(told).isEmpty();
  }

  @Test
  void anOpeningLeavesNoRowAndIsNotGuessed() {
    plan(2, CURSOR);

    assertThat(obstacles)
        .singleElement()
        .asString()
        .contains("positions [3, 6, 7] have no row of their own", "2 payments and releases")
        .contains("1 of these positions held something that leaves no row");
  }

  @Test
  void aPublicationIsNamedWithItsOperator() {
    plan(1, CURSOR);

    assertThat(obstacles)
        .anySatisfy(
            line ->
                assertThat(line).contains("position 2 can't be made again", "item.publish by op"));
  }

  @Test
  void aLogThatEndsWithinTheLastEntryDrainedIsAnotherLog() {
    plan(8, CURSOR);

    assertThat(obstacles)
        .singleElement()
        .asString()
        .contains("positions 8 to 9", "the log ends within it, at 8");
  }

  @Test
  void anOrderTheLogShouldHaveButHasNotStopsIt() {
    RepairPlan plan = new RepairPlan(Story.ledger(5), CURSOR);
    Booked.Order ann = Story.orders().get(0);
    plan.order(
        new Booked.Order(
            Story.fact(Story.order(2), "x", "k", 1, ann.fact().status(), 1, 2, 3, "p", 0, ""),
            null,
            Story.PARTITION,
            2));

    assertThat(plan.complete())
        .anySatisfy(line -> assertThat(line).contains("the journal never accepted it"));
  }

  @Test
  void anUnknownReasonStopsIt() {
    RepairPlan plan = new RepairPlan(Story.ledger(5), CURSOR);
    plan.refund(new Booked.Refund(Story.BOB, Bytes.of("p-2"), "whim", 6_400, 8));

    assertThat(plan.complete())
        .anySatisfy(line -> assertThat(line).contains("refund at position 8", "'whim'"));
  }

  @Test
  void aRowBeyondTheCursorStopsIt() {
    plan(5, new Booked.Cursor(7, 8, 5));

    assertThat(obstacles)
        .anySatisfy(line -> assertThat(line).contains("position 9", "beyond the cursor"));
  }
}
