package stampede.edge.management.live;

import io.vertx.core.json.JsonObject;
import stampede.protocol.Outcome;

/**
 * What only grows: shakes, answers by outcome, orders. Sums what many sources count since starts of
 * their own.
 */
final class Counts {
  static final int SHAKES = 0;
  static final int ACCEPTED = 1;
  static final int PAID = 2;
  static final int RELEASED = 3;
  private static final int OUTCOMES = 4;
  static final int SIZE = OUTCOMES + Outcome.values().length;

  private Counts() {}

  static int of(Outcome outcome) {
    return OUTCOMES + outcome.ordinal();
  }

  /** Of an edge; members that are missing or of an unknown kind count nothing. */
  static long[] ofEdge(JsonObject said) {
    long[] counts = new long[SIZE];
    counts[SHAKES] = whole(said, "shakes");
    if (said.getValue("outcomes") instanceof JsonObject outcomes) {
      for (Outcome outcome : Outcome.values()) {
        counts[of(outcome)] = whole(outcomes, outcome.text());
      }
    }
    return counts;
  }

  static long whole(JsonObject said, String member) {
    return said.getValue(member) instanceof Number number ? Math.max(0, number.longValue()) : 0;
  }

  /** What came since {@code before}; a source that began anew counts from 0. */
  static void addGrowth(long[] before, long[] now, long[] to) {
    for (int i = 0; i < SIZE; i++) {
      to[i] += now[i] >= before[i] ? now[i] - before[i] : now[i];
    }
  }
}
