package stampede.sale.engine;

import java.util.Arrays;
import stampede.protocol.Bytes;

/**
 * Many short byte strings in few large pages: a million of them are a few hundred objects to the
 * garbage collector, not millions. Only grows, to 2 GB at most; a reference is valid for ever.
 */
final class ByteArena {
  private static final int PAGE_BITS = 16;
  private static final int PAGE_BYTES = 1 << PAGE_BITS;

  private byte[][] pages = new byte[8][];
  private int page = -1;
  private int used = PAGE_BYTES;

  /** Where {@code value} is from now on. */
  int add(Bytes value) {
    if (used + 1 + value.length() > PAGE_BYTES) {
      nextPage();
    }
    int ref = page << PAGE_BITS | used;
    pages[page][used] = (byte) value.length();
    value.copyTo(pages[page], used + 1);
    used += 1 + value.length();
    return ref;
  }

  boolean same(int ref, Bytes value) {
    byte[] bytes = pages[ref >>> PAGE_BITS];
    int at = ref & (PAGE_BYTES - 1);
    return bytes[at] == value.length() && value.sameAs(bytes, at + 1, value.length());
  }

  Bytes get(int ref) {
    byte[] bytes = pages[ref >>> PAGE_BITS];
    int at = ref & (PAGE_BYTES - 1);
    return Bytes.of("value", Arrays.copyOfRange(bytes, at + 1, at + 1 + bytes[at]));
  }

  /** The same as {@code get(ref).hash64()}. */
  long hash64(int ref) {
    byte[] bytes = pages[ref >>> PAGE_BITS];
    int at = ref & (PAGE_BYTES - 1);
    return Bytes.hash64(bytes, at + 1, bytes[at]);
  }

  private void nextPage() {
    if (++page == 1 << (31 - PAGE_BITS)) {
      throw new IllegalStateException("more than 2 GB of ids in one partition");
    }
    if (page == pages.length) {
      pages = Arrays.copyOf(pages, pages.length * 2);
    }
    pages[page] = new byte[PAGE_BYTES];
    used = 0;
  }
}
