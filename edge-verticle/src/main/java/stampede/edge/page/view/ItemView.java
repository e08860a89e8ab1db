package stampede.edge.page.view;

import stampede.protocol.ItemState;
import stampede.protocol.StockLevel;

/**
 * An item as it is shown at a moment.
 *
 * @param asOf the owner's time of state and level, epoch ms
 * @param newsMs when this edge heard of them, monotonic
 */
public record ItemView(
    ItemFacts facts, ItemState state, StockLevel level, long asOf, long newsMs) {}
