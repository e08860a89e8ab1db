package stampede.edge.management.live;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import stampede.protocol.Outcome;
import stampede.protocol.SaleFigures;

/** The last {@value #SECONDS} seconds, in rings of fixed size. */
final class History {
  static final int SECONDS = 900;

  /** Items whose lines are kept: 2 MB. */
  static final int ITEMS_MAX = 200;

  /** No figure for that second. */
  static final long NONE = -1;

  /** What is there at a moment, beside {@link Counts}. */
  enum Gauge {
    AVAILABLE("available"),
    HELD("held"),
    SOLD("sold"),
    QUEUE("queue"),
    DRAIN_LAG_MS("drainLagMs"),
    SOCKETS("sockets"),
    EVENT_LOOP_DELAY_MS("eventLoopDelayMs");

    private final String text;

    Gauge(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  private static final class Line {
    private final int[] available = filled();
    private final int[] held = filled();
    private final int[] sold = filled();
    private long lastAt;

    private static int[] filled() {
      int[] units = new int[SECONDS];
      Arrays.fill(units, (int) NONE);
      return units;
    }
  }

  private final long[][] counts = new long[Counts.SIZE][SECONDS];
  private final long[][] gauges = new long[Gauge.values().length][SECONDS];
  private final Map<Long, Line> lines = new HashMap<>();
  private long seconds;

  /** Begins the next second; what is put until the next call belongs to it. */
  void next(long[] grown, long[] levels) {
    int at = (int) (seconds % SECONDS);
    for (int i = 0; i < counts.length; i++) {
      counts[i][at] = grown[i];
    }
    for (int i = 0; i < gauges.length; i++) {
      gauges[i][at] = levels[i];
    }
    for (Line line : lines.values()) {
      line.available[at] = (int) NONE;
      line.held[at] = (int) NONE;
      line.sold[at] = (int) NONE;
    }
    seconds++;
  }

  /** Of the second begun last. An item beyond {@value #ITEMS_MAX} takes the place of a past one. */
  void put(SaleFigures.Item item) {
    Line line = lines.get(item.item());
    if (line == null) {
      if (lines.size() >= ITEMS_MAX && !dropPast()) {
        return;
      }
      line = new Line();
      lines.put(item.item(), line);
    }
    int at = (int) ((seconds - 1) % SECONDS);
    line.available[at] = (int) item.available(); // at most 5 million
    line.held[at] = (int) item.held();
    line.sold[at] = (int) item.sold();
    line.lastAt = seconds;
  }

  /** The one not heard of for the longest, if any is not heard of now. */
  private boolean dropPast() {
    Map.Entry<Long, Line> oldest = null;
    for (Map.Entry<Long, Line> each : lines.entrySet()) {
      if (oldest == null || each.getValue().lastAt < oldest.getValue().lastAt) {
        oldest = each;
      }
    }
    boolean past = oldest != null && oldest.getValue().lastAt < seconds - 1;
    if (past) {
      lines.remove(oldest.getKey());
    }
    return past;
  }

  /**
   * {@code
   * {"stepMs","seconds","perSecond":{"shakes":[…],"accepted",…,"outcomes":{…}},"now":{"held":
   * […],…}}}, the oldest first; null = not known. Outcomes that never came are left out.
   */
  JsonObject json(int wanted) {
    int length = (int) Math.min(Math.min(wanted, SECONDS), seconds);
    JsonObject outcomes = new JsonObject();
    for (Outcome outcome : Outcome.values()) {
      long[] ring = counts[Counts.of(outcome)];
      if (Arrays.stream(ring).anyMatch(count -> count != 0)) {
        outcomes.put(outcome.text(), array(ring, length));
      }
    }
    JsonObject perSecond =
        new JsonObject()
            .put("shakes", array(counts[Counts.SHAKES], length))
            .put("accepted", array(counts[Counts.ACCEPTED], length))
            .put("paid", array(counts[Counts.PAID], length))
            .put("released", array(counts[Counts.RELEASED], length))
            .put("outcomes", outcomes);
    JsonObject now = new JsonObject();
    for (Gauge gauge : Gauge.values()) {
      now.put(gauge.text, array(gauges[gauge.ordinal()], length));
    }
    return new JsonObject()
        .put("stepMs", LiveFigures.SECOND_MS)
        .put("seconds", length)
        .put("perSecond", perSecond)
        .put("now", now);
  }

  /** {@code {"available":[…],"held":[…],"sold":[…]}}; empty = nothing is known of it. */
  JsonObject json(long item, int wanted) {
    Line line = lines.get(item);
    if (line == null) {
      return new JsonObject();
    }
    int length = (int) Math.min(Math.min(wanted, SECONDS), seconds);
    return new JsonObject()
        .put("available", array(line.available, length))
        .put("held", array(line.held, length))
        .put("sold", array(line.sold, length));
  }

  private JsonArray array(long[] ring, int length) {
    JsonArray values = new JsonArray();
    for (long at = seconds - length; at < seconds; at++) {
      add(ring[(int) (at % SECONDS)], values);
    }
    return values;
  }

  private JsonArray array(int[] ring, int length) {
    JsonArray values = new JsonArray();
    for (long at = seconds - length; at < seconds; at++) {
      add(ring[(int) (at % SECONDS)], values);
    }
    return values;
  }

  private static void add(long value, JsonArray to) {
    if (value == NONE) {
      to.addNull();
    } else {
      to.add(value);
    }
  }
}
