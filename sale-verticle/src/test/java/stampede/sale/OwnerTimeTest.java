package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import stampede.protocol.port.Timers;

class OwnerTimeTest {
  private static final long STORE_MS = 1_800_000_000_000L;

  /** Monotonic time set by hand; timers are of no concern here. */
  private static final class HandSet implements Timers {
    private long nowMs = 5_000;

    @Override
    public long nanos() {
      return nowMs * 1_000_000;
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      throw new AssertionError("a clock sets no timers");
    }
  }

  private final HandSet timers = new HandSet();
  private final OwnerTime time = new OwnerTime(timers);
  private long storeAheadMs = STORE_MS - 5_000;

  /** Asks the store; the question and the answer take so long. */
  private boolean ask(long questionMs, long answerMs) {
    long sent = timers.nanos();
    timers.nowMs += questionMs;
    long reading = timers.nowMs + storeAheadMs;
    timers.nowMs += answerMs;
    return time.observed(reading, sent);
  }

  private long store() {
    return timers.nowMs + storeAheadMs;
  }

  @Test
  void isNotTrustedBeforeTheFirstReading() {
    assertThat(time.trusted()).isFalse();

    ask(1, 1);

    assertThat(time.trusted()).isTrue();
  }

  @Test
  void carriesTheReadingOnAndNeverGoesBehindTheLastEvent() {
    ask(1, 0);
    timers.nowMs += 700;

    assertThat(time.now(0)).isEqualTo(store());
    assertThat(time.now(store() + 90)).isEqualTo(store() + 90);
  }

  @Test
  void stepForwardIsDistrustedUntilReadingsAgreedForTenSeconds() {
    ask(1, 1);
    storeAheadMs += 600;

    assertThat(ask(1, 1)).isFalse();
    for (int i = 0; i < 19; i++) {
      timers.nowMs += 500;
      assertThat(ask(1, 1)).isTrue();
      assertThat(time.trusted()).as("after %d readings", i).isFalse();
    }
    timers.nowMs += 500;
    ask(1, 1);
    assertThat(time.trusted()).isTrue();
  }

  @Test
  void stepBackIsDistrustedToo() {
    ask(1, 1);
    timers.nowMs += 500;
    storeAheadMs -= 600;

    assertThat(ask(1, 1)).isFalse();
    assertThat(time.trusted()).isFalse();
  }

  @Test
  void anotherStepBeginsTheTenSecondsAnew() {
    ask(1, 1);
    storeAheadMs += 10_000;
    ask(1, 1);
    timers.nowMs += 9_000;
    storeAheadMs -= 10_000;
    ask(1, 1);
    timers.nowMs += 9_000;
    ask(1, 1);
    assertThat(time.trusted()).isFalse();

    timers.nowMs += 1_000;
    ask(1, 1);
    assertThat(time.trusted()).isTrue();
  }

  @Test
  void smallDriftIsFollowed() {
    ask(1, 1);
    for (int i = 0; i < 100; i++) {
      timers.nowMs += 500;
      storeAheadMs += 2;
      assertThat(ask(1, 1)).isTrue();
    }

    assertThat(time.now(0)).isBetween(store() - 5, store() + 5);
  }

  @Test
  void answerThatWasLongOnItsWayNeitherAlarmsNorSetsTheClockBack() {
    ask(1, 1);
    long before = time.now(0);

    assertThat(ask(1, 30_000)).isTrue();

    assertThat(time.now(0)).isBetween(before + 30_000, store());
    assertThat(ask(1, 1)).isTrue();
    assertThat(time.trusted()).isTrue();
  }

  @Test
  void firstAnswerThatWasLongOnItsWayIsCorrectedWithoutAnAlarm() {
    ask(1, 30_000);

    assertThat(ask(1, 1)).isTrue();

    assertThat(time.now(0)).isBetween(store() - 2, store());
    assertThat(time.trusted()).isTrue();
  }

  @Test
  void questionThatWasLongOnItsWayIsNoJump() {
    ask(1, 1);

    assertThat(ask(30_000, 1)).isTrue();

    assertThat(time.now(0)).isBetween(store() - 3, store());
  }
}
