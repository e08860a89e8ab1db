package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeskRehearsalTest {
  @Test
  void takesShakesForAboutASecondAndTellsEveryAnswer() {
    long begin = System.nanoTime();

    int answers = DeskRehearsal.play(EdgeConfigs.limits());

    assertThat(answers).isGreaterThan(2_000);
    assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(10_000);
  }
}
