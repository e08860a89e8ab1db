package stampede.persist.reconcile;

import org.jspecify.annotations.Nullable;
import stampede.protocol.Limits;
import stampede.protocol.SaleItem;

/**
 * What is wrong with an order, as far as a digest lets one say: it can't be turned back into what
 * was expected, but a guess can be proven.
 */
final class OrderWords {
  private OrderWords() {}

  static String of(long expected, @Nullable OrderRow row, BooksFold fold) {
    if (row == null) {
      return "is missing in MySQL";
    }
    String found =
        "item "
            + row.item()
            + ", quantity "
            + row.quantity()
            + ", price "
            + row.price()
            + " "
            + row.currency()
            + ", status "
            + row.status();
    if (expected == 0) {
      return "is in MySQL (" + found + "), but the journal has no such order";
    }
    return "differs from the journal: " + guess(expected, row, fold) + "; MySQL has " + found;
  }

  private static String guess(long expected, OrderRow row, BooksFold fold) {
    if (expected == row.digest() - row.endingDigest() + Digest.HELD) {
      return "status " + row.status() + ", by the journal it is held";
    }
    if (expected == row.digest() - row.refundDigest()) {
      return "a refund that the journal does not know";
    }
    if (expected == row.digest() - row.claimDigest()) {
      return "a claim that the journal does not know";
    }
    SaleItem item = fold.item(row.item());
    if (item != null && is(expected, row, row.quantity(), item.price(), item.currency())) {
      return "price "
          + row.price()
          + " "
          + row.currency()
          + ", by the journal "
          + item.price()
          + " "
          + item.currency();
    }
    for (int quantity = 1; quantity <= Limits.QUANTITY_MAX; quantity++) {
      if (is(expected, row, quantity, row.price(), row.currency())) {
        return "quantity " + row.quantity() + ", by the journal " + quantity;
      }
    }
    return "status, payment, refund, claim, or who accepted what when";
  }

  private static boolean is(
      long expected, OrderRow row, int quantity, long price, String currency) {
    return expected
        == Digest.accepted(
                row.partition(),
                row.position(),
                row.item(),
                row.user(),
                row.key(),
                quantity,
                price,
                currency,
                row.acceptedAt(),
                row.payBy(),
                row.claimBy())
            + row.digest()
            - row.acceptedDigest();
  }
}
