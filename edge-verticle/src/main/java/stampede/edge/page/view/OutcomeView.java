package stampede.edge.page.view;

/**
 * What a shopper without a script is told about a key.
 *
 * @param outcome as on the wire
 * @param order 0 = none
 * @param status of the order, empty = none
 * @param payBy epoch ms
 * @param claimBy epoch ms; 0 = nobody needs to claim it
 */
public record OutcomeView(
    long item, String key, String outcome, long order, String status, long payBy, long claimBy) {}
