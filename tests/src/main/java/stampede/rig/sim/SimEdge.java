package stampede.rig.sim;

import stampede.edge.Counters;
import stampede.edge.OwnerLink;
import stampede.edge.OwnerRoutes;
import stampede.edge.Owners;
import stampede.edge.ShakeDesk;
import stampede.edge.admission.Admission;
import stampede.edge.admission.AdmissionLimits;
import stampede.edge.admission.LiveLimits;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
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
      new AdmissionLimits(60, 6, 0, 200, 200, 40, 0, 1_000, 2, 1, 700, 1_000, 1_000, 3, 2_000);

  private OwnerRoutes routes;
  private Owners owners;
  private ShakeDesk desk;

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
    owners = new CheckedOwners(link, world.checker);
    LiveLimits limits = new LiveLimits(LIMITS);
    routes.onLimits(limits::hear);
    desk =
        new ShakeDesk(
            owners,
            routes,
            process,
            new Counters(),
            new Admission(limits, COOLDOWNS_MAX, USERS_MAX, 8, world.random::nextInt),
            COMMANDS_PER_USER_MAX,
            QUEUE_MAX);
    process.run(routes::start);
  }

  /** A shake frame of a connection to start {@code start} arrives. */
  void shake(int start, Bytes user, long item, Bytes key, int quantity, ShakeDesk.Answer answer) {
    if (start == starts()) {
      ShakeDesk at = desk;
      OwnerRoutes by = routes;
      process.run(() -> world.mistake.shake(at, by, user, item, key, quantity, answer));
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
  private record CheckedOwners(Owners owners, Checker checker) implements Owners {
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
}
