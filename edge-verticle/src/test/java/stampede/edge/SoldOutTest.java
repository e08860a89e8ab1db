package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import stampede.edge.SoldOut.Moment;
import stampede.protocol.Bytes;
import stampede.protocol.SoldOutQuery;
import stampede.protocol.WinnerFilter;

class SoldOutTest {
  private static final long ITEM = 1001;
  private static final int PARTITION = 3;
  private static final Bytes ANN = Bytes.of("ann");
  private static final Bytes BOB = Bytes.of("bob");

  private final SoldOut rule = new SoldOut();
  private long monotonicMs = 50_000;
  private long wallMs = 1_700_000_000_000L;

  @Test
  void refusesWhoHasNoOrderAndPassesWinnersOn() {
    shake(BOB);
    hear(10, whole(ANN));

    assertThat(refuses(BOB)).isTrue();
    assertThat(refuses(ANN)).isFalse();
  }

  @Test
  void nothingIsRefusedBeforeTheOwnerHasAnswered() {
    assertThat(refuses(BOB)).isFalse();
    assertThat(refuses(BOB)).isFalse();
  }

  @Test
  void whatWasSaidIsGoodForASecondFromWhenItWasAsked() {
    shake(BOB);
    Moment asked = now();
    pass(400);
    hear(asked, 10, whole(ANN), Long.MAX_VALUE);
    pass(599);
    assertThat(refuses(BOB)).isTrue();
    pass(1);

    assertThat(refuses(BOB)).isFalse();
  }

  @Test
  void aProcessThatWasSuspendedKnowsNothing() {
    shake(BOB);
    hear(10, whole(ANN));
    wallMs += 30_000; // the monotonic clock stood still
    assertThat(refuses(BOB)).isFalse();
    Moment asked = now();
    monotonicMs += 30_000; // the answer lay in the socket; the wall clock is set later
    hear(asked, 11, null, Long.MAX_VALUE);

    assertThat(refuses(BOB)).isFalse();
  }

  @Test
  void aWallClockThatIsSetBackCostsOneAnswerOnly() {
    shake(BOB);
    hear(10, whole(ANN));
    wallMs -= 3_600_000;
    assertThat(refuses(BOB)).isFalse();
    hear(10, null);

    assertThat(refuses(BOB)).isTrue();
  }

  @Test
  void itEndsWhenSomethingComesBackByTheTimeAlone() {
    shake(BOB);
    hear(now(), 10, whole(ANN), 200);
    pass(199);
    assertThat(refuses(BOB)).isTrue();
    pass(1);

    assertThat(refuses(BOB)).isFalse();
  }

  @Test
  void anOldFilterIsNoGoodOnceUnitsCameBackAndWereTaken() {
    shake(BOB);
    hear(10, whole(ANN));
    rule.available(ITEM, 11);
    assertThat(refuses(BOB)).isFalse(); // 12 may be his order
    hear(12, null, BOB);

    assertThat(refuses(BOB)).isFalse();
    assertThat(refuses(Bytes.of("eve"))).isTrue();
  }

  @Test
  void whoseOrderThisEdgeHasSeenIsPassedOnWhateverTheFilterSays() {
    shake(BOB);
    hear(10, whole(ANN));
    rule.ordered(ITEM, 12);
    assertThat(refuses(BOB)).isFalse();
    hear(11, null); // an answer on its way before
    assertThat(refuses(BOB)).isFalse();
    hear(12, null, BOB);

    assertThat(refuses(BOB)).isFalse();
    assertThat(refuses(Bytes.of("eve"))).isTrue();
  }

  @Test
  void newWinnersForAnotherFilterThanTheOneHereAreNotTaken() {
    shake(BOB);
    List<SoldOutQuery.Wanted> wanted = List.of(new SoldOutQuery.Wanted(ITEM, 9));
    SoldOutQuery.Item item = new SoldOutQuery.Item(ITEM, 5_000, null, new long[0]);
    rule.hear(wanted, now(), new SoldOutQuery.Answer(10, List.of(item)));

    assertThat(refuses(BOB)).isFalse();
  }

  @Test
  void asksForWhatIsShakenAndNamesWhatItKnows() {
    shake(BOB);
    assertThat(rule.wanted(PARTITION, monotonicMs))
        .containsExactly(new SoldOutQuery.Wanted(ITEM, 0));
    assertThat(rule.wanted(PARTITION + 1, monotonicMs)).isEmpty();
    hear(10, whole(ANN));
    assertThat(rule.wanted(PARTITION, monotonicMs))
        .containsExactly(new SoldOutQuery.Wanted(ITEM, 10));
    pass(SoldOut.DEMAND_MS_MAX + 1);

    assertThat(rule.wanted(PARTITION, monotonicMs)).isEmpty();
  }

  @Test
  void aFullFilterIsAskedForAnew() {
    WinnerFilter small = WinnerFilter.forUsers(1);
    for (int user = 0; !small.isFull(); user++) {
      small.add(Bytes.mix64(user));
    }
    shake(BOB);
    hear(now(), 10, small, 5_000);

    assertThat(rule.wanted(PARTITION, monotonicMs))
        .containsExactly(new SoldOutQuery.Wanted(ITEM, 0));
  }

  @Test
  void filtersAreBoundedAndUnusedOnesMakeRoom() {
    int each = WinnerFilter.forUsers(1_000_000).sizeBytes();
    long fit = SoldOut.FILTER_BYTES_MAX / each;
    for (long item = 1; item <= fit + 1; item++) {
      rule.refuses(BOB, PARTITION, item, now());
      hear(item, now(), 10, WinnerFilter.forUsers(1_000_000), 5_000);
    }
    assertThat(rule.filterBytes()).isEqualTo(fit * each);
    assertThat(rule.refuses(BOB, PARTITION, fit + 1, now())).isFalse();
    pass(61_000);
    rule.refuses(BOB, PARTITION, fit + 1, now());
    hear(fit + 1, now(), 10, WinnerFilter.forUsers(1_000_000), 5_000);

    assertThat(rule.filterBytes()).isEqualTo(each);
    assertThat(rule.refuses(BOB, PARTITION, fit + 1, now())).isTrue();
  }

  private void shake(Bytes user) {
    assertThat(refuses(user)).isFalse();
  }

  private boolean refuses(Bytes user) {
    return rule.refuses(user, PARTITION, ITEM, now());
  }

  private Moment now() {
    return new Moment(monotonicMs, wallMs);
  }

  private void pass(long ms) {
    monotonicMs += ms;
    wallMs += ms;
  }

  private static WinnerFilter whole(Bytes... users) {
    WinnerFilter filter = WinnerFilter.forUsers(users.length);
    for (Bytes user : users) {
      filter.add(user.hash64());
    }
    return filter;
  }

  private void hear(long position, @Nullable WinnerFilter whole, Bytes... added) {
    long[] hashes = List.of(added).stream().mapToLong(Bytes::hash64).toArray();
    SoldOutQuery.Item item = new SoldOutQuery.Item(ITEM, Long.MAX_VALUE, whole, hashes);
    rule.hear(
        rule.wanted(PARTITION, monotonicMs),
        now(),
        new SoldOutQuery.Answer(position, List.of(item)));
  }

  private void hear(Moment asked, long position, @Nullable WinnerFilter whole, long lastsMs) {
    hear(ITEM, asked, position, whole, lastsMs);
  }

  private void hear(
      long item, Moment asked, long position, @Nullable WinnerFilter whole, long lastsMs) {
    rule.hear(
        List.of(new SoldOutQuery.Wanted(item, whole == null ? 10 : 0)),
        asked,
        new SoldOutQuery.Answer(
            position, List.of(new SoldOutQuery.Item(item, lastsMs, whole, new long[0]))));
  }
}
