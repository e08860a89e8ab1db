package stampede.rig.sim;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Limits;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;

/**
 * In some worlds: a session of yesterday in every partition, sold and paid before the others come,
 * then archived, so that its owner cuts the log. Somebody who was blocked then must still be so.
 */
final class Archivist {
  /** What the others' items wait for, so that most of the log is of the archived session. */
  static final long OTHERS_AFTER_MS = 25_000;

  private static final long SESSION = 900;
  private static final int ONE_WORLD_IN = 3;
  private static final long SELLS_FOR_MS = 20_000;
  private static final long AGAIN_MS = 1_000;
  private static final long TRY_EVERY_MS = 15_000;
  private static final Bytes BLOCKED = Bytes.of("blocked-for-good");

  private final World world;
  private final SplittableRandom random;
  private final boolean works;
  private final List<SaleItem> items = new ArrayList<>();
  private final Set<Long> ids = new HashSet<>();
  private int keys;

  Archivist(World world, SplittableRandom random) {
    this.world = world;
    this.random = random;
    this.works = random.nextInt(ONE_WORLD_IN) == 0;
    for (long id = 9_000; works && items.size() < Setting.PARTITIONS; id++) {
      if (PartitionMap.partitionOfItem(id, Setting.PARTITIONS) == items.size()) {
        items.add(item(id));
        ids.add(id);
      }
    }
  }

  private SaleItem item(long id) {
    return new SaleItem(
        id,
        SESSION,
        "Yesterday's",
        100,
        200,
        "CNY",
        Setting.START_MS - 1_000,
        Setting.START_MS + SELLS_FOR_MS,
        50,
        2,
        2_000 + random.nextInt(10_000),
        0,
        Limits.GATE_OPEN,
        List.of());
  }

  boolean works() {
    return works;
  }

  boolean owns(long item) {
    return ids.contains(item);
  }

  void start() {
    for (SaleItem item : items) {
      Command block = new Command.Steer(Steering.BLOCK_USER, 0, 0, BLOCKED, warrant());
      ask(item, block, () -> ask(item, new Command.Publish(item, warrant()), () -> sell(item)));
    }
  }

  private void sell(SaleItem item) {
    for (int i = 6 + random.nextInt(12); i > 0; i--) {
      world.clock.after(random.nextLong(SELLS_FOR_MS), () -> order(item));
    }
    world.clock.after(SELLS_FOR_MS, () -> archive(item));
  }

  private void order(SaleItem item) {
    Bytes user = Bytes.of("y" + ++keys);
    int partition = partition(item);
    world.askUntilAnswered(
        partition,
        new Command.Shake(item.item(), user, Bytes.of("k"), 1),
        (reply, failure) -> {
          if (reply instanceof Reply.Shaken said && said.order() != null) {
            pay(partition, said.order().order());
          }
        });
  }

  private void pay(int partition, long order) {
    if (random.nextInt(4) > 0) {
      Command.Pay pay = new Command.Pay(order, Bytes.of("yp" + order), 100, "CNY");
      world.askUntilAnswered(
          partition, pay, (reply, failure) -> world.checker.paid(partition, pay, reply));
    }
  }

  /** Until all is over. */
  private void archive(SaleItem item) {
    int partition = partition(item);
    Command archive = new Command.Archive(SESSION, true);
    world.askUntilAnswered(
        partition,
        archive,
        (reply, failure) -> {
          world.checker.steered(partition, archive, reply);
          if (reply instanceof Reply.Steered) {
            tryAsBlocked(partition);
          } else if (!world.loadEnded()) {
            world.clock.after(AGAIN_MS, () -> archive(item));
          }
        });
  }

  private void tryAsBlocked(int partition) {
    if (world.loadEnded()) {
      return;
    }
    world.clock.after(1 + random.nextLong(2 * TRY_EVERY_MS), () -> tryAsBlocked(partition));
    for (SaleItem other : world.setting.items()) {
      if (partition(other) == partition) {
        Command shake = new Command.Shake(other.item(), BLOCKED, Bytes.of("b" + ++keys), 1);
        world.askUntilAnswered(partition, shake, (reply, failure) -> requireNothingGot(reply));
      }
    }
  }

  private static void requireNothingGot(Reply reply) {
    if (reply instanceof Reply.Shaken said && said.outcome() == Outcome.ACCEPTED) {
      throw new Violation("S8 who was blocked before the cut is so no more: " + said);
    }
  }

  private void ask(SaleItem item, Command command, Runnable then) {
    world.askUntilAnswered(
        partition(item),
        command,
        (reply, failure) -> {
          world.checker.steered(partition(item), command, reply);
          then.run();
        });
  }

  private static int partition(SaleItem item) {
    return PartitionMap.partitionOfItem(item.item(), Setting.PARTITIONS);
  }

  private Warrant warrant() {
    return new Warrant("archivist", "", Bytes.of("a" + ++keys), true);
  }
}
