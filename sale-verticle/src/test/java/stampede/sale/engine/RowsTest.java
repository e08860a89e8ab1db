package stampede.sale.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RowsTest {
  @Test
  void keepsWhatWasWrittenWhileItGrows() {
    Rows rows = new Rows(3);
    int count = 50_000;

    for (int row = 0; row < count; row++) {
      rows.reserve(row);
      assertThat(rows.get(row, 0) | rows.get(row, 1) | rows.get(row, 2)).isZero();
      rows.set(row, 0, -row);
      rows.set(row, 2, (long) row << 33);
    }

    for (int row = 0; row < count; row++) {
      assertThat(rows.get(row, 0)).isEqualTo(-row);
      assertThat(rows.get(row, 1)).isZero();
      assertThat(rows.get(row, 2)).isEqualTo((long) row << 33);
    }
  }

  @Test
  void changesOneHalfAndLeavesTheOther() {
    Rows rows = new Rows(1);
    rows.set(0, 0, Rows.pair(-1, -1));

    rows.setUpper(0, 0, 7);
    assertThat(rows.upper(0, 0)).isEqualTo(7);
    assertThat(rows.lower(0, 0)).isEqualTo(-1);

    rows.setLower(0, 0, Integer.MIN_VALUE);
    assertThat(rows.upper(0, 0)).isEqualTo(7);
    assertThat(rows.lower(0, 0)).isEqualTo(Integer.MIN_VALUE);

    rows.setUpper(0, 0, -1);
    assertThat(rows.lower(0, 0)).isEqualTo(Integer.MIN_VALUE);
  }
}
