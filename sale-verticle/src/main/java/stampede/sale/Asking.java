package stampede.sale;

import org.jspecify.annotations.Nullable;
import stampede.protocol.HandOver;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;

/**
 * The asking side of a hand-over: takes a turn, reads the log while the owner serves, asks it to
 * release, and watches the lease in case the answer is lost or the owner is gone. Whoever would be
 * the next owner follows the log long before. What was read is kept a while: it serves also an
 * acquire that came about another way.
 */
final class Asking {
  private static final long AHEAD_KEPT_MS = 10_000;
  private static final long FOLLOW_EVERY_MS = 200;
  private static final long FOLLOW_AGAIN_MS = 10_000;
  private static final long WATCH_EVERY_MS = 100;

  private final int partition;
  private final SaleStart start;
  private final Journal journal;
  private final Course course;
  private boolean hasTurn;
  private boolean crosses;
  private @Nullable LogFold ahead;
  private long aheadUntilMs;

  /** Ends the reading of {@link #follow} that is under way. */
  private long following;

  private boolean followReads;
  private long followNotBeforeMs = Long.MIN_VALUE;

  Asking(int partition, SaleStart start, Journal journal, Course course) {
    this.partition = partition;
    this.start = start;
    this.journal = journal;
    this.course = course;
  }

  /** False while this node is busy with other partitions. */
  boolean takeTurn() {
    hasTurn = start.turns().take();
    return hasTurn;
  }

  /** It is served here, or this attempt is over; harmless when there is none. */
  void giveTurn() {
    if (crosses) {
      crosses = false;
      start.turns().arrived();
    }
    if (hasTurn) {
      hasTurn = false;
      start.turns().give();
    }
  }

  /**
   * Called with every look at a live owner this node would be the next of: reads on from where it
   * is, so that little is left to read when that owner dies. What can't be read is left to an
   * attempt that is about the partition itself.
   */
  void follow() {
    long nowMs = start.timers().millis();
    if (followReads || nowMs < followNotBeforeMs) {
      return;
    }
    followReads = true;
    long mine = following;
    LogFold fold = aheadOrNew();
    keep(fold); // what there is of it serves an acquire meanwhile
    new ReadAhead(journal, start.timers(), start.turns(), fold, () -> mine == following)
        .run(
            (position, failure) -> {
              followReads = false;
              if (position != null) {
                keep(fold);
                followNotBeforeMs = nowMs + FOLLOW_EVERY_MS;
              } else {
                ahead = null;
                followNotBeforeMs = start.timers().millis() + FOLLOW_AGAIN_MS;
              }
            });
  }

  /** Succeeds with the position reached; then {@link #takeAhead} has it. */
  void readAhead(Completion<Long> done) {
    LogFold fold = aheadOrNew();
    boolean carriedOn = fold.position() > 0;
    takeAhead();
    new ReadAhead(journal, start.timers(), start.turns(), fold, course.lasting())
        .run(
            (position, failure) -> {
              if (position != null) {
                keep(fold);
              } else if (carriedOn && failure instanceof IllegalStateException) {
                readAhead(done); // perhaps of another log: this time from its beginning
                return;
              }
              done.done(position, failure);
            });
  }

  private LogFold aheadOrNew() {
    LogFold known = ahead;
    return known == null ? new LogFold(partition, start.limits().eventsMax()) : known;
  }

  private void keep(LogFold fold) {
    ahead = fold;
    aheadUntilMs = start.timers().millis() + AHEAD_KEPT_MS;
  }

  /** Asks for what {@link Replay} reads first on top of what was read ahead; null = nothing was. */
  @Nullable EarlyRead readEarly() {
    LogFold known = ahead;
    return known == null ? null : new EarlyRead(journal, known.beforeLast(), Replay.ENTRIES_A_READ);
  }

  /** What was read ahead, for once; null = nothing. */
  @Nullable LogFold takeAhead() {
    LogFold taken = ahead;
    ahead = null;
    following++; // nobody else folds on
    followReads = false;
    return taken;
  }

  /** It is large, and its tail grows. */
  void forgetIfOld() {
    if (start.timers().millis() > aheadUntilMs) {
      takeAhead();
    }
  }

  void stop() {
    takeAhead();
    giveTurn();
  }

  /**
   * Asks the owner. One of the two runs, unless the attempt is over before.
   *
   * @param released also when it is found that the lease is free; begins the next attempt
   * @param refused or unanswered; begins the next attempt
   */
  void ask(Journal.Owner owner, Runnable released, Runnable refused) {
    HandOver asks = start.handOver(partition, owner.epoch());
    crosses = true;
    start.turns().crosses();
    start
        .peers()
        .ask(
            owner.node(),
            owner.nonce(),
            asks,
            course.whileLasting(
                (answer, failure) -> {
                  boolean agreed = answer != null && answer.released();
                  (agreed ? released : refused).run();
                }));
    watchLater(released);
  }

  private void watchLater(Runnable released) {
    start.timers().after(WATCH_EVERY_MS, course.whileLasting(() -> watch(released)));
  }

  private void watch(Runnable released) {
    journal.owner(
        course.whileLasting(
            (owner, failure) -> {
              if (owner != null && owner.leaseRemainingMs() <= 0) {
                released.run();
              } else {
                watchLater(released);
              }
            }));
  }
}
