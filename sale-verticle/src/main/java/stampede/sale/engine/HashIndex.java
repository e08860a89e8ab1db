package stampede.sale.engine;

/**
 * Finds entries of other tables (dense numbers from 0) by a 64-bit hash of their key. Keeps no
 * keys: the caller compares. Open addressing; nothing is ever removed. A slot is the upper half of
 * the hash and the entry + 1, so that a look-up that misses usually costs one cache line, and
 * growing needs no keys.
 *
 * <pre>
 *   for (int slot = index.first(hash); slot &gt;= 0; slot = index.next(hash, slot)) {
 *     if (theirs(index.entry(slot)).equals(mine)) …
 * </pre>
 */
final class HashIndex {
  private long[] slots = new long[64];
  private int size;

  /** The first slot whose entry may have this hash; −1 = none. */
  int first(long hash) {
    return seek(hash >>> 32, (int) (hash >>> 32) & (slots.length - 1));
  }

  /** The next such slot after {@code slot}; −1 = none. */
  int next(long hash, int slot) {
    return seek(hash >>> 32, (slot + 1) & (slots.length - 1));
  }

  int entry(int slot) {
    return (int) slots[slot] - 1;
  }

  void add(long hash, int entry) {
    if (++size * 5L > slots.length * 3L) {
      grow();
    }
    place(slots, hash >>> 32 << 32 | (entry + 1));
  }

  private int seek(long tag, int slot) {
    int mask = slots.length - 1;
    for (long found = slots[slot]; found != 0; found = slots[slot]) {
      if (found >>> 32 == tag) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  private void grow() {
    long[] larger = new long[slots.length * 2];
    for (long slot : slots) {
      if (slot != 0) {
        place(larger, slot);
      }
    }
    slots = larger;
  }

  private static void place(long[] slots, long value) {
    int mask = slots.length - 1;
    int slot = (int) (value >>> 32) & mask;
    while (slots[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    slots[slot] = value;
  }
}
