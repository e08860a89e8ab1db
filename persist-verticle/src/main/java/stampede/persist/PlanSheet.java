package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import stampede.protocol.InvalidField;
import stampede.protocol.Warrant;

/**
 * Plans in and out as CSV. A sheet is taken as a whole or not at all: what is wrong with any of its
 * lines is told by line, and nothing was changed.
 */
final class PlanSheet {
  private static final int CSV_CHARS_MAX = 60_000;
  private static final int CSV_BYTES_MAX = 200_000;
  private static final int SESSIONS_MAX = 200;

  private final MySqlLink link;
  private final CatalogueTables tables;
  private final Calendar calendar;

  PlanSheet(MySqlLink link, CatalogueTables tables, Calendar calendar) {
    this.link = link;
    this.tables = tables;
    this.calendar = calendar;
  }

  // ---- in --------------------------------------------------------------------------------------

  /** {@code {"sessions":[…],"items":n}}, all of them drafts. */
  Future<JsonObject> take(Fields request) {
    request.allowOnly(Catalogue.withWarrant(Set.of("csv")));
    Warrant warrant = CatalogueTables.warrant(request);
    String csv = request.text("csv", CSV_CHARS_MAX);
    List<PlanCsv.Plan> plans = PlanCsv.read(csv);
    String digest = digest(csv);
    return CatalogueTables.once(
        warrant,
        () ->
            tables.planning(
                connection ->
                    tables
                        .earlier(connection, "session.import", warrant)
                        .compose(
                            earlier ->
                                earlier == null
                                    ? insert(connection, plans, digest, warrant)
                                    : repeated(earlier, digest, warrant))));
  }

  private static Future<JsonObject> repeated(Row earlier, String digest, Warrant warrant) {
    JsonObject made = new JsonObject(earlier.getString("after_json"));
    return CatalogueTables.same(digest.equals(made.remove("csv")), warrant).map(same -> made);
  }

  private Future<JsonObject> insert(
      SqlConnection connection, List<PlanCsv.Plan> plans, String digest, Warrant warrant) {
    JsonArray sessions = new JsonArray();
    int items = plans.stream().mapToInt(plan -> plan.items().size()).sum();
    return tables
        .now(connection)
        .compose(
            now -> {
              Future<?> done = Future.succeededFuture();
              for (PlanCsv.Plan plan : plans) {
                // the audit row knows the key: a session of its own could be only one of them
                Warrant own = Calendar.withoutKey(warrant);
                done =
                    done.compose(before -> insert(connection, plan, now, own))
                        .map(made -> sessions.add(Long.toString(made.session())));
              }
              return done.compose(
                  inserted ->
                      tables.audit(
                          connection,
                          now,
                          warrant,
                          "session.import",
                          sessions.getString(0),
                          new JsonObject(),
                          reply(sessions, items).put("csv", digest)));
            })
        .map(audited -> reply(sessions, items));
  }

  private static JsonObject reply(JsonArray sessions, int items) {
    return JsonObject.of("sessions", sessions, "items", items);
  }

  private Future<Calendar.Made> insert(
      SqlConnection connection, PlanCsv.Plan plan, long now, Warrant warrant) {
    return calendar.insert(
        connection,
        plan.session(),
        session ->
            plan.items().stream().map(line -> line.item().in(session, plan.session(), 0)).toList(),
        now,
        warrant,
        (item, fault) -> blame(plan, item, fault));
  }

  /** Who is to blame for what only the tables could tell. */
  private static Throwable blame(PlanCsv.Plan plan, int item, Throwable fault) {
    if (fault instanceof Refusal refusal && refusal.code().equals("product_twice")) {
      PlanCsv.Line line = plan.items().get(item);
      String problem = String.valueOf(refusal.getMessage()).replaceFirst("^product ", "");
      return new PlanCsv.Faulty(List.of(new PlanCsv.Fault(line.line(), "product", problem)));
    }
    return fault instanceof InvalidField field
        ? new PlanCsv.Faulty(List.of(PlanCsv.Fault.of(plan.line(), field)))
        : fault;
  }

  private static String digest(String csv) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(csv.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- out -------------------------------------------------------------------------------------

  /** {@code {"csv"}}: of one session, or of those that are on at some time in from ≤ t < to. */
  Future<JsonObject> give(Fields request) {
    request.allowOnly(Set.of("session", "from", "to"));
    return link.with(
        connection ->
            sessions(connection, request)
                .compose(rows -> plans(connection, rows))
                .map(plans -> JsonObject.of("csv", bounded(PlanCsv.write(plans)))));
  }

  /** What an operator's socket can carry. */
  private static String bounded(String csv) {
    if (csv.getBytes(StandardCharsets.UTF_8).length > CSV_BYTES_MAX) {
      throw new InvalidField("from", "to span more than " + CSV_BYTES_MAX + " bytes: ask for less");
    }
    return csv;
  }

  private Future<RowSet<Row>> sessions(SqlConnection connection, Fields request) {
    if (!request.has("session")) {
      long from = request.numberOr("from", 0, Long.MAX_VALUE, 0);
      long to = request.numberOr("to", 0, Long.MAX_VALUE, Long.MAX_VALUE);
      return link.run(connection, Sql.SESSIONS, Tuple.of(from, to, SESSIONS_MAX + 1));
    }
    long session = request.id("session");
    return link.run(connection, Sql.SESSION, Tuple.of(session))
        .compose(
            rows ->
                rows.size() == 0
                    ? Future.failedFuture(Refusal.notFound("session", session))
                    : Future.succeededFuture(rows));
  }

  private Future<List<PlanCsv.Plan>> plans(SqlConnection connection, RowSet<Row> sessions) {
    List<PlanCsv.Plan> plans = new ArrayList<>();
    int[] lines = {0};
    Future<?> done = Future.succeededFuture();
    for (Row row : sessions) {
      done =
          done.compose(before -> tables.itemsOf(connection, row.getLong("session_id")))
              .map(
                  items -> {
                    lines[0] += Math.max(1, items.size());
                    if (lines[0] > PlanCsv.LINES_MAX || plans.size() == SESSIONS_MAX) {
                      throw new InvalidField(
                          "from",
                          "to span more than " + PlanCsv.LINES_MAX + " items: ask for less");
                    }
                    return plans.add(
                        new PlanCsv.Plan(
                            Drafts.Session.of(row),
                            0,
                            items.stream()
                                .map(item -> new PlanCsv.Line(0, Drafts.Item.of(item)))
                                .toList()));
                  });
    }
    return done.map(plans);
  }
}
