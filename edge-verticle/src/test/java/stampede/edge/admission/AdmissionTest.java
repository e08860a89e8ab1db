package stampede.edge.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.edge.admission.Attempts.NOW;

import org.junit.jupiter.api.Test;
import stampede.protocol.EdgeLimit;
import stampede.protocol.ItemState;
import stampede.protocol.Outcome;

/** The order of the questions, and that refusals cost nothing. */
class AdmissionTest {
  private final LiveLimits limits = new LiveLimits(AdmissionLimits.DEFAULTS);
  private boolean soldOut;
  private final Admission admission =
      new Admission(limits, attempt -> soldOut, 1_000, 1_000, 1_000, bound -> 0);
  private final Attempts attempts = new Attempts();

  @Test
  void asksTheCheapestFirst() {
    attempts.at(NOW - 10_000);
    attempts.state = ItemState.PAUSED;
    attempts.cooldownMs = 60_000;
    attempts.gate = 0;
    limits.set(EdgeLimit.USER_BURST, 1);
    limits.set(EdgeLimit.ADDRESS_BURST, 1);
    limits.set(EdgeLimit.NODE_BURST, 1);
    limits.set(EdgeLimit.USER_SHAKES_PER_MINUTE, 1);
    limits.set(EdgeLimit.ADDRESS_SHAKES_PER_SECOND, 1);
    limits.set(EdgeLimit.NODE_SHAKES_PER_SECOND, 1);
    admission.passed(attempts.at(NOW).make());
    admission.toldBlocked(attempts.user, NOW - 10_000);

    assertThat(step(NOW - 9_000)).isEqualTo(Step.BLOCKED);
    assertThat(step(NOW - 7_000)).isEqualTo(Step.WINDOW);
    assertThat(step(NOW)).isEqualTo(Step.PAUSED);
    attempts.state = ItemState.OPEN;
    soldOut = true;
    assertThat(step(NOW)).isEqualTo(Step.SOLD_OUT);
    soldOut = false;
    assertThat(step(NOW)).isEqualTo(Step.COOLDOWN);
    attempts.cooldownMs = 0;
    assertThat(step(NOW)).isEqualTo(Step.GATE);
    attempts.gate = 1_000_000;
    assertThat(step(NOW)).isEqualTo(Step.USER_RATE);
    limits.set(EdgeLimit.USER_SHAKES_PER_MINUTE, 0);
    assertThat(step(NOW)).isEqualTo(Step.ADDRESS_RATE);
    attempts.network = 0;
    assertThat(step(NOW)).isEqualTo(Step.NODE_RATE);
    assertThat(admission.refusal(attempts.at(NOW + 1_000).make())).isNull();
  }

  @Test
  void whoTapsTooEarlyOrMissesLosesNothing() {
    attempts.cooldownMs = 60_000;
    limits.set(EdgeLimit.USER_BURST, 1);
    for (int i = 0; i < 100; i++) {
      assertThat(step(NOW - 10_000 + i)).isEqualTo(Step.WINDOW);
    }
    attempts.gate = 0;
    for (int i = 0; i < 100; i++) {
      assertThat(step(NOW + i)).isEqualTo(Step.GATE);
    }

    attempts.gate = 1_000_000;
    assertThat(admission.refusal(attempts.make())).isNull();
  }

  @Test
  void repeatsBlockedForAFewSecondsOfThisUserOnly() {
    admission.toldBlocked(attempts.user, NOW);

    assertThat(admission.refusal(attempts.at(NOW + 2_999).make()))
        .isEqualTo(new Refusal(Step.BLOCKED, 0));
    assertThat(admission.refusal(attempts.at(NOW + 3_000).make())).isNull();
    assertThat(admission.refusal(attempts.by("bob").at(NOW + 1).make())).isNull();
    admission.unblocked(attempts.by("ann").user);
    assertThat(admission.refusal(attempts.at(NOW + 1).make())).isNull();
    assertThat(Step.BLOCKED.outcome()).isEqualTo(Outcome.BLOCKED);
  }

  @Test
  void whoIsNotLimitedByAddressIsLetInWhateverTheAddressLimitsAre() {
    limits.set(EdgeLimit.ADDRESS_SHAKES_PER_SECOND, 1);
    limits.set(EdgeLimit.ADDRESS_BURST, 1);
    attempts.network = 0;
    for (int i = 0; i < 20; i++) {
      assertThat(admission.refusal(attempts.by("u" + i).make())).isNull();
      admission.passed(attempts.make());
    }
  }

  @Test
  void theLiveValueCountsAndAnImpossibleOneIsTheConfigAgain() {
    limits.set(EdgeLimit.USER_BURST, 7);
    assertThat(limits.of(EdgeLimit.USER_BURST)).isEqualTo(7);
    assertThat(limits.configured(EdgeLimit.USER_BURST)).isEqualTo(50);

    limits.set(EdgeLimit.USER_BURST, -1);
    assertThat(limits.of(EdgeLimit.USER_BURST)).isEqualTo(50);
  }

  private Step step(long nowMs) {
    Refusal refusal = admission.refusal(attempts.at(nowMs).make());
    assertThat(refusal).isNotNull();
    return refusal.step();
  }
}
