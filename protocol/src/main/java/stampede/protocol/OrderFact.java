package stampede.protocol;

/**
 * An order as its owner knows it. Times are epoch milliseconds by the journal's clock, 0 = not yet.
 *
 * @param payment that paid it, empty while unpaid
 * @param releaseReason empty unless released
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
    String releaseReason) {}
