package stampede.rig.check.rule;

import org.jspecify.annotations.Nullable;
import stampede.rig.check.log.Books;
import stampede.rig.check.log.LogEvent;
import stampede.rig.check.log.LogEvent.Owned;
import stampede.rig.check.log.LogEvent.Released;
import stampede.rig.check.log.Order;

/**
 * L3: unpaid units are for sale again at max(payBy, the owner's start + 10 s) + 2 s at the latest,
 * and unclaimed ones likewise by the time they must be claimed; while something is broken the time
 * counts from when owners must be back.
 */
public final class Expiry {
  private static final long GRACE_MS = 10_000;
  private static final long LATE_MS_MAX = 2_000;

  private Expiry() {}

  public static void check(Evidence evidence) {
    long expired = 0;
    for (Books books : evidence.books()) {
      for (Order order : books.orders()) {
        LogEvent ending = order.ending();
        boolean isExpired =
            ending instanceof Released released && !released.reason().equals("cancelled");
        if (isExpired || ending == null) {
          check(order, ending, books, evidence);
          expired += isExpired ? 1 : 0;
        }
      }
    }
    evidence.findings.checked("orders expired", expired);
  }

  private static void check(
      Order order, @Nullable LogEvent ending, Books books, Evidence evidence) {
    long endMs = ending == null ? evidence.run.stores().dumpedAtMs() : ending.at();
    long payBy = order.accepted().payBy();
    boolean toClaim = order.claimBy() > 0 && order.claim() == null;
    long deadlineMs = toClaim ? Math.min(payBy, order.claimBy()) : payBy;
    if (endMs <= deadlineMs + LATE_MS_MAX) {
      return;
    }
    long endPosition = ending == null ? Long.MAX_VALUE : ending.position();
    for (Owned owner : books.owners()) {
      if (owner.position() > order.accepted().position() && owner.position() < endPosition) {
        deadlineMs = Math.max(deadlineMs, owner.at() + GRACE_MS);
      }
    }
    deadlineMs = evidence.faults.extended(deadlineMs, LATE_MS_MAX) + LATE_MS_MAX;
    if (endMs > deadlineMs) {
      String late = (endMs - deadlineMs) + " ms too late";
      String problem = "order " + order.id() + (ending == null ? " is still held, " : " expired ");
      evidence.findings.add(
          "L3",
          order.partition(),
          order.accepted().position(),
          order.key().toString(),
          problem + late);
    }
  }
}
