package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import stampede.persist.webhook.WebhookKind;
import stampede.persist.webhook.WebhookRow;
import stampede.protocol.Limits;

/** What operators see of the outbox, and do with it. */
final class WebhookCommands {
  /** Rows looked at; where there are more, the answer says so. */
  private static final int ROWS_MAX = 100_000;

  private static final int PARKED_SHOWN_MAX = 20;
  private static final int RETRIED_MAX = 5_000;

  private final MySqlLink link;
  private final boolean on;

  /**
   * @param on this node tells the shop
   */
  WebhookCommands(MySqlLink link, boolean on) {
    this.link = link;
    this.on = on;
  }

  /** {@code {"on","pending","oldestAgeMs","parked","more","lastError","lastErrorAt","first"}}. */
  Future<JsonObject> status(Fields request) {
    request.allowOnly(Set.of());
    return link.with(
        connection ->
            link.run(connection, Sql.WEBHOOK_SUMMARY, Tuple.of(ROWS_MAX + 1))
                .map(rows -> summary(rows.iterator().next()))
                .compose(
                    summary ->
                        link.run(connection, Sql.WEBHOOK_LAST_ERROR, Tuple.of(ROWS_MAX + 1))
                            .map(rows -> withError(summary, rows)))
                .compose(
                    summary ->
                        link.run(connection, Sql.WEBHOOKS_PARKED, Tuple.of(PARKED_SHOWN_MAX))
                            .map(rows -> summary.put("first", parked(rows)))));
  }

  private JsonObject summary(Row row) {
    long rows = row.getLong("total");
    long parked = row.getLong("parked");
    Long oldest = row.getLong("oldest_age");
    return JsonObject.of("on", on)
        .put("pending", rows - parked)
        .put("oldestAgeMs", oldest == null ? 0 : Math.max(0, oldest))
        .put("parked", parked)
        .put("more", rows > ROWS_MAX);
  }

  private static JsonObject withError(JsonObject summary, RowSet<Row> rows) {
    for (Row row : rows) {
      summary
          .put("lastError", row.getString("error"))
          .put("lastErrorAt", row.getLong("last_try_at"));
    }
    return summary;
  }

  private static JsonArray parked(RowSet<Row> rows) {
    JsonArray all = new JsonArray();
    for (Row row : rows) {
      WebhookKind kind = WebhookKind.of(row.getString("kind"));
      all.add(
          JsonObject.of("id", WebhookRow.id(row.getInteger("partition_id"), row.getLong("line")))
              .put("type", kind.type())
              .put(
                  kind == WebhookKind.SOLD_OUT ? "item" : "order",
                  Long.toString(row.getLong("subject_id")))
              .put("attempts", row.getInteger("attempts"))
              .put("error", row.getString("error"))
              .put("parkedAt", row.getLong("parked_at")));
    }
    return all;
  }

  /** {@code {"retried","more"}}: the oldest parked rows are as if they had never been tried. */
  Future<JsonObject> retry(Fields request) {
    request.allowOnly(Set.of("by", "reason", "key"));
    String by = request.text("by", 64);
    String reason = request.textOr("reason", Limits.REASON_CHARS_MAX, "");
    byte[] key = request.bytesOrEmpty("key").toByteArray();
    return link.with(
        connection ->
            link.run(connection, Sql.WEBHOOKS_PARKED, Tuple.of(RETRIED_MAX))
                .compose(rows -> retry(connection, rows, by, reason, key)));
  }

  private Future<JsonObject> retry(
      SqlConnection connection, RowSet<Row> rows, String by, String reason, byte[] key) {
    JsonObject reply = JsonObject.of("retried", rows.size(), "more", rows.size() == RETRIED_MAX);
    if (rows.size() == 0) {
      return Future.succeededFuture(reply);
    }
    Map<Integer, StringJoiner> lines = new TreeMap<>();
    for (Row row : rows) {
      lines
          .computeIfAbsent(row.getInteger("partition_id"), p -> new StringJoiner(","))
          .add(Long.toString(row.getLong("line")));
    }
    StringJoiner text = new StringJoiner(";\n").add(Sql.WEBHOOK_BEGIN);
    lines.forEach((partition, all) -> text.add(Sql.WEBHOOKS_UNPARKED.formatted(partition, all)));
    Tuple audit =
        Tuple.tuple()
            .addLong(System.currentTimeMillis())
            .addString(by)
            .addString("webhooks.retry")
            .addString("")
            .addString(reason)
            .addValue(key.length == 0 ? null : Buffer.buffer(key))
            .addString("{}")
            .addString(reply.encode());
    return link.run(connection, text.toString())
        .compose(changed -> link.run(connection, Sql.AUDIT_INSERT, audit))
        .compose(audited -> link.run(connection, "COMMIT"))
        .map(reply)
        .recover(
            fault ->
                link.run(connection, "ROLLBACK").compose(undone -> Future.failedFuture(fault)));
  }
}
