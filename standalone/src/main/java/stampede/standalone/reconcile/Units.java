package stampede.standalone.reconcile;

import java.util.Map;

/**
 * What became of all units that were ever for sale.
 *
 * @param unaccounted neither available nor held nor sold, or more than one of these, item by item:
 *     nothing is oversold and nothing lost if there are none
 */
record Units(long stock, long available, long held, long sold, long unaccounted) {
  static final Units NONE = new Units(0, 0, 0, 0, 0);

  static Units of(Map<Long, Booked.Stock> items) {
    Units all = NONE;
    for (Booked.Stock item : items.values()) {
      long astray = item.stock() - item.available() - item.held() - item.sold();
      all =
          all.plus(
              new Units(
                  item.stock(), item.available(), item.held(), item.sold(), Math.abs(astray)));
    }
    return all;
  }

  Units plus(Units other) {
    return new Units(
        stock + other.stock,
        available + other.available,
        held + other.held,
        sold + other.sold,
        unaccounted + other.unaccounted);
  }

  @Override
  public String toString() {
    return stock
        + " units = "
        + available
        + " available + "
        + held
        + " held + "
        + sold
        + " sold, unaccounted "
        + unaccounted;
  }
}
