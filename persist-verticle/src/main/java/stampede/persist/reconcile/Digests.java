package stampede.persist.reconcile;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A number for each position: what is expected of the order accepted there. 0 = no order. What is
 * {@link #forgotten} is not known any more. 8 bytes a position, in pages.
 */
final class Digests {
  static final int PAGE = 4_096;

  private final Map<Long, long[]> pages = new HashMap<>();
  private final int pagesMax;
  private long forgotten;
  private long last;

  /**
   * @param forgotten positions up to here were never known
   */
  Digests(long forgotten, int positionsMax) {
    this.forgotten = forgotten;
    this.last = forgotten;
    this.pagesMax = Math.max(1, positionsMax / PAGE);
  }

  /** Of the last position; grows by one at a time. */
  void add(long position, long digest) {
    last = position;
    if (digest != 0) {
      long[] page = pages.get(position / PAGE);
      if (page == null) {
        page = new long[PAGE];
        pages.put(position / PAGE, page);
        forgetOldest(position / PAGE);
      }
      page[(int) (position % PAGE)] = digest;
    }
  }

  private void forgetOldest(long newest) {
    long oldest = newest - pagesMax + 1;
    if (oldest * PAGE - 1 > forgotten) {
      for (long page = forgotten / PAGE; page < oldest; page++) {
        pages.remove(page);
      }
      forgotten = oldest * PAGE - 1;
    }
  }

  void change(long position, long digest) {
    long @Nullable [] page = pages.get(position / PAGE);
    if (page == null || position <= forgotten) {
      throw new IllegalArgumentException("nothing is known at position " + position);
    }
    page[(int) (position % PAGE)] = digest;
  }

  long of(long position) {
    long[] page = pages.get(position / PAGE);
    return page == null || position <= forgotten ? 0 : page[(int) (position % PAGE)];
  }

  /** Positions up to here are not known. */
  long forgotten() {
    return forgotten;
  }

  /** The end of the next stretch behind {@code after} with {@code orders} orders, or less. */
  long stretch(long after, int orders, int positionsMax) {
    long end = after;
    long limit = Math.min(last, after + positionsMax);
    for (int found = 0; end < limit && found < orders; ) {
      end++;
      found += of(end) == 0 ? 0 : 1;
    }
    return end;
  }

  /** The position behind which the newest {@code orders} orders are, or fewer. */
  long newest(int orders, int positionsMax) {
    long start = last;
    long limit = Math.max(forgotten, last - positionsMax);
    for (int found = 0; start > limit && found < orders; start--) {
      found += of(start) == 0 ? 0 : 1;
    }
    return start;
  }
}
