package stampede.protocol;

/**
 * An order as its owner knows it. Times are epoch milliseconds by the journal's clock, 0 = not yet.
 *
 * @param payment that paid it, empty while unpaid
 * @param releaseReason empty unless released
 * @param claimBy until when a user must claim it; 0 = no device shook for it
 * @param claimedBy that user, empty while unclaimed
 */
public record OrderFact(
    long order,
    long item,
    Bytes user,
    Bytes key,
    int quantity,
    long price,
    String currency,
    OrderStatus status,
    long acceptedAt,
    long payBy,
    long paidAt,
    Bytes payment,
    long releasedAt,
    String releaseReason,
    long claimBy,
    Bytes claimedBy,
    long claimedAt) {

  /** Of a user who has signed in before. */
  public OrderFact(
      long order,
      long item,
      Bytes user,
      Bytes key,
      int quantity,
      long price,
      String currency,
      OrderStatus status,
      long acceptedAt,
      long payBy,
      long paidAt,
      Bytes payment,
      long releasedAt,
      String releaseReason) {
    this(
        order,
        item,
        user,
        key,
        quantity,
        price,
        currency,
        status,
        acceptedAt,
        payBy,
        paidAt,
        payment,
        releasedAt,
        releaseReason,
        0,
        Bytes.EMPTY,
        0);
  }

  /** Paid, or released; whichever it is not has zeros and nothing. */
  public OrderFact ended(OrderStatus as, long paidAtMs, Bytes by, long releasedAtMs, String why) {
    return new OrderFact(
        order,
        item,
        user,
        key,
        quantity,
        price,
        currency,
        as,
        acceptedAt,
        payBy,
        paidAtMs,
        by,
        releasedAtMs,
        why,
        claimBy,
        claimedBy,
        claimedAt);
  }

  /** The user who signed in for it has it too from then on. */
  public OrderFact claimed(Bytes by, long atMs) {
    return new OrderFact(
        order,
        item,
        user,
        key,
        quantity,
        price,
        currency,
        status,
        acceptedAt,
        payBy,
        paidAt,
        payment,
        releasedAt,
        releaseReason,
        claimBy,
        by,
        atMs);
  }
}
