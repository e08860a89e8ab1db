package stampede.edge;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import stampede.protocol.Bytes;

/**
 * Until when a user's next shake of an item is held back. Bounded: when full the oldest entry goes,
 * which only lets one shake through early; the limit that counts is the owner's.
 */
final class Cooldown {
  private static final int CLEANED_A_START = 4;

  private record Pair(Bytes user, long item) {}

  private final int entriesMax;
  private final Map<Pair, Long> untilMs = new LinkedHashMap<>();

  Cooldown(int entriesMax) {
    this.entriesMax = entriesMax;
  }

  /** 0 = may shake. */
  long remainingMs(Bytes user, long item, long nowMs) {
    Long until = untilMs.get(new Pair(user, item));
    return until == null ? 0 : Math.max(0, until - nowMs);
  }

  void start(Bytes user, long item, long nowMs, long lengthMs) {
    Pair pair = new Pair(user, item);
    untilMs.remove(pair); // so that it is the youngest again
    clean(nowMs);
    untilMs.put(pair, nowMs + lengthMs);
  }

  /** The shake that started it was not passed on after all. */
  void forget(Bytes user, long item) {
    untilMs.remove(new Pair(user, item));
  }

  int size() {
    return untilMs.size();
  }

  /** A little at every start, so that nothing walks the whole map. */
  private void clean(long nowMs) {
    Iterator<Long> oldest = untilMs.values().iterator();
    for (int i = 0; i < CLEANED_A_START && oldest.hasNext(); i++) {
      boolean over = oldest.next() <= nowMs;
      if (over || untilMs.size() >= entriesMax) {
        oldest.remove();
      }
    }
  }
}
