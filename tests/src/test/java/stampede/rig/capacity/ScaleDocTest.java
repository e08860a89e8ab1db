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
  }

  /** The other rows take too long for each build; {@code -Pcapacity} prints them all. */
  @Test
  void redisBreaksBetweenTwoThirdsAndHalfOfItsSpeed() throws IOException {
    Result most = paper.cut(Tier.REDIS, 1.5);
    Result half = paper.cut(Tier.REDIS, 2);

    assertThat(ScalePaper.holds(most)).isTrue();
    assertThat(ScalePaper.holds(half)).isFalse();
    assertThat(Files.readString(DOC))
        .contains(ScalePaper.rowHead(Tier.REDIS) + ScalePaper.cell(most) + ScalePaper.cell(half));
  }

  @Test
  void thePlanHoldsAndSellsExactly() {
    Result plan = paper.play(ScalePaper.PLAN);

    assertThat(ScalePaper.holds(plan)).isTrue();
    assertThat(plan.answeredTwice()).isZero();
    assertThat(plan.accepted()).isEqualTo(plan.decided()).isEqualTo(plan.drained());
  }
}
