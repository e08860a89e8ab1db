package stampede.rig.sim;

import java.util.HashSet;
import java.util.Set;
import stampede.edge.Counters;
import stampede.edge.OwnerLink;
import stampede.edge.OwnerRoutes;
import stampede.edge.Owners;
import stampede.edge.ShakeDesk;
import stampede.edge.SoldOutWatch;
import stampede.edge.Verdict;
import stampede.edge.admission.Admission;
import stampede.edge.admission.AdmissionLimits;
import stampede.edge.admission.LiveLimits;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;

/** An edge: routes, queues and the desk, without the sockets' bytes. */
final class SimEdge extends Machine {
  private static final int QUEUE_MAX = 1_000;
  private static final int BATCHES_MAX = 4;
  private static final int BYTES_MAX = 1 << 20;
  private static final int COMMANDS_PER_USER_MAX = 16;
  private static final int COOLDOWNS_MAX = 1_000;
  private static final int USERS_MAX = 1_000;

  /** Tight, so that a small crowd meets every one of them. */
  private static final AdmissionLimits LIMITS =
      new AdmissionLimits(
          60, 6, 0, 200, 200, 40, 0, 1_000, 2, 1, 700, 1_000, 1_000, 3, 2_000, 0, 1);

  private OwnerRoutes routes;
  private Owners owners;
  private ShakeDesk desk;

  /** Of whose orders this start has heard. */
  private Set<Ordered> ordered = new HashSet<>();

  private record Ordered(long item, Bytes user) {}

  @SuppressWarnings("NullAway.Init") // made by boot()
  SimEdge(World world, int index) {
    super(world, "edge-" + index, World.FIRST_EDGE + index);
  }

  @Override
  void boot() {
    Bus bus = world.mistake.edgeBus(world.bus.of(process), number);
    routes = new OwnerRoutes(process, bus, Setting.PARTITIONS);
    OwnerLink link =
        new OwnerLink(world.nextNonce(), process, bus, routes, QUEUE_MAX, BATCHES_MAX, BYTES_MAX);
    ordered = new HashSet<>();
    owners = new CheckedOwners(link, world.checker, ordered);
    LiveLimits limits = new LiveLimits(LIMITS);
    routes.onLimits(limits::hear);
    SoldOutWatch soldOut =
        new SoldOutWatch(
            world.mistake.soldOutTimers(process),
            world.mistake.soldOutWallClock(world.clock::millis),
            bus,
            routes,
            true);
    Admission admission =
        new Admission(
            limits,
            attempt -> soldOut.refuses(attempt.visitor().user(), attempt.item()),
            COOLDOWNS_MAX,
            USERS_MAX,
            8,
            world.random::nextInt);
    desk =
        new ShakeDesk(
            owners,
            routes,
            process,
            new Counters(),
            admission,
            COMMANDS_PER_USER_MAX,
            QUEUE_MAX,
            soldOut::ordered);
    process.run(routes::start);
  }

  /** A shake frame of a connection to start {@code start} arrives. */
  void shake(int start, Bytes user, long item, Bytes key, int quantity, ShakeDesk.Answer answer) {
    if (start == starts()) {
      ShakeDesk at = desk;
      OwnerRoutes by = routes;
      ShakeDesk.Answer checked = new CheckedAnswer(answer, user, world.checker, ordered);
      process.run(() -> world.mistake.shake(at, by, user, item, key, quantity, checked));
    }
  }

  void result(int start, Bytes user, long item, Bytes key, ShakeDesk.Answer answer) {
    if (start == starts()) {
      ShakeDesk at = desk;
      process.run(() -> at.result(user, item, key, answer));
    }
  }

  /** An HTTP request that is a command; no answer when the edge dies. */
  void ask(int partition, Command command, Completion<Reply> done) {
    Owners by = owners;
    process.run(() -> by.ask(partition, command, done));
  }

  /** The way to the owners, with the checker looking on. */
  private record CheckedOwners(Owners owners, Checker checker, Set<Ordered> ordered)
      implements Owners {
    @Override
    public Waiting ask(int partition, Command command, Completion<Reply> reply) {
      long floor = checker.heardUpTo(partition);
      long sinceMs = checker.nowMs();
      Asked.Question question = checker.asked(partition).ask(owners, command, sinceMs);
      return owners.ask(
          partition,
          command,
          (answer, failure) -> {
            question.ended(answer, failure, checker.nowMs());
            if (answer instanceof Reply.Shaken said && said.order() != null) {
              ordered.add(new Ordered(said.order().item(), said.order().user()));
            }
            if (answer != null) {
              checker.replied(partition, command, answer, floor, sinceMs);
            }
            reply.done(answer, failure);
          });
    }

    @Override
    public int partitions() {
      return owners.partitions();
    }
  }

  /** The way to a shopper, with the checker looking on when an edge speaks for itself. */
  private record CheckedAnswer(
      ShakeDesk.Answer to, Bytes user, Checker checker, Set<Ordered> ordered)
      implements ShakeDesk.Answer {
    @Override
    public void told(long item, Bytes key, Verdict verdict) {
      if (verdict.outcome() == Outcome.SOLD_OUT && !verdict.byOwner()) {
        checker.soldOutByEdge(item, user, ordered.contains(new Ordered(item, user)));
      }
      to.told(item, key, verdict);
    }

    @Override
    public void queued(long item, Bytes key, int ahead, long etaMs) {
      to.queued(item, key, ahead, etaMs);
    }
  }
}
