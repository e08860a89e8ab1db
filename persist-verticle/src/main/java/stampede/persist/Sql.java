package stampede.persist;

/**
 * All SQL there is. Only what MySQL 8 and MariaDB 10.6 both understand. {@code %s} stands for rows
 * made by {@link ChunkSql}, {@code %d} for numbers of our own; everything from outside is a
 * parameter ({@code ?}).
 */
final class Sql {
  // ---- drain -----------------------------------------------------------------------------------

  /**
   * Begins a chunk. A connection that falls silent is ended by the server, so a frozen drain can't
   * hold a lock; waiting for one is shorter than a statement's time-out. Reading committed rows
   * only takes fewer locks, and the cursor's lock is the only one that matters.
   */
  static final String CHUNK_BEGIN =
      """
      SET SESSION wait_timeout = 5, innodb_lock_wait_timeout = %1$d, lock_wait_timeout = %1$d,
        sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION';
      SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;
      START TRANSACTION""";

  /** Results that {@link #CHUNK_BEGIN} has. */
  static final int CHUNK_BEGIN_RESULTS = 3;

  /** Of the cursor, which moves in the same transaction only. */
  static final String CHUNK_LOCK =
      """
      SELECT position, CAST(batch AS CHAR), batch_first FROM drain_cursor
        WHERE partition_id = %d FOR UPDATE""";

  static final String CURSOR =
      """
      SELECT position, CAST(batch AS CHAR), batch_first FROM drain_cursor WHERE partition_id = ?""";

  static final String CURSOR_FIRST =
      """
      INSERT INTO drain_cursor (partition_id, position, batch, batch_first, drained_at)
      VALUES (?, 0, 0, 1, 0) ON DUPLICATE KEY UPDATE drain_cursor.position = drain_cursor.position""";

  static final String CURSOR_FORWARD =
      """
      UPDATE drain_cursor SET position = %d, batch = %s, batch_first = %d,
        drained_at = ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000)
      WHERE partition_id = %d AND position = %d""";

  static final String ITEM_PUBLISH_HEAD =
      """
      INSERT INTO sale_item (item_id, session_id, partition_id, title, price, list_price, currency,
        opens_at, closes_at, stock, limit_per_user, pay_within_ms, cooldown_ms, gate, releases,
        limit_per_order, limit_per_session, claim_within_ms, published_at, published_position)
        VALUES\s""";

  static final String ITEM_PUBLISH_TAIL =
      """
       ON DUPLICATE KEY UPDATE session_id = VALUES(session_id), partition_id = VALUES(partition_id),
        title = VALUES(title), price = VALUES(price), list_price = VALUES(list_price),
        currency = VALUES(currency), opens_at = VALUES(opens_at), closes_at = VALUES(closes_at),
        stock = VALUES(stock), limit_per_user = VALUES(limit_per_user),
        pay_within_ms = VALUES(pay_within_ms), cooldown_ms = VALUES(cooldown_ms),
        gate = VALUES(gate), releases = VALUES(releases),
        limit_per_order = VALUES(limit_per_order), limit_per_session = VALUES(limit_per_session),
        claim_within_ms = VALUES(claim_within_ms), published_at = VALUES(published_at),
        published_position = VALUES(published_position)""";

  static final String STOCK_INSERT_HEAD =
      "INSERT INTO item_stock (item_id, available, held, sold, stock, position) VALUES ";

  static final String STOCK_MOVED =
      """
      UPDATE item_stock s JOIN (%s) c ON s.item_id = c.item_id
      SET s.available = s.available + c.available, s.held = s.held + c.held,
        s.sold = s.sold + c.sold, s.stock = s.stock + c.stock, s.position = c.position""";

  /** The same for one item: most chunks. */
  static final String STOCK_OF_ONE_MOVED =
      """
      UPDATE item_stock SET available = available + %d, held = held + %d, sold = sold + %d,
        stock = stock + %d, position = %d WHERE item_id = %d""";

  static final String ORDER_INSERT_HEAD =
      """
      INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price, currency,
        status, accepted_at, pay_by, paid_at, payment_id, released_at, release_reason,
        refund_payment_id, refund_reason, refund_at, claim_by, claimed_by, claimed_at, partition_id,
        position) VALUES\s""";

  /** The same for orders of which nothing more is known than that they are held: most of them. */
  static final String HELD_ORDER_INSERT_HEAD =
      """
      INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price, currency,
        status, accepted_at, pay_by, partition_id, position) VALUES\s""";

  static final String ORDERS_PAID =
      """
      UPDATE sale_order o JOIN (%s) c ON o.order_id = c.order_id
      SET o.status = 'paid', o.payment_id = c.payment_id, o.paid_at = c.at
      WHERE o.status = 'held'""";

  static final String ORDERS_RELEASED =
      """
      UPDATE sale_order o JOIN (%s) c ON o.order_id = c.order_id
      SET o.status = 'released', o.release_reason = c.reason, o.released_at = c.at
      WHERE o.status = 'held'""";

  static final String CLAIM_INSERT_HEAD =
      """
      INSERT INTO sale_claim (order_id, claimed_by, claimed_at, partition_id, position) VALUES\s""";

  static final String ORDERS_CLAIMED =
      """
      UPDATE sale_order o JOIN (%s) c ON o.order_id = c.order_id
      SET o.claimed_by = c.claimed_by, o.claimed_at = c.at
      WHERE o.claimed_by IS NULL AND o.status <> 'released'""";

  static final String REFUND_INSERT_HEAD =
      """
      INSERT INTO sale_refund (order_id, payment_id, reason, due_at, partition_id, position)
      VALUES\s""";

  static final String ORDERS_REFUNDED =
      """
      UPDATE sale_order o JOIN (%s) c ON o.order_id = c.order_id
      SET o.refund_payment_id = COALESCE(o.refund_payment_id, c.payment_id),
        o.refund_reason = COALESCE(o.refund_reason, c.reason),
        o.refund_at = COALESCE(o.refund_at, c.at)""";

  static final String AUDIT_INSERT_HEAD =
      """
      INSERT INTO admin_audit (at, operator, action, subject, user_id, reason, command_key,
        before_json, after_json, partition_id, position) VALUES\s""";

  static final String WEBHOOK_INSERT_HEAD =
      "INSERT INTO webhook_outbox (partition_id, line, kind, subject_id, at) VALUES ";

  /** Of every order from one id to another: what the rows say is in the orders already. */
  static final String WEBHOOKS_OF_ORDERS =
      """
      INSERT INTO webhook_outbox (partition_id, line, kind, subject_id, at)
      SELECT partition_id, 2 * position, 'accepted', order_id, accepted_at FROM sale_order
      WHERE order_id BETWEEN %d AND %d""";

  /** Only of items that have nothing left now. */
  static final String WEBHOOK_SOLD_OUT =
      """
      INSERT INTO webhook_outbox (partition_id, line, kind, subject_id, at)
      SELECT c.partition_id, c.line, c.kind, c.subject_id, c.at
      FROM (%s) c JOIN item_stock s ON s.item_id = c.subject_id WHERE s.available = 0""";

  // ---- catalogue -------------------------------------------------------------------------------

  /** The clock of the database: one for all nodes. */
  static final String NOW = "SELECT CAST(ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) AS SIGNED)";

  private static final String SESSION_COLUMNS =
      """
      session_id, title, opens_at, closes_at, zone, status, label, limit_per_session,
      claim_within_ms""";

  static final String SESSION =
      "SELECT " + SESSION_COLUMNS + " FROM sale_session WHERE session_id = ?";

  static final String SESSION_LOCK = SESSION + " FOR UPDATE";

  static final String SESSION_BY_COMMAND =
      "SELECT " + SESSION_COLUMNS + " FROM sale_session WHERE created_by = ? AND command_key = ?";

  static final String SESSIONS =
      "SELECT "
          + SESSION_COLUMNS
          + """
           FROM sale_session WHERE closes_at > ? AND opens_at < ?
          ORDER BY opens_at, session_id LIMIT ?""";

  static final String SESSION_INSERT =
      """
      INSERT INTO sale_session (title, opens_at, closes_at, zone, label, limit_per_session,
        claim_within_ms, created_by, created_at, command_key)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

  static final String SESSION_PUBLISHED =
      "UPDATE sale_session SET status = 'published', published_at = ? WHERE session_id = ?";

  static final String SESSION_CHANGED =
      """
      UPDATE sale_session SET title = ?, opens_at = ?, closes_at = ?, zone = ?, label = ?,
        limit_per_session = ?, claim_within_ms = ? WHERE session_id = ?""";

  static final String SESSION_ARCHIVED =
      "UPDATE sale_session SET status = 'archived', archived_at = ? WHERE session_id = ?";

  /** Whoever plans with products comes after the one who does so now. */
  static final String CALENDAR_LOCK = "SELECT calendar_id FROM sale_calendar FOR UPDATE";

  private static final String ITEM_COLUMNS =
      """
      item_id, session_id, partition_id, title, price, list_price, currency, opens_at, closes_at,
      stock, limit_per_user, pay_within_ms, cooldown_ms, gate, releases, product, limit_per_order,
      limit_per_session, claim_within_ms, published_at""";

  static final String ITEM = "SELECT " + ITEM_COLUMNS + " FROM sale_item WHERE item_id = ?";

  static final String ITEM_BY_COMMAND =
      "SELECT " + ITEM_COLUMNS + " FROM sale_item WHERE created_by = ? AND command_key = ?";

  static final String ITEMS_OF_SESSIONS =
      "SELECT "
          + ITEM_COLUMNS
          + " FROM sale_item WHERE session_id IN (%s) ORDER BY item_id LIMIT ?";

  static final String ITEMS_PUBLISHED =
      "SELECT "
          + ITEM_COLUMNS
          + " FROM sale_item WHERE partition_id = ? AND published_at IS NOT NULL";

  /** Without an id: the next number there is. */
  static final String ITEM_INSERT =
      """
      INSERT INTO sale_item (item_id, session_id, partition_id, title, price, list_price, currency,
        opens_at, closes_at, stock, limit_per_user, pay_within_ms, cooldown_ms, gate, releases,
        product, limit_per_order, limit_per_session, claim_within_ms, created_by, created_at,
        command_key)
      VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";

  static final String ITEM_CHANGED =
      """
      UPDATE sale_item SET title = ?, price = ?, list_price = ?, currency = ?, opens_at = ?,
        closes_at = ?, stock = ?, limit_per_user = ?, pay_within_ms = ?, cooldown_ms = ?, gate = ?,
        releases = ?, product = ?, limit_per_order = ?, limit_per_session = ?, claim_within_ms = ?
      WHERE item_id = ? AND published_at IS NULL""";

  static final String ITEM_LAST = "SELECT COALESCE(MAX(item_id), 1000) FROM sale_item";

  static final String ITEMS_OF_SESSION =
      "SELECT " + ITEM_COLUMNS + " FROM sale_item WHERE session_id = ? ORDER BY item_id";

  /** Another session that has the product at some time of a window. */
  static final String PRODUCT_ELSEWHERE =
      """
      SELECT i.item_id, i.session_id FROM sale_item i JOIN sale_session s
        ON s.session_id = i.session_id
      WHERE i.product = ? AND i.session_id <> ? AND s.closes_at > ? AND s.opens_at < ?
        AND s.status <> 'archived'
      ORDER BY i.item_id LIMIT 1""";

  /** Units of a session's orders that are neither paid nor released. */
  static final String SESSION_HELD =
      """
      SELECT CAST(COALESCE(SUM(s.held), 0) AS SIGNED) FROM item_stock s JOIN sale_item i
        ON s.item_id = i.item_id WHERE i.session_id = ?""";

  static final String AUDIT_BY_COMMAND =
      """
      SELECT subject, before_json, after_json FROM admin_audit
      WHERE command_key = ? AND operator = ? AND action = ?""";

  static final String ITEM_PARTITION = "UPDATE sale_item SET partition_id = ? WHERE item_id = ?";

  static final String AUDIT_INSERT =
      """
      INSERT INTO admin_audit (at, operator, action, subject, reason, command_key, before_json,
        after_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""";

  // ---- queries ---------------------------------------------------------------------------------

  private static final String ORDER_COLUMNS =
      """
      order_id, item_id, user_id, shake_key, quantity, price, currency, CAST(status AS CHAR) AS status,
      accepted_at, pay_by, paid_at, payment_id, released_at, release_reason, refund_payment_id,
      refund_reason, refund_at, claim_by, claimed_by, claimed_at, position""";

  static final String ORDER = "SELECT " + ORDER_COLUMNS + " FROM sale_order WHERE order_id = ?";

  /** Those a user shook for, and those the user claimed. */
  static final String ORDERS =
      "(SELECT "
          + ORDER_COLUMNS
          + " FROM sale_order FORCE INDEX (sale_order_shake)"
          + """
           WHERE user_id = ? %1$s AND (accepted_at < ? OR (accepted_at = ? AND order_id < ?))
          ORDER BY accepted_at DESC, order_id DESC LIMIT ?)
          UNION ALL (SELECT\s"""
          + ORDER_COLUMNS
          + """
           FROM sale_order
          WHERE order_id IN (SELECT order_id FROM sale_claim WHERE claimed_by = ?) %1$s
            AND (accepted_at < ? OR (accepted_at = ? AND order_id < ?))
          ORDER BY accepted_at DESC, order_id DESC LIMIT ?)
          ORDER BY accepted_at DESC, order_id DESC LIMIT ?""";

  static final String ORDERS_OF_ITEM = "AND item_id = ? ";

  static final String ORDERS_OF_KEY = "AND shake_key = ? ";

  static final String CURSORS = "SELECT partition_id, position FROM drain_cursor";

  /**
   * Published items of sessions that have not closed for a day, one {@link #SEARCH_WORD} per word:
   * the work is bounded by what is on sale, not by the history. LIKE, because full text that knows
   * where Chinese words are needs a parser MariaDB lacks ({@code ngram}), and its own would find
   * whole sentences only.
   */
  static final String SEARCH =
      "SELECT "
          + ITEM_COLUMNS
          + """
          , zone
          FROM sale_item JOIN (
            SELECT session_id AS in_session, zone FROM sale_session WHERE status = 'published'
              AND closes_at > ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) - 86400000) s
            ON session_id = in_session
          WHERE published_at IS NOT NULL %s ORDER BY opens_at, item_id LIMIT ?""";

  /**
   * Case, width and accents don't count: the collation is the newest both servers know that tells
   * characters beyond the basic plane apart. The escape character is one no mode of the server
   * changes.
   */
  static final String SEARCH_WORD = "AND title COLLATE utf8mb4_unicode_520_ci LIKE ? ESCAPE '|'";

  private static final String AUDIT_ROWS =
      """
      SELECT audit_id, at, operator, action, subject, user_id, reason, command_key, before_json,
        after_json, partition_id, position
      FROM admin_audit WHERE audit_id > ? ORDER BY audit_id\s""";

  static final String AUDIT = AUDIT_ROWS + "LIMIT ?";

  static final String AUDIT_NEWEST = AUDIT_ROWS + "DESC LIMIT ?";

  // ---- webhooks --------------------------------------------------------------------------------

  /** A claim is told of from its own event on: an earlier message stays the same when repeated. */
  static final String WEBHOOKS =
      """
      SELECT w.line, CAST(w.kind AS CHAR) AS kind, w.subject_id, w.at, w.attempts, w.first_try_at,
        w.parked_at, o.item_id, o.user_id, o.shake_key, o.quantity, o.price, o.currency,
        o.accepted_at, o.pay_by, o.payment_id, o.release_reason, r.payment_id AS refund,
        o.claim_by, c.claimed_by
      FROM webhook_outbox w
        LEFT JOIN sale_order o ON w.kind <> 'sold_out' AND o.order_id = w.subject_id
        LEFT JOIN sale_refund r ON w.kind IN ('late_payment', 'extra_payment')
          AND r.partition_id = w.partition_id AND r.position = w.line DIV 2
        LEFT JOIN sale_claim c ON w.kind <> 'sold_out' AND c.order_id = w.subject_id
          AND c.position <= w.line DIV 2
      WHERE w.partition_id = ? AND w.line > ? ORDER BY w.line LIMIT ?""";

  /** What follows locks the rows it names and no gap between them. */
  static final String WEBHOOK_BEGIN =
      "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;\nSTART TRANSACTION";

  /** Numbers, and the error as a literal. */
  static final String WEBHOOK_FAILED =
      """
      UPDATE webhook_outbox SET attempts = %d, first_try_at = %d, last_try_at = %d, error = %s,
        parked_at = %s WHERE partition_id = %d AND line = %d""";

  static final String WEBHOOKS_TOLD =
      "DELETE FROM webhook_outbox WHERE partition_id = %d AND line IN (%s)";

  static final String WEBHOOKS_UNPARKED =
      """
      UPDATE webhook_outbox SET attempts = 0, first_try_at = NULL, parked_at = NULL
      WHERE partition_id = %d AND line IN (%s)""";

  static final String WEBHOOK_SUMMARY =
      """
      SELECT COUNT(*) AS total, CAST(COALESCE(SUM(parked_at IS NOT NULL), 0) AS SIGNED) AS parked,
        ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000)
          - MIN(CASE WHEN parked_at IS NULL THEN at END) AS oldest_age
      FROM (SELECT parked_at, at FROM webhook_outbox LIMIT ?) w""";

  static final String WEBHOOK_LAST_ERROR =
      """
      SELECT error, last_try_at
      FROM (SELECT error, last_try_at, attempts FROM webhook_outbox LIMIT ?) w
      WHERE last_try_at IS NOT NULL ORDER BY attempts > 0 DESC, last_try_at DESC LIMIT 1""";

  static final String WEBHOOKS_PARKED =
      """
      SELECT partition_id, line, CAST(kind AS CHAR) AS kind, subject_id, attempts, error, parked_at
      FROM webhook_outbox WHERE parked_at IS NOT NULL ORDER BY partition_id, line LIMIT ?""";

  // ---- reconcile -------------------------------------------------------------------------------

  /**
   * Orders with the cursor of their partition, in one statement and so of one moment; without any
   * there is still the cursor. Three columns of that, then the members of {@code OrderRow} in their
   * order: read by place.
   */
  static final String RECONCILE_ORDERS =
      """
      SELECT c.position, CAST(c.batch AS CHAR), c.batch_first, o.order_id, o.item_id, o.user_id,
        o.shake_key, o.quantity, o.price, o.currency, CAST(o.status AS CHAR) AS status,
        o.accepted_at, o.pay_by, o.paid_at, o.payment_id, o.released_at, o.release_reason,
        o.refund_payment_id, o.refund_reason, o.refund_at, o.claim_by, o.claimed_by, o.claimed_at,
        o.partition_id, o.position
      FROM drain_cursor c LEFT JOIN sale_order o ON %s WHERE c.partition_id = %d""";

  /** Five hundred rows of the same columns that are in no table. */
  static final String REHEARSE_ORDERS =
      """
      SELECT 1, '1', 1, %d + n.position, 9007199254740991, CAST('user' AS BINARY),
        CAST('key' AS BINARY), 1, 1000000000000, 'CNY', CAST('paid' AS CHAR), 1800000000000,
        1800000060000, 1800000001000, CAST('payment' AS BINARY), NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, %d, n.position
      FROM (WITH RECURSIVE n (position) AS (
          SELECT 2 UNION ALL SELECT position + 1 FROM n WHERE position < 501)
        SELECT position FROM n) n""";

  /** The members of {@code RefundRow} in their order. */
  static final String RECONCILE_REFUNDS =
      """
      SELECT position, order_id, payment_id, reason, due_at FROM sale_refund
      WHERE partition_id = %d AND position > %d AND position <= %d""";

  /** Three of the cursor, then the members of {@code StockRow} in their order. */
  static final String RECONCILE_STOCK =
      """
      SELECT c.position, CAST(c.batch AS CHAR), c.batch_first, s.item_id, s.available, s.held,
        s.sold, s.stock, s.position
      FROM drain_cursor c LEFT JOIN (
          sale_item i JOIN item_stock s ON s.item_id = i.item_id AND i.published_at IS NOT NULL)
        ON i.partition_id = c.partition_id
      WHERE c.partition_id = %d""";

  static final String MILESTONES_KEEP =
      """
      INSERT INTO item_milestone (item_id, opened_at, sold_out_at, ended_at) VALUES %s
      ON DUPLICATE KEY UPDATE opened_at = VALUES(opened_at), sold_out_at = VALUES(sold_out_at),
        ended_at = VALUES(ended_at)""";

  // ---- reports ---------------------------------------------------------------------------------

  /** What follows on this connection is all of one moment; nothing is locked. */
  static final String SNAPSHOT =
      """
      SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
      START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY""";

  static final String REPORT_SESSION =
      """
      SELECT CAST(ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) AS SIGNED) AS now, session_id, title,
        opens_at, closes_at, zone, status
      FROM sale_session WHERE session_id = ?""";

  static final String REPORT_ITEMS =
      """
      SELECT i.item_id, i.partition_id, i.title, i.price, i.currency, i.published_position,
        s.available, s.held, s.sold, s.stock, s.position AS stock_position, m.opened_at,
        m.sold_out_at, m.ended_at
      FROM sale_item i LEFT JOIN item_stock s ON s.item_id = i.item_id
        LEFT JOIN item_milestone m ON m.item_id = i.item_id
      WHERE i.session_id = ? ORDER BY i.item_id LIMIT ?""";

  static final String REPORT_ORDERS =
      """
      SELECT item_id, CAST(status AS CHAR) AS status, release_reason, COUNT(*) AS orders,
        CAST(SUM(quantity) AS SIGNED) AS units, CAST(SUM(quantity * price) AS SIGNED) AS amount,
        MIN(accepted_at) AS first_at, MAX(accepted_at) AS last_at
      FROM sale_order WHERE order_id > ? AND order_id < ? AND item_id IN (%s)
      GROUP BY item_id, status, release_reason""";

  static final String REPORT_REFUNDS =
      """
      SELECT o.item_id, r.reason, COUNT(*) AS refunds,
        CAST(SUM(o.quantity * o.price) AS SIGNED) AS amount
      FROM sale_refund r JOIN sale_order o ON o.order_id = r.order_id
      WHERE r.partition_id = ? AND o.item_id IN (%s) GROUP BY o.item_id, r.reason""";

  static final String REPORT_CURSOR =
      """
      SELECT partition_id, position, CAST(batch AS CHAR), drained_at FROM drain_cursor
      WHERE partition_id = ?""";

  /** Of each start of each edge the first and the last word in a time. */
  static final String REPORT_COUNTS =
      """
      SELECT e.node, e.started_at, e.at, e.counts, g.sockets_max
      FROM edge_count e JOIN (
          SELECT node, started_at, MIN(minute_at) AS first_at, MAX(minute_at) AS last_at,
            MAX(sockets) AS sockets_max
          FROM edge_count WHERE minute_at >= ? AND minute_at <= ? GROUP BY node, started_at) g
        ON e.node = g.node AND e.started_at = g.started_at
          AND (e.minute_at = g.first_at OR e.minute_at = g.last_at)
      ORDER BY e.at""";

  static final String EDGE_COUNT_KEEP =
      """
      INSERT INTO edge_count (minute_at, node, started_at, at, sockets, counts)
      VALUES (?, ?, ?, ?, ?, ?)
      ON DUPLICATE KEY UPDATE counts = IF(VALUES(at) >= edge_count.at, VALUES(counts), counts),
        sockets = GREATEST(sockets, VALUES(sockets)), at = GREATEST(edge_count.at, VALUES(at))""";

  /** After 90 days; a few at a time. */
  static final String EDGE_COUNT_FORGET =
      """
      DELETE FROM edge_count
      WHERE minute_at < ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) - 7776000000 ORDER BY minute_at LIMIT 50""";

  // ---- schema ----------------------------------------------------------------------------------

  /** Waits at most a second; one node at a time changes a database's tables. */
  static final String SCHEMA_LOCK =
      "SELECT GET_LOCK(CONCAT('stampede.schema.', LEFT(DATABASE(), 40)), 1)";

  static final String SCHEMA_UNLOCK =
      "SELECT RELEASE_LOCK(CONCAT('stampede.schema.', LEFT(DATABASE(), 40)))";

  static final String SCHEMA_TABLE =
      """
      CREATE TABLE IF NOT EXISTS schema_version (
        version INT NOT NULL PRIMARY KEY, script VARCHAR(100) NOT NULL, applied_at BIGINT NOT NULL
      ) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin""";

  static final String SCHEMA_VERSION = "SELECT COALESCE(MAX(version), 0) FROM schema_version";

  static final String SCHEMA_APPLIED =
      """
      INSERT INTO schema_version (version, script, applied_at)
      VALUES (?, ?, ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000))""";

  private Sql() {}
}
