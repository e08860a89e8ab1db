package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import stampede.protocol.InvalidField;
import stampede.protocol.PartitionMap;

/**
 * What became of a session, by what is in MySQL, all of it of one moment; and what edges counted
 * meanwhile, which they say every few seconds.
 */
final class Reports {
  static final int STATEMENT_MS_MAX = 8_000;
  private static final int ITEMS_MAX = 2_000;
  private static final long MINUTE_MS = 60_000;
  private static final int NAME_CHARS_MAX = 64;
  private static final int COUNTS_CHARS_MAX = 16_000;

  private final ReadSide side;
  private final int partitions;

  /**
   * @param side whose statements may take {@value #STATEMENT_MS_MAX} ms
   */
  Reports(ReadSide side, int partitions) {
    this.side = side;
    this.partitions = partitions;
  }

  /** {@code {"kept":true}}; the last word of a minute stays. */
  Future<JsonObject> keepCounts(Fields request) {
    request.allowOnly(Set.of("node", "startedAt", "at", "sockets", "counts"));
    long at = request.number("at", 0, Long.MAX_VALUE);
    String counts = request.object("counts").encode();
    if (counts.length() > COUNTS_CHARS_MAX) {
      throw new InvalidField("counts", "is too long");
    }
    Tuple row =
        Tuple.of(
            at - at % MINUTE_MS,
            request.text("node", NAME_CHARS_MAX),
            request.number("startedAt", 0, Long.MAX_VALUE),
            at,
            request.number("sockets", 0, Integer.MAX_VALUE),
            counts);
    MySqlLink link = side.primary();
    return link.with(
        connection ->
            link.run(connection, Sql.EDGE_COUNT_KEEP, row)
                .compose(kept -> link.run(connection, Sql.EDGE_COUNT_FORGET))
                .map(forgotten -> JsonObject.of("kept", true)));
  }

  /**
   * {@code {"session","asOf","items","partitions","counts"}}; see {@code docs/report.md} for what
   * an edge makes of it.
   */
  Future<JsonObject> report(Fields request) {
    request.allowOnly(Set.of("session"));
    long session = request.id("session");
    return side.readDrained(
        0,
        (link, connection) ->
            atOneMoment(link, connection, new Sources(link, connection), session));
  }

  private Future<JsonObject> atOneMoment(
      MySqlLink link, SqlConnection connection, Sources sources, long session) {
    return link.run(connection, Sql.SNAPSHOT)
        .compose(begun -> report(sources, session))
        .compose(
            report -> link.run(connection, "COMMIT").map(report),
            fault ->
                fault instanceof TimeoutException
                    ? Future.failedFuture(fault)
                    : link.run(connection, "ROLLBACK")
                        .compose(undone -> Future.failedFuture(fault)));
  }

  private record Sources(MySqlLink link, SqlConnection connection) {
    Future<RowSet<Row>> ask(String sql, Tuple parameters) {
      return link.run(connection, sql, parameters);
    }
  }

  private Future<JsonObject> report(Sources sources, long session) {
    return sources
        .ask(Sql.REPORT_SESSION, Tuple.of(session))
        .compose(
            rows -> {
              if (rows.size() == 0) {
                return Future.failedFuture(Refusal.notFound("session", session));
              }
              ReportDraft draft = new ReportDraft(rows.iterator().next());
              return sources
                  .ask(Sql.REPORT_ITEMS, Tuple.of(session, ITEMS_MAX + 1))
                  .compose(
                      items -> {
                        if (items.size() > ITEMS_MAX) {
                          return Future.failedFuture(
                              new Refusal("too_many_items", "a report has at most " + ITEMS_MAX));
                        }
                        items.forEach(draft::item);
                        return orders(sources, draft);
                      })
                  .compose(told -> counts(sources, draft))
                  .map(told -> draft.json());
            });
  }

  /** Partition by partition: its orders are a range of the primary key. */
  private Future<?> orders(Sources sources, ReportDraft draft) {
    Future<?> done = Future.succeededFuture();
    for (Map.Entry<Integer, Long> each : new TreeMap<>(draft.firstPositions()).entrySet()) {
      int partition = each.getKey();
      if (partition < partitions) {
        String items = draft.itemsOf(partition);
        Tuple range =
            Tuple.of(
                PartitionMap.orderId(partition, each.getValue()),
                PartitionMap.orderId(partition + 1, 0));
        done =
            done.compose(before -> sources.ask(Sql.REPORT_ORDERS.formatted(items), range))
                .onSuccess(rows -> rows.forEach(draft::orders))
                .compose(
                    before -> sources.ask(Sql.REPORT_REFUNDS.formatted(items), Tuple.of(partition)))
                .onSuccess(rows -> rows.forEach(draft::refunds))
                .compose(before -> sources.ask(Sql.REPORT_CURSOR, Tuple.of(partition)))
                .onSuccess(rows -> rows.forEach(draft::cursor));
      }
    }
    return done;
  }

  private Future<?> counts(Sources sources, ReportDraft draft) {
    return sources
        .ask(Sql.REPORT_COUNTS, Tuple.of(draft.countsFrom(), draft.countsTo()))
        .onSuccess(rows -> rows.forEach(draft::counts));
  }
}
