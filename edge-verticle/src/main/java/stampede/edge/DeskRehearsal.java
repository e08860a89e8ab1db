package stampede.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import stampede.edge.admission.Admission;
import stampede.edge.admission.AdmissionLimits;
import stampede.edge.admission.LiveLimits;
import stampede.edge.admission.Visitor;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
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
 * A desk of its own, with an owner that is played too, takes shakes from their frames to the frames
 * of their answers: what the wire of {@link Rehearsal} can't reach, since there nothing may be
 * decided. Nothing leaves it, and nothing of it is counted.
 */
final class DeskRehearsal {
  private static final long NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_000);
  private static final int SHAKES = 60_000;
  private static final int AT_ONCE = 8;
  private static final int SOLD_OUT_EVERY = 3;
  private static final int USERS = 20_000;
  private static final int QUEUE_MAX = 1_000;
  private static final int BATCHES_MAX = 4;
  private static final int BYTES_MAX = 1 << 20;
  private static final int KEYS_MAX = 16;
  private static final int KEPT_MAX = 10_000;
  private static final long ITEM = 1;
  private static final long EPOCH_MS = 1_000_000;
  private static final String OWNER = "rehearsal";

  private final long beganNanos = System.nanoTime();
  private final Stage stage = new Stage();
  private final ShakeDesk desk;
  private final StringBuilder scratch = new StringBuilder();
  private int answers;

  private DeskRehearsal(AdmissionLimits limits) {
    OwnerRoutes routes = new OwnerRoutes(stage, stage, 1);
    OwnerLink link = new OwnerLink(1, stage, stage, routes, QUEUE_MAX, BATCHES_MAX, BYTES_MAX);
    Admission admission =
        new Admission(
            new LiveLimits(limits), attempt -> false, KEPT_MAX, KEPT_MAX, KEPT_MAX, bound -> 0);
    desk =
        new ShakeDesk(
            link, routes, stage, new Counters(), admission, KEYS_MAX, QUEUE_MAX, order -> {});
    routes.start();
    stage.hint();
  }

  /** Answers heard; takes up to a second, on the calling thread. */
  static int play(AdmissionLimits limits) {
    DeskRehearsal rehearsal = new DeskRehearsal(limits);
    for (int n = 0; n < SHAKES && !rehearsal.isLate(); n += AT_ONCE) {
      rehearsal.shake(n);
    }
    return rehearsal.answers;
  }

  private boolean isLate() {
    return System.nanoTime() - beganNanos > NANOS_MAX;
  }

  private void shake(int number) {
    ShakeDesk.Answer answer =
        new ShakeDesk.Answer() {
          @Override
          public void told(long item, Bytes key, Verdict verdict) {
            answers += Frames.outcome(item, key, verdict, scratch).isEmpty() ? 0 : 1;
          }

          @Override
          public void queued(long item, Bytes key, int ahead, long etaMs) {}
        };
    for (int n = number; n < number + AT_ONCE; n++) {
      String frame =
          "{\"type\":\"shake\",\"key\":\"r-" + n + "\",\"item\":\"" + ITEM + "\",\"quantity\":1}";
      if (Frames.parse(frame) instanceof ClientFrame.Shake shake) {
        Bytes user = Bytes.of("user-" + n % USERS);
        Visitor visitor = new Visitor(user, n);
        desk.shake(visitor, shake.item(), shake.key(), shake.quantity(), answer);
      }
    }
    stage.answer();
    if (number % 1_024 == 0) {
      stage.hint();
    }
  }

  /** The bus, with an owner at its other end that answers when it is told to; time goes on. */
  private static final class Stage implements Bus, Timers {
    private record Asked(byte[] message, Completion<byte[]> reply) {}

    private final List<Asked> asked = new ArrayList<>();
    private Consumer<byte[]> hints = message -> {};
    private long position = 1;

    @Override
    public long nanos() {
      return System.nanoTime();
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      return () -> {};
    }

    @Override
    public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
      if (address.equals(OWNER)) {
        asked.add(new Asked(message, reply));
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

    void hint() {
      Hint.Item item =
          new Hint.Item(
              ITEM, ItemState.OPEN, StockLevel.PLENTY, Limits.GATE_OPEN, 0, EPOCH_MS - 1, 0);
      hints.accept(
          new Hint(0, 1, OWNER, OWNER, position, EPOCH_MS, true, "serving", 0, List.of(item))
              .encode());
    }

    void answer() {
      while (!asked.isEmpty()) { // an answer makes room for what waits
        List<Asked> now = List.copyOf(asked);
        asked.clear();
        for (Asked each : now) {
          List<Reply> replies = new ArrayList<>();
          CommandBatch.decode(each.message)
              .commands()
              .forEach(command -> replies.add(reply((Command.Shake) command)));
          each.reply.succeed(new BatchReply.Answered(replies).encode());
        }
      }
    }

    private Reply reply(Command.Shake shake) {
      position++;
      if (position % SOLD_OUT_EVERY == 0) {
        return Reply.Shaken.of(Outcome.SOLD_OUT, position, EPOCH_MS);
      }
      OrderFact order =
          new OrderFact(
              position,
              ITEM,
              shake.user(),
              shake.key(),
              shake.quantity(),
              100,
              "CNY",
              OrderStatus.HELD,
              EPOCH_MS,
              EPOCH_MS + 60_000,
              0,
              Bytes.EMPTY,
              0,
              "");
      return Reply.Shaken.accepted(order, position, EPOCH_MS, false);
    }
  }
}
