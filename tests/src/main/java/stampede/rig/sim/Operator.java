package stampede.rig.sim;

import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.EdgeLimit;
import stampede.protocol.Limits;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;

/** Publishes the items; later pauses, resumes, adds stock, blocks and turns the gate. */
final class Operator {
  private static final int PAUSE_MS_MAX = 20_000;
  private static final int BETWEEN_MS = 30_000;
  private static final int LIMITS_OF_SHAKES = EdgeLimit.BLOCKED_FOR_MS.ordinal() + 1;
  private final World world;
  private int keys;

  Operator(World world) {
    this.world = world;
  }

  void start() {
    long firstMs = world.archivist.works() ? Archivist.OTHERS_AFTER_MS : 0;
    for (SaleItem item : world.setting.items()) {
      world.clock.after(firstMs + world.random.nextInt(3_000), () -> publish(item));
    }
    world.clock.after(BETWEEN_MS, this::steerNow);
  }

  private void publish(SaleItem item) {
    ask(item.item(), new Command.Publish(item, warrant()));
  }

  private void steerNow() {
    if (world.loadEnded()) {
      return;
    }
    world.clock.after(1 + world.random.nextInt(2 * BETWEEN_MS), this::steerNow);
    SaleItem item = world.setting.items().get(world.random.nextInt(world.setting.items().size()));
    switch (world.random.nextInt(8)) {
      case 0, 1 -> steer(item, Steering.ADD_STOCK, 1 + world.random.nextInt(4));
      case 2 -> forAWhile(item, Steering.PAUSE_ITEM, Steering.RESUME_ITEM);
      case 3 -> block(item);
      case 4 -> steer(item, Steering.SET_GATE, Limits.GATE_OPEN / (1 + world.random.nextInt(2)));
      case 5 -> steer(item, Steering.SET_COOLDOWN, world.random.nextInt(3_000));
      case 6 -> limit();
      default -> {
        for (SaleItem each : world.setting.items()) {
          forAWhile(each, Steering.PAUSE_SESSION, Steering.RESUME_SESSION);
        }
      }
    }
  }

  private void forAWhile(SaleItem item, Steering begin, Steering end) {
    steer(item, begin, 0);
    world.clock.after(1 + world.random.nextInt(PAUSE_MS_MAX), () -> steer(item, end, 0));
  }

  private void steer(SaleItem item, Steering steering, long value) {
    boolean ofSession = steering == Steering.PAUSE_SESSION || steering == Steering.RESUME_SESSION;
    long subject = ofSession ? item.session() : item.item();
    ask(item.item(), new Command.Steer(steering, subject, value, Bytes.EMPTY, warrant()));
  }

  /** Tighter or looser, and one time in four back to the config. */
  private void limit() {
    EdgeLimit limit = EdgeLimit.values()[world.random.nextInt(LIMITS_OF_SHAKES)];
    // lines of a hundred are never full here: busy then always says that there is no owner
    long value = Math.min(limit.max(), limit.min() + 100 + world.random.nextInt(500));
    long set = world.random.nextInt(4) == 0 ? EdgeLimit.OF_CONFIG : value;
    Command.Steer steer =
        new Command.Steer(Steering.SET_LIMIT, limit.code(), set, Bytes.EMPTY, warrant());
    ask(PartitionMap.LIMITS_PARTITION, steer);
  }

  private void block(SaleItem item) {
    Bytes user = world.shoppers.get(world.random.nextInt(world.shoppers.size())).user();
    ask(item.item(), new Command.Steer(Steering.BLOCK_USER, 0, 0, user, warrant()));
    world.clock.after(
        1 + world.random.nextInt(PAUSE_MS_MAX),
        () -> ask(item.item(), new Command.Steer(Steering.UNBLOCK_USER, 0, 0, user, warrant())));
  }

  private void ask(long item, Command command) {
    ask(PartitionMap.partitionOfItem(item, Setting.PARTITIONS), command);
  }

  private void ask(int partition, Command command) {
    world.askUntilAnswered(
        partition, command, (reply, failure) -> world.checker.steered(partition, command, reply));
  }

  private Warrant warrant() {
    return new Warrant("op", "", Bytes.of("w" + ++keys), true);
  }
}
