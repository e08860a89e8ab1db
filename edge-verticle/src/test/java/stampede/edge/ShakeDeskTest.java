package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.edge.admission.Admission;
import stampede.edge.admission.ItemQueues;
import stampede.edge.admission.LiveLimits;
import stampede.edge.admission.Step;
import stampede.edge.admission.Suspicion;
import stampede.edge.admission.Visitor;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Shake;
import stampede.protocol.EdgeLimit;
import stampede.protocol.Hint;
import stampede.protocol.InvalidField;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.OrderFact;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.SoldOutQuery;
import stampede.protocol.StockLevel;
import stampede.protocol.WinnerFilter;

class ShakeDeskTest {
  private static final long ITEM = 1001;
  private static final long OWNER_NOW = 1_000_000_000L;
  private static final Bytes ANN = Bytes.of("ann");
  private static final Bytes BOB = Bytes.of("bob");

  private final VirtualTimers timers = new VirtualTimers();
  private final FakeBus bus = new FakeBus(timers);
  private final OwnerRoutes routes = new OwnerRoutes(timers, bus, 4);
  private final FakeOwners owners = new FakeOwners();
  private final Counters counters = new Counters();
  private int dice;
  private ItemState state = ItemState.OPEN;
  private final LiveLimits limits = new LiveLimits(EdgeConfigs.limits());
  private long wallMs = 1_700_000_000_000L;
  private final SoldOutWatch soldOut = new SoldOutWatch(timers, () -> wallMs, bus, routes, true);
  private final Admission admission =
      new Admission(
          limits,
          attempt -> soldOut.refuses(attempt.visitor().user(), attempt.item()),
          1_000,
          1_000,
          1_000,
          bound -> dice % bound);
  private final ShakeDesk desk =
      new ShakeDesk(owners, routes, timers, counters, admission, 32, 1_000, soldOut::ordered);

  /** Remembers what it was told. */
  private static final class Shopper implements ShakeDesk.Answer {
    final List<Verdict> verdicts = new ArrayList<>();
    final List<Integer> queued = new ArrayList<>();

    @Override
    public void told(long item, Bytes key, Verdict verdict) {
      verdicts.add(verdict);
    }

    @Override
    public void queued(long item, Bytes key, int ahead, long etaMs) {
      queued.add(ahead);
    }

    List<Outcome> outcomes() {
      return verdicts.stream().map(Verdict::outcome).toList();
    }

    Verdict last() {
      return verdicts.get(verdicts.size() - 1);
    }
  }

  private final Shopper ann = new Shopper();
  private final Shopper annOnHerLaptop = new Shopper();

  @BeforeEach
  void start() {
    routes.start();
  }

  @Test
  void passesAShakeToThePartitionOfItsItemAndTheAnswerBack() {
    shake("k-1");
    owners.last().reply().succeed(Shaken.of(Outcome.SOLD_OUT, 17, 99));

    assertThat(owners.last().command()).isEqualTo(new Shake(ITEM, ANN, Bytes.of("k-1"), 1));
    assertThat(owners.last().partition()).isEqualTo(PartitionMap.partitionOfItem(ITEM, 4));
    assertThat(ann.outcomes()).containsExactly(Outcome.SOLD_OUT);
    assertThat(ann.last().aboutKey()).isTrue();
    assertThat(ann.last().said().position()).isEqualTo(17);
    assertThat(desk.underWay()).isZero();
  }

  @Test
  void aKeyUnderWayIsJoinedAndNotSentTwice() {
    item(5_000, Limits.GATE_OPEN, 0);
    shake("k-1");
    shake("k-1");
    desk.shake(new Visitor(ANN, 0), ITEM, Bytes.of("k-1"), 1, annOnHerLaptop);
    owners.last().reply().succeed(accepted());

    assertThat(owners.asked).hasSize(1);
    assertThat(ann.outcomes()).containsExactly(Outcome.ACCEPTED);
    assertThat(annOnHerLaptop.outcomes()).containsExactly(Outcome.ACCEPTED);
  }

  @Test
  void theSameKeyOfAnotherUserOrItemIsAnotherShake() {
    Shopper bob = new Shopper();
    shake("k-1");
    desk.shake(new Visitor(BOB, 0), ITEM, Bytes.of("k-1"), 1, bob);
    desk.shake(new Visitor(ANN, 0), ITEM + 1, Bytes.of("k-1"), 1, ann);

    assertThat(owners.asked).hasSize(3);
    owners.asked.get(0).reply().succeed(accepted());
    assertThat(bob.verdicts).isEmpty();
  }

  @Test
  void theSameKeyWithAnotherQuantityIsPassedOnAfterTheFirst() {
    shake("k-1");
    desk.shake(new Visitor(ANN, 0), ITEM, Bytes.of("k-1"), 2, annOnHerLaptop);
    assertThat(owners.asked).hasSize(1);

    owners.last().reply().succeed(accepted());
    assertThat(owners.last().command()).isEqualTo(new Shake(ITEM, ANN, Bytes.of("k-1"), 2));
    owners.last().reply().succeed(Shaken.invalid("key_reused", "another quantity", 3, 4));

    assertThat(annOnHerLaptop.last().httpStatus()).isEqualTo(422);
    assertThat(ann.outcomes()).containsExactly(Outcome.ACCEPTED);
  }

  @Test
  void onlySoManyMayWaitForOneKey() {
    List<Shopper> all = new ArrayList<>();
    for (int i = 0; i <= Flight.WAITERS_MAX; i++) {
      all.add(new Shopper());
      desk.shake(new Visitor(ANN, 0), ITEM, Bytes.of("k-1"), 1, all.get(i));
    }

    assertThat(all.get(Flight.WAITERS_MAX).outcomes()).containsExactly(Outcome.BUSY);
    assertThat(all.get(0).verdicts).isEmpty();
  }

  @Test
  void theCooldownStartsWhenAShakeIsPassedOnAndHoldsTheNext() {
    item(5_000, Limits.GATE_OPEN, 0);
    shake("k-1");
    timers.advance(200);
    shake("k-2");
    shake("k-1");
    timers.advance(4_800);
    shake("k-3");

    assertThat(ann.verdicts.get(0).outcome()).isEqualTo(Outcome.THROTTLED);
    assertThat(ann.verdicts.get(0).retryAfterMs()).isEqualTo(4_800);
    assertThat(ann.verdicts.get(0).aboutKey()).isFalse();
    assertThat(owners.asked).hasSize(2);
  }

  @Test
  void theCooldownIsPerUserAndItem() {
    item(5_000, Limits.GATE_OPEN, 0);
    shake("k-1");
    desk.shake(new Visitor(BOB, 0), ITEM, Bytes.of("k-1"), 1, new Shopper());
    desk.shake(new Visitor(ANN, 0), ITEM + 1, Bytes.of("k-2"), 1, ann);

    assertThat(owners.asked).hasSize(3);
  }

  @Test
  void noCooldownWhenTheItemHasNoneOrTheShakeWasNotPassedOn() {
    item(0, Limits.GATE_OPEN, 0);
    shake("k-1");
    shake("k-2");
    assertThat(owners.asked).hasSize(2);

    item(5_000, Limits.GATE_OPEN, 0);
    shake("k-3");
    owners.last().reply().fail(new Owners.Busy("queue_full", 600));
    assertThat(ann.last().outcome()).isEqualTo(Outcome.BUSY);
    assertThat(ann.last().retryAfterMs()).isEqualTo(600);
    shake("k-3");
    assertThat(owners.asked).hasSize(4);
  }

  @Test
  void saysNotOpenOnlyWhenItIsCertainlyTooEarly() {
    item(0, Limits.GATE_OPEN, OWNER_NOW + 10_000);
    shake("k-1");
    assertThat(ann.last().outcome()).isEqualTo(Outcome.NOT_OPEN);
    assertThat(ann.last().said().opensAt()).isEqualTo(OWNER_NOW + 10_000);
    assertThat(owners.asked).isEmpty();

    item(0, Limits.GATE_OPEN, OWNER_NOW + 501);
    shake("k-2");
    assertThat(owners.asked).isEmpty();
    item(0, Limits.GATE_OPEN, OWNER_NOW + 500);
    shake("k-3");
    assertThat(owners.asked).hasSize(1);
  }

  @Test
  void leavesTheWindowToTheOwnerWhenItsTimeIsNotKnown() {
    item(0, Limits.GATE_OPEN, OWNER_NOW + 60_000);
    timers.advance(OwnerRoutes.HINT_AGE_MAX_MS + 1);

    shake("k-1");

    assertThat(owners.asked).hasSize(1);
  }

  @Test
  void theGateLetsThatPartInAndOthersMayShakeAgain() {
    item(0, 250_000, 0);
    for (int i = 0; i < 1_000; i++) {
      dice = i * 1_000;
      Bytes user = Bytes.of("u" + i);
      desk.shake(new Visitor(user, 0), ITEM, Bytes.of("k"), 1, ann);
    }

    assertThat(owners.asked).hasSize(250);
    assertThat(ann.verdicts).hasSize(750);
    assertThat(ann.last().outcome()).isEqualTo(Outcome.MISSED);
    assertThat(ann.last().retryAfterMs()).isPositive();
  }

  @Test
  void aClosedGateLetsNobodyIn() {
    item(0, 0, 0);
    shake("k-1");
    assertThat(ann.outcomes()).containsExactly(Outcome.MISSED);
  }

  @Test
  void aUserHasOnlySoManyKeysUnderWay() {
    for (int i = 0; i < 33; i++) {
      shake("k-" + i);
    }
    assertThat(owners.asked).hasSize(32);
    assertThat(ann.outcomes()).containsExactly(Outcome.BUSY);

    owners.last().reply().succeed(Shaken.of(Outcome.ENDED, 1, 1));
    shake("k-again");
    assertThat(owners.asked).hasSize(33);
  }

  @Test
  void isPendingAfterASecondAndFinalLater() {
    shake("k-1");
    timers.advance(999);
    assertThat(ann.verdicts).isEmpty();
    timers.advance(1);
    assertThat(ann.outcomes()).containsExactly(Outcome.PENDING);
    timers.advance(5_000);
    owners.last().reply().succeed(accepted());

    assertThat(ann.outcomes()).containsExactly(Outcome.PENDING, Outcome.ACCEPTED);
  }

  @Test
  void whoJoinsAPendingKeyHearsThatAtOnce() {
    shake("k-1");
    timers.advance(1_500);
    desk.shake(new Visitor(ANN, 0), ITEM, Bytes.of("k-1"), 1, annOnHerLaptop);

    assertThat(annOnHerLaptop.outcomes()).containsExactly(Outcome.PENDING);
  }

  @Test
  void unresolvedIsPendingAndNeverNo() {
    shake("k-1");
    owners.last().reply().fail(new Owners.Unresolved());

    assertThat(ann.outcomes()).containsExactly(Outcome.PENDING);
    assertThat(desk.underWay()).isZero();
  }

  @Test
  void saysOnceASecondHowManyAreAhead() {
    owners.ahead = 1_200;
    shake("k-1");
    timers.advance(3_500);
    owners.ahead = 0;
    timers.advance(3_000);

    assertThat(ann.queued).containsExactly(1_200, 1_200, 1_200);
    assertThat(ann.outcomes()).containsExactly(Outcome.PENDING);
  }

  @Test
  void aResultIsAskedOfTheOwner() {
    desk.result(ANN, ITEM, Bytes.of("k-1"), ann);
    desk.result(ANN, ITEM, Bytes.of("k-1"), annOnHerLaptop);
    owners.last().reply().succeed(Shaken.of(Outcome.UNKNOWN, 8, 9));

    assertThat(owners.asked).hasSize(1);
    assertThat(owners.last().command()).isEqualTo(new AskResult(ITEM, ANN, Bytes.of("k-1")));
    assertThat(ann.outcomes()).containsExactly(Outcome.UNKNOWN);
    assertThat(annOnHerLaptop.last().aboutKey()).isTrue();
  }

  @Test
  void aResultOfAKeyUnderWayWaitsForIt() {
    shake("k-1");
    desk.result(ANN, ITEM, Bytes.of("k-1"), annOnHerLaptop);
    assertThat(owners.asked).hasSize(1);

    owners.last().reply().succeed(accepted());

    assertThat(annOnHerLaptop.outcomes()).containsExactly(Outcome.ACCEPTED);
  }

  @Test
  void aResultNeverHearsOfAnAttempt() {
    shake("k-1");
    desk.result(ANN, ITEM, Bytes.of("k-1"), annOnHerLaptop);
    owners.last().reply().fail(new Owners.Busy("no_owner", 1_000));

    assertThat(annOnHerLaptop.verdicts).isEmpty();
    assertThat(owners.last().command()).isInstanceOf(AskResult.class);
    owners.last().reply().fail(new Owners.Busy("no_owner", 1_000));
    assertThat(annOnHerLaptop.outcomes()).containsExactly(Outcome.PENDING);
  }

  @Test
  void ownersWordsKeepTheirStatus() {
    assertThat(statusOf(Shaken.invalid("unknown_item", "", 1, 1))).isEqualTo(404);
    assertThat(statusOf(Shaken.invalid("key_reused", "", 1, 1))).isEqualTo(422);
    assertThat(statusOf(accepted())).isEqualTo(201);
    assertThat(statusOf(Shaken.accepted(order(), 1, 1, true))).isEqualTo(200);
    assertThat(statusOf(Shaken.of(Outcome.PAUSED, 1, 1))).isEqualTo(503);
  }

  @Test
  void badValuesNeverGetIn() {
    assertThatThrownBy(() -> desk.shake(new Visitor(ANN, 0), ITEM, Bytes.of("k"), 0, ann))
        .isInstanceOf(InvalidField.class)
        .hasMessageContaining("quantity");
    assertThat(desk.underWay()).isZero();
  }

  @Test
  void aPausedItemIsAnsweredHereWhileItsOwnerIsHeard() {
    state = ItemState.PAUSED;
    item(0, Limits.GATE_OPEN, 0);
    shake("k-1");
    assertThat(ann.last().outcome()).isEqualTo(Outcome.PAUSED);
    assertThat(ann.last().aboutKey()).isFalse();
    assertThat(ann.last().retryAfterMs()).isGreaterThanOrEqualTo(1_000);

    timers.advance(OwnerRoutes.HINT_AGE_MAX_MS + 1);
    shake("k-1");
    assertThat(owners.asked).hasSize(1);
  }

  @Test
  void whatAnOwnerSaidOfABlockedUserIsRepeatedForAFewSeconds() {
    shake("k-1");
    owners.last().reply().succeed(Shaken.of(Outcome.BLOCKED, 3, 4));
    shake("k-2");
    timers.advance(2_999);
    shake("k-3");
    assertThat(ann.outcomes()).containsOnly(Outcome.BLOCKED).hasSize(3);
    assertThat(ann.last().byOwner()).isFalse();
    assertThat(owners.asked).hasSize(1);

    timers.advance(1);
    shake("k-4");
    assertThat(owners.asked).hasSize(2);
    assertThat(counters.refusals(Step.BLOCKED)).isEqualTo(2);
  }

  @Test
  void aUserAboveItsRateIsThrottledAndLetInWhenTold() {
    limit(EdgeLimit.USER_SHAKES_PER_MINUTE, 60, EdgeLimit.USER_BURST, 2);
    for (int i = 0; i < 3; i++) {
      shake("k-" + i);
    }
    assertThat(owners.asked).hasSize(2);
    assertThat(ann.outcomes()).containsExactly(Outcome.THROTTLED);

    timers.advance(ann.last().retryAfterMs());
    shake("k-2");
    assertThat(owners.asked).hasSize(3);
  }

  @Test
  void aHotItemWaitsInItsOwnLineAndHearsHowManyAreAhead() {
    limit(EdgeLimit.ITEM_IN_FLIGHT_MAX, 2, EdgeLimit.ITEM_QUEUE_MAX, 2);
    List<Shopper> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(new Shopper());
      desk.shake(new Visitor(Bytes.of("u" + i), 0), ITEM, Bytes.of("k"), 1, all.get(i));
    }
    assertThat(owners.asked).hasSize(2);
    assertThat(all.get(4).outcomes()).containsExactly(Outcome.BUSY);
    assertThat(all.get(4).last().retryAfterMs()).isGreaterThanOrEqualTo(500);
    desk.shake(new Visitor(BOB, 0), ITEM + 1, Bytes.of("k"), 1, new Shopper());
    assertThat(owners.asked).as("another item").hasSize(3);

    timers.advance(1_000);
    assertThat(all.get(3).outcomes()).containsExactly(Outcome.PENDING);
    assertThat(all.get(3).queued).containsExactly(3);
    owners.asked.get(0).reply().succeed(Shaken.of(Outcome.SOLD_OUT, 1, 1));
    owners.asked.get(1).reply().succeed(Shaken.of(Outcome.SOLD_OUT, 1, 1));
    assertThat(owners.asked).hasSize(5);
    assertThat(desk.waiting()).isZero();
  }

  @Test
  void whoStandsInLineTooLongIsBusyAndMayComeAgain() {
    item(5_000, Limits.GATE_OPEN, 0);
    limit(EdgeLimit.ITEM_IN_FLIGHT_MAX, 1, EdgeLimit.ITEM_QUEUE_MAX, 9);
    shake("k-1");
    Shopper bob = new Shopper();
    desk.shake(new Visitor(BOB, 0), ITEM, Bytes.of("k"), 1, bob);
    timers.advance(ItemQueues.WAIT_MS_MAX + 100);

    assertThat(bob.outcomes()).containsExactly(Outcome.PENDING, Outcome.BUSY);
    assertThat(desk.underWay()).isEqualTo(1);
    assertThat(counters.refusals(Step.ITEM_QUEUE)).isEqualTo(1);
    limit(EdgeLimit.ITEM_IN_FLIGHT_MAX, 2, EdgeLimit.ITEM_QUEUE_MAX, 9);
    desk.shake(new Visitor(BOB, 0), ITEM, Bytes.of("k"), 1, bob);
    assertThat(owners.asked).as("no cooldown for what never left").hasSize(2);
  }

  @Test
  void aSuspectIsHeldBackAndThenAnsweredLikeEverybody() {
    limit(EdgeLimit.HUMAN_GAP_ITEMS, 1, EdgeLimit.SLOW_LANE_DELAY_MS, 1_200);
    item(0, Limits.GATE_OPEN, OWNER_NOW);
    shake("k-1");
    desk.shake(new Visitor(ANN, 0), ITEM, Bytes.of("k-1"), 1, annOnHerLaptop);
    assertThat(owners.asked).isEmpty();
    assertThat(desk.heldBack()).isEqualTo(1);
    timers.advance(1_100);
    assertThat(ann.outcomes()).containsExactly(Outcome.PENDING);
    assertThat(ann.queued).containsExactly(1);
    timers.advance(100);
    owners.last().reply().succeed(accepted());

    assertThat(owners.asked).hasSize(1);
    assertThat(ann.last().outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(annOnHerLaptop.last().outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(counters.suspects(Suspicion.NO_HUMAN_GAP)).isEqualTo(1);
  }

  @Test
  void aKeyToldNotOpenThatComesAtTheOpeningIsNotHeldBack() {
    limit(EdgeLimit.HUMAN_GAP_ITEMS, 1, EdgeLimit.SLOW_LANE_DELAY_MS, 1_200);
    item(0, Limits.GATE_OPEN, OWNER_NOW + 2_000);
    shake("k-1");
    assertThat(ann.last().outcome()).isEqualTo(Outcome.NOT_OPEN);
    assertThat(ann.last().retryAfterMs()).isEqualTo(2_000);
    timers.advance(2_000);
    shake("k-1");

    assertThat(owners.asked).hasSize(1);
    assertThat(desk.heldBack()).isZero();
  }

  private void limit(EdgeLimit one, long value, EdgeLimit other, long otherValue) {
    limits.hear(
        List.of(new Hint.Limit(one.code(), value), new Hint.Limit(other.code(), otherValue)));
  }

  private void shake(String key) {
    desk.shake(new Visitor(ANN, 0), ITEM, Bytes.of(key), 1, ann);
  }

  private static int statusOf(Shaken said) {
    return Verdict.ofOwner(said).httpStatus();
  }

  private static Shaken accepted() {
    return Shaken.accepted(order(), 5, 6, false);
  }

  @Test
  void anItemKnownToBeSoldOutIsRefusedHereAboutTheAttemptAndWinnersArePassedOn() {
    state(ItemState.SOLD_OUT, 5);
    shake("k-1");
    owners.last().reply().succeed(Shaken.of(Outcome.SOLD_OUT, 5, 99));
    WinnerFilter winners = WinnerFilter.forUsers(1);
    winners.add(BOB.hash64());
    tell(winners, 5);
    int passed = owners.asked.size();
    shake("k-2");

    assertThat(owners.asked).hasSize(passed);
    assertThat(ann.last().outcome()).isEqualTo(Outcome.SOLD_OUT);
    assertThat(ann.last().aboutKey()).isFalse();
    assertThat(Frames.outcome(ITEM, Bytes.of("k-2"), ann.last(), new StringBuilder()))
        .isEqualTo(
            "{\"type\":\"outcome\",\"key\":\"k-2\",\"item\":\"1001\",\"outcome\":\"sold_out\"}");

    desk.shake(new Visitor(BOB, 0), ITEM, Bytes.of("b-1"), 1, new Shopper());
    desk.result(ANN, ITEM, Bytes.of("k-2"), ann);
    assertThat(owners.asked).hasSize(passed + 2);

    state(ItemState.OPEN, 6);
    shake("k-3");
    assertThat(owners.asked).hasSize(passed + 3);
  }

  private void tell(WinnerFilter winners, long position) {
    FakeBus.Sent query = bus.soldOutQueries.get(bus.soldOutQueries.size() - 1);
    assertThat(query.address).isEqualTo("sale.n.soldout");
    SoldOutQuery.Item item = new SoldOutQuery.Item(ITEM, 60_000, winners, new long[0]);
    query.answer(new SoldOutQuery.Answer(position, List.of(item)).encode());
  }

  private void state(ItemState state, long position) {
    StockLevel level = state == ItemState.SOLD_OUT ? StockLevel.NONE : StockLevel.LOW;
    Hint.Item item = new Hint.Item(ITEM, state, level, Limits.GATE_OPEN, 0, 1, 0);
    int partition = PartitionMap.partitionOfItem(ITEM, 4);
    Hint hint =
        new Hint(partition, 1, "n", "sale.n", position, OWNER_NOW, true, "ok", 0, List.of(item));
    bus.publish(Addresses.HINTS, hint.encode());
  }

  private static OrderFact order() {
    return ScriptedOwners.held(ITEM, ANN, Bytes.of("k-1"), 1);
  }

  private void item(long cooldownMs, int gate, long opensAt) {
    Hint.Item item = new Hint.Item(ITEM, state, StockLevel.PLENTY, gate, cooldownMs, opensAt, 0);
    int partition = PartitionMap.partitionOfItem(ITEM, 4);
    Hint hint = new Hint(partition, 1, "n", "sale.n", 1, OWNER_NOW, true, "ok", 0, List.of(item));
    bus.publish(Addresses.HINTS, hint.encode());
  }
}
