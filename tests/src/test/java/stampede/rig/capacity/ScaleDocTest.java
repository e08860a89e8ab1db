package stampede.rig.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import stampede.rig.capacity.ScalePaper.Tier;

/** The paper says what the model says. */
class ScaleDocTest {
  private static final Path DOC = Path.of("..", "docs", "scale.md");

  private final ScalePaper paper = new ScalePaper(Costs.known(), Bounds.ofProduct());

  @Test
  void theTablesOfThePaperAreTheModels() throws IOException {
    String doc = Files.readString(DOC);

    assertThat(doc).contains(paper.costsTable());
    assertThat(doc).contains(paper.sizesTable());
    assertThat(doc).contains(paper.runTable());
    assertThat(doc).contains(paper.casesTable());
    assertThat(doc).contains(paper.cutsRow(Tier.REDIS)); // all rows take too long for each build
  }

  @Test
  void thePlanHoldsAndNotWithAThirdOfItsSaleNodes() {
    Result plan = paper.play(ScalePaper.PLAN);

    assertThat(ScalePaper.holds(plan)).isTrue();
    assertThat(plan.answeredTwice()).isZero();
    assertThat(plan.accepted()).isEqualTo(plan.decided()).isEqualTo(plan.drained());
    assertThat(ScalePaper.holds(paper.cut(Tier.SALES, 3))).isFalse();
  }
}
