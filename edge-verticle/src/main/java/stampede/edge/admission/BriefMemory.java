package stampede.edge.admission;

import stampede.protocol.Bytes;

/**
 * What is remembered of very many for a while: number → number, in two arrays that are made once,
 * so that nothing grows and nothing is left to collect while a crowd is here. A key has eight
 * places it may be in; when others hold them all, the smallest value goes. Values are times or
 * begin with one, so what goes is what matters least; whoever is forgotten is let in once too often
 * and no more. Keys are hashes: two that are alike in 64 bits are taken for one.
 */
final class BriefMemory {
  static final long UNKNOWN = Long.MIN_VALUE;

  private static final int WAYS = 8;

  private final int capacity;
  private long[] keys = {};
  private long[] values = {};

  /**
   * @param entriesMax rounded down to a power of two, at least 8; 16 bytes each, taken at the first
   *     use
   */
  BriefMemory(int entriesMax) {
    capacity = Math.max(WAYS, Integer.highestOneBit(entriesMax));
  }

  long get(long key) {
    int at = find(key);
    return at < 0 ? UNKNOWN : values[at];
  }

  void put(long key, long value) {
    if (keys.length == 0) {
      keys = new long[capacity];
      values = new long[capacity];
    }
    int first = firstOf(key);
    long wanted = stored(key);
    int place = first;
    for (int at = first; at < first + WAYS; at++) {
      if (keys[at] == wanted) {
        values[at] = value;
        return;
      }
      boolean free = keys[at] == 0;
      if (keys[place] != 0 && (free || values[at] < values[place])) {
        place = at;
      }
    }
    keys[place] = wanted;
    values[place] = value;
  }

  void remove(long key) {
    int at = find(key);
    if (at >= 0) {
      keys[at] = 0;
    }
  }

  /** Walks over everything: for tests. */
  int size() {
    int size = 0;
    for (long key : keys) {
      size += key == 0 ? 0 : 1;
    }
    return size;
  }

  private int find(long key) {
    if (keys.length == 0) {
      return -1;
    }
    int first = firstOf(key);
    long wanted = stored(key);
    for (int at = first; at < first + WAYS; at++) {
      if (keys[at] == wanted) {
        return at;
      }
    }
    return -1;
  }

  private int firstOf(long key) {
    return (int) Bytes.mix64(key) & (capacity - 1) & -WAYS;
  }

  /** 0 is an empty place. */
  private static long stored(long key) {
    return key == 0 ? 1 : key;
  }
}
