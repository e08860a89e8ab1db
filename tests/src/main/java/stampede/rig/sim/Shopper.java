package stampede.rig.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.edge.ShakeDesk;
import stampede.edge.Verdict;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Devices;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.Reply.OrderIs;
import stampede.protocol.SaleItem;

/**
 * One user: shakes, double-clicks, loses connections, asks what became of a key, pays in time, too
 * late or twice, cancels, or forgets. Or a device: what it gets is claimed in time, too late,
 * twice, by two users at once, or never. Speaks to the edges over lines that keep the order of
 * frames and lose what was under way when they break.
 */
final class Shopper {
  private static final int OPEN_KEYS_MAX = 4;
  private static final int KEYS_ASKED_MAX = 12;
  private static final long PATIENCE_MS = 3_000;
  private static final int CROWD_MS = 40;

  /** One intent to buy, known by its key. */
  static final class Intent {
    final Bytes user;
    final Bytes key;
    final SaleItem item;
    final int quantity;
    final int partition;
    int frames;
    int attemptAnswers;
    boolean otherQuantity;
    boolean answered;
    long order;

    private Intent(Bytes user, Bytes key, SaleItem item, int quantity) {
      this.user = user;
      this.key = key;
      this.item = item;
      this.quantity = quantity;
      this.partition = PartitionMap.partitionOfItem(item.item(), Setting.PARTITIONS);
    }

    @Override
    public String toString() {
      return user + "/" + item.item() + "/" + key;
    }
  }

  /** A key asked for or shaken again after the healing, and whether that was answered. */
  static final class Question {
    final Intent intent;
    private final boolean shaken;
    boolean answered;

    /** The latest word, for the report. */
    String told = "nothing";

    private Question(Intent intent, boolean shaken) {
      this.intent = intent;
      this.shaken = shaken;
    }

    /** To a question the owner answers; a shake may also not be passed on, by name. */
    private void hear(Verdict verdict) {
      told = verdict.outcome().text() + " after " + verdict.retryAfterMs();
      boolean open = verdict.outcome() == Outcome.BUSY || verdict.outcome() == Outcome.PENDING;
      answered |= verdict.aboutKey() || shaken && (verdict.byOwner() || !open);
    }
  }

  private final World world;
  private final Bytes user;
  private final String keyPrefix;
  private final List<Intent> intents = new ArrayList<>();
  private final Map<Bytes, Intent> byKey = new HashMap<>();
  private final Map<Bytes, Question> questions = new HashMap<>();
  private final @Nullable Line[] lines;
  private int keys;
  private int payments;

  Shopper(World world, int index) {
    this.world = world;
    boolean device = index < world.setting.devices();
    this.user = Bytes.of(device ? Devices.PREFIX + index : "u" + index);
    this.keyPrefix = device ? "d" + index + "-" : "k";
    this.lines = new Line[world.setting.edges()];
  }

  Bytes user() {
    return user;
  }

  void start() {
    for (SaleItem item : world.setting.items()) {
      long openMs = item.opensAt() - Setting.START_MS;
      world.clock.after(openMs - 10 + world.random.nextInt(CROWD_MS), () -> shakeNew(item));
    }
    think();
  }

  /** The intent of a key, if this user ever sent one. */
  @Nullable Intent intent(Bytes key) {
    return byKey.get(key);
  }

  List<Intent> intents() {
    return intents;
  }

  private void think() {
    if (world.loadEnded()) {
      return;
    }
    world.clock.after(1 + world.random.nextInt(2 * world.setting.thinkMs()), this::think);
    int what = world.random.nextInt(100);
    if (what < 60 || intents.isEmpty()) {
      shakeNew(pick(world.setting.items()));
    } else if (what < 75) {
      shake(pick(intents), anyLine());
    } else if (what < 88) {
      result(pick(intents), anyLine());
    } else if (questions.isEmpty()) { // who waits for these answers stays on the line
      reconnect(world.random.nextInt(lines.length));
    }
  }

  private <T> T pick(List<T> list) {
    return list.get(world.random.nextInt(list.size()));
  }

  private void shakeNew(SaleItem item) {
    int open = 0;
    for (int i = intents.size() - 1; i >= Math.max(0, intents.size() - 8); i--) {
      open += intents.get(i).answered ? 0 : 1;
    }
    if (open >= OPEN_KEYS_MAX || world.loadEnded()) {
      return;
    }
    int quantity = world.random.nextInt(5) == 0 ? 2 : 1;
    Intent intent = new Intent(user, Bytes.of(keyPrefix + ++keys), item, quantity);
    intents.add(intent);
    byKey.put(intent.key, intent);
    Line line = anyLine();
    shake(intent, line);
    switch (world.random.nextInt(8)) {
      case 0 -> shake(intent, line); // a double click
      case 1 -> shake(intent, anyLine()); // the same key in another tab
      default -> {}
    }
  }

  private void shake(Intent intent, Line line) {
    int quantity = intent.quantity;
    if (world.random.nextInt(50) == 0) {
      quantity = 3 - quantity;
      intent.otherQuantity = true;
    }
    intent.frames++;
    line.shake(intent, quantity);
    world.clock.after(
        PATIENCE_MS + world.random.nextInt((int) PATIENCE_MS), () -> impatient(intent));
  }

  /** No answer: asks by key, or sends the same once more. */
  private void impatient(Intent intent) {
    if (!intent.answered && !world.loadEnded()) {
      if (world.random.nextBoolean()) {
        shake(intent, anyLine());
      } else {
        result(intent, anyLine());
        world.clock.after(PATIENCE_MS, () -> impatient(intent));
      }
    }
  }

  private void result(Intent intent, Line line) {
    line.result(intent);
  }

  private Line anyLine() {
    return line(world.random.nextInt(lines.length));
  }

  private Line line(int edge) {
    Line line = lines[edge];
    if (line == null || line.broken()) {
      line = new Line(world.edges.get(edge));
      lines[edge] = line;
    }
    return line;
  }

  /** A new connection asks for each key without an answer. */
  private void reconnect(int edge) {
    Line old = lines[edge];
    if (old != null) {
      old.open = false;
    }
    lines[edge] = null;
    for (int i = Math.max(0, intents.size() - OPEN_KEYS_MAX); i < intents.size(); i++) {
      if (!intents.get(i).answered) {
        result(intents.get(i), line(edge));
      }
    }
  }

  /** Asks for its latest keys. */
  void askForAll(List<Question> out) {
    for (int i = Math.max(0, intents.size() - KEYS_ASKED_MAX); i < intents.size(); i++) {
      Intent intent = intents.get(i);
      Question question = new Question(intent, false);
      questions.put(intent.key, question);
      out.add(question);
      result(intent, anyLine());
    }
  }

  /** Shakes its latest keys again. */
  void shakeAll(List<Question> out) {
    for (int i = Math.max(0, intents.size() - OPEN_KEYS_MAX); i < intents.size(); i++) {
      Intent intent = intents.get(i);
      Question question = new Question(intent, true);
      questions.put(intent.key, question);
      out.add(question);
      shake(intent, anyLine());
    }
  }

  private void heard(Bytes key, long item, Verdict verdict) {
    Intent intent = byKey.get(key);
    world.checker.heard(this, intent, item, verdict);
    if (intent == null) {
      throw new AssertionError("the checker let a foreign key pass");
    }
    if (verdict.outcome() == Outcome.PENDING) {
      return;
    }
    Question question = questions.get(key);
    if (question != null) {
      question.hear(verdict);
    }
    if (!verdict.aboutKey() && !intent.answered) {
      intent.attemptAnswers += verdict.byOwner() ? 0 : 1;
      boolean tryAgain = world.random.nextInt(3) > 0;
      intent.answered = !tryAgain;
      if (tryAgain) {
        world.clock.after(Math.max(200, verdict.retryAfterMs()), () -> retry(intent));
      }
      return;
    }
    intent.answered = true;
    OrderFact order = verdict.said().order();
    if (verdict.outcome() == Outcome.ACCEPTED && order != null && intent.order == 0) {
      intent.order = order.order();
      won(intent, order);
    }
  }

  private void retry(Intent intent) {
    if (!intent.answered && !world.loadEnded()) {
      shake(intent, anyLine());
    }
  }

  /** Pays in time or not, once or twice, cancels, or forgets. */
  private void won(Intent intent, OrderFact order) {
    if (order.claimBy() > 0) {
      claimSometimes(intent, order);
    }
    if (order.status() != OrderStatus.HELD && world.random.nextInt(3) > 0) {
      return;
    }
    if (world.deadlines.drawn()) {
      wonAtTheLastMoment(intent, order);
      return;
    }
    int payWithinMs = (int) intent.item.payWithinMs();
    int what = world.random.nextInt(20);
    if (what < 9) {
      pay(order, intent.partition, world.random.nextInt(payWithinMs + 4_000));
      if (what < 2) {
        pay(order, intent.partition, world.random.nextInt(2 * payWithinMs));
      }
    } else if (what < 13) {
      cancel(order, intent.partition, user, world.random.nextInt(payWithinMs));
    }
  }

  /** Everything at once, when it is about to be released. */
  private void wonAtTheLastMoment(Intent intent, OrderFact order) {
    boolean waits = order.claimBy() > 0 && order.claimedBy().isEmpty();
    long by = waits && world.random.nextInt(3) > 0 ? order.claimBy() : order.payBy();
    int partition = intent.partition;
    int what = world.random.nextInt(8);
    if (what < 6) {
      pay(order, partition, world.deadlines.untilMs(by, partition));
    }
    if (what == 0) {
      pay(order, partition, world.deadlines.untilMs(by, partition));
    }
    if (what > 3) {
      cancel(order, partition, user, world.deadlines.untilMs(by, partition));
    }
    if (waits && what % 2 == 0) {
      claim(intent, order, world.claimant(), world.deadlines.untilMs(by, partition));
    }
    if (waits && what % 4 == 0) {
      claim(intent, order, world.claimant(), world.deadlines.untilMs(by, partition));
    }
  }

  /** By one user or by two at once; again; in time or not. */
  private void claimSometimes(Intent intent, OrderFact order) {
    int what = world.random.nextInt(12);
    if (what >= 10) {
      return;
    }
    int withinMs = (int) intent.item.claimWithinMs();
    int afterMs = world.random.nextInt(what < 7 ? withinMs : 2 * withinMs + 3_000);
    Bytes claimant = world.claimant();
    claim(intent, order, claimant, afterMs);
    if (what < 4) {
      int againMs = afterMs + world.random.nextInt(world.random.nextBoolean() ? 20 : 3_000);
      claim(intent, order, what < 1 ? claimant : world.claimant(), againMs);
    }
  }

  private void claim(Intent intent, OrderFact order, Bytes by, int afterMs) {
    Command.Claim claim = new Command.Claim(order.order(), by, user);
    world.clock.after(
        afterMs,
        () ->
            world.askUntilAnswered(
                intent.partition,
                claim,
                (reply, failure) -> {
                  world.checker.claimed(intent.partition, claim, reply);
                  if (reply instanceof OrderIs is) {
                    claimed(intent, is.order(), by);
                  }
                }));
  }

  /** From now on the key is also that user's. */
  private void claimed(Intent intent, OrderFact order, Bytes by) {
    Shopper shopper = world.shopper(by);
    if (shopper != null) {
      shopper.takeOver(intent, order);
    }
    if (world.random.nextInt(6) == 0) {
      cancel(order, intent.partition, by, world.random.nextInt(3_000));
    }
  }

  private void takeOver(Intent of, OrderFact order) {
    Intent mine = new Intent(user, of.key, of.item, order.quantity());
    if (byKey.putIfAbsent(mine.key, mine) == null) {
      mine.answered = true;
      mine.order = order.order();
      intents.add(mine);
    }
  }

  private void pay(OrderFact order, int partition, int afterMs) {
    Bytes payment = Bytes.of("pay-" + user + "-" + ++payments);
    long amount = order.price() * order.quantity();
    Command.Pay pay = new Command.Pay(order.order(), payment, amount, order.currency());
    world.clock.after(
        afterMs,
        () ->
            world.askUntilAnswered(
                partition, pay, (reply, failure) -> world.checker.paid(partition, pay, reply)));
  }

  private void cancel(OrderFact order, int partition, Bytes by, int afterMs) {
    Command.Cancel cancel = new Command.Cancel(order.order(), by);
    world.clock.after(
        afterMs,
        () ->
            world.askUntilAnswered(
                partition,
                cancel,
                (Reply reply, Throwable failure) ->
                    world.checker.cancelled(partition, cancel, reply)));
  }

  /** A connection to one start of an edge. */
  private final class Line implements ShakeDesk.Answer {
    private static final int WAY_MS_MAX = 20;
    private final SimEdge edge;
    private final int start;
    private boolean open = true;
    private long upAtMs;
    private long downAtMs;

    private Line(SimEdge edge) {
      this.edge = edge;
      this.start = edge.starts();
    }

    private boolean broken() {
      return !open || start != edge.starts();
    }

    private void shake(Intent intent, int quantity) {
      world.trace.add(
          10,
          intent.key.hash64(),
          quantity,
          () -> edge.name + " <- shake " + intent + " × " + quantity);
      up(() -> edge.shake(start, user, intent.item.item(), intent.key, quantity, this));
    }

    private void result(Intent intent) {
      world.trace.add(11, intent.key.hash64(), 0, () -> edge.name + " <- result " + intent);
      up(() -> edge.result(start, user, intent.item.item(), intent.key, this));
    }

    private void up(Runnable frame) {
      long nowMs = world.clock.millis();
      upAtMs = Math.max(upAtMs, nowMs + 1 + world.random.nextInt(WAY_MS_MAX));
      world.clock.after(upAtMs - nowMs, frame);
    }

    @Override
    public void told(long item, Bytes key, Verdict verdict) {
      long nowMs = world.clock.millis();
      downAtMs = Math.max(downAtMs, nowMs + 1 + world.random.nextInt(WAY_MS_MAX));
      world.clock.after(
          downAtMs - nowMs,
          () -> {
            if (open) {
              heard(key, item, verdict);
            }
          });
    }

    @Override
    public void queued(long item, Bytes key, int ahead, long etaMs) {
      if (ahead < 1) {
        throw new Violation("L5 queued with nobody ahead");
      }
    }
  }
}
