package stampede.persist.reconcile;

/**
 * An item's units.
 *
 * @param position of the last event that changed them
 */
public record StockRow(long item, long available, long held, long sold, long stock, long position) {
  boolean balances() {
    return available >= 0 && held >= 0 && sold >= 0 && available + held + sold == stock;
  }

  String units() {
    return "available " + available + ", held " + held + ", sold " + sold + ", stock " + stock;
  }
}
