package stampede.persist.drain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.persist.drain.DrainWorld.Plan;
import stampede.protocol.DrainStatus;
import stampede.protocol.DrainStatus.Mode;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent.Owned;

class DrainLoopTest {
  private final DrainWorld world = new DrainWorld();

  @Test
  void drainsWhatIsThereAndThenWhatComes() {
    world.appendSale(5);
    DrainLoop loop = world.loop();
    world.run(50);
    assertThat(world.orders).hasSize(5);

    world.appendAccepts(3);
    world.run(150);

    assertThat(world.orders).hasSize(8);
    assertThat(loop.status())
        .isEqualTo(
            new DrainStatus(DrainWorld.PARTITION, 9, world.cursor.batch(), Mode.OK, "", 0, 0));
  }

  @Test
  void manySmallEntriesBecomeFewChunks() {
    world.appendSale(200);

    world.loop();
    world.run(50);

    assertThat(world.orders).hasSize(200);
    assertThat(world.commits).isEqualTo(1);
  }

  @Test
  void chunkHoldsAtMostAThousandEvents() {
    world.appendSale(0);
    for (int i = 0; i < 4; i++) {
      world.append(1, Collections.nCopies(400, new Owned(1, "n", 1, 1)).toArray(new Owned[0]));
    }

    world.loop();
    world.run(100);

    assertThat(world.cursor.position()).isEqualTo(1_601);
    assertThat(world.commits).isEqualTo(2);
  }

  @Test
  void lostCommitReplyNeitherLosesNorDoublesTheChunk() {
    world.appendSale(5);
    world.plans.add(Plan.REPLY_LOST);

    DrainLoop loop = world.loop();
    world.run(1_000);

    assertThat(world.orders).hasSize(5);
    assertThat(world.duplicates).isZero();
    assertThat(loop.status().mode()).isEqualTo(Mode.OK);
  }

  @Test
  void lostCommitRequestIsSentAgain() {
    world.appendSale(5);
    world.plans.addAll(List.of(Plan.REQUEST_LOST, Plan.REQUEST_LOST));

    world.loop();
    world.run(1_000);

    assertThat(world.orders).hasSize(5);
    assertThat(world.commits).isEqualTo(1);
  }

  @Test
  void transientStormNeverHalts() {
    world.appendSale(5);
    world.plans.addAll(Collections.nCopies(20, Plan.TRANSIENT));

    DrainLoop loop = world.loop();
    world.run(3_000);
    assertThat(loop.status().mode()).isEqualTo(Mode.WAITING);
    assertThat(loop.status().error()).contains("deadlock");
    assertThat(loop.status().lagMs()).isGreaterThan(2_000);
    world.run(120_000);

    assertThat(world.orders).hasSize(5);
    assertThat(world.halts).isEmpty();
    assertThat(loop.status().attempts()).isZero();
  }

  @Test
  void storeAwayIsWaitedForWithBackOff() {
    world.appendSale(5);
    world.storeAway = true;
    DrainLoop loop = world.loop();
    world.run(60_000);
    assertThat(loop.status().mode()).isEqualTo(Mode.WAITING);
    assertThat(loop.status().attempts()).isBetween(10, 25);

    world.storeAway = false;
    world.run(DrainLoop.BACK_OFF_MS_MAX + 100);

    assertThat(world.orders).hasSize(5);
    assertThat(loop.status().mode()).isEqualTo(Mode.OK);
  }

  @Test
  void commitThatFailsBeforeItReturnsIsTriedAgainByOneChainOnly() {
    world.appendSale(5);
    DrainLoop loop = world.loop();
    world.run(100);
    world.breakerOpen = true;
    world.appendAccepts(5);
    int before = world.calls;
    world.run(60_000);
    assertThat(world.calls - before).isBetween(10, 25);
    assertThat(loop.status().mode()).isEqualTo(Mode.WAITING);

    world.breakerOpen = false;
    world.appendAccepts(5);
    world.run(DrainLoop.BACK_OFF_MS_MAX + 100);

    assertThat(world.orders).hasSize(15);
    assertThat(world.callsAtOnceMax).isEqualTo(1);
    assertThat(loop.status().mode()).isEqualTo(Mode.OK);
  }

  @Test
  void journalAwayIsWaitedFor() {
    world.appendSale(5);
    world.journalAway = true;
    DrainLoop loop = world.loop();
    world.run(10_000);
    assertThat(loop.status().error()).startsWith("journal: ");

    world.journalAway = false;
    world.run(DrainLoop.BACK_OFF_MS_MAX + 100);

    assertThat(world.orders).hasSize(5);
  }

  @Test
  void fiveRefusalsInARowHaltWithTheCursorWhereItWas() {
    world.appendSale(5);
    world.plans.addAll(Collections.nCopies(5, Plan.FAIL));

    DrainLoop loop = world.loop();
    world.run(600_000);

    assertThat(world.cursor).isEqualTo(Cursor.START);
    assertThat(world.plans).isEmpty();
    assertThat(loop.status().mode()).isEqualTo(Mode.HALTED);
    assertThat(loop.status().error())
        .isEqualTo("chunk_refused: chunk of positions 1 to 6 refused: duplicate");
    assertThat(world.halts).hasSize(1);
  }

  @Test
  void transientTroubleBetweenRefusalsIsNotCounted() {
    world.appendSale(5);
    for (int i = 0; i < 4; i++) {
      world.plans.addAll(List.of(Plan.FAIL, Plan.TRANSIENT, Plan.REQUEST_LOST));
    }

    world.loop();
    world.run(600_000);

    assertThat(world.orders).hasSize(5);
    assertThat(world.halts).isEmpty();
  }

  @Test
  void retryResumesAHaltedDrainAndDisturbsNoOther() {
    world.appendSale(5);
    world.plans.addAll(Collections.nCopies(5, Plan.FAIL));
    DrainLoop loop = world.loop();
    loop.retry();
    world.run(600_000);
    assertThat(loop.status().mode()).isEqualTo(Mode.HALTED);

    loop.retry();
    loop.retry();
    world.run(100);

    assertThat(world.orders).hasSize(5);
    assertThat(world.commits).isEqualTo(1);
    assertThat(loop.status().mode()).isEqualTo(Mode.OK);
  }

  @Test
  void gapHaltsAfterWhatIsGood() {
    world.appendSale(5);
    world.journal.remove(4);

    DrainLoop loop = world.loop();
    world.run(1_000);

    assertThat(world.orders).hasSize(3);
    assertThat(loop.status().error()).isEqualTo("journal_gap: after position 4 comes position 6");
  }

  @Test
  void databaseOfBeforeAnArchiveHaltsAndSkipsNothing() {
    world.appendSale(5);
    world.journal.subList(0, 3).clear();

    DrainLoop loop = world.loop();
    world.run(1_000);

    assertThat(world.orders).isEmpty();
    assertThat(loop.status().error())
        .startsWith("journal_gap: after position 0 comes position 4")
        .contains("cut at an archive");
  }

  @Test
  void databaseOlderThanTheCutHaltsWhereItStands() {
    world.appendSale(2);
    DrainLoop loop = world.loop();
    world.run(100);

    world.appendAccepts(10);
    world.journal.subList(0, 8).clear();
    world.run(1_000);

    assertThat(world.orders).hasSize(2);
    assertThat(loop.status().error())
        .startsWith("journal_regressed: ")
        .contains("goes on at 9", "cut at an archive");
  }

  @Test
  void damagedEntryHalts() {
    world.appendSale(5);
    JournalEntry good = world.journal.get(3);
    byte[] payload = good.payload().clone();
    payload[2] ^= 1;
    world.journal.set(
        3,
        new JournalEntry(
            good.partition(),
            good.epoch(),
            good.first(),
            good.count(),
            good.batch(),
            payload,
            good.crc()));

    DrainLoop loop = world.loop();
    world.run(1_000);

    assertThat(world.orders).hasSize(2);
    assertThat(loop.status().mode()).isEqualTo(Mode.HALTED);
    assertThat(loop.status().error()).startsWith("journal_corrupt: ");
  }

  @Test
  void epochThatGoesDownHalts() {
    world.appendSale(2);
    world.append(3, new Owned(3, "n", 1, 1));
    world.append(2, DrainWorld.accepted("late", 1));

    DrainLoop loop = world.loop();
    world.run(1_000);

    assertThat(world.cursor.position()).isEqualTo(4);
    assertThat(loop.status().error()).startsWith("journal_epoch_back: ");
  }

  @Test
  void epochThatGoesDownAtTheCursorHaltsARestartedDrain() {
    world.appendSale(2);
    world.append(3, new Owned(3, "n", 1, 1));
    DrainLoop first = world.loop();
    world.run(100);
    first.stop(() -> {});
    world.append(2, DrainWorld.accepted("late", 1));

    DrainLoop second = world.loop();
    world.run(1_000);

    assertThat(second.status().error()).startsWith("journal_epoch_back: ");
  }

  @Test
  void orderOfAnUnknownItemHalts() {
    world.append(1, DrainWorld.accepted("u", 1));

    DrainLoop loop = world.loop();
    world.run(1_000);

    assertThat(loop.status().error()).contains("item 1001 was never published");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 5})
  void journalShorterThanTheCursorHaltsAndIsNeverDrained(int left) {
    world.appendSale(5);
    DrainLoop loop = world.loop();
    world.run(100);

    world.journal.subList(left, world.journal.size()).clear();
    world.run(1_000);

    assertThat(loop.status().mode()).isEqualTo(Mode.HALTED);
    assertThat(loop.status().error()).startsWith("journal_regressed: ");
    assertThat(loop.status().position()).isEqualTo(6);
  }

  @Test
  void journalThatRegressedAndGrewAgainHalts() {
    world.appendSale(5);
    DrainLoop loop = world.loop();
    world.run(100);

    JournalEntry last = world.journal.remove(5);
    world.journal.add(
        JournalEntry.of(
            DrainWorld.PARTITION, 2, last.first(), 77, List.of(DrainWorld.accepted("x", 1))));
    world.appendAccepts(2);
    world.run(1_000);

    assertThat(world.orders).hasSize(5);
    assertThat(loop.status().error()).startsWith("journal_regressed: ").contains("batch 77");
  }

  @Test
  void journalCutBeforeTheLastDrainedEntryIsFine() {
    world.appendSale(5);
    DrainLoop loop = world.loop();
    world.run(100);

    world.journal.subList(0, 5).clear();
    world.appendAccepts(2);
    world.run(1_000);

    assertThat(world.orders).hasSize(7);
    assertThat(loop.status().mode()).isEqualTo(Mode.OK);
  }

  @Test
  void restartedDrainKnowsTheItemsOfEarlierChunks() {
    world.appendSale(1);
    DrainLoop first = world.loop();
    world.run(100);
    first.stop(() -> {});
    world.appendAccepts(1);

    world.loop();
    world.run(200);

    assertThat(world.orders).hasSize(2);
    assertThat(world.orders.values()).allMatch(order -> order.price() == 5);
  }

  @Test
  void moveOfTheCursorByAnotherDrainMakesThisOneStepBack() {
    world.appendSale(5);
    DrainLoop loop = world.loop();
    world.run(100);
    world.appendAccepts(2);
    world.cursor = Cursor.after(world.journal.get(world.journal.size() - 1));

    world.run(150);
    assertThat(loop.status().position()).isEqualTo(8);
    world.appendAccepts(1);
    world.run(DrainLoop.STEP_BACK_MS + 100);

    assertThat(world.orders).hasSize(6);
    assertThat(loop.status().position()).isEqualTo(9);
  }

  @Test
  void stopFinishesTheChunkUnderWayAndNothingElse() {
    world.appendSale(5);
    DrainLoop loop = world.loop();
    while (world.commits == 0) {
      world.run(1);
    }
    world.appendAccepts(5);
    boolean[] stopped = new boolean[1];

    loop.stop(() -> stopped[0] = true);
    assertThat(stopped[0]).isFalse();
    world.run(10_000);

    assertThat(stopped[0]).isTrue();
    assertThat(world.orders).hasSize(5);
  }

  @Test
  void stopOfAnIdleOrHaltedDrainIsImmediate() {
    DrainLoop loop = world.loop();
    world.run(10);
    boolean[] stopped = new boolean[1];

    loop.stop(() -> stopped[0] = true);
    int reads = world.reads;
    world.run(1_000);

    assertThat(stopped[0]).isTrue();
    assertThat(world.reads).isEqualTo(reads);
  }

  @Test
  void stoppedDrainRestsAndBeginsAnewFromTheStoresCursor() {
    world.appendSale(5);
    DrainLoop loop = world.loop();
    world.run(100);
    loop.stop(() -> {});
    world.appendAccepts(3);
    DrainLoop other = world.loop();
    world.run(100);
    other.stop(() -> {});
    assertThat(loop.status().mode()).isEqualTo(Mode.RESTING);
    assertThat(loop.status().lagMs()).isZero();
    world.appendAccepts(2);

    loop.start();
    loop.start();
    world.run(100);

    assertThat(world.orders).hasSize(10);
    assertThat(world.commits).isEqualTo(3);
    assertThat(loop.status().mode()).isEqualTo(Mode.OK);
  }

  @Test
  void startWhileAStopStillWaitsForTheChunkUnderWayBeginsAfterIt() {
    world.appendSale(5);
    DrainLoop loop = world.loop();
    while (world.commits == 0) {
      world.run(1);
    }
    int[] stopped = new int[1];

    loop.stop(() -> stopped[0]++);
    loop.start();
    assertThat(stopped[0]).isZero();
    world.run(100);

    assertThat(stopped[0]).isEqualTo(1);
    assertThat(world.commits).isEqualTo(1);
    assertThat(loop.status().position()).isEqualTo(6);
    assertThat(loop.status().mode()).isEqualTo(Mode.OK);
  }

  @Test
  void restingDrainIsNotWokenByRetry() {
    world.appendSale(5);
    world.plans.addAll(Collections.nCopies(5, Plan.FAIL));
    DrainLoop loop = world.loop();
    world.run(600_000);
    loop.stop(() -> {});

    loop.retry();
    world.run(1_000);

    assertThat(world.orders).isEmpty();
    assertThat(loop.status().mode()).isEqualTo(Mode.RESTING);
  }

  @Test
  void theNextFullChunkIsMadeAndAnnouncedWhileOneIsUnderWay() {
    world.appendSale(0);
    for (int i = 0; i < 5; i++) {
      world.append(1, Collections.nCopies(1_000, new Owned(1, "n", 1, 1)).toArray(new Owned[0]));
    }

    world.loop();
    world.run(200);

    assertThat(world.cursor.position()).isEqualTo(5_001);
    assertThat(world.announced).hasSizeGreaterThanOrEqualTo(3);
    assertThat(world.committed).containsAll(world.announced);
    assertThat(world.reads).isLessThan(15);
  }

  @Test
  void twoFullChunksAtMostAreAheadOfTheOneUnderWayAndFollowItInOrder() {
    world.appendSale(0);
    for (int i = 0; i < 9; i++) {
      world.append(1, Collections.nCopies(1_000, new Owned(1, "n", 1, 1)).toArray(new Owned[0]));
    }

    world.loop();
    int aheadMax = 0;
    for (int i = 0; i < 200; i++) {
      world.run(1);
      long inTheStore = world.announced.stream().filter(world.committed::contains).count();
      aheadMax = Math.max(aheadMax, world.announced.size() - (int) inTheStore);
    }

    assertThat(world.cursor.position()).isEqualTo(9_001);
    assertThat(aheadMax).isBetween(2, DrainLoop.STEPS_AHEAD_MAX + 1); // one may be under way
    assertThat(world.committed).containsSubsequence(world.announced);
  }

  @Test
  void whatWasMadeAheadIsForgottenWhenTheCursorMoves() {
    world.appendSale(0);
    for (int i = 0; i < 4; i++) {
      world.append(1, Collections.nCopies(1_000, new Owned(1, "n", 1, 1)).toArray(new Owned[0]));
    }
    DrainLoop loop = world.loop();
    while (world.announced.isEmpty()) {
      world.run(1);
    }
    world.cursor = Cursor.after(world.journal.get(world.journal.size() - 1));
    world.appendAccepts(1);
    world.run(DrainLoop.STEP_BACK_MS + 200);

    assertThat(world.orders).hasSize(1);
    assertThat(world.duplicates).isZero();
    assertThat(loop.status().position()).isEqualTo(world.end());
  }

  @Test
  void faultMetAheadHaltsOnlyInItsTurn() {
    world.appendSale(0);
    for (int i = 0; i < 3; i++) {
      world.append(1, Collections.nCopies(1_000, new Owned(1, "n", 1, 1)).toArray(new Owned[0]));
    }
    world.appendAccepts(3);
    world.journal.remove(world.journal.size() - 2);

    DrainLoop loop = world.loop();
    world.run(1_000);

    assertThat(world.cursor.position()).isEqualTo(3_002);
    assertThat(world.orders).hasSize(1);
    assertThat(loop.status().error())
        .isEqualTo("journal_gap: after position 3002 comes position 3004");
    assertThat(world.halts).hasSize(1);
  }

  @Test
  void whatComesSoonAfterAChunkGoesIntoOneChunk() {
    world.appendSale(1);
    world.loop();
    world.run(8);
    assertThat(world.commits).isEqualTo(1);

    for (int i = 0; i < 40; i++) {
      world.appendAccepts(1);
      world.run(1);
    }
    assertThat(world.commits).as("gathered").isEqualTo(1);
    world.run(20);

    assertThat(world.orders).hasSize(41);
    assertThat(world.commits).isEqualTo(2);
  }

  @Test
  void drainThatIsBehindGathersNothing() {
    world.appendSale(3_000); // an entry an order: twelve full pages

    world.loop();
    world.run(45);

    assertThat(world.orders).hasSize(3_000);
  }

  @Test
  void drainOfLargeEntriesInShortPagesIsBehindToo() {
    world.pageMax = 4;
    world.appendSale(0);
    for (int i = 0; i < 40; i++) {
      world.appendLargeEntry(500);
    }

    world.loop();
    world.run(45);

    assertThat(world.orders.size()).as("all but what is no full chunk").isBetween(19_001, 20_000);
    assertThat(world.announced.size()).as("made ahead").isGreaterThan(15);
  }

  @Test
  void idleDrainPollsEveryTenthOfASecond() {
    world.appendSale(1);
    world.loop();
    world.run(1_000);
    int before = world.reads;

    world.run(10_000);

    assertThat(world.reads - before).isBetween(90, 105);
  }

  @Test
  void idleDrainsLookAtTheSameMoments() {
    world.appendSale(1);
    world.loop();
    world.run(33);
    world.loop();
    world.run(1_000);
    world.readAtMs.clear();
    int before = world.reads;

    world.run(10_000);

    assertThat(world.reads - before).isBetween(180, 210);
    assertThat(world.readAtMs).hasSizeBetween(90, 105);
  }

  @Test
  void twoDrainsOnOneStoreNeverDuplicateNorLose() {
    for (long seed = 1; seed <= 200; seed++) {
      DrainWorld world = new DrainWorld();
      Random random = new Random(seed);
      world.appendSale(random.nextInt(5));
      DrainLoop one = world.loop();
      DrainLoop two = world.loop();
      for (int round = 0; round < 30; round++) {
        world.appendAccepts(random.nextInt(4));
        if (random.nextInt(3) == 0) {
          Plan[] plans = {Plan.TRANSIENT, Plan.REPLY_LOST, Plan.REQUEST_LOST, Plan.FAIL};
          world.plans.add(plans[random.nextInt(plans.length)]);
        }
        world.storeAway = random.nextInt(10) == 0;
        if (random.nextInt(8) == 0) {
          one.stop(() -> {});
        }
        world.run(random.nextInt(400));
        one.start();
      }
      world.storeAway = false;
      world.run(20_000);

      assertThat(world.duplicates).as("seed %d", seed).isZero();
      assertThat(world.cursor.position()).as("seed %d", seed).isEqualTo(world.end());
      assertThat(world.orders).as("seed %d", seed).hasSize((int) world.end() - 1);
      assertThat(one.status().mode()).as("seed %d", seed).isEqualTo(Mode.OK);
      assertThat(two.status().mode()).as("seed %d", seed).isEqualTo(Mode.OK);
    }
  }
}
