package stampede.rig.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.edge.Verdict;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Hint;
import stampede.protocol.JournalEntry;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderNews;
import stampede.protocol.OrderStatus;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.ItemEnded;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.rig.Invariants;
import stampede.sale.engine.SaleEngine;

/**
 * Sees everything that happens in a world and stops it at the first thing that must not be.
 *
 * <pre>
 *   at every append   S1 S4 S6 S7 (Invariants) · S3 a shake was sent · S11 it folds · times
 *                     S14 an order comes of a shake that still waits for its answer (Asked)
 *                     T1 nothing comes by a clock that has just jumped
 *   at every answer   durable before it is heard · S8 not older than what was heard before · S12
 *   at every hint     S11 the owner's state is the log's
 *   at every call     D1 a drain has one call to the database under way (SimPersist)
 *   at the end        S2 S5 S8 S9 S10 against the whole log; L1–L5 on the way
 * </pre>
 */
final class Checker {
  /** What an operator may be alarmed by in a world where only machines and networks fail. */
  private static final Set<String> ALARMS_EXPECTED =
      Set.of("time.jumped", "journal.unreachable", "partition.ended", "partition.deaf");

  private static final long EXPIRY_DELAY_MS = 1_000;
  private static final long GRACE_MS = 10_000;

  /** A machine is frozen for two minutes at most, and its question with it. */
  private static final long HIDDEN_STEP_MS_MAX = 150_000;

  private static final long DISTRUST_MS = 9_900;
  private static final long CLOCKS_APART_MS = 1_000;
  private static final long STEPS_APART_MS = 30_000;
  private static final long EXPIRED_LATE_MS_MAX = 1_000;
  private static final long ASKED_FOR_MS_MAX = 12_000;

  /** How old what an edge says of a sold-out item may be. */
  private static final long SOLD_OUT_MS_MAX = 1_000;

  private static final class Partition {
    final int number;
    final Invariants books;
    final SaleEngine shadow;
    final Ledger ledger;
    final Sayings sayings = new Sayings();
    final Asked asked = new Asked();
    final SteeringKeys keys = new SteeringKeys();
    final SoldOutSpells soldOut = new SoldOutSpells();
    final List<SaleEvent> log = new ArrayList<>();
    long heardUpTo;
    long epoch;
    long ownedAtMs;

    Partition(int number) {
      this.number = number;
      books = new Invariants(number);
      shadow = new SaleEngine(number, Long.MAX_VALUE / 4);
      ledger = new Ledger(number);
    }
  }

  /**
   * The store's clock was set forward or back.
   *
   * @param atMs of the world's time
   * @param loggedMs time of each log's last event
   */
  private record Step(long atMs, long byMs, long[] loggedMs) {}

  /** Of the world's time: an owner's lease may have lasted shorter or seemed longer. */
  private record Spell(long fromMs, long toMs) {}

  private final World world;
  private final Partition[] partitions = new Partition[Setting.PARTITIONS];
  private final List<Step> steps = new ArrayList<>();
  private final List<Spell> leaseInDoubt = new ArrayList<>();
  private final Map<Bytes, String> paymentsTold = new HashMap<>();
  private final List<OrderFact> cancelledTold = new ArrayList<>();
  private final Map<Long, String> refusedCancels = new HashMap<>();
  private final List<Command.Steer> stockTold = new ArrayList<>();
  private boolean clockStepped;
  private boolean healed;
  private int asked;
  private int answered;
  private long answers;
  private long soldOutByEdges;
  private int cuts;

  Checker(World world) {
    this.world = world;
    for (int p = 0; p < partitions.length; p++) {
      partitions[p] = new Partition(p);
    }
  }

  long nowMs() {
    return world.clock.millis();
  }

  long events() {
    long events = 0;
    for (Partition partition : partitions) {
      events += partition.log.size();
    }
    return events;
  }

  long answers() {
    return answers;
  }

  // ── what the nemesis does that excuses an owner

  /** From now until then a lease may not be what its holder takes it for. */
  void leaseInDoubt(long fromMs, long toMs) {
    leaseInDoubt.add(new Spell(fromMs, toMs));
  }

  void clockStepped(long byMs) {
    clockStepped = true;
    leaseInDoubt(nowMs(), nowMs() + world.setting.limits().leaseMs());
    long[] loggedMs = new long[partitions.length];
    for (Partition partition : partitions) {
      loggedMs[partition.number] = partition.shadow.lastEventAt();
    }
    steps.add(new Step(nowMs(), byMs, loggedMs));
  }

  void healed() {
    healed = true;
  }

  // ── the log

  void appended(int number, JournalEntry entry) {
    Partition partition = partitions[number];
    world.trace.add(
        20 + number,
        entry.last(),
        entry.crc(),
        () -> "partition " + number + " epoch " + entry.epoch() + ": " + entry.events());
    List<SaleEvent> events = partition.books.add(entry);
    if (entry.epoch() > partition.epoch) {
      partition.epoch = entry.epoch();
      partition.ownedAtMs = nowMs();
    }
    if (!partition.books.broken().isEmpty()) {
      throw new Violation("S1 S4 S6 S7 S9 " + partition.books.broken());
    }
    for (SaleEvent event : events) {
      appended(partition, event);
    }
  }

  private void appended(Partition partition, SaleEvent event) {
    try {
      partition.shadow.apply(event);
    } catch (RuntimeException e) {
      throw new Violation("S11 the log does not fold: " + e);
    }
    if (event instanceof Accepted e) {
      requireSent(e);
      partition.asked.requireOpen(e);
    } else if (event instanceof Released e && e.reason() != ReleaseReason.CANCELLED) {
      requireExpired(partition, e);
    }
    requireNotByAStep(partition, event);
    partition.ledger.apply(event);
    partition.keys.apply(event, partition.ledger.position, nowMs());
    partition.soldOut.look(partition.ledger, event, nowMs());
    partition.log.add(event);
    long storeNow = world.stores[partition.number].now();
    if (!clockStepped && event.at() > storeNow) {
      throw new Violation("S7 an event of the future: " + event + " at " + storeNow);
    }
  }

  private void requireSent(Accepted e) {
    if (world.archivist.owns(e.item())) {
      return;
    }
    Shopper shopper = world.shopper(e.user());
    Shopper.Intent intent = shopper == null ? null : shopper.intent(e.key());
    boolean quantityKnown =
        intent != null
            && (e.quantity() == intent.quantity
                || intent.otherQuantity && e.quantity() == 3 - intent.quantity);
    if (intent == null || intent.frames == 0 || intent.item.item() != e.item() || !quantityKnown) {
      throw new Violation("S3 nobody sent a shake for " + e);
    }
  }

  private void requireExpired(Partition partition, Released e) {
    Ledger.Order order = partition.ledger.held.get(e.order());
    if (order == null) {
      return; // the books have said so already
    }
    boolean unclaimed = e.reason() == ReleaseReason.UNCLAIMED;
    if (unclaimed && !order.waitsForClaim()) {
      throw new Violation("S9 order " + e.order() + " is released as unclaimed, it was not");
    }
    long storeNow = world.stores[partition.number].now();
    long due = withGrace(partition, order, unclaimed ? order.claimBy : order.accepted.payBy());
    if (e.at() < due || !clockStepped && storeNow < due) {
      throw new Violation("S9 order " + e.order() + " expires at " + e.at() + ", due " + due);
    }
  }

  /**
   * Who owned before the store's clock jumped knows that it did: what is due only since then waits
   * until the clocks have agreed for 10 s. A reading that was long on its way hides a step as long
   * as that way, so only the largest steps are sure to be seen.
   */
  private void requireNotByAStep(Partition partition, SaleEvent event) {
    long dueMs = dueByTime(partition, event);
    Step step = latestStep();
    if (dueMs == 0 || step == null || nowMs() - step.atMs > DISTRUST_MS) {
      return;
    }
    boolean seen = step.byMs > HIDDEN_STEP_MS_MAX && partition.ownedAtMs < step.atMs;
    long knownMs =
        Math.max(unjumpedMs(partition) + CLOCKS_APART_MS, step.loggedMs[partition.number]);
    if (seen && dueMs > knownMs) {
      throw new Violation(
          "T1 %s by a clock that jumped %d ms ago by %d ms"
              .formatted(event, nowMs() - step.atMs, step.byMs));
    }
  }

  /**
   * What the store's clock would show had it not jumped last, nor before that: an owner that stood
   * still meanwhile has seen none of it, and goes on by what it had seen.
   */
  private long unjumpedMs(Partition partition) {
    long shownMs = world.stores[partition.number].now();
    long latestMs = Long.MIN_VALUE;
    for (int i = steps.size() - 1; i >= 0 && isRecent(steps.get(i)); i--) {
      shownMs -= steps.get(i).byMs;
      latestMs = Math.max(latestMs, shownMs);
    }
    return latestMs;
  }

  private boolean isRecent(Step step) {
    return nowMs() - step.atMs <= HIDDEN_STEP_MS_MAX;
  }

  /** Null = there was none, or another one shortly before it. */
  private @Nullable Step latestStep() {
    int last = steps.size() - 1;
    boolean alone = last < 1 || steps.get(last).atMs - steps.get(last - 1).atMs > STEPS_APART_MS;
    return last >= 0 && alone ? steps.get(last) : null;
  }

  /** 0 = it is not by the time alone that the event comes. */
  private static long dueByTime(Partition partition, SaleEvent event) {
    if (event instanceof ItemOpened e) {
      return partition.ledger.items.get(e.item()).item.opensAt();
    } else if (event instanceof ItemEnded e) {
      return partition.ledger.items.get(e.item()).item.closesAt();
    } else if (event instanceof StockReleased e) {
      Ledger.Item item = partition.ledger.items.get(e.item());
      return item.item.releases().get(item.portions).at();
    } else if (event instanceof Released e && e.reason() != ReleaseReason.CANCELLED) {
      Ledger.Order order = partition.ledger.held.get(e.order());
      return order == null ? 0 : dueToEnd(partition, order);
    }
    return 0;
  }

  /** Unpaid, or unclaimed. */
  private static long dueToEnd(Partition partition, Ledger.Order order) {
    long payBy = order.accepted.payBy();
    long by = order.waitsForClaim() ? Math.min(payBy, order.claimBy) : payBy;
    return withGrace(partition, order, by);
  }

  private static long withGrace(Partition partition, Ledger.Order order, long by) {
    long due = by + EXPIRY_DELAY_MS;
    Ledger ledger = partition.ledger;
    return order.position < ledger.ownedPosition ? Math.max(due, ledger.ownedAt + GRACE_MS) : due;
  }

  // ── owners

  void hint(Hint hint) {
    Partition partition = partitions[hint.partition()];
    if (hint.position() > partition.log.size()) {
      throw new Violation("S2 a hint ahead of the log: " + hint);
    }
    boolean comparable = hint.stateHash() != 0 && hint.position() == partition.log.size();
    if (comparable && hint.stateHash() != partition.shadow.stateHash()) {
      throw new Violation("S11 the owner's state is not the log's at " + hint.position());
    }
  }

  void news(OrderNews news) {
    for (OrderNews.Change change : news.changes()) {
      Partition partition = partitions[PartitionMap.partitionOfOrder(change.order())];
      Ledger.Order order = partition.ledger.orders.get(change.order());
      if (order == null || !order.isOf(change.user())) {
        throw new Violation("S12 news of an order that is not this user's: " + change);
      }
    }
  }

  void alarm(String node, String code, String detail) {
    world.trace.add(30, code.hashCode(), 0, () -> node + " ALARM " + code + " " + detail);
    if (!ALARMS_EXPECTED.contains(code)) {
      throw new Violation("alarm of " + node + ": " + code + ": " + detail);
    }
  }

  /** The books of a partition, as its log has them. */
  Ledger ledger(int partition) {
    return partitions[partition].ledger;
  }

  // ── answers

  /** What was asked of the partition's owners. */
  Asked asked(int partition) {
    return partitions[partition].asked;
  }

  long heardUpTo(int partition) {
    return partitions[partition].heardUpTo;
  }

  /** An owner's reply reached an edge that asked at {@code sinceMs}. */
  void replied(int number, Command command, Reply reply, long floor, long sinceMs) {
    answers++;
    requireDurable(number, reply.position(), reply);
    boolean write = reply instanceof Shaken s && s.outcome() == Outcome.ACCEPTED && !s.again();
    boolean repeats = reply instanceof Reply.Steered; // a repeated key gets the earlier reply
    if (reply.position() < floor && !repeats && (write || !inDoubt(sinceMs))) {
      throw new Violation(
          "S8 " + command + " sent after position " + floor + " was heard got " + reply);
    }
  }

  private void requireDurable(int number, long position, Object said) {
    if (position > partitions[number].log.size()) {
      throw new Violation("S2 said before it was durable: " + said);
    }
  }

  private boolean inDoubt(long sinceMs) {
    for (Spell spell : leaseInDoubt) {
      if (spell.fromMs <= nowMs() && spell.toMs >= sinceMs) {
        return true;
      }
    }
    return false;
  }

  /** A shopper hears of one of its keys. */
  void heard(Shopper by, Shopper.@Nullable Intent intent, long item, Verdict verdict) {
    Shaken said = verdict.said();
    OrderFact order = said.order();
    if (intent == null || intent.item.item() != item) {
      throw new Violation("S12 " + by.user() + " hears of a key it never sent: " + said);
    }
    if (order != null
        && !((order.user().equals(by.user()) || order.claimedBy().equals(by.user()))
            && order.key().equals(intent.key)
            && order.item() == item)) {
      throw new Violation("S12 " + by.user() + " hears of another's order: " + said);
    }
    world.trace.add(
        12,
        said.outcome().code(),
        said.position(),
        () -> intent + " hears " + (verdict.byOwner() ? "" : "(edge) ") + said);
    if (verdict.byOwner()) {
      Partition partition = partitions[intent.partition];
      requireDurable(intent.partition, said.position(), said);
      boolean sure = !intent.otherQuantity;
      partition.sayings.add(item, by.user(), intent.key, intent.quantity, sure, said);
      partition.heardUpTo = Math.max(partition.heardUpTo, said.position());
    } else if (said.outcome().about() == Outcome.About.KEY
        && said.outcome() != Outcome.PAUSED
        && said.outcome() != Outcome.SOLD_OUT) {
      throw new Violation("S5 an edge speaks about a key: " + said);
    }
  }

  /**
   * An edge answers by itself: less than a second ago the item was sold out, and this user no
   * winner of it.
   *
   * @param heard whether the edge has heard of an order of this user and item
   */
  void soldOutByEdge(long item, Bytes user, boolean heard) {
    soldOutByEdges++;
    long fromMs = nowMs() - SOLD_OUT_MS_MAX;
    SoldOutSpells spells = partitions[partitionOf(item)].soldOut;
    if (!inDoubt(fromMs) && (heard || !spells.holdsFor(user, item, fromMs, nowMs()))) {
      throw new Violation(
          "S5 an edge tells %s sold_out of item %d: %s"
              .formatted(user, item, spells.toText(user, item)));
    }
  }

  private static int partitionOf(long item) {
    return PartitionMap.partitionOfItem(item, Setting.PARTITIONS);
  }

  long soldOutByEdges() {
    return soldOutByEdges;
  }

  void asked() {
    asked++;
  }

  void answered() {
    answered++;
  }

  void steered(int number, Command command, Reply reply) {
    requireDurable(number, reply.position(), reply);
    if (reply instanceof Reply.Steered
        && command instanceof Command.Steer c
        && c.steering() == stampede.protocol.Steering.ADD_STOCK) {
      stockTold.add(c);
    }
  }

  void paid(int number, Command.Pay pay, Reply reply) {
    requireDurable(number, reply.position(), reply);
    if (isStale(pay.order(), reply) || isArchived(number, pay.order(), reply)) {
      return;
    }
    if (!(reply instanceof Reply.PaymentIs told)) {
      throw new Violation("S9 a genuine payment was refused: " + pay + ": " + reply);
    }
    String before = paymentsTold.put(pay.payment(), told.status());
    String logged = partitions[number].ledger.payments.get(pay.payment());
    if (!told.status().equals(logged) || before != null && !before.equals(logged)) {
      throw new Violation("S9 " + pay + " was told " + told.status() + ", the log has " + logged);
    }
    partitions[number].heardUpTo = Math.max(partitions[number].heardUpTo, reply.position());
  }

  /**
   * A suspended owner that takes its lease for valid may not know the latest orders yet, as it may
   * not know the latest units: a refusal by its old log, never an event.
   */
  private boolean isStale(long order, Reply reply) {
    return reply instanceof Reply.Refused r
        && r.code().equals("unknown_order")
        && r.position() < PartitionMap.positionOfOrder(order)
        && inDoubt(nowMs() - ASKED_FOR_MS_MAX);
  }

  /** An edge then says what MySQL knows of it. */
  private boolean isArchived(int number, long id, Reply reply) {
    Ledger ledger = partitions[number].ledger;
    Ledger.Order order = ledger.orders.get(id);
    return order != null
        && reply instanceof Reply.Refused r
        && r.code().equals("unknown_order")
        && r.position() >= ledger.archivedAt.getOrDefault(order.accepted.item(), Long.MAX_VALUE);
  }

  /** What was said is held against the log when all is over; see {@link Sayings}. */
  void claimed(int number, Command.Claim claim, Reply reply) {
    requireDurable(number, reply.position(), reply);
    if (!isStale(claim.order(), reply)) {
      partitions[number].sayings.add(claim, reply);
      partitions[number].heardUpTo = Math.max(partitions[number].heardUpTo, reply.position());
    }
  }

  void cancelled(int number, Command.Cancel cancel, Reply reply) {
    requireDurable(number, reply.position(), reply);
    if (isStale(cancel.order(), reply)) {
      return;
    }
    Ledger.Order order = partitions[number].ledger.orders.get(cancel.order());
    String status = order == null ? "unknown" : order.status;
    boolean holds =
        reply instanceof Reply.OrderIs told
            ? told.order().status() == OrderStatus.RELEASED && status.equals("released")
            : reply instanceof Reply.Refused r
                && (r.code().equals("already_paid") && status.equals("paid")
                    || r.code().equals("already_claimed") && isClaimedByAnother(order, cancel));
    if (!holds) {
      throw new Violation("S9 " + cancel + " was told " + reply + ", the log has it " + status);
    }
    partitions[number].heardUpTo = Math.max(partitions[number].heardUpTo, reply.position());
  }

  private static boolean isClaimedByAnother(Ledger.@Nullable Order order, Command.Cancel cancel) {
    return order != null && !order.claimedBy.isEmpty() && !order.claimedBy.equals(cancel.user());
  }

  // ── after the healing

  /** What partition has no owner and who could be it; empty if there is none. */
  String unowned() {
    for (int p = 0; p < partitions.length; p++) {
      boolean served = false;
      for (SimSale sale : world.sales) {
        served |= sale.serves(p);
      }
      if (!served) {
        StringBuilder all = new StringBuilder();
        for (SimSale sale : world.sales) {
          all.append("; ").append(sale.status(p));
        }
        return "partition " + p + " has no owner 5 s after the last fault" + all;
      }
    }
    return "";
  }

  void requireAnswered(List<Shopper.Question> questions) {
    for (Shopper.Question question : questions) {
      if (!question.answered) {
        throw new Violation(
            "L2 asking for "
                + question.intent
                + " or shaking it again got no answer but "
                + question.told);
      }
    }
  }

  void requireNothingOverdue() {
    for (Partition partition : partitions) {
      long storeNow = world.stores[partition.number].now();
      for (Ledger.Order order : partition.ledger.held.values()) {
        if (storeNow > dueToEnd(partition, order) + EXPIRED_LATE_MS_MAX) {
          throw new Violation("L3 order " + order.id + " should have ended: " + order.accepted);
        }
      }
    }
  }

  boolean drained() {
    boolean drained = true;
    for (Partition partition : partitions) {
      drained &= world.mySql.tables(partition.number).cursor.position() == partition.log.size();
    }
    return drained;
  }

  void requireDrained() {
    if (!drained()) {
      throw new Violation("L4 the database is behind the journal 30 s after the load's end");
    }
  }

  void finish() {
    if (!healed || asked != answered) {
      throw new Violation("L5 " + (asked - answered) + " requests without an answer");
    }
    requireDrained();
    for (Partition partition : partitions) {
      partition.sayings.check(partition.number, partition.log);
      requireEnded(partition);
      new DatabaseAudit(partition.ledger, world.mySql.tables(partition.number)).check();
      List<String> broken =
          Invariants.broken(partition.number, world.stores[partition.number].log());
      if (!broken.isEmpty()) {
        throw new Violation("S11 " + broken);
      }
      requireKept(partition);
    }
    world.shoppers.forEach(this::requireNoTrace);
    requireSteered();
  }

  /** What a cut has left is the same state, and all that MySQL still has to know. */
  private void requireKept(Partition partition) {
    List<JournalEntry> kept = world.stores[partition.number].kept();
    if (Invariants.stateHash(partition.number, kept) != partition.shadow.stateHash()) {
      throw new Violation("S11 what is left of the log is another state than all of it");
    }
    if (kept.get(0).first() > 1) {
      cuts++;
    }
  }

  /** Partitions whose log was cut. */
  int cuts() {
    return cuts;
  }

  private static void requireEnded(Partition partition) {
    if (!partition.ledger.held.isEmpty()) {
      throw new Violation("S9 orders that never end: " + partition.ledger.held.keySet());
    }
    for (Ledger.Item item : partition.ledger.items.values()) {
      long portions = 0;
      for (int i = 0; i < item.portions; i++) {
        portions += item.item.releases().get(i).units();
      }
      if (item.stock < item.item.stock() + portions) {
        throw new Violation("S1 item " + item.item.item() + " lost stock");
      }
    }
  }

  /** A key of one frame that was not passed on has left nothing. */
  private void requireNoTrace(Shopper shopper) {
    for (Shopper.Intent intent : shopper.intents()) {
      boolean refused = intent.frames == 1 && intent.attemptAnswers == 1;
      Ledger ledger = partitions[intent.partition].ledger;
      if (refused && ledger.bound(intent.item.item(), intent.user, intent.key) != null) {
        throw new Violation("S5 " + intent + " was not passed on, but has an order");
      }
    }
  }

  private void requireSteered() {
    for (Command.Steer told : stockTold) {
      boolean logged = false;
      for (Partition partition : partitions) {
        logged |= partition.keys.tookEffect(told.warrant().key());
      }
      if (!logged) {
        throw new Violation("S2 stock was added as told, but not in the log: " + told);
      }
    }
  }
}
