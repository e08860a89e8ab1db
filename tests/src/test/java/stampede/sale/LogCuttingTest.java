package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.sale.OwnerWorld.PARTITION;
import static stampede.sale.OwnerWorld.START_MS;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;
import stampede.rig.Invariants;
import stampede.sale.OwnerWorld.Heard;
import stampede.sale.OwnerWorld.Node;

/** An owner whose sessions are archived, and what its successors find in the log. */
class LogCuttingTest {
  private static final long OLD = 1;
  private static final long NEW = 2;
  private static final long SOLD_FOR_MS = 10_000;

  private final OwnerWorld world = new OwnerWorld();

  @AfterEach
  void booksHold() {
    world.pass(5_000);
    world.check();
  }

  /** A session in which some have bought and paid. */
  private Node selling() {
    Node node = world.node("a", 0);
    assertThat(world.serves(node, 1_000)).isTrue();
    publish(node, OLD, SOLD_FOR_MS);
    for (int i = 0; i < 20; i++) {
      pay(node, order(node, OLD, "u" + i));
    }
    return node;
  }

  /** That session, which is over, and one that goes on selling. */
  private Node soldOut() {
    Node node = selling();
    Warrant warrant = new Warrant("op", "", Bytes.EMPTY, true);
    node.send(new Command.Steer(Steering.BLOCK_USER, 0, 0, Bytes.of("bot"), warrant));
    publish(node, NEW, 86_400_000);
    order(node, NEW, "u1");
    world.pass(SOLD_FOR_MS);
    return node;
  }

  private void publish(Node node, long session, long forMs) {
    SaleItem item =
        OwnerWorld.item(100, 2, START_MS, 3_600_000)
            .moved(item(session), session, START_MS, START_MS + forMs, List.of(), 0);
    node.send(new Command.Publish(item, new Warrant("op", "", Bytes.EMPTY, true)));
    world.pass(20);
  }

  private static long item(long session) {
    return 1_000 + session;
  }

  private long order(Node node, long session, String user) {
    Heard heard = shake(node, session, user, "k");
    return heard.order().order();
  }

  private Heard shake(Node node, long session, String user, String key) {
    Heard heard = node.send(new Command.Shake(item(session), Bytes.of(user), Bytes.of(key), 1));
    world.pass(20);
    return heard;
  }

  private void pay(Node node, long order) {
    node.send(new Command.Pay(order, Bytes.of("p" + order), 100, "CNY"));
    world.pass(20);
  }

  private Reply archive(Node node, boolean early) {
    return reply(node, new Command.Archive(OLD, early));
  }

  private Reply reply(Node node, Command command) {
    Heard heard = node.send(command);
    world.pass(20);
    return heard.answers().get(0);
  }

  private void drainedTo(long position) {
    world.nodes.forEach(
        node -> {
          node.cursor = position;
          node.owner.drained(position);
        });
  }

  private List<SaleEvent> kept() {
    List<SaleEvent> events = new ArrayList<>();
    world.store.kept().forEach(entry -> events.addAll(entry.events()));
    return events;
  }

  private long hash(Node node) {
    world.pass(3_000); // a quiet owner tells its hash
    assertThat(node.lastHint.position()).isEqualTo(world.store.position());
    return node.lastHint.stateHash();
  }

  @Test
  void archivedSessionsEventsAreCutOnceTheyAreDrained() {
    Node a = soldOut();
    int before = world.store.kept().size();

    assertThat(archive(a, true)).isInstanceOf(Reply.Steered.class);
    world.pass(5_000);
    assertThat(world.store.kept()).hasSize(before + 1);
    drainedTo(world.store.position());
    world.pass(5_000);

    assertThat(kept()).hasSizeLessThan(10).anyMatch(SaleEvent.LogCut.class::isInstance);
    assertThat(kept()).noneMatch(e -> e instanceof SaleEvent.Paid);
    assertThat(hash(a)).isNotZero().isEqualTo(Invariants.stateHash(PARTITION, world.store.log()));
    assertThat(a.alarms).isEmpty();
  }

  /** Half an hour has passed by the store's clock, which was set forward, and 20 s by any other. */
  @Test
  void operatorsKeyIsKnownForHalfAMinuteWhateverTheClockSays() {
    Node a = selling();
    world.pass(SOLD_FOR_MS);
    Reply first = block(a);
    world.store.stepClock(1_800_000);
    world.pass(2_000);
    archive(a, true);
    drainedTo(world.store.position());
    world.pass(20_000);

    assertThat(kept().get(kept().size() - 1).at()).isGreaterThan(START_MS + 1_800_000);
    assertThat(block(a)).isEqualTo(first);
    assertThat(kept()).filteredOn(SaleEvent.Steered.class::isInstance).hasSize(1);

    world.pass(15_000);
    assertThat(kept()).anyMatch(SaleEvent.LogCut.class::isInstance);
    assertThat(kept())
        .noneMatch(e -> e instanceof SaleEvent.Paid || e instanceof SaleEvent.Steered);
  }

  private Reply block(Node node) {
    Warrant keyed = new Warrant("op", "", Bytes.of("w-1"), true);
    return reply(node, new Command.Steer(Steering.BLOCK_USER, 0, 0, Bytes.of("bot"), keyed));
  }

  @Test
  void nextOwnerHasTheSameStateFromWhatIsLeft() {
    Node a = soldOut();
    archive(a, true);
    drainedTo(world.store.position());
    world.pass(5_000);
    a.process.kill();

    Node b = world.node("b", 0);
    drainedTo(world.store.position());
    assertThat(world.serves(b, 10_000)).isTrue();

    assertThat(hash(b)).isNotZero().isEqualTo(Invariants.stateHash(PARTITION, world.store.log()));
    assertThat(shake(b, NEW, "u1", "k").shaken().again()).isTrue();
    assertThat(shake(b, NEW, "bot", "k").shaken().outcome()).isEqualTo(Outcome.BLOCKED);
    assertThat(shake(b, OLD, "u1", "k").shaken().code()).isEqualTo("unknown_item");
  }

  @Test
  void ownerThatDiesBetweenTheWordAndTheCutIsCompletedByTheNext() {
    Node a = soldOut();
    a.journal.cutIsLost = true;
    archive(a, true);
    drainedTo(world.store.position());
    world.pass(5_000);
    assertThat(kept()).hasSizeGreaterThan(40).anyMatch(SaleEvent.LogCut.class::isInstance);
    a.process.kill();

    Node b = world.node("b", 0);
    drainedTo(world.store.position());
    assertThat(world.serves(b, 10_000)).isTrue();
    world.pass(2_000);

    assertThat(kept()).hasSizeLessThan(12);
  }

  @Test
  void nothingIsCutThatMySqlLostSinceItWasHeardOf() {
    Node a = soldOut();
    archive(a, true);
    long entries = world.store.kept().size();
    a.cursor = 5L; // restored from a copy
    a.owner.drained(world.store.position());
    world.pass(10_000);

    assertThat(world.store.kept().size()).isGreaterThanOrEqualTo((int) entries);
    assertThat(kept()).noneMatch(SaleEvent.LogCut.class::isInstance);

    a.cursor = null; // nobody knows
    world.pass(10_000);
    assertThat(kept()).noneMatch(SaleEvent.LogCut.class::isInstance);
  }

  @Test
  void entryTheCursorStandsOnStays() {
    Node a = soldOut();
    archive(a, true);
    long drained = world.store.position();
    drainedTo(drained);
    world.pass(5_000);

    assertThat(world.store.kept().get(0).first()).isLessThanOrEqualTo(drained);
    assertThat(world.store.kept().get(0).last()).isGreaterThan(1);
  }

  @Test
  void logWhoseBeginningWasLostIsNoCutLog() {
    Node a = soldOut();
    a.process.kill();

    Node b = world.node("b", 0);
    b.journal.reading = entries -> entries.stream().filter(e -> e.first() > 3).toList();
    world.pass(10_000);

    assertThat(b.serving()).isFalse();
    assertThat(b.alarms).contains("journal.damaged");
  }

  @Test
  void whoReadsAheadBeginsAnewWhenTheLogIsCutMeanwhile() {
    Node a = soldOut();
    Node b = world.node("b", 1);
    b.journal.reading = entries -> entries.size() > 3 ? entries.subList(0, 3) : entries;
    world.pass(2_000);
    archive(a, true);
    drainedTo(world.store.position());
    world.pass(15_000);
    a.process.kill();

    assertThat(world.serves(b, 15_000)).isTrue();
    assertThat(b.alarms).isEmpty();
    assertThat(hash(b)).isEqualTo(Invariants.stateHash(PARTITION, world.store.log()));
  }

  @Test
  void sessionThatIsNotOverIsNotArchived() {
    Node a = world.node("a", 0);
    assertThat(world.serves(a, 1_000)).isTrue();
    publish(a, OLD, SOLD_FOR_MS);
    order(a, OLD, "ann");
    Reply open = archive(a, true);
    world.pass(SOLD_FOR_MS);
    Reply held = archive(a, true);

    assertThat(open).extracting(r -> ((Reply.Refused) r).code()).isEqualTo("not_ended");
    assertThat(held).extracting(r -> ((Reply.Refused) r).code()).isEqualTo("orders_held");
  }

  @Test
  void lastLatePaymentsAreWaitedForAndArchivingTwiceIsArchivingOnce() {
    Node a = soldOut();
    Reply tooEarly = archive(a, false);
    Reply first = archive(a, true);
    Reply again = archive(a, false);

    assertThat(tooEarly).extracting(r -> ((Reply.Refused) r).code()).isEqualTo("too_early");
    assertThat(first).extracting(r -> ((Reply.Steered) r).before()).isEqualTo("{\"items\":1}");
    assertThat(again).extracting(r -> ((Reply.Steered) r).before()).isEqualTo("{\"items\":0}");
  }
}
