package stampede.persist.reconcile;

import stampede.protocol.Bytes;

/**
 * An order as MySQL has it. Texts and bytes that are NULL are empty, numbers 0.
 *
 * @param refundPayment the first refund due
 * @param claimBy until when a user must have claimed it; 0 = it needs no claim
 * @param claimedBy that user; empty = nobody
 */
public record OrderRow(
    long order,
    long item,
    Bytes user,
    Bytes key,
    int quantity,
    long price,
    String currency,
    String status,
    long acceptedAt,
    long payBy,
    long paidAt,
    Bytes payment,
    long releasedAt,
    String releaseReason,
    Bytes refundPayment,
    String refundReason,
    long refundAt,
    long claimBy,
    Bytes claimedBy,
    long claimedAt,
    int partition,
    long position) {

  /** What it was when it was accepted; never changes. */
  long acceptedDigest() {
    return Digest.accepted(
        partition,
        position,
        item,
        user,
        key,
        quantity,
        price,
        currency,
        acceptedAt,
        payBy,
        claimBy);
  }

  long endingDigest() {
    return Digest.ending(status, paidAt, payment, releasedAt, releaseReason);
  }

  long refundDigest() {
    return refundAt == 0 && refundPayment.isEmpty() && refundReason.isEmpty()
        ? 0
        : Digest.refund(refundPayment, refundReason, refundAt);
  }

  long claimDigest() {
    return claimedAt == 0 && claimedBy.isEmpty() ? 0 : Digest.claim(claimedBy, claimedAt);
  }

  /** The sum of its parts, so that a part can be exchanged without knowing the others. */
  long digest() {
    return acceptedDigest() + endingDigest() + refundDigest() + claimDigest();
  }
}
