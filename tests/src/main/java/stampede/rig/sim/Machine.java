package stampede.rig.sim;

/** A machine whose program can crash, freeze and start again. */
abstract class Machine {
  private static final long ADDRESS_LINGERS_MS = 3_000;

  final World world;
  final String name;
  final int number;
  SimProcess process;
  private int starts;

  Machine(World world, String name, int number) {
    this.world = world;
    this.name = name;
    this.number = number;
    this.process = newProcess();
  }

  /** Makes the program anew on {@link #process}. */
  abstract void boot();

  /** Starts so far: tells one start from another. */
  int starts() {
    return starts;
  }

  void start() {
    process = newProcess();
    starts++;
    world.trace.add(1, number, starts, () -> name + " starts");
    boot();
    world.membersChanged();
  }

  /** Dies at once; others learn of it later. */
  void crash() {
    if (!process.isDead()) {
      SimProcess dead = process;
      dead.kill();
      world.trace.add(2, number, starts, () -> name + " is gone");
      world.clock.after(world.random.nextLong(ADDRESS_LINGERS_MS), () -> world.bus.forget(dead));
      world.membersChanged();
    }
  }

  void startIfDead() {
    if (process.isDead()) {
      start();
    }
  }

  private SimProcess newProcess() {
    return new SimProcess(world.clock, number, world.random.nextInt(1_000_000_000));
  }
}
