package stampede.sale.engine;

import java.util.Arrays;
import stampede.protocol.Bytes;

/**
 * Many short byte strings in few large pages: a million of them are a few hundred objects to the
 * garbage collector, not millions. Only grows, to 2 GB at most; a reference is valid for ever.
 */
final class ByteArena {
  private static final int PAGE_BITS = 20;
  private static final int OFFSET_MASK = (1 << PAGE_BITS) - 1;
  private static final int FIRST_PAGE_BYTES_MIN = 1 << 12;

  /**
   * With its header just a G1 region of a heap of up to 4 GB: the collector never copies objects
   * larger than half a region, and one that were larger than a region would take two.
   */
  static final int PAGE_BYTES_MAX = (1 << PAGE_BITS) - 16;

  private byte[][] pages = {new byte[FIRST_PAGE_BYTES_MIN]};
  private int page;
  private int used;

  /** Where {@code value} is from now on. */
  int add(Bytes value) {
    if (used + 1 + value.length() > pages[page].length) {
      grow();
    }
    int ref = page << PAGE_BITS | used;
    pages[page][used] = (byte) value.length();
    value.copyTo(pages[page], used + 1);
    used += 1 + value.length();
    return ref;
  }

  boolean same(int ref, Bytes value) {
    byte[] bytes = pages[ref >>> PAGE_BITS];
    int at = ref & OFFSET_MASK;
    return bytes[at] == value.length() && value.sameAs(bytes, at + 1, value.length());
  }

  Bytes get(int ref) {
    byte[] bytes = pages[ref >>> PAGE_BITS];
    int at = ref & OFFSET_MASK;
    return Bytes.of("value", Arrays.copyOfRange(bytes, at + 1, at + 1 + bytes[at]));
  }

  /** The same as {@code get(ref).hash64()}. */
  long hash64(int ref) {
    byte[] bytes = pages[ref >>> PAGE_BITS];
    int at = ref & OFFSET_MASK;
    return Bytes.hash64(bytes, at + 1, bytes[at]);
  }

  private void grow() {
    int bytes = pages[page].length;
    if (bytes < PAGE_BYTES_MAX) {
      pages[page] = Arrays.copyOf(pages[page], Math.min(2 * bytes, PAGE_BYTES_MAX));
      return;
    }
    if (++page == 1 << (31 - PAGE_BITS)) {
      throw new IllegalStateException("more than 2 GB of ids in one partition");
    }
    if (page == pages.length) {
      pages = Arrays.copyOf(pages, pages.length * 2);
    }
    pages[page] = new byte[PAGE_BYTES_MAX];
    used = 0;
  }
}
