package stampede.edge.admission;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.EdgeLimit;
import stampede.protocol.port.Timers;

/**
 * Holds suspects back for a while and then lets them on: a suspicion may be wrong, so it costs time
 * and nothing else. One line for all, in order. On the edge's event loop.
 */
public final class SlowLane {
  private static final long RETRY_MS_MIN = 500;

  private final LiveLimits limits;
  private final Timers timers;
  private final Consumer<Place> letOn;
  private final ArrayDeque<Place> places = new ArrayDeque<>();
  private Timers.@Nullable Timer next;
  private long nextNumber;

  /**
   * @param letOn takes one whose time has come
   */
  public SlowLane(LiveLimits limits, Timers timers, Consumer<Place> letOn) {
    this.limits = limits;
    this.timers = timers;
    this.letOn = letOn;
  }

  /** {@link Rule#GO_ON}, or after how many milliseconds to come again. */
  long waitMs(long nowMs) {
    return places.size() < limits.of(EdgeLimit.SLOW_LANE_MAX)
        ? Rule.GO_ON
        : Math.max(RETRY_MS_MIN, places.getFirst().dueMs - nowMs);
  }

  public boolean open() {
    return limits.of(EdgeLimit.SLOW_LANE_DELAY_MS) > 0;
  }

  /** The caller has asked for room. */
  public void enter(Place place) {
    long dueMs = timers.millis() + limits.of(EdgeLimit.SLOW_LANE_DELAY_MS);
    // who came earlier leaves earlier, even if the delay has been shortened since
    place.dueMs = places.isEmpty() ? dueMs : Math.max(dueMs, places.getLast().dueMs);
    place.number = nextNumber++;
    place.inSlowLane = true;
    places.addLast(place);
    arm();
  }

  public int waiting() {
    return places.size();
  }

  /** Suspects before it, and itself; 0 = it is not here. */
  public int ahead(Place place) {
    return place.inSlowLane ? (int) (place.number - places.getFirst().number) + 1 : 0;
  }

  /** Until it is let on. */
  public long etaMs(Place place) {
    return Math.max(0, place.dueMs - timers.millis());
  }

  private void arm() {
    if (next == null && !places.isEmpty()) {
      long delayMs = Math.max(1, places.getFirst().dueMs - timers.millis());
      next = timers.after(delayMs, this::letOnDue);
    }
  }

  private void letOnDue() {
    next = null;
    try {
      while (!places.isEmpty() && places.getFirst().dueMs <= timers.millis()) {
        Place place = places.removeFirst();
        place.inSlowLane = false;
        letOn.accept(place);
      }
    } finally {
      arm();
    }
  }
}
