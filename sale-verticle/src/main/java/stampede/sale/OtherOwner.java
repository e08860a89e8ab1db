package stampede.sale;

import org.jspecify.annotations.Nullable;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.sale.journal.Journal;

/**
 * Who owns the partition when this node does not: as the journal said last, or as this node itself
 * named the next one.
 */
final class OtherOwner {
  /** Reading the log ahead of a hand-over takes that long at most without looking at the owner. */
  private static final long SEEN_LATELY_MS = 10_000;

  private final SaleStart start;
  private Journal.@Nullable Owner seen;
  private long seenAtMs;
  private BatchReply.@Nullable NotOwner successor;

  OtherOwner(SaleStart start) {
    this.start = start;
  }

  void saw(Journal.Owner owner) {
    seen = owner;
    seenAtMs = start.timers().millis();
  }

  /** Named by this node; counts until the journal shows that epoch or a later one. */
  void named(BatchReply.NotOwner next) {
    successor = next;
  }

  boolean isNamed() {
    return successor != null;
  }

  /** It is this node, or this node named somebody in vain. */
  void none() {
    successor = null;
  }

  /** 0 before the first owner. */
  long epoch() {
    return seen == null ? 0 : seen.epoch();
  }

  /** Another node has been seen lately to hold the lease. */
  boolean lives() {
    return seen != null
        && !seen.node().equals(start.node())
        && seen.leaseRemainingMs() > 0
        && start.timers().millis() - seenAtMs < SEEN_LATELY_MS;
  }

  /** For who thought that this node owns it. */
  BatchReply.NotOwner answer() {
    Journal.Owner owner = seen;
    BatchReply.NotOwner next = successor;
    if (next != null && (owner == null || owner.epoch() < next.epoch())) {
      return next;
    }
    return owner == null || owner.node().equals(start.node())
        ? new BatchReply.NotOwner(0, "", "")
        : new BatchReply.NotOwner(
            owner.epoch(), owner.node(), Addresses.sale(owner.node(), owner.nonce()));
  }
}
