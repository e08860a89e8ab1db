package stampede.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import stampede.rig.sim.Mistake;
import stampede.rig.sim.Simulation;

/** The simulation is worth what it finds: each of these bugs within 2,000 worlds. */
class PlantedBugsTest {
  private static final int SEEDS_MAX = 2_000;
  private static final int CANARY_SEEDS_MAX = 20;
  private static final int THREADS = 2;
  private static final long TIMEOUT_MS = 120_000;

  static Stream<Arguments> bugs() {
    return Stream.of(
        bug("neither epoch nor position checked", JournalMistakes::neitherEpochNorPositionChecked),
        bug("position not compared", JournalMistakes::positionNotCompared),
        bug("a group applied in part", JournalMistakes::groupAppliedInPart),
        bug("reply before durable", JournalMistakes::replyBeforeDurable),
        bug("DUP treated as GAP", JournalMistakes::duplicateTreatedAsGap),
        bug("expiry by a node's wall clock", JournalMistakes::expiryByWallClock),
        bug("renewal counted from receipt", JournalMistakes::renewalCountedFromReceipt),
        bug("bound keys not rebuilt in replay", JournalMistakes::boundKeysNotRebuilt),
        bug(
            "staged stock released twice after fail-over",
            JournalMistakes::stagedStockReleasedTwice),
        bug("late payment taken as paid", JournalMistakes::latePaymentTakenAsPaid),
        bug("cut beyond the cursor", JournalMistakes::cutBeyondTheCursor),
        bug("blocked user lost by the cut", JournalMistakes::blockedUserLostByTheCut),
        bug("ungated reject", OwnerMistakes::ungatedReject),
        bug("released order not freeing the limit", OwnerMistakes::releasedOrderKeepsTheLimit),
        bug("claims not rebuilt in replay", JournalMistakes::claimsNotRebuilt),
        bug("limit not checked at the claim", OwnerMistakes::limitNotCheckedAtTheClaim),
        bug("second payment swallowed", OwnerMistakes::secondPaymentSwallowed),
        bug("jumps of the store's clock unseen", OwnerMistakes::jumpsOfTheClockUnseen),
        bug("claim taken after its release", OwnerMistakes::claimTakenAfterItsRelease),
        bug("payment of the last second not kept", OwnerMistakes::paymentOfTheLastSecondNotKept),
        bug("old owner answers after the release", OwnerMistakes::answersAfterTheRelease),
        bug("a copy decided after its shake was answered", OwnerMistakes::lateCopiesTaken),
        bug("an owner no edge reaches stays", OwnerMistakes::neverDeaf),
        bug("new owner opens without the tail", JournalMistakes::opensWithoutTheTail),
        bug("new key on retry", EdgeMistakes::newKeyOnRetry),
        bug("edge answers sold_out to a re-sent winner", EdgeMistakes::soldOutToWinner),
        bug("edge's sold_out never too old", EdgeMistakes::soldOutNeverOld),
        bug("edge's sold_out after a suspension", EdgeMistakes::soldOutAfterSuspension),
        bug("edge's sold_out counted from receipt", EdgeMistakes::soldOutCountedFromReceipt),
        bug("edge's sold_out by an old filter", EdgeMistakes::soldOutByAnOldFilter),
        bug("drain without cursor check", DrainMistakes::cursorNotChecked),
        bug("blind retry after a lost commit", DrainMistakes::blindRetry),
        bug("a second chain of the drain", DrainMistakes::secondChainAfterAFailureAtOnce),
        bug("a chunk applied in part", DrainMistakes::chunkAppliedInPart));
  }

  private static Arguments bug(String name, Supplier<Mistake> mistake) {
    return Arguments.of(name, mistake);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bugs")
  void isFound(String name, Supplier<Mistake> mistake) throws InterruptedException {
    Simulation simulation = hunt(mistake, SEEDS_MAX);

    assertThat(simulation.failures()).as("seeds that found: %s", name).isNotEmpty();

    String first = simulation.failures().get(0).why().getMessage();
    System.out.printf(
        "planted bug found after %,d seeds: %s: %s%n",
        simulation.worlds(), name, first.substring(0, Math.min(160, first.length())));
  }

  @Test
  void theCanaryIsFoundAtOnce() throws InterruptedException {
    assertThat(hunt(JournalMistakes::storeForgets, CANARY_SEEDS_MAX).failures()).isNotEmpty();
  }

  private static Simulation hunt(Supplier<Mistake> mistake, int seedsMax)
      throws InterruptedException {
    Simulation simulation = new Simulation(THREADS, mistake, 1);
    simulation.run(seedsMax, n -> 1_000_000 + n, TIMEOUT_MS);
    return simulation;
  }
}
