package stampede.sale;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.JournalEntry;
import stampede.protocol.Limits;
import stampede.protocol.OrderNews;
import stampede.protocol.Reply;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.journal.Journal;

/**
 * A sale of nothing before a node takes part: owners that take over from each other, orders,
 * refusals, payments, against a journal that is forgotten afterwards. The first shakes of a real
 * sale, and the first partition that is handed to this node, then meet code that is loaded and
 * compiled. Nothing leaves the process.
 */
public final class Rehearsal {
  private static final long NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_200);
  private static final int ROUNDS = 20;
  private static final int MESSAGES = 400;
  private static final long STOCK = 4_000;
  private static final long ITEM = 1;
  private static final long NOW_MS = 1_000_000;
  private static final AtomicBoolean played = new AtomicBoolean();

  private final long beganNanos = System.nanoTime();
  private final Stage stage = new Stage();
  private int shakes;
  private int answers;
  private int takenOver;

  private Rehearsal() {}

  /** Once in a process; takes about a second, on the calling thread. */
  public static void play() {
    if (!played.getAndSet(true)) {
      new Rehearsal().playAll();
    }
  }

  /** What was played. */
  record Played(int shakes, int answers, int takenOver) {}

  static Played playAgain() {
    Rehearsal rehearsal = new Rehearsal();
    rehearsal.playAll();
    return new Played(rehearsal.shakes, rehearsal.answers, rehearsal.takenOver);
  }

  private void playAll() {
    for (int round = 1; round <= ROUNDS && !isLate(); round++) {
      stage.journal.log.clear();
      stage.journal.epoch = 0;
      PartitionOwner owner = owner(2L * round);
      sell(owner, 1);
      PartitionOwner next = owner(2L * round + 1); // reads the log of the one before
      takenOver += next.hint().serving() ? 1 : 0;
      sell(next, 2);
    }
  }

  private boolean isLate() {
    return System.nanoTime() - beganNanos > NANOS_MAX;
  }

  private PartitionOwner owner(long nonce) {
    SaleStart start =
        new SaleStart(
            "rehearsal",
            nonce,
            OwnerLimits.DEFAULT,
            stage,
            partition -> List.of("rehearsal"),
            (partition, done) -> done.succeed(0L),
            stage,
            stage,
            new EdgeWatch(stage, List::of),
            new Turns(1));
    PartitionOwner owner = new PartitionOwner(0, start, stage.journal);
    owner.start();
    return owner;
  }

  private void sell(PartitionOwner owner, long epoch) {
    Warrant warrant = new Warrant("rehearsal", "", Bytes.EMPTY, true);
    answer(owner, epoch, List.of(new Command.Publish(item(), warrant)));
    for (int i = 0; i < MESSAGES && !isLate(); i++) {
      List<Command> commands = new ArrayList<>();
      for (int j = 0; j <= i % 32; j++) {
        Bytes user = Bytes.of("user-" + shakes++ % 3_000);
        commands.add(new Command.Shake(ITEM, user, Bytes.of("key-" + shakes), 1));
      }
      for (Reply reply : answer(owner, epoch, commands)) {
        answers++;
        if (reply instanceof Reply.Shaken said && said.order() != null && i % 4 == 0) {
          Bytes payment = Bytes.of("pay-" + said.order().order());
          answer(owner, epoch, List.of(new Command.Pay(said.order().order(), payment, 1, "CNY")));
        }
      }
    }
    Hint.decodeAll(Hint.encodeAll(List.of(owner.hint())));
  }

  private List<Reply> answer(PartitionOwner owner, long epoch, List<Command> commands) {
    List<Reply> replies = new ArrayList<>();
    byte[] message = new CommandBatch(0, epoch, commands).encode();
    owner.handle(
        CommandBatch.decode(message),
        (reply, failure) -> {
          if (reply != null
              && BatchReply.decode(reply.encode()) instanceof BatchReply.Answered answered) {
            replies.addAll(answered.replies());
          }
        });
    return replies;
  }

  private static SaleItem item() {
    return new SaleItem(
        ITEM,
        1,
        "Rehearsal",
        1,
        1,
        "CNY",
        NOW_MS - 1,
        NOW_MS + 86_400_000,
        STOCK,
        2,
        60_000,
        0,
        Limits.GATE_OPEN,
        List.of());
  }

  /** What owners need around them: nothing they tell is heard, and no time passes. */
  private static final class Stage implements Timers, Outlet, Peers {
    final StageJournal journal = new StageJournal();

    @Override
    public long nanos() {
      return NOW_MS * 1_000_000;
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      return () -> {};
    }

    @Override
    public void hint(Hint hint) {
      hint.encode();
    }

    @Override
    public void news(OrderNews news) {
      news.encode();
    }

    @Override
    public void alarm(String code, String detail) {
      throw new IllegalStateException(code + " in a rehearsal: " + detail);
    }

    @Override
    public void ask(String node, long nonce, HandOver asks, Completion<HandOver.Answer> done) {
      throw new AssertionError("nobody is asked");
    }

    @Override
    public void leaving(HandOver offer) {}
  }

  /** Answers at once, and keeps everything until it is cleared. */
  private static final class StageJournal implements Journal {
    final List<JournalEntry> log = new ArrayList<>();
    long epoch;

    private long position() {
      return log.isEmpty() ? 0 : log.get(log.size() - 1).last();
    }

    @Override
    public void acquire(
        String node, long nonce, long expectedEpoch, long leaseMs, Completion<Acquired> done) {
      epoch = expectedEpoch + 1;
      long batch = log.isEmpty() ? 0 : log.get(log.size() - 1).batch();
      done.succeed(new Acquired.Ok(epoch, position(), NOW_MS, batch, true));
    }

    @Override
    public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
      log.add(entry);
      done.succeed(new Appended.Ok(entry.last(), NOW_MS));
    }

    @Override
    public void renew(long epoch, long nonce, Completion<Renewed> done) {
      done.succeed(new Renewed.Ok(NOW_MS));
    }

    @Override
    public void release(long epoch, long nonce, Completion<Boolean> done) {
      done.succeed(true);
    }

    @Override
    public void cut(long epoch, long nonce, long position, Completion<Cut> done) {
      throw new AssertionError("nothing is archived");
    }

    @Override
    public void owner(Completion<Owner> done) {
      done.succeed(new Owner(epoch, 0, "", position(), 0, NOW_MS));
    }

    @Override
    public void read(long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
      done.succeed(log.stream().filter(e -> e.first() > afterPosition).limit(entriesMax).toList());
    }

    @Override
    public void checkSettings(Completion<Settings> done) {
      done.succeed(new Settings(List.of(), false));
    }

    @Override
    public void close() {}
  }
}
