package stampede.bench.scale;

import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.bench.SaleFixture;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.JournalEntry;
import stampede.protocol.OrderNews;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.protocol.port.Completion;
import stampede.rig.Faults;
import stampede.rig.InMemoryJournal;
import stampede.rig.VirtualTimers;
import stampede.sale.EdgeWatch;
import stampede.sale.Outlet;
import stampede.sale.OwnerLimits;
import stampede.sale.PartitionOwner;
import stampede.sale.Peers;
import stampede.sale.SaleStart;
import stampede.sale.Turns;

/**
 * The owner of one partition as a sale node runs it, from a batch's bytes to its reply's bytes: it
 * decodes, decides, journals, publishes hints, answers. Its journal is in memory, its time passes
 * when it waits: a millisecond a batch at least.
 */
final class OwnerInMemory {
  static final int PARTITION = 0;
  static final long ITEM = 1_001;
  private static final long NOW_MS = 1_800_000_000_000L;
  private static final long EVENTS_MAX = 20_000_000;
  private static final long REST_MS = 3_000;
  private static final int STEPS_MAX = 10_000;

  private final long stock;
  private final VirtualTimers timers = new VirtualTimers();
  private final InMemoryJournal.Store log = new InMemoryJournal.Store(PARTITION, timers, NOW_MS);
  private final PartitionOwner owner;
  private @Nullable BatchReply reply;

  /** Sells {@code stock} units, one a user. */
  OwnerInMemory(long stock) {
    this.stock = stock;
    SaleStart start =
        new SaleStart(
            "scale",
            1,
            new OwnerLimits(2_000, EVENTS_MAX, EVENTS_MAX, 4_096, 16_000, false),
            timers,
            partition -> List.of("scale"),
            (partition, position) -> position.succeed(0L),
            new Silent(),
            new Alone(),
            new EdgeWatch(timers, List::of),
            new Turns(1));
    owner = new PartitionOwner(PARTITION, start, new InMemoryJournal(log, timers, Faults.none()));
    owner.start();
    for (int step = 0; !owner.hint().serving(); step++) {
      wait(step);
    }
    Warrant warrant = new Warrant("bench", "", Bytes.EMPTY, true);
    SaleItem item = SaleFixture.item(ITEM, NOW_MS, stock, 1, 36_000_000, 0);
    Command publish = new Command.Publish(item, warrant);
    decide(new CommandBatch(PARTITION, epoch(), List.of(publish)).encode());
  }

  long epoch() {
    return owner.hint().epoch();
  }

  /** Decides a batch of shakes; how many were accepted. */
  int shake(byte[] batch) {
    int accepted = 0;
    for (Reply each : decide(batch)) {
      if (((Reply.Shaken) each).outcome() == Outcome.ACCEPTED) {
        accepted++;
      }
    }
    return accepted;
  }

  /** Nobody comes for so long that the state is hashed. */
  void rest() {
    timers.run(timers.millis() + REST_MS + stock / 8); // 10,000 orders a second
  }

  /** Bytes its log has, which a real one has in Redis. */
  long logBytes() {
    return log.log().stream().map(JournalEntry::payload).mapToLong(bytes -> bytes.length).sum();
  }

  private List<Reply> decide(byte[] batch) {
    reply = null;
    owner.handle(CommandBatch.decode(batch), (answer, failure) -> reply = answer);
    timers.run(timers.millis() + 1);
    for (int step = 0; reply == null; step++) {
      wait(step);
    }
    if (reply instanceof BatchReply.Answered answered && answered.encode().length > 0) {
      return answered.replies();
    }
    throw new IllegalStateException("not decided: " + reply);
  }

  private void wait(int step) {
    if (step > STEPS_MAX || !timers.step()) {
      throw new IllegalStateException("the owner does not answer: " + owner.hint().status());
    }
  }

  private static final class Silent implements Outlet {
    @Override
    public void hint(Hint hint) {
      if (hint.encode().length == 0) {
        throw new AssertionError(hint);
      }
    }

    @Override
    public void news(OrderNews news) {}

    @Override
    public void alarm(String code, String detail) {
      throw new IllegalStateException(code + " " + detail);
    }
  }

  private static final class Alone implements Peers {
    @Override
    public void ask(String node, long nonce, HandOver asks, Completion<HandOver.Answer> done) {
      throw new IllegalStateException("there is nobody to ask");
    }

    @Override
    public void leaving(HandOver offer) {}
  }
}
