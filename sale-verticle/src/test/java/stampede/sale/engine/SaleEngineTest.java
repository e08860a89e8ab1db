package stampede.sale.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Cancel;
import stampede.protocol.Command.FindItem;
import stampede.protocol.Command.FindOrder;
import stampede.protocol.Command.Pay;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Shake;
import stampede.protocol.Command.Steer;
import stampede.protocol.EdgeLimit;
import stampede.protocol.ItemState;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.Reply.ItemIs;
import stampede.protocol.Reply.OrderIs;
import stampede.protocol.Reply.PaymentIs;
import stampede.protocol.Reply.Refused;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.ItemEnded;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.StockLevel;
import stampede.protocol.Warrant;

class SaleEngineTest {
  private static final int PARTITION = 3;
  private static final long OPENS = 1_800_000_000_000L;
  private static final long CLOSES = OPENS + 60_000;
  private static final long PAY_WITHIN = 5_000;
  private static final long EVENTS_MAX = 100_000;

  private SaleEngine engine = new SaleEngine(PARTITION, EVENTS_MAX);
  private final List<SaleEvent> log = new ArrayList<>();
  private long now = OPENS - 1_000;

  @AfterEach
  void replayGivesTheSameState() {
    SaleEngine again = new SaleEngine(PARTITION, EVENTS_MAX);
    log.forEach(again::apply);
    assertThat(again.position()).isEqualTo(log.size()).isEqualTo(engine.position());
    assertThat(again.stateHash()).isEqualTo(engine.stateHash());
  }

  // --- shakes

  @Test
  void anAcceptedShakeIsAHeldOrderWithItsPositionAndPayBy() {
    publishOpen(item().stock(2));

    Shaken reply = shake("ann", "k1", 1);

    assertThat(reply.outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(reply.again()).isFalse();
    assertThat(reply.position()).isEqualTo(engine.position());
    assertThat(reply.order().order()).isEqualTo((3L << 44) + engine.position());
    assertThat(reply.order().status()).isEqualTo(OrderStatus.HELD);
    assertThat(reply.order().payBy()).isEqualTo(now + PAY_WITHIN);
    assertThat(find(reply.order().order())).isEqualTo(reply.order());
    assertUnits(1, 1, 0);
  }

  @Test
  void decidingChangesNothing() {
    publishOpen(item());
    long hash = engine.stateHash();

    Decision first = engine.decide(new Shake(1, text("ann"), text("k1"), 1), now);
    Decision second = engine.decide(new Shake(1, text("ann"), text("k1"), 1), now);
    engine.due(now + 100_000, 10);

    assertThat(first.events()).isEqualTo(second.events()).hasSize(1);
    assertThat(engine.stateHash()).isEqualTo(hash);
  }

  @Test
  void expectingCommandsChangesNothingWhateverTheyAre() {
    publishOpen(item());
    accept("ann", "k1");
    long hash = engine.stateHash();
    List<Command> commands =
        List.of(
            new Shake(1, text("ann"), text("k1"), 1),
            new Shake(1, text("bob"), text("k1"), 1),
            new Shake(404, text("bob"), text("k1"), 1),
            new AskResult(1, text("ann"), text("k1")));
    List<Decision> before = commands.stream().map(c -> engine.decide(c, now)).toList();

    engine.expect(commands);

    assertThat(engine.stateHash()).isEqualTo(hash);
    List<Decision> after = commands.stream().map(c -> engine.decide(c, now)).toList();
    assertThat(after).usingRecursiveComparison().isEqualTo(before);
  }

  @Test
  void theSameKeyGetsTheSameOrderAgainWithItsPresentStatus() {
    publishOpen(item());
    long order = accept("ann", "k1");

    Shaken again = shake("ann", "k1", 1);
    assertThat(again.again()).isTrue();
    assertThat(again.order().order()).isEqualTo(order);
    assertThat(again.order().status()).isEqualTo(OrderStatus.HELD);

    pay(order, "p1");
    assertThat(shake("ann", "k1", 1).order().status()).isEqualTo(OrderStatus.PAID);
    assertThat(shake("ann", "k1", 1).order().payment()).isEqualTo(text("p1"));
  }

  @Test
  void aBoundKeyIsKnownThoughTheItemIsSoldOutEndedOrTheUserBlocked() {
    publishOpen(item().stock(1));
    long order = accept("ann", "k1");
    steer(Steering.BLOCK_USER, 0, 0, "ann");
    steer(Steering.CLOSE_ITEM, 1, 0, "");

    assertThat(shake("ann", "k1", 1).order().order()).isEqualTo(order);
    assertThat(shake("ann", "k1", 2).code()).isEqualTo("key_reused");
    assertThat(shake("ann", "k2", 1).outcome()).isEqualTo(Outcome.BLOCKED);
    assertThat(shake("bob", "k1", 1).outcome()).isEqualTo(Outcome.ENDED);
  }

  @Test
  void keysOfOtherUsersAndOtherItemsAreOtherKeys() {
    publishOpen(item());
    publishOpen(item().id(2));

    long first = accept("ann", "k1");
    long second = accept("bob", "k1");
    Shaken third = (Shaken) say(new Shake(2, text("ann"), text("k1"), 1));

    assertThat(List.of(first, second)).doesNotContain(third.order().order());
    assertThat(first).isNotEqualTo(second);
    assertThat(third.again()).isFalse();
  }

  @Test
  void manyKeysOfOneUserAllStayBound() {
    publishOpen(item().stock(50).limit(100));
    List<Long> orders = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      orders.add(accept("ann", "k" + i));
      if (i % 3 == 0) {
        say(new Cancel(orders.get(i), text("ann")));
      }
    }

    for (int i = 0; i < 40; i++) {
      assertThat(shake("ann", "k" + i, 1).order().order()).isEqualTo(orders.get(i));
    }
  }

  @Test
  void anUnknownItemIsInvalid() {
    assertThat(shake("ann", "k1", 1).code()).isEqualTo("unknown_item");
  }

  @Test
  void theLimitCountsUnitsOfHeldAndPaidOrdersAndNamesThem() {
    publishOpen(item().stock(50).limit(3));
    long first = accept("ann", "k1");
    long second = accept("ann", "k2");
    pay(first, "p1");

    Shaken tooMany = shake("ann", "k3", 2);
    assertThat(tooMany.outcome()).isEqualTo(Outcome.LIMIT_REACHED);
    assertThat(tooMany.orders()).containsExactly(first, second);

    say(new Cancel(second, text("ann")));
    assertThat(shake("ann", "k3", 2).outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(shake("bob", "k3", 4).orders()).isEmpty();
  }

  @Test
  void fewerUnitsLeftThanWantedIsSoldOutAndTheKeyStaysFree() {
    publishOpen(item().stock(2));
    accept("ann", "k1");

    assertThat(shake("bob", "k1", 2).outcome()).isEqualTo(Outcome.SOLD_OUT);
    assertThat(shake("bob", "k1", 1).outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(shake("cid", "k1", 1).outcome()).isEqualTo(Outcome.SOLD_OUT);
    assertThat(itemIs().state()).isEqualTo(ItemState.SOLD_OUT);
  }

  @Test
  void askingByKeyGivesTheOrderOrUnknown() {
    publishOpen(item());
    long order = accept("ann", "k1");

    Shaken found = (Shaken) say(new AskResult(1, text("ann"), text("k1")));
    assertThat(found.order().order()).isEqualTo(order);
    assertThat(found.again()).isTrue();
    for (AskResult other :
        List.of(
            new AskResult(1, text("ann"), text("k2")), new AskResult(1, text("bob"), text("k1")))) {
      assertThat(((Shaken) say(other)).outcome()).isEqualTo(Outcome.UNKNOWN);
    }
    Shaken elsewhere = (Shaken) say(new AskResult(2, text("ann"), text("k1")));
    assertThat(elsewhere.code()).isEqualTo("unknown_item");
  }

  @Test
  void aFullLogIsBusyBeforeItIsTooLong() {
    engine = new SaleEngine(PARTITION, 1_024);
    publishOpen(item().stock(4).limit(9));
    String said = "";
    for (int i = 0; i < 30 && !said.equals("BUSY"); i++) {
      Shaken reply = shake("ann", "k" + i, 1);
      said = reply.outcome().name();
      if (reply.order() != null) {
        say(new Cancel(reply.order().order(), text("ann")));
      }
    }

    assertThat(said).isEqualTo("BUSY");
    assertThat(engine.position()).isEqualTo(24); // a thousand are left for operators and refunds
  }

  // --- the window

  @Test
  void beforeItOpensTheAnswerSaysWhen() {
    publish(item());

    Shaken reply = shake("ann", "k1", 1);

    assertThat(reply.outcome()).isEqualTo(Outcome.NOT_OPEN);
    assertThat(reply.opensAt()).isEqualTo(OPENS);
    assertThat(itemIs().state()).isEqualTo(ItemState.SCHEDULED);
  }

  @Test
  void aShakeThatComesBeforeTheEventOfItsTimeBringsTheEventAlong() {
    publish(item());
    now = OPENS;
    assertThat(decide(new Shake(1, text("ann"), text("k1"), 1)).events())
        .hasExactlyElementsOfTypes(ItemOpened.class, Accepted.class);

    now = CLOSES;
    Decision late = decide(new Shake(1, text("bob"), text("k1"), 1));
    assertThat(late.events()).containsExactly(new ItemEnded(1, CLOSES));
    assertThat(late.reply().position()).isEqualTo(engine.position());
    assertThat(((Shaken) late.reply()).outcome()).isEqualTo(Outcome.ENDED);
  }

  @Test
  void aClockThatIsNotTrustedOpensAndClosesNothing() {
    publish(item());
    Shake shake = new Shake(1, text("ann"), text("k1"), 1);

    Decision decision = engine.decide(shake, OPENS + 5, false);
    assertThat(decision.events()).isEmpty();
    assertThat(((Shaken) decision.reply()).outcome()).isEqualTo(Outcome.NOT_OPEN);

    now = OPENS;
    due();
    decision = engine.decide(shake, CLOSES + 5, false);
    assertThat(decision.events()).hasExactlyElementsOfTypes(Accepted.class);
    Decision published = engine.decide(new Publish(item().id(2).build(), warrant()), OPENS, false);
    assertThat(published.events()).hasExactlyElementsOfTypes(ItemPublished.class);
  }

  @Test
  void timeThatGoesBackCountsAsTheLastEventsTime() {
    publishOpen(item());
    now = OPENS + 500;
    accept("ann", "k1");

    Decision decision = engine.decide(new Shake(1, text("bob"), text("k1"), 1), OPENS - 9_000);

    assertThat(decision.events().get(0).at()).isEqualTo(OPENS + 500);
  }

  @Test
  void dueTellsAheadWhenItWillHaveSomething() {
    assertThat(engine.nextDueAt()).isEqualTo(Long.MAX_VALUE);
    publish(item());
    assertThat(engine.nextDueAt()).isEqualTo(OPENS);
    assertThat(engine.due(OPENS - 1, 10)).isEmpty();

    now = OPENS;
    assertThat(due()).containsExactly(new ItemOpened(1, OPENS));
    assertThat(engine.nextDueAt()).isEqualTo(CLOSES);

    long order = accept("ann", "k1");
    assertThat(engine.nextDueAt()).isEqualTo(OPENS + PAY_WITHIN + 1_000);
    pay(order, "p1");
    assertThat(engine.nextDueAt()).isEqualTo(CLOSES);

    now = CLOSES;
    assertThat(due()).containsExactly(new ItemEnded(1, CLOSES));
    assertThat(engine.nextDueAt()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aWindowThatWasMissedAsAWholeEndsAndNeverOpens() {
    publish(item().release(OPENS + 10, 5));
    now = CLOSES + 1;

    assertThat(due()).containsExactly(new ItemEnded(1, now));
    assertUnits(10, 0, 0);
  }

  @Test
  void heldOrdersOutliveTheWindowUntilPayBy() {
    publishOpen(item());
    now = CLOSES - 10;
    long paid = accept("ann", "k1");
    long unpaid = accept("bob", "k1");
    now = CLOSES;
    due();

    assertThat(((PaymentIs) pay(paid, "p1")).status()).isEqualTo("paid");
    now = CLOSES - 10 + PAY_WITHIN + 1_000;
    assertThat(due()).containsExactly(new Released(unpaid, 1, 1, ReleaseReason.EXPIRED, now));
    assertThat(shake("cid", "k1", 1).outcome()).isEqualTo(Outcome.ENDED);
  }

  @Test
  void eachPortionComesOnceLateIfNeedBeAndNeverAfterTheEnd() {
    publish(item().stock(0).release(OPENS + 10, 5).release(OPENS + 20, 6).release(CLOSES - 1, 7));
    now = OPENS;
    due();
    assertThat(itemIs().nextReleaseAt()).isEqualTo(OPENS + 10);
    assertThat(shake("ann", "k1", 1).outcome()).isEqualTo(Outcome.SOLD_OUT);

    now = OPENS + 25;
    assertThat(due())
        .containsExactly(new StockReleased(1, 0, 5, now), new StockReleased(1, 1, 6, now));
    assertThat(due()).isEmpty();
    assertThat(shake("ann", "k1", 1).outcome()).isEqualTo(Outcome.ACCEPTED);
    assertUnits(10, 1, 0);

    steer(Steering.CLOSE_ITEM, 1, 0, "");
    now = CLOSES + 10_000;
    assertThat(due()).hasExactlyElementsOfTypes(Released.class);
    assertUnits(11, 0, 0);
  }

  @Test
  void aPortionMissedWhileNobodyOwnedComesOnceFromTheNextOwner() {
    publishOpen(item().stock(1).release(OPENS + 10, 5));
    now = OPENS + 500;
    own(7);

    assertThat(due()).containsExactly(new StockReleased(1, 0, 5, now));
    assertThat(itemIs().nextReleaseAt()).isZero();
    now += 10;
    own(8);

    assertThat(due()).isEmpty();
    assertUnits(6, 0, 0);
  }

  @Test
  void anOrderHasAtMostTheItemsUnitsPerOrder() {
    publishOpen(item().limit(5).perOrder(2));

    Shaken refused = shake("ann", "k1", 3);
    assertThat(refused.outcome()).isEqualTo(Outcome.INVALID);
    assertThat(refused.code()).isEqualTo("above_order_limit");
    assertThat(shake("ann", "k2", 2).outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(shake("ann", "k3", 2).outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(shake("ann", "k4", 2).outcome()).isEqualTo(Outcome.LIMIT_REACHED);
  }

  @Test
  void aSessionsLimitCountsAUsersUnitsOverAllItsItemsAndFreesThemOnRelease() {
    publishOpen(item().limit(2).perSession(3));
    publish(item().id(2).limit(5).perSession(3));
    publish(item().id(3).limit(5));
    long first = shake("ann", "k1", 2).order().order();

    Shaken refused = (Shaken) say(new Shake(2, text("ann"), text("k2"), 2));
    assertThat(refused.outcome()).isEqualTo(Outcome.LIMIT_REACHED);
    assertThat(refused.orders()).containsExactly(first);
    assertThat(((Shaken) say(new Shake(2, text("ann"), text("k2"), 1))).outcome())
        .isEqualTo(Outcome.ACCEPTED);
    assertThat(((Shaken) say(new Shake(2, text("bob"), text("k2"), 3))).outcome())
        .isEqualTo(Outcome.ACCEPTED);
    assertThat(((Shaken) say(new Shake(3, text("ann"), text("k3"), 5))).outcome())
        .as("an item without the session's limit is not counted")
        .isEqualTo(Outcome.ACCEPTED);

    say(new Cancel(first, text("ann")));
    assertThat(((Shaken) say(new Shake(2, text("ann"), text("k4"), 2))).outcome())
        .isEqualTo(Outcome.ACCEPTED);
    assertThat(shake("ann", "k5", 1).outcome()).isEqualTo(Outcome.LIMIT_REACHED);
  }

  @Test
  void aShakeInTheInstantOfAPortionGetsIt() {
    publishOpen(item().stock(1).release(OPENS + 10, 1));
    accept("ann", "k1");
    now = OPENS + 10;

    Decision decision = decide(new Shake(1, text("bob"), text("k1"), 1));

    assertThat(decision.events()).hasExactlyElementsOfTypes(StockReleased.class, Accepted.class);
  }

  // --- expiry

  @Test
  void anUnpaidOrderExpiresASecondAfterPayByAndItsUnitsAreSoldAgain() {
    publishOpen(item().stock(1));
    long order = accept("ann", "k1");
    now += PAY_WITHIN + 999;
    assertThat(due()).isEmpty();

    now++;
    assertThat(due()).containsExactly(new Released(order, 1, 1, ReleaseReason.EXPIRED, now));
    assertThat(find(order).releaseReason()).isEqualTo("expired");
    assertThat(find(order).releasedAt()).isEqualTo(now);
    assertThat(shake("bob", "k1", 1).outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(shake("ann", "k1", 1).order().status()).isEqualTo(OrderStatus.RELEASED);
  }

  @Test
  void dueIsBoundedAndGoesOnWhereItStopped() {
    publishOpen(item().stock(10));
    for (int i = 0; i < 10; i++) {
      accept("u" + i, "k");
    }
    now += PAY_WITHIN + 1_000;

    int calls = 0;
    for (List<SaleEvent> events = engine.due(now, 3);
        !events.isEmpty();
        events = engine.due(now, 3)) {
      assertThat(events).hasSizeLessThanOrEqualTo(3);
      events.forEach(this::apply);
      calls++;
    }

    assertThat(calls).isEqualTo(4);
    assertUnits(10, 0, 0);
  }

  @Test
  void anOrderOfAnEarlierEpochHasTenSecondsOfGraceAndHoldsUpNoOther() {
    own(1);
    publishOpen(item());
    long before = accept("ann", "k1");
    now += PAY_WITHIN;
    own(2);
    long ownedAt = now;
    long after = accept("bob", "k1");

    now = ownedAt + PAY_WITHIN + 1_000;
    assertThat(due()).containsExactly(new Released(after, 1, 1, ReleaseReason.EXPIRED, now));
    assertThat(engine.nextDueAt()).isEqualTo(ownedAt + 10_000);

    now = ownedAt + 9_999;
    assertThat(due()).isEmpty();
    now = ownedAt + 10_000;
    assertThat(due()).containsExactly(new Released(before, 1, 1, ReleaseReason.EXPIRED, now));
  }

  @Test
  void ordersOfTwoEarlierEpochsExpireTogether() {
    own(1);
    publishOpen(item());
    accept("ann", "k1");
    own(2);
    accept("bob", "k1");
    own(5);

    now += 10_000;
    assertThat(due()).hasSize(2);
    assertThat(engine.epoch()).isEqualTo(5);
    assertUnits(10, 0, 0);
  }

  // --- orders and payments

  @Test
  void nobodyLearnsOfAnothersOrder() {
    publishOpen(item());
    long order = accept("ann", "k1");

    assertRefused(new FindOrder(order, text("bob")), "unknown_order");
    assertRefused(new Cancel(order, text("bob")), "unknown_order");
    assertRefused(new FindOrder(order + 1, text("ann")), "unknown_order");
    assertRefused(new FindOrder(PartitionMap.orderId(4, 3), Bytes.EMPTY), "unknown_order");
    assertThat(((OrderIs) say(new FindOrder(order, text("ann")))).order().order()).isEqualTo(order);
  }

  @Test
  void aHeldOrderCanBeCancelledOnceAPaidOneNever() {
    publishOpen(item());
    long order = accept("ann", "k1");
    long paid = accept("bob", "k1");
    pay(paid, "p1");

    OrderIs cancelled = (OrderIs) say(new Cancel(order, text("ann")));
    assertThat(cancelled.order()).isEqualTo(find(order));
    assertThat(cancelled.order().releaseReason()).isEqualTo("cancelled");
    assertThat(decide(new Cancel(order, text("ann"))).events()).isEmpty();
    assertRefused(new Cancel(paid, text("bob")), "already_paid");
    assertUnits(9, 0, 1);
  }

  @Test
  void aPaymentTurnsHeldIntoPaidOnce() {
    publishOpen(item());
    long order = accept("ann", "k1");

    assertThat(decide(payment(order, "p1")).events())
        .containsExactly(new Paid(order, 1, 1, text("p1"), now));
    Decision again = decide(payment(order, "p1"));

    assertThat(again.events()).isEmpty();
    assertThat(((PaymentIs) again.reply()).status()).isEqualTo("paid");
    assertThat(find(order).paidAt()).isEqualTo(now);
    assertUnits(9, 0, 1);
  }

  @Test
  void aPaymentAfterReleaseIsToBeRefundedAndSaidAgainWhenRepeated() {
    publishOpen(item());
    long order = accept("ann", "k1");
    say(new Cancel(order, text("ann")));

    assertThat(decide(payment(order, "p1")).events())
        .containsExactly(new RefundDue(order, text("p1"), RefundReason.LATE, now));
    Decision again = decide(payment(order, "p1"));

    assertThat(again.events()).isEmpty();
    assertThat(((PaymentIs) again.reply()).status()).isEqualTo("late_payment");
    assertUnits(10, 0, 0);
  }

  @Test
  void aSecondPaymentOfAPaidOrderIsToBeRefunded() {
    publishOpen(item());
    long order = accept("ann", "k1");
    pay(order, "p1");

    assertThat(((PaymentIs) pay(order, "p2")).status()).isEqualTo("extra_payment");
    assertThat(((PaymentIs) pay(order, "p2")).status()).isEqualTo("extra_payment");
    assertThat(((PaymentIs) pay(order, "p1")).status()).isEqualTo("paid");
    assertThat(find(order).payment()).isEqualTo(text("p1"));
  }

  @Test
  void aPaymentThatDoesNotFitTheOrderLeavesNoEvent() {
    publishOpen(item());
    long order = accept("ann", "k1");
    long other = accept("bob", "k1");
    pay(other, "p2");

    assertRefused(new Pay(order, text("p1"), 99, "CNY"), "amount_mismatch");
    assertRefused(new Pay(order, text("p1"), 100, "EUR"), "currency_mismatch");
    assertRefused(new Pay(order + 9, text("p1"), 100, "CNY"), "unknown_order");
    assertRefused(payment(order, "p2"), "payment_reused");
    assertThat(find(order).status()).isEqualTo(OrderStatus.HELD);
  }

  // --- publishing

  @Test
  void publishingTheSameAgainChangesNothingAndDifferingIsRefused() {
    publish(item());

    assertThat(decide(new Publish(item().build(), warrant())).events()).isEmpty();
    assertRefused(new Publish(item().stock(11).build(), warrant()), "item_differs");
    assertThat(engine.items()).isEqualTo(1);
  }

  @Test
  void publishingWhatShouldBeOpenOpensItAtOnceAndWhatIsOverIsRefused() {
    now = OPENS + 5;
    Decision decision = decide(new Publish(item().build(), warrant()));
    assertThat(decision.events()).hasExactlyElementsOfTypes(ItemPublished.class, ItemOpened.class);
    assertThat(decision.reply().position()).isEqualTo(engine.position());

    now = CLOSES;
    assertRefused(new Publish(item().id(2).build(), warrant()), "item_ended");
  }

  @Test
  void stockThatCouldFillTheLogIsNotPublishedNorAdded() {
    SaleItem much = item().stock(33_000).build();
    Refused refused = (Refused) say(new Publish(much, warrant()));
    assertThat(refused.code()).isEqualTo("too_many_events");
    assertThat(refused.detail()).contains("100002 events").contains("100000");

    publish(item().stock(32_000));
    assertRefused(new Publish(item().id(2).stock(1_500).build(), warrant()), "too_many_events");
    assertRefused(steering(Steering.ADD_STOCK, 1, 1_500, "", ""), "too_many_events");
  }

  /** A sum over all items for each of them would be five billion steps. */
  @Test
  @Timeout(20)
  void aHundredThousandItemsArePublishedInAMomentAndCountedRightly() {
    int items = 100_000;
    long each = 3 * (3 + 2) + 2 + 1; // three a unit, two for the window, one for the portion
    long left = 99_000;
    engine = new SaleEngine(PARTITION, items + items * each + 1_000 + left);
    for (int id = 1; id <= items; id++) {
      SaleItem item = item().id(id).stock(3).release(OPENS + 10, 2).build();
      engine.decide(new Publish(item, warrant()), now).events().forEach(this::apply);
    }
    assertThat(engine.items()).isEqualTo(items);

    Item next = item().id(items + 1);
    SaleItem tooMuch = next.stock(left / 3).build();
    assertRefused(new Publish(tooMuch, warrant()), "too_many_events");
    publish(next.stock(left / 3 - 1));
  }

  // --- steering

  @Test
  void pausingByItemAndBySessionAreSeparateFacts() {
    publishOpen(item());
    steer(Steering.PAUSE_ITEM, 1, 0, "");
    steer(Steering.PAUSE_SESSION, 7, 0, "");
    assertThat(shake("ann", "k1", 1).outcome()).isEqualTo(Outcome.PAUSED);

    steer(Steering.RESUME_ITEM, 1, 0, "");
    assertThat(itemIs().state()).isEqualTo(ItemState.PAUSED);

    Reply.Steered resumed = steer(Steering.RESUME_SESSION, 7, 0, "");
    assertThat(resumed.before()).isEqualTo("{\"items\":1,\"paused\":1}");
    assertThat(resumed.after()).isEqualTo("{\"items\":1,\"paused\":0}");
    assertThat(shake("ann", "k1", 1).outcome()).isEqualTo(Outcome.ACCEPTED);
  }

  @Test
  void aSessionWithoutItemsHereIsSteeredWithoutAnEvent() {
    publishOpen(item());

    Decision decision = decide(steering(Steering.PAUSE_SESSION, 8, 0, "", ""));

    assertThat(decision.events()).isEmpty();
    assertThat(decision.reply()).isEqualTo(new Reply.Steered(engine.position(), "{}", "{}"));
  }

  @Test
  void stockAndGateChangeAndTheAuditSaysFromWhatToWhat() {
    publishOpen(item());

    Reply.Steered more = steer(Steering.ADD_STOCK, 1, 5, "");
    Reply.Steered gate = steer(Steering.SET_GATE, 1, 250_000, "");

    assertThat(more.before()).contains("\"stock\":10,").contains("\"state\":\"open\"");
    assertThat(more.after()).contains("\"stock\":15,");
    assertThat(gate.after()).contains("\"gate\":250000,");
    assertThat(itemIs().gate()).isEqualTo(250_000);
    assertUnits(15, 0, 0);
  }

  @Test
  void steeringWhatIsNotThereOrOverOrTooMuchIsRefused() {
    publishOpen(item().release(OPENS + 10, 100));

    assertRefused(steering(Steering.PAUSE_ITEM, 2, 0, "", ""), "unknown_item");
    assertRefused(steering(Steering.ADD_STOCK, 1, 0, "", ""), "invalid");
    assertRefused(steering(Steering.ADD_STOCK, 1, 4_999_891, "", ""), "too_much_stock");
    assertRefused(steering(Steering.SET_GATE, 1, 1_000_001, "", ""), "invalid");
    assertRefused(steering(Steering.SET_COOLDOWN, 1, 3_600_001, "", ""), "invalid");
    assertRefused(steering(Steering.SET_COOLDOWN, 1, -1, "", ""), "invalid");
    assertRefused(steering(Steering.SET_LIMIT, 99, 1, "", ""), "unknown_limit");
    assertRefused(steering(Steering.SET_LIMIT, 2, 0, "", ""), "invalid");
    assertRefused(steering(Steering.BLOCK_USER, 0, 0, "", ""), "invalid");
    assertRefused(new FindItem(2), "unknown_item");
    steer(Steering.CLOSE_ITEM, 1, 0, "");
    for (Steering steering : Steering.values()) {
      if (NaiveTwin.isOfItem(steering)) {
        assertRefused(steering(steering, 1, 1, "", ""), "item_ended");
      }
    }
    assertThat(steer(Steering.BLOCK_USER, 0, 0, "ann").after()).isEqualTo("{\"blocked\":true}");
  }

  @Test
  void aCooldownIsSetAndShown() {
    publishOpen(item());
    Reply.Steered set = steer(Steering.SET_COOLDOWN, 1, 7_000, "");

    assertThat(set.after()).contains("\"cooldownMs\":7000,");
    assertThat(itemIs().cooldownMs()).isEqualTo(7_000);
  }

  @Test
  void limitsOfTheEdgesAreKeptAndGivenBackToTheirConfig() {
    Reply.Steered set = steer(Steering.SET_LIMIT, EdgeLimit.USER_BURST.code(), 7, "");
    assertThat(set.before()).isEqualTo("{\"limit\":\"userBurst\",\"value\":null}");
    assertThat(set.after()).isEqualTo("{\"limit\":\"userBurst\",\"value\":7}");
    assertThat(engine.limit(EdgeLimit.USER_BURST)).isEqualTo(7);

    Reply.Steered unset = steer(Steering.SET_LIMIT, EdgeLimit.USER_BURST.code(), -1, "");
    assertThat(unset.before()).isEqualTo(set.after());
    assertThat(engine.limit(EdgeLimit.USER_BURST)).isEqualTo(EdgeLimit.OF_CONFIG);
    assertThat(engine.limit(EdgeLimit.NODE_BURST)).isEqualTo(EdgeLimit.OF_CONFIG);
  }

  @Test
  void aBlockedUserHearsSoUntilUnblocked() {
    publishOpen(item());
    steer(Steering.BLOCK_USER, 0, 0, "ann");
    assertThat(engine.blockedUsers()).isEqualTo(1);
    assertThat(shake("ann", "k1", 1).outcome()).isEqualTo(Outcome.BLOCKED);
    assertThat(shake("bob", "k1", 1).outcome()).isEqualTo(Outcome.ACCEPTED);

    Reply.Steered unblocked = steer(Steering.UNBLOCK_USER, 0, 0, "ann");
    assertThat(unblocked.before()).isEqualTo("{\"blocked\":true}");
    assertThat(engine.blockedUsers()).isZero();
    assertThat(shake("ann", "k1", 1).outcome()).isEqualTo(Outcome.ACCEPTED);
  }

  @Test
  void aRepeatedSteeringKeyGetsTheEarlierReplyAndDoesNothingTwice() {
    now = OPENS;
    Publish publish = new Publish(item().build(), new Warrant("root", "", text("w1"), true));
    Reply published = say(publish);
    Command add = steering(Steering.ADD_STOCK, 1, 5, "", "w2");
    Reply added = say(add);
    accept("ann", "k1");

    assertThat(decide(add).events()).isEmpty();
    assertThat(say(add)).isEqualTo(added);
    assertThat(say(publish)).isEqualTo(published);
    assertUnits(14, 1, 0);
  }

  @Test
  void oneSteeringKeyMayPublishAllItemsOfASession() {
    Warrant warrant = new Warrant("root", "", text("w1"), true);
    say(new Publish(item().build(), warrant));
    say(new Publish(item().id(2).build(), warrant));

    assertThat(engine.items()).isEqualTo(2);
  }

  // --- what edges may show

  @Test
  void theLevelFallsAtATenthAndRisesOnlyAboveAFifth() {
    publishOpen(item().stock(200).limit(1_000));
    assertThat(itemIs().level()).isEqualTo(StockLevel.PLENTY);
    shake("ann", "a", 179);
    assertThat(itemIs().level()).isEqualTo(StockLevel.PLENTY);
    long one = accept("ann", "b");
    assertThat(itemIs().level()).isEqualTo(StockLevel.LOW);
    say(new Cancel(one, text("ann")));
    assertThat(itemIs().level()).isEqualTo(StockLevel.LOW);

    long rest = shake("bob", "a", 21).order().order();
    assertThat(itemIs().level()).isEqualTo(StockLevel.NONE);
    say(new Cancel(rest, text("bob")));
    assertThat(itemIs().level()).isEqualTo(StockLevel.LOW);
    steer(Steering.ADD_STOCK, 1, 19, "");
    assertThat(itemIs().level()).isEqualTo(StockLevel.LOW);
    steer(Steering.ADD_STOCK, 1, 10, "");
    assertThat(itemIs().level()).isEqualTo(StockLevel.PLENTY);
    assertThat(engine.itemAt(0).level()).isEqualTo(StockLevel.PLENTY);
  }

  // --- contradictions

  @Test
  void eventsThatContradictTheStateBreakTheEngine() {
    own(3);
    publishOpen(item().stock(1));
    long held = accept("ann", "k1");
    long at = now;
    Bytes ann = text("ann");
    List<SaleEvent> wrong =
        List.of(
            new Accepted(1, text("bob"), text("k"), 1, at + PAY_WITHIN, at),
            new Accepted(1, ann, text("k1"), 1, at + PAY_WITHIN, at),
            new Accepted(2, ann, text("k1"), 1, at + PAY_WITHIN, at),
            new Paid(held + 1, 1, 1, text("p"), at),
            new Paid(held, 1, 2, text("p"), at),
            new Released(held, 2, 1, ReleaseReason.EXPIRED, at),
            new RefundDue(held, text("p"), RefundReason.LATE, at),
            new RefundDue(held, text("p"), RefundReason.EXTRA, at),
            new StockReleased(1, 0, 1, at),
            new ItemOpened(1, at),
            new ItemEnded(9, at),
            new ItemPublished(item().build(), warrant(), at),
            new Owned(3, "sale-1", 1, at),
            new ItemEnded(1, at - 1));
    for (SaleEvent event : wrong) {
      SaleEngine other = new SaleEngine(PARTITION, EVENTS_MAX);
      log.forEach(other::apply);

      assertThatThrownBy(() -> other.apply(event))
          .as("%s", event)
          .isInstanceOf(BrokenInvariant.class)
          .hasMessageContaining("at position " + (log.size() + 1));
    }
  }

  @Test
  void anOrderEndsOnlyOnce() {
    publishOpen(item());
    long order = accept("ann", "k1");
    pay(order, "p1");
    Released again = new Released(order, 1, 1, ReleaseReason.CANCELLED, now);
    SaleEngine other = new SaleEngine(PARTITION, EVENTS_MAX);
    log.forEach(other::apply);

    assertThatThrownBy(() -> other.apply(again))
        .isInstanceOf(BrokenInvariant.class)
        .hasMessageContaining("order " + order);
  }

  // --- the words of these tests

  private static final class Item {
    private long id = 1;
    private long stock = 10;
    private int limit = 3;
    private final List<SaleItem.Release> releases = new ArrayList<>();
    private int limitPerOrder;
    private int limitPerSession;

    Item id(long id) {
      this.id = id;
      return this;
    }

    Item stock(long stock) {
      this.stock = stock;
      return this;
    }

    Item limit(int limit) {
      this.limit = limit;
      return this;
    }

    Item perOrder(int units) {
      this.limitPerOrder = units;
      return this;
    }

    Item perSession(int units) {
      this.limitPerSession = units;
      return this;
    }

    Item release(long at, long units) {
      releases.add(new SaleItem.Release(at, units));
      return this;
    }

    SaleItem build() {
      SaleItem.Release[] portions = releases.toArray(SaleItem.Release[]::new);
      return Goods.item(id, 7, OPENS, CLOSES, stock, limit, PAY_WITHIN, portions)
          .limited(limitPerOrder, limitPerSession, 0);
    }
  }

  private static Item item() {
    return new Item();
  }

  private void publish(Item item) {
    assertThat(say(new Publish(item.build(), warrant()))).isInstanceOf(Reply.Steered.class);
  }

  private void publishOpen(Item item) {
    now = Math.max(now, OPENS);
    publish(item);
  }

  private Shaken shake(String user, String key, int quantity) {
    return (Shaken) say(new Shake(1, text(user), text(key), quantity));
  }

  private long accept(String user, String key) {
    OrderFact order = shake(user, key, 1).order();
    assertThat(order).as("order of %s", user).isNotNull();
    return order.order();
  }

  private static Pay payment(long order, String payment) {
    return new Pay(order, text(payment), 100, "CNY");
  }

  private Reply pay(long order, String payment) {
    return say(payment(order, payment));
  }

  private OrderFact find(long order) {
    return ((OrderIs) say(new FindOrder(order, Bytes.EMPTY))).order();
  }

  private ItemIs itemIs() {
    return (ItemIs) say(new FindItem(1));
  }

  private static Steer steering(
      Steering steering, long subject, long value, String user, String key) {
    Warrant warrant = new Warrant("root", "", text(key), true);
    return new Steer(steering, subject, value, text(user), warrant);
  }

  private Reply.Steered steer(Steering steering, long subject, long value, String user) {
    return (Reply.Steered) say(steering(steering, subject, value, user, ""));
  }

  private void assertRefused(Command command, String code) {
    Decision decision = decide(command);
    assertThat(decision.events()).isEmpty();
    assertThat(decision.reply()).isInstanceOf(Refused.class);
    assertThat(((Refused) decision.reply()).code()).isEqualTo(code);
  }

  private void assertUnits(long available, long held, long sold) {
    ItemIs item = engine.itemAt(0);
    assertThat(List.of(item.available(), item.held(), item.sold()))
        .containsExactly(available, held, sold);
    assertThat(item.stock()).isEqualTo(available + held + sold);
  }

  private Reply say(Command command) {
    return decide(command).reply();
  }

  private Decision decide(Command command) {
    Decision decision = engine.decide(command, now);
    decision.events().forEach(this::apply);
    return decision;
  }

  private List<SaleEvent> due() {
    List<SaleEvent> events = engine.due(now, 100);
    events.forEach(this::apply);
    return events;
  }

  private void own(long epoch) {
    apply(new Owned(epoch, "sale-1", epoch, now));
  }

  private void apply(SaleEvent event) {
    engine.apply(event);
    log.add(event);
  }

  private static Warrant warrant() {
    return new Warrant("root", "", Bytes.EMPTY, true);
  }

  private static Bytes text(String text) {
    return Bytes.of(text);
  }
}
