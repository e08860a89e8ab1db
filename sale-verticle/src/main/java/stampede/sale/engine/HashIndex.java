package stampede.sale.engine;

/**
 * Finds entries of other tables (dense numbers from 0) by a 64-bit hash of their key. Keeps no
 * keys: the caller compares. Open addressing; nothing is ever removed. A slot is the upper half of
 * the hash and the entry + 1, so that growing needs no keys.
 *
 * <p>Before each slot stands a tag of one byte, so that a look-up that misses, as that of every
 * shopper who is refused, reads nothing else: of a million entries the tags are 2 MB, which stay in
 * the cache, while the slots do not.
 *
 * <pre>
 *   for (int slot = index.first(hash); slot &gt;= 0; slot = index.next(hash, slot)) {
 *     if (theirs(index.entry(slot)).equals(mine)) …
 * </pre>
 */
final class HashIndex {
  private static final int CAPACITY_MIN = 64;

  /** 0 = the slot is free. */
  private byte[] tags = new byte[CAPACITY_MIN];

  private long[] slots = new long[CAPACITY_MIN];
  private int size;

  /** The first slot whose entry may have this hash; −1 = none. */
  int first(long hash) {
    return seek(hash, (int) (hash >>> 32) & (tags.length - 1));
  }

  /** The next such slot after {@code slot}; −1 = none. */
  int next(long hash, int slot) {
    return seek(hash, (slot + 1) & (tags.length - 1));
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

  private int seek(long hash, int slot) {
    byte[] tags = this.tags;
    int mask = tags.length - 1;
    byte tag = tag(hash);
    for (byte found = tags[slot]; found != 0; found = tags[slot]) {
      if (found == tag && slots[slot] >>> 32 == hash >>> 32) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  private void grow() {
    long[] smaller = slots;
    slots = new long[smaller.length * 2];
    tags = new byte[slots.length];
    for (long slot : smaller) {
      if (slot != 0) {
        place(slot);
      }
    }
  }

  private void place(long value) {
    int mask = tags.length - 1;
    int slot = (int) (value >>> 32) & mask;
    while (tags[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    tags[slot] = tag(value);
    slots[slot] = value;
  }

  /** Of the bits that say least about the slot; never 0. */
  private static byte tag(long hash) {
    return (byte) (hash >>> 57 | 0x80);
  }
}
