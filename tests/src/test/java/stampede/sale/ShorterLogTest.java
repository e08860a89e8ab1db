package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.sale.OwnerWorld.LEASE_MS;
import static stampede.sale.OwnerWorld.START_MS;
import static stampede.sale.OwnerWorld.item;
import static stampede.sale.OwnerWorld.publish;
import static stampede.sale.OwnerWorld.shake;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.BatchReply;
import stampede.protocol.Outcome;
import stampede.rig.Faults;
import stampede.sale.OwnerWorld.Heard;
import stampede.sale.OwnerWorld.Node;

/**
 * MySQL has more of a partition than its log: nobody sells from what is left, and no false alarm.
 */
class ShorterLogTest {
  private static final String REGRESSED = "journal.regressed";
  private static final long LOST = 1_000;

  private final OwnerWorld world = new OwnerWorld();

  @AfterEach
  void booksHold() {
    world.pass(3_000);
    world.check();
  }

  private Node selling() {
    return selling(Faults.none());
  }

  private Node selling(Faults faults) {
    Node node = world.node("a", 0, faults);
    assertThat(world.serves(node, 1_000)).isTrue();
    node.send(publish(item(100, 1, START_MS - 1_000, 60_000)));
    world.pass(20);
    return node;
  }

  private void assertClosedForGood(Node node) {
    long position = world.store.position();
    for (int i = 0; i < 120; i++) {
      world.pass(100);
      assertThat(node.send(shake("x" + i, "k")).replies)
          .noneMatch(BatchReply.Answered.class::isInstance);
      assertThat(node.serving()).isFalse();
    }
    assertThat(node.alarms).contains(REGRESSED);
    assertThat(node.owner.standing().problem()).contains("MySQL has position " + LOST);
    assertThat(node.owner.standing().problem()).contains("the journal ends at " + position);
    assertThat(world.store.position()).as("nothing more is decided").isEqualTo(position);
  }

  // ── found

  @Test
  void drainThatIsBeyondTheLogClosesAPartitionThatServesAlready() {
    Node a = selling();
    a.cursor = null; // as at the opening, nobody answers

    a.owner.drained(LOST);

    assertClosedForGood(a);
    a.cursor = world.store.position();
    assertThat(world.serves(a, 7_000)).as("looks again now and then").isTrue();
  }

  @Test
  void cursorThatConfirmsTheDrainClosesItAtOnce() {
    Node a = selling();
    a.cursor = LOST;

    a.owner.drained(LOST);
    world.pass(100);

    assertThat(a.alarms).contains(REGRESSED);
    assertClosedForGood(a);
  }

  @Test
  void nothingIsSaidOrDecidedWhileMySqlIsAsked() {
    Node a = selling();
    a.journal.hold();
    Heard before = a.send(shake("u", "k"));
    a.cursor = null;

    a.owner.drained(LOST);
    a.journal.letGo();
    Heard meanwhile = a.send(shake("v", "k"));
    world.pass(500);

    assertThat(before.nothing()).as("durable, but of what log").isTrue();
    assertThat(meanwhile.only()).isInstanceOf(BatchReply.Busy.class);
    world.pass(600);
    assertThat(before.only()).isInstanceOf(BatchReply.Pending.class);
    assertClosedForGood(a);
  }

  @Test
  void whatDrainsSaidStandsInForACursorThatNobodyKnows() {
    selling().process.kill();
    long position = world.store.position();
    Node b = world.node("b", 0);
    b.cursor = null;
    b.owner.drained(LOST);
    b.owner.drained(0); // a drain that starts, and has not reached MySQL yet

    assertClosedForGood(b);
    assertThat(world.store.position()).as("never opened").isEqualTo(position);
  }

  @Test
  void whatADrainSaysWhileTheLogIsReadCountsAtTheOpening() {
    selling().process.kill();
    Node b = world.node("b", 0);
    long position = world.store.position();
    while (!b.owner.standing().status().equals("replaying")) {
      world.pass(1);
    }
    b.cursor = null;
    b.owner.drained(LOST);

    assertClosedForGood(b);
    assertThat(world.store.position()).as("never opened").isEqualTo(position);
  }

  // ── not found where there is nothing

  @Test
  void entryDrainedBeforeItsOwnerHearsThatItIsDurableIsNoSign() {
    Faults faults = Faults.none();
    Node a = selling(faults);
    a.cursor = null;
    faults.rates(0, 0, 1_000, 0); // carried out, and no reply ever comes
    Heard heard = a.send(shake("u", "k"));
    a.send(shake("v", "k"));
    world.pass(30);
    long drained = world.store.position();

    a.owner.drained(drained);
    world.pass(100);
    faults.rates(0, 0, 0, 0);
    world.pass(900);

    assertThat(heard.only()).as("of an entry whose fate was unknown").isNotNull();
    assertThat(a.alarms).doesNotContain(REGRESSED, "partition.ended");
    assertThat(a.serving()).isTrue();
    assertThat(world.store.epoch()).isEqualTo(1);
  }

  @Test
  void ownerThatWasFencedWithoutNoticingRaisesNoFalseAlarm() {
    Node a = selling();
    a.process.freeze();
    Node b = world.node("b", 0);
    b.line = List.of("b");
    assertThat(world.serves(b, 3 * LEASE_MS)).isTrue();
    b.send(shake("u", "k"));
    world.pass(20);
    long drained = world.store.position();
    a.cursor = null;
    a.process.run(() -> a.owner.drained(drained)); // waits in its loop
    b.owner.drained(drained);

    a.process.thaw();
    world.pass(5_000);

    assertThat(a.alarms).doesNotContain(REGRESSED);
    assertThat(a.serving()).isFalse();
    assertThat(b.alarms).isEmpty();
    assertThat(b.serving()).isTrue();
  }

  @Test
  void drainThatSpeaksOfBeforeMySqlWasRestoredHoldsNobodyUpForLong() {
    Node a = selling();
    a.cursor = 1L;

    a.owner.drained(LOST);
    world.pass(20);
    Heard heard = a.send(shake("u", "k"));
    world.pass(20);

    assertThat(heard.shaken().outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(a.alarms).isEmpty();
    assertThat(world.store.epoch()).isEqualTo(1);
  }

  @Test
  void partitionThatIsStoppedWhileMySqlIsAskedStops() {
    Node a = selling();
    a.cursor = null;
    boolean[] stopped = new boolean[1];

    a.owner.drained(LOST);
    a.owner.stop(() -> stopped[0] = true);
    world.pass(Leaving.MS_MAX);

    assertThat(stopped[0]).isTrue();
  }
}
