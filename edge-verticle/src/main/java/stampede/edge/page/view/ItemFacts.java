package stampede.edge.page.view;

import io.vertx.core.json.JsonObject;
import stampede.protocol.SaleItem;

/**
 * What never changes of a published item. Times are epoch ms, money is in minor units.
 *
 * @param claimWithinMs 0 = shoppers sign in before they shake
 * @param zone of its session; UTC until the catalogue has told it
 */
public record ItemFacts(
    long item,
    long session,
    String title,
    long price,
    long listPrice,
    String currency,
    long opensAt,
    long closesAt,
    int limitPerUser,
    long cooldownMs,
    long claimWithinMs,
    String zone) {

  public static ItemFacts of(SaleItem item, String zone) {
    return new ItemFacts(
        item.item(),
        item.session(),
        item.title(),
        item.price(),
        item.listPrice(),
        item.currency(),
        item.opensAt(),
        item.closesAt(),
        item.limitPerUser(),
        item.cooldownMs(),
        item.claimWithinMs(),
        zone);
  }

  /**
   * An item as {@code persist.query} replies it.
   *
   * @throws RuntimeException of any kind if it is none: the sender's mistake
   */
  public static ItemFacts of(JsonObject json, String zone) {
    long price = json.getLong("price");
    return new ItemFacts(
        Long.parseLong(json.getString("item")),
        Long.parseLong(json.getString("session")),
        json.getString("title"),
        price,
        json.getLong("listPrice", price),
        json.getString("currency"),
        json.getLong("opensAt"),
        json.getLong("closesAt"),
        json.getInteger("limitPerUser"),
        json.getLong("cooldownMs", 0L),
        1_000 * json.getLong("claimWithinSeconds", 0L),
        json.getString("zone", zone));
  }
}
