package stampede.rig.sim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.CommandBatch;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.OrderNews;
import stampede.protocol.SoldOutQuery;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.rig.InMemoryJournal;
import stampede.sale.EdgeWatch;
import stampede.sale.MemberLine;
import stampede.sale.Outlet;
import stampede.sale.PartitionOwner;
import stampede.sale.Peers;
import stampede.sale.SaleStart;
import stampede.sale.Turns;
import stampede.sale.journal.Journal;

/** A sale node: an owner a partition, on the bus, started again and again. */
final class SimSale extends Machine implements Outlet {
  private static final long STOP_MS_MAX = 15_000;
  private static final long DEAF_MS_MAX = 14_000;
  private static final long CURSOR_TIMEOUT_MS = 1_000;
  private final PartitionOwner[] owners = new PartitionOwner[Setting.PARTITIONS];
  private final long[] deafServingSinceMs = new long[Setting.PARTITIONS];
  private long heardMs;
  private boolean stopping;

  SimSale(World world, int index) {
    super(world, "sale-" + index, index);
  }

  @Override
  void boot() {
    stopping = false;
    heardMs = world.clock.millis();
    Arrays.fill(deafServingSinceMs, heardMs);
    long nonce = world.nextNonce();
    String address = Addresses.sale(name, nonce);
    Bus bus = world.bus.of(process);
    SimProcess mine = process;
    EdgeWatch edges = new EdgeWatch(mine, () -> world.mistake.liveEdges(world.edgesSeen(number)));
    MemberLine line = new MemberLine(() -> world.members(number));
    Turns turns = new Turns(1);
    Peers peers = new SimPeers(bus);
    for (int p = 0; p < owners.length; p++) {
      InMemoryJournal way = new InMemoryJournal(world.stores[p], world.clock, world.faults(number));
      Journal journal = world.mistake.journal(new ProcessJournal(way, process), p, number, process);
      Timers timers = world.mistake.ownerTimers(process, p, number);
      SaleStart start =
          new SaleStart(
              name,
              nonce,
              world.setting.limits(),
              timers,
              line,
              (partition, done) -> askCursor(bus, partition, done),
              this,
              peers,
              edges,
              turns);
      owners[p] = new PartitionOwner(p, start, journal);
    }
    bus.serve(address, (message, reply) -> command(message, edges, reply));
    bus.serve(Addresses.soldOut(address), this::askedForSoldOut);
    bus.serve(Addresses.handOver(name, nonce), this::askedToHandOver);
    bus.subscribe(Addresses.LEAVING, this::leaving);
    bus.serve(Addresses.OWNERS, (question, reply) -> reply.succeed(hints()));
    bus.subscribe(Addresses.DRAIN_STATUS, this::drained);
    for (PartitionOwner owner : owners) {
      mine.run(owner::start);
    }
  }

  /** Whether it is on its way out. */
  boolean stopping() {
    return stopping && !process.isDead();
  }

  /** Hands over, then ends: within a bound unless it is frozen meanwhile. */
  void stop() {
    stopping = true;
    SimProcess mine = process;
    int freezes = mine.isFrozen() ? -1 : mine.freezes();
    world.clock.after(
        STOP_MS_MAX,
        () -> {
          if (!mine.isDead() && mine.freezes() == freezes) {
            throw new Violation("L7 " + name + " does not stop: " + status(0) + ", " + status(1));
          }
        });
    int[] left = {owners.length};
    for (PartitionOwner owner : owners) {
      mine.run(
          () ->
              owner.stop(
                  () -> {
                    if (--left[0] == 0 && mine == process) {
                      crash();
                    }
                  }));
    }
  }

  /** Whether it answers for the partition right now. */
  boolean serves(int partition) {
    if (!process.isAwake()) {
      return false;
    }
    Hint hint = owners[partition].hint();
    return hint.serving() && hint.epoch() == world.stores[partition].epoch();
  }

  /** An owner that no edge reaches must not keep a partition from a node they may reach. */
  void requireHeard() {
    long nowMs = world.clock.millis();
    boolean deaf =
        process.isAwake()
            && !stopping
            && nowMs - heardMs > DEAF_MS_MAX
            && world.members(number).size() > 1
            && !world.edgesSeen(number).isEmpty();
    for (int p = 0; p < owners.length; p++) {
      if (!deaf || !serves(p)) {
        deafServingSinceMs[p] = nowMs;
      } else if (nowMs - deafServingSinceMs[p] > DEAF_MS_MAX) {
        throw new Violation(
            "L6 no edge reaches " + status(p) + " for " + (nowMs - heardMs) + " ms");
      }
    }
  }

  String status(int partition) {
    return name
        + (process.isDead() ? " dead" : process.isFrozen() ? " frozen" : "")
        + " "
        + owners[partition].hint().status();
  }

  private void askedToHandOver(byte[] message, Completion<byte[]> reply) {
    HandOver asks = HandOver.decode(message);
    owners[asks.partition()].handOver(
        asks, (answer, failure) -> reply.done(answer == null ? null : answer.encode(), failure));
  }

  private void askedForSoldOut(byte[] message, Completion<byte[]> reply) {
    SoldOutQuery query = SoldOutQuery.decode(message);
    reply.succeed(owners[query.partition()].soldOut(query).encode());
  }

  private void leaving(byte[] message) {
    HandOver offer = HandOver.decode(message);
    owners[offer.partition()].leaving(offer);
    if (!offer.node().equals(name) && world.members(number).size() <= 2) {
      deafServingSinceMs[offer.partition()] = world.clock.millis(); // nobody to give it to
    }
  }

  private void command(byte[] message, EdgeWatch edges, Completion<byte[]> reply) {
    edges.heard();
    heardMs = world.clock.millis();
    if (message.length == 0) {
      reply.succeed(message);
      return;
    }
    CommandBatch batch = CommandBatch.decode(message);
    int partition = batch.partition();
    world.mistake.handle(
        owners[partition],
        batch,
        world.stores[partition],
        (answer, failure) ->
            reply.succeed((answer == null ? new BatchReply.Pending() : answer).encode()));
  }

  private byte[] hints() {
    List<Hint> hints = new ArrayList<>(owners.length);
    for (PartitionOwner owner : owners) {
      hints.add(owner.hint());
    }
    return Hint.encodeAll(hints);
  }

  private void drained(byte[] message) {
    for (DrainStatus status : DrainNews.decode(message).drains()) {
      world.mistake.drained(owners[status.partition()], status.position());
    }
  }

  private void askCursor(Bus bus, int partition, Completion<Long> done) {
    bus.request(
        Addresses.PERSIST_QUERY,
        new byte[] {(byte) partition},
        CURSOR_TIMEOUT_MS,
        (answer, failure) -> {
          if (answer == null) {
            done.fail(failure);
          } else {
            done.succeed(ByteBuffer.wrap(answer).getLong());
          }
        });
  }

  private record SimPeers(Bus bus) implements Peers {
    @Override
    public void ask(String node, long nonce, HandOver asks, Completion<HandOver.Answer> done) {
      bus.request(
          Addresses.handOver(node, nonce),
          asks.encode(),
          ANSWER_MS_MAX,
          (answer, failure) ->
              done.done(answer == null ? null : HandOver.Answer.decode(answer), failure));
    }

    @Override
    public void leaving(HandOver offer) {
      bus.publish(Addresses.LEAVING, offer.encode());
    }
  }

  @Override
  public void hint(Hint hint) {
    world.checker.hint(hint);
    world.bus.of(process).publish(Addresses.HINTS, hint.encode());
  }

  @Override
  public void news(OrderNews news) {
    world.checker.news(news);
  }

  @Override
  public void alarm(String code, String detail) {
    world.checker.alarm(name, code, detail);
  }
}
