package stampede.edge.page.view;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * A published session and its items. Times are epoch ms.
 *
 * @param title empty until the catalogue has told it
 * @param label single, brand, bulk or super
 */
public record SessionView(
    long session,
    String title,
    long opensAt,
    long closesAt,
    String zone,
    String label,
    List<ItemFacts> items) {

  public SessionView {
    items = List.copyOf(items);
  }

  /** By the calendar; whether an item is on sale says its owner. */
  public boolean isWithinWindow(long nowMs) {
    return opensAt <= nowMs && nowMs < closesAt;
  }

  /** What the shop's own clock says; UTC if nobody knows. */
  public ZoneId zoneId() {
    return zoneOf(zone);
  }

  static ZoneId zoneOf(String zone) {
    try {
      return ZoneId.of(zone);
    } catch (DateTimeException e) {
      return ZoneOffset.UTC;
    }
  }

  public static boolean isPublished(JsonObject json) {
    return "published".equals(json.getString("status"));
  }

  /**
   * A session as {@code persist.query} replies it.
   *
   * @param onSale whether an owner has this item: one that was drafted later may not be shown
   * @throws RuntimeException of any kind if it is none: the sender's mistake
   */
  public static SessionView of(JsonObject json, LongPredicate onSale) {
    String zone = json.getString("zone", "UTC");
    List<ItemFacts> items = new ArrayList<>();
    for (Object each : json.getJsonArray("items", new JsonArray())) {
      ItemFacts item = ItemFacts.of((JsonObject) each, zone);
      if (((JsonObject) each).getBoolean("published", true) || onSale.test(item.item())) {
        items.add(item);
      }
    }
    return new SessionView(
        Long.parseLong(json.getString("session")),
        json.getString("title"),
        json.getLong("opensAt"),
        json.getLong("closesAt"),
        zone,
        json.getString("label", "single"),
        items);
  }
}
