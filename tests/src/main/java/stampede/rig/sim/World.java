package stampede.rig.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Devices;
import stampede.protocol.Reply;
import stampede.protocol.port.Completion;
import stampede.rig.Faults;
import stampede.rig.InMemoryJournal;

/**
 * One world: made from a seed, run once.
 *
 * <pre>
 *   0 ── load and faults (5 min or more) ── healed ── load ends ── quiet: all books compared
 *                                             │ 5 s: owned      │ 30 s: drained
 *                                             │ 10 s: every key can be asked, and shaken again
 * </pre>
 */
public final class World {
  static final int FIRST_EDGE = 8;
  static final int FIRST_PERSIST = 12;
  static final long OWNED_MS = 5_000;
  private static final long LOOK_EVERY_MS = 1_000;
  private static final long HANDED_OVER_MS = 300;
  static final long ASKED_MS = 10_000;
  private static final long ANSWERED_MS = 2_000;
  private static final long LOAD_AFTER_MS = 20_000;
  private static final long DRAINED_MS = 30_000;
  private static final long SETTLED_MS = 1_000;
  private static final long QUIET_MS = 25_000;
  private static final long MEMBERS_LATE_MS = 4_000;
  private static final long DEVICES = 0x6465_7669_6365L;
  private static final long ARCHIVES = 0x6172_6368_6976_65L;

  final SplittableRandom random;
  final SimClock clock = new SimClock();
  final Trace trace;
  final Setting setting;
  final Mistake mistake;
  final InMemoryJournal.Store[] stores = new InMemoryJournal.Store[Setting.PARTITIONS];
  final SimMySql mySql;
  final SimBus bus;
  final Checker checker;
  final List<SimSale> sales = new ArrayList<>();
  final List<SimEdge> edges = new ArrayList<>();
  final List<SimPersist> persists = new ArrayList<>();
  final List<Machine> machines = new ArrayList<>();
  final List<Shopper> shoppers = new ArrayList<>();
  final Deadlines deadlines;
  final Archivist archivist;
  private final Operator operator;
  private final Nemesis nemesis;
  private final long seed;
  private final Faults[] faults = new Faults[SimBus.MACHINES_MAX];
  private final List<List<String>> members = new ArrayList<>();
  private final List<List<String>> edgesSeen = new ArrayList<>();
  private final boolean[] staleMembers = new boolean[SimBus.MACHINES_MAX];
  private long nonces;
  private boolean loadEnded;

  /**
   * @param trace gets what happens as text; null = nothing is printed
   */
  public World(long seed, Mistake mistake, @Nullable Consumer<String> trace) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.mistake = mistake;
    this.trace = new Trace(clock, trace);
    // Drawn apart: a world without it is what its seed always gave.
    boolean refusesAtOnce = new SplittableRandom(~seed).nextBoolean();
    this.setting = Setting.draw(random).withDevices(new SplittableRandom(seed ^ DEVICES));
    this.mySql = new SimMySql(clock, random, Setting.PARTITIONS, refusesAtOnce);
    this.bus = new SimBus(clock, random, refusesAtOnce);
    this.checker = new Checker(this);
    mistake.world(random);
    for (int p = 0; p < stores.length; p++) {
      int partition = p;
      stores[p] = mistake.store(p, clock, Setting.START_MS);
      stores[p].onAppend(entry -> checker.appended(partition, entry));
    }
    for (int m = 0; m < faults.length; m++) {
      faults[m] = Faults.drawnFrom(random).refusedAtOnce(refusesAtOnce);
    }
    this.deadlines = new Deadlines(this, seed);
    makeMachines();
    for (int i = 0; i < setting.shoppers(); i++) {
      shoppers.add(new Shopper(this, i));
    }
    this.archivist = new Archivist(this, new SplittableRandom(seed ^ ARCHIVES));
    this.operator = new Operator(this);
    this.nemesis = new Nemesis(this, FaultPlan.draw(random, setting));
  }

  private void makeMachines() {
    for (int i = 0; i < setting.sales(); i++) {
      sales.add(new SimSale(this, i));
      members.add(List.of());
      edgesSeen.add(List.of());
    }
    for (int i = 0; i < setting.edges(); i++) {
      edges.add(new SimEdge(this, i));
    }
    for (int i = 0; i < setting.persists(); i++) {
      persists.add(new SimPersist(this, i));
    }
    machines.addAll(sales);
    machines.addAll(edges);
    machines.addAll(persists);
  }

  /**
   * Lets it all happen.
   *
   * @throws Violation if the world is not as it must be
   */
  public RunReport run() {
    machines.forEach(Machine::start);
    archivist.start();
    operator.start();
    shoppers.forEach(Shopper::start);
    nemesis.start();
    deadlines.start(nemesis);
    lookAtOwners();
    clock.run(setting.loadMs());
    heal();
    clock.run(clock.millis() + LOAD_AFTER_MS - ASKED_MS - 2 * ANSWERED_MS);
    loadEnded = true;
    clock.run(clock.millis() + DRAINED_MS - SETTLED_MS);
    settle();
    checker.requireDrained();
    long quietAtMs = clock.millis() + QUIET_MS;
    while (clock.millis() < quietAtMs) {
      clock.run(clock.millis() + 1_000);
      checker.requireNothingOverdue();
    }
    clock.run(clock.millis() + DRAINED_MS - SETTLED_MS);
    settle();
    checker.finish();
    return new RunReport(
        seed,
        trace.hash(),
        clock.millis(),
        clock.ran(),
        nemesis.episodes(),
        bus.struck() + mySql.struck(),
        checker.events(),
        checker.cuts(),
        checker.answers());
  }

  private void lookAtOwners() {
    sales.forEach(SimSale::requireHeard);
    clock.after(LOOK_EVERY_MS, this::lookAtOwners);
  }

  /** Until the lag is 0: what time alone demands, as an expiry, may happen at any moment. */
  private void settle() {
    long untilMs = clock.millis() + SETTLED_MS;
    while (clock.millis() < untilMs && !checker.drained()) {
      clock.run(clock.millis() + 10);
    }
  }

  /** The last fault is over; from here on the bounds count. */
  private void heal() {
    nemesis.heal();
    long healedAtMs = clock.millis();
    checker.healed();
    clock.run(healedAtMs + OWNED_MS - HANDED_OVER_MS);
    requireOwned(healedAtMs + OWNED_MS);
    clock.run(healedAtMs + ASKED_MS);
    List<Shopper.Question> questions = new ArrayList<>();
    shoppers.forEach(shopper -> shopper.askForAll(questions));
    clock.run(clock.millis() + ANSWERED_MS);
    checker.requireAnswered(questions);
    questions.clear();
    shoppers.forEach(shopper -> shopper.shakeAll(questions));
    clock.run(clock.millis() + ANSWERED_MS);
    checker.requireAnswered(questions);
  }

  /** A partition that is being handed over has no owner for a moment. */
  private void requireOwned(long untilMs) {
    while (!checker.unowned().isEmpty()) {
      if (clock.millis() >= untilMs) {
        throw new Violation("L1 " + checker.unowned());
      }
      clock.run(clock.millis() + 5);
    }
  }

  /** Who has signed in; null = nobody of the shoppers. */
  @Nullable Shopper shopper(Bytes user) {
    for (Shopper shopper : shoppers) {
      if (shopper.user().equals(user)) {
        return shopper;
      }
    }
    return null;
  }

  /** Somebody who signs in: a shopper, or one who never shook. */
  Bytes claimant() {
    int index = random.nextInt(shoppers.size() + 2);
    boolean shook = index < shoppers.size() && !Devices.isDevice(shoppers.get(index).user());
    return shook ? shoppers.get(index).user() : Bytes.of("c" + index % 2);
  }

  boolean loadEnded() {
    return loadEnded;
  }

  long nextNonce() {
    return ++nonces;
  }

  /** What befalls a machine's calls to the journal. */
  Faults faults(int machine) {
    return faults[machine];
  }

  /** The live sale nodes as a machine sees them, itself always among them. */
  List<String> members(int machine) {
    return members.get(machine);
  }

  /** The live edges as a sale machine sees them. */
  List<String> edgesSeen(int machine) {
    return edgesSeen.get(machine);
  }

  /** The machine learns nothing of who comes and goes while this is on. */
  void staleMembers(int machine, boolean stale) {
    staleMembers[machine] = stale;
    if (!stale) {
      membersChanged();
    }
  }

  void membersChanged() {
    for (SimSale sale : sales) {
      clock.after(random.nextLong(MEMBERS_LATE_MS), () -> look(sale));
    }
  }

  private void look(SimSale by) {
    if (!staleMembers[by.number] || members.get(by.number).isEmpty()) {
      List<String> live = new ArrayList<>();
      for (SimSale sale : sales) {
        if (sale == by || !sale.process.isDead()) {
          live.add(sale.name);
        }
      }
      members.set(by.number, live);
      edgesSeen.set(by.number, liveEdges());
    }
  }

  private List<String> liveEdges() {
    List<String> live = new ArrayList<>();
    for (SimEdge edge : edges) {
      if (!edge.process.isDead()) {
        live.add(edge.name);
      }
    }
    return live;
  }

  /**
   * An HTTP request to some edge, repeated with the same content until it is answered, as payment
   * sides and operators' consoles do.
   */
  void askUntilAnswered(int partition, Command command, Completion<Reply> done) {
    new Request(partition, command, done).send();
  }

  private final class Request {
    private static final long GIVE_UP_MS = 12_000;
    private static final long AGAIN_MS = 500;
    private final int partition;
    private final Command command;
    private final Completion<Reply> done;
    private int attempt;
    private boolean ended;

    private Request(int partition, Command command, Completion<Reply> done) {
      this.partition = partition;
      this.command = command;
      this.done = done;
      checker.asked();
    }

    private void send() {
      if (ended) {
        return;
      }
      int mine = ++attempt;
      SimEdge edge = edges.get(random.nextInt(edges.size()));
      clock.after(1 + random.nextInt(20), () -> edge.ask(partition, command, this::answered));
      clock.after(GIVE_UP_MS, () -> again(mine));
    }

    private void answered(@Nullable Reply reply, @Nullable Throwable failure) {
      int mine = attempt;
      clock.after(
          1 + random.nextInt(20),
          () -> {
            if (reply == null) {
              clock.after(AGAIN_MS, () -> again(mine));
            } else if (!ended) {
              ended = true;
              checker.answered();
              done.succeed(reply);
            }
          });
    }

    private void again(int ofAttempt) {
      if (ofAttempt == attempt) {
        send();
      }
    }
  }
}
