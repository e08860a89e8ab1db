package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import stampede.persist.webhook.Outbox;
import stampede.persist.webhook.WebhookKind;
import stampede.persist.webhook.WebhookRow;
import stampede.protocol.port.Completion;

/**
 * The outbox in MySQL. What a message says of an order is read with its row; the columns it is made
 * of never change once they are set, so a message is the same each time.
 *
 * <p>Rows are deleted and changed by their primary key under READ COMMITTED: no lock reaches the
 * gap into which a drain inserts.
 */
final class MySqlOutbox implements Outbox {
  private final MySqlLink link;

  /**
   * @param link of one connection: a read must see what the write before it deleted
   */
  MySqlOutbox(MySqlLink link) {
    this.link = link;
  }

  @Override
  public void read(int partition, long afterLine, int max, Completion<List<WebhookRow>> done) {
    link.with(c -> link.run(c, Sql.WEBHOOKS, Tuple.of(partition, afterLine, max)))
        .map(rows -> rows(partition, rows))
        .onComplete(done::done);
  }

  @Override
  public void write(List<WebhookRow> told, List<Failure> failures, Completion<Boolean> done) {
    StringJoiner text = new StringJoiner(";\n").add(Sql.WEBHOOK_BEGIN);
    failures.forEach(failure -> text.add(failed(failure)));
    linesByPartition(told)
        .forEach((partition, lines) -> text.add(Sql.WEBHOOKS_TOLD.formatted(partition, lines)));
    text.add("COMMIT");
    link.with(connection -> atOnce(connection, text.toString())).map(true).onComplete(done::done);
  }

  private Future<?> atOnce(SqlConnection connection, String text) {
    return link.run(connection, text)
        .recover(
            fault ->
                fault instanceof TimeoutException
                    ? Future.failedFuture(fault)
                    : link.run(connection, "ROLLBACK")
                        .compose(undone -> Future.failedFuture(fault)));
  }

  private static String failed(Failure failure) {
    SqlText error = new SqlText(2 * failure.error().length() + 16);
    error.text(failure.error().substring(0, Math.min(200, failure.error().length())));
    return Sql.WEBHOOK_FAILED.formatted(
        failure.attempts(),
        failure.firstTryAt() == 0 ? failure.lastTryAt() : failure.firstTryAt(),
        failure.lastTryAt(),
        error,
        failure.parked() ? Long.toString(failure.lastTryAt()) : "NULL",
        failure.row().partition(),
        failure.row().line());
  }

  private static Map<Integer, String> linesByPartition(List<WebhookRow> rows) {
    Map<Integer, StringJoiner> lines = new TreeMap<>();
    rows.forEach(
        row ->
            lines
                .computeIfAbsent(row.partition(), p -> new StringJoiner(","))
                .add(Long.toString(row.line())));
    Map<Integer, String> text = new TreeMap<>();
    lines.forEach((partition, all) -> text.put(partition, all.toString()));
    return text;
  }

  private static List<WebhookRow> rows(int partition, RowSet<Row> rows) {
    List<WebhookRow> all = new ArrayList<>(rows.size());
    for (Row row : rows) {
      WebhookKind kind = WebhookKind.of(row.getString("kind"));
      Long firstTryAt = row.getLong("first_try_at");
      all.add(
          new WebhookRow(
              partition,
              row.getLong("line"),
              kind,
              row.getLong("subject_id"),
              row.getLong("at"),
              row.getInteger("attempts"),
              firstTryAt == null ? 0 : firstTryAt,
              row.getLong("parked_at") != null,
              body(kind, row)));
    }
    return all;
  }

  /** Empty if the order is not there. */
  private static String body(WebhookKind kind, Row row) {
    if (kind != WebhookKind.SOLD_OUT && row.getLong("item_id") == null) {
      return "";
    }
    JsonObject data = kind == WebhookKind.SOLD_OUT ? item(row) : order(kind, row);
    long at = row.getLong("at");
    return JsonObject.of("type", kind.type(), "timestamp", Instant.ofEpochMilli(at).toString())
        .put("data", data.put("at", at))
        .encode();
  }

  private static JsonObject item(Row row) {
    return JsonObject.of("item", Long.toString(row.getLong("subject_id")));
  }

  private static JsonObject order(WebhookKind kind, Row row) {
    long price = row.getLong("price");
    int quantity = row.getInteger("quantity");
    JsonObject order =
        JsonObject.of("order", Long.toString(row.getLong("subject_id")))
            .put("item", Long.toString(row.getLong("item_id")))
            .put("user", utf8(row.getBuffer("user_id")))
            .put("key", utf8(row.getBuffer("shake_key")))
            .put("quantity", quantity)
            .put("price", price)
            .put("amount", price * quantity)
            .put("currency", row.getString("currency"))
            .put("acceptedAt", row.getLong("accepted_at"))
            .put("payBy", row.getLong("pay_by"));
    if (row.getLong("claim_by") != null) {
      order.put("claimBy", row.getLong("claim_by"));
    }
    if (row.getBuffer("claimed_by") != null) {
      order.put("claimedBy", utf8(row.getBuffer("claimed_by")));
    }
    return switch (kind) {
      case PAID -> order.put("payment", utf8(row.getBuffer("payment_id")));
      case RELEASED -> order.put("reason", row.getString("release_reason"));
      case LATE_PAYMENT, EXTRA_PAYMENT -> order.put("payment", utf8(row.getBuffer("refund")));
      case ACCEPTED, CLAIMED, SOLD_OUT -> order;
    };
  }

  private static @Nullable String utf8(@Nullable Buffer bytes) {
    return bytes == null ? null : bytes.toString(StandardCharsets.UTF_8);
  }
}
