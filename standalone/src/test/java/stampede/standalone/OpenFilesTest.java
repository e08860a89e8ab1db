package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OpenFilesTest {
  private static List<String> limits(String soft) {
    return List.of(
        "Limit                     Soft Limit           Hard Limit           Units     ",
        "Max processes             62755                62755                processes ",
        "Max open files            " + soft + "                 4096                 files     ");
  }

  @Test
  void tooFewAreRefusedWithWhatToDo() {
    assertThatThrownBy(() -> OpenFiles.require(limits("1024"), 2_000))
        .isInstanceOf(EnvironmentFault.class)
        .hasMessageContaining("found 1024")
        .hasMessageContaining("at least 2300")
        .hasMessageContaining("ulimit -n 2300")
        .hasMessageContaining("--users");
  }

  @Test
  void enoughAndUnlimitedAreNot() {
    assertThatCode(() -> OpenFiles.require(limits("2300"), 2_000)).doesNotThrowAnyException();
    assertThatCode(() -> OpenFiles.require(limits("unlimited"), 2_000)).doesNotThrowAnyException();
  }

  @Test
  void ofThisProcessCanBeRead() {
    OpenFiles.require(1);

    assertThat(OpenFiles.allowed(limits("77"))).hasValue(77);
  }
}
