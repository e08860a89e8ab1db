package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import stampede.rig.chaos.ChaosPlan;
import stampede.rig.chaos.ChaosReport;
import stampede.rig.chaos.ChaosRun;

/**
 * A cluster of real processes, a crowd that does not wait, and a dozen faults: what everybody was
 * told is what is in the books. {@code -Pchaos -Dseed= -Dminutes=} runs longer.
 */
@Timeout(420)
@Isolated
class ChaosIT {
  private static final long SEED = Long.getLong("stampede.seed", 7);

  private static final long STATES_MIN = 16;

  @Test
  void theBooksBalanceWhateverBreaks() {
    ChaosReport report = ChaosRun.run(ChaosPlan.brief(SEED), System.out);

    assertThat(report.faults()).as(report.toText()).hasSizeGreaterThanOrEqualTo(12);
    assertThat(report.isClean()).as(report.toText()).isTrue();
    assertThat(report.verdict().checked().get("states compared"))
        .as("states of live owners, held against a new fold of their logs")
        .isGreaterThanOrEqualTo(STATES_MIN);
  }
}
