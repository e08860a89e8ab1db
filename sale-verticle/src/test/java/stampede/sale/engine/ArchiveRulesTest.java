package stampede.sale.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;

/** A shop that sells every day on one partition, with a log of little more than a day. */
class ArchiveRulesTest {
  private static final long DAY_MS = 86_400_000;
  private static final long START = 1_800_000_000_000L;
  private static final int STOCK = 40;
  private static final long EVENTS_MAX = 1_000 + 8 * STOCK;
  private static final Warrant WARRANT = new Warrant("op", "", Bytes.EMPTY, true);

  private SaleEngine engine = new SaleEngine(3, EVENTS_MAX);
  private final List<SaleEvent> log = new ArrayList<>();
  private long now = START;

  private Reply say(Command command) {
    letTimeDoItsWork();
    Decision decision = engine.decide(command, now);
    apply(decision.events());
    return decision.reply();
  }

  private void apply(List<SaleEvent> events) {
    events.forEach(engine::apply);
    log.addAll(events);
  }

  private void letTimeDoItsWork() {
    for (List<SaleEvent> due = engine.due(now, 100); !due.isEmpty(); ) {
      apply(due);
      due = engine.due(now, 100);
    }
  }

  private static SaleItem item(int day) {
    long opensAt = START + day * DAY_MS;
    return Goods.item(1_000 + day, 1 + day, opensAt, opensAt + 3_600_000, STOCK, 2, 60_000);
  }

  private Reply publish(int day) {
    return say(new Command.Publish(item(day), WARRANT));
  }

  private void sell(int day) {
    now = Math.max(now, item(day).opensAt());
    for (int i = 0; i < STOCK; i++) {
      now++;
      Bytes user = Bytes.of("u" + i);
      Shaken said = (Shaken) say(new Command.Shake(1_000 + day, user, Bytes.of("k"), 1));
      assertThat(said.outcome()).isEqualTo(Outcome.ACCEPTED);
      long order = said.order().order();
      say(new Command.Pay(order, Bytes.of("p" + order), 100, "CNY"));
    }
    now = item(day).closesAt();
    letTimeDoItsWork();
  }

  private String archive(int day, boolean early) {
    Reply reply = say(new Command.Archive(1 + day, early));
    return reply instanceof Reply.Refused refused ? refused.code() : "archived";
  }

  private void cut() {
    apply(engine.cut(engine.position(), engine.position(), now));
  }

  @Test
  void withoutArchivesTheLogIsFullAfterSomeDays() {
    publish(0);
    sell(0);
    publish(1);
    sell(1);
    Reply third = publish(2);
    sell(2);

    assertThat(third).isInstanceOf(Reply.Steered.class);
    assertThat(publish(3))
        .isInstanceOfSatisfying(
            Reply.Refused.class, r -> assertThat(r.code()).isEqualTo("too_many_events"));
  }

  @Test
  void withThemItSellsForEver() {
    publish(0);
    for (int day = 0; day < 60; day++) {
      sell(day);
      assertThat(publish(day + 1)).isInstanceOf(Reply.Steered.class);
      assertThat(archive(day, true)).isEqualTo("archived");
      cut();
      assertThat(engine.items()).isEqualTo(1);
      assertThat(engine.position() - engine.cutUpTo()).isLessThan(10);
    }

    SaleEngine again = new SaleEngine(3, EVENTS_MAX, engine.cutUpTo());
    log.subList((int) engine.cutUpTo(), log.size()).forEach(again::apply);
    assertThat(again.isWhole()).isTrue();
    assertThat(again.stateHash()).isEqualTo(engine.stateHash());
  }

  @Test
  void nothingIsArchivedBeforeItIsOver() {
    publish(0);
    now = item(0).opensAt();
    Shaken said = (Shaken) say(new Command.Shake(1_000, Bytes.of("ann"), Bytes.of("k"), 1));
    assertThat(archive(0, true)).isEqualTo("not_ended");

    now = item(0).closesAt();
    long order = said.order().order();
    say(new Command.Pay(order, Bytes.of("p"), 100, "CNY"));
    assertThat(archive(0, false)).isEqualTo("too_early");
    now += 60_000 + DAY_MS;
    assertThat(archive(0, false)).isEqualTo("archived");
    assertThat(archive(0, false)).isEqualTo("archived"); // there is none any more

    assertThat(say(new Command.FindOrder(order, Bytes.EMPTY)))
        .isInstanceOfSatisfying(
            Reply.Refused.class, r -> assertThat(r.code()).isEqualTo("unknown_order"));
    assertThat(publish(0))
        .isInstanceOfSatisfying(
            Reply.Refused.class, r -> assertThat(r.code()).isEqualTo("item_ended"));
  }

  @Test
  void itemThatWasClosedByHandIsArchivedOnceItsWindowIsOver() {
    publish(0);
    now = item(0).opensAt() + 1;
    say(new Command.Steer(Steering.CLOSE_ITEM, 1_000, 0, Bytes.EMPTY, WARRANT));

    assertThat(archive(0, true)).isEqualTo("not_ended"); // it could be published again
    now = item(0).closesAt();
    assertThat(archive(0, true)).isEqualTo("archived");
  }

  @Test
  void nothingIsCutBeforeItIsDrainedNorWhatStillLives() {
    publish(7);
    publish(0);
    sell(0);
    archive(0, true);
    long drained = engine.position() - 1;

    assertThat(engine.cut(drained, drained, now)).isEmpty();
    assertThat(engine.cut(engine.position(), engine.position(), now))
        .isEmpty(); // the other came first of all

    assertThatThrownBy(() -> engine.apply(new SaleEvent.LogCut(2, engine.epoch(), now)))
        .isInstanceOf(BrokenInvariant.class)
        .hasMessageContaining("takes away item 1007");
  }

  @Test
  void aKeyThatMayBeSentAgainIsNotCutAway() {
    publish(0);
    sell(0);
    archive(0, true);
    Warrant keyed = new Warrant("op", "", Bytes.of("k-1"), true);
    Command.Steer block = new Command.Steer(Steering.BLOCK_USER, 0, 0, Bytes.of("bot"), keyed);
    Reply first = say(block);
    long position = engine.position();

    assertThat(engine.cut(position, position, now))
        .last()
        .isEqualTo(new SaleEvent.LogCut(position, engine.epoch(), now));
    apply(engine.cut(position, position - 1, now));
    assertThat(engine.cutUpTo()).isEqualTo(position - 1);
    long cut = engine.position();
    assertThat(say(block)).isEqualTo(first);
    assertThat(engine.position()).isEqualTo(cut);
  }

  @Test
  void aYoungKeyBeforeTheArchiveIsWaitedForAndThenAllGoesAtOnce() {
    publish(0);
    Warrant keyed = new Warrant("op", "", Bytes.of("k-1"), true);
    say(new Command.Steer(Steering.BLOCK_USER, 0, 0, Bytes.of("bot"), keyed));
    long key = engine.position();
    sell(0);
    archive(0, true);
    long drained = engine.position();

    assertThat(engine.cut(drained, key - 1, now)).isEmpty();
    apply(engine.cut(drained, key, now));

    assertThat(engine.cutUpTo()).isEqualTo(drained);
  }

  @Test
  void blockedUsersAndLimitsAreRestatedInPieces() {
    engine = new SaleEngine(3, 100_000);
    for (int i = 0; i < 450; i++) {
      say(new Command.Steer(Steering.BLOCK_USER, 0, 0, Bytes.of("bot" + i), WARRANT));
    }
    say(new Command.Steer(Steering.SET_LIMIT, 1, 60, Bytes.EMPTY, WARRANT));
    publish(0);
    sell(0);
    archive(0, true);

    List<SaleEvent> events = engine.cut(engine.position(), engine.position(), now);

    assertThat(events).hasSize(1 + 3 + 1);
    apply(events);
    SaleEngine again = new SaleEngine(3, EVENTS_MAX, engine.cutUpTo());
    log.subList((int) engine.cutUpTo(), log.size()).forEach(again::apply);
    assertThat(again.blockedUsers()).isEqualTo(450);
    assertThat(again.stateHash()).isEqualTo(engine.stateHash());
  }

  @Test
  void restatingWhatIsNotSoIsAContradiction() {
    publish(0);
    SaleEvent wrong = new SaleEvent.Restated(List.of(Bytes.of("ann")), List.of(), now);

    assertThatThrownBy(() -> engine.apply(wrong)).isInstanceOf(BrokenInvariant.class);
  }
}
