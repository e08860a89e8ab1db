package stampede.bench;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import stampede.protocol.JournalEntry;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent.Accepted;

/**
 * The floor of the drain: multi-row inserts of a sale's orders over one connection, a transaction
 * of 1,000 rows each. Each answers with rows a second; its statements are made before that time
 * begins.
 */
final class BareInserts {
  private static final int ROWS_A_STATEMENT = 1_000;
  private static final int ENTRY_EVENTS = 500;
  private static final String COLUMNS =
      " (order_id, item_id, user_id, shake_key, quantity, price, currency, status, accepted_at,"
          + " pay_by, partition_id, position) VALUES ";
  private static final int COLUMN_COUNT = 12;

  private BareInserts() {}

  /** With literals in the statements' text. */
  static double literals(SqlConnection sql, String table, int partition, int rows) {
    List<String> statements = statements(table, partition, rows);
    long begin = System.nanoTime();
    for (String statement : statements) {
      sql.query(statement).execute().await();
    }
    return rows * 1e9 / (System.nanoTime() - begin);
  }

  /** With parameters; whole statements only. */
  static double prepared(SqlConnection sql, String table, int partition, int rows) {
    List<Object[]> orders = orders(partition, rows);
    List<Tuple> chunks = new ArrayList<>();
    for (int from = 0; from + ROWS_A_STATEMENT <= rows; from += ROWS_A_STATEMENT) {
      Tuple chunk = Tuple.tuple();
      orders
          .subList(from, from + ROWS_A_STATEMENT)
          .forEach(o -> List.of(o).forEach(chunk::addValue));
      chunks.add(chunk);
    }
    String row = "(" + "?, ".repeat(COLUMN_COUNT - 1) + "?)";
    String text = insert(table) + (row + ", ").repeat(ROWS_A_STATEMENT - 1) + row;
    var statement = sql.prepare(text).await();
    long begin = System.nanoTime();
    for (Tuple chunk : chunks) {
      statement.query().execute(chunk).await();
    }
    double rate = chunks.size() * (double) ROWS_A_STATEMENT * 1e9 / (System.nanoTime() - begin);
    statement.close().await();
    return rate;
  }

  /** Of a sale with as many orders; another item and other order ids for each partition. */
  static List<JournalEntry> log(int partition, int orders) {
    return SaleFixture.log(partition, SaleFixture.ITEM + partition, orders, ENTRY_EVENTS);
  }

  private static String insert(String table) {
    return "INSERT INTO " + table + COLUMNS;
  }

  private static List<String> statements(String table, int partition, int rows) {
    String insert = insert(table);
    List<String> statements = new ArrayList<>();
    List<Object[]> orders = orders(partition, rows);
    for (int from = 0; from < rows; from += ROWS_A_STATEMENT) {
      StringBuilder text = new StringBuilder(insert);
      for (Object[] order : orders.subList(from, Math.min(rows, from + ROWS_A_STATEMENT))) {
        text.append(text.length() == insert.length() ? "(" : ", (");
        for (int i = 0; i < COLUMN_COUNT; i++) {
          text.append(i == 0 ? "" : ", ").append(literal(order[i]));
        }
        text.append(')');
      }
      statements.add(text.toString());
    }
    return statements;
  }

  private static String literal(Object value) {
    if (value instanceof Buffer bytes) {
      return "x'" + HexFormat.of().formatHex(bytes.getBytes()) + "'";
    }
    return value instanceof String ? "'" + value + "'" : value.toString();
  }

  private static List<Object[]> orders(int partition, int rows) {
    List<Object[]> orders = new ArrayList<>(rows);
    long position = 0;
    for (JournalEntry entry : log(partition, rows)) {
      for (var event : entry.events()) {
        position++;
        if (event instanceof Accepted a) {
          orders.add(order(partition, position, a));
        }
      }
    }
    return orders;
  }

  private static Object[] order(int partition, long position, Accepted a) {
    return new Object[] {
      PartitionMap.orderId(partition, position),
      a.item(),
      bytes(a.user().utf8()),
      bytes(a.key().utf8()),
      a.quantity(),
      100L,
      "CNY",
      "held",
      a.at(),
      a.payBy(),
      partition,
      position
    };
  }

  private static Buffer bytes(String text) {
    return Buffer.buffer(text.getBytes(StandardCharsets.UTF_8));
  }
}
