package stampede.rig.chaos;

/**
 * An item the crowd shakes for.
 *
 * @param price of a unit, minor units of {@value #CURRENCY}
 * @param scarce sold out most of the time
 */
record SaleOffer(
    String item, int partition, long price, int limitPerUser, long payWithinMs, boolean scarce) {
  static final String CURRENCY = "CNY";
}
