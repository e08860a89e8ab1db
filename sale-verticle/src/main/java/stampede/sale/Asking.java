package stampede.sale;

import org.jspecify.annotations.Nullable;
import stampede.protocol.HandOver;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;

/**
 * The asking side of a hand-over: takes a turn, reads the log while the owner serves, asks it to
 * release, and watches the lease in case the answer is lost or the owner is gone. What was read is
 * kept a while: it serves also an acquire that came about another way.
 */
final class Asking {
  private static final long AHEAD_KEPT_MS = 10_000;
  private static final long WATCH_EVERY_MS = 100;

  private final int partition;
  private final SaleStart start;
  private final Journal journal;
  private final Course course;
  private boolean hasTurn;
  private @Nullable LogFold ahead;
  private long aheadUntilMs;

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

  /** Harmless when there is none. */
  void giveTurn() {
    if (hasTurn) {
      hasTurn = false;
      start.turns().give();
    }
  }

  /** Succeeds with the position reached; then {@link #takeAhead} has it. */
  void readAhead(Completion<Long> done) {
    LogFold fold = new LogFold(partition, start.limits().eventsMax());
    new ReadAhead(journal, start.timers(), fold, course.lasting())
        .run(
            (position, failure) -> {
              if (position != null) {
                ahead = fold;
                aheadUntilMs = start.timers().millis() + AHEAD_KEPT_MS;
              }
              done.done(position, failure);
            });
  }

  /** What was read ahead, for once; null = nothing. */
  @Nullable LogFold takeAhead() {
    LogFold taken = ahead;
    ahead = null;
    return taken;
  }

  /** It is large, and its tail grows. */
  void forgetIfOld() {
    if (start.timers().millis() > aheadUntilMs) {
      ahead = null;
    }
  }

  void stop() {
    ahead = null;
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
