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
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.JournalEntry;
import stampede.protocol.Outcome;
import stampede.protocol.Passage;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;
import stampede.rig.Faults;
import stampede.rig.InMemoryJournal;
import stampede.rig.Invariants;
import stampede.sale.OwnerWorld.Heard;
import stampede.sale.OwnerWorld.Node;
import stampede.sale.journal.Journal;
import stampede.sale.journal.JournalDamaged;

class PartitionOwnerTest {
  private static final long PAY_WITHIN_MS = 60_000;

  private final OwnerWorld world = new OwnerWorld();

  @AfterEach
  void booksHold() {
    world.pass(3_000);
    world.check();
  }

  private Node selling(long stock, int limit) {
    Node node = world.node("a", 0);
    assertThat(world.serves(node, 1_000)).isTrue();
    Heard published = node.send(publish(item(stock, limit, START_MS - 1_000, PAY_WITHIN_MS)));
    world.pass(20);
    assertThat(published.answers().get(0)).isInstanceOf(Reply.Steered.class);
    return node;
  }

  /** Another process under the same name takes the partition, as after a restart. */
  private void fence(String name) {
    Journal thief = new InMemoryJournal(world.store, world.timers, Faults.none());
    thief.acquire(name, 999 + world.store.epoch(), world.store.epoch(), LEASE_MS, (ok, no) -> {});
    world.pass(10);
  }

  // ── the way in

  @Test
  void firstAcquireServesAndLogBeginsWithOwned() {
    Node a = world.node("a", 0);

    assertThat(world.serves(a, 1_000)).isTrue();

    assertThat(world.store.log().get(0).events())
        .singleElement()
        .isInstanceOfSatisfying(
            SaleEvent.Owned.class,
            owned -> {
              assertThat(owned.epoch()).isEqualTo(1);
              assertThat(owned.node()).isEqualTo("a");
              assertThat(owned.nonce()).isEqualTo(a.nonce);
            });
    assertThat(a.alarms).isEmpty();
  }

  @Test
  void wrongEpochHearsTheRightOneAndTheAddress() {
    Node a = selling(1, 1);

    assertThat(a.send(7, shake("u", "k")).only())
        .isEqualTo(new BatchReply.NotOwner(1, "a", a.address()));
  }

  @Test
  void otherNodeNamesTheOwner() {
    Node a = selling(1, 1);
    Node b = world.node("b", 1);
    world.pass(500);

    assertThat(b.send(shake("u", "k")).only())
        .isEqualTo(new BatchReply.NotOwner(1, "a", a.address()));
  }

  @Test
  void nodeNotInTheLineNeverAcquires() {
    world.node("a", -1);

    world.pass(10_000);

    assertThat(world.store.epoch()).isZero();
  }

  @Test
  void nextInLineWaitsForItsTurn() {
    world.node("c", 2);
    Node b = world.node("b", 1);

    world.pass(480);
    assertThat(world.store.epoch()).isZero();
    assertThat(world.serves(b, 500)).isTrue();
  }

  // ── durable before answered

  @Test
  void aDeadOwnerThatIsAMemberYetIsNotWaitedFor() {
    Node a = selling(500, 1);
    Node b = world.node("b", 0);
    b.line = List.of("a", "b");
    world.pass(LEASE_MS);
    a.process.kill();

    assertThat(world.serves(b, LEASE_MS + 250)).isTrue();
  }

  @Test
  void nothingIsAnsweredBeforeItIsDurableNotEvenARefusal() {
    Node a = selling(1, 1);
    a.journal.hold();

    Heard yes = a.send(shake("u", "k"));
    Heard no = a.send(shake("v", "k"));
    world.pass(500);

    assertThat(yes.nothing()).isTrue();
    assertThat(no.nothing()).isTrue();
    a.journal.letGo();
    world.pass(20);
    assertThat(yes.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(no.shaken().outcome()).isEqualTo(Outcome.SOLD_OUT);
    assertThat(no.shaken().position()).isLessThanOrEqualTo(world.store.position());
  }

  @Test
  void copyThatComesAfterItsCommandsWereSentAgainAndAnsweredMakesNoOrder() {
    Node a = selling(1, 1);
    Heard winner = a.send(shake("v", "k"));
    world.pass(20);
    Heard told = passed(a, 2, 2, shake("u", "k"));
    world.pass(20);
    assertThat(told.shaken().outcome()).isEqualTo(Outcome.SOLD_OUT);
    a.send(new Command.Cancel(winner.order().order(), Bytes.of("v")));
    world.pass(20);
    long before = world.store.position();

    Heard late = passed(a, 1, 1, shake("u", "k"));
    Heard doubled = passed(a, 2, 2, shake("u", "k"));
    world.pass(20);

    assertThat(late.only()).isInstanceOf(BatchReply.Pending.class);
    assertThat(doubled.only()).isInstanceOf(BatchReply.Pending.class);
    assertThat(world.store.position()).isEqualTo(before);
    Heard again = passed(a, 3, 3, shake("u", "k"));
    world.pass(20);
    assertThat(again.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
  }

  @Test
  void copyOfWhatWasRefusedBeforeTheOpeningMakesNoOrderAfterIt() {
    Node a = world.node("a", 0);
    Heard refused = passed(a, 1, 1, shake("u", "k"));
    assertThat(world.serves(a, 1_000)).isTrue();
    a.send(publish(item(1, 1, START_MS - 1_000, PAY_WITHIN_MS)));
    world.pass(20);
    long before = world.store.position();

    Heard late = passed(a, 1, 1, shake("u", "k"));
    world.pass(20);

    assertThat(refused.only()).isNotInstanceOf(BatchReply.Answered.class);
    assertThat(late.only()).isInstanceOf(BatchReply.Pending.class);
    assertThat(world.store.position()).isEqualTo(before);
  }

  /** A numbered message of an edge, with the epoch that will be in force. */
  private Heard passed(Node node, long number, long floor, Command... commands) {
    Heard heard = world.new Heard();
    Passage passage = new Passage(7, number, floor);
    long epoch = Math.max(1, world.store.epoch());
    node.owner.handle(new CommandBatch(PARTITION, epoch, passage, List.of(commands)), heard);
    return heard;
  }

  @Test
  void repliesLeaveInTheOrderDecided() {
    Node a = selling(5, 1);
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      String user = "u" + i;
      a.owner.handle(
          new CommandBatch(PARTITION, 1, List.of(shake(user, "k"))),
          (reply, failure) -> order.add(user));
      world.pass(1);
    }

    world.pass(50);

    assertThat(order).containsExactly("u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9");
  }

  @Test
  void oneAppendIsUnderWayAndWhatComesMeanwhileGoesAsOneGroup() {
    Node a = selling(10, 1);
    a.journal.hold();
    int before = a.journal.appends.size();
    for (int i = 0; i < 5; i++) {
      a.send(shake("u" + i, "k"));
    }

    assertThat(a.journal.appends).hasSize(before + 1);
    a.journal.letGo();
    world.pass(20);

    assertThat(a.journal.appends).hasSize(before + 2);
    assertThat(a.journal.appends.get(before + 1).count()).isEqualTo(4);
  }

  @Test
  void emptyBatchIsAnsweredEvenWhenTheTenureEnds() {
    Node a = selling(10, 1);
    a.journal.hold();
    a.send(shake("u", "k"));
    Heard empty = a.send();
    fence("a");

    a.journal.letGo();
    world.pass(20);

    assertThat(empty.only()).isInstanceOf(BatchReply.Pending.class);
  }

  // ── doubt

  @Test
  void groupWhoseReplyWasLostIsSentAgainAndAnsweredOnce() {
    Node a = selling(10, 2);
    a.faults.rates(0, 0, 1_000, 0);
    Heard heard = a.send(shake("u", "k"));
    world.pass(10);
    a.faults.rates(0, 0, 0, 0);
    world.pass(980);
    Heard again = a.send(shake("u", "k"));

    world.pass(2_000);

    assertThat(heard.only()).isInstanceOf(BatchReply.Pending.class);
    assertThat(again.order().order()).isEqualTo(a.send(shake("u", "k")).order().order());
    JournalEntry last = a.journal.appends.get(a.journal.appends.size() - 1);
    assertThat(a.journal.appends).filteredOn(e -> e.batch() == last.batch()).hasSize(2);
    assertThat(world.store.log()).filteredOn(e -> e.batch() == last.batch()).hasSize(1);
  }

  @Test
  void leaseCountsFromTheSendingThatFoundTheGroupThere() {
    Node a = selling(10, 2);
    a.faults.rates(0, 0, 1_000, 0);
    a.send(shake("u", "k"));
    world.pass(5);
    a.faults.cut(true);
    world.pass(10_000);
    a.faults.rates(0, 0, 0, 0);
    a.faults.cut(false);
    int appends = a.journal.appends.size();
    while (a.journal.appends.size() == appends) {
      world.pass(1);
    }
    world.pass(7);

    assertThat(a.serving()).isTrue();
  }

  @Test
  void storeAwayForHalfAMinuteLosesNothing() {
    Node a = selling(10, 1);
    a.faults.cut(true);
    Heard heard = a.send(shake("u", "k"));
    world.pass(5);
    JournalEntry waiting = a.journal.appends.get(a.journal.appends.size() - 1);

    world.pass(1_100);
    assertThat(heard.only()).isInstanceOf(BatchReply.Pending.class);
    assertThat(heard.atMs - world.timers.millis()).isBetween(-150L, 0L);
    Heard later = a.send(shake("v", "k"));
    world.pass(29_000);
    assertThat(later.only()).isInstanceOf(BatchReply.Pending.class);
    a.faults.cut(false);
    world.pass(3_000);

    assertThat(a.journal.appends).filteredOn(e -> e == waiting).hasSizeGreaterThan(10);
    assertThat(a.alarms).containsOnlyOnce("journal.unreachable");
    assertThat(a.send(shake("u", "k")).shaken().again()).isTrue();
    assertThat(a.send(shake("v", "k")).shaken().again()).isTrue();
    assertThat(world.store.epoch()).isEqualTo(1);
  }

  @Test
  void fullStoreDoesNotCostTheLease() {
    Node a = selling(10, 1);
    Node b = world.node("b", 1);
    world.store.full(true);
    a.send(shake("u", "k"));

    world.pass(20_000);
    world.store.full(false);
    world.pass(1_000);

    assertThat(world.store.epoch()).isEqualTo(1);
    assertThat(a.serving()).isTrue();
    assertThat(b.alarms).isEmpty();
  }

  @Test
  void fencedOwnerDropsItsStateAndAnswersNoMore() {
    Node a = selling(10, 1);
    Node b = world.node("b", 1);
    Heard asked = a.send(shake("u", "k"));
    world.pass(20);
    assertThat(asked.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
    a.process.freeze();
    assertThat(world.serves(b, 5_000)).isTrue();
    Heard late = a.send(1, shake("v", "k"), shake("w", "k"));

    a.process.thaw();
    world.pass(1_500);

    assertThat(late.only()).isInstanceOf(BatchReply.Pending.class);
    assertThat(a.alarms).contains("partition.ended");
    assertThat(a.send(1, shake("x", "k")).only())
        .isEqualTo(new BatchReply.NotOwner(2, "b", b.address()));
    Heard there = b.send(shake("v", "k"));
    world.pass(20);
    assertThat(there.shaken().again()).isFalse();
  }

  @Test
  void noAnswerOnceTheLastRenewalIsOlderThanFourFifthsOfTheLease() {
    Node a = selling(10, 1);
    world.pass(300);
    a.faults.cut(true);
    world.pass(LEASE_MS * 8 / 10 - LEASE_MS / 4);
    Heard early = a.send(new Command.FindItem(ITEM));
    assertThat(early.answers()).hasSize(1);

    world.pass(LEASE_MS / 4 + 110);
    Heard heard = a.send(new Command.FindItem(ITEM));

    assertThat(heard.nothing()).isTrue();
    assertThat(a.owner.hint().serving()).isFalse();
    a.faults.cut(false);
    world.pass(1_100);
    assertThat(heard.replies).hasSize(1);
    assertThat(a.serving()).isTrue();
  }

  @Test
  void twoOwnersNeverMayAnswerAtOnce() {
    Node a = selling(1_000, 1_000);
    Node b = world.node("b", 1);
    for (int i = 0; i < 30_000; i++) {
      if (i % 4_000 == 1_000) {
        a.faults.cut(true);
      } else if (i % 4_000 == 3_500) {
        a.faults.cut(false);
      } else if (i % 7_000 == 5_000) {
        b.faults.cut(true);
      } else if (i % 7_000 == 6_900) {
        b.faults.cut(false);
      }
      world.pass(1);
      Node owner = world.serving();
      if (owner != null && i % 10 == 0) {
        owner.send(shake("u", "k" + i));
      }
    }
    assertThat(world.store.epoch()).isGreaterThan(2);
  }

  // ── time

  @Test
  void clockThatStepsStopsTheCalendarForTenSeconds() {
    Node a = selling(10, 1);
    Heard held = a.send(shake("u", "k"));
    world.pass(20);
    long payBy = held.order().payBy();
    world.pass(payBy + 1_000 - world.store.now() - 5_000);

    world.store.stepClock(6_000);
    world.pass(9_000);

    assertThat(a.alarms).contains("time.jumped");
    assertThat(released()).isZero();
    world.pass(3_000);
    assertThat(released()).isEqualTo(1);
  }

  /** What is to happen 30 s after the beginning: an opening, a portion, an end, an expiry. */
  private Node withEverythingDueAt(long dueMs) {
    Node a = selling(10, 1);
    a.send(publish(another(ITEM + 1, dueMs, dueMs + 86_400_000)));
    SaleItem ends = another(ITEM + 2, START_MS - 1_000, dueMs);
    a.send(publish(ends));
    a.send(publish(releasing(another(ITEM + 3, START_MS - 1_000, dueMs + 86_400_000), dueMs)));
    world.pass(dueMs - PAY_WITHIN_MS - 1_000 - world.store.now());
    a.send(shake("u", "k"));
    world.pass(20);
    return a;
  }

  private static SaleItem releasing(SaleItem i, long atMs) {
    List<SaleItem.Release> later = List.of(new SaleItem.Release(atMs, 5));
    return i.moved(i.item(), i.session(), i.opensAt(), i.closesAt(), later, i.claimWithinMs());
  }

  private void requireDemandedByTime(int openings, int portions, int ends, int expiries) {
    assertThat(
            List.of(
                events(SaleEvent.ItemOpened.class).size() - 3, // those of the past
                events(SaleEvent.StockReleased.class).size(),
                events(SaleEvent.ItemEnded.class).size(),
                (int) released()))
        .as("openings, portions, ends, expiries")
        .containsExactly(openings, portions, ends, expiries);
  }

  @Test
  void whatAJumpAheadMakesDueComesOnceWhenTheClocksHaveAgreedForTenSeconds() {
    long dueMs = START_MS + 70_000;
    Node a = withEverythingDueAt(dueMs);
    world.pass(dueMs - 20_000 - world.store.now());

    world.store.stepClock(21_500);
    world.pass(10_000);

    assertThat(a.alarms).contains("time.jumped");
    requireDemandedByTime(0, 0, 0, 0);
    world.pass(1_000);
    requireDemandedByTime(1, 1, 1, 1);
    world.pass(20_000);
    requireDemandedByTime(1, 1, 1, 1);
  }

  @Test
  void whatWasDueWhileTheClocksDisagreedComesLateAndOnce() {
    long dueMs = START_MS + 70_000;
    Node a = withEverythingDueAt(dueMs);
    world.pass(dueMs - 5_000 - world.store.now());

    world.store.stepClock(600); // due 4.4 s later by the store's clock, 5 s by the node's
    world.pass(9_900);
    assertThat(a.alarms).contains("time.jumped");
    requireDemandedByTime(0, 0, 0, 0);

    world.pass(1_000);
    requireDemandedByTime(1, 1, 1, 1);
    world.pass(20_000);
    requireDemandedByTime(1, 1, 1, 1);
  }

  @Test
  void aJumpBackDelaysWhatIsDueToItsTimeByTheStoresClock() {
    long dueMs = START_MS + 70_000;
    Node a = withEverythingDueAt(dueMs);
    world.pass(dueMs - 1_000 - world.store.now());

    world.store.stepClock(-20_000);
    world.pass(20_500);
    assertThat(a.alarms).contains("time.jumped");
    requireDemandedByTime(0, 0, 0, 0);

    world.pass(2_000);
    requireDemandedByTime(1, 1, 1, 1);
    assertThat(events(SaleEvent.StockReleased.class).get(0).at()).isGreaterThanOrEqualTo(dueMs);
  }

  @Test
  void aStepWithinTheToleranceDelaysNothing() {
    long dueMs = START_MS + 70_000;
    Node a = withEverythingDueAt(dueMs);
    world.pass(dueMs - 2_000 - world.store.now());

    world.store.stepClock(450);
    world.pass(1_000);
    assertThat(a.alarms).doesNotContain("time.jumped");
    requireDemandedByTime(0, 0, 0, 0);

    world.pass(1_000);
    requireDemandedByTime(1, 1, 1, 1);
  }

  @Test
  void jumpIsNotForgottenWhenTheTenureEnds() {
    Node a = selling(10, 1);
    a.send(shake("u", "k"));
    world.pass(PAY_WITHIN_MS - 5_000);
    world.store.stepClock(20_000);
    world.pass(600);
    assertThat(a.alarms).contains("time.jumped");

    fence("a");
    assertThat(world.serves(a, 5_000)).isTrue();
    world.pass(500);
    Heard early =
        a.send(publish(another(ITEM + 1, world.store.now() - 1, world.store.now() + 1_000_000)));
    world.pass(2_000);

    assertThat(early.answers()).hasSize(1);
    assertThat(events(SaleEvent.ItemOpened.class)).hasSize(1);
    world.pass(12_000);
    assertThat(events(SaleEvent.ItemOpened.class)).hasSize(2);
  }

  private static SaleItem another(long id, long opensAt, long closesAt) {
    SaleItem like = item(5, 1, opensAt, PAY_WITHIN_MS);
    return like.moved(id, like.session(), opensAt, closesAt, List.of(), like.claimWithinMs());
  }

  @Test
  void clockBehindTheLogDoesNotBreakTheNextOwner() {
    Node a = selling(10, 1);
    a.send(shake("u", "k"));
    world.pass(20);
    a.process.kill();
    world.store.stepClock(-60_000);
    Node b = world.node("b", 0);

    assertThat(world.serves(b, 5_000)).isTrue();
    Heard heard = b.send(shake("v", "k"));
    world.pass(20);
    assertThat(heard.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
  }

  @Test
  void frozenOwnerDoesNotMistakeItsOwnSleepForAJump() {
    Node a = selling(10, 1);
    for (int i = 0; i < 5; i++) {
      int renewals = a.journal.renewals;
      while (a.journal.renewals == renewals) {
        world.pass(1);
      }
      a.process.freeze();
      world.pass(9_000);
      a.process.thaw();
    }
    world.pass(3_000);

    assertThat(a.alarms).doesNotContain("time.jumped");
  }

  @Test
  void unpaidOrderExpiresASecondAfterPayByAndSellsAgain() {
    Node a = selling(1, 1);
    Heard first = a.send(shake("u", "k"));
    world.pass(20);
    long payBy = first.order().payBy();

    world.pass(payBy + 990 - world.store.now());
    assertThat(released()).isZero();
    world.pass(100);
    assertThat(released()).isEqualTo(1);

    Heard second = a.send(shake("v", "k"));
    world.pass(20);
    assertThat(second.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(a.news).isNotEmpty();
  }

  // ── replay

  @Test
  void restartReplaysToTheSameState() {
    Node a = selling(500, 1);
    for (int i = 0; i < 700; i++) {
      a.send(shake("u" + i, "k"));
      world.pass(i % 3);
    }
    world.pass(3_000);
    Hint before = a.lastHint;
    a.process.kill();
    long hash = Invariants.stateHash(PARTITION, world.store.log());
    assertThat(before.stateHash()).isEqualTo(hash);

    Node again = world.node("a", 0);
    assertThat(world.serves(again, 500)).as("the same name need not wait").isTrue();
    world.pass(3_000);

    assertThat(again.lastHint.stateHash())
        .isEqualTo(Invariants.stateHash(PARTITION, world.store.log()));
    Heard heard = again.send(shake("u1", "k"));
    assertThat(heard.shaken().again()).isTrue();
  }

  @Test
  void logShorterThanItsRecordStaysClosed() {
    Node b = successorReading(log -> log.isEmpty() ? log : log.subList(0, log.size() - 1));

    assertClosed(b, "journal.damaged");
  }

  @Test
  void corruptEntryStaysClosed() {
    Node b =
        successorReading(
            log -> {
              List<JournalEntry> bent = new ArrayList<>(log);
              JournalEntry e = bent.get(1);
              byte[] payload = e.payload().clone();
              payload[payload.length / 2] ^= 1;
              bent.set(
                  1,
                  new JournalEntry(
                      e.partition(), e.epoch(), e.first(), e.count(), e.batch(), payload, e.crc()));
              return bent;
            });

    assertClosed(b, "journal.damaged");
  }

  @Test
  void missingEntryStaysClosed() {
    Node b =
        successorReading(
            log -> {
              List<JournalEntry> bent = new ArrayList<>(log);
              bent.remove(1);
              return bent;
            });

    assertClosed(b, "journal.damaged");
  }

  @Test
  void cursorAheadOfTheJournalStaysClosed() {
    selling(3, 1).process.kill();
    Node b = world.node("b", 0);
    b.cursor = 1_000L;

    assertClosed(b, "journal.regressed");
    assertThat(b.lastHint == null || b.lastHint.status().length() <= 256).isTrue();
    b.cursor = world.store.position();
    assertThat(world.serves(b, 6_000)).as("looks again now and then").isTrue();
  }

  @Test
  void damagedRecordStaysClosed() {
    Node b = world.node("b", 0);
    b.journal.acquireFails = new JournalDamaged("the log is gone");

    assertClosed(b, "journal.damaged");
  }

  @Test
  void badSettingsStayClosed() {
    world.store.settings(new Journal.Settings(List.of("appendfsync: everysec, not always"), false));
    Node b = world.node("b", 0);

    assertClosed(b, "journal.settings");
    assertThat(world.store.epoch()).isZero();
  }

  @Test
  void longReasonOfAClosedPartitionStillFitsItsHint() {
    world.store.settings(new Journal.Settings(List.of("只读".repeat(300)), false));
    Node b = world.node("b", 0);
    world.pass(100);

    Hint hint = Hint.decode(b.owner.hint().encode());

    assertThat(hint.status()).startsWith("closed: ").hasSize(256);
  }

  @Test
  void unknownCursorDoesNotKeepThePartitionClosed() {
    Node b = world.node("b", 0);
    b.cursor = null;

    assertThat(world.serves(b, 2_000)).isTrue();
  }

  @Test
  void unknownCursorDoesNotCostAShortLease() {
    world.limits = new OwnerLimits(500, 5_000_000, 1_000_000, 4_096, 16_000, false);
    Node a = world.node("a", 0);
    Node b = world.node("b", 0); // a split: both see themselves as first
    a.cursor = null;
    b.cursor = null;

    world.pass(20_000);

    assertThat(world.serving()).isNotNull();
    assertThat(world.store.epoch()).isEqualTo(1);
  }

  @Test
  void entriesOfALaterOwnerAreNoDamage() {
    Node a = selling(3, 1);
    a.process.kill();
    Node b = world.node("b", 0);
    while (world.store.epoch() < 2) {
      world.pass(1);
    }
    b.process.freeze(); // acquired, nothing read yet
    Node next = world.node("b", 0);
    assertThat(world.serves(next, 300)).isTrue();

    b.process.thaw();
    world.pass(20);

    assertThat(b.alarms).doesNotContain("journal.damaged");
    b.process.kill();
    assertThat(next.serving()).isTrue();
  }

  private Node successorReading(UnaryOperator<List<JournalEntry>> reading) {
    Node a = selling(3, 1);
    a.send(shake("u", "k"));
    world.pass(20);
    a.process.kill();
    Node b = world.node("b", 0);
    b.journal.reading = reading;
    return b;
  }

  private void assertClosed(Node node, String alarm) {
    long position = world.store.position();
    for (int i = 0; i < 120; i++) {
      world.pass(100);
      assertThat(node.serving()).isFalse();
      if (node.alarms.contains(alarm)) {
        assertThat(node.send(shake("x", "k")).only()).isNotInstanceOf(BatchReply.Answered.class);
      }
    }
    assertThat(node.alarms).contains(alarm);
    assertThat(world.store.position()).isEqualTo(position);
  }

  // ── ends

  @Test
  void commandThatCannotBeDecidedIsRefusedAloneAndTheOwnerServesOn() {
    Node a = selling(10, 1);
    Command broken = new Command.Publish(null, new Warrant("op", "", Bytes.EMPTY, true));

    Heard heard = a.send(shake("u", "k"), broken, shake("v", "k"));
    world.pass(20);

    assertThat(outcome(heard, 0)).isEqualTo(Outcome.ACCEPTED);
    assertThat(heard.answers().get(1))
        .isInstanceOfSatisfying(
            Reply.Refused.class, refused -> assertThat(refused.code()).isEqualTo("internal"));
    assertThat(outcome(heard, 2)).isEqualTo(Outcome.ACCEPTED);
    assertThat(a.alarms).containsExactly("sale.decide-failed");
    assertThat(a.serving()).isTrue();
  }

  @Test
  void thirdEndInHalfAMinuteBacksOffLongerEachTime() {
    Node a = selling(3, 1);
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      a.journal.appendAnswers = new Journal.Appended.Gap(0);
      a.send(shake("u", "k" + i));
      world.pass(2);
      assertThat(a.serving()).isFalse();
      if (i >= 2) {
        assertThat(a.owner.hint().status()).startsWith("failed");
      }
      long from = world.timers.millis();
      assertThat(world.serves(a, 60_000)).isTrue();
      waits.add(world.timers.millis() - from);
    }

    assertThat(waits.get(0)).isLessThan(200);
    assertThat(waits.get(1)).isLessThan(200);
    assertThat(waits.get(2)).isBetween(950L, 1_200L);
    assertThat(waits.get(3)).isBetween(1_950L, 2_200L);
    assertThat(waits.get(4)).isBetween(3_950L, 4_200L);
    assertThat(a.alarms).contains("journal.gap");
  }

  @Test
  void failedPartitionDoesNotDisturbAnother() {
    OwnerWorld other = new OwnerWorld();
    Node healthy = other.node("a", 0);
    assertThat(other.serves(healthy, 1_000)).isTrue();
    thirdEndInHalfAMinuteBacksOffLongerEachTime();

    assertThat(healthy.serving()).isTrue();
    assertThat(other.store.epoch()).isEqualTo(1);
    other.pass(60_000);
    assertThat(healthy.serving()).isTrue();
    assertThat(other.store.epoch()).isEqualTo(1);
  }

  @Test
  void stopAnswersWhatWasDecidedAndTheNextOwnerEntersAtOnce() {
    Node a = selling(10, 1);
    Node b = world.node("b", 0);
    world.pass(300);
    Heard first = a.send(shake("u", "k"));
    Heard second = a.send(shake("v", "k"));
    AtomicInteger stops = new AtomicInteger();

    a.owner.stop(stops::incrementAndGet);
    Heard late = a.send(shake("w", "k"));
    assertThat(a.serving()).isFalse();
    world.pass(30);

    assertThat(first.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(second.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(late.only()).isInstanceOf(BatchReply.Busy.class);
    assertThat(stops).hasValue(1);
    assertThat(world.serves(b, 200)).isTrue();
    world.pass(10_000);
    assertThat(stops).hasValue(1);
  }

  @Test
  void stopOnTheWayInGivesTheLeaseBack() {
    for (int ms = 0; ms < 60; ms++) {
      Node node = world.node("n" + ms, 0);
      world.pass(ms);
      AtomicInteger stops = new AtomicInteger();
      node.owner.stop(stops::incrementAndGet);
      world.pass(40);
      assertThat(stops).as("stopped after %d ms", ms).hasValue(1);
      Node next = world.node("next" + ms, 0);
      assertThat(world.serves(next, 150)).as("stopped after %d ms", ms).isTrue();
      next.owner.stop(() -> {});
      world.pass(40);
    }
  }

  @Test
  void stopEndsWithinFiveSecondsWithTheStoreAway() {
    Node a = selling(10, 1);
    a.faults.cut(true);
    Heard heard = a.send(shake("u", "k"));
    AtomicInteger stops = new AtomicInteger();

    a.owner.stop(stops::incrementAndGet);
    world.pass(5_000);

    assertThat(stops).hasValue(1);
    assertThat(heard.only()).isInstanceOf(BatchReply.Pending.class);
    world.pass(10_000);
    assertThat(stops).hasValue(1);
  }

  @Test
  void stopOfAFencedOwnerDoesNotWait() {
    Node a = selling(10, 1);
    a.journal.hold();
    a.send(shake("u", "k"));
    fence("z-after-lease");
    fence("a");
    AtomicInteger stops = new AtomicInteger();
    a.owner.stop(stops::incrementAndGet);
    a.journal.letGo();

    world.pass(50);

    assertThat(stops).hasValue(1);
  }

  @Test
  void everyChangeOfVeryManyItemsIsPublishedAtOnce() {
    Node a = world.node("a", 0);
    assertThat(world.serves(a, 1_000)).isTrue();
    int items = 2 * Hint.ITEMS_MAX + 200;
    for (int i = 0; i < items; i++) {
      Warrant warrant = new Warrant("op", "", Bytes.EMPTY, true);
      a.send(new Command.Publish(another(i + 1, START_MS - 1, START_MS + 1_000_000), warrant));
    }
    world.pass(3_000);
    for (int i = 0; i < 60; i++) {
      long id = 1 + i * 31L % items;
      a.hints.clear();
      a.send(
          new Command.Steer(
              Steering.PAUSE_ITEM, id, 0, Bytes.EMPTY, new Warrant("op", "", Bytes.EMPTY, true)));
      world.pass(110);

      assertThat(a.hints)
          .as("item %d", id)
          .anyMatch(
              hint ->
                  hint.items().stream()
                      .anyMatch(it -> it.item() == id && it.state() == ItemState.PAUSED));
    }
  }

  // ── limits

  @Test
  void backlogRefusesNewOrdersAndAnswersTheRest() {
    world.limits = new OwnerLimits(LEASE_MS, 5_000_000, 4, 4_096, 16_000, false);
    Node a = selling(10, 1);
    Heard bound = a.send(shake("u", "k"));
    world.pass(20);
    assertThat(bound.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);

    Heard heard =
        a.send(
            shake("v", "k"),
            shake("u", "k"),
            shake("u", "k2"),
            new Command.AskResult(ITEM, Bytes.of("v"), Bytes.of("k")),
            new Command.Cancel(bound.order().order(), Bytes.of("u")));
    world.pass(20);

    assertThat(heard.answers()).hasSize(5);
    assertThat(outcome(heard, 0)).isEqualTo(Outcome.BUSY);
    assertThat(outcome(heard, 1)).isEqualTo(Outcome.ACCEPTED);
    assertThat(outcome(heard, 2)).isEqualTo(Outcome.LIMIT_REACHED);
    assertThat(outcome(heard, 3)).isEqualTo(Outcome.UNKNOWN);
    assertThat(heard.answers().get(4)).isInstanceOf(Reply.OrderIs.class);
    a.owner.drained(world.store.position());
    Heard after = a.send(shake("v", "k"));
    world.pass(20);
    assertThat(after.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
  }

  @Test
  void backlogDoesNotHideThatASaleHasEnded() {
    Node a = selling(10, 1);
    long closesAt = world.store.now() + 1_010;
    a.send(publishOther(another(ITEM + 1, world.store.now() - 1, closesAt)));
    world.pass(closesAt - world.store.now());
    a.process.kill();
    world.limits = new OwnerLimits(LEASE_MS, 5_000_000, 1, 4_096, 16_000, false);
    Node next = world.node("a", 0);
    while (next.journal.appends.isEmpty()) {
      world.pass(1);
    }
    while (!next.serving()) {
      world.pass(1);
    }

    Heard heard =
        next.send(new Command.Shake(ITEM + 1, Bytes.of("u"), Bytes.of("k"), 1), shake("u", "k"));
    world.pass(20);

    assertThat(outcome(heard, 0)).isEqualTo(Outcome.ENDED);
    assertThat(outcome(heard, 1)).isEqualTo(Outcome.BUSY);
  }

  private static Command publishOther(SaleItem item) {
    return new Command.Publish(item, new Warrant("op", "", Bytes.of("other"), true));
  }

  @Test
  void asMuchAsMayWaitIsABusyBatchOfWhichNothingWasDone() {
    world.limits = new OwnerLimits(LEASE_MS, 5_000_000, 1_000_000, 3, 16_000, false);
    Node a = selling(10, 1);
    a.journal.hold();
    for (int i = 0; i < 3; i++) {
      a.send(shake("u" + i, "k"));
    }

    assertThat(a.send(shake("v", "k")).only()).isInstanceOf(BatchReply.Busy.class);
    a.journal.letGo();
    world.pass(20);
    Heard asked = a.send(new Command.AskResult(ITEM, Bytes.of("v"), Bytes.of("k")));
    assertThat(outcome(asked, 0)).isEqualTo(Outcome.UNKNOWN);
  }

  private static Outcome outcome(Heard heard, int index) {
    return ((Reply.Shaken) heard.answers().get(index)).outcome();
  }

  private long released() {
    return events(SaleEvent.Released.class).size();
  }

  private List<SaleEvent> events(Class<?> type) {
    List<SaleEvent> found = new ArrayList<>();
    for (JournalEntry entry : world.store.log()) {
      entry.events().stream().filter(type::isInstance).forEach(found::add);
    }
    return found;
  }
}
