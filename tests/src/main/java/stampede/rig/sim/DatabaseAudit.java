package stampede.rig.sim;

import stampede.protocol.OrderFact;

/** The database's rows against what the log, folded naively, says they must be. */
record DatabaseAudit(Ledger ledger, SimMySql.Tables tables) {

  void check() {
    require(tables.orders.size() == ledger.orders.size(), "number of orders");
    ledger.orders.values().forEach(this::check);
    require(tables.claims.size() == ledger.claims, "number of claims");
    require(tables.refunds.size() == ledger.refunds, "number of refunds");
    require(tables.audits.size() == ledger.audits, "number of audit lines");
    require(tables.stock.size() == ledger.items.size(), "number of items");
    for (Ledger.Item item : ledger.items.values()) {
      SimMySql.Stock row = tables.stock.get(item.item.item());
      require(
          row != null
              && row.available == item.available
              && row.held == item.held
              && row.sold == item.sold
              && row.stock == item.stock,
          "stock of item " + item.item.item());
    }
  }

  private void check(Ledger.Order order) {
    SimMySql.Row row = tables.orders.get(order.id);
    require(row != null, "order " + order.id + " is missing");
    OrderFact fact = row.asNew.fact();
    require(
        fact.item() == order.accepted.item()
            && fact.user().equals(order.accepted.user())
            && fact.key().equals(order.accepted.key())
            && fact.quantity() == order.accepted.quantity()
            && fact.acceptedAt() == order.accepted.at()
            && fact.payBy() == order.accepted.payBy()
            && row.status.equals(order.status)
            && row.paidAt == order.paidAt
            && row.payment.equals(order.payment)
            && row.releasedAt == order.releasedAt
            && row.releaseReason.equals(order.releaseReason)
            && fact.claimBy() == order.claimBy
            && row.claimedBy.equals(order.claimedBy)
            && row.claimedAt == order.claimedAt,
        "order " + order.id);
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      throw new Violation("S10 the database is not the log up to its cursor: " + what);
    }
  }
}
