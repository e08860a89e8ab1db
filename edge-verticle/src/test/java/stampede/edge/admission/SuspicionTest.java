package stampede.edge.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.edge.admission.Attempts.ITEM;
import static stampede.edge.admission.Attempts.NOW;

import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.EdgeLimit;

/** What is taken for a machine, and above all what is not. */
class SuspicionTest {
  private static final String LONG_KEY = "5f1d6c0e-8a34-4f7b-9d21";

  private final LiveLimits limits = new LiveLimits(AdmissionLimits.DEFAULTS);
  private final HumanGap gap = new HumanGap(limits, 1_000);
  private final SharedKeys keys = new SharedKeys(limits, 1_000);
  private final AddressCrowds crowds = new AddressCrowds(limits, 4);
  private final Attempts attempts = new Attempts();

  @Test
  void whoMeetsOneOpeningOrTwoIsAPersonWhoCountsDown() {
    for (int i = 0; i < 5; i++) {
      assertThat(gap.suspects(attempts.item(ITEM).key("k" + i).at(NOW + i).make())).isFalse();
    }
    assertThat(gap.suspects(attempts.item(ITEM + 1).make())).isFalse();
  }

  @Test
  void whoMeetsThreeOpeningsIsAMachineForAWhile() {
    assertThat(gap.suspects(attempts.item(ITEM).make())).isFalse();
    assertThat(gap.suspects(attempts.item(ITEM + 1).make())).isFalse();
    assertThat(gap.suspects(attempts.item(ITEM + 2).make())).isTrue();

    long later = NOW + 100_000;
    assertThat(gap.suspects(attempts.item(ITEM + 3).at(later).make())).isTrue();
    assertThat(gap.suspects(attempts.by("bob").make())).isFalse();
    attempts.by("ann").at(NOW + HumanGap.FORGOTTEN_AFTER_MS + 100_000);
    assertThat(gap.suspects(attempts.make())).isFalse();
  }

  @Test
  void aKeyThatWasToldNotOpenAndComesAtTheOpeningIsNoSign() {
    for (int item = 0; item < 10; item++) {
      Bytes key = Bytes.of("early-" + item);
      gap.toldNotOpen(attempts.user, ITEM + item, key, NOW - 3_000);
      attempts.item(ITEM + item).key(key.utf8()).at(NOW);

      assertThat(gap.suspects(attempts.make())).isFalse();
    }
  }

  @Test
  void whoComesAfterAHumanGapIsNotCounted() {
    for (int item = 0; item < 10; item++) {
      assertThat(gap.suspects(attempts.item(ITEM + item).at(NOW + 50).make())).isFalse();
    }
  }

  @Test
  void theGapIsNotAskedWithoutTheOwnersTimeOrWhenSwitchedOff() {
    limits.set(EdgeLimit.HUMAN_GAP_ITEMS, 1);
    attempts.ownerHeard = false;
    assertThat(gap.suspects(attempts.make())).isFalse();
    attempts.ownerHeard = true;
    limits.set(EdgeLimit.HUMAN_GAP_MS, 0);
    assertThat(gap.suspects(attempts.make())).isFalse();
    limits.set(EdgeLimit.HUMAN_GAP_MS, 50);
    assertThat(gap.suspects(attempts.make())).isTrue();
  }

  @Test
  void aLongKeyOfTwoUsersWasCopied() {
    attempts.key(LONG_KEY);
    assertThat(keys.suspects(attempts.by("ann").make())).isFalse();
    assertThat(keys.suspects(attempts.by("ann").at(NOW + 9).make())).isFalse();
    assertThat(keys.suspects(attempts.by("bob").make())).isTrue();
    assertThat(keys.suspects(attempts.by("ann").make())).isFalse();
  }

  @Test
  void aShortKeyOfTwoUsersIsACounter() {
    attempts.key("k-1");
    for (int user = 0; user < 10; user++) {
      assertThat(keys.suspects(attempts.by("u" + user).make())).isFalse();
    }
  }

  @Test
  void aKeyIsForgottenAfterAWhile() {
    attempts.key(LONG_KEY);
    assertThat(keys.suspects(attempts.by("ann").make())).isFalse();

    attempts.at(NOW + SharedKeys.FORGOTTEN_AFTER_MS);
    assertThat(keys.suspects(attempts.by("bob").make())).isFalse();
  }

  @Test
  void anAddressIsCrowdedOnlyWhenAnOperatorSaysFromHowManyOn() {
    assertThat(firstSuspectOf(2_000, NOW)).isEqualTo(-1);

    limits.set(EdgeLimit.ADDRESS_USERS, 500);
    assertThat(firstSuspectOf(2_000, NOW)).isBetween(470, 530);
    assertThat(crowds.suspects(attempts.by("next").at(NOW + 61_000).make())).isTrue();
    assertThat(crowds.suspects(attempts.at(NOW + 182_000).make())).isFalse();
  }

  @Test
  void oneUserAloneAndWhoHasNoAddressAreNoCrowd() {
    limits.set(EdgeLimit.ADDRESS_USERS, 3);
    for (int i = 0; i < 100; i++) {
      assertThat(crowds.suspects(attempts.by("ann").make())).isFalse();
    }
    attempts.network = 0;
    assertThat(firstSuspectOf(100, NOW)).isEqualTo(-1);
  }

  @Test
  void addressesAreRememberedOfABoundedNumber() {
    limits.set(EdgeLimit.ADDRESS_USERS, 3);
    for (int i = 1; i <= 100; i++) {
      attempts.network = i;
      crowds.suspects(attempts.make());
    }

    assertThat(crowds.size()).isEqualTo(4);
  }

  private int firstSuspectOf(int users, long nowMs) {
    for (int user = 0; user < users; user++) {
      if (crowds.suspects(attempts.by("u" + user).at(nowMs).make())) {
        return user;
      }
    }
    return -1;
  }
}
