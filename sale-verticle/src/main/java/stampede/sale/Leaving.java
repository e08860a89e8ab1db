package stampede.sale;

import stampede.sale.journal.Journal;

/**
 * This node's way out of one partition.
 *
 * <pre>
 *   stop ─► serves on, says "I leave" every 0.5 s ─► asked for it: handed over ──────────┐
 *                │ nobody else stays; or 5 s, up to 7.5 s while its other partitions move  │
 *                └──────────► gives up: flushes for 4 s at most, releases ───────────────┴─► stopped
 * </pre>
 */
final class Leaving {
  private static final long LEAVE_MS = 5_000;
  private static final long LEAVE_MS_MAX = 7_500;
  private static final long LEAVING_EVERY_MS = 500;
  private static final long HAND_OVER_MS = 4_000;
  private static final long STOP_MS = 5_000;

  /** From the stop to the end of it at the latest: a look in vain, and the next one gives up. */
  static final long MS_MAX = LEAVE_MS_MAX + LEAVING_EVERY_MS + STOP_MS;

  private final int partition;
  private final SaleStart start;
  private final Journal journal;
  private final Course course;
  private final Approach approach;
  private final Asking asking;
  private final Acquisition acquisition;
  private boolean begun;
  private boolean givesUp;
  private Runnable whenStopped = () -> {};

  Leaving(
      int partition,
      SaleStart start,
      Journal journal,
      Course course,
      Approach approach,
      Asking asking,
      Acquisition acquisition) {
    this.partition = partition;
    this.start = start;
    this.journal = journal;
    this.course = course;
    this.approach = approach;
    this.asking = asking;
    this.acquisition = acquisition;
  }

  /** Whoever asks for the partition gets it, and this node does not seek it again. */
  boolean begun() {
    return begun;
  }

  /** Too late to be asked. */
  boolean givesUp() {
    return givesUp;
  }

  /** The {@code done} of every call within {@value #MS_MAX} ms. */
  void stop(Runnable done) {
    Runnable others = whenStopped;
    whenStopped =
        new Once(
            () -> {
              others.run();
              done.run();
            });
    if (course.is(Course.Status.STOPPED)) {
      done.run();
    } else if (!begun) {
      leave();
    }
  }

  private void leave() {
    begun = true;
    if (course.is(Course.Status.HANDING_OVER) || course.is(Course.Status.SERVING)) {
      long beganMs = start.timers().millis();
      start.timers().after(LEAVE_MS, () -> giveUpUnlessOthersMove(beganMs));
      sayLeaving();
    } else {
      giveUp();
    }
  }

  /** Who takes them one after the other may come to this one yet. */
  private void giveUpUnlessOthersMove(long beganMs) {
    long nowMs = start.timers().millis();
    boolean othersMove = nowMs - start.turns().lastGivenOverMs() < LEAVE_MS / 2;
    if (othersMove && nowMs - beganMs < LEAVE_MS_MAX) {
      start.timers().after(LEAVING_EVERY_MS, () -> giveUpUnlessOthersMove(beganMs));
    } else {
      giveUp();
    }
  }

  private void sayLeaving() {
    Tenure current = course.serving();
    if (givesUp || current == null) {
      return;
    }
    if (approach.othersStay()) {
      start.peers().leaving(start.handOver(partition, current.epoch()));
      start.timers().after(LEAVING_EVERY_MS, this::sayLeaving);
    } else {
      giveUp();
    }
  }

  /** Waits for nobody any more. */
  void giveUp() {
    if (givesUp) {
      return;
    }
    givesUp = true;
    course.nextAttempt();
    Runnable finish = new Once(this::stopped);
    Runnable release = new Once(() -> release(finish));
    start.timers().after(STOP_MS, finish);
    Tenure current = course.serving();
    if (current == null) {
      release.run();
    } else {
      start.timers().after(HAND_OVER_MS, release);
      current.handOver(release);
    }
  }

  private void release(Runnable released) {
    Tenure current = course.tenure();
    if (current != null) {
      current.close();
    }
    acquisition.undo(released);
  }

  private void stopped() {
    course.stop();
    asking.stop();
    journal.close();
    whenStopped.run();
  }
}
