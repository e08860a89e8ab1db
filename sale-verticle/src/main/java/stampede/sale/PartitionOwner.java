package stampede.sale;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.BatchReply;
import stampede.protocol.CommandBatch;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.SoldOutQuery;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.Course.Status;
import stampede.sale.engine.SaleEngine;
import stampede.sale.journal.Journal;

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
 *
 * <p>Here is the way from SEEKING to SERVING, step by step, and what others learn of it. The state
 * itself is {@link Course}; {@link Approach} says when, {@link Asking}, {@link Acquisition}, {@link
 * GivingOver}, {@link Leaving} and {@link Retreat} say how.
 */
public final class PartitionOwner {
  private static final long HINT_EVERY_MS = 100;
  private static final long HEARTBEAT_MS = 1_000;
  private static final long ONE_BY_ONE_MS = 5;
  private static final BatchReply NOT_YET = new BatchReply.Busy(100);

  private final int partition;
  private final SaleStart start;
  private final Timers timers;
  private final Journal journal;
  private final Outlet outlet;
  private final OwnerTime time;

  private final Course course;
  private final Drained drained;
  private final Passages passages = new Passages();
  private final OtherOwner other;
  private final Approach approach;
  private final Asking asking;
  private final Retreat retreat;
  private final Acquisition acquisition;
  private final Leaving leaving;
  private final GivingOver givingOver;
  private final Anteroom anteroom;

  private @Nullable HintBoard board;
  private @Nullable FigureBoard figures;
  private @Nullable SoldOutAnswers soldOut;
  private @Nullable LogCutting cutting;
  private long servingSinceMs;

  /** The epoch it wants, or has. */
  private long nextEpoch;

  public PartitionOwner(int partition, SaleStart start, Journal journal) {
    this.partition = partition;
    this.start = start;
    this.timers = start.timers();
    this.journal = journal;
    this.outlet = start.outlet();
    this.course = new Course(timers);
    this.time = new OwnerTime(timers);
    this.drained = new Drained(partition, start, course);
    this.other = new OtherOwner(start);
    this.approach = new Approach(partition, start);
    this.asking = new Asking(partition, start, journal, course);
    this.retreat = new Retreat(partition, start, journal, course, asking, this::seek);
    this.acquisition =
        new Acquisition(
            partition, start, journal, time, course, approach, asking, retreat, drained);
    this.leaving = new Leaving(partition, start, journal, course, approach, asking, acquisition);
    this.givingOver =
        new GivingOver(partition, start, journal, course, approach, leaving, retreat, other);
    this.anteroom = new Anteroom(timers, NOT_YET);
  }

  /** Every word {@link Standing#status} may be. */
  public static List<String> statuses() {
    return Arrays.stream(Status.values()).map(Status::text).toList();
  }

  public void start() {
    seek();
    timers.after(HINT_EVERY_MS, this::publish);
  }

  /** Decides the batch, or says who does; a copy that nobody waits for any more is not decided. */
  public void handle(CommandBatch batch, Completion<BatchReply> done) {
    Tenure current = course.serving();
    if (course.isTakingOver() && batch.epoch() == nextEpoch) {
      anteroom.enter(batch, done);
    } else if (!passages.take(batch.passage())) {
      done.succeed(new BatchReply.Pending());
    } else if (current == null) {
      done.succeed(isAboutToBeKnown() ? NOT_YET : other.answer());
    } else if (batch.epoch() != current.epoch()) {
      done.succeed(new BatchReply.NotOwner(current.epoch(), start.node(), start.address()));
    } else {
      current.handle(batch, done);
    }
  }

  /** Who asks again in a moment is served here, or learns who is next. */
  private boolean isAboutToBeKnown() {
    return course.isTakingOver() || course.is(Status.HANDING_OVER) && !other.isNamed();
  }

  /** Which of these items are sold out, and for whom not; nothing while it does not serve. */
  public SoldOutQuery.Answer soldOut(SoldOutQuery query) {
    Tenure current = course.serving();
    return current == null || soldOut == null || !current.takesCommands()
        ? SoldOutQuery.Answer.NOTHING
        : soldOut.answer(query, timers.millis());
  }

  /** MySQL has everything up to {@code position}. */
  public void drained(long position) {
    drained.heard(position);
  }

  /** A node that has read the log asks for the partition; it is told when it may acquire it. */
  public void handOver(HandOver asks, Completion<HandOver.Answer> done) {
    givingOver.asked(asks, done);
  }

  /** An operator wants another node to own the partition, for a while at least. */
  public void stepAside(HandOver asks, Completion<HandOver.Answer> done) {
    givingOver.stepAside(asks, done);
  }

  /** The owner that leaves says so; it may be this node that hears itself. */
  public void leaving(HandOver offer) {
    if (!offer.node().equals(start.node())) {
      approach.leaving(offer.node());
    }
  }

  /**
   * Gives the partition over to the next in the line, who is told and reads the log first. After 5
   * s without being asked to (up to 7.5 s while this node's other partitions are), or at once if
   * there is nobody, just answers what was decided and gives the lease up. {@code done} within 13
   * s.
   */
  public void stop(Runnable done) {
    leaving.stop(
        () -> {
          anteroom.open(this::handle); // hears who owns it, as far as this node knows
          done.run();
        });
  }

  // ── from SEEKING to SERVING

  private void seek() {
    if (leaving.givesUp()) {
      return;
    }
    course.go(retreat.idle());
    course.nextAttempt();
    long sentNanos = timers.nanos();
    journal.owner(
        course.whileLasting(
            (owner, failure) -> {
              if (owner != null) {
                // a jump counts also for who owns later
                time.observed(owner.time(), sentNanos, partition, outlet);
                found(owner);
              } else {
                retreat.unreachable("the journal can't be reached: ", failure);
              }
            }));
  }

  private void found(Journal.Owner owner) {
    other.saw(owner);
    boolean held = owner.leaseRemainingMs() > 0 && !owner.node().equals(start.node());
    if (retreat.isTooNew()) {
      retreat.staysTooNew();
    } else if (!held) {
      foundFree(owner);
    } else if (approach.isDue(owner) && !retreat.isAway() && asking.takeTurn()) {
      prepare(owner);
    } else {
      approach.leaseHeld();
      if (approach.isNext(owner)) {
        asking.follow();
      } else {
        asking.forgetIfOld();
      }
      retreat.lookAgain(Math.min(owner.leaseRemainingMs() + 1, Retreat.RETRY_MS));
    }
  }

  private void foundFree(Journal.Owner owner) {
    long nowMs = timers.millis();
    long waitMs = approach.turnMs(nowMs, owner.node(), retreat.isAway()) - nowMs;
    if (waitMs > 0) {
      retreat.lookAgain(Math.min(waitMs, Retreat.RETRY_MS));
    } else {
      course.go(Status.CHECKING);
      acquisition.check(() -> acquire(owner));
    }
  }

  /** All that takes long, before the owner is asked. */
  private void prepare(Journal.Owner owner) {
    approach.leaseHeld();
    approach.failed(owner); // until it goes well
    course.go(Status.PREPARING);
    acquisition.check(
        () ->
            asking.readAhead(
                (position, failure) -> {
                  if (position != null) {
                    ask(owner);
                  } else {
                    retreat.notReplayed(owner.epoch(), failure);
                  }
                }));
  }

  /** One after the other: together they would all be on their way for as long as the last one. */
  private void ask(Journal.Owner owner) {
    if (start.turns().isCrossing()) {
      timers.after(ONE_BY_ONE_MS, course.whileLasting(() -> ask(owner)));
      return;
    }
    nextEpoch = owner.epoch() + 1;
    course.go(Status.ASKING);
    asking.ask(owner, () -> acquire(owner), () -> retreat.lookAgain(1));
  }

  /** Its own attempt: an answer and a look at the lease may both have led here. */
  private void acquire(Journal.Owner last) {
    course.nextAttempt();
    nextEpoch = last.epoch() + 1;
    acquisition.run(last.epoch(), this::open);
  }

  private void open(Journal.Acquired.Ok acquired, SaleEngine engine, long renewalSentNanos) {
    BooleanSupplier lasts = course.lasting();
    Tenure.Ending ending =
        reason -> {
          if (lasts.getAsBoolean()) {
            ended(reason);
          }
        };
    Tenure next =
        new Tenure(
            partition,
            start.nonce(),
            acquired,
            engine,
            journal,
            timers,
            time,
            start.limits(),
            outlet,
            renewalSentNanos,
            ending);
    course.open(next);
    board = new HintBoard(partition, start.node(), start.address(), next);
    figures = new FigureBoard(partition, next);
    soldOut = new SoldOutAnswers(next);
    cutting = new LogCutting(partition, start, journal, next);
    next.onShown(this::publishChanges);
    drained.tell(next);
    next.open(start.node(), this::serve);
  }

  private void serve() {
    course.serve();
    other.none();
    servingSinceMs = timers.millis();
    approach.succeeded();
    asking.giveTurn();
    anteroom.open(this::handle);
    outlet.hint(hint());
    Tenure begun = Objects.requireNonNull(course.tenure());
    outlet.served(begun.epoch(), begun.durable(), course.takeOver());
  }

  /** In doubt; a tenure that was given up does not end here. */
  private void ended(String reason) {
    course.endTenure();
    if (leaving.begun()) {
      leaving.giveUp();
    } else {
      retreat.ended(reason);
      outlet.hint(hint());
    }
  }

  // ── what others learn

  private void publish() {
    if (leaving.givesUp()) {
      return;
    }
    if (course.tenure() != null) {
      publishChanges();
      publishFigures();
      Objects.requireNonNull(cutting).look();
      givingOver.stepDownIfDeaf(servingSinceMs);
    }
    timers.after(HINT_EVERY_MS, this::publish);
  }

  private void publishChanges() {
    HintBoard current = board;
    if (current != null && course.tenure() != null) {
      List<Hint> hints = new ArrayList<>();
      boolean serves = course.is(Status.SERVING);
      current.changes(timers.millis(), HEARTBEAT_MS, serves, course.text(), hints);
      hints.forEach(outlet::hint);
    }
  }

  private void publishFigures() {
    FigureBoard current = figures;
    long nowMs = timers.millis();
    if (current != null && course.is(Status.SERVING) && current.isDue(nowMs)) {
      outlet.figures(current.take(nowMs));
    }
  }

  /** What this node knows of the partition, with all items. */
  public Hint hint() {
    return board == null || course.tenure() == null
        ? new Hint(
            partition, other.epoch(), start.node(), "", 0, 0, false, course.text(), 0, List.of())
        : board.heartbeat(course.is(Status.SERVING), course.text());
  }

  /** Units that went astray, see {@link SaleEngine#unaccountedUnits}; 0 where it is not owned. */
  long unaccountedUnits() {
    Tenure current = course.tenure();
    return current == null ? 0 : current.unaccountedUnits();
  }

  /** How it stands with the partition, as this node sees it. */
  public Standing standing() {
    String word = course.status().text();
    String problem = course.problem();
    Tenure current = course.tenure();
    if (current == null) {
      boolean inLine = problem.isEmpty() && other.lives();
      return new Standing(word, inLine, problem, other.epoch(), 0, 0, 0);
    }
    boolean serves =
        (course.is(Status.SERVING) || course.is(Status.HANDING_OVER)) && current.mayAnswer();
    return new Standing(
        word,
        serves,
        problem,
        current.epoch(),
        current.durable(),
        current.backlog(),
        current.waiting());
  }
}
