package stampede.sale;

import stampede.protocol.Addresses;
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

  /** The same for one partition that tells the world by another outlet. */
  SaleStart telling(Outlet other) {
    return new SaleStart(
        node, nonce, limits, timers, candidates, cursors, other, peers, edges, turns);
  }

  /** Where this start takes command batches. */
  public String address() {
    return Addresses.sale(node, nonce);
  }
}
