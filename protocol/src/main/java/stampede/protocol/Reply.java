package stampede.protocol;

import org.jspecify.annotations.Nullable;

/**
 * An owner's answer to one {@link Command}. {@code position} is the journal position it was decided
 * on; it left the owner only after the journal was durable up to there.
 */
public sealed interface Reply {
  long position();

  /**
   * @param at the owner's time, epoch ms
   * @param order the order, only with {@code ACCEPTED}
   * @param orders with {@code LIMIT_REACHED}: the user's held and paid orders of this item
   * @param opensAt with {@code NOT_OPEN}: epoch ms, else 0
   * @param code with {@code INVALID}: a stable word such as {@code key_reused}, else empty
   * @param again true when this key already had its order before this command
   */
  record Shaken(
      Outcome outcome,
      long position,
      long at,
      @Nullable OrderFact order,
      long[] orders,
      long opensAt,
      String code,
      String detail,
      boolean again)
      implements Reply {
    private static final long[] NONE = {};

    public static Shaken of(Outcome outcome, long position, long at) {
      return new Shaken(outcome, position, at, null, NONE, 0, "", "", false);
    }

    public static Shaken accepted(OrderFact order, long position, long at, boolean again) {
      return new Shaken(Outcome.ACCEPTED, position, at, order, NONE, 0, "", "", again);
    }

    public static Shaken limitReached(long[] orders, long position, long at) {
      return new Shaken(Outcome.LIMIT_REACHED, position, at, null, orders, 0, "", "", false);
    }

    public static Shaken notOpen(long opensAt, long position, long at) {
      return new Shaken(Outcome.NOT_OPEN, position, at, null, NONE, opensAt, "", "", false);
    }

    public static Shaken invalid(String code, String detail, long position, long at) {
      return new Shaken(Outcome.INVALID, position, at, null, NONE, 0, code, detail, false);
    }
  }

  /** An order as it is after the command. */
  record OrderIs(long position, OrderFact order) implements Reply {}

  /**
   * {@code status}: {@code paid}, {@code late_payment} or {@code extra_payment}; the latter two
   * must be refunded by the shop.
   */
  record PaymentIs(long position, String status, OrderFact order) implements Reply {}

  /**
   * @param at the owner's time, epoch ms
   * @param gate in millionths, as steered
   * @param nextReleaseAt epoch ms of the next portion, 0 = none
   */
  record ItemIs(
      long position,
      long at,
      SaleItem item,
      ItemState state,
      StockLevel level,
      long available,
      long held,
      long sold,
      long stock,
      int gate,
      long cooldownMs,
      long nextReleaseAt)
      implements Reply {}

  /**
   * {@code before} and {@code after}: JSON objects of what changed. A repeated key gets the same
   * reply again.
   */
  record Steered(long position, String before, String after) implements Reply {}

  /**
   * Nothing was done.
   *
   * @param code a stable word: {@code unknown_order}, {@code unknown_item}, {@code
   *     unknown_session}, {@code already_paid}, {@code already_claimed}, {@code order_released},
   *     {@code limit_reached}, {@code blocked}, {@code amount_mismatch}, {@code currency_mismatch},
   *     {@code payment_reused}, {@code item_ended}, {@code too_much_stock}, {@code
   *     too_many_events}, {@code item_differs}, {@code not_ended}, {@code orders_held}, {@code
   *     too_early}, {@code internal}
   */
  record Refused(long position, String code, String detail) implements Reply {}
}
