package stampede.sale;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.JournalEntry;
import stampede.protocol.Limits;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderNews;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.engine.Decision;
import stampede.sale.engine.SaleEngine;
import stampede.sale.journal.Journal;
import stampede.sale.journal.JournalDamaged;

/**
 * One node's ownership of one partition during one epoch: decide, apply, append, answer when
 * durable. Begins with a replayed engine, ends for good with the first sign that the state here may
 * not be the journal's.
 *
 * <pre>
 *   batch ─► decide ─► apply ─► collecting ─► append (one in flight) ─► durable ─► held replies leave
 *                                   └── what comes meanwhile is the next group: no timer, no window
 * </pre>
 */
final class Tenure {
  static final long PENDING_AFTER_MS = 1_000;
  private static final long TICK_MS = 50;
  private static final long RESEND_FIRST_MS = 20;
  private static final long RESEND_MAX_MS = 500;
  private static final int DUE_EVENTS_MAX = 200;
  private static final long BUSY_RETRY_MS = 200;
  private static final int SMALL_EVENT_BYTES = 256;
  private static final int LARGE_EVENT_BYTES = 20_000;

  private final int partition;
  private final long epoch;
  private final long nonce;
  private final SaleEngine engine;
  private final Journal journal;
  private final Timers timers;
  private final OwnerTime time;
  private final OwnerLimits limits;
  private final Outlet outlet;
  private final Ending ending;

  private final ArrayDeque<SaleEvent> collecting = new ArrayDeque<>();
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private final long acquiredPosition;
  private long lastBatch;
  private long durable;
  private long drained;
  private long accepted;
  private long paid;
  private long released;
  private @Nullable JournalEntry inFlight;
  private List<SaleEvent> inFlightEvents = List.of();
  private long resendDelayMs = RESEND_FIRST_MS;
  private boolean renewing;
  private long lastRenewalSentNanos;
  private boolean ended;
  private boolean handingOver;
  private boolean suspended;
  private @Nullable Runnable whenOpen;
  private @Nullable Runnable whenQuiet;
  private Runnable whenShown = () -> {};

  /** Replies that may leave when the journal is durable up to {@code position}. */
  private record Held(
      long position, List<Reply> replies, Completion<BatchReply> done, long sinceMs) {}

  /** Called once, when this tenure is over. */
  interface Ending {
    void ended(String reason);
  }

  /**
   * @param engine replayed to the end of the log
   * @param acquiredSentNanos when the acquire that succeeded was sent
   */
  Tenure(
      int partition,
      long nonce,
      Journal.Acquired.Ok acquired,
      SaleEngine engine,
      Journal journal,
      Timers timers,
      OwnerTime time,
      OwnerLimits limits,
      Outlet outlet,
      long acquiredSentNanos,
      Ending ending) {
    this.partition = partition;
    this.epoch = acquired.epoch();
    this.nonce = nonce;
    this.engine = engine;
    this.journal = journal;
    this.timers = timers;
    this.time = time;
    this.limits = limits;
    this.outlet = outlet;
    this.ending = ending;
    this.lastBatch = acquired.lastBatch();
    this.acquiredPosition = acquired.position();
    this.durable = acquiredPosition;
    this.drained = 0;
    this.lastRenewalSentNanos = acquiredSentNanos;
  }

  /** Announces the epoch in the log; until that is durable nothing is answered. */
  void open(String node, Runnable whenDurable) {
    this.whenOpen = whenDurable;
    propose(List.of(new SaleEvent.Owned(epoch, node, nonce, time.now(engine.lastEventAt()))));
    flush();
    timers.after(TICK_MS, this::tick);
  }

  /**
   * Runs when something is durable that everybody should see at once: an operator's word, units
   * that came back.
   */
  void onShown(Runnable shown) {
    whenShown = shown;
  }

  void handle(CommandBatch batch, Completion<BatchReply> done) {
    if (ended) {
      done.succeed(new BatchReply.Pending());
      return;
    }
    if (handingOver
        || suspended
        || held.size() >= limits.waitingMax()
        || collecting.size() >= limits.collectingMax()) {
      done.succeed(new BatchReply.Busy(BUSY_RETRY_MS));
      return;
    }
    List<Reply> replies = new ArrayList<>(batch.commands().size());
    long now = time.now(engine.lastEventAt());
    engine.expect(batch.commands());
    for (Command command : batch.commands()) {
      replies.add(carryOut(command, now));
      if (ended) {
        done.succeed(new BatchReply.Pending());
        return;
      }
    }
    held.add(new Held(engine.position(), replies, done, timers.millis()));
    flush();
    answer();
  }

  long unaccountedUnits() {
    return engine.unaccountedUnits();
  }

  /** MySQL has everything up to {@code position}. */
  void drained(long position) {
    drained = Math.max(drained, position);
  }

  /**
   * The log is not longer than this, or it is another owner's: an entry on its way may be in it.
   */
  long writtenMax() {
    return inFlight == null ? durable : inFlight.last();
  }

  /** Until it may {@link #goOn} it decides nothing, begins no append, and says nothing. */
  void suspend() {
    suspended = true;
  }

  void goOn() {
    suspended = false;
    flush();
    answer();
  }

  /** Up to where MySQL is known to have everything. */
  long drained() {
    return drained;
  }

  /**
   * Says in the log up to where it is no longer needed.
   *
   * @param drained MySQL has it up to there
   * @param forgettable and the keys of operators up to there are old
   */
  void cut(long drained, long forgettable) {
    propose(engine.cut(drained, forgettable, now()));
    flush();
  }

  /** Takes no more commands; {@code done} when all that was decided is durable and answered. */
  void handOver(Runnable done) {
    handingOver = true;
    whenQuiet = done;
    quiet();
  }

  /** Ends it from outside; what waits hears {@code pending}. */
  void close() {
    ended = true;
    whenOpen = null;
    collecting.clear();
    inFlight = null;
    inFlightEvents = List.of();
    while (!held.isEmpty()) {
      held.poll().done.succeed(new BatchReply.Pending());
    }
  }

  SaleEngine engine() {
    return engine;
  }

  long epoch() {
    return epoch;
  }

  long durable() {
    return durable;
  }

  long now() {
    return time.now(engine.lastEventAt());
  }

  /** Orders made durable since this tenure began; {@link #paid} and {@link #released} likewise. */
  long accepted() {
    return accepted;
  }

  long paid() {
    return paid;
  }

  long released() {
    return released;
  }

  /** Batches whose replies wait for the journal. */
  int waiting() {
    return held.size();
  }

  /** Events not known to be in MySQL. */
  long backlog() {
    return Math.max(0, engine.position() - drained);
  }

  /** While false nothing leaves: somebody else may be the owner by now, or the log be cut short. */
  boolean mayAnswer() {
    return !suspended && timers.nanos() - lastRenewalSentNanos < limits.leaseMs() * 800_000;
  }

  /** False also from the hand-over on. */
  boolean takesCommands() {
    return !ended && !handingOver && mayAnswer();
  }

  // ── deciding
  // ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private Reply carryOut(Command command, long now) {
    Decision decision;
    try {
      decision = engine.decide(command, now, time.trusted());
    } catch (RuntimeException e) {
      outlet.alarm(
          "sale.decide-failed", "partition " + partition + " command " + command + ": " + e);
      return failed(command, now);
    }
    if (isNewOrder(decision) && backlogFull()) {
      return Reply.Shaken.of(Outcome.BUSY, engine.position(), now);
    }
    propose(decision.events());
    return decision.reply();
  }

  private static boolean isNewOrder(Decision decision) {
    return decision.reply() instanceof Reply.Shaken shaken
        && shaken.outcome() == Outcome.ACCEPTED
        && !shaken.again();
  }

  private boolean backlogFull() {
    return engine.position() - drained >= limits.backlogMax();
  }

  private Reply failed(Command command, long now) {
    if (command instanceof Command.Shake || command instanceof Command.AskResult) {
      return Reply.Shaken.invalid(
          "internal", "this request could not be decided", engine.position(), now);
    }
    return new Reply.Refused(engine.position(), "internal", "this request could not be decided");
  }

  private void propose(List<SaleEvent> events) {
    for (SaleEvent event : events) {
      if (ended) {
        return;
      }
      try {
        engine.apply(event);
      } catch (RuntimeException e) {
        outlet.alarm("sale.apply-failed", "partition " + partition + " event " + event + ": " + e);
        end("apply failed");
        return;
      }
      collecting.add(event);
    }
  }

  // ── appending
  // ────────────────────────────────────────────────────────────────────────────────────────────────────

  private void flush() {
    if (ended || suspended || inFlight != null || collecting.isEmpty()) {
      return;
    }
    inFlightEvents = nextGroup();
    inFlight = JournalEntry.of(partition, epoch, durable + 1, ++lastBatch, inFlightEvents);
    resendDelayMs = RESEND_FIRST_MS;
    append(inFlight);
  }

  private List<SaleEvent> nextGroup() {
    List<SaleEvent> group = new ArrayList<>(Math.min(collecting.size(), Limits.ENTRY_EVENTS_MAX));
    int bytes = 0;
    while (!collecting.isEmpty() && group.size() < Limits.ENTRY_EVENTS_MAX) {
      bytes += bytesMax(collecting.peek());
      if (bytes > Limits.ENTRY_BYTES_MAX) {
        break;
      }
      group.add(collecting.poll());
    }
    return group;
  }

  private static int bytesMax(SaleEvent event) {
    boolean isLarge =
        event instanceof SaleEvent.ItemPublished
            || event instanceof SaleEvent.Steered
            || event instanceof SaleEvent.SessionArchived
            || event instanceof SaleEvent.Restated;
    return isLarge ? LARGE_EVENT_BYTES : SMALL_EVENT_BYTES;
  }

  private void append(JournalEntry entry) {
    long sentNanos = timers.nanos();
    journal.append(entry, nonce, (result, failure) -> appended(entry, sentNanos, result, failure));
  }

  private void appended(
      JournalEntry entry,
      long sentNanos,
      Journal.@Nullable Appended result,
      @Nullable Throwable failure) {
    if (ended || entry != inFlight) {
      return;
    }
    if (result instanceof Journal.Appended.Ok ok) {
      durableNow(entry, ok.time(), sentNanos);
    } else if (result instanceof Journal.Appended.Duplicate duplicate) {
      durableNow(entry, duplicate.time(), sentNanos); // it renews the lease like the first one
    } else if (result instanceof Journal.Appended.Fenced fenced) {
      end("fenced by epoch " + fenced.epoch());
    } else if (result instanceof Journal.Appended.Gap gap) {
      outlet.alarm(
          "journal.gap",
          "partition "
              + partition
              + ": the log ends at "
              + gap.position()
              + ", this owner is at "
              + (entry.first() - 1));
      end("gap: the log ends at " + gap.position());
    } else if (failure instanceof JournalDamaged) {
      outlet.alarm("journal.damaged", "partition " + partition + ": " + failure.getMessage());
      end("the journal is damaged");
    } else {
      resend(entry, failure);
    }
  }

  /**
   * Carried out or not, now or later: the same group with the same position and batch is safe to
   * send for as long as it takes.
   */
  private void resend(JournalEntry entry, @Nullable Throwable failure) {
    long delayMs = resendDelayMs;
    resendDelayMs = Math.min(RESEND_MAX_MS, resendDelayMs * 2);
    if (delayMs < resendDelayMs && resendDelayMs == RESEND_MAX_MS) { // once a group
      outlet.alarm("journal.unreachable", "partition " + partition + ": " + failure);
    }
    timers.after(
        delayMs,
        () -> {
          if (!ended && entry == inFlight) {
            append(entry);
          }
        });
  }

  private void durableNow(JournalEntry entry, long storeMs, long sentNanos) {
    inFlight = null;
    durable = entry.last();
    time.observed(storeMs, sentNanos, partition, outlet);
    outlet.appended(entry.count(), timers.nanos() - sentNanos);
    lastRenewalSentNanos = Math.max(lastRenewalSentNanos, sentNanos);
    List<SaleEvent> events = inFlightEvents;
    inFlightEvents = List.of();
    tell(events);
    if (events.stream().anyMatch(Tenure::isShownAtOnce)) {
      whenShown.run();
    }
    answer();
    due();
    flush();
    quiet();
  }

  // ── answering
  // ────────────────────────────────────────────────────────────────────────────────────────────────────

  private void answer() {
    if (whenOpen != null && durable > acquiredPosition && mayAnswer()) {
      Runnable open = whenOpen;
      whenOpen = null;
      open.run();
    }
    while (!held.isEmpty() && held.peek().position <= durable && mayAnswer()) {
      Held next = held.poll();
      next.done.succeed(new BatchReply.Answered(next.replies));
    }
  }

  private void giveUpOnOld(long nowMs) {
    while (!held.isEmpty() && nowMs - held.peek().sinceMs >= PENDING_AFTER_MS) {
      held.poll().done.succeed(new BatchReply.Pending());
    }
  }

  private void tell(List<SaleEvent> events) {
    List<OrderNews.Change> changes = new ArrayList<>();
    for (SaleEvent event : events) {
      if (event instanceof SaleEvent.Accepted) {
        accepted++;
      } else if (event instanceof SaleEvent.Paid e) {
        paid++;
        addChange(e.order(), "paid", e.at(), changes);
      } else if (event instanceof SaleEvent.Released e) {
        released++;
        addChange(e.order(), "released", e.at(), changes);
      } else if (event instanceof SaleEvent.RefundDue e) {
        addChange(e.order(), e.reason().text(), e.at(), changes);
      }
    }
    if (!changes.isEmpty()) {
      outlet.news(new OrderNews(changes));
    }
  }

  private static boolean isShownAtOnce(SaleEvent event) {
    return event instanceof SaleEvent.Steered
        || event instanceof SaleEvent.Released
        || event instanceof SaleEvent.StockReleased;
  }

  /** For who shook and, if it is another, who claimed. */
  private void addChange(long order, String status, long at, List<OrderNews.Change> changes) {
    Reply reply = engine.decide(new Command.FindOrder(order, Bytes.EMPTY), at, false).reply();
    if (!(reply instanceof Reply.OrderIs found)) {
      return; // archived since: it is told by MySQL alone
    }
    OrderFact fact = found.order();
    changes.add(new OrderNews.Change(order, fact.item(), fact.user(), status, at));
    Bytes claimant = engine.claimant(order, durable);
    if (!claimant.isEmpty()) {
      changes.add(new OrderNews.Change(order, fact.item(), claimant, status, at));
    }
  }

  // ── time
  // ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  private void tick() {
    if (ended) {
      return;
    }
    due();
    renewIfOld();
    flush();
    answer();
    giveUpOnOld(timers.millis());
    quiet();
    if (!ended) {
      timers.after(TICK_MS, this::tick);
    }
  }

  /**
   * What time alone demands: open, close, release portions, expire. Few events of it wait for an
   * append at any time: who shakes while very many orders expire is behind few of them.
   */
  private void due() {
    long now = now();
    while (!handingOver
        && !suspended
        && time.trusted()
        && engine.nextDueAt() <= now
        && collecting.size() < DUE_EVENTS_MAX
        && !ended) {
      List<SaleEvent> events = engine.due(now, DUE_EVENTS_MAX);
      if (events.isEmpty()) {
        return;
      }
      propose(events);
    }
  }

  private void renewIfOld() {
    if (renewing || timers.nanos() - lastRenewalSentNanos < limits.leaseMs() * 250_000) {
      return;
    }
    renewing = true;
    long sentNanos = timers.nanos();
    journal.renew(epoch, nonce, (result, failure) -> renewed(sentNanos, result));
  }

  private void renewed(long sentNanos, Journal.@Nullable Renewed result) {
    renewing = false;
    if (ended) {
      return;
    }
    if (result instanceof Journal.Renewed.Ok ok) {
      time.observed(ok.time(), sentNanos, partition, outlet);
      // Counted from when it was sent: the answer may have been long on its way.
      lastRenewalSentNanos = Math.max(lastRenewalSentNanos, sentNanos);
      answer();
    } else if (result instanceof Journal.Renewed.Fenced fenced) {
      end("fenced by epoch " + fenced.epoch());
    }
  }

  // ── ending
  // ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private void quiet() {
    if (whenQuiet != null && held.isEmpty() && inFlight == null && collecting.isEmpty()) {
      Runnable done = whenQuiet;
      whenQuiet = null;
      done.run();
    }
  }

  /** In doubt. */
  void end(String reason) {
    if (!ended) {
      close();
      ending.ended(reason);
      quiet();
    }
  }
}
