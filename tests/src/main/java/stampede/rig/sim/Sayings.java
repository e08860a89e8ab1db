package stampede.rig.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Devices;
import stampede.protocol.OrderFact;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.SaleEvent;

/**
 * What one partition's owners said about keys, and to who claimed. Each saying names a position;
 * when all is over, each is held against the log folded up to there.
 */
final class Sayings {
  private interface Saying {
    long position();

    /** Empty = it is true of the log up to its position. */
    String fault(Ledger at);
  }

  private record OfKey(long item, Bytes user, Bytes key, int quantity, boolean sure, Shaken said)
      implements Saying {
    @Override
    public long position() {
      return said.position();
    }

    @Override
    public String fault(Ledger at) {
      return Sayings.fault(this, at);
    }

    @Override
    public String toString() {
      return user + "/" + item + "/" + key + " was told " + said;
    }
  }

  private record OfClaim(Command.Claim claim, Reply said) implements Saying {
    @Override
    public long position() {
      return said.position();
    }

    @Override
    public String fault(Ledger at) {
      return claimFault(this, at);
    }
  }

  private final List<Saying> sayings = new ArrayList<>();

  /**
   * @param sure false: the answer may be to a frame with another quantity
   */
  void add(long item, Bytes user, Bytes key, int quantity, boolean sure, Shaken said) {
    sayings.add(new OfKey(item, user, key, quantity, sure, said));
  }

  void add(Command.Claim claim, Reply said) {
    sayings.add(new OfClaim(claim, said));
  }

  void check(int partition, List<SaleEvent> log) {
    sayings.sort(Comparator.comparingLong(Saying::position));
    Ledger ledger = new Ledger(partition);
    for (Saying saying : sayings) {
      while (ledger.position < saying.position()) {
        ledger.apply(log.get((int) ledger.position));
      }
      String fault = saying.fault(ledger);
      if (!fault.isEmpty()) {
        throw new Violation(fault + ": " + saying);
      }
    }
  }

  private static String fault(OfKey saying, Ledger at) {
    Shaken said = saying.said;
    Ledger.Order bound = at.bound(saying.item, saying.user, saying.key);
    if (said.outcome() == Outcome.ACCEPTED) {
      return bound == null
          ? "S2 accepted, but the log has no order for the key"
          : sameOrder(bound, said.order(), at);
    }
    boolean keyReused =
        said.outcome() == Outcome.INVALID && said.code().equals("key_reused") && bound != null;
    if (bound != null && said.outcome().about() == Outcome.About.KEY && !keyReused) {
      return "S5 " + said.outcome() + ", but the key has its order " + bound.id;
    }
    return saying.sure ? refusalFault(saying, at, bound) : "";
  }

  private static String refusalFault(OfKey saying, Ledger at, Ledger.Order bound) {
    Shaken said = saying.said;
    Ledger.Item item = at.items.get(saying.item);
    if (item == null) {
      boolean unknown =
          said.outcome() == Outcome.UNKNOWN
              || said.outcome() == Outcome.INVALID && said.code().equals("unknown_item");
      return unknown ? "" : "S8 " + said.outcome() + " of an item that is not published";
    }
    boolean holds =
        switch (said.outcome()) {
          case SOLD_OUT -> item.open && !item.ended && item.available < saying.quantity;
          case LIMIT_REACHED -> limitReached(saying, at, item);
          case ENDED -> item.ended;
          case PAUSED -> item.paused || item.sessionPaused;
          case NOT_OPEN -> !item.open;
          case BLOCKED -> at.blocked.contains(saying.user);
          case UNKNOWN -> bound == null;
          case INVALID ->
              said.code().equals("key_reused")
                  ? bound != null
                  : said.code().equals("login_required")
                      && Devices.isDevice(saying.user)
                      && item.item.claimWithinMs() == 0;
          case BUSY -> true;
          default -> false;
        };
    return holds ? "" : "S8 " + said.outcome() + " is not true at its position";
  }

  private static boolean limitReached(OfKey saying, Ledger at, Ledger.Item item) {
    boolean listed = true;
    for (long id : saying.said.orders()) {
      Ledger.Order order = at.orders.get(id);
      listed &= order != null && order.isOf(saying.user) && !order.status.equals("released");
    }
    return listed
        && at.unitsOf(saying.item, saying.user) + saying.quantity > item.item.limitPerUser();
  }

  private static String sameOrder(Ledger.Order bound, OrderFact told, Ledger at) {
    boolean same =
        told.order() == bound.id
            && told.item() == bound.accepted.item()
            && told.user().equals(bound.accepted.user())
            && told.key().equals(bound.accepted.key())
            && told.quantity() == bound.accepted.quantity()
            && told.acceptedAt() == bound.accepted.at()
            && told.payBy() == bound.accepted.payBy()
            && told.status().text().equals(bound.status)
            && told.paidAt() == bound.paidAt
            && told.payment().equals(bound.payment)
            && told.releasedAt() == bound.releasedAt
            && told.releaseReason().equals(bound.releaseReason)
            && told.claimBy() == bound.claimBy
            && told.claimedBy().equals(bound.claimedBy)
            && told.claimedAt() == bound.claimedAt;
    return same ? "" : "S2 accepted with another order than the log's at " + at.position;
  }

  private static String claimFault(OfClaim saying, Ledger at) {
    Ledger.Order order = at.orders.get(saying.claim.order());
    if (order == null) {
      return isRefused(saying, "unknown_order") ? "" : "S9 a claim of an order before it was there";
    }
    if (saying.said instanceof Reply.OrderIs is) {
      boolean mine = order.claimedBy.equals(saying.claim.user());
      return mine ? sameOrder(order, is.order(), at) : "S9 told claimed, the log says not by whom";
    }
    Ledger.Item item = at.items.get(order.accepted.item());
    int units = at.unitsOf(order.accepted.item(), saying.claim.user());
    boolean open = order.claimedBy.isEmpty() && !order.status.equals("released");
    boolean above = units + order.accepted.quantity() > item.item.limitPerUser();
    boolean holds =
        isRefused(saying, "already_claimed")
                && !order.claimedBy.isEmpty()
                && !order.claimedBy.equals(saying.claim.user())
            || isRefused(saying, "order_released")
                && order.claimedBy.isEmpty()
                && order.status.equals("released")
            || isRefused(saying, "blocked") && open && at.blocked.contains(saying.claim.user())
            || isRefused(saying, "limit_reached") && open && above;
    return holds ? "" : "S8 a refused claim that is not refused by the log at its position";
  }

  private static boolean isRefused(OfClaim saying, String code) {
    return saying.said instanceof Reply.Refused refused && refused.code().equals(code);
  }
}
