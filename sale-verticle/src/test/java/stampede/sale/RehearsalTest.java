package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RehearsalTest {
  @Test
  void sellsForAboutASecondAndAnswersEverything() {
    long begin = System.nanoTime();

    Rehearsal.Played played = Rehearsal.playAgain();

    assertThat(played.takenOver()).isGreaterThan(0);
    assertThat(played.answers()).isEqualTo(played.shakes()).isGreaterThan(100);
    assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(30_000);
  }
}
