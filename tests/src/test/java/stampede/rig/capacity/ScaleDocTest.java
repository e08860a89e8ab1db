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
}
