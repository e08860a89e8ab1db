package stampede.persist;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A session's report while its rows come in. Used once. */
final class ReportDraft {
  /** Shoppers gather, and tap too early. */
  private static final long BEFORE_MS = 600_000;

  private static final long AFTER_MS = 60_000;

  private final JsonObject session;
  private final long asOf;
  private final long opensAt;
  private final long closesAt;
  private final Map<Long, JsonObject> items = new LinkedHashMap<>();
  private final Map<Integer, Set<Long>> byPartition = new TreeMap<>();
  private final Map<Integer, Long> firstPositions = new TreeMap<>();
  private final JsonArray partitions = new JsonArray();
  private final Map<String, JsonObject> firstCounts = new TreeMap<>();
  private final JsonObject counts = new JsonObject();
  private final Set<String> edges = new HashSet<>();
  private long socketsMax;
  private long countedTo;

  /**
   * @param row of {@link Sql#REPORT_SESSION}
   */
  ReportDraft(Row row) {
    asOf = row.getLong("now");
    opensAt = row.getLong("opens_at");
    closesAt = row.getLong("closes_at");
    session =
        new JsonObject()
            .put("session", Long.toString(row.getLong("session_id")))
            .put("title", row.getString("title"))
            .put("opensAt", opensAt)
            .put("closesAt", closesAt)
            .put("zone", row.getString("zone"))
            .put("status", row.getString("status"));
  }

  void item(Row row) {
    long item = row.getLong("item_id");
    int partition = row.getInteger("partition_id");
    Long published = row.getLong("published_position");
    if (published != null) {
      byPartition.computeIfAbsent(partition, p -> new HashSet<>()).add(item);
      firstPositions.merge(partition, published, Math::min);
    }
    items.put(
        item,
        new JsonObject()
            .put("item", Long.toString(item))
            .put("title", row.getString("title"))
            .put("partition", partition)
            .put("published", published != null)
            .put("price", row.getLong("price"))
            .put("currency", row.getString("currency"))
            .put("stock", orZero(row.getLong("stock")))
            .put("available", orZero(row.getLong("available")))
            .put("held", orZero(row.getLong("held")))
            .put("sold", orZero(row.getLong("sold")))
            .put("position", orZero(row.getLong("stock_position")))
            .put("openedAt", row.getLong("opened_at"))
            .put("soldOutAt", row.getLong("sold_out_at"))
            .put("endedAt", row.getLong("ended_at"))
            .put("orders", noOrders())
            .put("refunds", new JsonObject()));
  }

  /** By what became of them: how many, and their units and money. */
  private static JsonObject noOrders() {
    JsonObject all = new JsonObject();
    for (String kind : new String[] {"held", "paid", "expired", "cancelled", "unclaimed"}) {
      all.put(kind, sum(0, 0, 0));
    }
    return all;
  }

  private static JsonObject sum(long orders, long units, long amount) {
    return JsonObject.of("orders", orders, "units", units, "amount", amount);
  }

  /** Partition → position before the first order there can be. */
  Map<Integer, Long> firstPositions() {
    return firstPositions;
  }

  /** Ids, for an IN list: numbers of our own. */
  String itemsOf(int partition) {
    StringJoiner ids = new StringJoiner(", ");
    byPartition.getOrDefault(partition, Set.of()).forEach(item -> ids.add(Long.toString(item)));
    return ids.toString();
  }

  void orders(Row row) {
    JsonObject item = items.get(row.getLong("item_id"));
    String status = row.getString("status");
    String kind = status.equals("released") ? row.getString("release_reason") : status;
    item.getJsonObject("orders")
        .put(
            kind == null ? "released" : kind,
            sum(row.getLong("orders"), row.getLong("units"), row.getLong("amount")));
    Long first = item.getLong("firstOrderAt");
    Long last = item.getLong("lastOrderAt");
    long from = row.getLong("first_at");
    long to = row.getLong("last_at");
    item.put("firstOrderAt", first == null ? from : Math.min(first, from));
    item.put("lastOrderAt", last == null ? to : Math.max(last, to));
  }

  void refunds(Row row) {
    items
        .get(row.getLong("item_id"))
        .getJsonObject("refunds")
        .put(
            row.getString("reason"),
            JsonObject.of("refunds", row.getLong("refunds"), "amount", row.getLong("amount")));
  }

  void cursor(Row row) {
    partitions.add(
        new JsonObject()
            .put("partition", row.getInteger(0))
            .put("drained", row.getLong(1))
            .put("batch", row.getString(2))
            .put("drainedAt", row.getLong(3)));
  }

  long countsFrom() {
    return opensAt - BEFORE_MS;
  }

  long countsTo() {
    return Math.min(asOf, closesAt + AFTER_MS);
  }

  /** First and last word of one start of an edge, in the order of time. */
  void counts(Row row) {
    String edge = row.getString("node") + " " + row.getLong("started_at");
    JsonObject said;
    try {
      said = new JsonObject(row.getString("counts"));
    } catch (DecodeException e) {
      return;
    }
    countedTo = Math.max(countedTo, row.getLong("at"));
    boolean startedWithin = row.getLong("started_at") >= countsFrom();
    JsonObject before = firstCounts.get(edge);
    if (before == null) {
      edges.add(row.getString("node"));
      socketsMax += row.getLong("sockets_max");
      firstCounts.put(edge, said);
      before = startedWithin ? new JsonObject() : said;
    }
    add(counts, said, before);
  }

  /** {@code to} grows by what {@code now} is more than {@code before}. */
  private static void add(JsonObject to, JsonObject now, JsonObject before) {
    for (Map.Entry<String, Object> entry : now) {
      if (entry.getValue() instanceof JsonObject group) {
        if (!to.containsKey(entry.getKey())) {
          to.put(entry.getKey(), new JsonObject());
        }
        add(
            to.getJsonObject(entry.getKey()),
            group,
            before.getJsonObject(entry.getKey(), new JsonObject()));
      } else if (entry.getValue() instanceof Number count) {
        long more = count.longValue() - before.getLong(entry.getKey(), 0L);
        to.put(entry.getKey(), to.getLong(entry.getKey(), 0L) + more);
      }
    }
  }

  JsonObject json() {
    JsonArray all = new JsonArray();
    items.values().forEach(all::add);
    return new JsonObject()
        .put("session", session)
        .put("asOf", asOf)
        .put("items", all)
        .put("partitions", partitions)
        .put(
            "counts",
            new JsonObject()
                .put("from", countsFrom())
                .put("to", countedTo == 0 ? null : countedTo)
                .put("edges", edges.size())
                .put("socketsMax", socketsMax)
                .put("counts", counts));
  }

  private static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }
}
