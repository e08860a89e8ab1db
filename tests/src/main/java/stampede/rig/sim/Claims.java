package stampede.rig.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import stampede.protocol.Bytes;
import stampede.protocol.OrderFact;
import stampede.protocol.Outcome;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.SaleEvent;

/**
 * What one partition's owners said about keys. Each saying names a position; when all is over, each
 * is held against the log folded up to there.
 */
final class Claims {
  private record Claim(long item, Bytes user, Bytes key, int quantity, boolean sure, Shaken said) {}

  private final List<Claim> claims = new ArrayList<>();

  /**
   * @param sure false: the answer may be to a frame with another quantity
   */
  void add(long item, Bytes user, Bytes key, int quantity, boolean sure, Shaken said) {
    claims.add(new Claim(item, user, key, quantity, sure, said));
  }

  void check(int partition, List<SaleEvent> log) {
    claims.sort(Comparator.comparingLong(claim -> claim.said.position()));
    Ledger ledger = new Ledger(partition);
    for (Claim claim : claims) {
      while (ledger.position < claim.said.position()) {
        ledger.apply(log.get((int) ledger.position));
      }
      String fault = fault(claim, ledger);
      if (!fault.isEmpty()) {
        throw new Violation(
            fault
                + ": "
                + claim.user
                + "/"
                + claim.item
                + "/"
                + claim.key
                + " was told "
                + claim.said);
      }
    }
  }

  private static String fault(Claim claim, Ledger at) {
    Shaken said = claim.said;
    Ledger.Order bound = at.bound(claim.item, claim.user, claim.key);
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
    return claim.sure ? refusalFault(claim, at, bound) : "";
  }

  private static String refusalFault(Claim claim, Ledger at, Ledger.Order bound) {
    Shaken said = claim.said;
    Ledger.Item item = at.items.get(claim.item);
    if (item == null) {
      boolean unknown =
          said.outcome() == Outcome.UNKNOWN
              || said.outcome() == Outcome.INVALID && said.code().equals("unknown_item");
      return unknown ? "" : "S8 " + said.outcome() + " of an item that is not published";
    }
    boolean holds =
        switch (said.outcome()) {
          case SOLD_OUT -> item.open && !item.ended && item.available < claim.quantity;
          case LIMIT_REACHED -> limitReached(claim, at, item);
          case ENDED -> item.ended;
          case PAUSED -> item.paused || item.sessionPaused;
          case NOT_OPEN -> !item.open;
          case BLOCKED -> at.blocked.contains(claim.user);
          case UNKNOWN -> bound == null;
          case INVALID -> said.code().equals("key_reused") && bound != null;
          case BUSY -> true;
          default -> false;
        };
    return holds ? "" : "S8 " + said.outcome() + " is not true at its position";
  }

  private static boolean limitReached(Claim claim, Ledger at, Ledger.Item item) {
    boolean listed = true;
    for (long id : claim.said.orders()) {
      Ledger.Order order = at.orders.get(id);
      listed &=
          order != null
              && order.accepted.user().equals(claim.user)
              && !order.status.equals("released");
    }
    return listed && at.unitsOf(claim.item, claim.user) + claim.quantity > item.item.limitPerUser();
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
            && told.releaseReason().equals(bound.releaseReason);
    return same ? "" : "S2 accepted with another order than the log's at " + at.position;
  }
}
