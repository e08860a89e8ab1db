package stampede.edge;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.edge.admission.Admission;
import stampede.edge.admission.Attempt;
import stampede.edge.admission.ItemQueues;
import stampede.edge.admission.Place;
import stampede.edge.admission.Rate;
import stampede.edge.admission.Refusal;
import stampede.edge.admission.SlowLane;
import stampede.edge.admission.Step;
import stampede.edge.admission.Suspicion;
import stampede.edge.admission.Visitor;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Shake;
import stampede.protocol.OrderFact;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.port.Timers;

/**
 * One way for every shake, from a socket or over HTTP: is its key under way already, is it let in
 * ({@link Admission}), and who is waiting for its answer. Everything asked here is answered: at the
 * latest after a second with {@code pending}, and once more when the owner has spoken or was given
 * up. On the edge's event loop.
 */
public final class ShakeDesk {
  static final long PENDING_AFTER_MS = 1_000;

  private static final long BUSY_RETRY_MS = 1_000;

  /** Where answers go: a socket, or one HTTP request. Calls must not throw. */
  public interface Answer {
    /** {@code pending} may be followed by a second and last call for the same key. */
    void told(long item, Bytes key, Verdict verdict);

    /** Still waiting on this edge, at most once a second. */
    void queued(long item, Bytes key, int ahead, long etaMs);

    /** False: of nobody's attempt, such as an edge's {@link Rehearsal}. */
    default boolean counts() {
      return true;
    }
  }

  /** Who knows keys of items that their owner does not have. Calls must not throw. */
  public interface Archive {
    /** Knows none. */
    Archive NONE = (command, ownerSaid, answer) -> answer.accept(ownerSaid);

    /**
     * @param command a {@link Shake} or an {@link AskResult}
     * @param ownerSaid {@code unknown_item}, true at its position
     * @param answer hears once what is known of the key there; null = not now
     */
    void ask(Command command, Shaken ownerSaid, Consumer<@Nullable Shaken> answer);
  }

  private final Owners owners;
  private final OwnerRoutes routes;
  private final Timers timers;
  private final Counters counters;
  private final Admission admission;
  private final int commandsPerUserMax;
  private final SlowLane slowLane;
  private final ItemQueues queues;
  private final Consumer<OrderFact> ordered;
  private final Archive archive;
  private final Flights flights = new Flights();
  private final Reminders reminders;
  private boolean stopping;

  /** Where nothing is archived. */
  public ShakeDesk(
      Owners owners,
      OwnerRoutes routes,
      Timers timers,
      Counters counters,
      Admission admission,
      int commandsPerUserMax,
      int waitingMax,
      Consumer<OrderFact> ordered) {
    this(
        owners,
        routes,
        timers,
        counters,
        admission,
        commandsPerUserMax,
        waitingMax,
        ordered,
        Archive.NONE);
  }

  /**
   * @param commandsPerUserMax keys of one user under way
   * @param waitingMax shakes waiting in the lines of all items together
   * @param ordered hears of every order an owner has told of
   */
  public ShakeDesk(
      Owners owners,
      OwnerRoutes routes,
      Timers timers,
      Counters counters,
      Admission admission,
      int commandsPerUserMax,
      int waitingMax,
      Consumer<OrderFact> ordered,
      Archive archive) {
    this.owners = owners;
    this.routes = routes;
    this.timers = timers;
    this.counters = counters;
    this.admission = admission;
    this.commandsPerUserMax = commandsPerUserMax;
    this.slowLane = new SlowLane(admission.limits(), timers, this::standInLine);
    this.queues =
        new ItemQueues(admission.limits(), timers, waitingMax, this::passOn, this::waitedTooLong);
    this.ordered = ordered;
    this.archive = archive;
    this.reminders = new Reminders(timers, PENDING_AFTER_MS, this::remind);
  }

  /**
   * @throws stampede.protocol.InvalidField naming what can't be used
   */
  public void shake(Visitor visitor, long item, Bytes key, int quantity, Answer answer) {
    Shake command = new Shake(item, visitor.user(), key, quantity);
    counters.shake();
    attempt(visitor, command, answer);
  }

  /**
   * What became of a key: the answer is the owner's, or {@code pending}.
   *
   * @throws stampede.protocol.InvalidField naming what can't be used
   */
  public void result(Bytes user, long item, Bytes key, Answer answer) {
    AskResult command = new AskResult(item, user, key);
    Flight shake = flights.find(user, item, key, true);
    Flight result = flights.find(user, item, key, false);
    if (shake != null) {
      joinResult(shake, answer);
    } else if (result != null) {
      join(result, answer);
    } else if (stopping || flights.of(user) >= commandsPerUserMax) {
      tell(answer, item, key, Verdict.pending());
    } else {
      Flight flight = new Flight(user, item, key, command, answer, timers.millis());
      takeOff(flight);
      askOwner(flight);
    }
  }

  /** From now on nothing new is passed on; what is under way still gets its answer. */
  void refuseNew() {
    stopping = true;
  }

  /** Commands under way. */
  int underWay() {
    return flights.size();
  }

  /** Who waits for an answer about the item. */
  Set<Answer> waiters(long item) {
    Set<Answer> all = new LinkedHashSet<>();
    flights.forEach(
        flight -> {
          if (flight.item() == item) {
            all.addAll(flight.everybody());
          }
        });
    return all;
  }

  /** Shakes that stand in their item's line. */
  int waiting() {
    return queues.waiting();
  }

  /** Shakes that are held back. */
  int heldBack() {
    return slowLane.waiting();
  }

  /** What {@code user} may still do with {@code item}; empty where nothing holds, or none known. */
  List<RateLimit> limits(Bytes user, long item) {
    Attempt next = attemptOf(new Visitor(user, Visitor.UNKNOWN_NETWORK), item, Bytes.EMPTY);
    List<RateLimit> limits = new ArrayList<>(2);
    if (next.hint() != null && next.hint().cooldownMs() > 0) {
      long waitMs = admission.cooldownMs(next);
      limits.add(new RateLimit("shake", 1, next.hint().cooldownMs(), waitMs == 0 ? 1 : 0, waitMs));
    }
    Rate.Left left = admission.userRate(next);
    if (left != null) {
      limits.add(
          new RateLimit("user", left.burst(), left.windowMs(), left.shakes(), left.moreMs()));
    }
    return limits;
  }

  private void attempt(Visitor visitor, Shake shake, Answer answer) {
    Flight flight = flights.find(shake.user(), shake.item(), shake.key(), true);
    if (flight == null) {
      admit(visitor, shake, answer);
    } else if (flight.isFor(shake.quantity())) {
      join(flight, answer);
    } else if (flight.full()) {
      refuse(shake, answer, admission.busy(Step.KEYS, BUSY_RETRY_MS));
    } else {
      // the owner tells it from the first one
      flight.then(() -> attempt(visitor, shake, answer));
    }
  }

  private void admit(Visitor visitor, Shake shake, Answer answer) {
    if (stopping || flights.of(shake.user()) >= commandsPerUserMax) {
      Step step = stopping ? Step.STOPPING : Step.KEYS;
      refuse(shake, answer, admission.busy(step, BUSY_RETRY_MS));
      return;
    }
    Attempt attempt = attemptOf(visitor, shake.item(), shake.key());
    Refusal refusal = admission.refusal(attempt);
    if (refusal != null) {
      refuse(shake, answer, refusal);
    } else {
      letIn(attempt, shake, answer);
    }
  }

  private Attempt attemptOf(Visitor visitor, long item, Bytes key) {
    OwnerRoutes.ItemHint hint = routes.item(item);
    return new Attempt(
        visitor,
        item,
        key,
        hint == null ? null : hint.item(),
        hint == null ? 0 : routes.ownerNow(hint.partition()),
        timers.millis());
  }

  /** To its place: behind other suspects, or in its item's line. */
  private void letIn(Attempt attempt, Shake shake, Answer answer) {
    Suspicion suspicion = slowLane.open() ? admission.suspicion(attempt) : null;
    Refusal full =
        suspicion == null
            ? admission.full(queues, shake.item(), attempt.nowMs())
            : admission.full(slowLane, attempt);
    if (full != null) {
      refuse(shake, answer, full);
      return;
    }
    admission.passed(attempt);
    Flight flight =
        new Flight(shake.user(), shake.item(), shake.key(), shake, answer, attempt.nowMs());
    takeOff(flight);
    if (suspicion == null) {
      queues.enter(flight);
    } else {
      counters.heldBack(suspicion);
      slowLane.enter(flight);
    }
  }

  /** From the slow lane. */
  private void standInLine(Place place) {
    Refusal full = admission.full(queues, place.item(), timers.millis());
    if (full == null) {
      queues.enter(place);
    } else {
      giveUp((Flight) place, full);
    }
  }

  private void waitedTooLong(Place place, long retryAfterMs) {
    giveUp((Flight) place, admission.busy(Step.ITEM_QUEUE, retryAfterMs));
  }

  private void giveUp(Flight flight, Refusal refusal) {
    counters.refused(refusal.step());
    end(flight, null, new Owners.Busy("queue_full", refusal.retryAfterMs()));
  }

  /** From its item's line. */
  private void passOn(Place place) {
    Flight flight = (Flight) place;
    flight.hasCredit = true;
    askOwner(flight);
  }

  private void takeOff(Flight flight) {
    flights.add(flight);
    reminders.add(flight);
  }

  private void askOwner(Flight flight) {
    int partition = PartitionMap.partitionOfItem(flight.item(), owners.partitions());
    flight.ticket =
        owners.ask(partition, flight.command, (reply, failure) -> heard(flight, reply, failure));
  }

  private void heard(Flight flight, @Nullable Reply reply, @Nullable Throwable failure) {
    boolean noSuchItem =
        reply instanceof Shaken said
            && said.outcome() == Outcome.INVALID
            && said.code().equals("unknown_item");
    if (!noSuchItem) {
      end(flight, reply, failure);
      return;
    }
    archive.ask(
        flight.command,
        (Shaken) reply,
        known -> end(flight, known == null ? null : of(flight, known), null));
  }

  /** Of a key nobody knows it is {@code unknown} that counts, not why. */
  private static Shaken of(Flight flight, Shaken known) {
    return flight.isShake() || known.outcome() != Outcome.INVALID
        ? known
        : Shaken.of(Outcome.UNKNOWN, known.position(), known.at());
  }

  /** A key under way waits for its answer. */
  private void join(Flight flight, Answer answer) {
    if (flight.isAwaitedBy(answer)) {
      return;
    }
    if (flight.full()) {
      Outcome outcome = flight.isShake() ? Outcome.BUSY : Outcome.PENDING;
      tell(answer, flight.item(), flight.key, Verdict.ofEdge(outcome, BUSY_RETRY_MS));
      return;
    }
    flight.add(answer);
    if (flight.pendingTold) {
      tell(answer, flight.item(), flight.key, Verdict.pending());
    }
  }

  private void joinResult(Flight shake, Answer answer) {
    boolean waitsAlready = shake.resultWaiters().contains(answer);
    if (shake.pendingTold || shake.full() && !waitsAlready) {
      tell(answer, shake.item(), shake.key, Verdict.pending());
    }
    if (!waitsAlready && !shake.full()) {
      shake.addForResult(answer);
    }
  }

  private void refuse(Shake shake, Answer answer, Refusal refusal) {
    counters.refused(refusal.step());
    Verdict verdict = Verdict.ofEdge(refusal.step().outcome(), refusal.retryAfterMs());
    if (refusal.step() == Step.WINDOW) {
      long opensAt = routes.item(shake.item()).item().opensAt();
      verdict = Verdict.notOpen(opensAt, refusal.retryAfterMs());
      admission.toldNotOpen(shake.user(), shake.item(), shake.key(), timers.millis());
    }
    tell(answer, shake.item(), shake.key(), verdict);
  }

  private void end(Flight flight, @Nullable Reply reply, @Nullable Throwable failure) {
    flight.done = true;
    flights.remove(flight);
    reminders.dropFinished();
    if (flight.hasCredit) {
      queues.answered(flight);
    }
    learn(flight, reply, failure);
    Verdict verdict = verdict(flight, reply, failure);
    if (verdict.said().order() != null) {
      ordered.accept(verdict.said().order());
    }
    tell(flight.first, flight.item(), flight.key, verdict);
    if (flight.hasFollowers()) {
      tellFollowers(flight, verdict);
    }
  }

  private void tellFollowers(Flight flight, Verdict verdict) {
    for (Answer waiter : flight.others()) {
      tell(waiter, flight.item(), flight.key, verdict);
    }
    for (Answer waiter : flight.resultWaiters()) {
      if (verdict.aboutKey() || verdict.outcome() == Outcome.PENDING) {
        if (!flight.isAwaitedBy(waiter)) { // who also shook has just been told
          tell(waiter, flight.item(), flight.key, verdict);
        }
      } else {
        result(flight.user, flight.item(), flight.key, waiter);
      }
    }
    flight.after().forEach(Runnable::run);
  }

  /** What the door remembers of an answer. */
  private void learn(Flight flight, @Nullable Reply reply, @Nullable Throwable failure) {
    if (!flight.isShake()) {
      return;
    }
    if (failure instanceof Owners.Busy) {
      admission.notPassed(flight.user, flight.item());
    } else if (reply instanceof Shaken said && said.outcome() == Outcome.BLOCKED) {
      admission.toldBlocked(flight.user, timers.millis());
    } else if (reply instanceof Shaken said && said.outcome() == Outcome.NOT_OPEN) {
      admission.toldNotOpen(flight.user, flight.item(), flight.key, timers.millis());
    }
  }

  private static Verdict verdict(
      Flight flight, @Nullable Reply reply, @Nullable Throwable failure) {
    if (reply instanceof Shaken said) {
      return Verdict.ofOwner(said);
    } else if (reply instanceof Reply.Refused refused) {
      return Verdict.ofOwner(
          Shaken.invalid(refused.code(), refused.detail(), refused.position(), 0));
    } else if (flight.isShake() && failure instanceof Owners.Busy busy) {
      return Verdict.ofEdge(Outcome.BUSY, busy.retryAfterMs());
    }
    return Verdict.pending();
  }

  private void remind(Flight flight) {
    if (!flight.pendingTold) {
      flight.pendingTold = true;
      flight
          .everybody()
          .forEach(waiter -> tell(waiter, flight.item(), flight.key, Verdict.pending()));
    }
    int ahead = ahead(flight);
    if (ahead > 0) {
      long etaMs = etaMs(flight);
      flight.first.queued(flight.item(), flight.key, ahead, etaMs);
      flight.others().forEach(waiter -> waiter.queued(flight.item(), flight.key, ahead, etaMs));
    }
  }

  /** People before it in the line it stands in now. */
  private int ahead(Flight flight) {
    return flight.ticket == null
        ? slowLane.ahead(flight) + queues.ahead(flight)
        : flight.ticket.ahead();
  }

  private long etaMs(Flight flight) {
    if (flight.ticket != null) {
      return flight.ticket.etaMs();
    }
    return slowLane.ahead(flight) > 0 ? slowLane.etaMs(flight) : queues.etaMs(flight);
  }

  private void tell(Answer answer, long item, Bytes key, Verdict verdict) {
    if (answer.counts()) {
      counters.outcome(verdict.outcome());
    }
    answer.told(item, key, verdict);
  }
}
