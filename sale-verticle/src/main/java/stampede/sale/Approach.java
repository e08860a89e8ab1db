package stampede.sale;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import stampede.sale.journal.Journal;

/**
 * When it is this node's turn. It asks the live owner of a partition to release it when it stands
 * first in the line and has for a while, or at once when the owner leaves; less and less often
 * while it is refused. A free lease is its to acquire the later the more nodes stand before it.
 */
final class Approach {
  static final long SETTLED_MS = 2_000;
  private static final long BACK_OFF_FIRST_MS = 2_000;
  private static final long BACK_OFF_MAX_MS = 30_000;
  private static final long LEAVER_BACK_OFF_MS = 300;
  private static final long LEAVING_LASTS_MS = 2_000;
  private static final long LINE_STEP_MS = 500;

  private final int partition;
  private final SaleStart start;
  private final Map<String, Long> leavingUntilMs = new HashMap<>();
  private List<String> lastLine = List.of();
  private long lastEpoch = -1;
  private long settledSinceMs;
  private long notBeforeMs = Long.MIN_VALUE;
  private long backOffMs;
  private long freeSinceMs = -1;

  Approach(int partition, SaleStart start) {
    this.partition = partition;
    this.start = start;
  }

  /** {@code name} says that it leaves; it says so again and again. */
  void leaving(String name) {
    long until = start.timers().millis() + LEAVING_LASTS_MS;
    if (leavingUntilMs.put(name, until) == null) {
      notBeforeMs = Long.MIN_VALUE;
    }
  }

  /** The live sale nodes that stay, the best first. */
  List<String> line() {
    long nowMs = start.timers().millis();
    leavingUntilMs.values().removeIf(until -> until < nowMs);
    List<String> line = start.candidates().line(partition);
    if (!leavingUntilMs.isEmpty()) {
      line = new ArrayList<>(line);
      line.removeAll(leavingUntilMs.keySet());
    }
    return line;
  }

  // ── a free lease

  /**
   * Called with every look at a lease that nobody holds. Whoever let it run out, or gave it up, is
   * not waited for, even if it is a member yet: a dead one is for a while.
   *
   * @param last who held it
   * @param away nobody reaches this node: it comes after all others, but it comes, as perhaps they
   *     are no better off
   * @return of {@code Timers.millis}; always after {@code nowMs} for a node that is not in the line
   */
  long turnMs(long nowMs, String last, boolean away) {
    if (freeSinceMs < 0) {
      freeSinceMs = nowMs;
    }
    List<String> line = new ArrayList<>(line());
    if (!last.equals(start.node())) {
      line.remove(last);
    }
    int rank = line.indexOf(start.node());
    int step = away ? line.size() + rank : rank;
    return rank < 0 ? nowMs + Retreat.RETRY_MS : freeSinceMs + step * LINE_STEP_MS;
  }

  /** By another node, or by this one now. */
  void leaseHeld() {
    freeSinceMs = -1;
  }

  // ── a live owner

  /** Called with every look at an owner that holds the lease. */
  boolean isDue(Journal.Owner owner) {
    long nowMs = start.timers().millis();
    List<String> line = line();
    if (!line.equals(lastLine) || owner.epoch() != lastEpoch) {
      lastLine = line;
      lastEpoch = owner.epoch();
      settledSinceMs = nowMs;
    }
    boolean first = !line.isEmpty() && line.get(0).equals(start.node());
    boolean leaves = leavingUntilMs.containsKey(owner.node());
    boolean behindMe = line.contains(owner.node()) && nowMs - settledSinceMs >= SETTLED_MS;
    return first && (leaves || behindMe) && nowMs >= notBeforeMs;
  }

  /** Called with every look at an owner that holds the lease: it is this node's when that dies. */
  boolean isNext(Journal.Owner owner) {
    for (String name : line()) {
      if (!name.equals(owner.node())) {
        return name.equals(start.node());
      }
    }
    return false;
  }

  /** Refused, unanswered, or this node could not prepare. */
  void failed(Journal.Owner owner) {
    backOffMs = Math.min(BACK_OFF_MAX_MS, Math.max(BACK_OFF_FIRST_MS, 2 * backOffMs));
    boolean leaves = leavingUntilMs.containsKey(owner.node());
    notBeforeMs = start.timers().millis() + (leaves ? LEAVER_BACK_OFF_MS : backOffMs);
  }

  void succeeded() {
    backOffMs = 0;
  }

  /** This node is no good owner for the time being. */
  void keepAway(long ms) {
    notBeforeMs = start.timers().millis() + ms;
  }

  /** {@code name} stands before this node, in an order that is the same everywhere. */
  boolean isBeforeMe(String name) {
    List<String> line = start.candidates().line(partition);
    int other = line.indexOf(name);
    return other >= 0 && other < line.indexOf(start.node());
  }

  /** Somebody else could own the partition. */
  boolean othersStay() {
    for (String name : line()) {
      if (!name.equals(start.node())) {
        return true;
      }
    }
    return false;
  }
}
