package stampede.edge.management.report;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/** Makes a session's report of what MySQL says of it. */
public final class SessionReport {
  private static final int TOP_MAX = 10;

  private final JsonObject found;
  private final List<JsonObject> items = new ArrayList<>();
  private final JsonArray partitions = new JsonArray();
  private final Map<String, JsonObject> money = new TreeMap<>();
  private long stock;
  private long sold;
  private long held;
  private long unsold;
  private long accepted;
  private long paid;
  private long released;
  private long unaccounted;
  private int soldOut;
  private long soldOutLastMs;
  private boolean balanced = true;
  private boolean drained = true;

  private SessionReport(JsonObject found) {
    this.found = found;
  }

  /**
   * @param found the answer to {@code report} of a persist node
   * @param partitionNow what is known of a partition beside MySQL: owner, position, reconciler
   */
  public static JsonObject of(JsonObject found, IntFunction<JsonObject> partitionNow) {
    SessionReport report = new SessionReport(found);
    for (Object each : found.getJsonArray("items")) {
      report.item((JsonObject) each);
    }
    for (Object each : found.getJsonArray("partitions")) {
      JsonObject row = (JsonObject) each;
      report.partition(row, partitionNow.apply(row.getInteger("partition")));
    }
    report.items.sort(
        Comparator.comparingLong((JsonObject item) -> item.getLong("revenue"))
            .thenComparingLong(item -> item.getLong("sold"))
            .reversed());
    return report.json();
  }

  private void item(JsonObject row) {
    JsonObject orders = row.getJsonObject("orders");
    long itemStock = row.getLong("stock");
    long itemHeld = row.getLong("held");
    long itemSold = row.getLong("sold");
    long available = row.getLong("available");
    long astray = Math.abs(itemStock - available - itemHeld - itemSold);
    boolean good =
        astray == 0 && units(orders, "held") == itemHeld && units(orders, "paid") == itemSold;
    stock += itemStock;
    held += itemHeld;
    sold += itemSold;
    unsold += available;
    unaccounted += astray;
    balanced &= good;
    long itemAccepted = 0;
    for (String kind : orders.fieldNames()) {
      itemAccepted += count(orders, kind);
    }
    accepted += itemAccepted;
    paid += count(orders, "paid");
    released += itemAccepted - count(orders, "paid") - count(orders, "held");
    money(row, orders.getJsonObject("paid"));
    JsonObject shown = row.copy();
    shown.remove("available");
    shown
        .put("unsold", available)
        .put("accepted", itemAccepted)
        .put("revenue", orders.getJsonObject("paid").getLong("amount"))
        .put("timeToSellOutMs", timeToSellOut(row))
        .put("unaccounted", astray)
        .put("balanced", good);
    items.add(shown);
  }

  private Long timeToSellOut(JsonObject row) {
    Long openedAt = row.getLong("openedAt");
    Long soldOutAt = row.getLong("soldOutAt");
    if (openedAt == null || soldOutAt == null) {
      return null;
    }
    soldOut++;
    soldOutLastMs = Math.max(soldOutLastMs, soldOutAt - openedAt);
    return soldOutAt - openedAt;
  }

  private void money(JsonObject row, JsonObject paidOrders) {
    JsonObject sum =
        money.computeIfAbsent(
            row.getString("currency"),
            currency ->
                JsonObject.of(
                    "currency",
                    currency,
                    "amount",
                    0L,
                    "units",
                    0L,
                    "orders",
                    0L,
                    "refundsDue",
                    0L,
                    "refundAmount",
                    0L));
    add(sum, "amount", paidOrders.getLong("amount"));
    add(sum, "units", paidOrders.getLong("units"));
    add(sum, "orders", paidOrders.getLong("orders"));
    for (Map.Entry<String, Object> refund : row.getJsonObject("refunds")) {
      add(sum, "refundsDue", ((JsonObject) refund.getValue()).getLong("refunds"));
      add(sum, "refundAmount", ((JsonObject) refund.getValue()).getLong("amount"));
    }
  }

  private static void add(JsonObject sum, String member, long more) {
    sum.put(member, sum.getLong(member) + more);
  }

  private static long units(JsonObject orders, String kind) {
    return orders.getJsonObject(kind).getLong("units");
  }

  private static long count(JsonObject orders, String kind) {
    return orders.getJsonObject(kind).getLong("orders");
  }

  private void partition(JsonObject row, JsonObject now) {
    Long position = now.getLong("position");
    drained &= position != null && position <= row.getLong("drained");
    JsonObject reconcile = now.getJsonObject("reconcile");
    balanced &= reconcile == null || reconcile.getLong("differences", 0L) == 0;
    partitions.add(row.copy().mergeIn(now));
  }

  private JsonObject json() {
    long asOf = found.getLong("asOf");
    JsonObject session = found.getJsonObject("session");
    JsonArray top = new JsonArray();
    items.stream()
        .filter(item -> item.getLong("sold") > 0)
        .limit(TOP_MAX)
        .forEach(
            item ->
                top.add(
                    JsonObject.of(
                        "item",
                        item.getString("item"),
                        "title",
                        item.getString("title"),
                        "sold",
                        item.getLong("sold"),
                        "revenue",
                        item.getLong("revenue"),
                        "currency",
                        item.getString("currency"))));
    return new JsonObject()
        .put("session", session)
        .put("asOf", asOf)
        .put("final", asOf >= session.getLong("closesAt") && held == 0 && drained)
        .put(
            "totals",
            JsonObject.of(
                "items",
                items.size(),
                "stock",
                stock,
                "sold",
                sold,
                "held",
                held,
                "unsold",
                unsold,
                "accepted",
                accepted,
                "paid",
                paid,
                "released",
                released))
        .put("revenue", new JsonArray(new ArrayList<>(money.values())))
        .put("funnel", funnel())
        .put("refusals", refusals())
        .put(
            "sellOut",
            new JsonObject()
                .put("items", soldOut)
                .put("allMs", soldOut == items.size() && soldOut > 0 ? soldOutLastMs : null))
        .put("topItems", top)
        .put("items", new JsonArray(new ArrayList<>(items)))
        .put(
            "balance",
            new JsonObject()
                .put("balanced", balanced)
                .put("unaccounted", unaccounted)
                .put("drained", drained)
                .put("partitions", partitions));
  }

  private JsonObject counted() {
    return found.getJsonObject("counts");
  }

  private JsonObject scope() {
    return new JsonObject()
        .put("from", counted().getLong("from"))
        .put("to", counted().getLong("to"))
        .put("edges", counted().getInteger("edges"))
        .put("of", "all sales of that time");
  }

  private JsonObject funnel() {
    JsonObject counts = counted().getJsonObject("counts");
    long shakes = counts.getLong("shakes", 0L);
    long refused = 0;
    for (Map.Entry<String, Object> step : counts.getJsonObject("refusals", new JsonObject())) {
      refused += ((Number) step.getValue()).longValue();
    }
    return new JsonObject()
        .put("scope", scope())
        .put("socketsMax", counted().getLong("socketsMax"))
        .put("shakes", shakes)
        .put("passedOn", shakes - refused)
        .put("accepted", accepted)
        .put("paid", paid);
  }

  private JsonObject refusals() {
    JsonObject counts = counted().getJsonObject("counts");
    JsonObject outcomes = counts.getJsonObject("outcomes", new JsonObject()).copy();
    outcomes.remove("accepted");
    return new JsonObject()
        .put("scope", scope())
        .put("outcomes", outcomes)
        .put("steps", counts.getJsonObject("refusals", new JsonObject()).copy());
  }
}
