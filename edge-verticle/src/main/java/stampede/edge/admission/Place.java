package stampede.edge.admission;

import org.jspecify.annotations.Nullable;

/**
 * A shake between the door and its partition's queue: held back, then in its item's line. Made by
 * the desk; what is in it belongs to the two lines.
 */
public abstract class Place {
  final long item;

  /** Monotonic; the longest wait counts from here. */
  final long arrivedMs;

  /** Its item's, from when it entered until it has its answer. */
  ItemQueues.@Nullable Line line;

  /** In the line it stands in; the first has the smallest. */
  long number;

  /** When it leaves the slow lane. */
  long dueMs;

  boolean inSlowLane;
  boolean inItemQueue;

  protected Place(long item, long arrivedMs) {
    this.item = item;
    this.arrivedMs = arrivedMs;
  }

  public final long item() {
    return item;
  }
}
