package stampede.protocol;

/**
 * What an owner can be asked, by an edge. All may be sent again unchanged: each carries what makes
 * it idempotent.
 */
public sealed interface Command {

  /**
   * One attempt of a user to get {@code quantity} units; bound by (user, item, key) once accepted.
   * Answer: {@link Reply.Shaken}.
   */
  record Shake(long item, Bytes user, Bytes key, int quantity) implements Command {
    public Shake {
      requireId("user", user);
      requireKey(key);
      if (quantity < 1 || quantity > Limits.QUANTITY_MAX) {
        throw new InvalidField(
            "quantity", "must be a whole number from 1 to " + Limits.QUANTITY_MAX);
      }
    }
  }

  /**
   * What became of a key. Answer: {@link Reply.Shaken} with {@code ACCEPTED}, {@code UNKNOWN}, or
   * {@code INVALID} and {@code unknown_item}: of an archived item only MySQL knows.
   */
  record AskResult(long item, Bytes user, Bytes key) implements Command {
    public AskResult {
      requireId("user", user);
      requireKey(key);
    }
  }

  /**
   * A shopper gives a held order back. Answer: {@link Reply.OrderIs} or {@link Reply.Refused}; a
   * released order stays so.
   */
  record Cancel(long order, Bytes user) implements Command {
    public Cancel {
      requireId("user", user);
    }
  }

  /**
   * {@code user}, who has signed in, takes over what {@code device} has got. Idempotent for the
   * same user. Answer: {@link Reply.OrderIs} or {@link Reply.Refused}.
   */
  record Claim(long order, Bytes user, Bytes device) implements Command {
    public Claim {
      requireId("user", user);
      requireId("device", device);
      if (Devices.isDevice(user) || !Devices.isDevice(device)) {
        throw new InvalidField("user", "must be a user who claims from a device");
      }
    }
  }

  /**
   * The payment side says that {@code payment} came in. Idempotent by payment. Answer: {@link
   * Reply.PaymentIs} or {@link Reply.Refused}.
   */
  record Pay(long order, Bytes payment, long amount, String currency) implements Command {
    public Pay {
      requireId("payment", payment);
      if (currency.length() > 8) {
        throw new InvalidField("currency", "must be an ISO 4217 code like CNY");
      }
    }
  }

  /**
   * {@code user} empty: an operator asks; else only an order that this user shook for or claimed is
   * found. Answer: {@link Reply.OrderIs} or {@link Reply.Refused}.
   */
  record FindOrder(long order, Bytes user) implements Command {}

  /** Answer: {@link Reply.ItemIs} or {@link Reply.Refused}. */
  record FindItem(long item) implements Command {}

  /**
   * Puts an item on sale. Publishing the same item again changes nothing. Answer: {@link
   * Reply.Steered} or {@link Reply.Refused}.
   */
  record Publish(SaleItem item, Warrant warrant) implements Command {}

  /**
   * @param subject item or session, 0 for users
   * @param value units or gate, else 0
   * @param user whom to block, else empty
   */
  record Steer(Steering steering, long subject, long value, Bytes user, Warrant warrant)
      implements Command {}

  /**
   * Forgets the items of a session that are here, once all is over with them. There may be none any
   * more. Answer: {@link Reply.Steered} or {@link Reply.Refused}.
   *
   * @param early also while a payment that is late could still come
   */
  record Archive(long session, boolean early) implements Command {}

  private static void requireId(String field, Bytes id) {
    if (id.isEmpty()) {
      throw new InvalidField(field, "must have 1 to " + Bytes.LENGTH_MAX + " bytes");
    }
  }

  private static void requireKey(Bytes key) {
    requireId("key", key);
    for (int i = 0; i < key.length(); i++) {
      byte b = key.at(i);
      boolean allowed =
          b >= 'A' && b <= 'Z'
              || b >= 'a' && b <= 'z'
              || b >= '0' && b <= '9'
              || b == '_'
              || b == '-';
      if (!allowed) {
        throw new InvalidField("key", "must have 1 to 64 characters of A-Z a-z 0-9 _ -");
      }
    }
  }
}
