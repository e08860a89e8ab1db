package stampede.sale;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.BatchReply;
import stampede.protocol.CommandBatch;
import stampede.protocol.Hint;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.engine.SaleEngine;
import stampede.sale.journal.Journal;
import stampede.sale.journal.JournalDamaged;

/**
 * This node's part in owning one partition: waits for its turn, acquires, replays, serves, and
 * after any doubt begins anew.
 *
 * <pre>
 *   SEEKING ─► CHECKING ─► ACQUIRING ─► REPLAYING ─► OPENING ─► SERVING ─► STOPPED
 *      ▲                                                           │
 *      ├────────── FAILED (after 3 ends in 30 s: 1, 2, 4 … 30 s) ◄─┤
 *      └────────── CLOSED (damage only an operator can mend: 5 s) ◄┘
 * </pre>
 */
public final class PartitionOwner {
  private static final long RETRY_MS = 100;
  private static final long LINE_STEP_MS = 500;
  private static final long CLOSED_RETRY_MS = 5_000;
  private static final long HINT_EVERY_MS = 100;
  private static final long HEARTBEAT_MS = 1_000;
  private static final long ENDS_WINDOW_MS = 30_000;
  private static final int ENDS_MAX = 3;
  private static final long BACK_OFF_FIRST_MS = 1_000;
  private static final long BACK_OFF_MAX_MS = 30_000;
  private static final long HAND_OVER_MS = 4_000;
  private static final long STOP_MS = 5_000;
  private static final int STATUS_CHARS_MAX = 256;
  private static final long NOT_YET_RETRY_MS = 100;

  private enum Status {
    SEEKING("seeking"),
    CHECKING("checking"),
    ACQUIRING("acquiring"),
    REPLAYING("replaying"),
    OPENING("opening"),
    SERVING("serving"),
    FAILED("failed"),
    CLOSED("closed"),
    STOPPED("stopped");

    private final String text;

    Status(String text) {
      this.text = text;
    }
  }

  /** Every word {@link Standing#status} may be. */
  public static List<String> statuses() {
    return Arrays.stream(Status.values()).map(status -> status.text).toList();
  }

  private final int partition;
  private final String node;
  private final long nonce;
  private final String address;
  private final OwnerLimits limits;
  private final Timers timers;
  private final Journal journal;
  private final Candidates candidates;
  private final DrainCursors cursors;
  private final Outlet outlet;

  private Status status = Status.SEEKING;
  private String problem = "";
  private @Nullable Tenure tenure;
  private @Nullable HintBoard board;
  private final OwnerTime time;
  private long attempt;
  private long acquiringEpoch;
  private long freeSinceMs = -1;
  private Journal.@Nullable Owner seen;
  private long seenAtMs;
  private long drained;
  private long cursor;
  private final ArrayDeque<Long> endsAtMs = new ArrayDeque<>();
  private long backOffMs;
  private boolean stopping;

  /**
   * @param node name of this node; the same after a restart
   * @param nonce of this start, never 0
   * @param address where this start takes {@link CommandBatch}es
   */
  public PartitionOwner(
      int partition,
      String node,
      long nonce,
      String address,
      OwnerLimits limits,
      Timers timers,
      Journal journal,
      Candidates candidates,
      DrainCursors cursors,
      Outlet outlet) {
    this.partition = partition;
    this.node = node;
    this.nonce = nonce;
    this.address = address;
    this.limits = limits;
    this.timers = timers;
    this.journal = journal;
    this.candidates = candidates;
    this.cursors = cursors;
    this.outlet = outlet;
    this.time = new OwnerTime(timers);
  }

  public void start() {
    seek();
    timers.after(HINT_EVERY_MS, this::publish);
  }

  /** Decides the batch, or says who does. */
  public void handle(CommandBatch batch, Completion<BatchReply> done) {
    Tenure current = tenure;
    if (current == null || status != Status.SERVING) {
      boolean mine = status == Status.REPLAYING || status == Status.OPENING;
      done.succeed(mine ? new BatchReply.Busy(NOT_YET_RETRY_MS) : otherOwner());
    } else if (batch.epoch() != current.epoch()) {
      done.succeed(new BatchReply.NotOwner(current.epoch(), node, address));
    } else {
      current.handle(batch, done);
    }
  }

  /** MySQL has everything up to {@code position}. */
  public void drained(long position) {
    drained = Math.max(drained, position);
    if (tenure != null) {
      tenure.drained(position);
    }
  }

  /** What this node knows of the partition, with all items. */
  public Hint hint() {
    return board == null || tenure == null
        ? emptyHint()
        : board.heartbeat(status == Status.SERVING, statusText());
  }

  /** How it stands with the partition, as this node sees it. */
  public Standing standing() {
    Tenure current = tenure;
    Journal.Owner other = seen;
    if (current != null) {
      boolean serves = status == Status.SERVING && current.mayAnswer();
      return new Standing(
          status.text,
          serves,
          problem,
          current.epoch(),
          current.durable(),
          current.backlog(),
          current.waiting());
    }
    boolean inLine =
        other != null
            && !other.node().equals(node)
            && other.leaseRemainingMs() > timers.millis() - seenAtMs;
    long epoch = other == null ? 0 : other.epoch();
    return new Standing(status.text, inLine, problem, epoch, 0, 0, 0);
  }

  /** Answers what was decided, gives the lease up; {@code done} within 5 s. */
  public void stop(Runnable done) {
    stopping = true;
    attempt++;
    Runnable finish = once(() -> stopped(done));
    Runnable release = once(() -> giveUp(finish));
    timers.after(STOP_MS, finish);
    if (tenure == null || status != Status.SERVING) {
      release.run();
      return;
    }
    timers.after(HAND_OVER_MS, release);
    tenure.handOver(release);
  }

  /** The acquire may be under way, or have succeeded unnoticed: then this follows it. */
  private void giveUp(Runnable done) {
    if (tenure != null) {
      tenure.close();
    }
    if (acquiringEpoch == 0) {
      done.run();
    } else {
      journal.release(acquiringEpoch, nonce, (released, failure) -> done.run());
    }
  }

  private static Runnable once(Runnable task) {
    boolean[] ran = new boolean[1];
    return () -> {
      if (!ran[0]) {
        ran[0] = true;
        task.run();
      }
    };
  }

  private void stopped(Runnable done) {
    status = Status.STOPPED;
    if (tenure != null) {
      tenure.close();
    }
    tenure = null;
    journal.close();
    done.run();
  }

  // ── the way to ownership
  // ─────────────────────────────────────────────────────────────────────────────────────────

  private void seek() {
    if (stopping) {
      return;
    }
    status = Status.SEEKING;
    long mine = ++attempt;
    long sentNanos = timers.nanos();
    journal.owner(
        (owner, failure) -> {
          if (mine != attempt) {
            return;
          }
          if (owner != null) {
            observe(owner.time(), sentNanos); // a jump counts also for who owns later
            found(owner);
          } else {
            unreachable("the journal can't be reached: ", failure);
          }
        });
  }

  private void observe(long storeMs, long sentNanos) {
    if (!time.observed(storeMs, sentNanos)) {
      outlet.alarm("time.jumped", OwnerTime.jumped(partition));
    }
  }

  private void found(Journal.Owner owner) {
    seen = owner;
    seenAtMs = timers.millis();
    boolean held = owner.leaseRemainingMs() > 0 && !owner.node().equals(node);
    if (held) {
      freeSinceMs = -1;
      again(Math.min(owner.leaseRemainingMs() + 1, RETRY_MS));
      return;
    }
    if (freeSinceMs < 0) {
      freeSinceMs = timers.millis();
    }
    int rank = candidates.rank(partition);
    long waitMs = rank < 0 ? RETRY_MS : freeSinceMs + rank * LINE_STEP_MS - timers.millis();
    if (waitMs > 0) {
      again(Math.min(waitMs, RETRY_MS));
    } else {
      check(owner);
    }
  }

  private void check(Journal.Owner owner) {
    status = Status.CHECKING;
    long mine = attempt;
    journal.checkSettings(
        (settings, failure) -> {
          if (mine != attempt) {
            return;
          }
          if (settings == null) {
            unreachable("the journal can't be reached: ", failure);
          } else if (!settings.problems().isEmpty()) {
            stayClosed("journal.settings", String.join("; ", settings.problems()));
          } else if (settings.unchecked() && !limits.settingsUnchecked()) {
            stayClosed(
                "journal.settings",
                "the store does not show its settings; set settingsUnchecked = true if they are known to be good");
          } else {
            askCursor(owner.epoch());
          }
        });
  }

  /** Before the acquire: when nobody answers, that takes longer than a short lease lasts. */
  private void askCursor(long expectedEpoch) {
    long mine = attempt;
    cursors.ask(
        partition,
        (known, failure) -> {
          if (mine == attempt) {
            cursor = known == null ? 0 : known;
            drained(cursor);
            acquire(expectedEpoch);
          }
        });
  }

  private void acquire(long expectedEpoch) {
    status = Status.ACQUIRING;
    acquiringEpoch = expectedEpoch + 1;
    long mine = attempt;
    long sentNanos = timers.nanos();
    journal.acquire(
        node,
        nonce,
        expectedEpoch,
        limits.leaseMs(),
        (result, failure) -> {
          if (mine != attempt) {
            return;
          }
          if (result instanceof Journal.Acquired.Ok ok) {
            freeSinceMs = -1;
            replay(ok, sentNanos);
          } else if (result instanceof Journal.Acquired.Held
              || result instanceof Journal.Acquired.Lost) {
            again(RETRY_MS);
          } else {
            unreachable("acquire failed: ", failure);
          }
        });
  }

  private void replay(Journal.Acquired.Ok acquired, long sentNanos) {
    status = Status.REPLAYING;
    observe(acquired.time(), sentNanos);
    long mine = attempt;
    SaleEngine engine = new SaleEngine(partition, limits.eventsMax());
    new Replay(
            partition, journal, timers, engine, limits.leaseMs(), nonce, acquired, time, sentNanos)
        .run(
            (renewalSentNanos, failure) -> {
              if (mine != attempt) {
                return;
              }
              if (renewalSentNanos != null) {
                compareWithMySql(acquired, engine, renewalSentNanos);
              } else if (failure
                  instanceof
                  IllegalStateException) { // a corrupt record, or events that contradict each other
                stayClosed("journal.damaged", failure.getMessage());
              } else {
                unreachable("replay failed: ", failure);
              }
            });
  }

  private void compareWithMySql(
      Journal.Acquired.Ok acquired, SaleEngine engine, long renewalSentNanos) {
    if (cursor > engine.position()) {
      stayClosed(
          "journal.regressed",
          "MySQL has position "
              + cursor
              + " but the journal ends at "
              + engine.position()
              + "; restore the journal or repair");
    } else {
      open(acquired, engine, renewalSentNanos);
    }
  }

  private void open(Journal.Acquired.Ok acquired, SaleEngine engine, long renewalSentNanos) {
    status = Status.OPENING;
    long mine = attempt;
    Tenure next =
        new Tenure(
            partition,
            nonce,
            acquired,
            engine,
            journal,
            timers,
            time,
            limits,
            outlet,
            renewalSentNanos,
            reason -> ended(mine, reason));
    tenure = next;
    board = new HintBoard(partition, node, address, next);
    next.drained(drained);
    next.open(
        node,
        () -> {
          status = Status.SERVING;
          problem = "";
          outlet.hint(hint());
        });
  }

  // ── after an end
  // ─────────────────────────────────────────────────────────────────────────────────────────────────

  private void ended(long ofAttempt, String reason) {
    if (ofAttempt != attempt || stopping) {
      return;
    }
    tenure = null;
    attempt++;
    long now = timers.millis();
    endsAtMs.addLast(now);
    while (now - endsAtMs.peekFirst() > ENDS_WINDOW_MS + backOffMs) {
      endsAtMs.removeFirst();
    }
    outlet.alarm("partition.ended", "partition " + partition + " epoch is over: " + reason);
    if (endsAtMs.size() < ENDS_MAX) {
      backOffMs = 0;
      again(Status.SEEKING, 1, reason);
    } else {
      backOffMs = Math.min(BACK_OFF_MAX_MS, Math.max(BACK_OFF_FIRST_MS, backOffMs * 2));
      again(Status.FAILED, backOffMs, reason);
    }
    outlet.hint(hint());
  }

  /** Only an operator can help; looks again now and then whether one did. */
  private void stayClosed(String code, String why) {
    outlet.alarm(code, "partition " + partition + " stays closed: " + why);
    again(Status.CLOSED, CLOSED_RETRY_MS, why);
  }

  private void unreachable(String what, @Nullable Throwable failure) {
    if (failure instanceof JournalDamaged) {
      stayClosed("journal.damaged", failure.getMessage());
    } else {
      again(Status.SEEKING, RETRY_MS, what + failure);
    }
  }

  private void again(long delayMs) {
    again(Status.SEEKING, delayMs, "");
  }

  private void again(Status meanwhile, long delayMs, String why) {
    status = meanwhile;
    problem = why;
    long mine = ++attempt;
    timers.after(
        delayMs,
        () -> {
          if (mine == attempt) {
            seek();
          }
        });
  }

  // ── what others learn
  // ────────────────────────────────────────────────────────────────────────────────────────────

  private BatchReply otherOwner() {
    Journal.Owner owner = seen;
    return owner == null || owner.node().equals(node)
        ? new BatchReply.NotOwner(0, "", "")
        : new BatchReply.NotOwner(owner.epoch(), owner.node(), "");
  }

  private void publish() {
    if (stopping) {
      return;
    }
    HintBoard current = board;
    if (current != null && tenure != null) {
      List<Hint> hints = new ArrayList<>();
      current.changes(timers.millis(), HEARTBEAT_MS, status == Status.SERVING, statusText(), hints);
      hints.forEach(outlet::hint);
    }
    timers.after(HINT_EVERY_MS, this::publish);
  }

  private String statusText() {
    if (problem.isEmpty()) {
      return status.text;
    }
    String text = (status.text + ": " + problem).replaceAll("[^ -~]", "?"); // 1 byte a sign
    return text.length() <= STATUS_CHARS_MAX ? text : text.substring(0, STATUS_CHARS_MAX);
  }

  private Hint emptyHint() {
    Journal.Owner owner = seen;
    long epoch = owner == null ? 0 : owner.epoch();
    return new Hint(partition, epoch, node, "", 0, 0, false, statusText(), 0, List.of());
  }
}
