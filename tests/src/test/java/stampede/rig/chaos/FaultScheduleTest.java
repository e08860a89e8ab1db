package stampede.rig.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultScheduleTest {
  private static final List<FaultKind> HAND =
      List.of(
          FaultKind.KILL_SALE,
          FaultKind.KILL_REDIS,
          FaultKind.KILL_MYSQL,
          FaultKind.KILL_EDGE,
          FaultKind.KILL_PERSIST,
          FaultKind.FREEZE_SALE,
          FaultKind.FREEZE_REDIS,
          FaultKind.ROLL_SALES,
          FaultKind.SCALE_SALES);

  @Test
  void whateverTheSeedARunOfAnyLengthHasTheHand() {
    for (long seed = 0; seed < 500; seed++) {
      assertThat(kinds(seed, 1_000)).as("seed %d", seed).containsAll(HAND);
      assertThat(kinds(seed, 62_000)).as("seed %d", seed).containsAll(HAND);
    }
  }

  @Test
  void whileSaleNodesRollNoneOfThemIsHit() {
    for (long seed = 0; seed < 500; seed++) {
      List<FaultKind> kinds = kinds(seed, 1_000);
      int roll = kinds.indexOf(FaultKind.ROLL_SALES);
      int last = 0;
      for (FaultKind each : HAND) {
        last = Math.max(last, kinds.indexOf(each));
      }
      assertThat(kinds.subList(roll + 1, last + 1))
          .as("seed %d", seed)
          .noneMatch(kind -> kind.target == FaultKind.Target.SALE);
    }
  }

  @Test
  void aSeedDrawsTheSameAgainAndAnotherOneSomethingElse() {
    assertThat(kinds(7, 62_000)).isEqualTo(kinds(7, 62_000)).isNotEqualTo(kinds(8, 62_000));
  }

  private static List<FaultKind> kinds(long seed, long lengthMs) {
    List<FaultKind> kinds = new ArrayList<>();
    FaultSchedule.draw(seed, lengthMs, 4_000, 8_000, Arrays.asList(FaultKind.values()))
        .forEach(fault -> kinds.add(fault.kind()));
    return kinds;
  }
}
