package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;
import stampede.protocol.Warrant;

/**
 * Drafts of sessions and items, until their owners take them over. Each change is one transaction
 * with its audit row. A change that carries a {@code key} happens once: the same operator's second
 * one gets the first one's answer, or {@code key_reused} if it asks for something else.
 *
 * <p>Failures: {@link InvalidField} and {@link Refusal} are the sender's; anything else is MySQL's.
 */
final class Catalogue {
  private static final int NAMES_MAX = 32;

  private final CatalogueTables tables;

  Catalogue(CatalogueTables tables) {
    this.tables = tables;
  }

  /** {@code members} and those every change has. */
  static Set<String> withWarrant(Set<String> members, String... more) {
    Set<String> all = new HashSet<>(members);
    all.addAll(List.of("by", "reason", "key"));
    all.addAll(List.of(more));
    return all;
  }

  /** {@code {"session"}}. */
  Future<JsonObject> createSession(Fields request) {
    request.allowOnly(withWarrant(Drafts.SESSION_MEMBERS));
    Warrant warrant = CatalogueTables.warrant(request);
    Drafts.Session draft = Drafts.Session.of(request);
    return CatalogueTables.once(
        warrant, () -> tables.inTransaction(connection -> session(connection, draft, warrant)));
  }

  private Future<JsonObject> session(
      SqlConnection connection, Drafts.Session draft, Warrant warrant) {
    return tables
        .byCommand(connection, Sql.SESSION_BY_COMMAND, warrant)
        .compose(
            earlier ->
                earlier == null
                    ? insertSession(connection, draft, warrant)
                    : CatalogueTables.same(Drafts.Session.of(earlier).equals(draft), warrant)
                        .map(yes -> sessionReply(earlier.getLong("session_id"))));
  }

  private Future<JsonObject> insertSession(
      SqlConnection connection, Drafts.Session draft, Warrant warrant) {
    return tables
        .now(connection)
        .compose(
            now ->
                tables
                    .insertSession(connection, draft, now, warrant)
                    .map(Catalogue::sessionReply)
                    .compose(
                        reply ->
                            tables
                                .audit(
                                    connection,
                                    now,
                                    warrant,
                                    "session.create",
                                    reply.getString("session"),
                                    new JsonObject(),
                                    draft.json())
                                .map(reply)));
  }

  private static JsonObject sessionReply(long session) {
    return JsonObject.of("session", Long.toString(session));
  }

  /** {@code {"item","partition"}}. */
  Future<JsonObject> createItem(Fields request) {
    request.allowOnly(withWarrant(Drafts.ITEM_MEMBERS, "session"));
    Warrant warrant = CatalogueTables.warrant(request);
    long session = request.id("session");
    return CatalogueTables.once(
        warrant,
        () ->
            tables.planning(
                connection ->
                    tables
                        .lockSession(connection, session)
                        .compose(row -> item(connection, request, row, warrant))));
  }

  private Future<JsonObject> item(
      SqlConnection connection, Fields request, Row session, Warrant warrant) {
    long id = session.getLong("session_id");
    Drafts.Session of = Drafts.Session.of(session);
    Drafts.Item wanted = Drafts.Item.of(1, request, id, of);
    return tables
        .byCommand(connection, Sql.ITEM_BY_COMMAND, warrant)
        .compose(
            earlier -> {
              if (earlier != null) {
                Drafts.Item found = Drafts.Item.of(earlier);
                long item = found.sale().item();
                return CatalogueTables.same(found.equals(wanted.withId(item)), warrant)
                    .map(yes -> itemReply(item));
              }
              return isArchived(session)
                  ? Future.failedFuture(new Refusal("archived", "session " + id + " is archived"))
                  : requireRoom(connection, id, of)
                      .compose(room -> tables.requireFree(connection, wanted))
                      .compose(free -> insertItem(connection, wanted, id, of, warrant));
            });
  }

  static boolean isArchived(Row session) {
    return session.getString("status").equals("archived");
  }

  private Future<Void> requireRoom(SqlConnection connection, long session, Drafts.Session of) {
    if (of.limitPerSession() == 0) {
      return Future.succeededFuture();
    }
    return tables
        .itemsOf(connection, session)
        .compose(
            items ->
                items.size() < Drafts.LIMITED_ITEMS_MAX
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        new Refusal(
                            "too_many_items",
                            "a session with limitPerSession has at most "
                                + Drafts.LIMITED_ITEMS_MAX
                                + " items")));
  }

  private Future<JsonObject> insertItem(
      SqlConnection connection,
      Drafts.Item item,
      long session,
      Drafts.Session of,
      Warrant warrant) {
    int partition = tables.partitionOf(session, of);
    return tables
        .now(connection)
        .compose(
            now ->
                tables
                    .insertItem(connection, item, partition, now, warrant)
                    .compose(
                        made -> {
                          JsonObject reply = itemReply(made.sale().item());
                          return tables
                              .audit(
                                  connection,
                                  now,
                                  warrant,
                                  "item.create",
                                  reply.getString("item"),
                                  new JsonObject(),
                                  made.json())
                              .map(reply);
                        }));
  }

  private JsonObject itemReply(long item) {
    return JsonObject.of("item", Long.toString(item), "partition", tables.partitionOf(item));
  }

  /**
   * {@code {"session","status":"published"}}; again: the same, and no second audit row. {@code
   * forced}: names of what the preflight found wrong and somebody published in spite of. {@code
   * opensAt}, {@code closesAt}, {@code claimWithinSeconds}: what the owners were told; it outranks
   * a change that came in while they were being told.
   */
  Future<JsonObject> sessionPublished(Fields request) {
    request.allowOnly(withWarrant(Drafts.TOLD_MEMBERS, "session", "forced"));
    Warrant warrant = CatalogueTables.warrant(request);
    long session = request.id("session");
    JsonArray forced = names(request.value("forced"));
    JsonObject reply = sessionReply(session).put("status", "published");
    return tables
        .inTransaction(
            connection ->
                tables
                    .lockSession(connection, session)
                    .compose(row -> publish(connection, row, request, forced, warrant)))
        .map(reply);
  }

  private static JsonArray names(@Nullable Object value) {
    if (value == null) {
      return new JsonArray();
    }
    if (!(value instanceof JsonArray names)
        || names.size() > NAMES_MAX
        || !names.stream().allMatch(n -> n instanceof String text && text.length() <= 64)) {
      throw new InvalidField("forced", "must be a list of at most " + NAMES_MAX + " names");
    }
    return names;
  }

  private Future<?> publish(
      SqlConnection connection, Row session, Fields told, JsonArray forced, Warrant warrant) {
    String before = session.getString("status");
    long id = session.getLong("session_id");
    if (isArchived(session)) {
      return Future.failedFuture(new Refusal("archived", "session " + id + " is archived"));
    }
    boolean first = !before.equals("published");
    if (!first && forced.isEmpty()) {
      return Future.succeededFuture();
    }
    JsonObject was = JsonObject.of("status", before);
    JsonObject after = JsonObject.of("status", "published");
    if (!forced.isEmpty()) {
      after.put("forced", forced);
    }
    return tables
        .now(connection)
        .compose(
            now ->
                (first
                        ? markPublished(connection, session, told, now, was, after)
                        : Future.succeededFuture())
                    .compose(
                        done ->
                            tables.audit(
                                connection,
                                now,
                                warrant,
                                "session.publish",
                                Long.toString(id),
                                was,
                                after)));
  }

  private Future<?> markPublished(
      SqlConnection connection,
      Row session,
      Fields told,
      long now,
      JsonObject was,
      JsonObject after) {
    long id = session.getLong("session_id");
    Drafts.Session planned = Drafts.Session.of(session);
    Drafts.Session sold = planned.as(told);
    Future<?> done = tables.markSession(connection, Sql.SESSION_PUBLISHED, now, id);
    if (sold.equals(planned)) {
      return done;
    }
    was.mergeIn(planned.told());
    after.mergeIn(sold.told());
    return done.compose(marked -> tables.changeSession(connection, id, sold))
        .compose(changed -> tables.itemsOf(connection, id))
        .compose(items -> moveBack(connection, items.iterator(), sold));
  }

  /**
   * Items no owner has yet. One that the window no longer holds stays as it is: publishing it is
   * refused, with the reason, until somebody has changed it.
   */
  private Future<?> moveBack(SqlConnection connection, Iterator<Row> items, Drafts.Session sold) {
    if (!items.hasNext()) {
      return Future.succeededFuture();
    }
    Row item = items.next();
    return (item.getLong("published_at") == null
            ? moveBack(connection, Drafts.Item.of(item), sold)
            : Future.succeededFuture())
        .compose(moved -> moveBack(connection, items, sold));
  }

  private Future<?> moveBack(SqlConnection connection, Drafts.Item item, Drafts.Session sold) {
    Drafts.Item moved;
    try {
      moved = item.within(sold);
    } catch (InvalidField portionAfterTheEnd) {
      return Future.succeededFuture();
    }
    return tables.changeItem(connection, moved);
  }
}
