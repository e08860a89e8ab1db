package stampede.rig.check.log;

import java.util.List;

/**
 * A fact as the log has it, decoded by {@code LogDecoder}. Positions count from 1; times are epoch
 * milliseconds; an order's id is partition × 2^44 + position of its {@link Accepted}.
 */
public sealed interface LogEvent {
  long position();

  long at();

  record Owned(long position, long epoch, String node, long nonce, long at) implements LogEvent {}

  /** Units that come on sale later. */
  record Portion(long at, long units) {}

  /** Limits of 0 are none. */
  record Published(
      long position,
      long item,
      long session,
      long price,
      String currency,
      long opensAt,
      long closesAt,
      long stock,
      int limitPerUser,
      long payWithinMs,
      List<Portion> portions,
      int limitPerOrder,
      int limitPerSession,
      long claimWithinMs,
      long at)
      implements LogEvent {}

  record Opened(long position, long item, long at) implements LogEvent {}

  record Ended(long position, long item, long at) implements LogEvent {}

  record Accepted(
      long position, long item, String user, String key, int quantity, long payBy, long at)
      implements LogEvent {}

  record Paid(long position, long order, long item, int quantity, String payment, long at)
      implements LogEvent {}

  /** {@code user} has signed in for an order of a device. */
  record Claimed(long position, long order, long item, int quantity, String user, long at)
      implements LogEvent {}

  /** {@code reason}: {@code expired}, {@code cancelled} or {@code unclaimed}. */
  record Released(long position, long order, long item, int quantity, String reason, long at)
      implements LogEvent {}

  /** {@code reason}: {@code late_payment} or {@code extra_payment}. */
  record RefundDue(long position, long order, String payment, String reason, long at)
      implements LogEvent {}

  record PortionReleased(long position, long item, int index, long units, long at)
      implements LogEvent {}

  /** {@code subject}: item or session; {@code user}: whom a block is about. */
  record Steered(long position, Steering steering, long subject, long value, String user, long at)
      implements LogEvent {}

  /** All is over with these items of a session. */
  record Archived(long position, long session, List<Long> items, long at) implements LogEvent {}

  /** Who is blocked, whatever becomes of the events that made it so. */
  record Restated(long position, List<String> blocked, long at) implements LogEvent {}

  /** The log may begin anywhere up to behind {@code upTo}. */
  record Cut(long position, long upTo, long epoch, long at) implements LogEvent {}

  /** In the order of their codes, from 1. */
  enum Steering {
    PAUSE_ITEM,
    RESUME_ITEM,
    CLOSE_ITEM,
    ADD_STOCK,
    SET_GATE,
    BLOCK_USER,
    UNBLOCK_USER,
    PAUSE_SESSION,
    RESUME_SESSION,
    SET_COOLDOWN,
    SET_LIMIT
  }
}
