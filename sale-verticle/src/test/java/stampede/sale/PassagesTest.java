package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import stampede.protocol.Passage;

class PassagesTest {
  private static final long EDGE = 7;
  private final Passages passages = new Passages();

  @Test
  void takesAMessageOnce() {
    assertThat(take(1, 1)).isTrue();
    assertThat(take(1, 1)).isFalse();
    assertThat(take(2, 1)).isTrue();
    assertThat(take(2, 1)).isFalse();
  }

  @Test
  void takesNoneThatALaterOneNoLongerWaitsFor() {
    assertThat(take(5, 4)).isTrue();

    assertThat(take(3, 1)).isFalse();
    assertThat(take(4, 1)).isTrue();
  }

  @Test
  void overtakenMessagesThatAreWaitedForAreTaken() {
    assertThat(take(3, 1)).isTrue();
    assertThat(take(1, 1)).isTrue();
    assertThat(take(2, 1)).isTrue();
  }

  @Test
  void edgesDoNotDisturbOneAnother() {
    assertThat(take(5, 5)).isTrue();

    assertThat(passages.take(new Passage(EDGE + 1, 1, 1))).isTrue();
  }

  @Test
  void whatIsOfNobodyIsTakenAlways() {
    assertThat(passages.take(Passage.NONE)).isTrue();
    assertThat(passages.take(Passage.NONE)).isTrue();
  }

  @Test
  void ofMoreThanItRemembersTheOldestAreRefused() {
    for (long number = 2; number <= Passages.TAKEN_MAX + 2; number++) {
      assertThat(take(number, 1)).isTrue();
    }

    assertThat(take(1, 1)).isFalse();
    assertThat(take(2, 1)).isFalse();
    assertThat(take(Passages.TAKEN_MAX + 3, 1)).isTrue();
  }

  @Test
  void theEdgesHeardLastAreRemembered() {
    assertThat(take(1, 1)).isTrue();
    for (int i = 1; i < Passages.EDGES_MAX; i++) {
      passages.take(new Passage(EDGE + i, 1, 1));
    }
    assertThat(take(1, 1)).isFalse();

    passages.take(new Passage(EDGE + Passages.EDGES_MAX, 1, 1));

    assertThat(take(1, 1)).isFalse();
    assertThat(passages.take(new Passage(EDGE + 1, 1, 1))).isTrue();
  }

  private boolean take(long number, long floor) {
    return passages.take(new Passage(EDGE, number, floor));
  }
}
