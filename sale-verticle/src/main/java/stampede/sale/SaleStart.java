package stampede.sale;

import stampede.protocol.Addresses;
import stampede.protocol.HandOver;
import stampede.protocol.port.Timers;

/**
 * One start of a sale node: what the owners of all its partitions share.
 *
 * @param node its name; the same after a restart
 * @param nonce of this start, never 0
 */
public record SaleStart(
    String node,
    long nonce,
    OwnerLimits limits,
    Timers timers,
    Candidates candidates,
    DrainCursors cursors,
    Outlet outlet,
    Peers peers,
    EdgeWatch edges,
    Turns turns) {

  /** Where this start takes command batches. */
  public String address() {
    return Addresses.sale(node, nonce);
  }

  /** This start's word about a partition whose owner's epoch is {@code epoch}. */
  HandOver handOver(int partition, long epoch) {
    return new HandOver(partition, epoch, node, address());
  }

  /** The same, but its words go another way. */
  SaleStart with(Outlet outlet) {
    return new SaleStart(
        node, nonce, limits, timers, candidates, cursors, outlet, peers, edges, turns);
  }
}
