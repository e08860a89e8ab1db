package stampede.edge;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Shake;
import stampede.protocol.Limits;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.port.Timers;

/**
 * One way for every shake, from a socket or over HTTP: is it let in, is its key under way already,
 * and who is waiting for its answer. Everything asked here is answered: at the latest after a
 * second with {@code pending}, and once more when the owner has spoken or was given up. On the
 * edge's event loop.
 */
public final class ShakeDesk {
  static final long PENDING_AFTER_MS = 1_000;

  /** Nearer to the opening than this the owner answers, by its own clock. */
  static final long EARLY_MS = 500;

  /** Askers waiting for one key. */
  static final int WAITERS_MAX = 8;

  private static final long BUSY_RETRY_MS = 1_000;
  private static final int MISSED_RETRY_MIN_MS = 500;
  private static final int MISSED_RETRY_SPREAD_MS = 1_000;

  /** Where answers go: a socket, or one HTTP request. Calls must not throw. */
  public interface Answer {
    /** {@code pending} may be followed by a second and last call for the same key. */
    void told(long item, Bytes key, Verdict verdict);

    /** Still waiting on this edge, at most once a second. */
    void queued(long item, Bytes key, int ahead, long etaMs);
  }

  /** One command under way, and who waits for it. */
  private static final class Flight {
    final Bytes user;
    final long item;
    final Bytes key;

    /** False: a question for a result. */
    final boolean shake;

    final int quantity;
    final List<Answer> waiters = new ArrayList<>(1);

    /** What must be asked anew once this is over, unless its verdict is about the key. */
    final List<Answer> resultWaiters = new ArrayList<>(0);

    final List<Runnable> after = new ArrayList<>(0);
    Owners.@Nullable Waiting ticket;
    boolean pendingTold;
    boolean done;
    long dueMs;

    /** Another one of the same user. */
    @Nullable Flight next;

    Flight(Bytes user, long item, Bytes key, boolean shake, int quantity, Answer first) {
      this.user = user;
      this.item = item;
      this.key = key;
      this.shake = shake;
      this.quantity = quantity;
      waiters.add(first);
    }

    boolean is(long item, Bytes key, boolean shake) {
      return this.item == item && this.shake == shake && this.key.equals(key);
    }

    boolean full() {
      return waiters.size() + resultWaiters.size() + after.size() >= WAITERS_MAX;
    }
  }

  private final Owners owners;
  private final OwnerRoutes routes;
  private final Timers timers;
  private final IntUnaryOperator random;
  private final Counters counters;
  private final int commandsPerUserMax;
  private final Cooldown cooldown;
  private final SoldOutWatch soldOut;

  /**
   * One of each user's flights, the others hang on it: a user has so few that a walk along them is
   * a look-up, and a shake costs one entry here, not one for itself and one for its user.
   */
  private final Map<Bytes, Flight> flights = new HashMap<>();

  private int underWay;

  /** By time of the next word to those who wait; all wait equally long, so it is a queue. */
  private final ArrayDeque<Flight> line = new ArrayDeque<>();

  private Timers.@Nullable Timer tick;
  private boolean stopping;

  /**
   * @param random n → a number from 0 to n − 1
   * @param cooldownsMax users and items remembered
   */
  public ShakeDesk(
      Owners owners,
      OwnerRoutes routes,
      Timers timers,
      IntUnaryOperator random,
      Counters counters,
      int commandsPerUserMax,
      int cooldownsMax,
      SoldOutWatch soldOut) {
    this.owners = owners;
    this.routes = routes;
    this.timers = timers;
    this.random = random;
    this.counters = counters;
    this.commandsPerUserMax = commandsPerUserMax;
    this.cooldown = new Cooldown(cooldownsMax);
    this.soldOut = soldOut;
  }

  /**
   * @throws stampede.protocol.InvalidField naming what can't be used
   */
  public void shake(Bytes user, long item, Bytes key, int quantity, Answer answer) {
    Shake command = new Shake(item, user, key, quantity);
    counters.shake();
    attempt(command, answer);
  }

  /**
   * What became of a key: the answer is the owner's, or {@code pending}.
   *
   * @throws stampede.protocol.InvalidField naming what can't be used
   */
  public void result(Bytes user, long item, Bytes key, Answer answer) {
    AskResult command = new AskResult(item, user, key);
    Flight shake = find(user, item, key, true);
    Flight result = find(user, item, key, false);
    if (shake != null) {
      joinResult(shake, answer);
    } else if (result != null) {
      join(result, answer);
    } else if (stopping || flightsOf(user) >= commandsPerUserMax) {
      tell(answer, item, key, Verdict.pending());
    } else {
      pass(new Flight(user, item, key, false, 0, answer), command);
    }
  }

  /** From now on nothing new is passed on; what is under way still gets its answer. */
  void refuseNew() {
    stopping = true;
  }

  /** Commands under way. */
  int underWay() {
    return underWay;
  }

  /** How long users wait between two shakes of an item; 0 = none, or not known here. */
  long cooldownMs(long item) {
    OwnerRoutes.ItemHint hint = routes.item(item);
    return hint == null ? 0 : hint.item().cooldownMs();
  }

  private void attempt(Shake shake, Answer answer) {
    Flight flight = find(shake.user(), shake.item(), shake.key(), true);
    if (flight == null) {
      admit(shake, answer);
    } else if (flight.quantity == shake.quantity()) {
      join(flight, answer);
    } else if (flight.full()) {
      tell(answer, flight.item, flight.key, Verdict.ofEdge(Outcome.BUSY, BUSY_RETRY_MS));
    } else {
      flight.after.add(() -> attempt(shake, answer)); // the owner tells it from the first one
    }
  }

  private void admit(Shake shake, Answer answer) {
    Bytes user = shake.user();
    long item = shake.item();
    OwnerRoutes.ItemHint hint = routes.item(item);
    Verdict refusal = refusal(user, item, hint);
    if (refusal != null) {
      tell(answer, item, shake.key(), refusal);
      return;
    }
    long cooldownMs = hint == null ? 0 : hint.item().cooldownMs();
    if (cooldownMs > 0) {
      cooldown.start(user, item, timers.millis(), cooldownMs);
    }
    pass(new Flight(user, item, shake.key(), true, shake.quantity(), answer), shake);
  }

  /** Null = let in. The cheapest question first. */
  private @Nullable Verdict refusal(Bytes user, long item, OwnerRoutes.@Nullable ItemHint hint) {
    if (stopping || flightsOf(user) >= commandsPerUserMax) {
      return Verdict.ofEdge(Outcome.BUSY, BUSY_RETRY_MS);
    }
    if (hint == null) {
      return null; // its owner knows whether there is such an item
    }
    long ownerNow = routes.ownerNow(hint.partition());
    if (ownerNow > 0 && ownerNow < hint.item().opensAt() - EARLY_MS) {
      return Verdict.notOpen(hint.item().opensAt());
    }
    if (soldOut.refuses(user, hint)) {
      return Verdict.ofEdge(Outcome.SOLD_OUT, 0);
    }
    long remainingMs = cooldown.remainingMs(user, item, timers.millis());
    if (remainingMs > 0) {
      return Verdict.ofEdge(Outcome.THROTTLED, remainingMs);
    }
    int gate = hint.item().gate();
    if (gate < Limits.GATE_OPEN && random.applyAsInt(Limits.GATE_OPEN) >= gate) {
      long retryMs = MISSED_RETRY_MIN_MS + random.applyAsInt(MISSED_RETRY_SPREAD_MS);
      return Verdict.ofEdge(Outcome.MISSED, retryMs);
    }
    return null;
  }

  /** A key under way waits for its answer. */
  private void join(Flight flight, Answer answer) {
    if (flight.waiters.contains(answer)) {
      return;
    }
    if (flight.full()) {
      Outcome outcome = flight.shake ? Outcome.BUSY : Outcome.PENDING;
      tell(answer, flight.item, flight.key, Verdict.ofEdge(outcome, BUSY_RETRY_MS));
      return;
    }
    flight.waiters.add(answer);
    if (flight.pendingTold) {
      tell(answer, flight.item, flight.key, Verdict.pending());
    }
  }

  private void joinResult(Flight shake, Answer answer) {
    boolean waitsAlready = shake.resultWaiters.contains(answer);
    if (shake.pendingTold || shake.full() && !waitsAlready) {
      tell(answer, shake.item, shake.key, Verdict.pending());
    }
    if (!waitsAlready && !shake.full()) {
      shake.resultWaiters.add(answer);
    }
  }

  private void pass(Flight flight, Command command) {
    flight.next = flights.put(flight.user, flight);
    underWay++;
    flight.dueMs = timers.millis() + PENDING_AFTER_MS;
    line.addLast(flight);
    int partition = PartitionMap.partitionOfItem(flight.item, owners.partitions());
    flight.ticket = owners.ask(partition, command, (reply, failure) -> end(flight, reply, failure));
    arm();
  }

  private void end(Flight flight, @Nullable Reply reply, @Nullable Throwable failure) {
    flight.done = true;
    forget(flight);
    if (flight.shake && failure instanceof Owners.Busy) {
      cooldown.forget(flight.user, flight.item);
    }
    dropFinished();
    Verdict verdict = verdict(flight, reply, failure);
    if (verdict.said().order() != null) {
      soldOut.ordered(verdict.said().order());
    }
    for (Answer waiter : flight.waiters) {
      tell(waiter, flight.item, flight.key, verdict);
    }
    for (Answer waiter : flight.resultWaiters) {
      if (verdict.aboutKey() || verdict.outcome() == Outcome.PENDING) {
        if (!flight.waiters.contains(waiter)) { // who also shook has just been told
          tell(waiter, flight.item, flight.key, verdict);
        }
      } else {
        result(flight.user, flight.item, flight.key, waiter);
      }
    }
    flight.after.forEach(Runnable::run);
  }

  private static Verdict verdict(
      Flight flight, @Nullable Reply reply, @Nullable Throwable failure) {
    if (reply instanceof Shaken said) {
      return Verdict.ofOwner(said);
    } else if (reply instanceof Reply.Refused refused) {
      return Verdict.ofOwner(
          Shaken.invalid(refused.code(), refused.detail(), refused.position(), 0));
    } else if (flight.shake && failure instanceof Owners.Busy busy) {
      return Verdict.ofEdge(Outcome.BUSY, busy.retryAfterMs());
    }
    return Verdict.pending();
  }

  private void tell(Answer answer, long item, Bytes key, Verdict verdict) {
    counters.outcome(verdict.outcome());
    answer.told(item, key, verdict);
  }

  private @Nullable Flight find(Bytes user, long item, Bytes key, boolean shake) {
    Flight flight = flights.get(user);
    while (flight != null && !flight.is(item, key, shake)) {
      flight = flight.next;
    }
    return flight;
  }

  private int flightsOf(Bytes user) {
    int count = 0;
    for (Flight flight = flights.get(user); flight != null; flight = flight.next) {
      count++;
    }
    return count;
  }

  private void forget(Flight flight) {
    underWay--;
    Flight first = flights.remove(flight.user);
    if (first == flight) {
      if (flight.next != null) {
        flights.put(flight.user, flight.next);
      }
      return;
    }
    flights.put(flight.user, first);
    Flight before = first;
    while (before.next != flight) {
      before = before.next;
    }
    before.next = flight.next;
  }

  private void arm() {
    if (tick == null && !line.isEmpty()) {
      tick = timers.after(Math.max(1, line.getFirst().dueMs - timers.millis()), this::remindDue);
    }
  }

  private void remindDue() {
    tick = null;
    long nowMs = timers.millis();
    dropFinished();
    while (!line.isEmpty() && line.getFirst().dueMs <= nowMs) {
      Flight flight = line.removeFirst();
      if (!flight.done) {
        remind(flight);
        flight.dueMs = nowMs + PENDING_AFTER_MS;
        line.addLast(flight);
      }
    }
    arm();
  }

  private void remind(Flight flight) {
    if (!flight.pendingTold) {
      flight.pendingTold = true;
      flight.waiters.forEach(waiter -> tell(waiter, flight.item, flight.key, Verdict.pending()));
      for (Answer waiter : flight.resultWaiters) {
        if (!flight.waiters.contains(waiter)) {
          tell(waiter, flight.item, flight.key, Verdict.pending());
        }
      }
    }
    int ahead = flight.ticket == null ? 0 : flight.ticket.ahead();
    if (ahead > 0) {
      long etaMs = flight.ticket.etaMs();
      flight.waiters.forEach(waiter -> waiter.queued(flight.item, flight.key, ahead, etaMs));
    }
  }

  private void dropFinished() {
    while (!line.isEmpty() && line.getFirst().done) {
      line.removeFirst();
    }
  }
}
