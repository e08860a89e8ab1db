package stampede.sale;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.Limits;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderNews;
import stampede.protocol.Reply;
import stampede.protocol.SaleFigures;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.protocol.port.Completion;
import stampede.rig.Faults;
import stampede.rig.InMemoryJournal;
import stampede.rig.Invariants;
import stampede.rig.VirtualTimers;
import stampede.sale.journal.Journal;

/** One partition's store and the nodes that want it. */
final class OwnerWorld {
  static final int PARTITION = 3;
  static final long START_MS = 1_800_000_000_000L;
  static final long ITEM = 1001;
  static final long LEASE_MS = OwnerLimits.DEFAULT.leaseMs();

  final VirtualTimers timers = new VirtualTimers();
  final InMemoryJournal.Store store = new InMemoryJournal.Store(PARTITION, timers, START_MS);
  final List<Node> nodes = new ArrayList<>();
  OwnerLimits limits = OwnerLimits.DEFAULT;

  /** Whether owners hear one another. */
  boolean reachable = true;

  private long nonces;

  /** A started node; the rank is its place in the line. */
  Node node(String name, int rank) {
    return node(name, rank, Faults.none());
  }

  Node node(String name, int rank, Faults faults) {
    Node node = new Node(name, rank, faults);
    nodes.add(node);
    node.owner.start();
    return node;
  }

  void pass(long ms) {
    timers.run(timers.millis() + ms);
  }

  /** Lets time pass until the node serves; false if it does not within {@code ms}. */
  boolean serves(Node node, long ms) {
    long until = timers.millis() + ms;
    while (!node.serving() && timers.millis() < until) {
      pass(1);
    }
    return node.serving();
  }

  @Nullable Node serving() {
    Node found = null;
    for (Node node : nodes) {
      if (node.serving()) {
        if (found != null) {
          throw new AssertionError(found.name + " and " + node.name + " may both answer");
        }
        found = node;
      }
    }
    return found;
  }

  /** The books hold, and whoever serves quietly has the state the log gives. */
  void check() {
    Invariants.require(PARTITION, store.log());
    for (Node node : nodes) {
      Hint last = node.lastHint;
      if (node.serving()
          && last != null
          && last.stateHash() != 0
          && last.position() == store.position()
          && last.stateHash() != Invariants.stateHash(PARTITION, store.log())) {
        throw new AssertionError(node.name + " has another state than its log");
      }
    }
  }

  /** A line in which {@code rank} others, who never show up, stand before the node. */
  private static List<String> after(int rank, String name) {
    List<String> line = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      line.add("absent-" + i);
    }
    if (rank >= 0) {
      line.add(name);
    }
    return line;
  }

  static SaleItem item(long stock, int limit, long opensAt, long payWithinMs) {
    return new SaleItem(
        ITEM,
        1,
        "Kettle",
        100,
        200,
        "CNY",
        opensAt,
        opensAt + 86_400_000,
        stock,
        limit,
        payWithinMs,
        0,
        Limits.GATE_OPEN,
        List.of());
  }

  static Command publish(SaleItem item) {
    return new Command.Publish(item, new Warrant("op", "", Bytes.of("publish"), true));
  }

  static Command shake(String user, String key) {
    return new Command.Shake(ITEM, Bytes.of(user), Bytes.of(key), 1);
  }

  /** What one batch heard, and when. */
  final class Heard implements Completion<BatchReply> {
    final List<BatchReply> replies = new ArrayList<>();
    long atMs = -1;

    @Override
    public void done(@Nullable BatchReply reply, @Nullable Throwable failure) {
      if (reply == null) {
        throw new AssertionError(failure);
      }
      replies.add(reply);
      atMs = timers.millis();
    }

    boolean nothing() {
      return replies.isEmpty();
    }

    BatchReply only() {
      if (replies.size() != 1) {
        throw new AssertionError("heard " + replies);
      }
      return replies.get(0);
    }

    List<Reply> answers() {
      if (only() instanceof BatchReply.Answered answered) {
        return answered.replies();
      }
      throw new AssertionError("heard " + replies);
    }

    Reply.Shaken shaken() {
      return (Reply.Shaken) answers().get(0);
    }

    OrderFact order() {
      OrderFact order = shaken().order();
      if (order == null) {
        throw new AssertionError("heard " + replies);
      }
      return order;
    }
  }

  /** One start of a sale node, as far as this partition goes. */
  final class Node implements Outlet, Peers {
    final String name;
    final long nonce = ++nonces;
    final Faults faults;
    final OwnerProcess process = new OwnerProcess(timers);
    final OwnerJournal journal;
    final PartitionOwner owner;
    final List<String> alarms = new ArrayList<>();
    final List<Hint> hints = new ArrayList<>();
    final List<OrderNews> news = new ArrayList<>();
    final List<SaleFigures> figures = new ArrayList<>();
    final int rank;
    final EdgeWatch edges;
    final Turns turns = new Turns(1);
    List<String> line;
    List<String> liveEdges = List.of();
    int asked;
    boolean hearsNoAnswers;
    @Nullable Long cursor = 0L;
    @Nullable Hint lastHint;

    Node(String name, int rank, Faults faults) {
      this.name = name;
      this.rank = rank;
      this.line = after(rank, name);
      this.edges = new EdgeWatch(process, () -> liveEdges);
      this.faults = faults;
      Journal way = new InMemoryJournal(store, timers, faults);
      journal = new OwnerJournal(way, process);
      owner =
          new PartitionOwner(
              PARTITION,
              new SaleStart(
                  name,
                  nonce,
                  limits,
                  process,
                  partition -> line,
                  this::askCursor,
                  this,
                  this,
                  edges,
                  turns),
              journal);
    }

    String address() {
      return Addresses.sale(name, nonce);
    }

    boolean serving() {
      return process.isAwake() && owner.hint().serving();
    }

    Heard send(long epoch, Command... commands) {
      Heard heard = new Heard();
      CommandBatch batch = new CommandBatch(PARTITION, epoch, List.of(commands));
      process.run(() -> owner.handle(batch, heard));
      return heard;
    }

    /** With the epoch in force. */
    Heard send(Command... commands) {
      return send(store.epoch(), commands);
    }

    @Override
    public void ask(String to, long nonce, HandOver asks, Completion<HandOver.Answer> done) {
      asked++;
      HandOver decoded = HandOver.decode(asks.encode());
      boolean[] heard = new boolean[1];
      Completion<HandOver.Answer> once =
          (answer, failure) ->
              process.run(
                  () -> {
                    if (!heard[0] && (answer == null || !hearsNoAnswers)) {
                      heard[0] = true;
                      done.done(answer, failure);
                    }
                  });
      for (Node node : nodes) {
        if (node.name.equals(to) && node.nonce == nonce && reachable) {
          timers.after(1, () -> node.process.run(() -> node.owner.handOver(decoded, once)));
        }
      }
      timers.after(ANSWER_MS_MAX, () -> once.fail(new IllegalStateException("no answer")));
    }

    @Override
    public void leaving(HandOver offer) {
      HandOver decoded = HandOver.decode(offer.encode());
      for (Node node : nodes) {
        if (reachable) {
          timers.after(1, () -> node.process.run(() -> node.owner.leaving(decoded)));
        }
      }
    }

    private void askCursor(int partition, Completion<Long> done) {
      Long known = cursor;
      if (known == null) {
        process.after(1_000, () -> done.fail(new IllegalStateException("nobody knows")));
      } else {
        process.after(1, () -> done.succeed(known));
      }
    }

    @Override
    public void hint(Hint hint) {
      Hint decoded = Hint.decode(hint.encode());
      lastHint = decoded;
      hints.add(decoded);
    }

    @Override
    public void news(OrderNews changes) {
      news.add(changes);
    }

    @Override
    public void figures(SaleFigures told) {
      figures.add(SaleFigures.decode(told.encode()));
    }

    @Override
    public void alarm(String code, String detail) {
      alarms.add(code);
    }
  }
}
