package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RehearsalTest {
  @Test
  void drainsForAboutASecondAndMakesTheSqlOfIt() {
    long begin = System.nanoTime();

    Rehearsal.Played played = Rehearsal.play();

    assertThat(played.events()).isGreaterThan(200);
    assertThat(played.sqlChars()).as("a row an event, about").isGreaterThan(50 * played.events());
    assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(30_000);
  }
}
