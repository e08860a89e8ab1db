package stampede.sale.engine;

import stampede.protocol.Bytes;

/**
 * A number over the whole state, computed anew from all of it: equal wherever the same events were
 * applied, in one go or after a restart. Costs some 200 ns an order, so it can be taken in steps;
 * it means something only if no event was applied between the first and the last.
 */
public final class StateHash {
  private final SaleState state;
  private long value;
  private int part;
  private boolean partBegun;
  private int next;

  StateHash(SaleState state) {
    this.state = state;
    state.canonicalHead(this::add);
  }

  /**
   * Takes in so many more orders, claims and payments, and behind the last of them the rest.
   *
   * @return true: {@link #value} is the hash; not to be called again
   */
  public boolean advance(int records) {
    int left = records;
    for (; part < SaleState.PARTS; part++) {
      int all = state.records(part);
      if (!partBegun) {
        add(all);
        partBegun = true;
        next = 0;
      }
      int to = (int) Math.min(all, (long) next + left);
      state.canonicalRecords(part, next, to, this::add);
      left -= to - next;
      next = to;
      if (to < all) {
        return false;
      }
      partBegun = false;
    }
    state.canonicalTail(this::add);
    return true;
  }

  public long value() {
    return value;
  }

  private void add(long number) {
    value = Bytes.mix64(value * 31 + number);
  }
}
