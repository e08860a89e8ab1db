package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import stampede.node.NodeProcess;

class StopTimesTest {
  private static final long SPARE_MS = 500;

  @Test
  void slowestStopOfASaleNodeFitsTheTimeItsProcessGivesIt() {
    assertThat(Leaving.MS_MAX + SaleVerticle.LATE_MS)
        .isLessThanOrEqualTo(NodeProcess.UNDEPLOY_SECONDS_MAX * 1_000 - SPARE_MS);
  }
}
