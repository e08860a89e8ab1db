package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import stampede.rig.chaos.ChaosPlan;
import stampede.rig.chaos.ChaosReport;
import stampede.rig.chaos.ChaosRun;
import stampede.rig.chaos.FaultDone;
import stampede.rig.chaos.FaultKind;
import stampede.rig.chaos.Namespaces;

/**
 * A cluster of real processes, a crowd that does not wait, and a dozen faults: what everybody was
 * told is what is in the books. {@code -Pchaos -Dseed= -Dminutes=} runs longer.
 */
@Timeout(600)
@Isolated
class ChaosIT {
  private static final long SEED = Long.getLong("stampede.seed", 7);

  private static final List<FaultKind> DONE_ALWAYS =
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

  private static final List<FaultKind> DONE_IN_NAMESPACES =
      List.of(
          FaultKind.ISOLATE_SALE, FaultKind.MUTE_SALE, FaultKind.DEAFEN_SALE, FaultKind.PART_EDGE);

  /** A sixth or less of what a run shows on a loaded machine: a verdict on little says little. */
  private static final Map<String, Long> SEEN_MIN =
      Map.of(
          "orders", 2_000L,
          "answers by owners", 4_000L,
          "orders expired", 500L,
          "keys", 3_000L,
          "states compared", 16L,
          "asked when all was well", 1L,
          "shaken when all was well", 1L);

  @Test
  void theBooksBalanceWhateverBreaks() {
    ChaosReport report = ChaosRun.run(ChaosPlan.brief(SEED), System.out);

    assertThat(report.faults()).as(report.toText()).hasSizeGreaterThanOrEqualTo(12);
    assertThat(report.isClean()).as(report.toText()).isTrue();
    assertThat(report.faults())
        .extracting(FaultDone::kind)
        .as(report.toText())
        .containsAll(DONE_ALWAYS);
    if (Namespaces.missing().isEmpty()) {
      assertThat(report.faults())
          .extracting(FaultDone::kind)
          .as(report.toText())
          .containsAll(DONE_IN_NAMESPACES);
    }
    assertThat(tooLittle(report.verdict().checked())).as(report.toText()).isEmpty();
  }

  /** What was seen less of than {@link #SEEN_MIN} wants. */
  private static Map<String, Long> tooLittle(Map<String, Long> checked) {
    Map<String, Long> little = new HashMap<>();
    SEEN_MIN.forEach(
        (what, min) -> {
          long seen = checked.getOrDefault(what, 0L);
          if (seen < min) {
            little.put(what, seen);
          }
        });
    return little;
  }
}
