package stampede.persist;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.List;
import stampede.protocol.Limits;
import stampede.protocol.SaleItem;

/** Items as rows and as JSON. */
final class ItemRows {
  private ItemRows() {}

  static List<SaleItem> items(RowSet<Row> rows) {
    List<SaleItem> items = new ArrayList<>(rows.size());
    rows.forEach(row -> items.add(item(row)));
    return items;
  }

  static SaleItem item(Row row) {
    return new SaleItem(
        row.getLong("item_id"),
        row.getLong("session_id"),
        row.getString("title"),
        row.getLong("price"),
        row.getLong("list_price"),
        row.getString("currency"),
        row.getLong("opens_at"),
        row.getLong("closes_at"),
        row.getLong("stock"),
        row.getInteger("limit_per_user"),
        row.getLong("pay_within_ms"),
        row.getLong("cooldown_ms"),
        row.getInteger("gate"),
        releases(new JsonArray(row.getString("releases"))),
        row.getInteger("limit_per_order"),
        row.getInteger("limit_per_session"),
        row.getLong("claim_within_ms"));
  }

  static JsonObject json(Row row) {
    String product = row.getString("product");
    return json(item(row), product == null ? "" : product)
        .put("partition", row.getInteger("partition_id"))
        .put("published", row.getLong("published_at") != null);
  }

  /** Ids as text, {@code gate} as 0…1; limits of 0 are none. */
  static JsonObject json(SaleItem item, String product) {
    return new JsonObject()
        .put("item", Long.toString(item.item()))
        .put("session", Long.toString(item.session()))
        .put("title", item.title())
        .put("price", item.price())
        .put("listPrice", item.listPrice())
        .put("currency", item.currency())
        .put("opensAt", item.opensAt())
        .put("closesAt", item.closesAt())
        .put("stock", item.stock())
        .put("limitPerUser", item.limitPerUser())
        .put("limitPerOrder", item.limitPerOrder())
        .put("limitPerSession", item.limitPerSession())
        .put("payWithinSeconds", item.payWithinMs() / 1_000)
        .put("cooldownMs", item.cooldownMs())
        .put("gate", item.gate() / (double) Limits.GATE_OPEN)
        .put("releases", new JsonArray(releasesJson(item)))
        .put("product", product)
        .put("claimWithinSeconds", item.claimWithinMs() / 1_000);
  }

  static String releasesJson(SaleItem item) {
    StringBuilder json = new StringBuilder("[");
    for (SaleItem.Release release : item.releases()) {
      json.append(json.length() == 1 ? "" : ",")
          .append("{\"at\":")
          .append(release.at())
          .append(",\"units\":")
          .append(release.units())
          .append('}');
    }
    return json.append(']').toString();
  }

  private static List<SaleItem.Release> releases(JsonArray json) {
    List<SaleItem.Release> releases = new ArrayList<>(json.size());
    for (int i = 0; i < json.size(); i++) {
      JsonObject release = json.getJsonObject(i);
      releases.add(new SaleItem.Release(release.getLong("at"), release.getLong("units")));
    }
    return releases;
  }
}
