package stampede.sale.engine;

import java.util.List;
import stampede.protocol.Limits;
import stampede.protocol.SaleItem;

/** Items whose title and price no rule looks at. */
final class Goods {
  private Goods() {}

  static SaleItem item(
      long id,
      long session,
      long opensAt,
      long closesAt,
      long stock,
      int limitPerUser,
      long payWithinMs,
      SaleItem.Release... releases) {
    return new SaleItem(
        id,
        session,
        "tea",
        100,
        200,
        "CNY",
        opensAt,
        closesAt,
        stock,
        limitPerUser,
        payWithinMs,
        0,
        Limits.GATE_OPEN,
        List.of(releases));
  }
}
