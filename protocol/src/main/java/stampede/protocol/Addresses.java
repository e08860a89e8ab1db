package stampede.protocol;

/**
 * Every bus address between nodes. What operators use ({@code admin.*}, {@code stats}) never leaves
 * the edge that serves it.
 */
public final class Addresses {
  /** Published by owners: {@link Hint}. */
  public static final String HINTS = "stampede.hints";

  /** Published by owners after the journal is durable: {@link OrderNews}. */
  public static final String ORDER_NEWS = "stampede.orders";

  /** Published by drainers: {@link DrainNews}. */
  public static final String DRAIN_STATUS = "stampede.drain";

  /** Published by reconcilers: {@link ReconcileNews}. */
  public static final String RECONCILE_STATUS = "stampede.reconcile";

  /** Published to drainers, JSON {@code {"partition":n}}: a halted drain tries again. */
  public static final String DRAIN_RETRY = "stampede.drain.retry";

  /** Published to those who tell the shop, empty: something parked is no longer. */
  public static final String WEBHOOK_RETRY = "stampede.webhook.retry";

  /** Published by edges: a user, as bytes, that an operator has just unblocked. */
  public static final String UNBLOCKED = "stampede.unblocked";

  /** Published by owners, for operators: {@link SaleFigures}. */
  public static final String SALE_FIGURES = "stampede.sales";

  /** Published by edges, for operators, JSON: see the package's table. */
  public static final String EDGE_FIGURES = "stampede.edges";

  /** Published to edges, JSON: an operator's words to those who wait for an item. */
  public static final String NOTICES = "stampede.notices";

  /** Published by every node, JSON: an alarm of its own, see the package's table. */
  public static final String ALARMS = "stampede.alarms";

  /** Published by edges, JSON: changes that wait for a second operator. */
  public static final String PROPOSALS = "stampede.proposals";

  /**
   * Answered by any sale node with its {@link Hint}s, one batch: who owns what, as far as it knows.
   */
  public static final String OWNERS = "sale.owners";

  /** Published by owners that leave: {@link HandOver}. */
  public static final String LEAVING = "sale.leaving";

  /** Answered by any persist node, JSON: see the package's table. */
  public static final String PERSIST_QUERY = "persist.query";

  private Addresses() {}

  /**
   * Of one start of one sale node: a message for an earlier start of the same node goes nowhere.
   */
  public static String sale(String node, long nonce) {
    return "sale." + node + "." + Long.toUnsignedString(nonce, 36);
  }

  /** Where the owner that takes batches at {@code owner} is asked {@link SoldOutQuery}. */
  public static String soldOut(String owner) {
    return owner + ".soldout";
  }

  /** Where the node that takes batches at {@code owner} tells how it does, JSON. */
  public static String condition(String owner) {
    return owner + ".condition";
  }

  /**
   * Where the owner that takes batches at {@code owner} is told by an operator to step aside:
   * {@link HandOver}, whose answer is {@link HandOver.Answer}.
   */
  public static String stepAside(String owner) {
    return owner + ".aside";
  }

  /** Where one start of an edge is asked, once, whose a ticket is that it made: see the table. */
  public static String tickets(String edge) {
    return "edge.tickets." + edge;
  }

  /** Where that start is asked to give a partition over: {@link HandOver}. */
  public static String handOver(String node, long nonce) {
    return "sale.handover." + node + "." + Long.toUnsignedString(nonce, 36);
  }
}
