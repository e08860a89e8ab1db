package stampede.rig.sim;

import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.rig.Faults;

/** Lets the episodes of a plan happen, and puts an end to all of them. */
final class Nemesis {
  private static final int LATE_MS_MAX = 60_000;
  private static final int LOST_PER_MILLE_MAX = 300;
  private static final long SPLIT_REPLIES_MS = 900;
  private static final long SPLIT_DEAF_AFTER_MS = 1_200;
  private final World world;
  private final FaultPlan plan;
  private final int[] spells = new int[FaultPlan.Kind.values().length];
  private boolean over;
  private long steppedMs;
  private long steppedMsMax;
  private int struck;

  Nemesis(World world, FaultPlan plan) {
    this.world = world;
    this.plan = plan;
  }

  void start() {
    world.trace.add(40, plan.kinds().size(), 0, () -> "faults: " + plan.kinds());
    for (FaultPlan.Episode episode : plan.episodes()) {
      world.clock.after(episode.atMs(), () -> strike(episode));
    }
  }

  /** Episodes that happened. */
  int episodes() {
    return struck;
  }

  /** Everything works from now on; who is dead starts, who is frozen thaws. */
  void heal() {
    over = true;
    world.trace.add(41, 0, 0, () -> "healed");
    world.bus.heal();
    world.mySql.heal();
    for (int p = 0; p < world.stores.length; p++) {
      world.stores[p].full(false);
    }
    if (steppedMs < steppedMsMax) {
      stepClock(steppedMsMax - steppedMs); // what it once showed is in the log: it must come again
    }
    for (Machine machine : world.machines) {
      faultless(machine);
      world.staleMembers(machine.number, false);
      machine.process.thaw();
      if (machine instanceof SimSale sale && sale.stopping()) {
        sale.crash();
      }
      machine.startIfDead();
    }
  }

  private void faultless(Machine machine) {
    wellAgain(world.faults(machine.number));
  }

  private static void wellAgain(Faults faults) {
    faults.cut(false);
    faults.slow(0, 0);
    faults.rates(0, 0, 0, 0);
  }

  /** Whoever owns the partition right now; a clock steps for all. */
  void strikeOwner(FaultPlan.Episode e, int partition) {
    SimSale owner = ownerOf(partition);
    if (over) {
      return;
    }
    struck++;
    world.trace.add(
        43,
        e.kind().ordinal(),
        e.forMs(),
        () -> "at a deadline: " + e.kind() + " for " + e.forMs());
    if (e.kind() == FaultPlan.Kind.REDIS_CLOCK) {
      stepClock(e);
    } else if (owner != null) {
      switch (e.kind()) {
        case SALE_CRASH -> crash(e, owner);
        case SALE_PAUSE -> freeze(e, owner, false);
        case SALE_REDEPLOYED -> redeploy(e, owner);
        default -> throw new AssertionError(e.kind());
      }
    }
  }

  private void strike(FaultPlan.Episode e) {
    if (over) {
      return;
    }
    struck++;
    world.trace.add(
        42, e.kind().ordinal(), e.forMs(), () -> e.kind() + " for " + e.forMs() + " ms");
    int n = (int) (e.draw() & 0xffff);
    int strength = (int) (e.draw() >>> 16 & 0xff);
    switch (e.kind()) {
      case MESSAGES_LOST ->
          spell(e, () -> world.bus.lost(1 + n % LOST_PER_MILLE_MAX), () -> world.bus.lost(0));
      case MESSAGES_DOUBLED ->
          spell(e, () -> world.bus.doubled(2 * strength), () -> world.bus.doubled(0));
      case MESSAGES_LATE ->
          spell(
              e,
              () -> world.bus.late(1 + strength, 1 + n % LATE_MS_MAX),
              () -> world.bus.late(0, 1));
      case ONE_WAY_CUT -> cut(e, pick(world.machines, n), pick(world.machines, n >> 5));
      case OWNER_SPLIT_OFF -> splitOff(e, n);
      case SALE_CRASH -> crash(e, pick(world.sales, n));
      case SALE_PAUSE -> freeze(e, pick(world.sales, n), false);
      case SALE_SUSPENDED -> freeze(e, pick(world.sales, n), true);
      case SALE_REDEPLOYED -> redeploy(e, pick(world.sales, n));
      case SALE_DEAF -> {
        SimSale sale = pick(world.sales, n);
        world.edges.forEach(edge -> cut(e, edge, sale));
      }
      case EDGE_CRASH -> crash(e, pick(world.edges, n));
      case EDGE_PAUSE -> freeze(e, pick(world.edges, n), false);
      case EDGE_SUSPENDED -> freeze(e, pick(world.edges, n), true);
      case PERSIST_CRASH -> crash(e, pick(world.persists, n));
      case PERSIST_PAUSE -> freeze(e, pick(world.persists, n), false);
      case MEMBERS_STALE -> {
        int machine = pick(world.sales, n).number;
        world.staleMembers(machine, true);
        later(e, () -> world.staleMembers(machine, false));
      }
      case JOURNAL_REPLIES_LOST -> {
        Faults faults = journalOf(n);
        spellOf(e, faults, () -> faults.rates(strength, strength, 3 * strength / 2, 0));
      }
      case JOURNAL_CALLS_LATE -> {
        Faults faults = journalOf(n);
        spellOf(e, faults, () -> faults.rates(0, 0, strength / 2, 1 + 2 * strength));
      }
      case JOURNAL_SLOW -> {
        Faults faults = journalOf(n);
        spellOf(e, faults, () -> faults.slow(1 + 4L * strength, 1 + 4L * strength));
      }
      case JOURNAL_CUT_OFF -> {
        Faults faults = journalOf(n);
        spellOf(e, faults, () -> faults.cut(true));
      }
      case REDIS_RESTART -> {
        for (int p = 0; p < world.stores.length; p++) {
          world.stores[p].restart(e.forMs() / 2, e.forMs() / 2);
        }
      }
      case REDIS_FULL -> spell(e, () -> full(true), () -> full(false));
      case REDIS_CLOCK -> stepClock(e);
      case MYSQL_REPLIES_LOST ->
          spell(e, () -> world.mySql.rates(0, 2 * strength, strength), this::mySqlWell);
      case MYSQL_DEADLOCKS ->
          spell(e, () -> world.mySql.rates(3 * strength, 0, 0), this::mySqlWell);
      case MYSQL_SLOW ->
          spell(e, () -> world.mySql.slow(1 + 20 * strength), () -> world.mySql.slow(0));
      case MYSQL_AWAY -> spell(e, () -> world.mySql.away(true), () -> world.mySql.away(false));
    }
  }

  private static <T> T pick(List<T> list, int n) {
    return list.get(n % list.size());
  }

  private void later(FaultPlan.Episode e, Runnable end) {
    world.clock.after(
        e.forMs(),
        () -> {
          if (!over) {
            end.run();
          }
        });
  }

  /** Of a kind the last spell to begin is the one that ends it. */
  private void spell(FaultPlan.Episode e, Runnable begin, Runnable end) {
    int mine = ++spells[e.kind().ordinal()];
    begin.run();
    later(
        e,
        () -> {
          if (spells[e.kind().ordinal()] == mine) {
            end.run();
          }
        });
  }

  private void spellOf(FaultPlan.Episode e, Faults faults, Runnable begin) {
    begin.run();
    later(e, () -> wellAgain(faults));
  }

  /** The way to the journal of a sale or persist node. */
  private Faults journalOf(int n) {
    List<? extends Machine> some = (n >> 8 & 3) == 0 ? world.persists : world.sales;
    return world.faults(pick(some, n).number);
  }

  private void mySqlWell() {
    world.mySql.rates(0, 0, 0);
  }

  private void full(boolean full) {
    for (int p = 0; p < world.stores.length; p++) {
      world.stores[p].full(full);
    }
  }

  private void cut(FaultPlan.Episode e, Machine from, Machine to) {
    world.bus.cut(from.number, to.number, true);
    later(e, () -> world.bus.cut(from.number, to.number, false));
  }

  /**
   * A partition's owner and one edge on this side, all other owners on that; the journal answers
   * the owner late, then hears it no more.
   */
  private void splitOff(FaultPlan.Episode e, int n) {
    SimSale owner = ownerOf(n & 1);
    SimEdge edge = pick(world.edges, n >> 1);
    for (SimSale other : world.sales) {
      if (other != owner) {
        cut(e, other, edge);
      }
    }
    if (owner != null) {
      Faults faults = world.faults(owner.number);
      spellOf(e, faults, () -> faults.slow(0, SPLIT_REPLIES_MS));
      world.clock.after(
          Math.min(e.forMs(), SPLIT_DEAF_AFTER_MS),
          () -> {
            if (!over) {
              faults.rates(0, 1_000, 0, 0);
              later(e, () -> wellAgain(faults));
            }
          });
    }
  }

  private @Nullable SimSale ownerOf(int partition) {
    for (SimSale sale : world.sales) {
      if (sale.serves(partition)) {
        return sale;
      }
    }
    return null;
  }

  private void crash(FaultPlan.Episode e, Machine machine) {
    machine.crash();
    later(e, machine::startIfDead);
  }

  private void redeploy(FaultPlan.Episode e, SimSale sale) {
    if (!sale.process.isDead()) {
      sale.stop();
      later(e, sale::startIfDead);
    }
  }

  private void freeze(FaultPlan.Episode e, Machine machine, boolean clockStands) {
    SimProcess process = machine.process;
    if (!process.isAwake()) {
      return;
    }
    process.freeze(clockStands);
    long fromMs = world.clock.millis();
    if (clockStands && machine instanceof SimSale) {
      // Until it thaws and a lease longer it believes in a lease that is over.
      world.checker.leaseInDoubt(fromMs, fromMs + e.forMs() + 2 * world.setting.limits().leaseMs());
    }
    world.clock.after(e.forMs(), process::thaw);
  }

  private void stepClock(FaultPlan.Episode e) {
    long byMs = e.draw() % 2 == 0 ? e.forMs() : -e.forMs();
    stepClock(byMs);
  }

  private void stepClock(long byMs) {
    world.checker.clockStepped(byMs);
    steppedMs += byMs;
    steppedMsMax = Math.max(steppedMsMax, steppedMs);
    for (int p = 0; p < world.stores.length; p++) {
      world.stores[p].stepClock(byMs);
    }
  }
}
