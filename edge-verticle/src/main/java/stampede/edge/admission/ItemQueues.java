package stampede.edge.admission;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.EdgeLimit;
import stampede.protocol.port.Timers;

/**
 * A line an item, in front of its partition's queue. Only so many shakes of one item are beyond it
 * at the same time, each answer lets the next one on: so a hot item waits in its own line, and what
 * the other items of its partition find before them is bounded. First come, first served; nobody
 * waits longer than {@value #WAIT_MS_MAX} ms, the slow lane included. On the edge's event loop.
 */
public final class ItemQueues {
  /** Together with a command's life of ten seconds the longest an answer takes. */
  public static final long WAIT_MS_MAX = 2_000;

  private static final long SWEEP_EVERY_MS = 100;
  private static final long RETRY_MS_MIN = 500;

  private final LiveLimits limits;
  private final Timers timers;
  private final int waitingMax;
  private final Consumer<Place> pass;
  private final ObjLongConsumer<Place> gaveUp;
  private final Map<Long, Line> lines = new HashMap<>();
  private Timers.@Nullable Timer sweep;
  private int waiting;

  /** Of one item. */
  static final class Line {
    final ArrayDeque<Place> places = new ArrayDeque<>();
    final Pace pace = new Pace();
    long nextNumber;
    int inFlight;
    boolean moving;
  }

  /**
   * @param waitingMax shakes waiting, of all items together
   * @param pass takes the next one on; it may be answered within the call
   * @param gaveUp takes one that waited too long, with when to come again in ms
   */
  public ItemQueues(
      LiveLimits limits,
      Timers timers,
      int waitingMax,
      Consumer<Place> pass,
      ObjLongConsumer<Place> gaveUp) {
    this.limits = limits;
    this.timers = timers;
    this.waitingMax = waitingMax;
    this.pass = pass;
    this.gaveUp = gaveUp;
  }

  /** {@link Rule#GO_ON}, or after how many milliseconds to come again. */
  long waitMs(long item, long nowMs) {
    Line line = lines.get(item);
    int before = line == null ? 0 : line.places.size();
    boolean goesOnAtOnce = before == 0 && (line == null || hasCredit(line));
    boolean room =
        goesOnAtOnce || before < limits.of(EdgeLimit.ITEM_QUEUE_MAX) && waiting < waitingMax;
    return room ? Rule.GO_ON : retryMs(line, nowMs);
  }

  /** To its place in the line, or on at once. The caller has asked for room. */
  public void enter(Place place) {
    Line line = lines.computeIfAbsent(place.item, item -> new Line());
    place.line = line;
    place.number = line.nextNumber++;
    place.inItemQueue = true;
    line.places.addLast(place);
    waiting++;
    move(line);
    forgetIfEmpty(place.item, line);
    armSweep();
  }

  /** One that was passed on has its answer. */
  public void answered(Place place) {
    Line line = place.line;
    if (line != null) {
      place.line = null;
      line.inFlight--;
      move(line);
      forgetIfEmpty(place.item, line);
    }
  }

  public int waiting() {
    return waiting;
  }

  /** Shakes of its item before it, those without an answer included; 0 = it is not in line. */
  public int ahead(Place place) {
    Line line = place.line;
    return line == null || !place.inItemQueue
        ? 0
        : (int) (place.number - line.places.getFirst().number) + line.inFlight;
  }

  /** 0 = unknown. */
  public long etaMs(Place place) {
    Line line = place.line;
    return line == null ? 0 : line.pace.etaMs(ahead(place), timers.millis());
  }

  /** A loop and no recursion: an answer that comes within the call makes room for the next. */
  private void move(Line line) {
    if (line.moving) {
      return;
    }
    line.moving = true;
    try {
      while (!line.places.isEmpty() && hasCredit(line)) {
        Place place = leave(line);
        line.inFlight++;
        line.pace.left(1, timers.millis());
        pass.accept(place);
      }
    } finally {
      line.moving = false;
    }
  }

  private boolean hasCredit(Line line) {
    return line.inFlight < limits.of(EdgeLimit.ITEM_IN_FLIGHT_MAX);
  }

  private Place leave(Line line) {
    Place place = line.places.removeFirst();
    place.inItemQueue = false;
    waiting--;
    return place;
  }

  private void forgetIfEmpty(long item, Line line) {
    if (line.places.isEmpty() && line.inFlight == 0 && !line.moving) {
      lines.remove(item, line);
    }
  }

  private void armSweep() {
    if (sweep == null && waiting > 0) {
      sweep = timers.after(SWEEP_EVERY_MS, this::sweep);
    }
  }

  private void sweep() {
    sweep = null;
    long nowMs = timers.millis();
    List<Map.Entry<Place, Long>> late = new ArrayList<>();
    for (Line line : lines.values()) {
      while (!line.places.isEmpty() && nowMs - line.places.getFirst().arrivedMs >= WAIT_MS_MAX) {
        late.add(Map.entry(leave(line), retryMs(line, nowMs)));
      }
    }
    late.forEach(each -> gaveUp.accept(each.getKey(), each.getValue()));
    armSweep();
  }

  private static long retryMs(@Nullable Line line, long nowMs) {
    long etaMs = line == null ? 0 : line.pace.etaMs(line.places.size(), nowMs);
    return Math.max(RETRY_MS_MIN, etaMs);
  }
}
