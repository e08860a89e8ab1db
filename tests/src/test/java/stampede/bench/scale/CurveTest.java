package stampede.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CurveTest {
  @Test
  void growthIsTheLargestRiseFromAPointToALaterOneWhereverItBegins() {
    Curve curve = curve("edge", 4, 2, 3, 5, 4);

    assertThat(curve.growth("edge")).isCloseTo(2.5, within(1e-9));
  }

  @Test
  void whatOnlyFallsDoesNotGrow() {
    assertThat(curve("edge", 9, 7, 4).growth("edge")).isEqualTo(1);
  }

  @Test
  void aPointIsTheMedianOfItsSamples() {
    Curve curve = curve("edge", 2, 2);
    curve.add("edge", 1, 100);
    curve.add("edge", 1, 3);

    assertThat(curve.micros("edge", 1)).isEqualTo(3);
    assertThat(curve.growth("edge")).isEqualTo(1.5);
  }

  @Test
  void aLineWithAFloorIsJudgedByHowManyTimesTheFloorItIs() {
    Curve curve = new Curve("n", "t", "sockets", 1, 10).shown("echo").line("edge", "echo");
    curve.add("echo", 0, 10);
    curve.add("edge", 0, 20);
    curve.add("echo", 1, 30);
    curve.add("edge", 1, 66);

    assertThat(curve.growth("edge")).isCloseTo(1.1, within(1e-9));
    assertThat(curve.judged()).containsExactly("edge");
    assertThat(curve.text())
        .contains("| sockets | echo, µs | edge, µs | of echo | |")
        .contains("| 10 | 30.0 | 66.0 | 2.20 × |  |");
  }

  @Test
  void moreGrowthThanAllowedNeedsAReasonAndOneThatIsKnownHasItsOwnBound() {
    Curve unknown = curve("edge", 1, 1.6);
    Curve known = curve("edge", 1, 1.6).mayGrow("edge", 2, "memory is far away");
    Curve worse = curve("edge", 1, 2.1).mayGrow("edge", 2, "memory is far away");

    assertThat(unknown.verdict("edge")).contains("1.60 ×").contains("a reason is needed");
    assertThat(known.verdict("edge")).endsWith("memory is far away");
    assertThat(worse.verdict("edge")).contains("a reason is needed");
    assertThat(curve("edge", 1, 1.5).verdict("edge")).isEmpty();
  }

  @Test
  void aCurveIsWalkedUpAndDown() {
    assertThat(curve("edge", 1, 1, 1).upAndDown()).containsExactly(0, 1, 2, 2, 1, 0);
  }

  @Test
  void aCostOfNothingIsAMistakeOfTheRig() {
    Curve curve = new Curve("n", "t", "sockets", 1).line("edge");

    assertThatThrownBy(() -> curve.add("edge", 0, 0)).hasMessageContaining("costs 0");
    assertThatThrownBy(() -> curve.add("edge", 0, Double.NaN)).hasMessageContaining("NaN");
  }

  private static Curve curve(String line, double... micros) {
    long[] xs = new long[micros.length];
    for (int i = 0; i < xs.length; i++) {
      xs[i] = (long) Math.pow(10, i);
    }
    Curve curve = new Curve("n", "t", "sockets", xs).line(line);
    for (int i = 0; i < xs.length; i++) {
      curve.add(line, i, micros[i]);
    }
    return curve;
  }
}
