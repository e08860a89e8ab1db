package stampede.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static stampede.sale.OwnerWorld.ITEM;
import static stampede.sale.OwnerWorld.PARTITION;
import static stampede.sale.OwnerWorld.START_MS;
import static stampede.sale.OwnerWorld.item;
import static stampede.sale.OwnerWorld.publish;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.OrderFact;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.rig.Faults;
import stampede.rig.Invariants;
import stampede.sale.OwnerWorld.Node;

/**
 * Owners of one partition on bad ways to one store: killed, frozen, cut off, with replies lost and
 * calls carried out late. Whatever happens, nobody is told what the log does not hold.
 */
class OwnerFaultsTest {
  private static final int SEEDS = 300;
  private static final long RUN_MS = 40_000;
  private static final int USERS = 30;
  private static final int STOCK = 40;

  @Test
  void whatShoppersWereToldIsInTheLogWhateverHappens() {
    int accepted = 0;
    int epochs = 0;
    int pending = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      Run run = new Run(seed);
      try {
        run.go();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + " at " + run.world.timers.millis() + " ms", e);
      }
      accepted += run.told.size();
      epochs += run.world.store.epoch();
      pending += run.pending;
    }

    assertThat(accepted).as("the runs must not be idle").isGreaterThan(SEEDS * 20);
    assertThat(epochs).as("the runs must be eventful").isGreaterThan(SEEDS * 3);
    assertThat(pending).isGreaterThan(SEEDS);
  }

  private record Key(String user, String key) {}

  /** One seed's world. */
  private static final class Run {
    private final OwnerWorld world = new OwnerWorld();
    private final SplittableRandom random;
    private final Map<Key, OrderFact> told = new HashMap<>();
    private final List<OrderFact> orders = new ArrayList<>();
    private final List<Key> asked = new ArrayList<>();
    private final long seed;
    private int payments;
    private int pending;
    private boolean healed;

    private Run(long seed) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
    }

    private void go() {
      int names = 2 + (int) (seed % 2);
      for (int i = 0; i < names; i++) {
        start("n" + i, i);
      }
      plan();
      while (world.timers.millis() < RUN_MS) {
        world.timers.step();
        world.serving(); // throws when two may answer
      }
      heal();
      assertThat(served(5_000)).as("an owner within 5 s").isTrue();
      world.pass(2_000); // calls lost before the healing end by their time-out
      world.check();
      told.values()
          .forEach(
              order ->
                  assertThat(Invariants.holds(PARTITION, world.store.log(), order))
                      .as("%s is in the log", order)
                      .isTrue());
      askAgain();
      world.pass(3_000);
      world.check();
    }

    private void plan() {
      world.timers.after(random.nextLong(2, 20), this::shop);
      world.timers.after(random.nextLong(500, 6_000), this::misfortune);
    }

    private Node start(String name, int rank) {
      Faults faults = Faults.seeded(random.nextLong());
      return world.node(name, rank, faults);
    }

    private void heal() {
      healed = true;
      for (Node node : world.nodes) {
        node.faults.rates(0, 0, 0, 0);
        node.faults.cut(false);
        node.process.thaw();
      }
      world.store.full(false);
    }

    private boolean served(long ms) {
      long until = world.timers.millis() + ms;
      while (world.serving() == null && world.timers.millis() < until) {
        world.pass(1);
      }
      return world.serving() != null;
    }

    // ── shoppers

    private void shop() {
      if (healed) {
        return;
      }
      world.timers.after(random.nextLong(2, 60), this::shop);
      List<Command> commands = new ArrayList<>();
      int size = 1 + random.nextInt(4);
      for (int i = 0; i < size; i++) {
        commands.add(command());
      }
      Node to = world.nodes.get(world.nodes.size() - 1 - random.nextInt(Math.min(3, count())));
      long epoch = world.store.epoch() - (random.nextInt(20) == 0 ? 1 : 0);
      if (world.store.position() < 3) {
        commands = List.of(publish(item(STOCK, 2, START_MS - 1_000, 4_000)));
      }
      send(to, Math.max(0, epoch), commands);
    }

    private int count() {
      return world.nodes.size();
    }

    private Command command() {
      int draw = random.nextInt(100);
      if (draw < 20 && !orders.isEmpty()) {
        OrderFact order = orders.get(random.nextInt(orders.size()));
        Bytes payment = Bytes.of("p" + (random.nextInt(4) == 0 ? payments : ++payments));
        return new Command.Pay(order.order(), payment, order.price(), "CNY");
      } else if (draw < 30 && !orders.isEmpty()) {
        OrderFact order = orders.get(random.nextInt(orders.size()));
        return new Command.Cancel(order.order(), order.user());
      } else if (draw < 45 && !asked.isEmpty()) {
        Key key = asked.get(random.nextInt(asked.size()));
        return shake(key);
      }
      Key key = new Key("u" + random.nextInt(USERS), "k" + random.nextInt(40));
      asked.add(key);
      return shake(key);
    }

    private static Command shake(Key key) {
      return new Command.Shake(ITEM, Bytes.of(key.user), Bytes.of(key.key), 1);
    }

    private void send(Node to, long epoch, List<Command> commands) {
      int[] heard = new int[1];
      CommandBatch batch = new CommandBatch(PARTITION, epoch, commands);
      to.process.run(
          () ->
              to.owner.handle(
                  batch,
                  (reply, failure) -> {
                    assertThat(++heard[0]).as("answers to one batch").isEqualTo(1);
                    assertThat(failure).isNull();
                    heard(commands, reply);
                  }));
    }

    private void heard(List<Command> commands, BatchReply reply) {
      pending += reply instanceof BatchReply.Pending ? 1 : 0;
      if (!(reply instanceof BatchReply.Answered answered)) {
        return;
      }
      assertThat(answered.replies()).hasSameSizeAs(commands);
      for (Reply each : answered.replies()) {
        assertThat(each.position()).as("durable").isLessThanOrEqualTo(world.store.position());
        if (each instanceof Reply.Shaken shaken && shaken.outcome() == Outcome.ACCEPTED) {
          accepted(shaken.order());
        }
      }
    }

    private void accepted(OrderFact order) {
      OrderFact earlier = told.putIfAbsent(new Key(text(order.user()), text(order.key())), order);
      if (earlier == null) {
        orders.add(order);
      } else {
        assertThat(order.order()).as("one order a key").isEqualTo(earlier.order());
      }
    }

    private static String text(Bytes bytes) {
      return bytes.utf8();
    }

    /** Every key that was ever asked for, once more, of the one owner there is now. */
    private void askAgain() {
      Node owner = world.serving();
      List<Reply> replies = new ArrayList<>();
      for (int from = 0; from < asked.size(); from += 100) {
        List<Command> batch = new ArrayList<>();
        asked.subList(from, Math.min(asked.size(), from + 100)).forEach(k -> batch.add(shake(k)));
        owner.owner.handle(
            new CommandBatch(PARTITION, world.store.epoch(), batch),
            (reply, failure) -> {
              heard(batch, reply);
              replies.addAll(((BatchReply.Answered) reply).replies());
            });
      }
      world.pass(200);
      assertThat(replies).hasSameSizeAs(asked);
      for (int i = 0; i < replies.size(); i++) {
        OrderFact before = told.get(asked.get(i));
        if (replies.get(i) instanceof Reply.Shaken shaken && before != null) {
          assertThat(shaken.outcome()).isEqualTo(Outcome.ACCEPTED);
        }
      }
    }

    // ── misfortunes

    private void misfortune() {
      if (healed) {
        return;
      }
      world.timers.after(random.nextLong(500, 8_000), this::misfortune);
      List<Node> alive = world.nodes.stream().filter(n -> n.process.isAwake()).toList();
      if (alive.isEmpty()) {
        return;
      }
      Node node = alive.get(random.nextInt(alive.size()));
      switch (random.nextInt(6)) {
        case 0 -> restart(node);
        case 1 -> {
          node.process.freeze();
          world.timers.after(random.nextLong(100, 30_000), node.process::thaw);
        }
        case 2 -> {
          node.faults.cut(true);
          world.timers.after(random.nextLong(100, 15_000), () -> node.faults.cut(false));
        }
        case 3 -> node.faults.rates(100, 100, 100, 100);
        case 4 -> {
          world.store.full(true);
          world.timers.after(random.nextLong(100, 3_000), () -> world.store.full(false));
        }
        case 5 -> {
          Node leaving = node;
          leaving.owner.stop(
              () -> {
                if (leaving.process.isAwake()) { // stopped twice, it is still started once
                  restart(leaving);
                }
              });
        }
        default -> throw new AssertionError();
      }
    }

    private void restart(Node node) {
      node.process.kill();
      long downMs = random.nextLong(1, 4_000);
      world.timers.after(
          downMs,
          () -> {
            Node next = start(node.name, node.rank);
            if (healed) {
              next.faults.rates(0, 0, 0, 0);
            }
          });
    }
  }
}
