package stampede.sale;

import java.util.List;
import java.util.function.Supplier;
import stampede.protocol.port.Timers;

/**
 * Whether edges reach this node. Each of them pings the owners it knows every second, so an owner
 * that hears none although the cluster has some is deaf: its subscription went stale, or it is on
 * the wrong side of a split that the membership does not show.
 */
public final class EdgeWatch {
  static final long SILENCE_MAX_MS = 3_000;

  /** An edge is a member of the cluster some time before it serves. */
  static final long FIRST_SILENCE_MAX_MS = 10_000;

  private static final long LOOK_AFTER_MS = 1_500;

  private final Timers timers;
  private final Supplier<List<String>> liveEdges;
  private long sinceMs;
  private boolean heard;

  /**
   * @param liveEdges names of the edges as the cluster shows them now; empty = nobody to hear
   */
  public EdgeWatch(Timers timers, Supplier<List<String>> liveEdges) {
    this.timers = timers;
    this.liveEdges = liveEdges;
    this.sinceMs = timers.millis();
  }

  /** A ping or a batch came. */
  public void heard() {
    sinceMs = timers.millis();
    heard = true;
  }

  /**
   * Whether no edge has been heard for {@value #SILENCE_MAX_MS} ms although there are some; {@value
   * #FIRST_SILENCE_MAX_MS} ms if none has been heard yet.
   *
   * @param servingSinceMs of {@link Timers#millis}: edges learn of an owner when it opens
   */
  boolean isDeaf(long servingSinceMs) {
    long nowMs = timers.millis();
    if (nowMs - sinceMs >= LOOK_AFTER_MS && liveEdges.get().isEmpty()) {
      sinceMs = nowMs;
      heard = false;
    }
    long silentMs = nowMs - Math.max(sinceMs, servingSinceMs);
    return silentMs >= (heard ? SILENCE_MAX_MS : FIRST_SILENCE_MAX_MS);
  }
}
