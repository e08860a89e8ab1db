package stampede.sale.engine;

/**
 * Finds entries of other tables (dense numbers from 0) by a 64-bit hash of their key. Keeps no
 * keys: the caller compares. Open addressing; nothing is ever removed. A slot is the upper half of
 * the hash and the entry + 1, so that growing needs no keys.
 *
 * <p>Eight slots are a group, filled from the first. Each slot has a tag of one byte, and a group's
 * tags are one word, so that a look-up that misses, as that of every shopper who is new or refused,
 * reads nothing else: of a million entries the tags are 2 MB, which stay in the cache, while the
 * slots do not. Nearly always the first word says that it is a miss: no branch is guessed wrong,
 * and the processor looks for the next shopper while it still waits for this one's word.
 *
 * <pre>
 *   for (int slot = index.first(hash); slot &gt;= 0; slot = index.next(hash, slot)) {
 *     if (theirs(index.entry(slot)).equals(mine)) …
 * </pre>
 */
final class HashIndex {
  private static final int GROUPS_MIN = 8;
  private static final int GROUPS_LARGE = 1 << 13; // half a megabyte of slots
  private static final long LOWS = 0x0101_0101_0101_0101L;
  private static final long HIGHS = 0x8080_8080_8080_8080L;

  /** A group's tags, the first slot's lowest; 0 = the slot is free. */
  private long[] tags = new long[GROUPS_MIN];

  private long[] slots = new long[8 * GROUPS_MIN];
  private int size;

  /** The first slot whose entry may have this hash; −1 = none. */
  int first(long hash) {
    long[] tags = this.tags;
    int group = (int) (hash >>> 32) & (tags.length - 1);
    long word = tags[group];
    return same(word, hash) == 0 && hasFree(word) ? -1 : seek(hash, group, -1L);
  }

  /** The next such slot after {@code slot}; −1 = none. */
  int next(long hash, int slot) {
    int after = (slot + 1) & (slots.length - 1);
    return seek(hash, after >>> 3, -1L << 8 * (after & 7));
  }

  /** Whether it is larger than what stays in the cache by itself. */
  boolean isLarge() {
    return tags.length >= GROUPS_LARGE;
  }

  /**
   * Brings into the cache what adding an entry of this hash reads and writes. The result says
   * nothing; it must be used, or nothing is read.
   */
  long touch(long hash) {
    int group = (int) (hash >>> 32) & (tags.length - 1);
    return tags[group] ^ slots[8 * group];
  }

  /** The same for what a look-up that misses reads. */
  long glance(long hash) {
    return tags[(int) (hash >>> 32) & (tags.length - 1)];
  }

  int entry(int slot) {
    return (int) slots[slot] - 1;
  }

  void add(long hash, int entry) {
    if (++size * 5L > slots.length * 3L) {
      grow();
    }
    place(hash >>> 32 << 32 | (entry + 1));
  }

  /**
   * @param bits of the first group's word that count
   */
  private int seek(long hash, int group, long bits) {
    while (true) {
      long word = tags[group];
      for (long same = same(word, hash) & bits; same != 0; same &= same - 1) {
        int slot = 8 * group + (Long.numberOfTrailingZeros(same) >>> 3);
        if (slots[slot] >>> 32 == hash >>> 32) {
          return slot;
        }
      }
      if (hasFree(word)) {
        return -1;
      }
      group = (group + 1) & (tags.length - 1);
      bits = -1L;
    }
  }

  private void grow() {
    long[] smaller = slots;
    slots = new long[smaller.length * 2];
    tags = new long[tags.length * 2];
    for (long slot : smaller) {
      if (slot != 0) {
        place(slot);
      }
    }
  }

  private void place(long value) {
    int group = (int) (value >>> 32) & (tags.length - 1);
    while (!hasFree(tags[group])) {
      group = (group + 1) & (tags.length - 1);
    }
    int free = Long.numberOfTrailingZeros(~tags[group] & HIGHS) >>> 3;
    tags[group] |= tag(value) << 8 * free;
    slots[8 * group + free] = value;
  }

  private static boolean hasFree(long word) {
    return (~word & HIGHS) != 0;
  }

  /**
   * The highest bit of each byte that is this hash's tag, and perhaps of ones above such a byte.
   */
  private static long same(long word, long hash) {
    long differs = word ^ tag(hash) * LOWS;
    return differs - LOWS & ~differs & HIGHS;
  }

  /** Of the bits that say least about the group; its highest bit is set. */
  private static long tag(long hash) {
    return hash >>> 57 | 0x80;
  }
}
