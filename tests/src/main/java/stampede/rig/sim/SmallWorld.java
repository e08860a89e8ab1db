package stampede.rig.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.JournalEntry;
import stampede.protocol.Limits;
import stampede.protocol.OrderNews;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.rig.Faults;
import stampede.rig.InMemoryJournal;
import stampede.rig.Invariants;
import stampede.sale.EdgeWatch;
import stampede.sale.Outlet;
import stampede.sale.OwnerLimits;
import stampede.sale.PartitionOwner;
import stampede.sale.Peers;
import stampede.sale.SaleStart;
import stampede.sale.Turns;
import stampede.sale.journal.Journal;

/**
 * Two nodes that want one partition, one unit of stock, three commands: every schedule, not a
 * sample. At every acquire and append the call may go well or meet each kind of fault, up to a
 * number of faults a schedule; and each command may come at each of several moments, to either
 * node. Walked depth first: a schedule is the list of its choices, the next one differs in the last
 * that can.
 *
 * <pre>
 *   u1 shakes k1 ── u2 shakes k2 ── u1 shakes k1 again, or asks for it, or gives its order back
 *     each: while the one before is being appended · after that · after its re-send · after a lease
 * </pre>
 */
public final class SmallWorld {
  private static final int PARTITION = 0;
  private static final long START_MS = 1_800_000_000_000L;
  private static final long ITEM = 1_001;
  private static final long LEASE_MS = 800;
  private static final long TOLD_LOST_MS = 5;
  private static final long CARRIED_OUT_LATE_MS = 60;
  private static final long FROZEN_MS = 3 * LEASE_MS;
  private static final long RESTART_MS = 4_000;
  private static final long ANSWER_MS = 800;
  private static final long AGAIN_MS = 200;
  private static final long END_MS = 30_000;
  private static final long[] MOMENTS_MS = {0, 8, 40, 2 * LEASE_MS};
  private static final List<String> LINE = List.of("a", "b");
  private static final OwnerLimits LIMITS =
      new OwnerLimits(LEASE_MS, 100_000, 1_000_000, 4_096, 16_000, false);

  /** What becomes of a call to the journal. */
  private enum Way {
    WELL,
    REPLY_LOST,
    CARRIED_OUT_AFTER_THE_NEXT,
    CRASH_BEFORE,
    CRASH_AFTER,
    FROZEN_AFTER,
    FROZEN_BEFORE
  }

  /** A schedule: what was chosen of how much, in order. */
  private static final class Choices {
    private final List<Integer> chosen = new ArrayList<>();
    private final List<Integer> of = new ArrayList<>();
    private int next;

    private int choose(int alternatives) {
      if (next == chosen.size()) {
        chosen.add(0);
        of.add(alternatives);
      }
      return chosen.get(next++);
    }

    /** False after the last schedule. */
    private boolean advance() {
      next = 0;
      for (int i = chosen.size() - 1; i >= 0; i--) {
        if (chosen.get(i) + 1 < of.get(i)) {
          chosen.set(i, chosen.get(i) + 1);
          return true;
        }
        chosen.remove(i);
        of.remove(i);
      }
      return false;
    }

    @Override
    public String toString() {
      return chosen.toString();
    }
  }

  private final Choices choices;
  private final SimClock clock = new SimClock();
  private final Mistake mistake;
  private final InMemoryJournal.Store store;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Sent> commands = new ArrayList<>();
  private final Sayings sayings = new Sayings();
  private int faultsLeft;
  private boolean branching;
  private boolean givenBack;
  private long nonces;
  private long heardUpTo;

  private SmallWorld(Choices choices, int faultsMax, Mistake mistake) {
    this.choices = choices;
    this.mistake = mistake;
    this.store = mistake.store(PARTITION, clock, START_MS);
    this.faultsLeft = faultsMax;
  }

  /**
   * Runs every schedule.
   *
   * @param faultsMax in one schedule
   * @param mistakes planted in the store or in what an owner takes for it, one a schedule
   * @return how many schedules there are
   * @throws Violation naming the schedule, if one ends as it must not
   */
  public static long all(int faultsMax, Supplier<Mistake> mistakes) {
    Choices choices = new Choices();
    long schedules = 0;
    do {
      try {
        new SmallWorld(choices, faultsMax, mistakes.get()).run();
      } catch (RuntimeException e) {
        throw new Violation("schedule " + choices + ": " + e);
      }
      schedules++;
    } while (choices.advance());
    return schedules;
  }

  private void run() {
    nodes.add(new Node("a"));
    nodes.add(new Node("b"));
    clock.run(500);
    SaleItem item =
        new SaleItem(
            ITEM,
            1,
            "Kettle",
            100,
            200,
            "CNY",
            START_MS,
            START_MS + 86_400_000,
            1,
            1,
            3_600_000,
            0,
            Limits.GATE_OPEN,
            List.of());
    Warrant warrant = new Warrant("op", "", Bytes.EMPTY, true);
    Sent published = new Sent(new Command.Publish(item, warrant), 0);
    published.send();
    clock.run(1_000);
    branching = true;
    int third = choices.choose(3);
    command(() -> shake("u1", "k1"), false);
    command(() -> shake("u2", "k2"), true);
    command(() -> third(third), true);
    while (clock.millis() < END_MS && !quiet()) {
      clock.run(clock.millis() + 100);
    }
    clock.run(clock.millis() + 500);
    check();
  }

  private static Command shake(String user, String key) {
    return new Command.Shake(ITEM, Bytes.of(user), Bytes.of(key), 1);
  }

  /** Who does not know of an order can't give it back: asks. */
  private Command third(int which) {
    Command.AskResult ask = new Command.AskResult(ITEM, Bytes.of("u1"), Bytes.of("k1"));
    if (which == 0) {
      return shake("u1", "k1");
    }
    boolean won = commands.get(0).reply instanceof Reply.Shaken s && s.order() != null;
    if (which == 1 || !won) {
      return ask;
    }
    givenBack = true;
    Reply.Shaken said = (Reply.Shaken) commands.get(0).reply;
    return new Command.Cancel(said.order().order(), Bytes.of("u1"));
  }

  private void command(Supplier<Command> command, boolean anyMoment) {
    long waitMs = anyMoment ? MOMENTS_MS[choices.choose(MOMENTS_MS.length)] : 0;
    clock.run(clock.millis() + waitMs);
    Sent sent = new Sent(command.get(), anyMoment ? choices.choose(nodes.size()) : 0);
    commands.add(sent);
    sent.send();
  }

  private boolean quiet() {
    boolean quiet = true;
    for (Sent sent : commands) {
      quiet &= sent.reply != null;
    }
    for (Node node : nodes) {
      quiet &= node.process.isAwake();
    }
    return quiet;
  }

  private void check() {
    List<String> broken = Invariants.broken(PARTITION, store.log());
    if (!broken.isEmpty()) {
      throw new Violation(broken.toString());
    }
    List<SaleEvent> log = new ArrayList<>();
    int accepted = 0;
    for (JournalEntry entry : store.log()) {
      log.addAll(entry.events());
    }
    for (SaleEvent event : log) {
      accepted += event instanceof SaleEvent.Accepted ? 1 : 0;
    }
    if (accepted < 1 || accepted > (givenBack ? 2 : 1)) {
      throw new Violation(accepted + " orders of one unit that two want: " + log);
    }
    for (Sent sent : commands) {
      if (sent.reply == null) {
        throw new Violation("L5 no answer to " + sent.command);
      }
    }
    sayings.check(PARTITION, log);
  }

  private void heard(Command command, Reply reply, long floor) {
    if (reply.position() > store.position()) {
      throw new Violation("S2 said before it was durable: " + reply);
    }
    if (reply.position() < floor) {
      throw new Violation("S8 older than what was heard before it was sent: " + reply);
    }
    heardUpTo = Math.max(heardUpTo, reply.position());
    if (reply instanceof Reply.Shaken said && command instanceof Command.Shake s) {
      sayings.add(s.item(), s.user(), s.key(), s.quantity(), true, said);
    } else if (reply instanceof Reply.Shaken said && command instanceof Command.AskResult a) {
      boolean known = said.outcome() == Outcome.ACCEPTED || said.outcome() == Outcome.UNKNOWN;
      if (!known) {
        throw new Violation("S5 an answer to a question for a key: " + said);
      }
      sayings.add(a.item(), a.user(), a.key(), 1, true, said);
    } else if (command instanceof Command.Cancel && !(reply instanceof Reply.OrderIs)) {
      throw new Violation("S2 an order is not known any more: " + reply);
    }
  }

  /** A command, sent again to one node and the other until it is answered. */
  private final class Sent {
    private final Command command;
    private int to;
    private int attempt;
    private @Nullable Reply reply;

    private Sent(Command command, int to) {
      this.command = command;
      this.to = to;
    }

    private void send() {
      int mine = ++attempt;
      long floor = heardUpTo;
      Node node = nodes.get(to++ % nodes.size());
      SimProcess process = node.process;
      PartitionOwner owner = node.owner;
      CommandBatch batch = new CommandBatch(PARTITION, store.epoch(), List.of(command));
      clock.after(1, () -> process.run(() -> owner.handle(batch, answer(mine, floor))));
      clock.after(ANSWER_MS, () -> again(mine));
    }

    private Completion<BatchReply> answer(int ofAttempt, long floor) {
      return (answer, failure) -> {
        if (answer instanceof BatchReply.Answered answered) {
          Reply said = answered.replies().get(0);
          clock.after(
              1,
              () -> {
                heard(command, said, floor);
                reply = said;
              });
        } else {
          clock.after(AGAIN_MS, () -> again(ofAttempt));
        }
      };
    }

    private void again(int ofAttempt) {
      if (reply == null && attempt == ofAttempt) {
        send();
      }
    }
  }

  /** Nodes that don't hear each other: who takes over does so by the lease. */
  private record DeafPeers(SimProcess process) implements Peers {
    @Override
    public void ask(String node, long nonce, HandOver asks, Completion<HandOver.Answer> done) {
      process.after(ANSWER_MS_MAX, () -> done.fail(new Bus.Unanswered(node)));
    }

    @Override
    public void leaving(HandOver offer) {}
  }

  /** A node and its starts. */
  private final class Node implements Outlet {
    private final String name;
    private SimProcess process;
    private PartitionOwner owner;

    private Node(String name) {
      this.name = name;
      this.process = new SimProcess(clock, 0, 0);
      this.owner = boot();
    }

    private PartitionOwner boot() {
      long nonce = ++nonces;
      Faults none = Faults.drawnFrom(new SplittableRandom(nonce));
      Journal way = new ProcessJournal(new InMemoryJournal(store, clock, none), process);
      SimProcess mine = process;
      SaleStart start =
          new SaleStart(
              name,
              nonce,
              LIMITS,
              mine,
              partition -> LINE,
              (partition, done) -> mine.after(1, () -> done.succeed(0L)),
              this,
              new DeafPeers(mine),
              new EdgeWatch(mine, List::of),
              new Turns(1));
      PartitionOwner booted =
          new PartitionOwner(
              PARTITION,
              start,
              mistake.journal(new ChoosingJournal(way, this, mine), PARTITION, 0, mine));
      booted.start();
      return booted;
    }

    private void crash() {
      process.kill();
      clock.after(
          RESTART_MS,
          () -> {
            process = new SimProcess(clock, 0, 0);
            owner = boot();
          });
    }

    @Override
    public void hint(Hint hint) {}

    @Override
    public void news(OrderNews news) {}

    @Override
    public void alarm(String code, String detail) {
      boolean expected = code.equals("partition.ended") || code.equals("journal.unreachable");
      if (!expected) {
        throw new Violation("alarm " + code + ": " + detail);
      }
    }
  }

  private interface Call<T> {
    void make(Completion<T> done);
  }

  /** The journal of one start of a node, with a choice at each acquire and append. */
  private final class ChoosingJournal extends BentJournal {
    private final Node node;
    private final SimProcess process;

    private ChoosingJournal(Journal journal, Node node, SimProcess process) {
      super(journal);
      this.node = node;
      this.process = process;
    }

    private <T> void choose(Call<T> call, Completion<T> done) {
      Way way = WAYS[branching && faultsLeft > 0 ? choices.choose(WAYS.length) : 0];
      faultsLeft -= way == Way.WELL ? 0 : 1;
      switch (way) {
        case WELL -> call.make(done);
        case REPLY_LOST -> {
          call.make(SmallWorld::ignore);
          fail(done);
        }
        case CARRIED_OUT_AFTER_THE_NEXT -> {
          clock.after(CARRIED_OUT_LATE_MS, () -> call.make(SmallWorld::ignore));
          fail(done);
        }
        case CRASH_BEFORE -> node.crash();
        case CRASH_AFTER -> {
          call.make(SmallWorld::ignore);
          node.crash();
        }
        case FROZEN_AFTER -> {
          call.make(done);
          freeze();
        }
        case FROZEN_BEFORE -> {
          freeze();
          clock.after(FROZEN_MS - 1, () -> call.make(done));
        }
      }
    }

    private void freeze() {
      process.freeze(false);
      clock.after(FROZEN_MS, process::thaw);
    }

    private <T> void fail(Completion<T> done) {
      process.after(TOLD_LOST_MS, () -> done.fail(new Unreachable("no answer")));
    }

    @Override
    public void acquire(
        String node, long nonce, long expectedEpoch, long leaseMs, Completion<Acquired> done) {
      choose(then -> journal.acquire(node, nonce, expectedEpoch, leaseMs, then), done);
    }

    @Override
    public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
      choose(then -> journal.append(entry, nonce, then), done);
    }
  }

  private static final Way[] WAYS = Way.values();

  private static <T> void ignore(@Nullable T result, @Nullable Throwable failure) {}
}
