package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.sale.OwnerWorld.ITEM;
import static stampede.sale.OwnerWorld.PARTITION;
import static stampede.sale.OwnerWorld.START_MS;
import static stampede.sale.OwnerWorld.item;
import static stampede.sale.OwnerWorld.publish;
import static stampede.sale.OwnerWorld.shake;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.SoldOutQuery;
import stampede.protocol.SoldOutQuery.Wanted;
import stampede.protocol.Steering;
import stampede.protocol.StockLevel;
import stampede.protocol.Warrant;
import stampede.sale.OwnerWorld.Node;
import stampede.sale.engine.SaleEngine;
import stampede.sale.journal.Journal;

/** What an owner lets everybody know of its items. */
class HintsTest {
  private final OwnerWorld world = new OwnerWorld();
  private Node node;

  @BeforeEach
  void serve() {
    node = world.node("a", 0);
    assertThat(world.serves(node, 1_000)).isTrue();
  }

  private void sell(long stock) {
    node.send(publish(item(stock, 1, START_MS - 1_000, 60_000)));
    world.pass(150);
  }

  private ItemState shown() {
    for (int i = node.hints.size() - 1; i >= 0; i--) {
      for (Hint.Item each : node.hints.get(i).items()) {
        if (each.item() == ITEM) {
          return each.state();
        }
      }
    }
    throw new AssertionError("never shown");
  }

  private long order(String user) {
    OwnerWorld.Heard heard = node.send(shake(user, "k"));
    world.pass(20);
    return heard.order().order();
  }

  private SoldOutQuery.Answer ask(long knownPosition) {
    SoldOutQuery query = new SoldOutQuery(PARTITION, List.of(new Wanted(ITEM, knownPosition)));
    byte[] answer = node.owner.soldOut(SoldOutQuery.decode(query.encode())).encode();
    return SoldOutQuery.Answer.decode(answer);
  }

  // ── hints

  @Test
  void nothingIsShownBeforeItIsDurable() {
    sell(1);
    node.faults.cut(true);
    node.send(shake("ann", "k"));
    world.pass(500);
    assertThat(shown()).isEqualTo(ItemState.OPEN);
    assertThat(ask(0).items()).isEmpty();

    node.faults.cut(false);
    world.pass(1_500);
    assertThat(shown()).isEqualTo(ItemState.SOLD_OUT);
  }

  @Test
  void anOperatorsWordIsShownAsSoonAsItIsDurable() {
    sell(5);
    node.hints.clear();
    Warrant warrant = new Warrant("op", "", Bytes.of("w"), true);
    OwnerWorld.Heard heard =
        node.send(new Command.Steer(Steering.PAUSE_ITEM, ITEM, 0, Bytes.EMPTY, warrant));
    while (heard.nothing()) {
      world.pass(1);
    }

    assertThat(shown()).isEqualTo(ItemState.PAUSED);
  }

  @Test
  void aUnitThatComesBackIsShownForTwoSecondsHoweverFastItIsGone() {
    sell(1);
    long order = order("ann");
    world.pass(200);
    assertThat(shown()).isEqualTo(ItemState.SOLD_OUT);
    node.send(new Command.Cancel(order, Bytes.of("ann")), shake("bob", "k"));
    world.pass(20);
    assertThat(shown()).isEqualTo(ItemState.OPEN);
    world.pass(HintBoard.NONE_AGAIN_MS - 150);
    assertThat(shown()).isEqualTo(ItemState.OPEN);
    assertThat(node.lastHint.items().get(0).level()).isEqualTo(StockLevel.LOW);
    world.pass(300);

    assertThat(shown()).isEqualTo(ItemState.SOLD_OUT);
  }

  @Test
  void veryManyItemsCostLittleWhileNothingChanges() {
    int items = 100_000;
    SaleEngine engine = new SaleEngine(PARTITION, Long.MAX_VALUE / 4);
    SaleItem pattern = item(5, 1, START_MS + 80_000_000, 60_000);
    Warrant warrant = new Warrant("op", "", Bytes.EMPTY, true);
    for (int i = 0; i < items; i++) {
      engine.apply(new SaleEvent.ItemPublished(withId(pattern, i + 1), warrant, START_MS));
    }
    List<Hint> out = new ArrayList<>();
    HintBoard board = new HintBoard(PARTITION, "a", "a", tenure(engine));
    int looks = 0;
    while (looks < items / Hint.ITEMS_MAX + 2) {
      board.changes(0, Long.MAX_VALUE, true, "serving", out);
      looks++;
    }
    out.clear();

    long begin = System.nanoTime();
    for (int tick = 0; tick < 10_000; tick++) {
      board.changes(0, Long.MAX_VALUE, true, "serving", out);
    }
    long microsATick = (System.nanoTime() - begin) / 10_000_000;

    begin = System.nanoTime();
    long looked = 0;
    for (int i = 0; i < 20 * items; i++) {
      looked += engine.itemAt(i % items).level().ordinal();
    }
    long microsAWalk = (System.nanoTime() - begin) / 20_000;
    System.out.printf(
        "%,d quiet items: a tick %d µs, a walk along all of them %,d µs%n",
        items, microsATick, microsAWalk);
    assertThat(looked).isPositive();
    assertThat(out).isEmpty();
    assertThat(microsATick).isLessThan(microsAWalk / 10);
  }

  private Tenure tenure(SaleEngine engine) {
    return new Tenure(
        PARTITION,
        1,
        new Journal.Acquired.Ok(1, engine.position(), START_MS, 0, false),
        engine,
        node.journal,
        world.timers,
        new OwnerTime(world.timers),
        world.limits,
        node,
        world.timers.nanos(),
        reason -> {});
  }

  private static SaleItem withId(SaleItem i, long id) {
    return i.moved(id, i.session(), i.opensAt(), i.closesAt(), i.releases(), i.claimWithinMs());
  }

  // ── sold out, and who has an order

  @Test
  void winnersAreToldOnceInFullAndThenByWhatIsNew() {
    sell(2);
    long annsOrder = order("ann");
    assertThat(ask(0).items()).isEmpty(); // not sold out
    order("bob");
    SoldOutQuery.Answer whole = ask(0);
    node.send(new Command.Cancel(annsOrder, Bytes.of("ann")));
    world.pass(20);
    assertThat(ask(whole.position()).items()).isEmpty();
    order("eve");
    SoldOutQuery.Answer more = ask(whole.position());

    assertThat(whole.position()).isEqualTo(world.store.position() - 2);
    assertThat(whole.items().get(0).whole().mayContain(hash("ann"))).isTrue();
    assertThat(whole.items().get(0).whole().mayContain(hash("bob"))).isTrue();
    assertThat(whole.items().get(0).whole().mayContain(hash("eve"))).isFalse();
    assertThat(whole.items().get(0).lastsMs()).isBetween(50_000L, 61_000L); // the first expiry
    assertThat(more.items().get(0).whole()).isNull();
    assertThat(more.items().get(0).added()).containsExactly(hash("eve"));
    assertThat(ask(more.position()).items().get(0).added()).isEmpty();
    assertThat(ask(0).items().get(0).whole().mayContain(hash("eve"))).isTrue();
  }

  @Test
  void theNextOwnerGoesOnFromWhatTheEdgeKnows() {
    sell(1);
    order("ann");
    long known = ask(0).position();
    node.process.kill();
    node = world.node("a", 0);
    assertThat(world.serves(node, 5_000)).isTrue();

    SoldOutQuery.Item item = ask(known).items().get(0);
    assertThat(item.whole()).isNull();
    assertThat(item.added()).isEmpty();
  }

  @Test
  void whoDoesNotServeSaysNothing() {
    sell(1);
    order("ann");
    node.faults.cut(true);
    world.pass(OwnerWorld.LEASE_MS);

    assertThat(ask(0).items()).isEmpty();
  }

  private static long hash(String user) {
    return Bytes.of(user).hash64();
  }
}
