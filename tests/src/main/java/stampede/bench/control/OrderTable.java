package stampede.bench.control;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Where both controls put their orders: what a shop has to know of one, and no index but its id.
 */
final class OrderTable {
  static final String CREATE =
      """
      CREATE TABLE IF NOT EXISTS sale_order (
        order_id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT,
        item_id BIGINT UNSIGNED NOT NULL,
        user_id VARBINARY(160) NOT NULL,
        shake_key VARBINARY(64) NOT NULL,
        quantity INT NOT NULL,
        price BIGINT NOT NULL,
        currency CHAR(3) NOT NULL,
        status VARCHAR(8) NOT NULL,
        accepted_at BIGINT NOT NULL,
        pay_by BIGINT NOT NULL)""";

  static final String INSERT_ONE =
      """
      INSERT INTO sale_order
        (item_id, user_id, shake_key, quantity, price, currency, status, accepted_at, pay_by)
        VALUES (?, ?, ?, 1, 100, 'CNY', 'held', ?, ?)""";

  /** Rows that are there already stay: a chunk may come twice. */
  static final String INSERT_MANY_HEAD =
      """
      INSERT IGNORE INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price,
        currency, status, accepted_at, pay_by) VALUES\s""";

  private OrderTable() {}

  /** A row as literals; nothing in them can end one. */
  static void row(StringBuilder sql, long order, long item, String buyer, String key, long at) {
    sql.append('(').append(order).append(',').append(item);
    sql.append(",x'").append(hex(buyer)).append("',x'").append(hex(key));
    sql.append("',1,100,'CNY','held',").append(at).append(',');
    sql.append(at + ControlSale.PAY_WITHIN_MS).append(')');
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }
}
