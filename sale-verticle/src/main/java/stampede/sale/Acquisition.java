package stampede.sale;

import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Completion;
import stampede.sale.engine.SaleEngine;
import stampede.sale.journal.Journal;

/**
 * The way from a lease that seems free to the whole log in memory: looks at the store's settings,
 * asks MySQL's cursor, acquires, replays, compares the two. The first thing that is not as it must
 * be ends it in a {@link Retreat}.
 */
final class Acquisition {
  private final int partition;
  private final SaleStart start;
  private final Journal journal;
  private final OwnerTime time;
  private final Course course;
  private final Approach approach;
  private final Asking asking;
  private final Retreat retreat;
  private final Drained drained;
  private long cursor;
  private long acquiringEpoch;

  /** Begins a tenure. */
  interface Opening {
    /**
     * @param engine replayed to the end of the log
     * @param renewalSentNanos when the last renewal of the lease that succeeded was sent
     */
    void open(Journal.Acquired.Ok acquired, SaleEngine engine, long renewalSentNanos);
  }

  Acquisition(
      int partition,
      SaleStart start,
      Journal journal,
      OwnerTime time,
      Course course,
      Approach approach,
      Asking asking,
      Retreat retreat,
      Drained drained) {
    this.partition = partition;
    this.start = start;
    this.journal = journal;
    this.time = time;
    this.course = course;
    this.approach = approach;
    this.asking = asking;
    this.retreat = retreat;
    this.drained = drained;
  }

  // ── before the lease is this node's

  /** All that can be known before; {@code next} when nothing speaks against going on. */
  void check(Runnable next) {
    journal.checkSettings(
        course.whileLasting(
            (settings, failure) -> {
              if (settings == null) {
                retreat.unreachable("the journal can't be reached: ", failure);
              } else if (!settings.problems().isEmpty()) {
                retreat.stayClosed("journal.settings", String.join("; ", settings.problems()));
              } else if (settings.unchecked() && !start.limits().settingsUnchecked()) {
                retreat.stayClosed(
                    "journal.settings",
                    "the store does not show its settings; set settingsUnchecked = true if they are known to be good");
              } else {
                askCursor(next);
              }
            }));
  }

  /** Before the acquire: when nobody answers, that takes longer than a short lease lasts. */
  private void askCursor(Runnable next) {
    drained.ask(
        known -> {
          cursor = known;
          next.run();
        });
  }

  // ── from then on

  /** Follows {@link #check}. */
  void run(long expectedEpoch, Opening opening) {
    course.go(Course.Status.ACQUIRING);
    acquiringEpoch = expectedEpoch + 1;
    long sentNanos = start.timers().nanos();
    @Nullable EarlyRead[] early = new EarlyRead[1]; // asked for below, before any answer is here
    journal.acquire(
        start.node(),
        start.nonce(),
        expectedEpoch,
        start.limits().leaseMs(),
        course.whileLasting(
            (result, failure) -> {
              if (result instanceof Journal.Acquired.Ok ok) {
                approach.leaseHeld();
                replay(ok, sentNanos, early[0], opening);
              } else if (result instanceof Journal.Acquired.Held
                  || result instanceof Journal.Acquired.Lost) {
                retreat.lookAgain(Retreat.RETRY_MS);
              } else {
                retreat.unreachable("acquire failed: ", failure);
              }
            }));
    early[0] = asking.readEarly();
  }

  private void replay(
      Journal.Acquired.Ok acquired, long sentNanos, @Nullable EarlyRead early, Opening opening) {
    course.go(Course.Status.REPLAYING);
    time.observed(acquired.time(), sentNanos, partition, start.outlet());
    Replay replay =
        new Replay(
            partition,
            journal,
            start.timers(),
            asking.takeAhead(),
            early,
            start.limits(),
            start.nonce(),
            acquired,
            time,
            sentNanos);
    Completion<Long> replayed =
        (renewalSentNanos, failure) -> {
          if (renewalSentNanos == null) {
            retreat.notReplayed(acquired.epoch(), failure);
          } else if (isWhole(replay.engine())) {
            opening.open(acquired, replay.engine(), renewalSentNanos);
          }
        };
    replay.run(course.whileLasting(replayed));
  }

  /** A log that ends before what was drained from it has lost its end. */
  private boolean isWhole(SaleEngine engine) {
    if (cursor <= engine.position()) {
      return true;
    }
    retreat.stayClosed(
        "journal.regressed",
        "MySQL has position "
            + cursor
            + " but the journal ends at "
            + engine.position()
            + "; restore the journal or repair");
    return false;
  }

  /**
   * Gives the lease up. An acquire may be under way, or have succeeded unnoticed: then this follows
   * it.
   */
  void undo(Runnable done) {
    if (acquiringEpoch == 0) {
      done.run();
    } else {
      journal.release(acquiringEpoch, start.nonce(), (released, failure) -> done.run());
    }
  }
}
