package stampede.sale;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import stampede.protocol.NewerRecord;
import stampede.sale.journal.Journal;
import stampede.sale.journal.JournalDamaged;

/**
 * What an owner does when it did not go on: says why, gives back what it held, and looks again
 * after a while that fits the reason.
 *
 * <pre>
 *   not its turn, or lost a race             0.1 s at most    seeking
 *   store unreachable                        0.1 s            seeking
 *   tenure ended                             at once; the 3rd time in 30 s: 1, 2, 4 … 30 s   failed
 *   settings, damage, a shorter log          5 s              closed: an operator may have mended it
 *   records of a newer version               for good         closed: left to nodes that read them
 *   no edge reaches this node                5 s              away: acquires after all others only
 * </pre>
 */
final class Retreat {
  static final long RETRY_MS = 100;
  private static final long CLOSED_RETRY_MS = 5_000;
  private static final long ENDS_WINDOW_MS = 30_000;
  private static final int ENDS_MAX = 3;
  private static final long BACK_OFF_FIRST_MS = 1_000;
  private static final long BACK_OFF_MAX_MS = 30_000;
  private static final long DEAF_AWAY_MS = 5_000;

  private final int partition;
  private final SaleStart start;
  private final Journal journal;
  private final Course course;
  private final Asking asking;
  private final Runnable seek;
  private final ArrayDeque<Long> endsAtMs = new ArrayDeque<>();
  private long backOffMs;
  private long awayUntilMs = Long.MIN_VALUE;
  private String tooNew = "";

  /**
   * @param seek looks again
   */
  Retreat(
      int partition,
      SaleStart start,
      Journal journal,
      Course course,
      Asking asking,
      Runnable seek) {
    this.partition = partition;
    this.start = start;
    this.journal = journal;
    this.course = course;
    this.asking = asking;
    this.seek = seek;
  }

  /** What this node is while it waits and nothing is wrong with this look. */
  Course.Status idle() {
    if (isTooNew()) {
      return Course.Status.CLOSED;
    }
    return isAway() ? Course.Status.AWAY : Course.Status.SEEKING;
  }

  /** Everybody else comes first. */
  boolean isAway() {
    return start.timers().millis() < awayUntilMs;
  }

  /** No edge reaches this node. */
  void keepAway() {
    awayUntilMs = start.timers().millis() + DEAF_AWAY_MS;
  }

  /** The log holds what this process will never understand. */
  boolean isTooNew() {
    return !tooNew.isEmpty();
  }

  // ── reasons

  void lookAgain(long delayMs) {
    again(idle(), delayMs, "");
  }

  void staysTooNew() {
    again(Course.Status.CLOSED, RETRY_MS, tooNew);
  }

  void unreachable(String what, @Nullable Throwable failure) {
    if (failure instanceof JournalDamaged) {
      stayClosed("journal.damaged", failure.getMessage());
    } else {
      again(Course.Status.SEEKING, RETRY_MS, what + failure);
    }
  }

  /** Only an operator can help; looks again now and then whether one did. */
  void stayClosed(String code, String why) {
    start.outlet().alarm(code, "partition " + partition + " stays closed: " + why);
    again(Course.Status.CLOSED, CLOSED_RETRY_MS, why);
  }

  void notReplayed(long epoch, @Nullable Throwable failure) {
    if (failure instanceof NewerRecord) {
      leaveToNewer(epoch, failure.getMessage());
    } else if (failure instanceof IllegalStateException) {
      // a corrupt record, or events that contradict each other
      stayClosed("journal.damaged", failure.getMessage());
    } else {
      unreachable("replay failed: ", failure);
    }
  }

  private void leaveToNewer(long epoch, String why) {
    tooNew = why;
    start
        .outlet()
        .alarm("journal.newer", "partition " + partition + " is left to newer nodes: " + why);
    if (course.is(Course.Status.REPLAYING)) {
      journal.release(epoch, start.nonce(), (released, failure) -> {}); // or its lease runs out
    }
    staysTooNew();
  }

  /** The tenure is over, and not because it was given up. */
  void ended(String reason) {
    long nowMs = start.timers().millis();
    endsAtMs.addLast(nowMs);
    while (nowMs - endsAtMs.peekFirst() > ENDS_WINDOW_MS + backOffMs) {
      endsAtMs.removeFirst();
    }
    start.outlet().alarm("partition.ended", "partition " + partition + " epoch is over: " + reason);
    if (endsAtMs.size() < ENDS_MAX) {
      backOffMs = 0;
      again(Course.Status.SEEKING, 1, reason);
    } else {
      backOffMs = Math.min(BACK_OFF_MAX_MS, Math.max(BACK_OFF_FIRST_MS, backOffMs * 2));
      again(Course.Status.FAILED, backOffMs, reason);
    }
  }

  private void again(Course.Status meanwhile, long delayMs, String why) {
    course.wait(meanwhile, why);
    asking.giveTurn();
    start.timers().after(delayMs, course.whileLasting(seek));
  }
}
