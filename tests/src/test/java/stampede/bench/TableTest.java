package stampede.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private final Table table = new Table();

  @Test
  void missedAimsAreCountedAndNamedAndFiguresWithoutAnAimAreNone() {
    table.rate("orders", 90, 100);
    table.rate("refusals", 110, 100);
    table.note("resident", "7 MB");
    table.atMost("failed shakes", 3, "", "at 10/s", 0);

    assertThat(table.verdict()).isEqualTo("3 aims, 2 missed: orders; failed shakes");
    assertThat(table.text()).contains("| orders | 90/s |  | ≥ 100/s | MISSED |");
  }

  @Test
  void aMissedAimEndsABenchWithOneOnlyWhenItIsToBeStrict() {
    table.rate("orders", 90, 100);

    assertThat(Bench.exitCode(table, List.of(), false)).isZero();
    assertThat(Bench.exitCode(table, List.of(), true)).isEqualTo(1);
  }

  @Test
  void withEveryAimReachedAStrictBenchIsContentToo() {
    table.rate("orders", 100, 100);

    assertThat(table.verdict()).isEqualTo("1 aims, 0 missed");
    assertThat(Bench.exitCode(table, List.of(), true)).isZero();
  }

  @Test
  void aPartThatFailsEndsABenchWithTwoWhateverTheOthersSay() {
    assertThat(Bench.exitCode(table, List.of("cluster"), false)).isEqualTo(2);
  }

  @Test
  void anUnknownPartIsNamedBeforeAnythingIsMeasured() {
    List<String> lines = new ArrayList<>();
    Bench bench = new Bench(Size.TINY, lines::add);

    assertThatThrownBy(() -> bench.measureAll(List.of("engine", "ships")))
        .hasMessageContaining("found [ships], wanted some of engine,drain");
    assertThat(lines).isEmpty();
  }
}
