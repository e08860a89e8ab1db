package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;

/**
 * Everything that is only read, as {@link ReadSide} says where; cursors always come from the
 * primary, since an owner decides by them.
 *
 * <p>{@code asOf} is the time of the reading by the database's clock, epoch milliseconds. Lists are
 * bounded; a list that was cut has {@code "more":true}.
 */
final class Queries {
  private static final int SESSIONS_MAX = 200;
  private static final int ITEMS_MAX = 2_000;
  private static final int PAGE_MAX = 500;
  private static final int PAGE_DEFAULT = 100;
  private static final int ORDERS_MAX = 100;

  private final ReadSide side;
  private final MySqlLink primary;
  private final int partitions;

  Queries(ReadSide side, int partitions) {
    this.side = side;
    this.primary = side.primary();
    this.partitions = partitions;
  }

  /** Sessions that are on at some time in {@code from ≤ t < to}, drafts too, in opening order. */
  Future<JsonObject> sessions(Fields request) {
    request.allowOnly(Set.of("from", "to"));
    long from = request.numberOr("from", 0, Long.MAX_VALUE, 0);
    long to = request.numberOr("to", 0, Long.MAX_VALUE, Long.MAX_VALUE);
    return read(
        link ->
            connection ->
                link.run(connection, Sql.SESSIONS, Tuple.of(from, to, SESSIONS_MAX + 1))
                    .compose(rows -> withItems(link, connection, rows)));
  }

  /** {@code {"session":{…}}}; with {@code "now":true} as it is now, on the primary. */
  Future<JsonObject> session(Fields request) {
    request.allowOnly(Set.of("session", "now"));
    long session = request.id("session");
    ReadSide.Reading reading =
        (link, connection) ->
            link.run(connection, Sql.SESSION, Tuple.of(session))
                .compose(
                    rows ->
                        rows.size() == 0
                            ? Future.failedFuture(Refusal.notFound("session", session))
                            : withItems(link, connection, rows))
                .map(
                    list ->
                        JsonObject.of("session", list.getJsonArray("sessions").getJsonObject(0)));
    return request.flag("now") ? side.readPrimary(reading) : side.read(reading);
  }

  private static Future<JsonObject> withItems(
      MySqlLink link, SqlConnection connection, RowSet<Row> rows) {
    JsonArray sessions = new JsonArray();
    Map<Long, JsonArray> items = new HashMap<>();
    StringJoiner ids = new StringJoiner(", ");
    for (Row row : rows) {
      if (sessions.size() < SESSIONS_MAX) {
        long id = row.getLong("session_id");
        ids.add(Long.toString(id));
        sessions.add(session(row).put("items", items.computeIfAbsent(id, n -> new JsonArray())));
      }
    }
    JsonObject reply = JsonObject.of("sessions", sessions);
    if (sessions.isEmpty()) {
      return Future.succeededFuture(reply);
    }
    String sql = Sql.ITEMS_OF_SESSIONS.formatted(ids);
    return link.run(connection, sql, Tuple.of(ITEMS_MAX + 1))
        .map(
            found -> {
              int left = ITEMS_MAX;
              for (Row row : found) {
                if (left-- > 0) {
                  items.get(row.getLong("session_id")).add(ItemRows.json(row));
                }
              }
              return cut(reply, rows.size() > SESSIONS_MAX || left < 0);
            });
  }

  private static JsonObject session(Row row) {
    return new JsonObject()
        .put("session", Long.toString(row.getLong("session_id")))
        .put("title", row.getString("title"))
        .put("opensAt", row.getLong("opens_at"))
        .put("closesAt", row.getLong("closes_at"))
        .put("zone", row.getString("zone"))
        .put("status", row.getString("status"))
        .put("label", row.getString("label"))
        .put("limitPerSession", row.getInteger("limit_per_session"))
        .put("login", row.getLong("claim_within_ms") > 0 ? "after" : "before")
        .put("claimWithinSeconds", row.getLong("claim_within_ms") / 1_000);
  }

  /** {@code {"now"}}: the primary answers, and what time it is there. */
  Future<JsonObject> clock(Fields request) {
    request.allowOnly(Set.of());
    return primary.with(
        connection ->
            primary
                .run(connection, Sql.NOW)
                .map(rows -> JsonObject.of("now", rows.iterator().next().getLong(0))));
  }

  /** {@code {"item":{…}}}. */
  Future<JsonObject> item(Fields request) {
    request.allowOnly(Set.of("item"));
    long item = request.id("item");
    return read(
        link ->
            connection ->
                link.run(connection, Sql.ITEM, Tuple.of(item))
                    .compose(
                        rows ->
                            rows.size() == 0
                                ? Future.failedFuture(Refusal.notFound("item", item))
                                : Future.succeededFuture(
                                    JsonObject.of("item", ItemRows.json(rows.iterator().next())))));
  }

  /**
   * {@code {"items":[…]}} on sale or soon to be with every word of {@code q} in their title, in
   * opening order; each with its session's {@code zone}.
   */
  Future<JsonObject> search(Fields request) {
    request.allowOnly(Set.of("q"));
    List<Object> parameters = new ArrayList<>();
    StringJoiner words = new StringJoiner(" ");
    for (String word : request.text("q", 2 * Limits.SEARCH_CHARS_MAX).strip().split("\\s+")) {
      words.add(Sql.SEARCH_WORD);
      parameters.add("%" + word.replaceAll("[|%_]", "|$0") + "%");
    }
    parameters.add(Limits.SEARCH_ITEMS_MAX + 1);
    String sql = Sql.SEARCH.formatted(words);
    return readAsOf(
        (link, connection) ->
            link.run(connection, sql, Tuple.tuple(parameters))
                .map(
                    rows -> {
                      JsonArray items = new JsonArray();
                      rows.forEach(
                          row ->
                              addUpTo(
                                  Limits.SEARCH_ITEMS_MAX,
                                  items,
                                  ItemRows.json(row).put("zone", row.getString("zone"))));
                      return cut(
                          JsonObject.of("items", items), rows.size() > Limits.SEARCH_ITEMS_MAX);
                    }));
  }

  /**
   * A user's orders, claimed ones too, the newest first: those of {@code item}, or the one that
   * {@code key} got there. A list that goes on has {@code next}, to be given as {@code after}.
   */
  Future<JsonObject> orders(Fields request) {
    request.allowOnly(Set.of("user", "item", "key", "after", "limit", "seen"));
    List<Object> chosen = new ArrayList<>();
    chosen.add(Buffer.buffer(request.bytes("user").toByteArray()));
    String which = "";
    if (request.has("item")) {
      which = Sql.ORDERS_OF_ITEM;
      chosen.add(request.id("item"));
    }
    if (request.has("key")) {
      if (!request.has("item")) {
        throw new InvalidField("key", "needs item: a key is known by user and item");
      }
      which += Sql.ORDERS_OF_KEY;
      chosen.add(Buffer.buffer(request.bytes("key").toByteArray()));
    }
    OrderPlace after = OrderPlace.of("after", request.textOr("after", 64, ""));
    int limit = (int) request.numberOr("limit", 1, ORDERS_MAX, ORDERS_MAX);
    chosen.addAll(List.of(after.acceptedAt(), after.acceptedAt(), after.order(), limit + 1));
    List<Object> parameters = new ArrayList<>(chosen);
    parameters.addAll(chosen);
    parameters.add(limit + 1);
    String sql = Sql.ORDERS.formatted(which);
    return side.readDrained(
        request.has("seen") ? request.id("seen") : 0,
        asOf(
            (link, connection) ->
                link.run(connection, sql, Tuple.tuple(parameters)).map(rows -> page(rows, limit))));
  }

  private static JsonObject page(RowSet<Row> rows, int limit) {
    JsonArray orders = new JsonArray();
    rows.forEach(row -> addUpTo(limit, orders, order(row)));
    JsonObject reply = JsonObject.of("orders", orders);
    if (rows.size() > limit) {
      JsonObject last = orders.getJsonObject(limit - 1);
      reply.put("next", OrderPlace.of(last).toString());
    }
    return reply;
  }

  /**
   * {@code {"order":{…}}}; what {@code user} neither shook for nor claimed does not exist for that
   * user.
   */
  Future<JsonObject> order(Fields request) {
    request.allowOnly(Set.of("order", "user"));
    long order = request.id("order");
    Bytes user = request.bytesOrEmpty("user");
    return side.readDrained(
        order,
        asOf(
            (link, connection) ->
                link.run(connection, Sql.ORDER, Tuple.of(order))
                    .compose(
                        rows -> {
                          Row row = rows.size() == 0 ? null : rows.iterator().next();
                          return row == null || !(user.isEmpty() || isOf(row, user))
                              ? Future.failedFuture(Refusal.notFound("order", order))
                              : Future.succeededFuture(JsonObject.of("order", order(row)));
                        })));
  }

  private static boolean isOf(Row row, Bytes user) {
    byte[] shook = row.getBuffer("user_id").getBytes();
    Buffer claimed = row.getBuffer("claimed_by");
    return user.sameAs(shook, 0, shook.length)
        || claimed != null && user.sameAs(claimed.getBytes(), 0, claimed.length());
  }

  private static JsonObject order(Row row) {
    return new JsonObject()
        .put("order", Long.toString(row.getLong("order_id")))
        .put("item", Long.toString(row.getLong("item_id")))
        .put("user", text(row, "user_id"))
        .put("key", text(row, "shake_key"))
        .put("quantity", row.getInteger("quantity"))
        .put("price", row.getLong("price"))
        .put("currency", row.getString("currency"))
        .put("status", row.getString("status"))
        .put("acceptedAt", row.getLong("accepted_at"))
        .put("payBy", row.getLong("pay_by"))
        .put("paidAt", orZero(row.getLong("paid_at")))
        .put("payment", text(row, "payment_id"))
        .put("releasedAt", orZero(row.getLong("released_at")))
        .put("releaseReason", orEmpty(row.getString("release_reason")))
        .put("refundPayment", text(row, "refund_payment_id"))
        .put("refundReason", orEmpty(row.getString("refund_reason")))
        .put("refundAt", orZero(row.getLong("refund_at")))
        .put("claimBy", orZero(row.getLong("claim_by")))
        .put("claimedBy", text(row, "claimed_by"))
        .put("claimedAt", orZero(row.getLong("claimed_at")))
        .put("position", row.getLong("position"));
  }

  /** {@code {"position","batch"}}: how far a partition is drained; 0 and "0" if it never was. */
  Future<JsonObject> cursor(Fields request) {
    request.allowOnly(Set.of("partition"));
    long partition = request.number("partition", 0, partitions - 1L);
    return primary.with(
        connection ->
            primary
                .run(connection, Sql.CURSOR, Tuple.of(partition))
                .map(
                    rows -> {
                      for (Row row : rows) {
                        return JsonObject.of("position", row.getLong(0), "batch", row.getString(1));
                      }
                      return JsonObject.of("position", 0L, "batch", "0");
                    }));
  }

  /**
   * {@code {"entries":[…]}} by ascending {@code audit}, those above {@code after}; {@code newest}:
   * of these the last, by descending {@code audit}.
   */
  Future<JsonObject> audit(Fields request) {
    request.allowOnly(Set.of("after", "max", "newest"));
    long after = request.after();
    int max = page(request);
    String sql = request.flag("newest") ? Sql.AUDIT_NEWEST : Sql.AUDIT;
    return read(
        link ->
            connection ->
                link.run(connection, sql, Tuple.of(after, max + 1))
                    .map(
                        rows -> {
                          JsonArray entries = new JsonArray();
                          rows.forEach(row -> addUpTo(max, entries, auditEntry(row)));
                          return cut(JsonObject.of("entries", entries), rows.size() > max);
                        }));
  }

  private static JsonObject auditEntry(Row row) {
    return new JsonObject()
        .put("audit", Long.toString(row.getLong("audit_id")))
        .put("at", row.getLong("at"))
        .put("by", row.getString("operator"))
        .put("action", row.getString("action"))
        .put("subject", row.getString("subject"))
        .put("user", text(row, "user_id"))
        .put("reason", row.getString("reason"))
        .put("key", text(row, "command_key"))
        .put("before", json(row.getString("before_json")))
        .put("after", json(row.getString("after_json")))
        .put("partition", row.getInteger("partition_id"))
        .put("position", row.getLong("position"));
  }

  /** What owners wrote is shown even if it is not JSON. */
  private static Object json(String text) {
    try {
      return text.startsWith("{") ? new JsonObject(text) : text;
    } catch (io.vertx.core.json.DecodeException e) {
      return text;
    }
  }

  private Future<JsonObject> readAsOf(ReadSide.Reading reading) {
    return side.read(asOf(reading));
  }

  private static ReadSide.Reading asOf(ReadSide.Reading reading) {
    return (link, connection) ->
        link.run(connection, Sql.NOW)
            .compose(
                now ->
                    reading
                        .on(link, connection)
                        .map(reply -> reply.put("asOf", now.iterator().next().getLong(0))));
  }

  private Future<JsonObject> read(
      Function<MySqlLink, Function<SqlConnection, Future<JsonObject>>> reading) {
    return side.read((link, connection) -> reading.apply(link).apply(connection));
  }

  private static int page(Fields request) {
    return (int) request.numberOr("max", 1, PAGE_MAX, PAGE_DEFAULT);
  }

  private static void addUpTo(int max, JsonArray list, JsonObject each) {
    if (list.size() < max) {
      list.add(each);
    }
  }

  private static JsonObject cut(JsonObject reply, boolean cut) {
    return cut ? reply.put("more", true) : reply;
  }

  private static String text(Row row, String column) {
    Buffer bytes = row.getBuffer(column);
    return bytes == null ? "" : bytes.toString(StandardCharsets.UTF_8);
  }

  private static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }

  private static String orEmpty(@Nullable String value) {
    return value == null ? "" : value;
  }
}
