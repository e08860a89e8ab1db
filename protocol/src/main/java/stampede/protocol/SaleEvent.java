package stampede.protocol;

import java.util.List;

/**
 * What the journal holds: facts, in the order they became true. {@code at} is epoch milliseconds by
 * the journal's clock and never goes back within a partition. An event's position is its number in
 * the partition, counted from 1.
 */
public sealed interface SaleEvent {
  long at();

  /** First event of every epoch. */
  record Owned(long epoch, String node, long nonce, long at) implements SaleEvent {}

  record ItemPublished(SaleItem item, Warrant warrant, long at) implements SaleEvent {}

  /** The window opened. */
  record ItemOpened(long item, long at) implements SaleEvent {}

  /** The window closed. */
  record ItemEnded(long item, long at) implements SaleEvent {}

  /** The order's id is made of the partition and this event's position. */
  record Accepted(long item, Bytes user, Bytes key, int quantity, long payBy, long at)
      implements SaleEvent {}

  record Paid(long order, long item, int quantity, Bytes payment, long at) implements SaleEvent {}

  /** Units are for sale again. */
  record Released(long order, long item, int quantity, ReleaseReason reason, long at)
      implements SaleEvent {}

  /**
   * {@code user} has signed in for an order of a device: it counts for the user's limit too, and no
   * longer waits for a claim.
   */
  record Claimed(long order, long item, int quantity, Bytes user, long at) implements SaleEvent {}

  /** A payment that buys nothing and must be given back by the shop. */
  record RefundDue(long order, Bytes payment, RefundReason reason, long at) implements SaleEvent {}

  /** Portion number {@code index} (from 0) of the item's releases is for sale now. */
  record StockReleased(long item, int index, long units, long at) implements SaleEvent {}

  /** An operator's change; {@code before} and {@code after} are JSON objects for the audit. */
  record Steered(
      Steering steering,
      long subject,
      long value,
      Bytes user,
      Warrant warrant,
      String before,
      String after,
      long at)
      implements SaleEvent {}

  /**
   * All is over with these items, and nothing is held of them: they, their orders and what their
   * buyers had are no longer the owner's business. MySQL keeps them. Many items of one session take
   * several of these.
   */
  record SessionArchived(long session, List<Long> items, long at) implements SaleEvent {
    public SessionArchived {
      items = List.copyOf(items);
    }
  }

  /**
   * What holds whatever becomes of the events that made it so: users who may not buy, and limits
   * operators have set. Precedes a {@link LogCut} and changes nothing.
   */
  record Restated(List<Bytes> blocked, List<Limit> limits, long at) implements SaleEvent {
    public Restated {
      blocked = List.copyOf(blocked);
      limits = List.copyOf(limits);
    }
  }

  /**
   * No event up to {@code upTo} is needed any more: each was of an archived item or is restated.
   * The log may begin anywhere up to there; one that begins later says nothing.
   *
   * @param epoch of the owner, whose {@link Owned} may be among them
   */
  record LogCut(long upTo, long epoch, long at) implements SaleEvent {}

  /** An {@link EdgeLimit} by its code, as operators have set it. */
  record Limit(long code, long value) {}

  /** Why units came back. */
  enum ReleaseReason {
    EXPIRED("expired"),
    CANCELLED("cancelled"),
    /** Nobody signed in for it in time. */
    UNCLAIMED("unclaimed");

    private final String text;

    ReleaseReason(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }

    static ReleaseReason ofCode(int ordinal) {
      if (ordinal < 0 || ordinal >= values().length) {
        throw new CorruptRecord("release reason " + ordinal + " does not exist");
      }
      return values()[ordinal];
    }
  }

  /** Why a payment must go back. */
  enum RefundReason {
    LATE("late_payment"),
    EXTRA("extra_payment");

    private final String text;

    RefundReason(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }

    static RefundReason ofCode(int ordinal) {
      if (ordinal < 0 || ordinal >= values().length) {
        throw new CorruptRecord("refund reason " + ordinal + " does not exist");
      }
      return values()[ordinal];
    }
  }
}
