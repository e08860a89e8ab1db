package stampede.sale;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.CommandBatch;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.NewerRecord;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.engine.SaleEngine;
import stampede.sale.journal.Journal;
import stampede.sale.journal.JournalDamaged;

/**
 * This node's part in owning one partition: waits for its turn or asks for it, acquires, replays,
 * serves, hands over, and after any doubt begins anew.
 *
 * <pre>
 *             lease free, my turn in the line
 *   SEEKING ─────────────────► CHECKING ────────────────────► ACQUIRING ─► REPLAYING ─► OPENING ─► SERVING
 *      ▲ │                                                        ▲                                  │
 *      │ └─ first in line, a live owner behind ─► PREPARING ─► ASKING (it flushes, it releases)      │
 *      │                                         reads the log                                       │
 *      ├────── a node before me asked, or I hear no edge, or I stop ◄── HANDING_OVER ◄───────────────┤
 *      ├────── FAILED (after 3 ends in 30 s: 1, 2, 4 … 30 s) ◄────────────────────── doubt ◄─────────┤
 *      └────── CLOSED (what only an operator can mend: looks again every 5 s) ◄──────────────────────┘
 * </pre>
 *
 * Who asks has read the log before, so that between two owners there is only: flush, release,
 * acquire, the few entries since, one append. Who was named as the next owner gets the next epoch
 * or somebody else does; the one that named it never serves again in the epoch it gave up.
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
  private static final long LEAVE_MS = 5_000;
  private static final long LEAVE_MS_MAX = 9_000;
  private static final long LEAVING_EVERY_MS = 500;
  private static final long FLUSH_MS = 1_500;
  private static final long DEAF_AWAY_MS = 5_000;
  private static final long DEAF_ASKS_NOT_MS = 60_000;
  private static final long AHEAD_KEPT_MS = 10_000;
  private static final int STATUS_CHARS_MAX = 256;
  private static final long NOT_YET_RETRY_MS = 100;

  /** Reading the log ahead of a hand-over takes that long at most without looking at the owner. */
  private static final long SEEN_LATELY_MS = 10_000;

  private enum Status {
    SEEKING("seeking"),
    PREPARING("preparing"),
    ASKING("asking"),
    CHECKING("checking"),
    ACQUIRING("acquiring"),
    REPLAYING("replaying"),
    OPENING("opening"),
    SERVING("serving"),
    HANDING_OVER("handing over"),
    AWAY("away"),
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
  private final SaleStart start;
  private final OwnerLimits limits;
  private final Timers timers;
  private final Journal journal;
  private final Outlet outlet;
  private final Approach approach;
  private final OwnerTime time;

  private Status status = Status.SEEKING;
  private String problem = "";
  private @Nullable Tenure tenure;
  private @Nullable HintBoard board;
  private long attempt;
  private long acquiringEpoch;
  private long freeSinceMs = -1;
  private Journal.@Nullable Owner seen;
  private long seenAtMs;
  private long drained;
  private long cursor;
  private long servingSinceMs;
  private final ArrayDeque<Long> endsAtMs = new ArrayDeque<>();
  private long backOffMs;

  private boolean hasTurn;
  private @Nullable LogFold ahead;
  private long aheadUntilMs;
  private BatchReply.@Nullable NotOwner successor;
  private long awayUntilMs = Long.MIN_VALUE;
  private String tooNew = "";
  private boolean leaving;
  private boolean stopping;
  private Runnable whenStopped = () -> {};

  public PartitionOwner(int partition, SaleStart start, Journal journal) {
    this.partition = partition;
    this.start = start;
    this.limits = start.limits();
    this.timers = start.timers();
    this.journal = journal;
    this.outlet = start.outlet();
    this.approach = new Approach(partition, start);
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
      done.succeed(isAboutToServe() ? new BatchReply.Busy(NOT_YET_RETRY_MS) : otherOwner());
    } else if (batch.epoch() != current.epoch()) {
      done.succeed(new BatchReply.NotOwner(current.epoch(), start.node(), start.address()));
    } else {
      current.handle(batch, done);
    }
  }

  /** Also while the last of it is flushed: who asks again in a moment learns who is next. */
  private boolean isAboutToServe() {
    return switch (status) {
      case ASKING, ACQUIRING, REPLAYING, OPENING, HANDING_OVER -> true;
      default -> false;
    };
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
      boolean serves =
          (status == Status.SERVING || status == Status.HANDING_OVER) && current.mayAnswer();
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
            && !other.node().equals(start.node())
            && other.leaseRemainingMs() > 0
            && problem.isEmpty()
            && timers.millis() - seenAtMs < SEEN_LATELY_MS;
    long epoch = other == null ? 0 : other.epoch();
    return new Standing(status.text, inLine, problem, epoch, 0, 0, 0);
  }

  /**
   * Gives the partition over to the next in the line, who is told and reads the log first. After 5
   * s without being asked to (up to 9 s while this node's other partitions are), or at once if
   * there is nobody, just answers what was decided and gives the lease up. {@code done} within 15
   * s.
   */
  public void stop(Runnable done) {
    Runnable others = whenStopped;
    whenStopped =
        once(
            () -> {
              others.run();
              done.run();
            });
    if (status == Status.STOPPED) {
      done.run();
    } else if (!leaving) {
      leave();
    }
  }

  private void leave() {
    leaving = true;
    if (status == Status.HANDING_OVER || status == Status.SERVING) {
      long beganMs = timers.millis();
      timers.after(LEAVE_MS, () -> giveUpUnlessOthersMove(beganMs));
      sayLeaving();
    } else {
      giveUpNow();
    }
  }

  /** Who takes them one after the other may come to this one yet. */
  private void giveUpUnlessOthersMove(long beganMs) {
    long nowMs = timers.millis();
    boolean othersMove = nowMs - start.turns().lastGivenOverMs() < LEAVE_MS / 2;
    if (othersMove && nowMs - beganMs < LEAVE_MS_MAX) {
      timers.after(LEAVING_EVERY_MS, () -> giveUpUnlessOthersMove(beganMs));
    } else {
      giveUpNow();
    }
  }

  private void sayLeaving() {
    Tenure current = tenure;
    if (stopping || current == null || status != Status.SERVING) {
      return;
    }
    if (approach.othersStay()) {
      start.peers().leaving(handOver(current.epoch()));
      timers.after(LEAVING_EVERY_MS, this::sayLeaving);
    } else {
      giveUpNow();
    }
  }

  private void giveUpNow() {
    if (stopping) {
      return;
    }
    stopping = true;
    attempt++;
    Runnable finish = once(this::stopped);
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
      journal.release(acquiringEpoch, start.nonce(), (released, failure) -> done.run());
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

  private void stopped() {
    status = Status.STOPPED;
    if (tenure != null) {
      tenure.close();
    }
    tenure = null;
    ahead = null;
    giveTurn();
    journal.close();
    whenStopped.run();
  }

  // ── the way to ownership
  // ─────────────────────────────────────────────────────────────────────────────────────────

  private void seek() {
    if (stopping) {
      return;
    }
    status = idleStatus();
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

  private Status idleStatus() {
    if (!tooNew.isEmpty()) {
      return Status.CLOSED;
    }
    return timers.millis() < awayUntilMs ? Status.AWAY : Status.SEEKING;
  }

  private void found(Journal.Owner owner) {
    seen = owner;
    seenAtMs = timers.millis();
    boolean held = owner.leaseRemainingMs() > 0 && !owner.node().equals(start.node());
    if (!tooNew.isEmpty()) {
      again(Status.CLOSED, RETRY_MS, tooNew);
    } else if (!held) {
      foundFree(owner);
    } else if (approach.isDue(owner) && timers.millis() >= awayUntilMs && takeTurn()) {
      prepare(owner);
    } else {
      freeSinceMs = -1;
      if (timers.millis() > aheadUntilMs) {
        ahead = null; // it is large, and its tail grows
      }
      again(Math.min(owner.leaseRemainingMs() + 1, RETRY_MS));
    }
  }

  private void foundFree(Journal.Owner owner) {
    long nowMs = timers.millis();
    if (freeSinceMs < 0) {
      freeSinceMs = nowMs;
    }
    int rank = approach.line().indexOf(start.node());
    long turnMs = rank < 0 ? nowMs + RETRY_MS : freeSinceMs + rank * LINE_STEP_MS;
    long waitMs = Math.max(turnMs, awayUntilMs) - nowMs;
    if (waitMs > 0) {
      again(Math.min(waitMs, RETRY_MS));
    } else {
      check(Status.CHECKING, () -> acquire(owner.epoch()));
    }
  }

  private void check(Status meanwhile, Runnable next) {
    status = meanwhile;
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
            askCursor(next);
          }
        });
  }

  /** Before the acquire: when nobody answers, that takes longer than a short lease lasts. */
  private void askCursor(Runnable next) {
    long mine = attempt;
    start
        .cursors()
        .ask(
            partition,
            (known, failure) -> {
              if (mine == attempt) {
                cursor = known == null ? 0 : known;
                drained(cursor);
                next.run();
              }
            });
  }

  // ── from a live owner
  // ────────────────────────────────────────────────────────────────────────────────────────────

  private boolean takeTurn() {
    hasTurn = start.turns().take();
    return hasTurn;
  }

  private void giveTurn() {
    if (hasTurn) {
      hasTurn = false;
      start.turns().give();
    }
  }

  /** All that takes long, before the owner is asked. */
  private void prepare(Journal.Owner owner) {
    freeSinceMs = -1;
    approach.failed(owner); // until it goes well
    check(Status.PREPARING, () -> readAhead(owner));
  }

  private void readAhead(Journal.Owner owner) {
    long mine = attempt;
    LogFold fold = new LogFold(partition, limits.eventsMax());
    new ReadAhead(journal, timers, fold, () -> mine == attempt)
        .run(
            (position, failure) -> {
              if (position != null) {
                ahead = fold;
                aheadUntilMs = timers.millis() + AHEAD_KEPT_MS;
                askFor(owner);
              } else {
                notReplayed(owner.epoch(), failure);
              }
            });
  }

  private HandOver handOver(long epoch) {
    return new HandOver(partition, epoch, start.node(), start.address());
  }

  private void askFor(Journal.Owner owner) {
    status = Status.ASKING;
    long mine = attempt;
    start
        .peers()
        .ask(
            owner.node(),
            owner.nonce(),
            handOver(owner.epoch()),
            (answer, failure) -> {
              if (mine != attempt || status != Status.ASKING) {
                return;
              }
              if (answer != null && answer.released()) {
                acquire(owner.epoch());
              } else {
                again(1);
              }
            });
    timers.after(RETRY_MS, () -> watchWhileAsking(owner, mine));
  }

  /** The answer may be lost, or the owner be gone: the lease tells. */
  private void watchWhileAsking(Journal.Owner asked, long mine) {
    if (mine != attempt || status != Status.ASKING) {
      return;
    }
    journal.owner(
        (owner, failure) -> {
          if (mine != attempt || status != Status.ASKING) {
            return;
          }
          if (owner != null && owner.leaseRemainingMs() <= 0) {
            acquire(owner.epoch());
          } else {
            timers.after(RETRY_MS, () -> watchWhileAsking(asked, mine));
          }
        });
  }

  // ── the lease is free
  // ────────────────────────────────────────────────────────────────────────────────────────────

  private void acquire(long expectedEpoch) {
    status = Status.ACQUIRING;
    acquiringEpoch = expectedEpoch + 1;
    long mine = attempt;
    long sentNanos = timers.nanos();
    journal.acquire(
        start.node(),
        start.nonce(),
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
    LogFold begun = ahead;
    ahead = null;
    Replay replay =
        new Replay(
            partition, journal, timers, begun, limits, start.nonce(), acquired, time, sentNanos);
    replay.run(
        (renewalSentNanos, failure) -> {
          if (mine != attempt) {
            return;
          }
          if (renewalSentNanos != null) {
            compareWithMySql(acquired, replay.engine(), renewalSentNanos);
          } else {
            notReplayed(acquired.epoch(), failure);
          }
        });
  }

  private void notReplayed(long epoch, @Nullable Throwable failure) {
    if (failure instanceof NewerRecord) {
      stayAwayFromNewer(epoch, failure.getMessage());
    } else if (failure instanceof IllegalStateException) {
      // a corrupt record, or events that contradict each other
      stayClosed("journal.damaged", failure.getMessage());
    } else {
      unreachable("replay failed: ", failure);
    }
  }

  /** This process will never understand it: leaves the partition to nodes that do. */
  private void stayAwayFromNewer(long epoch, String why) {
    tooNew = why;
    outlet.alarm("journal.newer", "partition " + partition + " is left to newer nodes: " + why);
    if (status == Status.REPLAYING) {
      journal.release(epoch, start.nonce(), (released, failure) -> {}); // or its lease runs out
    }
    again(Status.CLOSED, RETRY_MS, why);
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
            start.nonce(),
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
    board = new HintBoard(partition, start.node(), start.address(), next);
    next.drained(drained);
    next.open(
        start.node(),
        () -> {
          status = Status.SERVING;
          problem = "";
          successor = null;
          servingSinceMs = timers.millis();
          approach.succeeded();
          giveTurn();
          outlet.hint(hint());
        });
  }

  // ── giving it over
  // ───────────────────────────────────────────────────────────────────────────────────────────────

  /** A node that has read the log asks for the partition. */
  public void handOver(HandOver asks, Completion<HandOver.Answer> done) {
    Tenure current = tenure;
    if (current == null || status != Status.SERVING || stopping) {
      done.succeed(new HandOver.Answer(false, "not_serving"));
    } else if (asks.epoch() != current.epoch()) {
      done.succeed(new HandOver.Answer(false, "other_epoch"));
    } else if (!leaving && !approach.isBeforeMe(asks.node())) {
      done.succeed(new HandOver.Answer(false, "not_before_me"));
    } else {
      giveTo(asks, current, done);
    }
  }

  private void giveTo(HandOver asks, Tenure current, Completion<HandOver.Answer> done) {
    release(
        current,
        (released, failure) -> {
          if (failure == null) {
            successor = new BatchReply.NotOwner(asks.epoch() + 1, asks.node(), asks.address());
            start.turns().gaveOver(timers.millis());
            done.succeed(new HandOver.Answer(true, ""));
          } else {
            boolean ended = failure instanceof Ended;
            done.succeed(new HandOver.Answer(false, ended ? "ended" : "journal_unreachable"));
          }
        });
  }

  /** The owner that leaves. */
  public void leaving(HandOver offer) {
    if (!offer.node().equals(start.node())) {
      approach.leaving(offer.node());
    }
  }

  /** Edges can't reach this node: perhaps they reach another. */
  private void stepDownIfDeaf() {
    Tenure current = tenure;
    if (current == null
        || status != Status.SERVING
        || leaving
        || !start.edges().isDeaf(servingSinceMs)
        || !approach.othersStay()) {
      return;
    }
    outlet.alarm(
        "partition.deaf",
        "partition " + partition + " is given up: no edge reaches " + start.node());
    awayUntilMs = timers.millis() + DEAF_AWAY_MS;
    approach.keepAway(DEAF_ASKS_NOT_MS);
    release(current, (released, failure) -> {});
  }

  /**
   * What was decided becomes durable and is answered, then the lease is given up and this tenure is
   * over, also when that takes too long.
   */
  private void release(Tenure giving, Completion<Boolean> done) {
    status = Status.HANDING_OVER;
    long mine = attempt;
    Runnable flushed =
        once(
            () -> {
              if (mine != attempt) {
                done.fail(new Ended());
              } else {
                closeAndRelease(giving, done);
              }
            });
    timers.after(FLUSH_MS, flushed);
    giving.handOver(flushed);
  }

  private void closeAndRelease(Tenure giving, Completion<Boolean> done) {
    long mine = ++attempt;
    giving.close();
    tenure = null;
    journal.release(
        giving.epoch(),
        start.nonce(),
        (released, failure) -> {
          done.done(released, failure);
          if (leaving) {
            giveUpNow();
          } else if (mine == attempt) {
            again(RETRY_MS);
          }
        });
  }

  /** The tenure was over before it could be given over. */
  private static final class Ended extends Exception {
    private Ended() {
      super("ended", null, false, false);
    }
  }

  // ── after an end
  // ─────────────────────────────────────────────────────────────────────────────────────────────────

  private void ended(long ofAttempt, String reason) {
    if (ofAttempt != attempt || stopping) {
      return;
    }
    tenure = null;
    attempt++;
    if (leaving) {
      giveUpNow();
      return;
    }
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
    again(idleStatus(), delayMs, "");
  }

  private void again(Status meanwhile, long delayMs, String why) {
    status = meanwhile;
    problem = why;
    giveTurn();
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
    BatchReply.NotOwner next = successor;
    if (next != null && (owner == null || owner.epoch() < next.epoch())) {
      return next;
    }
    return owner == null || owner.node().equals(start.node())
        ? new BatchReply.NotOwner(0, "", "")
        : new BatchReply.NotOwner(
            owner.epoch(), owner.node(), Addresses.sale(owner.node(), owner.nonce()));
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
      stepDownIfDeaf();
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
    return new Hint(partition, epoch, start.node(), "", 0, 0, false, statusText(), 0, List.of());
  }
}
