package stampede.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WinnerFilterTest {
  private static final int USERS = 1_000_000;

  private static long user(long number) {
    return Bytes.of("user-" + number).hash64();
  }

  private static double wrong(WinnerFilter filter) {
    int wrong = 0;
    for (int i = 0; i < 200_000; i++) {
      wrong += filter.mayContain(user(10_000_000 + i)) ? 1 : 0;
    }
    return wrong / 200_000.0;
  }

  @Test
  void aMillionWinnersAreAllFoundInOneAndAHalfMegabytesAndFewOthers() {
    WinnerFilter filter = WinnerFilter.forUsers(USERS);
    for (int i = 0; i < USERS; i++) {
      filter.add(user(i));
    }
    for (int i = 0; i < USERS; i++) {
      assertThat(filter.mayContain(user(i))).isTrue();
    }

    assertThat(filter.sizeBytes()).isLessThanOrEqualTo(1_500_000);
    assertThat(wrong(filter)).isBetween(0.001, 0.004);
    for (int i = USERS; !filter.isFull(); i++) {
      filter.add(user(i));
    }
    assertThat(wrong(filter)).isBetween(0.004, 0.010);
  }

  @Test
  void comesBackWithEverybodyInItAndGoesOnGrowing() {
    WinnerFilter filter = WinnerFilter.forUsers(3);
    filter.add(user(1));
    SoldOutQuery.Item item = new SoldOutQuery.Item(1001, 7, filter, new long[] {-1, 5});
    SoldOutQuery.Answer answer = new SoldOutQuery.Answer(9, List.of(item));

    SoldOutQuery.Answer back = SoldOutQuery.Answer.decode(answer.encode());
    WinnerFilter whole = back.items().get(0).whole();
    whole.add(user(2));

    assertThat(back.position()).isEqualTo(9);
    assertThat(back.items().get(0).lastsMs()).isEqualTo(7);
    assertThat(back.items().get(0).added()).containsExactly(-1, 5);
    assertThat(whole.mayContain(user(1))).isTrue();
    assertThat(whole.mayContain(user(2))).isTrue();
    assertThat(whole.mayContain(user(3))).isFalse();
  }

  @Test
  void questionsComeBackToo() {
    SoldOutQuery query = new SoldOutQuery(15, List.of(new SoldOutQuery.Wanted(1001, 1L << 43)));

    assertThat(SoldOutQuery.decode(query.encode())).isEqualTo(query);
  }
}
