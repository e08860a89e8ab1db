package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.mysqlclient.MySQLClient;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;

/**
 * Drafts of sessions and items, until their owners take them over. Each change is one transaction
 * with its audit row. A change that carries a {@code key} happens once: the same operator's second
 * one gets the first one's answer, or {@code key_reused} if it asks for something else.
 *
 * <p>Failures: {@link InvalidField} and {@link Refusal} are the sender's; anything else is MySQL's.
 */
final class Catalogue {
  private static final Set<String> SESSION_MEMBERS =
      Set.of("title", "opensAt", "closesAt", "zone", "claimWithinSeconds", "by", "reason", "key");
  private static final Set<String> ITEM_MEMBERS =
      Set.of(
          "session",
          "title",
          "price",
          "listPrice",
          "currency",
          "stock",
          "limitPerUser",
          "payWithinSeconds",
          "cooldownMs",
          "gate",
          "releases",
          "by",
          "reason",
          "key");
  private static final long TIME_MAX = 253_402_300_799_999L; // the end of year 9999
  private static final long PAY_WITHIN_SECONDS_DEFAULT = 900;
  private static final int DUPLICATE_KEY = 1062;

  private final MySqlLink link;
  private final int partitions;

  Catalogue(MySqlLink link, int partitions) {
    this.link = link;
    this.partitions = partitions;
  }

  /** {@code claimWithinMs}: 0 = shoppers sign in before they shake. */
  private record Draft(String title, long opensAt, long closesAt, String zone, long claimWithinMs) {
    static Draft of(Row row) {
      return new Draft(
          row.getString("title"),
          row.getLong("opens_at"),
          row.getLong("closes_at"),
          row.getString("zone"),
          row.getLong("claim_within_ms"));
    }
  }

  /** {@code {"session"}}. */
  Future<JsonObject> createSession(Fields request) {
    request.allowOnly(SESSION_MEMBERS);
    Warrant warrant = warrant(request);
    Draft draft = draft(request);
    return once(
        warrant, () -> link.inTransaction(connection -> session(connection, draft, warrant)));
  }

  private static Draft draft(Fields request) {
    long opensAt = request.number("opensAt", 1, TIME_MAX);
    long closesAt = request.number("closesAt", 1, TIME_MAX);
    if (closesAt <= opensAt) {
      throw new InvalidField("closesAt", "must be after opensAt");
    }
    String title = request.text("title", Limits.TITLE_CHARS_MAX);
    long claimWithinMs =
        1_000 * request.numberOr("claimWithinSeconds", 0, Limits.CLAIM_WITHIN_MS_MAX / 1_000, 0);
    String zone = zone(request.textOr("zone", 64, "UTC"));
    return new Draft(title, opensAt, closesAt, zone, claimWithinMs);
  }

  private static String zone(String zone) {
    try {
      return ZoneId.of(zone).getId();
    } catch (DateTimeException e) {
      throw new InvalidField("zone", "must be a time zone like Asia/Shanghai");
    }
  }

  private Future<JsonObject> session(SqlConnection connection, Draft draft, Warrant warrant) {
    return byCommand(connection, Sql.SESSION_BY_COMMAND, warrant)
        .compose(
            earlier ->
                earlier == null
                    ? insertSession(connection, draft, warrant)
                    : same(Draft.of(earlier).equals(draft), warrant)
                        .map(yes -> sessionReply(earlier.getLong("session_id"))));
  }

  private Future<JsonObject> insertSession(SqlConnection connection, Draft draft, Warrant warrant) {
    return now(connection)
        .compose(
            now ->
                link.run(
                        connection,
                        Sql.SESSION_INSERT,
                        Tuple.tuple(
                            Arrays.asList(
                                draft.title,
                                draft.opensAt,
                                draft.closesAt,
                                draft.zone,
                                draft.claimWithinMs,
                                by(warrant),
                                now,
                                key(warrant))))
                    .map(rows -> sessionReply(rows.property(MySQLClient.LAST_INSERTED_ID)))
                    .compose(
                        reply ->
                            audit(
                                    connection,
                                    now,
                                    warrant,
                                    "session.create",
                                    reply.getString("session"),
                                    new JsonObject(),
                                    JsonObject.of(
                                        "title", draft.title,
                                        "opensAt", draft.opensAt,
                                        "closesAt", draft.closesAt,
                                        "zone", draft.zone,
                                        "claimWithinSeconds", draft.claimWithinMs / 1_000))
                                .map(reply)));
  }

  private static JsonObject sessionReply(long session) {
    return JsonObject.of("session", Long.toString(session));
  }

  /** {@code {"item","partition"}}. */
  Future<JsonObject> createItem(Fields request) {
    request.allowOnly(ITEM_MEMBERS);
    Warrant warrant = warrant(request);
    long session = request.id("session");
    return once(
        warrant,
        () ->
            link.inTransaction(
                connection ->
                    link.run(connection, Sql.SESSION_LOCK, Tuple.of(session))
                        .compose(
                            rows ->
                                rows.size() == 0
                                    ? Future.failedFuture(Refusal.notFound("session", session))
                                    : item(connection, request, rows, warrant))));
  }

  private Future<JsonObject> item(
      SqlConnection connection, Fields request, RowSet<Row> session, Warrant warrant) {
    SaleItem wanted = item(1, request, session.iterator().next());
    return byCommand(connection, Sql.ITEM_BY_COMMAND, warrant)
        .compose(
            earlier -> {
              if (earlier == null) {
                return insertItem(connection, wanted, warrant);
              }
              SaleItem found = ItemRows.item(earlier);
              return same(found.equals(withId(found.item(), wanted)), warrant)
                  .map(yes -> itemReply(found.item()));
            });
  }

  private static SaleItem item(long id, Fields request, Row session) {
    long price = request.number("price", 0, Limits.PRICE_MAX);
    List<SaleItem.Release> releases = new ArrayList<>();
    for (Fields each : request.list("releases", Limits.RELEASES_MAX)) {
      each.allowOnly(Set.of("at", "units"));
      releases.add(
          new SaleItem.Release(
              each.number("at", 1, TIME_MAX), each.number("units", 1, Limits.STOCK_MAX)));
    }
    return new SaleItem(
        id,
        session.getLong("session_id"),
        request.text("title", Limits.TITLE_CHARS_MAX),
        price,
        request.numberOr("listPrice", 0, Limits.PRICE_MAX, price),
        request.textOr("currency", 3, "CNY"),
        session.getLong("opens_at"),
        session.getLong("closes_at"),
        request.number("stock", 0, Limits.STOCK_MAX),
        (int) request.numberOr("limitPerUser", 1, Limits.QUANTITY_MAX, 1),
        1_000 * request.numberOr("payWithinSeconds", 1, 604_800, PAY_WITHIN_SECONDS_DEFAULT),
        request.numberOr("cooldownMs", 0, 3_600_000, 0),
        request.millionthsOrAll("gate"),
        releases,
        session.getLong("claim_within_ms"));
  }

  private static SaleItem withId(long id, SaleItem item) {
    return new SaleItem(
        id,
        item.session(),
        item.title(),
        item.price(),
        item.listPrice(),
        item.currency(),
        item.opensAt(),
        item.closesAt(),
        item.stock(),
        item.limitPerUser(),
        item.payWithinMs(),
        item.cooldownMs(),
        item.gate(),
        item.releases(),
        item.claimWithinMs());
  }

  private Future<JsonObject> insertItem(SqlConnection connection, SaleItem item, Warrant warrant) {
    return now(connection)
        .compose(
            now ->
                link.run(connection, Sql.ITEM_INSERT, itemParameters(item, now, warrant))
                    .compose(
                        rows -> {
                          long id = rows.property(MySQLClient.LAST_INSERTED_ID);
                          return place(connection, withId(id, item), now, warrant);
                        }));
  }

  private static Tuple itemParameters(SaleItem item, long now, Warrant warrant) {
    return Tuple.tuple(
        Arrays.asList(
            item.session(),
            item.title(),
            item.price(),
            item.listPrice(),
            item.currency(),
            item.opensAt(),
            item.closesAt(),
            item.stock(),
            item.limitPerUser(),
            item.payWithinMs(),
            item.cooldownMs(),
            item.gate(),
            ItemRows.releasesJson(item),
            item.claimWithinMs(),
            by(warrant),
            now,
            key(warrant)));
  }

  /** The id, and with it the partition, is known only after the insert. */
  private Future<JsonObject> place(
      SqlConnection connection, SaleItem item, long now, Warrant warrant) {
    JsonObject reply = itemReply(item.item());
    Tuple placed = Tuple.of(reply.getInteger("partition"), item.item());
    return link.run(connection, Sql.ITEM_PARTITION, placed)
        .compose(
            done ->
                audit(
                    connection,
                    now,
                    warrant,
                    "item.create",
                    reply.getString("item"),
                    new JsonObject(),
                    ItemRows.json(item)))
        .map(reply);
  }

  private JsonObject itemReply(long item) {
    return JsonObject.of(
        "item", Long.toString(item), "partition", PartitionMap.partitionOfItem(item, partitions));
  }

  /** {@code {"session","status":"published"}}; again: the same, and no second audit row. */
  Future<JsonObject> sessionPublished(Fields request) {
    request.allowOnly(Set.of("session", "by", "reason", "key"));
    Warrant warrant = warrant(request);
    long session = request.id("session");
    JsonObject reply = sessionReply(session).put("status", "published");
    return link.inTransaction(
            connection ->
                link.run(connection, Sql.SESSION_LOCK, Tuple.of(session))
                    .compose(
                        rows ->
                            rows.size() == 0
                                ? Future.failedFuture(Refusal.notFound("session", session))
                                : publish(connection, rows.iterator().next(), warrant)))
        .map(reply);
  }

  private Future<?> publish(SqlConnection connection, Row session, Warrant warrant) {
    String before = session.getString("status");
    if (before.equals("published")) {
      return Future.succeededFuture();
    }
    long id = session.getLong("session_id");
    return now(connection)
        .compose(
            now ->
                link.run(connection, Sql.SESSION_PUBLISHED, Tuple.of(now, id))
                    .compose(
                        done ->
                            audit(
                                connection,
                                now,
                                warrant,
                                "session.publish",
                                Long.toString(id),
                                JsonObject.of("status", before),
                                JsonObject.of("status", "published"))));
  }

  private static Warrant warrant(Fields request) {
    return new Warrant(
        request.text("by", 64),
        request.textOr("reason", Limits.REASON_CHARS_MAX, ""),
        request.bytesOrEmpty("key"),
        true);
  }

  private Future<@Nullable Row> byCommand(SqlConnection connection, String sql, Warrant warrant) {
    if (warrant.key().isEmpty()) {
      return Future.succeededFuture(null);
    }
    return link.run(connection, sql, Tuple.of(by(warrant), key(warrant)))
        .map(rows -> rows.size() == 0 ? null : rows.iterator().next());
  }

  private static Future<Void> same(boolean same, Warrant warrant) {
    return same
        ? Future.succeededFuture()
        : Future.failedFuture(
            new Refusal("key_reused", "key " + warrant.key() + " was used for something else"));
  }

  /**
   * Two requests with one key at once: the second finds the first one's row when it tries again.
   */
  private static <T> Future<T> once(Warrant warrant, Supplier<Future<T>> change) {
    return change
        .get()
        .recover(
            fault ->
                fault instanceof MySQLException e
                        && e.getErrorCode() == DUPLICATE_KEY
                        && !warrant.key().isEmpty()
                    ? change.get()
                    : Future.failedFuture(fault));
  }

  private Future<Long> now(SqlConnection connection) {
    return link.run(connection, Sql.NOW).map(rows -> rows.iterator().next().getLong(0));
  }

  private Future<RowSet<Row>> audit(
      SqlConnection connection,
      long now,
      Warrant warrant,
      String action,
      String subject,
      JsonObject before,
      JsonObject after) {
    return link.run(
        connection,
        Sql.AUDIT_INSERT,
        Tuple.tuple(
            Arrays.asList(
                now,
                warrant.by(),
                action,
                subject,
                warrant.reason(),
                key(warrant),
                before.encode(),
                after.encode())));
  }

  private static Buffer by(Warrant warrant) {
    return Buffer.buffer(warrant.by().getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable Buffer key(Warrant warrant) {
    Bytes key = warrant.key();
    return key.isEmpty() ? null : Buffer.buffer(key.toByteArray());
  }
}
