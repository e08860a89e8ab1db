package stampede.rig.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The paper says what the model says. */
class ScaleDocTest {
  private static final Path DOC = Path.of("..", "docs", "scale.md");

  private final ScalePaper paper = new ScalePaper(Costs.known(), Bounds.ofProduct());

  @Test
  void everyTableOfThePaperIsTheModels() throws IOException {
    String doc = Files.readString(DOC);

    assertThat(doc).contains(paper.costsTable());
    assertThat(doc).contains(paper.sizesTable());
    assertThat(doc).contains(paper.runTable());
    assertThat(doc).contains(paper.casesTable());
  }

  @Test
  void thePlanHoldsAndHalfOfWhatBreaksFirstDoesNot() {
    Result plan = paper.play(ScalePaper.PLAN);
    Result halved = paper.play(ScalePaper.HALF_OF_THE_SALES);

    assertThat(ScalePaper.holds(plan)).isTrue();
    assertThat(plan.answeredTwice()).isZero();
    assertThat(plan.accepted()).isEqualTo(plan.decided()).isEqualTo(plan.drained());
    assertThat(ScalePaper.holds(halved)).isFalse();
    assertThat(halved.timeouts())
        .as("messages that owners answer too late, and edges send again")
        .isGreaterThan(4 * plan.timeouts());
  }
}
