package stampede.standalone.verdict;

import io.vertx.core.Future;
import java.util.List;

/** Where the rows of an item are read back from after a sale. */
public interface Books {
  /** Everything the books say of an item, read in one transaction. */
  Future<Rows> read(String item);

  /**
   * An order.
   *
   * @param status held, paid or released
   * @param position of the accept in its partition's journal
   */
  record OrderRow(
      String orderId, String user, String key, int quantity, String status, long position) {
    boolean released() {
      return status.equals("released");
    }
  }

  /** The stock of an item, in units, as of a position. */
  record StockRow(long available, long held, long sold, long stock, long position) {}

  /** All rows of one item, released orders included. */
  record Rows(List<OrderRow> orders, StockRow stock) {}
}
