package stampede.rig.chaos;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** An operator who puts a few units of what is scarce on sale every few seconds. */
final class StockKeeper implements AutoCloseable {
  private static final long EVERY_MS = 3_000;
  private static final long PATIENCE_MS = 15_000;
  private static final int UNITS = 10;

  private final OperatorLine operator;
  private final List<SaleOffer> scarce;
  private final Thread thread = new Thread(this::keep, "stock-keeper");
  private volatile boolean closed;

  StockKeeper(OperatorLine operator, List<SaleOffer> offers) {
    this.operator = operator;
    this.scarce = offers.stream().filter(SaleOffer::scarce).toList();
    thread.setDaemon(true);
    thread.start();
  }

  private void keep() {
    for (int turn = 0; !closed && !scarce.isEmpty(); turn++) {
      String item = scarce.get(turn % scarce.size()).item();
      // one key for all tries: added once however often it is said
      JsonObject add = JsonObject.of("item", item, "add", UNITS, "key", "add-" + turn);
      try {
        operator.require("admin.item.stock", add.put("reason", "more of it"), PATIENCE_MS);
      } catch (OperatorLine.Away e) {
        System.out.println("           no stock added: " + e.getMessage());
      }
      Pause.ms(EVERY_MS);
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(PATIENCE_MS + EVERY_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
