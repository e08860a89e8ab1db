package stampede.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import stampede.rig.sim.Mistake;
import stampede.rig.sim.SmallWorld;
import stampede.rig.sim.Violation;

/** {@code -DsmallWorldFaults=N}: up to N faults a schedule; 3 take a hundred times as long as 1. */
class SmallWorldTest {
  private static final int FAULTS_DEFAULT = 2;
  private static final long SCHEDULES_MIN = 10_000;

  @Test
  void everyScheduleOfTwoNodesAndThreeCommandsEndsWell() {
    int faults = Integer.getInteger("smallWorldFaults", FAULTS_DEFAULT);

    long begun = System.nanoTime();
    long schedules = SmallWorld.all(faults, () -> Mistake.NONE);

    System.out.printf(
        "small world: all %,d schedules with up to %d faults end well, in %.1f s%n",
        schedules, faults, (System.nanoTime() - begun) / 1e9);
    assertThat(schedules).isGreaterThan(SCHEDULES_MIN);
  }

  @Test
  void aPlantedBugHasAScheduleThatEndsBadly() {
    assertThat(badEnd(JournalMistakes::neitherEpochNorPositionChecked)).contains("schedule [");
    assertThat(badEnd(JournalMistakes::positionNotCompared)).contains("schedule [");
    assertThat(badEnd(JournalMistakes::duplicateTreatedAsGap)).contains("schedule [");
    assertThat(badEnd(JournalMistakes::replyBeforeDurable)).contains("schedule [");
    assertThat(badEnd(JournalMistakes::boundKeysNotRebuilt)).contains("schedule [");
  }

  private static String badEnd(Supplier<Mistake> mistake) {
    Violation found =
        catchThrowableOfType(Violation.class, () -> SmallWorld.all(FAULTS_DEFAULT, mistake));
    return found == null ? "all schedules ended well" : String.valueOf(found.getMessage());
  }
}
