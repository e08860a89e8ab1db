package stampede.edge.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.edge.EdgeConfigs;
import stampede.edge.VirtualTimers;
import stampede.protocol.EdgeLimit;

/** The slow lane and the lines of the items. */
class LinesTest {
  private static final long HOT = 1;
  private static final long COOL = 2;

  private final LiveLimits limits = new LiveLimits(EdgeConfigs.limits());
  private final VirtualTimers clock = new VirtualTimers();
  private final List<Place> passed = new ArrayList<>();
  private final List<Long> gaveUp = new ArrayList<>();
  private final ItemQueues queues =
      new ItemQueues(
          limits, clock, 10, passed::add, (place, retryAfterMs) -> gaveUp.add(retryAfterMs));
  private final SlowLane lane = new SlowLane(limits, clock, passed::add);

  private static final class Shake extends Place {
    Shake(long item, long nowMs) {
      super(item, nowMs);
    }
  }

  @Test
  void aHotItemWaitsInItsOwnLineAndAnotherGoesOn() {
    limits.set(EdgeLimit.ITEM_IN_FLIGHT_MAX, 2);
    Place third = null;
    for (int i = 0; i < 5; i++) {
      Place place = shake(HOT);
      third = i == 2 ? place : third;
    }
    assertThat(passed).hasSize(2);
    shake(COOL);

    assertThat(passed).hasSize(3);
    assertThat(queues.waiting()).isEqualTo(3);
    assertThat(queues.ahead(third)).isEqualTo(2);
  }

  @Test
  void everyAnswerLetsTheNextOnInOrder() {
    limits.set(EdgeLimit.ITEM_IN_FLIGHT_MAX, 1);
    Place first = shake(HOT);
    Place second = shake(HOT);
    Place third = shake(HOT);
    assertThat(queues.ahead(third)).isEqualTo(2);
    queues.answered(first);
    assertThat(queues.ahead(third)).isEqualTo(1);
    queues.answered(second);
    queues.answered(third);

    assertThat(passed).containsExactly(first, second, third);
    assertThat(queues.ahead(third)).isZero();
    assertThat(queues.waiting()).isZero();
  }

  @Test
  void anAnswerWithinTheCallNeedsNoStack() {
    limits.set(EdgeLimit.ITEM_IN_FLIGHT_MAX, 1);
    limits.set(EdgeLimit.ITEM_QUEUE_MAX, 100_000);
    ItemQueues[] self = new ItemQueues[1];
    boolean[] down = {false};
    self[0] =
        new ItemQueues(
            limits,
            clock,
            100_000,
            place -> {
              passed.add(place);
              if (down[0]) {
                self[0].answered(place);
              }
            },
            (place, retryAfterMs) -> {});
    for (int i = 0; i < 50_000; i++) {
      self[0].enter(new Shake(HOT, clock.millis()));
    }
    down[0] = true;
    self[0].answered(passed.get(0));

    assertThat(passed).hasSize(50_000);
    assertThat(self[0].waiting()).isZero();
  }

  @Test
  void aFullLineAndAFullEdgeSayWhenToComeAgain() {
    limits.set(EdgeLimit.ITEM_IN_FLIGHT_MAX, 1);
    limits.set(EdgeLimit.ITEM_QUEUE_MAX, 3);
    for (int i = 0; i < 4; i++) {
      assertThat(queues.waitMs(HOT, clock.millis())).isEqualTo(Rule.GO_ON);
      shake(HOT);
    }
    assertThat(queues.waitMs(HOT, clock.millis())).isGreaterThanOrEqualTo(500);

    limits.set(EdgeLimit.ITEM_QUEUE_MAX, 100);
    for (int i = 0; i < 7; i++) {
      shake(HOT);
    }
    assertThat(queues.waitMs(HOT, clock.millis())).isGreaterThanOrEqualTo(500);
    assertThat(queues.waitMs(COOL, clock.millis())).as("has credit").isEqualTo(Rule.GO_ON);
  }

  @Test
  void nobodyWaitsForLongInALine() {
    limits.set(EdgeLimit.ITEM_IN_FLIGHT_MAX, 1);
    shake(HOT);
    shake(HOT);
    clock.advance(ItemQueues.WAIT_MS_MAX - 200);
    assertThat(gaveUp).isEmpty();
    clock.advance(400);

    assertThat(gaveUp).hasSize(1);
    assertThat(gaveUp.get(0)).isGreaterThanOrEqualTo(500);
    assertThat(queues.waiting()).isZero();
    assertThat(passed).hasSize(1);
  }

  @Test
  void aSuspectIsLetOnAfterTheDelayAndNotEarlier() {
    Place place = new Shake(HOT, clock.millis());
    lane.enter(place);
    assertThat(lane.ahead(place)).isEqualTo(1);
    assertThat(lane.etaMs(place)).isEqualTo(1_000);
    clock.advance(999);
    assertThat(passed).isEmpty();
    clock.advance(1);

    assertThat(passed).containsExactly(place);
    assertThat(lane.ahead(place)).isZero();
  }

  @Test
  void suspectsKeepTheirOrderWhenTheDelayIsShortened() {
    Place first = new Shake(HOT, clock.millis());
    Place second = new Shake(HOT, clock.millis());
    lane.enter(first);
    limits.set(EdgeLimit.SLOW_LANE_DELAY_MS, 10);
    lane.enter(second);
    clock.advance(1_000);

    assertThat(passed).containsExactly(first, second);
  }

  @Test
  void theSlowLaneIsBounded() {
    limits.set(EdgeLimit.SLOW_LANE_MAX, 2);
    lane.enter(new Shake(HOT, clock.millis()));
    assertThat(lane.waitMs(clock.millis())).isEqualTo(Rule.GO_ON);
    lane.enter(new Shake(HOT, clock.millis()));
    assertThat(lane.waitMs(clock.millis())).isEqualTo(1_000);
  }

  private Place shake(long item) {
    Place place = new Shake(item, clock.millis());
    queues.enter(place);
    return place;
  }
}
