package stampede.edge;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import stampede.edge.admission.Admission;
import stampede.edge.admission.LiveLimits;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.EdgeLimit;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.StockLevel;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * A desk like the edge's own, with an owner that is played: for the sockets of {@link Rehearsal},
 * whose shakes no real owner may decide. Nothing leaves it, and nothing of it is counted. On the
 * edge's event loop.
 */
final class RehearsalDesk {
  /**
   * Large as real ones: a small number is one object wherever it comes from, and never compared.
   */
  static final long ITEM = 1_000_003;

  private static final int SOLD_OUT_EVERY = 3;
  private static final long HINT_EVERY_MS = 500;
  private static final long PAY_WITHIN_MS = 60_000;
  private static final long ANSWER_MS = 1;
  private static final String OWNER = "rehearsal";
  private static final Set<EdgeLimit> RATES =
      EnumSet.of(
          EdgeLimit.USER_SHAKES_PER_MINUTE,
          EdgeLimit.USER_BURST,
          EdgeLimit.ADDRESS_SHAKES_PER_SECOND,
          EdgeLimit.ADDRESS_BURST,
          EdgeLimit.NODE_SHAKES_PER_SECOND,
          EdgeLimit.NODE_BURST);

  /** Not to be guessed: an order of this desk is none. */
  private final String guests = "stampede:rehearsal:" + UUID.randomUUID() + ":";

  private final Timers timers;
  private final Stage stage = new Stage();
  private final LongSupplier epochMs;
  private final OwnerRoutes routes;
  private final ShakeDesk desk;
  private long position = 1;

  /**
   * @param config the edge's own; rates are asked where the edge asks them, but refuse nobody
   * @param turnEnd as for {@link OwnerLink}
   */
  RehearsalDesk(
      EdgeConfig config, Timers timers, LongSupplier epochMs, Consumer<Runnable> turnEnd) {
    this.timers = timers;
    this.epochMs = epochMs;
    routes = new OwnerRoutes(timers, stage, 1);
    OwnerLink link =
        new OwnerLink(
            1,
            timers,
            stage,
            routes,
            config.queueMax(),
            config.batchesInFlightMax(),
            config.bytesInFlightMax(),
            turnEnd);
    SoldOutWatch soldOut = new SoldOutWatch(timers, epochMs, stage, routes, config.soldOutAtEdge());
    LiveLimits limits = new LiveLimits(config.limits());
    limits.hear(
        RATES.stream().filter(rate -> limits.of(rate) > 0).map(RehearsalDesk::wide).toList());
    Admission admission = EdgeVerticle.admission(config, limits, soldOut, bound -> 0);
    desk =
        EdgeVerticle.desk(
            config,
            timers,
            link,
            routes,
            new Counters(),
            admission,
            soldOut,
            ShakeDesk.Archive.NONE);
  }

  private static Hint.Limit wide(EdgeLimit rate) {
    return new Hint.Limit(rate.code(), rate.max());
  }

  /** The first letters of those who shake here, and of nobody else. */
  String guests() {
    return guests;
  }

  boolean isGuest(Bytes user) {
    return user.utf8().startsWith(guests);
  }

  void open() {
    routes.start();
    hint();
  }

  void close() {
    routes.stop();
  }

  ShakeDesk desk() {
    return desk;
  }

  private void hint() {
    long nowMs = epochMs.getAsLong();
    Hint.Item item =
        new Hint.Item(ITEM, ItemState.OPEN, StockLevel.PLENTY, Limits.GATE_OPEN, 0, nowMs - 1, 0);
    stage.hintedMs = timers.millis();
    stage.hints.accept(
        new Hint(0, 1, OWNER, OWNER, position, nowMs, true, "serving", 0, List.of(item)).encode());
  }

  private byte[] decide(byte[] message) {
    List<Reply> replies = new ArrayList<>();
    for (Command command : CommandBatch.decode(message).commands()) {
      replies.add(decide((Command.Shake) command));
    }
    return new BatchReply.Answered(replies).encode();
  }

  private Reply decide(Command.Shake shake) {
    long nowMs = epochMs.getAsLong();
    position++;
    if (position % SOLD_OUT_EVERY == 0) {
      return Reply.Shaken.of(Outcome.SOLD_OUT, position, nowMs);
    }
    OrderFact order =
        new OrderFact(
            position,
            shake.item(),
            shake.user(),
            shake.key(),
            shake.quantity(),
            100,
            "CNY",
            OrderStatus.HELD,
            nowMs,
            nowMs + PAY_WITHIN_MS,
            0,
            Bytes.EMPTY,
            0,
            "");
    return Reply.Shaken.accepted(order, position, nowMs, false);
  }

  /** The bus, with the owner at its other end; it answers a moment later. */
  private final class Stage implements Bus {
    private Consumer<byte[]> hints = message -> {};
    private long hintedMs;

    @Override
    public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
      if (address.equals(OWNER)) {
        timers.after(
            ANSWER_MS, () -> reply.succeed(message.length == 0 ? message : decide(message)));
        if (timers.millis() - hintedMs >= HINT_EVERY_MS) {
          hint();
        }
      }
    }

    @Override
    public void publish(String address, byte[] message) {}

    @Override
    public Registration serve(String address, Handler handler) {
      return () -> {};
    }

    @Override
    public Registration subscribe(String address, Consumer<byte[]> handler) {
      hints = address.equals(Addresses.HINTS) ? handler : hints;
      return () -> {};
    }
  }
}
