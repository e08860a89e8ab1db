package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.sale.OwnerWorld.ITEM;
import static stampede.sale.OwnerWorld.LEASE_MS;
import static stampede.sale.OwnerWorld.PARTITION;
import static stampede.sale.OwnerWorld.START_MS;
import static stampede.sale.OwnerWorld.item;
import static stampede.sale.OwnerWorld.publish;
import static stampede.sale.OwnerWorld.shake;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.EventCodec;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.JournalEntry;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.rig.Invariants;
import stampede.sale.OwnerWorld.Heard;
import stampede.sale.OwnerWorld.Node;

/** A partition that goes from one live owner to another, and owners that should go. */
class HandOverTest {
  private static final long GAP_MS_MAX = 60;
  private static final List<String> B_FIRST = List.of("b", "a");

  private final OwnerWorld world = new OwnerWorld();

  @AfterEach
  void booksHold() {
    world.reachable = true;
    world.pass(3_000);
    world.check();
  }

  private Node selling() {
    Node a = world.node("a", 0);
    a.line = B_FIRST;
    assertThat(world.serves(a, 2_000)).isTrue();
    a.send(publish(item(5_000, 1, START_MS - 1_000, 600_000)));
    world.pass(20);
    return a;
  }

  private Node joins(String name, List<String> line) {
    Node node = world.node(name, 0);
    node.line = line;
    return node;
  }

  private void shakes(Node at, int from, int to) {
    for (int i = from; i < to; i++) {
      at.send(shake("u" + i, "k"));
      world.pass(2);
    }
  }

  /** Lets time pass until {@code next} serves, and says for how long nobody did. */
  private long gapUntilServing(Node next, long ms) {
    long gap = 0;
    long until = world.timers.millis() + ms;
    while (!next.serving()) {
      assertThat(world.timers.millis()).as("no hand-over within %d ms", ms).isLessThan(until);
      world.pass(1);
      gap += world.serving() == null ? 1 : 0;
    }
    return gap;
  }

  // ── by asking

  @Test
  void firstInTheLineReadsTheLogThenAsksAndTakesOverInAMoment() {
    Node a = selling();
    shakes(a, 0, 300);
    Node b = joins("b", B_FIRST);

    long gap = gapUntilServing(b, 6_000);

    assertThat(gap).isLessThan(GAP_MS_MAX);
    assertThat(b.asked).isEqualTo(1);
    assertThat(a.serving()).isFalse();
    assertThat(a.alarms).isEmpty();
    assertThat(a.send(1, shake("v", "k")).only())
        .isEqualTo(new BatchReply.NotOwner(2, "b", b.address()));
    Heard again = b.send(shake("u7", "k"));
    world.pass(20);
    assertThat(again.shaken().again()).isTrue();
  }

  @Test
  void anOperatorMovesAPartitionAwayFromItsOwnerAndNothingIsLost() {
    Node a = selling();
    a.line = List.of("a", "b");
    Node b = joins("b", a.line);
    shakes(a, 0, 300);
    Heard late = a.send(shake("late", "k"));
    List<HandOver.Answer> answers = new ArrayList<>();
    a.owner.stepAside(
        new HandOver(PARTITION, 1, "edge-1", ""), (answer, failure) -> answers.add(answer));

    long gap = gapUntilServing(b, 3_000);

    assertThat(gap).isLessThan(1_000);
    assertThat(answers).containsExactly(new HandOver.Answer(true, ""));
    assertThat(late.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(b.send(shake("u7", "k"))).isNotNull();
    Heard again = b.send(shake("late", "k"));
    world.pass(20);
    assertThat(again.shaken().again()).isTrue();
    world.pass(50_000);
    assertThat(b.serving()).as("the better one stays away for a while").isTrue();
    world.pass(20_000);
    assertThat(a.serving()).as("and asks for it again").isTrue();
  }

  @Test
  void noOwnerStepsAsideForNobodyOrForAnEarlierEpoch() {
    Node a = selling();
    a.line = List.of("a");
    List<String> why = new ArrayList<>();
    a.owner.stepAside(
        new HandOver(PARTITION, 1, "edge-1", ""), (answer, failure) -> why.add(answer.why()));
    a.line = List.of("a", "b");
    a.owner.stepAside(
        new HandOver(PARTITION, 7, "edge-1", ""), (answer, failure) -> why.add(answer.why()));

    assertThat(why).containsExactly("no_other_node", "other_epoch");
    assertThat(a.serving()).isTrue();
  }

  @Test
  void whatIsDecidedDuringTheHandOverIsAnsweredAndKnownToTheNextOwner() {
    Node a = selling();
    Node b = joins("b", B_FIRST);
    List<Heard> heard = new ArrayList<>();
    for (int i = 0; !b.serving(); i++) {
      assertThat(i).isLessThan(6_000);
      heard.add(a.send(1, shake("u" + i, "k")));
      world.pass(1);
    }
    world.pass(50);

    int accepted = 0;
    for (int i = 0; i < heard.size(); i++) {
      assertThat(heard.get(i).only()).isNotInstanceOf(BatchReply.Pending.class);
      if (heard.get(i).only() instanceof BatchReply.Answered) {
        accepted++;
        Heard again = b.send(shake("u" + i, "k"));
        world.pass(3);
        assertThat(again.shaken().again()).as("u%d", i).isTrue();
      }
    }
    assertThat(accepted).isGreaterThan(1_000);
  }

  @Test
  void ownerNamesTheNextAtOnceAndThereBatchesWaitForItsFirstMoment() {
    Node a = selling();
    shakes(a, 0, 100);
    Node b = joins("b", B_FIRST);
    List<BatchReply> named = new ArrayList<>();
    List<Heard> early = new ArrayList<>();
    for (int i = 0; !b.serving(); i++) {
      assertThat(i).isLessThan(6_000);
      world.pass(1);
      if (!a.serving() && !b.serving()) {
        named.add(a.send(1, shake("v" + i, "k")).only());
        early.add(b.send(2, shake("w" + i, "k")));
      }
    }
    assertThat(named).isNotEmpty();
    assertThat(named).containsOnly(new BatchReply.NotOwner(2, "b", b.address()));
    world.pass(20);

    for (Heard each : early) {
      assertThat(each.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
    }
  }

  @Test
  void whoWaitsForANextOwnerThatNeverComesIsTurnedAway() {
    Node a = selling();
    Node b = joins("b", B_FIRST);
    while (a.serving()) {
      world.pass(1);
    }
    b.faults.cut(true);
    Heard early = b.send(2, shake("u", "k"));
    Heard stranger = b.send(3, shake("v", "k"));

    world.pass(Anteroom.WAIT_MS_MAX - 10);
    assertThat(early.nothing()).isTrue();
    assertThat(stranger.only()).as("of another epoch").isInstanceOf(BatchReply.Busy.class);
    world.pass(20);
    assertThat(early.only()).isInstanceOf(BatchReply.Busy.class);
    b.faults.cut(false);
  }

  @Test
  void nextOwnersRoomIsBounded() {
    Node a = selling();
    Node b = joins("b", B_FIRST);
    while (a.serving()) {
      world.pass(1);
    }
    b.faults.cut(true);
    for (int i = 0; i < Anteroom.BATCHES_MAX; i++) {
      assertThat(b.send(2, shake("u" + i, "k")).nothing()).isTrue();
    }

    Heard last = b.send(2, shake("last", "k"));

    assertThat(last.only()).isInstanceOf(BatchReply.Busy.class);
    b.faults.cut(false);
  }

  @Test
  void whatIsReadBehindTheAcquireAndIsNotTheWholeTailIsReadAgain() {
    Node a = selling();
    shakes(a, 0, 50);
    Node b = joins("b", B_FIRST);
    int[] cut = {0};
    b.journal.reading =
        entries -> {
          boolean acquired = world.store.epoch() > 1;
          if (!acquired || entries.size() < 1 || cut[0]++ > 0) {
            return entries;
          }
          return entries.subList(0, entries.size() - 1);
        };

    assertThat(world.serves(b, 6_000)).isTrue();

    assertThat(cut[0]).isPositive();
    assertThat(b.alarms).isEmpty();
    assertThat(b.journal.readsFromTheBeginning).isEqualTo(1);
    world.pass(3_000);
    assertThat(b.lastHint.stateHash())
        .isEqualTo(Invariants.stateHash(PARTITION, world.store.log()));
  }

  @Test
  void logOfSmallEntriesIsReadAheadInLargerSteps() {
    Node a = selling();
    a.line = List.of("a", "b");
    for (int i = 0; i < 1_000; i++) {
      a.send(shake("u" + i, "k"));
      world.pass(3);
    }
    Node b = joins("b", a.line);

    world.pass(150);

    assertThat(world.store.log()).hasSizeGreaterThan(500);
    assertThat(b.journal.entriesRead).isEqualTo(world.store.log().size());
    assertThat(b.journal.reads).isLessThan(12);
  }

  @Test
  void nothingIsReadAheadWhileAnotherPartitionIsOnItsWay() {
    Node a = selling();
    a.line = List.of("a", "b");
    shakes(a, 0, 50);
    Node b = world.node("b", 0);
    b.line = List.of("a", "b");
    b.turns.crosses();
    world.pass(1_000);
    assertThat(b.journal.entriesRead).isZero();

    b.turns.arrived();
    world.pass(1_000);

    assertThat(b.journal.entriesRead).isPositive();
  }

  @Test
  void nobodyIsAskedWhileAnotherPartitionIsOnItsWay() {
    Node a = selling();
    Node b = joins("b", B_FIRST);
    while (!b.owner.hint().status().equals("preparing")) {
      world.pass(1);
    }
    b.turns.crosses();
    world.pass(1_000);
    assertThat(b.asked).isZero();
    assertThat(a.serving()).isTrue();

    b.turns.arrived();

    assertThat(world.serves(b, 200)).isTrue();
  }

  @Test
  void nobodyIsAskedBeforeTheLineHasSettled() {
    selling();
    Node b = joins("b", List.of("b"));
    world.pass(1_500);
    b.line = List.of("b", "a");
    world.pass(1_900);
    assertThat(b.asked).isZero();

    assertThat(world.serves(b, 600)).isTrue();
  }

  @Test
  void onlyTheFirstInTheLineAsks() {
    Node a = selling();
    Node c = joins("c", List.of("b", "c", "a"));
    world.pass(20_000);

    assertThat(c.asked).isZero();
    assertThat(a.serving()).isTrue();
  }

  @Test
  void refusedAskerAsksLessAndLessOften() {
    Node a = selling();
    a.line = List.of("a", "b");
    Node b = joins("b", B_FIRST);

    world.pass(60_000);

    assertThat(b.asked).isBetween(4, 6);
    assertThat(a.serving()).isTrue();
    assertThat(world.store.epoch()).isEqualTo(1);
  }

  @Test
  void unansweredAskerAsksLessAndLessOften() {
    Node a = selling();
    world.reachable = false;
    Node b = joins("b", B_FIRST);

    world.pass(60_000);

    assertThat(b.asked).isBetween(4, 6);
    assertThat(a.serving()).isTrue();
  }

  @Test
  void ownerIsAskedForItsEpochOnly() {
    Node a = selling();
    List<HandOver.Answer> answers = new ArrayList<>();

    a.owner.handOver(
        new HandOver(PARTITION, 7, "b", "sale.b"), (answer, no) -> answers.add(answer));

    assertThat(answers).containsExactly(new HandOver.Answer(false, "other_epoch"));
    assertThat(a.serving()).isTrue();
  }

  @Test
  void askerThatDiesIsFollowedByTheNextInTheLine() {
    Node a = selling();
    Node b = joins("b", B_FIRST);
    while (a.serving()) {
      world.pass(1);
    }
    b.process.kill();

    assertThat(world.serves(a, 3 * LEASE_MS)).isTrue();
    assertThat(a.send(world.store.epoch() - 1, shake("v", "k")).only())
        .isEqualTo(new BatchReply.NotOwner(world.store.epoch(), "a", a.address()));
  }

  @Test
  void takesOverWhenTheAnswerIsLost() {
    Node a = selling();
    Node b = joins("b", B_FIRST);
    b.hearsNoAnswers = true;

    long gap = gapUntilServing(b, 8_000);

    assertThat(gap).isLessThan(Peers.ANSWER_MS_MAX + 150);
    assertThat(a.serving()).isFalse();
  }

  @Test
  void storeThatIsAwayEndsTheHandOverAndNothingIsLost() {
    Node a = selling();
    Node b = joins("b", B_FIRST);
    world.pass(1_900);
    Heard heard = a.send(shake("u", "k"));
    a.faults.cut(true);
    Heard late = a.send(shake("v", "k"));
    world.pass(6_000);
    a.faults.cut(false);
    world.pass(5_000);

    assertThat(heard.replies).hasSize(1);
    assertThat(late.replies).hasSize(1);
    Node owner = world.serving();
    assertThat(owner).isNotNull();
    Heard again = owner.send(shake("u", "k"), shake("v", "k"));
    world.pass(20);
    assertThat(((Reply.Shaken) again.answers().get(1)).outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(b.alarms).doesNotContain("journal.damaged");
  }

  @Test
  void whatWasReadOfAnotherLogIsDroppedAndTheLogReadFromItsBeginning() {
    Node a = selling();
    shakes(a, 0, 50);
    Node b = joins("b", B_FIRST);
    b.journal.reading =
        entries -> {
          if (world.store.epoch() > 1 || entries.isEmpty()) {
            return entries;
          }
          List<JournalEntry> other = new ArrayList<>(entries);
          JournalEntry last = other.remove(other.size() - 1);
          other.add(
              JournalEntry.of(
                  PARTITION, last.epoch(), last.first(), last.batch() + 77, last.events()));
          return other;
        };

    assertThat(world.serves(b, 6_000)).isTrue();
    world.pass(3_000);

    assertThat(b.journal.readsFromTheBeginning).isEqualTo(2);
    assertThat(b.alarms).isEmpty();
    assertThat(b.lastHint.stateHash())
        .isEqualTo(Invariants.stateHash(PARTITION, world.store.log()));
  }

  @Test
  void afterTheAcquireOnlyTheTailIsRead() {
    Node a = selling();
    shakes(a, 0, 500);
    Node b = joins("b", B_FIRST);

    assertThat(world.serves(b, 6_000)).isTrue();
    world.pass(3_000);

    assertThat(b.journal.readsFromTheBeginning).isEqualTo(1);
    assertThat(b.lastHint.stateHash())
        .isEqualTo(Invariants.stateHash(PARTITION, world.store.log()));
  }

  @Test
  void theNextInTheLineFollowsTheLogAndReadsOnlyItsTailWhenTheOwnerDies() {
    Node a = selling();
    a.line = List.of("a", "b", "c");
    shakes(a, 0, 500);
    Node b = joins("b", a.line);
    Node c = joins("c", a.line);
    world.pass(1_000);
    shakes(a, 500, 600);
    world.pass(500);
    assertThat(c.journal.entriesRead).as("of the one behind it").isZero();
    int before = b.journal.entriesRead;
    a.process.kill();

    assertThat(world.serves(b, LEASE_MS + 250)).isTrue();

    assertThat(b.journal.readsFromTheBeginning).isEqualTo(1);
    assertThat(b.journal.entriesRead - before).as("the last one again").isEqualTo(1);
    world.pass(3_000);
    assertThat(b.lastHint.stateHash())
        .isEqualTo(Invariants.stateHash(PARTITION, world.store.log()));
  }

  @Test
  void damageThatIsFollowedIsNobodysBusinessBeforeTheOwnerDies() {
    Node a = selling();
    shakes(a, 0, 50);
    a.line = List.of("a", "b");
    Node b = joins("b", a.line);
    b.journal.reading = entries -> entries.isEmpty() ? entries : entries.subList(1, entries.size());

    world.pass(15_000);

    assertThat(b.alarms).isEmpty();
    assertThat(b.journal.readsFromTheBeginning).as("tried again now and then").isEqualTo(2);
    b.journal.reading = entries -> entries;
    a.process.kill();
    assertThat(world.serves(b, LEASE_MS + 250)).isTrue();
  }

  @Test
  void damageFoundWhileReadingAheadLeavesTheOwnerAlone() {
    Node a = selling();
    shakes(a, 0, 50);
    Node b = joins("b", B_FIRST);
    b.journal.reading = entries -> entries.isEmpty() ? entries : entries.subList(1, entries.size());

    world.pass(10_000);

    assertThat(b.alarms).contains("journal.damaged");
    assertThat(b.asked).isZero();
    assertThat(a.serving()).isTrue();
  }

  @Test
  void asManyAtATimeAsThereAreTurns() {
    selling();
    Node b = joins("b", B_FIRST);
    assertThat(b.turns.take()).isTrue();
    world.pass(10_000);
    assertThat(b.asked).isZero();

    b.turns.give();

    assertThat(world.serves(b, 1_000)).isTrue();
    assertThat(b.turns.take()).as("given back").isTrue();
  }

  // ── leaving

  @Test
  void leavingOwnerServesUntilTheNextInTheLineHasReadTheLogAndAsks() {
    Node a = selling();
    a.line = List.of("a", "b");
    shakes(a, 0, 300);
    Node b = joins("b", List.of("a", "b"));
    world.pass(500);
    AtomicInteger stops = new AtomicInteger();

    a.owner.stop(stops::incrementAndGet);
    Heard late = a.send(shake("late", "k"));
    long gap = gapUntilServing(b, 1_000);
    world.pass(10);

    assertThat(gap).isLessThan(GAP_MS_MAX);
    assertThat(late.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(stops).hasValue(1);
    assertThat(b.journal.readsFromTheBeginning).isEqualTo(1);
    world.pass(20_000);
    assertThat(stops).hasValue(1);
  }

  @Test
  void leavingOwnerThatNobodyAsksReleasesAfterFiveSeconds() {
    Node a = selling();
    a.line = List.of("a", "b");
    Node b = joins("b", List.of("a", "b"));
    world.reachable = false;
    AtomicInteger stops = new AtomicInteger();

    a.owner.stop(stops::incrementAndGet);
    world.pass(4_900);
    assertThat(a.serving()).isTrue();
    world.pass(200);

    assertThat(stops).hasValue(1);
    assertThat(world.serves(b, 3_000)).isTrue();
  }

  @Test
  void leavingOwnerWaitsLongerWhileItsNodesOtherPartitionsAreTakenButNotForEver() {
    Node a = selling();
    a.line = List.of("a", "b");
    joins("b", List.of("a", "b"));
    world.reachable = false;
    AtomicInteger stops = new AtomicInteger();
    a.owner.stop(stops::incrementAndGet);

    for (int i = 0; i < 7; i++) {
      world.pass(1_000);
      a.turns.gaveOver(a.process.millis());
    }
    assertThat(a.serving()).isTrue();
    for (int i = 0; i < 2; i++) {
      world.pass(1_000);
      a.turns.gaveOver(a.process.millis());
    }

    assertThat(stops).hasValue(1);
  }

  @Test
  void nodesThatAllLeaveDoNotWaitForEachOther() {
    Node a = selling();
    a.line = List.of("a", "b");
    Node b = joins("b", List.of("a", "b"));
    AtomicInteger stops = new AtomicInteger();

    a.owner.stop(stops::incrementAndGet);
    b.owner.stop(stops::incrementAndGet);
    world.pass(6_000);

    assertThat(stops).hasValue(2);
  }

  @Test
  void leavingOwnerThatIsFencedStopsAtOnce() {
    Node a = selling();
    a.line = List.of("a", "b");
    joins("b", List.of("a", "b"));
    world.reachable = false;
    AtomicInteger stops = new AtomicInteger();
    a.owner.stop(stops::incrementAndGet);
    world.pass(100);
    a.process.freeze();
    world.pass(3 * LEASE_MS);
    a.process.thaw();
    world.pass(1_100);

    assertThat(stops).hasValue(1);
  }

  @Test
  void stopDuringAHandOverEndsOnce() {
    for (int ms = 0; ms < 30; ms++) {
      OwnerWorld other = new OwnerWorld();
      Node a = other.node("a", 0);
      a.line = B_FIRST;
      assertThat(other.serves(a, 1_000)).isTrue();
      Node b = other.node("b", 0);
      b.line = B_FIRST;
      while (b.asked == 0) {
        other.pass(1);
      }
      other.pass(ms % 15);
      AtomicInteger stops = new AtomicInteger();
      (ms < 15 ? a : b).owner.stop(stops::incrementAndGet);
      other.pass(11_000);
      assertThat(stops).as("stopped %d ms after the asking", ms).hasValue(1);
      assertThat(other.serving()).as("stopped %d ms after the asking", ms).isNotNull();
      other.check();
    }
  }

  // ── deaf

  @Test
  void ownerThatHearsNoEdgeForThreeSecondsGoesAndStaysAwayForFive() {
    Node a = selling();
    a.line = List.of("a", "b");
    Node b = joins("b", List.of("a", "b"));
    world.pass(3_000);
    assertThat(a.serving()).as("no edges, nobody to hear").isTrue();
    Heard decided = a.send(shake("u", "k"));
    a.liveEdges = List.of("e1");
    world.pass(8_000);
    assertThat(a.serving()).as("an edge that starts").isTrue();
    a.edges.heard();
    world.pass(2_900);
    assertThat(a.serving()).isTrue();

    world.pass(400);
    assertThat(a.serving()).isFalse();
    assertThat(a.alarms).containsExactly("partition.deaf");
    assertThat(decided.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(world.serves(b, 700)).isTrue();
    world.pass(20_000);
    assertThat(a.asked).as("deaf, it does not ask for it back").isZero();
    b.process.kill();
    assertThat(world.serves(a, 2 * LEASE_MS)).isTrue();
  }

  @Test
  void deafOwnerLetsTheOthersPassAndReturnsWhenNobodyTookIt() {
    Node a = selling();
    a.line = List.of("a", "b");
    a.liveEdges = List.of("e1");
    a.edges.heard();
    world.pass(3_300);
    assertThat(a.serving()).isFalse();
    assertThat(a.owner.hint().status()).startsWith("away");
    a.liveEdges = List.of();
    world.pass(500); // the turn of the other
    assertThat(a.serving()).isFalse();

    assertThat(world.serves(a, 1_000)).isTrue();
  }

  @Test
  void ownerThatHearsEdgesStays() {
    Node a = selling();
    a.line = List.of("a", "b");
    a.liveEdges = List.of("e1");
    for (int i = 0; i < 20; i++) {
      a.edges.heard();
      world.pass(1_000);
    }

    assertThat(a.alarms).isEmpty();
    assertThat(a.serving()).isTrue();
  }

  @Test
  void onlySaleNodeStaysHoweverDeaf() {
    Node a = selling();
    a.line = List.of("a");
    a.liveEdges = List.of("e1");

    world.pass(20_000);

    assertThat(a.alarms).isEmpty();
    assertThat(a.serving()).isTrue();
  }

  // ── a record that this version does not know

  private static final byte NEWER = EventCodec.VERSION + 1;

  @Test
  void newerRecordIsLeftToNewerNodes() {
    Node a = selling();
    a.send(shake("u", "k"));
    world.pass(20);
    a.process.kill();
    Node old = world.node("b", 0);
    old.journal.reading = HandOverTest::newer;
    world.pass(60_000);

    assertThat(old.alarms).containsExactly("journal.newer");
    assertThat(old.owner.hint().status())
        .startsWith("closed: record version " + NEWER + " is newer than " + EventCodec.VERSION);
    assertThat(world.store.epoch()).as("it does not acquire again and again").isEqualTo(2);
    Node newer = world.node("c", 0);
    assertThat(world.serves(newer, 100)).as("the lease was given back").isTrue();
    assertThat(old.send(shake("v", "k")).only()).isInstanceOf(BatchReply.NotOwner.class);
  }

  @Test
  void newerRecordReadAheadLeavesTheOwnerAlone() {
    Node a = selling();
    Node b = world.node("b", 0);
    b.journal.reading = HandOverTest::newer;
    b.line = B_FIRST;

    world.pass(20_000);

    assertThat(b.alarms).containsExactly("journal.newer");
    assertThat(b.asked).isZero();
    assertThat(a.serving()).isTrue();
    Hint hint = b.owner.hint();
    assertThat(hint.status()).startsWith("closed: record version " + NEWER);
    Heard ask = a.send(new Command.AskResult(ITEM, Bytes.of("u"), Bytes.of("k")));
    assertThat(ask.answers()).hasSize(1);
  }

  /** The last entry as a newer version would have written it. */
  private static List<JournalEntry> newer(List<JournalEntry> entries) {
    if (entries.isEmpty()) {
      return entries;
    }
    List<JournalEntry> bent = new ArrayList<>(entries);
    JournalEntry e = bent.remove(bent.size() - 1);
    byte[] payload = e.payload().clone();
    payload[0] = NEWER;
    bent.add(
        JournalEntry.ofPayload(e.partition(), e.epoch(), e.first(), e.count(), e.batch(), payload));
    return bent;
  }
}
