package stampede.sale.engine;

import java.util.Arrays;

/**
 * Rows of so many columns, numbered from 0; a column is a {@code long} or two {@code int}s, its
 * upper and its lower half. What is written together lies together: an array for each column would
 * cost a cache line for each, and lines that are equally far into big arrays push one another out
 * of the cache. Grows by pages, so that nothing is copied but the first one; the collector copies
 * none, see {@link ByteArena#PAGE_BYTES_MAX}.
 */
final class Rows {
  private static final int ROWS_MIN = 64;

  private final int columns;
  private final int pageBits;
  private final int rowMask;
  private long[][] pages;
  private int capacity = ROWS_MIN;

  Rows(int columns) {
    this.columns = columns;
    pageBits = 31 - Integer.numberOfLeadingZeros(ByteArena.PAGE_BYTES_MAX / (8 * columns));
    rowMask = (1 << pageBits) - 1;
    pages = new long[][] {new long[ROWS_MIN * columns]};
  }

  /** Makes room for {@code row}, the one behind the last; it is all zeros. */
  void reserve(int row) {
    if (row < capacity) {
      return;
    }
    if (capacity <= rowMask) {
      capacity *= 2;
      pages[0] = Arrays.copyOf(pages[0], capacity * columns);
    } else {
      int page = capacity >>> pageBits;
      if (page == pages.length) {
        pages = Arrays.copyOf(pages, 2 * page);
      }
      pages[page] = new long[pages[0].length];
      capacity += 1 << pageBits;
    }
  }

  long get(int row, int column) {
    return pages[row >>> pageBits][at(row, column)];
  }

  void set(int row, int column, long value) {
    pages[row >>> pageBits][at(row, column)] = value;
  }

  int upper(int row, int column) {
    return (int) (get(row, column) >> 32);
  }

  int lower(int row, int column) {
    return (int) get(row, column);
  }

  void setUpper(int row, int column, int value) {
    set(row, column, pair(value, lower(row, column)));
  }

  void setLower(int row, int column, int value) {
    set(row, column, pair(upper(row, column), value));
  }

  static long pair(int upper, int lower) {
    return (long) upper << 32 | lower & 0xffff_ffffL;
  }

  private int at(int row, int column) {
    return (row & rowMask) * columns + column;
  }
}
