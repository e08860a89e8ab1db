package stampede.standalone.crowd;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One key of one shopper: what was sent with it and what is known of it. Confined to the crowd's
 * event loop.
 */
final class Attempt {
  private static final Set<String> OWNER_SAYS_NO =
      Set.of("sold_out", "limit_reached", "ended", "unknown");

  final String key;
  final int quantity;
  private final List<String> orders = new ArrayList<>(1);
  private int framesSent;
  private int framesAnswered;
  private int questionsOpen;
  private @Nullable String outcome;
  private boolean ownerMade;
  private long position;
  private long acceptedAt = Long.MAX_VALUE;
  private long refusedAt;
  private long intendedNanos;
  private boolean waitsForSocket;
  private boolean waitsForOpening;

  Attempt(String key, int quantity) {
    this.key = key;
    this.quantity = quantity;
  }

  /** A shake is meant now; its latency counts from here. */
  void intend(long nanos) {
    intendedNanos = nanos;
    waitsForSocket = true;
    waitsForOpening = false;
  }

  boolean waitsForSocket() {
    return waitsForSocket;
  }

  boolean waitsForOpening() {
    return waitsForOpening;
  }

  void waitForOpening() {
    waitsForOpening = true;
  }

  void asked() {
    questionsOpen++;
  }

  void sent(int frames) {
    framesSent += frames;
    waitsForSocket = false;
  }

  /**
   * Nanoseconds since the shake was meant, once for each intended shake; -1 if none waits for its
   * first answer.
   */
  long takeLatency(long nanos) {
    long latency = intendedNanos == 0 ? -1 : nanos - intendedNanos;
    intendedNanos = 0;
    return latency;
  }

  /** Its user left on purpose: how long they stay away is not the shop's latency. */
  void forgetLatency() {
    intendedNanos = 0;
  }

  boolean accepted() {
    return !orders.isEmpty();
  }

  /** Something was sent and not everything is known of it: asking by key makes sense. */
  boolean open() {
    return framesSent > 0 && !accepted() && (outcome == null || framesAnswered < framesSent);
  }

  /**
   * An answer about one frame that was not passed on. While a question is open it may be the
   * question that was refused: the key then stays open, and asking again settles it.
   */
  void refusedAttempt(String told) {
    if (questionsOpen > 0) {
      questionsOpen--;
    } else {
      framesAnswered++;
    }
    if (!ownerMade) {
      outcome = told;
    }
  }

  /**
   * The owner's answer about the key.
   *
   * @param toQuestion whether it settles every frame sent before, as the answer to a question does
   */
  void answered(String told, long at, boolean toQuestion) {
    framesAnswered = toQuestion ? framesSent : framesAnswered + 1;
    questionsOpen = toQuestion ? 0 : questionsOpen;
    if (OWNER_SAYS_NO.contains(told)) {
      refusedAt = Math.max(refusedAt, at);
    }
    boolean onlyUnknown = told.equals("unknown") && outcome != null;
    if (!accepted() && !onlyUnknown && (!ownerMade || at >= position)) {
      outcome = told;
      ownerMade = true;
      position = at;
    }
  }

  void accepted(String order, long at) {
    framesAnswered = framesSent;
    acceptedAt = Math.min(acceptedAt, at);
    if (!orders.contains(order)) {
      orders.add(order);
    }
    outcome = "accepted";
    ownerMade = true;
    position = acceptedAt;
  }

  KeyHistory history() {
    boolean contradicted = accepted() && refusedAt >= acceptedAt;
    return new KeyHistory(
        key,
        quantity,
        framesSent,
        List.copyOf(orders),
        outcome,
        ownerMade,
        position,
        open(),
        contradicted);
  }
}
