package stampede.persist.reconcile;

import java.nio.charset.StandardCharsets;
import stampede.protocol.Bytes;

/**
 * 64 bits over the columns of a row: equal rows have equal ones, others as good as never. Nor is
 * one ever 0 or 1, as good as.
 */
final class Digest {
  /** There is an order; what it is, is not known, for its item's publication was cut away. */
  static final long UNKNOWN = 1;

  static final long HELD = ending("held", 0, Bytes.EMPTY, 0, "");

  private Digest() {}

  static long accepted(
      int partition,
      long position,
      long item,
      Bytes user,
      Bytes key,
      int quantity,
      long price,
      String currency,
      long acceptedAt,
      long payBy,
      long claimBy) {
    long digest = of(11, partition);
    digest = of(digest, position);
    digest = of(digest, item);
    digest = of(digest, user.hash64());
    digest = of(digest, key.hash64());
    digest = of(digest, quantity);
    digest = of(digest, price);
    digest = of(digest, text(currency));
    digest = of(digest, acceptedAt);
    digest = of(digest, payBy);
    return of(digest, claimBy);
  }

  static long ending(
      String status, long paidAt, Bytes payment, long releasedAt, String releaseReason) {
    long digest = of(13, text(status));
    digest = of(digest, paidAt);
    digest = of(digest, payment.hash64());
    digest = of(digest, releasedAt);
    return of(digest, text(releaseReason));
  }

  static long refund(Bytes payment, String reason, long at) {
    return of(of(of(17, payment.hash64()), text(reason)), at);
  }

  static long claim(Bytes user, long at) {
    return of(of(19, user.hash64()), at);
  }

  private static long of(long digest, long value) {
    return Bytes.mix64(digest * 31 + value);
  }

  private static long text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Bytes.hash64(bytes, 0, bytes.length);
  }
}
