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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.Limits;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;

/**
 * What changes of the catalogue have in common. Locks are taken in one order: the calendar, then a
 * session; a transaction begins with them, so that it sees what was done before it.
 */
final class CatalogueTables {
  private static final int DUPLICATE_KEY = 1062;
  private static final int PLACE_TRIES_MAX = 20;

  private final MySqlLink link;
  private final int partitions;

  CatalogueTables(MySqlLink link, int partitions) {
    this.link = link;
    this.partitions = partitions;
  }

  static Warrant warrant(Fields request) {
    return new Warrant(
        request.text("by", 64),
        request.textOr("reason", Limits.REASON_CHARS_MAX, ""),
        request.bytesOrEmpty("key"),
        true);
  }

  /** One at a time of all that plan with products. */
  <T> Future<T> planning(Function<SqlConnection, Future<T>> work) {
    return link.inTransaction(
        connection ->
            link.run(connection, Sql.CALENDAR_LOCK).compose(locked -> work.apply(connection)));
  }

  <T> Future<T> inTransaction(Function<SqlConnection, Future<T>> work) {
    return link.inTransaction(work);
  }

  /** Fails with {@link Refusal} when there is none. */
  Future<Row> lockSession(SqlConnection connection, long session) {
    return link.run(connection, Sql.SESSION_LOCK, Tuple.of(session))
        .compose(rows -> first(rows, Refusal.notFound("session", session)));
  }

  Future<Row> item(SqlConnection connection, long item) {
    return link.run(connection, Sql.ITEM, Tuple.of(item))
        .compose(rows -> first(rows, Refusal.notFound("item", item)));
  }

  private static Future<Row> first(RowSet<Row> rows, Refusal none) {
    return rows.size() == 0
        ? Future.failedFuture(none)
        : Future.succeededFuture(rows.iterator().next());
  }

  Future<List<Row>> itemsOf(SqlConnection connection, long session) {
    return link.run(connection, Sql.ITEMS_OF_SESSION, Tuple.of(session))
        .map(
            rows -> {
              List<Row> all = new ArrayList<>(rows.size());
              rows.forEach(all::add);
              return all;
            });
  }

  Future<Long> held(SqlConnection connection, long session) {
    return link.run(connection, Sql.SESSION_HELD, Tuple.of(session)).map(rows -> number(rows));
  }

  Future<Long> insertSession(
      SqlConnection connection, Drafts.Session draft, long now, Warrant warrant) {
    Tuple values =
        Tuple.tuple(
            Arrays.asList(
                draft.title(),
                draft.opensAt(),
                draft.closesAt(),
                draft.zone(),
                draft.label(),
                draft.limitPerSession(),
                draft.claimWithinMs(),
                by(warrant),
                now,
                key(warrant)));
    return link.run(connection, Sql.SESSION_INSERT, values)
        .map(rows -> rows.property(MySQLClient.LAST_INSERTED_ID));
  }

  Future<?> changeSession(SqlConnection connection, long session, Drafts.Session draft) {
    return link.run(
        connection,
        Sql.SESSION_CHANGED,
        Tuple.tuple(
            List.of(
                draft.title(),
                draft.opensAt(),
                draft.closesAt(),
                draft.zone(),
                draft.label(),
                draft.limitPerSession(),
                draft.claimWithinMs(),
                session)));
  }

  Future<?> markSession(SqlConnection connection, String sql, long now, long session) {
    return link.run(connection, sql, Tuple.of(now, session));
  }

  /**
   * Where no partition is wanted, the item's is known only after the insert; where one is, the next
   * id that leads there is taken.
   *
   * @param partition −1 = any
   * @return the item with its id
   */
  Future<Drafts.Item> insertItem(
      SqlConnection connection, Drafts.Item item, int partition, long now, Warrant warrant) {
    Future<Long> inserted =
        partition < 0
            ? link.run(connection, Sql.ITEM_INSERT, parameters(null, item, now, warrant))
                .map(rows -> rows.property(MySQLClient.LAST_INSERTED_ID))
            : link.run(connection, Sql.ITEM_LAST)
                .compose(
                    last ->
                        insertAfter(number(last), connection, item, partition, now, warrant, 1));
    return inserted.compose(
        id ->
            link.run(connection, Sql.ITEM_PARTITION, Tuple.of(partitionOf(id), id))
                .map(placed -> item.withId(id)));
  }

  /** Somebody may have taken the same id since: the next one that fits does as well. */
  private Future<Long> insertAfter(
      long last,
      SqlConnection connection,
      Drafts.Item item,
      int partition,
      long now,
      Warrant warrant,
      int attempt) {
    long id = last + 1;
    while (partitionOf(id) != partition) {
      id++;
    }
    long chosen = id;
    return link.run(connection, Sql.ITEM_INSERT, parameters(chosen, item, now, warrant))
        .map(chosen)
        .recover(
            fault ->
                isDuplicate(fault, "PRIMARY") && attempt < PLACE_TRIES_MAX
                    ? insertAfter(chosen, connection, item, partition, now, warrant, attempt + 1)
                    : Future.failedFuture(fault));
  }

  int partitionOf(long item) {
    return PartitionMap.partitionOfItem(item, partitions);
  }

  /** Of the items of a session: −1 = any. */
  int partitionOf(long session, Drafts.Session draft) {
    return Drafts.partitionOf(session, draft, partitions);
  }

  /** False if its owner has it by now. */
  Future<Boolean> changeItem(SqlConnection connection, Drafts.Item item) {
    List<Object> values = values(item);
    values.remove(0); // of which session it is does not change
    values.add(item.sale().item());
    return link.run(connection, Sql.ITEM_CHANGED, Tuple.tuple(values))
        .map(rows -> rows.rowCount() == 1);
  }

  private static Tuple parameters(@Nullable Long id, Drafts.Item item, long now, Warrant warrant) {
    List<Object> all = new ArrayList<>();
    all.add(id);
    all.addAll(values(item));
    all.addAll(Arrays.asList(by(warrant), now, key(warrant)));
    return Tuple.tuple(all);
  }

  private static List<Object> values(Drafts.Item item) {
    SaleItem sale = item.sale();
    return new ArrayList<>(
        Arrays.asList(
            sale.session(),
            sale.title(),
            sale.price(),
            sale.listPrice(),
            sale.currency(),
            sale.opensAt(),
            sale.closesAt(),
            sale.stock(),
            sale.limitPerUser(),
            sale.payWithinMs(),
            sale.cooldownMs(),
            sale.gate(),
            ItemRows.releasesJson(sale),
            item.product().isEmpty() ? null : item.product(),
            sale.limitPerOrder(),
            sale.limitPerSession(),
            sale.claimWithinMs()));
  }

  /**
   * Fails with {@link Refusal} {@code product_twice} if another session has the product at some
   * time of the item's window. Only within {@link #planning}.
   */
  Future<Void> requireFree(SqlConnection connection, Drafts.Item item) {
    if (item.product().isEmpty()) {
      return Future.succeededFuture();
    }
    SaleItem sale = item.sale();
    return link.run(
            connection,
            Sql.PRODUCT_ELSEWHERE,
            Tuple.of(item.product(), sale.session(), sale.opensAt(), sale.closesAt()))
        .compose(
            rows -> {
              for (Row row : rows) {
                return Future.failedFuture(
                    new Refusal(
                        "product_twice",
                        "product %s is in session %d at the same time (item %d)"
                            .formatted(
                                item.product(),
                                row.getLong("session_id"),
                                row.getLong("item_id"))));
              }
              return Future.succeededFuture();
            });
  }

  Future<@Nullable Row> byCommand(SqlConnection connection, String sql, Warrant warrant) {
    if (warrant.key().isEmpty()) {
      return Future.succeededFuture(null);
    }
    return link.run(connection, sql, Tuple.of(by(warrant), key(warrant)))
        .map(rows -> rows.size() == 0 ? null : rows.iterator().next());
  }

  /** The audit row of the earlier command with the same key; null = it is the first. */
  Future<@Nullable Row> earlier(SqlConnection connection, String action, Warrant warrant) {
    if (warrant.key().isEmpty()) {
      return Future.succeededFuture(null);
    }
    return link.run(connection, Sql.AUDIT_BY_COMMAND, Tuple.of(key(warrant), warrant.by(), action))
        .map(rows -> rows.size() == 0 ? null : rows.iterator().next());
  }

  static Future<Void> same(boolean same, Warrant warrant) {
    return same
        ? Future.succeededFuture()
        : Future.failedFuture(
            new Refusal("key_reused", "key " + warrant.key() + " was used for something else"));
  }

  /**
   * Two requests with one key at once: the second finds the first one's row when it tries again.
   */
  static <T> Future<T> once(Warrant warrant, Supplier<Future<T>> change) {
    return change
        .get()
        .recover(
            fault ->
                isDuplicate(fault, "command") && !warrant.key().isEmpty()
                    ? change.get()
                    : Future.failedFuture(fault));
  }

  private static boolean isDuplicate(Throwable fault, String key) {
    return fault instanceof MySQLException e
        && e.getErrorCode() == DUPLICATE_KEY
        && String.valueOf(e.getMessage()).contains(key);
  }

  Future<Long> now(SqlConnection connection) {
    return link.run(connection, Sql.NOW).map(rows -> number(rows));
  }

  private static long number(RowSet<Row> rows) {
    return rows.iterator().next().getLong(0);
  }

  Future<RowSet<Row>> audit(
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
