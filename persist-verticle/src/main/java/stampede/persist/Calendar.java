package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;
import stampede.protocol.Warrant;

/**
 * What becomes of drafts: changed, copied to another day, archived when all is over. What its owner
 * has is changed by its owner: here it is refused ({@code published}).
 *
 * <pre>
 *   draft ── anything changes, is copied
 *   published ── title and label of the session change: no owner knows them; all else is steered
 *   archived ── nothing changes; is copied, and no longer listed for shoppers
 * </pre>
 *
 * Failures as of {@link Catalogue}.
 */
final class Calendar {
  private static final Set<String> CATALOGUE_ONLY = Set.of("title", "label");

  private final CatalogueTables tables;

  Calendar(CatalogueTables tables) {
    this.tables = tables;
  }

  // ---- change ----------------------------------------------------------------------------------

  /** {@code {"session","before","after"}}. */
  Future<JsonObject> changeSession(Fields request) {
    request.allowOnly(Catalogue.withWarrant(Drafts.SESSION_MEMBERS, "session"));
    Warrant warrant = CatalogueTables.warrant(request);
    long session = request.id("session");
    return tables.planning(
        connection ->
            tables
                .lockSession(connection, session)
                .compose(
                    row ->
                        once(
                            connection,
                            "session.change",
                            session,
                            warrant,
                            () -> changeSession(connection, request, row, warrant)))
                .map(told -> told.put("session", Long.toString(session))));
  }

  private Future<JsonObject> changeSession(
      SqlConnection connection, Fields request, Row row, Warrant warrant) {
    long session = row.getLong("session_id");
    Drafts.Session before = Drafts.Session.of(row);
    Drafts.Session after = Drafts.Session.of(request.over(before.json(), Drafts.SESSION_MEMBERS));
    return tables
        .itemsOf(connection, session)
        .compose(
            items -> {
              requireChangeable(row, items, request);
              if (before.limitPerSession() != after.limitPerSession() && !items.isEmpty()) {
                throw new InvalidField(
                    "limitPerSession", "can't change any more: the session has items");
              }
              List<Drafts.Item> moved =
                  items.stream().map(item -> Drafts.Item.of(item).within(after)).toList();
              boolean sameOfItems =
                  before.opensAt() == after.opensAt()
                      && before.closesAt() == after.closesAt()
                      && before.claimWithinMs() == after.claimWithinMs();
              Future<?> done = tables.changeSession(connection, session, after);
              return (sameOfItems ? done : done.compose(c -> move(connection, moved.iterator())))
                  .compose(
                      changed ->
                          told(
                              connection,
                              warrant,
                              "session.change",
                              session,
                              before.json(),
                              after.json()));
            });
  }

  private static void requireChangeable(Row session, List<Row> items, Fields request) {
    boolean published =
        session.getString("status").equals("published")
            || items.stream().anyMatch(Calendar::isPublished);
    if (Catalogue.isArchived(session)) {
      throw new InvalidField("session", "is archived");
    }
    for (String member : Drafts.SESSION_MEMBERS) {
      if (published && request.has(member) && !CATALOGUE_ONLY.contains(member)) {
        throw new InvalidField(
            member, "can't change any more: the session is published; pause or close its items");
      }
    }
  }

  private static boolean isPublished(Row item) {
    return item.getLong("published_at") != null;
  }

  private Future<?> move(SqlConnection connection, Iterator<Drafts.Item> items) {
    if (!items.hasNext()) {
      return Future.succeededFuture();
    }
    Drafts.Item item = items.next();
    return tables
        .requireFree(connection, item)
        .compose(free -> tables.changeItem(connection, item))
        .compose(changed -> move(connection, items));
  }

  /** {@code {"item","before","after"}}. */
  Future<JsonObject> changeItem(Fields request) {
    request.allowOnly(Catalogue.withWarrant(Drafts.ITEM_MEMBERS, "item"));
    Warrant warrant = CatalogueTables.warrant(request);
    long item = request.id("item");
    return tables.planning(
        connection ->
            tables
                .item(connection, item)
                .compose(row -> tables.lockSession(connection, row.getLong("session_id")))
                .compose(
                    session ->
                        once(
                            connection,
                            "item.change",
                            item,
                            warrant,
                            () -> changeItem(connection, request, session, item, warrant)))
                .map(told -> told.put("item", Long.toString(item))));
  }

  private Future<JsonObject> changeItem(
      SqlConnection connection, Fields request, Row session, long id, Warrant warrant) {
    Refusal published =
        new Refusal(
            "published",
            "item "
                + id
                + " is published: what still changes is gate, cooldown, stock and pause, each by a"
                + " command of its own");
    return tables
        .item(connection, id)
        .compose(
            row -> {
              if (isPublished(row)) {
                return Future.failedFuture(published);
              }
              Drafts.Item before = Drafts.Item.of(row);
              Drafts.Item after =
                  Drafts.Item.of(
                      id,
                      request.over(before.json(), Drafts.ITEM_MEMBERS),
                      before.sale().session(),
                      Drafts.Session.of(session));
              return tables
                  .requireFree(connection, after)
                  .compose(free -> tables.changeItem(connection, after))
                  .compose(
                      done ->
                          done
                              ? told(
                                  connection,
                                  warrant,
                                  "item.change",
                                  id,
                                  before.json(),
                                  after.json())
                              : Future.failedFuture(published));
            });
  }

  private Future<JsonObject> told(
      SqlConnection connection,
      Warrant warrant,
      String action,
      long subject,
      JsonObject before,
      JsonObject after) {
    return tables
        .now(connection)
        .compose(
            now ->
                tables.audit(
                    connection, now, warrant, action, Long.toString(subject), before, after))
        .map(done -> JsonObject.of("before", before, "after", after));
  }

  /** A command that was carried out before is answered from its audit row. */
  private Future<JsonObject> once(
      SqlConnection connection,
      String action,
      long subject,
      Warrant warrant,
      java.util.function.Supplier<Future<JsonObject>> change) {
    return tables
        .earlier(connection, action, warrant)
        .compose(
            earlier ->
                earlier == null
                    ? change.get()
                    : CatalogueTables.same(
                            earlier.getString("subject").equals(Long.toString(subject)), warrant)
                        .map(
                            same ->
                                JsonObject.of(
                                    "before",
                                    new JsonObject(earlier.getString("before_json")),
                                    "after",
                                    new JsonObject(earlier.getString("after_json")))));
  }

  // ---- copy ------------------------------------------------------------------------------------

  /**
   * The same local times on another day, items as drafts: {@code {"session","items":[…]}}. What
   * crosses midnight goes on doing so.
   */
  Future<JsonObject> copy(Fields request) {
    request.allowOnly(Catalogue.withWarrant(Set.of("session", "day", "title")));
    Warrant warrant = CatalogueTables.warrant(request);
    long session = request.id("session");
    LocalDate day = LocalTimes.day("day", request.text("day", 10));
    return CatalogueTables.once(
        warrant,
        () ->
            tables.planning(
                connection ->
                    tables
                        .lockSession(connection, session)
                        .compose(row -> copy(connection, row, day, request, warrant))));
  }

  private Future<JsonObject> copy(
      SqlConnection connection, Row row, LocalDate day, Fields request, Warrant warrant) {
    Drafts.Session from = Drafts.Session.of(row);
    long days = ChronoUnit.DAYS.between(LocalTimes.date(from.opensAt(), from.zoneId()), day);
    String title = request.textOr("title", Limits.TITLE_CHARS_MAX, from.title());
    Drafts.Session to = from.daysLater(days).withTitle(title);
    return tables
        .byCommand(connection, Sql.SESSION_BY_COMMAND, warrant)
        .compose(
            earlier ->
                earlier != null
                    ? CatalogueTables.same(Drafts.Session.of(earlier).equals(to), warrant)
                        .compose(
                            same ->
                                tables
                                    .itemsOf(connection, earlier.getLong("session_id"))
                                    .map(
                                        items ->
                                            copied(
                                                earlier.getLong("session_id"),
                                                items.stream()
                                                    .map(item -> item.getLong("item_id"))
                                                    .toList())))
                    : tables
                        .itemsOf(connection, row.getLong("session_id"))
                        .compose(
                            items ->
                                insertCopy(
                                    connection,
                                    row.getLong("session_id"),
                                    to,
                                    session ->
                                        items.stream()
                                            .map(i -> Drafts.Item.of(i).in(session, to, days))
                                            .toList(),
                                    warrant)));
  }

  private Future<JsonObject> insertCopy(
      SqlConnection connection,
      long from,
      Drafts.Session to,
      Function<Long, List<Drafts.Item>> items,
      Warrant warrant) {
    return tables
        .now(connection)
        .compose(
            now ->
                insert(connection, to, items, now, warrant, (item, fault) -> fault)
                    .compose(
                        made ->
                            tables
                                .audit(
                                    connection,
                                    now,
                                    warrant,
                                    "session.copy",
                                    Long.toString(made.session),
                                    JsonObject.of("session", Long.toString(from)),
                                    to.json().put("items", made.items.size()))
                                .map(copied(made.session, made.items))));
  }

  private static JsonObject copied(long session, List<Long> items) {
    JsonArray ids = new JsonArray();
    items.forEach(item -> ids.add(Long.toString(item)));
    return JsonObject.of("session", Long.toString(session), "items", ids);
  }

  /** What one insertion made. */
  record Made(long session, List<Long> items) {}

  /** What is told when the n-th item (from 0) could not be inserted. */
  interface Blame {
    Throwable of(int item, Throwable fault);
  }

  /**
   * A session with its items; audits nothing. The session carries the warrant's key, the items
   * none.
   *
   * @param items of the session whose id they are given
   */
  Future<Made> insert(
      SqlConnection connection,
      Drafts.Session session,
      Function<Long, List<Drafts.Item>> items,
      long now,
      Warrant warrant,
      Blame blame) {
    return tables
        .insertSession(connection, session, now, warrant)
        .compose(
            id -> {
              List<Drafts.Item> all = items.apply(id);
              if (session.limitPerSession() > 0 && all.size() > Drafts.LIMITED_ITEMS_MAX) {
                throw new InvalidField(
                    "limitPerSession",
                    "allows at most " + Drafts.LIMITED_ITEMS_MAX + " items of the session");
              }
              Warrant keyless = withoutKey(warrant);
              int partition = tables.partitionOf(id, session);
              Made made = new Made(id, new ArrayList<>());
              Future<?> done = Future.succeededFuture();
              for (Drafts.Item item : all) {
                done =
                    done.compose(before -> tables.requireFree(connection, item))
                        .compose(
                            free -> tables.insertItem(connection, item, partition, now, keyless))
                        .map(inserted -> made.items.add(inserted.sale().item()));
              }
              return done.map(made)
                  .recover(fault -> Future.failedFuture(blame.of(made.items.size(), fault)));
            });
  }

  static Warrant withoutKey(Warrant warrant) {
    return new Warrant(warrant.by(), warrant.reason(), stampede.protocol.Bytes.EMPTY, true);
  }

  // ---- archive ---------------------------------------------------------------------------------

  /**
   * {@code {"session","status":"archived"}}. Only after the end and when no order waits for its
   * payment, as far as it is drained; its owners have forgotten it by then.
   */
  Future<JsonObject> archive(Fields request) {
    request.allowOnly(Catalogue.withWarrant(Set.of("session")));
    Warrant warrant = CatalogueTables.warrant(request);
    long session = request.id("session");
    return tables
        .inTransaction(
            connection ->
                tables
                    .lockSession(connection, session)
                    .compose(row -> archive(connection, row, warrant)))
        .map(JsonObject.of("session", Long.toString(session), "status", "archived"));
  }

  private Future<?> archive(SqlConnection connection, Row row, Warrant warrant) {
    if (Catalogue.isArchived(row)) {
      return Future.succeededFuture();
    }
    long session = row.getLong("session_id");
    if (!row.getString("status").equals("published")) {
      return Future.failedFuture(new Refusal("not_ended", "session " + session + " is a draft"));
    }
    return tables
        .held(connection, session)
        .compose(
            held -> {
              if (held > 0) {
                return Future.failedFuture(
                    new Refusal("orders_held", held + " units wait for their payment"));
              }
              return tables
                  .now(connection)
                  .compose(
                      now ->
                          tables
                              .markSession(connection, Sql.SESSION_ARCHIVED, now, session)
                              .compose(
                                  done ->
                                      tables.audit(
                                          connection,
                                          now,
                                          warrant,
                                          "session.archive",
                                          Long.toString(session),
                                          JsonObject.of("status", "published"),
                                          JsonObject.of("status", "archived"))));
            });
  }
}
