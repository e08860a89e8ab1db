package stampede.edge.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.edge.admission.Attempts.NOW;
import static stampede.edge.admission.Rule.GO_ON;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stampede.protocol.EdgeLimit;

class RateTest {
  private final LiveLimits limits = new LiveLimits(AdmissionLimits.DEFAULTS);
  private final Attempts attempts = new Attempts();
  private int spread;
  private final Rate rate =
      new Rate(
          limits,
          EdgeLimit.USER_SHAKES_PER_MINUTE,
          EdgeLimit.USER_BURST,
          60_000,
          1_000,
          attempt -> attempt.user().hash64(),
          bound -> spread % bound);

  @Test
  void letsABurstInAndThenOneAfterAnother() {
    limit(120, 10);
    for (int i = 0; i < 10; i++) {
      assertThat(pass(NOW)).isTrue();
    }

    assertThat(rate.waitMs(attempts.make())).isEqualTo(500);
    assertThat(pass(NOW + 499)).isFalse();
    assertThat(pass(NOW + 500)).isTrue();
    assertThat(pass(NOW + 999)).isFalse();
    assertThat(pass(NOW + 1_000)).isTrue();
  }

  @Test
  void whoComesWhenToldToIsLetInWhateverTheSpread() {
    limit(90, 3);
    SplittableRandom random = new SplittableRandom(5);
    long nowMs = NOW;
    for (int i = 0; i < 1_000; i++) {
      spread = random.nextInt(500);
      long waitMs = rate.waitMs(attempts.at(nowMs).make());
      if (waitMs != GO_ON) {
        nowMs += waitMs;
      }
      assertThat(pass(nowMs)).isTrue();
    }
  }

  @Test
  void neverLetsMoreInThanTheRateAndOneBurst() {
    limit(600, 5);
    int in = 0;
    for (long nowMs = NOW; nowMs < NOW + 60_000; nowMs += 7) {
      in += pass(nowMs) ? 1 : 0;
    }

    assertThat(in).isBetween(600, 605);
  }

  @Test
  void askingAloneCostsNothing() {
    limit(60, 1);
    for (int i = 0; i < 10; i++) {
      assertThat(rate.waitMs(attempts.make())).isEqualTo(GO_ON);
    }
  }

  @Test
  void eachSubjectHasItsOwnAndZeroMeansNoLimit() {
    limit(60, 1);
    assertThat(pass(NOW)).isTrue();
    assertThat(pass(NOW)).isFalse();
    attempts.by("bob");
    assertThat(pass(NOW)).isTrue();
    limits.set(EdgeLimit.USER_SHAKES_PER_MINUTE, 0);
    for (int i = 0; i < 100; i++) {
      assertThat(pass(NOW)).isTrue();
    }
  }

  @Test
  void aLimitThatIsRaisedCountsAtOnce() {
    limit(1, 20);
    for (int i = 0; i < 20; i++) {
      assertThat(pass(NOW)).isTrue();
    }
    assertThat(rate.waitMs(attempts.make())).isEqualTo(60_000);

    limit(60, 20);
    assertThat(rate.waitMs(attempts.make())).isEqualTo(1_000);
  }

  private void limit(int perMinute, int burst) {
    limits.set(EdgeLimit.USER_SHAKES_PER_MINUTE, perMinute);
    limits.set(EdgeLimit.USER_BURST, burst);
  }

  private boolean pass(long nowMs) {
    Attempt attempt = attempts.at(nowMs).make();
    boolean in = rate.waitMs(attempt) == GO_ON;
    if (in) {
      rate.passed(attempt);
    }
    return in;
  }
}
