package stampede.persist;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleItem;

/** Sessions and items as operators draft them: read from a request, checked, shown. Pure. */
final class Drafts {
  static final Set<String> SESSION_MEMBERS =
      Set.of(
          "title", "opensAt", "closesAt", "zone", "label", "limitPerSession", "claimWithinSeconds");

  /** Those of a session that its items take to their owners. */
  static final Set<String> TOLD_MEMBERS = Set.of("opensAt", "closesAt", "claimWithinSeconds");

  static final Set<String> ITEM_MEMBERS = Set.copyOf(PlanCsv.ITEM_COLUMNS);

  /**
   * Items of a session that limits its users: a refusal by that limit looks at each of them, and
   * all are on one partition.
   */
  static final int LIMITED_ITEMS_MAX = 200;

  static final int PRODUCT_CHARS_MAX = 64;
  private static final Set<String> LABELS = Set.of("single", "brand", "bulk", "super");
  private static final long PAY_WITHIN_SECONDS_DEFAULT = 900;
  private static final long CLAIM_WITHIN_SECONDS_MAX = Limits.CLAIM_WITHIN_MS_MAX / 1_000;

  private Drafts() {}

  /**
   * @param limitPerSession units of a user over all its items; 0 = no limit
   * @param claimWithinMs 0 = shoppers sign in before they shake
   */
  record Session(
      String title,
      long opensAt,
      long closesAt,
      String zone,
      String label,
      int limitPerSession,
      long claimWithinMs) {

    static Session of(Row row) {
      return new Session(
          row.getString("title"),
          row.getLong("opens_at"),
          row.getLong("closes_at"),
          row.getString("zone"),
          row.getString("label"),
          row.getInteger("limit_per_session"),
          row.getLong("claim_within_ms"));
    }

    /** Members nobody asks for are left alone. */
    static Session of(Fields request) {
      String zone = request.textOr("zone", 64, "");
      ZoneId named = zone.isEmpty() ? null : LocalTimes.zone("zone", zone);
      long opensAt = LocalTimes.at("opensAt", request.value("opensAt"), named);
      long closesAt = LocalTimes.at("closesAt", request.value("closesAt"), named);
      if (closesAt <= opensAt) {
        throw new InvalidField("closesAt", "must be after opensAt");
      }
      String label = request.textOr("label", 16, "single");
      if (!LABELS.contains(label)) {
        throw new InvalidField("label", "must be single, brand, bulk or super, is " + label);
      }
      return new Session(
          request.text("title", Limits.TITLE_CHARS_MAX),
          opensAt,
          closesAt,
          named == null ? "UTC" : named.getId(),
          label,
          (int) request.numberOr("limitPerSession", 0, Limits.QUANTITY_MAX, 0),
          1_000 * request.numberOr("claimWithinSeconds", 0, CLAIM_WITHIN_SECONDS_MAX, 0));
    }

    ZoneId zoneId() {
      return ZoneId.of(zone);
    }

    JsonObject json() {
      return JsonObject.of(
          "title", title,
          "opensAt", opensAt,
          "closesAt", closesAt,
          "zone", zone,
          "label", label,
          "limitPerSession", limitPerSession,
          "login", claimWithinMs > 0 ? "after" : "before",
          "claimWithinSeconds", claimWithinMs / 1_000);
    }

    /** With what owners were told of it; members nobody asks for are left alone. */
    Session as(Fields told) {
      long opens = told.numberOr("opensAt", 1, Limits.TIME_MS_MAX, opensAt);
      long closes = told.numberOr("closesAt", 1, Limits.TIME_MS_MAX, closesAt);
      if (closes <= opens) {
        throw new InvalidField("closesAt", "must be after opensAt");
      }
      long claimWithinSeconds =
          told.numberOr("claimWithinSeconds", 0, CLAIM_WITHIN_SECONDS_MAX, claimWithinMs / 1_000);
      return new Session(
          title, opens, closes, zone, label, limitPerSession, 1_000 * claimWithinSeconds);
    }

    /** What owners are told of it. */
    JsonObject told() {
      return JsonObject.of(
          "opensAt", opensAt, "closesAt", closesAt, "claimWithinSeconds", claimWithinMs / 1_000);
    }

    /** The same local times so many days later; its items' portions are not looked at. */
    Session daysLater(long days) {
      ZoneId zoneId = zoneId();
      return new Session(
          title,
          LocalTimes.daysLater("opensAt", opensAt, days, zoneId),
          LocalTimes.daysLater("closesAt", closesAt, days, zoneId),
          zone,
          label,
          limitPerSession,
          claimWithinMs);
    }

    Session withTitle(String other) {
      return new Session(other, opensAt, closesAt, zone, label, limitPerSession, claimWithinMs);
    }
  }

  /**
   * @param product the shop's own code; empty = none
   */
  record Item(SaleItem sale, String product) {

    static Item of(Row row) {
      String product = row.getString("product");
      return new Item(ItemRows.item(row), product == null ? "" : product);
    }

    /** An item of {@code session}; members nobody asks for are left alone. */
    static Item of(long id, Fields request, long session, Session of) {
      long price = request.number("price", 0, Limits.PRICE_MAX);
      List<SaleItem.Release> releases = new ArrayList<>();
      for (Fields each : request.list("releases", Limits.RELEASES_MAX)) {
        each.allowOnly(Set.of("at", "units"));
        releases.add(
            new SaleItem.Release(
                LocalTimes.at("releases.at", each.value("at"), of.zoneId()),
                each.number("units", 1, Limits.STOCK_MAX)));
      }
      SaleItem sale =
          new SaleItem(
              id,
              session,
              request.text("title", Limits.TITLE_CHARS_MAX),
              price,
              request.numberOr("listPrice", 0, Limits.PRICE_MAX, price),
              request.textOr("currency", 3, "CNY"),
              of.opensAt(),
              of.closesAt(),
              request.number("stock", 0, Limits.STOCK_MAX),
              (int) request.numberOr("limitPerUser", 1, Limits.QUANTITY_MAX, 1),
              1_000 * request.numberOr("payWithinSeconds", 1, 604_800, PAY_WITHIN_SECONDS_DEFAULT),
              request.numberOr("cooldownMs", 0, Limits.COOLDOWN_MS_MAX, 0),
              request.millionthsOrAll("gate"),
              releases,
              (int) request.numberOr("limitPerOrder", 0, Limits.QUANTITY_MAX, 0),
              of.limitPerSession(),
              of.claimWithinMs());
      return new Item(sale, request.textOr("product", PRODUCT_CHARS_MAX, ""));
    }

    Item withId(long id) {
      return with(
          id,
          sale.session(),
          sale.opensAt(),
          sale.closesAt(),
          sale.releases(),
          sale.claimWithinMs());
    }

    /** The same in another session, so many days later by the clocks of its zone. */
    Item in(long session, Session of, long days) {
      List<SaleItem.Release> releases =
          sale.releases().stream()
              .map(
                  release ->
                      new SaleItem.Release(
                          LocalTimes.daysLater("releases.at", release.at(), days, of.zoneId()),
                          release.units()))
              .toList();
      return with(1, session, of.opensAt(), of.closesAt(), releases, of.claimWithinMs());
    }

    /**
     * The same in the window of its changed session, and with its way to sign in.
     *
     * @throws InvalidField if a portion would come after the end
     */
    Item within(Session of) {
      return with(
          sale.item(),
          sale.session(),
          of.opensAt(),
          of.closesAt(),
          sale.releases(),
          of.claimWithinMs());
    }

    private Item with(
        long id,
        long session,
        long opensAt,
        long closesAt,
        List<SaleItem.Release> releases,
        long claimWithinMs) {
      return new Item(sale.moved(id, session, opensAt, closesAt, releases, claimWithinMs), product);
    }

    JsonObject json() {
      return ItemRows.json(sale, product);
    }
  }

  /** Where all items of a session are that limits its users; −1 = wherever their ids take them. */
  static int partitionOf(long session, Session of, int partitions) {
    return of.limitPerSession() == 0 ? -1 : PartitionMap.partitionOfItem(session, partitions);
  }
}
