package stampede.sale.engine;

import java.util.Arrays;
import stampede.protocol.Bytes;

/** Byte strings numbered from 0 in the order they came. */
final class Interner {
  private final ByteArena arena = new ByteArena();
  private final HashIndex index = new HashIndex();
  private int[] refs = new int[64];
  private int size;

  int size() {
    return size;
  }

  /** Its number; −1 = never added. */
  int find(Bytes value) {
    long hash = value.hash64();
    for (int slot = index.first(hash); slot >= 0; slot = index.next(hash, slot)) {
      int number = index.entry(slot);
      if (arena.same(refs[number], value)) {
        return number;
      }
    }
    return -1;
  }

  /** Whether it is worth while to {@link #touch} or to {@link #glance}. */
  boolean isLarge() {
    return index.isLarge();
  }

  /** See {@link HashIndex#touch}. */
  long touch(Bytes value) {
    return index.touch(value.hash64());
  }

  /** See {@link HashIndex#glance}. */
  long glance(Bytes value) {
    return index.glance(value.hash64());
  }

  /** Its number, a new one if need be. */
  int intern(Bytes value) {
    int known = find(value);
    return known >= 0 ? known : add(value);
  }

  /** A new number for what {@link #find} does not find. */
  int add(Bytes value) {
    if (size == refs.length) {
      refs = Arrays.copyOf(refs, size + (size >> 1));
    }
    refs[size] = arena.add(value);
    index.add(value.hash64(), size);
    return size++;
  }

  boolean same(int number, Bytes value) {
    return arena.same(refs[number], value);
  }

  Bytes get(int number) {
    return arena.get(refs[number]);
  }

  long hash64(int number) {
    return arena.hash64(refs[number]);
  }
}
