package stampede.edge;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import stampede.edge.admission.Pace;
import stampede.protocol.BatchReply;
import stampede.protocol.BatchReply.Answered;
import stampede.protocol.BatchReply.NotOwner;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.CorruptRecord;
import stampede.protocol.Limits;
import stampede.protocol.Passage;
import stampede.protocol.Reply;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * The commands of this edge for one partition: a bounded FIFO that leaves in micro-batches. A batch
 * is what waits when a slot frees, or what one turn of the event loop brought when there is a free
 * one: an idle queue adds no delay and a busy one sends few, large messages. A batch without an
 * answer is sent again, unchanged and before anything newer, to whoever owns the partition then.
 * Each message has a number, and names the lowest one that is still waited for: the owner takes no
 * older copy after it. On the edge's event loop.
 *
 * <pre>
 *   ask ──► fresh (≤ queueMax) ──► in flight (≤ batchesMax) ──► answered
 *                                    ▲            │ time-out, not_owner, pending, busy, a new owner
 *                                    └── again ◄──┘ 50 … 400 ms later; given up 10 s after arrival
 * </pre>
 */
final class PartitionQueue {
  static final long REQUEST_TIMEOUT_MS = 800;
  static final long LIFE_MS = 10_000;

  private static final long BACKOFF_MIN_MS = 50;
  private static final long BACKOFF_MAX_MS = 400;
  private static final long NO_OWNER_RETRY_MS = 1_000;
  private static final long SWEEP_EVERY_MS = 100;
  private static final int DEAF_AFTER_TIMEOUTS = 2;

  /** What an owner answered before it lost the partition is here that soon after the next opens. */
  private static final long LAST_ANSWERS_MS = 100;

  /** A command and what is known of it. */
  private final class Entry implements Owners.Waiting {
    final Command command;
    final Completion<Reply> reply;
    final long number;
    final long arrivedMs;

    /** A send of it has neither been answered nor refused: it may have been decided. */
    boolean mayBeDecided;

    boolean done;

    boolean everSent;

    Entry(Command command, Completion<Reply> reply, long number, long arrivedMs) {
      this.command = command;
      this.reply = reply;
      this.number = number;
      this.arrivedMs = arrivedMs;
    }

    @Override
    public int ahead() {
      return done || everSent ? 0 : placeOf(this);
    }

    @Override
    public long etaMs() {
      return pace.etaMs(ahead(), timers.millis());
    }
  }

  /** Commands that travel together, and again together. */
  private static final class Batch {
    final List<Entry> entries;
    final int bytes;

    /** Of the message it travels in. */
    long message;

    int attempts;
    long notBeforeMs;
    long sentEpoch;

    Batch(List<Entry> entries, int bytes) {
      this.entries = entries;
      this.bytes = bytes;
    }

    long number() {
      return entries.get(0).number;
    }
  }

  private final int partition;
  private final long edge;
  private final Timers timers;
  private final Bus bus;
  private final OwnerRoutes routes;
  private final InFlightBytes bytesInFlight;
  private final int queueMax;
  private final int batchesMax;
  private final Executor turnEnd;

  private final ArrayDeque<Entry> fresh = new ArrayDeque<>();
  private final List<Batch> again = new ArrayList<>();
  private final List<Batch> inFlight = new ArrayList<>();
  private final Pace pace = new Pace();
  private Timers.@Nullable Timer sweep;
  private Timers.@Nullable Timer wake;
  private boolean pumpsAtTurnEnd;
  private long nextNumber;
  private long messages;
  private int timeoutsInARow;
  private long openEpoch;

  /** When somebody asked for the first time since nothing was heard of an owner; -1 = it was. */
  private long ownerlessSinceMs = -1;

  PartitionQueue(
      int partition,
      long edge,
      Timers timers,
      Bus bus,
      OwnerRoutes routes,
      InFlightBytes bytesInFlight,
      int queueMax,
      int batchesMax,
      Executor turnEnd) {
    this.partition = partition;
    this.edge = edge;
    this.timers = timers;
    this.bus = bus;
    this.routes = routes;
    this.bytesInFlight = bytesInFlight;
    this.queueMax = queueMax;
    this.batchesMax = batchesMax;
    this.turnEnd = turnEnd;
  }

  Owners.Waiting add(Command command, Completion<Reply> reply) {
    Entry entry = new Entry(command, reply, nextNumber++, timers.millis());
    Owners.Busy refusal = refusal(entry.arrivedMs);
    if (refusal != null) {
      entry.done = true;
      reply.fail(refusal);
      return entry;
    }
    fresh.add(entry);
    pumpAtTurnEnd();
    armSweep();
    return entry;
  }

  /** Else the first of a crowd would go alone, and the others wait for its answer. */
  private void pumpAtTurnEnd() {
    if (!pumpsAtTurnEnd && inFlight.size() < batchesMax) { // a full flight pumps when it lands
      pumpsAtTurnEnd = true;
      turnEnd.execute(
          () -> {
            pumpsAtTurnEnd = false;
            pump();
          });
    }
  }

  /** Without an owner for as long as a command lives there is nothing left to wait for. */
  private Owners.@Nullable Busy refusal(long nowMs) {
    if (routes.reachable(partition)) {
      ownerlessSinceMs = -1;
    } else if (ownerlessSinceMs < 0) {
      ownerlessSinceMs = nowMs;
    }
    if (ownerlessSinceMs >= 0 && nowMs - ownerlessSinceMs >= LIFE_MS) {
      return new Owners.Busy("no_owner", NO_OWNER_RETRY_MS);
    }
    return fresh.size() < queueMax
        ? null
        : new Owners.Busy("queue_full", Math.max(500, pace.etaMs(queueMax, nowMs)));
  }

  /** Commands not with the owner at the moment. */
  int waiting() {
    return fresh.size() + count(again);
  }

  /** Sends what may be sent now: called when there is more to send or more room to send it. */
  void pump() {
    OwnerRoutes.Route route = routes.route(partition);
    if (route == null || !route.serving()) {
      return; // the first hint of an owner calls again
    }
    if (route.position() > 0 && route.epoch() != openEpoch) {
      openEpoch = route.epoch(); // it speaks for itself, so it has opened: nothing need wait
      waitNoLonger();
      timers.after(LAST_ANSWERS_MS, this::takeBack);
    }
    while (inFlight.size() < batchesMax) {
      Batch batch = next(route.address());
      if (batch == null) {
        probe(route);
        return;
      }
      send(batch, route);
    }
  }

  private @Nullable Batch next(String address) {
    if (!again.isEmpty()) {
      Batch first = again.get(0);
      if (first.notBeforeMs > timers.millis()) {
        wakeAt(first.notBeforeMs);
        return null;
      }
      return bytesInFlight.admit(address, first.bytes) ? again.remove(0) : null;
    }
    return collect(address);
  }

  private @Nullable Batch collect(String address) {
    List<Entry> entries = new ArrayList<>(Math.min(fresh.size(), Limits.BATCH_COMMANDS_MAX));
    int bytes = 0;
    while (!fresh.isEmpty() && entries.size() < Limits.BATCH_COMMANDS_MAX) {
      int more = InFlightBytes.atMost(fresh.getFirst().command);
      if (!bytesInFlight.admit(address, bytes + more)) {
        break;
      }
      bytes += more;
      entries.add(fresh.removeFirst());
    }
    if (entries.isEmpty()) {
      return null;
    }
    pace.left(entries.size(), timers.millis());
    return new Batch(entries, bytes);
  }

  private void send(Batch batch, OwnerRoutes.Route route) {
    List<Command> commands = new ArrayList<>(batch.entries.size());
    boolean[] before = new boolean[batch.entries.size()];
    for (int i = 0; i < before.length; i++) {
      Entry entry = batch.entries.get(i);
      before[i] = entry.mayBeDecided;
      entry.mayBeDecided = true;
      entry.everSent = true;
      commands.add(entry.command);
    }
    batch.sentEpoch = route.epoch();
    batch.message = ++messages;
    inFlight.add(batch);
    bytesInFlight.add(route.address(), batch.bytes);
    byte[] message = message(route, batch.message, commands);
    bus.request(
        route.address(),
        message,
        REQUEST_TIMEOUT_MS,
        (reply, failure) -> {
          boolean stillWanted = inFlight.remove(batch);
          try {
            if (stillWanted) {
              receive(batch, before, route, reply);
            }
          } finally {
            if (reply == null) {
              bytesInFlight.unanswered(route.address(), batch.bytes);
            } else {
              bytesInFlight.answered(route.address(), batch.bytes);
            }
            pump();
          }
        });
  }

  /** All wait equally long for an answer: the first in flight is the oldest one waited for. */
  private byte[] message(OwnerRoutes.Route route, long number, List<Command> commands) {
    long floor = inFlight.isEmpty() ? number : inFlight.get(0).message;
    Passage passage = new Passage(edge, number, floor);
    return new CommandBatch(partition, route.epoch(), passage, commands).encode();
  }

  /**
   * Nothing may be sent for want of room that only an answer makes: an empty batch asks for one.
   */
  private void probe(OwnerRoutes.Route route) {
    if (!bytesInFlight.startProbe(route.address())) {
      return;
    }
    bus.request(
        route.address(),
        message(route, ++messages, List.of()),
        REQUEST_TIMEOUT_MS,
        (reply, failure) -> {
          if (reply != null) {
            bytesInFlight.probed(route.address(), true);
          } else {
            routes.doubt();
            timers.after(BACKOFF_MAX_MS, () -> bytesInFlight.probed(route.address(), false));
          }
        });
  }

  private void receive(
      Batch batch, boolean[] before, OwnerRoutes.Route route, byte @Nullable [] message) {
    BatchReply reply = decode(message, batch.entries.size());
    if (reply == null) {
      timeoutsInARow++;
      if (timeoutsInARow >= DEAF_AFTER_TIMEOUTS) {
        routes.doubt();
      }
      retry(batch);
      return;
    }
    timeoutsInARow = 0;
    ownerlessSinceMs = -1;
    if (reply instanceof Answered answered) {
      settle(batch, answered);
    } else if (reply instanceof NotOwner notOwner) {
      forget(batch, before);
      retry(batch); // first: a new route sends what waits, and nothing newer may overtake this
      routes.refused(partition, route.epoch(), route.address(), notOwner);
      OwnerRoutes.Route next = routes.route(partition);
      if (next != null && next.serving() && next.epoch() > route.epoch()) {
        waitNoLonger();
      }
    } else if (reply instanceof BatchReply.Pending) {
      retry(batch);
    } else if (reply instanceof BatchReply.Busy) {
      forget(batch, before);
      retry(batch);
    } else {
      throw new AssertionError(reply);
    }
  }

  /** Null when nothing usable came: then the commands may have been decided. */
  private static @Nullable BatchReply decode(byte @Nullable [] message, int commands) {
    if (message == null) {
      return null;
    }
    try {
      BatchReply reply = BatchReply.decode(message);
      boolean complete = !(reply instanceof Answered a) || a.replies().size() == commands;
      return complete ? reply : null;
    } catch (CorruptRecord e) {
      return null;
    }
  }

  /** The owner did nothing with this send: what was known before it holds again. */
  private static void forget(Batch batch, boolean[] before) {
    for (int i = 0; i < before.length; i++) {
      batch.entries.get(i).mayBeDecided = before[i];
    }
  }

  private void settle(Batch batch, Answered answered) {
    try {
      for (int i = 0; i < batch.entries.size(); i++) {
        Entry entry = batch.entries.get(i);
        if (!entry.done) {
          entry.done = true;
          entry.reply.succeed(answered.replies().get(i));
        }
      }
    } finally {
      retry(batch); // only what a throwing receiver kept from its answer
    }
  }

  /** Sends what is still open of {@code batch} again, after a pause that grows. */
  private void retry(Batch batch) {
    List<Entry> open = new ArrayList<>(batch.entries);
    open.removeIf(entry -> entry.done);
    if (open.isEmpty()) {
      return;
    }
    Batch next =
        new Batch(open, open.stream().mapToInt(e -> InFlightBytes.atMost(e.command)).sum());
    next.attempts = batch.attempts + 1;
    long backoffMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS << Math.min(8, batch.attempts));
    next.notBeforeMs = timers.millis() + backoffMs;
    again.add(next);
    again.sort(Comparator.comparingLong(Batch::number));
    wakeAt(next.notBeforeMs);
  }

  /** What was refused elsewhere need not be spread over time. */
  private void waitNoLonger() {
    again.forEach(batch -> batch.notBeforeMs = timers.millis());
  }

  /** The owners of earlier epochs say nothing more: not worth waiting for until it times out. */
  private void takeBack() {
    List<Batch> lost = new ArrayList<>(inFlight);
    lost.removeIf(batch -> batch.sentEpoch >= openEpoch);
    if (!lost.isEmpty()) {
      inFlight.removeAll(lost);
      lost.forEach(this::retry);
      waitNoLonger();
      pump();
    }
  }

  private void wakeAt(long atMs) {
    if (wake == null) {
      wake =
          timers.after(
              Math.max(1, atMs - timers.millis()),
              () -> {
                wake = null;
                pump();
              });
    }
  }

  private void armSweep() {
    if (sweep == null && !(fresh.isEmpty() && again.isEmpty() && inFlight.isEmpty())) {
      sweep =
          timers.after(
              SWEEP_EVERY_MS,
              () -> {
                sweep = null;
                try {
                  expire(timers.millis() - LIFE_MS);
                } finally {
                  armSweep();
                }
              });
    }
  }

  /** Every command has a bounded life, wherever it is. */
  private void expire(long bornBeforeMs) {
    List<Entry> expired = new ArrayList<>();
    while (!fresh.isEmpty() && fresh.getFirst().arrivedMs <= bornBeforeMs) {
      expired.add(fresh.removeFirst());
    }
    inFlight.forEach(batch -> collectExpired(batch, bornBeforeMs, expired));
    again.forEach(batch -> collectExpired(batch, bornBeforeMs, expired));
    // Who is told that nothing was passed on must not travel with those that go on.
    again.forEach(batch -> batch.entries.removeIf(entry -> entry.done));
    again.removeIf(batch -> batch.entries.isEmpty());
    for (Entry entry : expired) {
      entry.done = true;
      entry.reply.fail(
          entry.mayBeDecided
              ? new Owners.Unresolved()
              : new Owners.Busy("no_owner", NO_OWNER_RETRY_MS));
    }
  }

  private static void collectExpired(Batch batch, long bornBeforeMs, List<Entry> expired) {
    for (Entry entry : batch.entries) {
      if (entry.arrivedMs > bornBeforeMs) {
        return; // a batch is in order of arrival
      }
      if (!entry.done) {
        entry.done = true;
        expired.add(entry);
      }
    }
  }

  /** Commands that were asked before {@code entry}, which waits, and are not answered. */
  private int placeOf(Entry entry) {
    return (int) (entry.number - fresh.getFirst().number) + count(again) + count(inFlight);
  }

  private static int count(List<Batch> batches) {
    int count = 0;
    for (Batch batch : batches) {
      count += batch.entries.size();
    }
    return count;
  }
}
