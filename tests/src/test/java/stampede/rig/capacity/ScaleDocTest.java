package stampede.rig.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import stampede.rig.capacity.ScalePaper.Tier;

/** The paper says what the model says; rows that take too long for each build are not played. */
class ScaleDocTest {
  private static final Path DOC = Path.of("..", "docs", "scale.md");

  private final ScalePaper paper = new ScalePaper(Costs.known(), Bounds.ofProduct());

  @Test
  void costsSizesAndTheMeasuredRunAreThoseOfTheModel() throws IOException {
    String doc = Files.readString(DOC);

    assertThat(doc).contains(paper.costsTable());
    assertThat(doc).contains(paper.sizesTable());
    assertThat(doc).contains(paper.runTable());
  }

  @Test
  void thePlanHoldsAndSellsExactly() throws IOException {
    Result plan = paper.play(ScalePaper.PLAN);

    assertThat(ScalePaper.holds(plan)).isTrue();
    assertThat(plan.answeredTwice()).isZero();
    assertThat(plan.accepted()).isEqualTo(plan.decided()).isEqualTo(plan.drained());
    assertThat(Files.readString(DOC)).contains(ScalePaper.planRow(plan));
  }

  @Test
  void withARedisHalfAsFastItFails() throws IOException {
    Result half = paper.cut(Tier.REDIS, 2);

    assertThat(ScalePaper.holds(half)).isFalse();
    assertThat(Files.readString(DOC))
        .containsPattern(
            Pattern.quote(ScalePaper.rowHead(Tier.REDIS))
                + "[^|]*\\|"
                + Pattern.quote(ScalePaper.cell(half)));
  }
}
