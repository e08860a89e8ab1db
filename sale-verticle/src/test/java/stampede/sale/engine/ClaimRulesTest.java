package stampede.sale.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Cancel;
import stampede.protocol.Command.Claim;
import stampede.protocol.Command.FindOrder;
import stampede.protocol.Command.Pay;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Shake;
import stampede.protocol.Command.Steer;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.Reply.OrderIs;
import stampede.protocol.Reply.Refused;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;

/** Devices shake, users claim. Item 1 is for devices too, with a limit of 2; item 2 is not. */
class ClaimRulesTest {
  private static final long OPENS = 1_800_000_000_000L;
  private static final long PAY_WITHIN = 60_000;
  private static final long CLAIM_WITHIN = 5_000;
  private static final Warrant WARRANT = new Warrant("op", "", Bytes.EMPTY, true);

  private final SaleEngine engine = new SaleEngine(3, 100_000);
  private final List<SaleEvent> log = new ArrayList<>();
  private long now = OPENS;

  @BeforeEach
  void publish() {
    apply(new Owned(1, "sale-1", 7, now));
    say(new Publish(item(1, PAY_WITHIN, CLAIM_WITHIN), WARRANT));
    say(new Publish(item(2, PAY_WITHIN, 0), WARRANT));
  }

  @AfterEach
  void replayGivesTheSameState() {
    SaleEngine again = new SaleEngine(3, 100_000);
    log.forEach(again::apply);
    assertThat(again.stateHash()).isEqualTo(engine.stateHash());
    assertThat(again.nextDueAt()).isEqualTo(engine.nextDueAt());
  }

  @Test
  void aDeviceGetsOnlyWhatCanBeClaimed() {
    OrderFact won = win("device:1", "k");

    assertThat(won.claimBy()).isEqualTo(now + CLAIM_WITHIN);
    Shaken no = (Shaken) say(new Shake(2, text("device:1"), text("k"), 1));
    assertThat(no.outcome()).isEqualTo(Outcome.INVALID);
    assertThat(no.code()).isEqualTo("login_required");
    assertThat(win("ann", "k").claimBy()).isZero();
  }

  @Test
  void aClaimedOrderIsOfBothAndItsKeyToo() {
    long order = win("device:1", "k").order();

    OrderFact claimed = ((OrderIs) claim(order, "ann", "device:1")).order();

    assertThat(claimed.user()).isEqualTo(text("device:1"));
    assertThat(claimed.claimedBy()).isEqualTo(text("ann"));
    assertThat(claimed.claimedAt()).isEqualTo(now);
    for (String who : List.of("device:1", "ann")) {
      assertThat(((OrderIs) say(new FindOrder(order, text(who)))).order()).isEqualTo(claimed);
      Shaken known = (Shaken) say(new AskResult(1, text(who), text("k")));
      assertThat(known.order()).isEqualTo(claimed);
      assertThat(((Shaken) say(new Shake(1, text(who), text("k"), 1))).order()).isEqualTo(claimed);
    }
    assertRefused(new FindOrder(order, text("bob")), "unknown_order");
  }

  @Test
  void theFirstClaimCountsAndIsHarmlessAgain() {
    long order = win("device:1", "k").order();
    claim(order, "ann", "device:1");
    long position = engine.position();

    assertThat(claim(order, "ann", "device:1")).isInstanceOf(OrderIs.class);
    assertThat(engine.position()).isEqualTo(position);
    assertRefused(new Claim(order, text("bob"), text("device:1")), "already_claimed");
    assertRefused(new Claim(order, text("bob"), text("device:2")), "unknown_order");
  }

  @Test
  void theLimitHoldsAtTheClaimForWhatWasShakenAndClaimed() {
    win("ann", "own");
    long first = win("device:1", "k").order();
    long second = win("device:2", "k").order();
    claim(first, "ann", "device:1");

    assertRefused(new Claim(second, text("ann"), text("device:2")), "limit_reached");
    Shaken full = (Shaken) say(new Shake(1, text("ann"), text("more"), 1));
    assertThat(full.outcome()).isEqualTo(Outcome.LIMIT_REACHED);
    assertThat(full.orders()).hasSize(2).contains(first);

    say(new Cancel(first, text("ann")));
    assertThat(claim(second, "ann", "device:2")).isInstanceOf(OrderIs.class);
  }

  @Test
  void whatNobodyClaimsIsReleasedOneSecondAfterItsTime() {
    long order = win("device:1", "k").order();
    long claimed = win("device:2", "k").order();
    win("ann", "k");
    claim(claimed, "bob", "device:2");
    assertThat(engine.nextDueAt()).isEqualTo(now + CLAIM_WITHIN + 1_000);

    now += CLAIM_WITHIN + 999;
    assertThat(due()).isEmpty();
    now += 1;
    assertThat(due()).containsExactly(new Released(order, 1, 1, ReleaseReason.UNCLAIMED, now));
    assertRefused(new Claim(order, text("cid"), text("device:1")), "order_released");
    assertThat(engine.nextDueAt()).isEqualTo(OPENS + PAY_WITHIN + 1_000);
  }

  @Test
  void aClaimAfterItsTimeCountsWhileTheOrderLasts() {
    long order = win("device:1", "k").order();
    now += CLAIM_WITHIN + 900;

    assertThat(claim(order, "ann", "device:1")).isInstanceOf(OrderIs.class);
    now += 1_000;
    assertThat(due()).isEmpty();
  }

  @Test
  void aNewOwnerGivesTenSecondsToClaimWhatAnEarlierOneSold() {
    long order = win("device:1", "k").order();
    now += 4_000;
    apply(new Owned(2, "sale-2", 8, now));
    long later = win("device:2", "k").order();

    now += CLAIM_WITHIN + 1_000;
    assertThat(due()).containsExactly(new Released(later, 1, 1, ReleaseReason.UNCLAIMED, now));
    now += 3_999;
    assertThat(due()).isEmpty();
    now += 1;
    assertThat(due()).containsExactly(new Released(order, 1, 1, ReleaseReason.UNCLAIMED, now));
  }

  @Test
  void aPaidOrderWaitsForNothingAndMayBeClaimedAtAnyTime() {
    OrderFact won = win("device:1", "k");
    say(new Pay(won.order(), text("p"), 100, "CNY"));
    now += 100 * CLAIM_WITHIN;

    assertThat(due()).isEmpty();
    OrderFact claimed = ((OrderIs) claim(won.order(), "ann", "device:1")).order();
    assertThat(claimed.status()).isEqualTo(OrderStatus.PAID);
    assertThat(claimed.payment()).isEqualTo(text("p"));
  }

  @Test
  void whatIsNeitherPaidNorClaimedExpiresOnceByWhicheverTimeComesFirst() {
    say(new Publish(item(3, 1_000, CLAIM_WITHIN), WARRANT));
    Shaken won = (Shaken) say(new Shake(3, text("device:1"), text("k"), 1));
    long order = won.order().order();
    now += CLAIM_WITHIN + 10_000;

    assertThat(due()).containsExactly(new Released(order, 3, 1, ReleaseReason.EXPIRED, now));
    assertThat(due()).isEmpty();
  }

  @Test
  void onlyWhoClaimedMayCancelFromThenOn() {
    long order = win("device:1", "k").order();
    claim(order, "ann", "device:1");

    assertRefused(new Cancel(order, text("device:1")), "already_claimed");
    assertRefused(new Cancel(order, text("bob")), "unknown_order");
    OrderFact released = ((OrderIs) say(new Cancel(order, text("ann")))).order();
    assertThat(released.status()).isEqualTo(OrderStatus.RELEASED);
    assertThat(released.claimedBy()).isEqualTo(text("ann"));
  }

  @Test
  void aClaimedOrderCountsForTheLimitOfTheSessionOfItsUserAndOfItsDevice() {
    say(new Publish(item(3, PAY_WITHIN, CLAIM_WITHIN, 2), WARRANT));
    say(new Publish(item(4, PAY_WITHIN, CLAIM_WITHIN, 2), WARRANT));
    long first = shake(3, "device:1", "k1").order().order();
    long second = shake(4, "device:1", "k2").order().order();
    long ofAnother = shake(3, "device:2", "k3").order().order();
    assertThat(shake(4, "ann", "k4").outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(claim(first, "ann", "device:1")).isInstanceOf(OrderIs.class);

    assertRefused(new Claim(second, text("ann"), text("device:1")), "limit_reached");
    assertThat(shake(4, "ann", "k5").orders()).contains(first).hasSize(2);
    assertThat(shake(4, "device:1", "k6").orders()).containsExactlyInAnyOrder(first, second);

    say(new Cancel(first, text("ann")));
    assertThat(claim(ofAnother, "ann", "device:2")).isInstanceOf(OrderIs.class);
    assertThat(shake(4, "device:1", "k7").outcome()).isEqualTo(Outcome.ACCEPTED);
  }

  private Shaken shake(long item, String user, String key) {
    return (Shaken) say(new Shake(item, text(user), text(key), 1));
  }

  @Test
  void aBlockedUserClaimsNothing() {
    long order = win("device:1", "k").order();
    say(new Steer(Steering.BLOCK_USER, 0, 0, text("ann"), WARRANT));

    assertRefused(new Claim(order, text("ann"), text("device:1")), "blocked");
    assertThat(claim(order, "bob", "device:1")).isInstanceOf(OrderIs.class);
  }

  @Test
  void claimsThatContradictTheLogEndTheEngine() {
    long order = win("device:1", "k").order();
    SaleEngine other = new SaleEngine(3, 100_000);
    log.forEach(other::apply);
    other.apply(new Claimed(order, 1, 1, text("ann"), now));

    assertThatThrownBy(() -> other.apply(new Claimed(order, 1, 1, text("bob"), now)))
        .isInstanceOf(BrokenInvariant.class)
        .hasMessageContaining("claimed again");
  }

  private static SaleItem item(long id, long payWithinMs, long claimWithinMs) {
    return item(id, payWithinMs, claimWithinMs, 0);
  }

  private static SaleItem item(long id, long payWithinMs, long claimWithinMs, int limitPerSession) {
    return Goods.item(id, 7, OPENS, OPENS + 86_400_000, 10, 2, payWithinMs)
        .limited(0, limitPerSession, claimWithinMs);
  }

  private OrderFact win(String user, String key) {
    Shaken reply = (Shaken) say(new Shake(1, text(user), text(key), 1));
    assertThat(reply.outcome()).isEqualTo(Outcome.ACCEPTED);
    return reply.order();
  }

  private Reply claim(long order, String user, String device) {
    return say(new Claim(order, text(user), text(device)));
  }

  private void assertRefused(Command command, String code) {
    Reply reply = say(command);
    assertThat(reply).isInstanceOf(Refused.class);
    assertThat(((Refused) reply).code()).isEqualTo(code);
  }

  private Reply say(Command command) {
    Decision decision = engine.decide(command, now);
    decision.events().forEach(this::apply);
    return decision.reply();
  }

  private List<SaleEvent> due() {
    List<SaleEvent> events = engine.due(now, 100);
    events.forEach(this::apply);
    return events;
  }

  private void apply(SaleEvent event) {
    engine.apply(event);
    log.add(event);
  }

  private static Bytes text(String text) {
    return Bytes.of(text);
  }
}
