package stampede.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.Steering;
import stampede.rig.check.Checker;
import stampede.rig.check.Dump;
import stampede.rig.check.Key;
import stampede.rig.check.Mark;
import stampede.rig.check.Report;

/** Where nothing is wrong nothing is found, however strange it looks. */
class GoodRunsTest {
  private final Tale tale = new Tale();

  private Report expectClean() {
    Report report = Checker.check(tale.run());
    assertThat(report.isClean()).as(report.toText()).isTrue();
    return report;
  }

  @Test
  void findsNothingInTheTaleAndSaysHowMuchItSaw() {
    Report report = expectClean();

    assertThat(report.checked())
        .containsEntry("events", 16L)
        .containsEntry("log entries", 12L)
        .containsEntry("orders", 4L)
        .containsEntry("orders expired", 1L)
        .containsEntry("rows of orders", 4L)
        .containsEntry("answers by owners", 9L)
        .containsEntry("answers in order", 9L)
        .containsEntry("told of endings", 6L)
        .containsEntry("states compared", 1L)
        .containsEntry("keys", 7L)
        .containsEntry("faults", 1L);
  }

  @Test
  void aDoubleClickIsAnsweredOnce() {
    tale.shake(191, "a", "a-1", 1);

    expectClean();
  }

  @Test
  void aFrameSentAgainOnAnotherConnectionJoinsTheFirst() {
    tale.shakeAt(3_000, "c-e", "e", "e-2", 3); // before position 10 was heard, at 3 210
    tale.shakeAt(3_300, "c-e2", "e", "e-2", 3);
    tale.toldAt(3_330, "c-e2", "e", "e-2", "limit_reached", 9);

    expectClean();
  }

  @Test
  void aThrottledFrameLeavesTheOneBeforeItWaiting() {
    tale.shake(192, "d", "d-5", 3);
    tale.ask(3_300, "a", "a-1");
    tale.accepted(3_310, "a", "a-1", 4, "paid", 200, 10);
    tale.shake(3_320, "d", "d-5", 3);
    tale.told(3_321, "d", "d-5", "throttled", -1);
    tale.told(3_330, "d", "d-5", "limit_reached", 8);

    expectClean();
  }

  @Test
  void anEdgeMaySayByItselfThatAnItemIsOrJustWasSoldOut() {
    tale.shake(400, "e", "e-9", 1); // sold out from 210 to 1 100
    tale.told(410, "e", "e-9", "sold_out", -1);
    tale.shake(2_000, "d", "d-9", 1);
    tale.told(2_010, "d", "d-9", "sold_out", -1);
    tale.shake(190, "c", "c-9", 1);
    tale.told(230, "c", "c-9", "sold_out", -1); // its order came later

    assertThat(expectClean().checked()).containsEntry("sold out, said by edges", 3L);
  }

  @Test
  void anOldRefusalOfASuspendedOwnerIsCounted() {
    tale.mark(2_450, Mark.Kind.FAULT, "freeze sale sale-1"); // sale-2 owns it from 2 500 on
    tale.mark(3_900, Mark.Kind.HEALED, "freeze sale sale-1");
    tale.mark(4_000, Mark.Kind.OWNED, "");
    tale.ask(3_950, "d", "d-1");
    tale.told(3_960, "d", "d-1", "unknown", 9);
    tale.ask(3_950, "a", "a-1");
    tale.told(3_960, "a", "a-1", "unknown", 3);

    assertThat(expectClean().checked()).containsEntry("refusals by suspended owners", 3L);
  }

  @Test
  void anOldRefusalOfASuspendedOwnerMayTakeALeaseAndItsDelivery() {
    tale.mark(3_400, Mark.Kind.FAULT, "suspend sale-2");
    tale.mark(3_500, Mark.Kind.HEALED, "suspend sale-2");
    tale.mark(3_600, Mark.Kind.OWNED, "");
    tale.ask(6_950, "d", "d-1");
    tale.told(7_000, "d", "d-1", "unknown", 9);

    assertThat(expectClean().checked()).containsEntry("refusals by suspended owners", 1L);
  }

  @Test
  void anEdgeMayHaveItFromASuspendedOwnerThatAnItemIsSoldOut() {
    tale.mark(2_450, Mark.Kind.FAULT, "suspend sale-1");
    tale.mark(2_900, Mark.Kind.HEALED, "suspend sale-1");
    tale.mark(2_950, Mark.Kind.OWNED, "");
    tale.shake(2_960, "e", "e-9", 1);
    tale.told(2_970, "e", "e-9", "sold_out", -1);

    assertThat(expectClean().checked())
        .containsEntry("sold out, said for suspended owners", 1L)
        .containsEntry("sold out, said by edges", 1L);
  }

  @Test
  void saysHowManyKeysWereAskedForAndShakenWhenAllWasWell() {
    tale.ask(12_420, "c", "c-1"); // healed at 2 400
    tale.accepted(12_430, "c", "c-1", 8, "held", 1_200, 10);
    tale.shake(12_390, "a", "a-9", 3); // too soon to count
    tale.told(12_440, "a", "a-9", "pending", -1);
    tale.told(12_450, "a", "a-9", "limit_reached", 10);

    assertThat(expectClean().checked())
        .containsEntry("asked when all was well", 3L)
        .containsEntry("shaken when all was well", 2L);
  }

  @Test
  void whoShakesUnderLoadMayHearPendingFirst() {
    tale.shake(12_750, "b", "b-9", 3);
    tale.told(13_760, "b", "b-9", "pending", -1);
    tale.marks.removeIf(mark -> mark.kind() == Mark.Kind.LOAD_ENDED);
    tale.mark(13_800, Mark.Kind.LOAD_ENDED, "");
    tale.told(13_790, "b", "b-9", "limit_reached", 15);

    expectClean();
  }

  @Test
  void whatIsYoungNeedNotBeDrained() {
    tale.append(false, BadRunsTest.steered(Steering.SET_GATE, Tale.ITEM, 5, "", 13_900));

    expectClean();
  }

  @Test
  void anOrderOfADeviceIsAlsoThatOfWhoClaimedIt() {
    tale.sellToDevice(Tale.claimed("e", 12_950));
    tale.claimIsDrained("e", 12_950);
    tale.ask(12_960, "e", Tale.TO_CLAIM, "k-1");
    tale.answer(12_980, "c-e", "e", Tale.toldOfClaim(19));

    expectClean();
  }

  @Test
  void anUnclaimedOrderIsReleased() {
    tale.sellToDevice(
        new Released(Tale.order(18), Tale.TO_CLAIM, 1, ReleaseReason.UNCLAIMED, Tale.T + 14_910));
    tale.dumpedAt = 15_000;

    expectClean();
  }

  @Test
  void anEpochMayBeSkipped() {
    tale.append(true, new Owned(7, "sale-3", 9, Tale.T + 12_950));
    tale.group(16).epoch = 7;
    tale.owners.put(1, new Dump.Owner(1, "sale-4", 8, 16, "12"));

    expectClean();
  }

  @Test
  void anOrderExpiresLateWhileSomethingIsBroken() {
    tale.append(false, Tale.accepted("e", "e-1", 1, 12_905));
    tale.mark(18_000, Mark.Kind.FAULT, "kill redis");
    tale.mark(28_000, Mark.Kind.HEALED, "kill redis");
    tale.mark(29_000, Mark.Kind.OWNED, "");
    tale.dumpedAt = 33_000;

    expectClean();
  }

  @Test
  void anOldQuestionMayBePendingWhenAllIsWellAgain() {
    tale.ask(12_990, "e", "e-1");
    tale.told(13_120, "e", "e-1", "unknown", 15);
    tale.ask(12_995, "a", "a-1");
    tale.ask(13_050, "a", "a-1");
    tale.told(13_060, "a", "a-1", "pending", -1);
    tale.accepted(13_070, "a", "a-1", 4, "paid", 200, 15);
    tale.accepted(13_080, "a", "a-1", 4, "paid", 200, 15);

    expectClean();
  }

  @Test
  void aKeyUsedWithAnotherQuantityIsRefused() {
    tale.shake(4_000, "a", "a-1", 2);
    tale.answer(
        4_010,
        "c-a",
        "a",
        Map.of(
            "key", "a-1",
            "item", Tale.ITEM + "",
            "outcome", "invalid",
            "code", "key_reused",
            "position", 10));

    expectClean();
  }

  @Test
  void namesTheKeysToAskFor() {
    tale.shake(5_000, "e", "e-2", 1);
    tale.told(6_010, "e", "e-2", "pending", -1);
    tale.shake(5_000, "d", "d-7", 1);
    tale.told(5_010, "d", "d-7", "busy", -1);

    assertThat(Checker.openKeys(tale.run().seen())).containsExactly(new Key("e", Tale.ITEM, "e-2"));
  }
}
