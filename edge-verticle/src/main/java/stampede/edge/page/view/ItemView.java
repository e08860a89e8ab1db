package stampede.edge.page.view;

import stampede.protocol.ItemState;
import stampede.protocol.StockLevel;

/**
 * An item as it is shown at a moment.
 *
 * @param asOf the owner's time of state and level, epoch ms
 * @param nextReleaseAt when the next portion of stock comes, epoch ms; 0 = none that is known of
 * @param newsMs when this edge heard of them, monotonic
 */
public record ItemView(
    ItemFacts facts,
    ItemState state,
    StockLevel level,
    long nextReleaseAt,
    long asOf,
    long newsMs) {}
