package stampede.protocol;

import java.util.List;

/**
 * One product on sale in one session, as published to its owner; never changes afterwards. Times
 * are epoch milliseconds UTC, money is in minor units, {@code gate} in millionths let through
 * ({@link Limits#GATE_OPEN} = everybody).
 *
 * @param stock units on sale when the item opens; 0 only with {@code releases}
 * @param payWithinMs how long an order is held unpaid
 * @param cooldownMs between two shakes of one user that are passed to the owner; 0 = none
 * @param releases further portions of stock, earliest first
 * @param limitPerOrder units of one order; 0 = as many as a user may have
 * @param limitPerSession units of a user over all items of the session, which then are all in one
 *     partition; 0 = no such limit
 * @param claimWithinMs how long an order of a device is held unclaimed; 0 = devices can't shake it,
 *     who shakes has signed in before
 */
public record SaleItem(
    long item,
    long session,
    String title,
    long price,
    long listPrice,
    String currency,
    long opensAt,
    long closesAt,
    long stock,
    int limitPerUser,
    long payWithinMs,
    long cooldownMs,
    int gate,
    List<Release> releases,
    int limitPerOrder,
    int limitPerSession,
    long claimWithinMs) {

  /** Limited per user only, for those who have signed in. */
  public SaleItem(
      long item,
      long session,
      String title,
      long price,
      long listPrice,
      String currency,
      long opensAt,
      long closesAt,
      long stock,
      int limitPerUser,
      long payWithinMs,
      long cooldownMs,
      int gate,
      List<Release> releases) {
    this(
        item,
        session,
        title,
        price,
        listPrice,
        currency,
        opensAt,
        closesAt,
        stock,
        limitPerUser,
        payWithinMs,
        cooldownMs,
        gate,
        releases,
        0,
        0,
        0);
  }

  /** {@code units} more for sale from {@code at} on. */
  public record Release(long at, long units) {
    public Release {
      require(at > 0, "releases.at", "must be a time in epoch milliseconds");
      require(
          units >= 1 && units <= Limits.STOCK_MAX,
          "releases.units",
          "must be 1 to " + Limits.STOCK_MAX);
    }
  }

  public SaleItem {
    require(item > 0, "item", "must be a positive number");
    require(session > 0, "session", "must be a positive number");
    require(!title.isBlank(), "title", "must not be blank");
    require(
        title.length() <= Limits.TITLE_CHARS_MAX,
        "title",
        "must have at most " + Limits.TITLE_CHARS_MAX + " characters");
    require(
        price >= 0 && price <= Limits.PRICE_MAX,
        "price",
        "must be 0 to " + Limits.PRICE_MAX + " minor units");
    require(
        listPrice >= price && listPrice <= Limits.PRICE_MAX,
        "listPrice",
        "must be at least the price and at most " + Limits.PRICE_MAX + " minor units");
    require(currency.matches("[A-Z]{3}"), "currency", "must be an ISO 4217 code like CNY");
    require(opensAt > 0, "opensAt", "must be a time in epoch milliseconds");
    require(closesAt > opensAt, "closesAt", "must be after opensAt");
    require(stock >= 0 && stock <= Limits.STOCK_MAX, "stock", "must be 0 to " + Limits.STOCK_MAX);
    require(
        stock > 0 || !releases.isEmpty(), "stock", "must be at least 1 when there are no releases");
    require(
        limitPerUser >= 1 && limitPerUser <= Limits.QUANTITY_MAX,
        "limitPerUser",
        "must be 1 to " + Limits.QUANTITY_MAX);
    require(
        limitPerOrder >= 0 && limitPerOrder <= Limits.QUANTITY_MAX,
        "limitPerOrder",
        "must be 1 to " + Limits.QUANTITY_MAX + ", or 0 for none");
    require(
        limitPerSession >= 0 && limitPerSession <= Limits.QUANTITY_MAX,
        "limitPerSession",
        "must be 1 to " + Limits.QUANTITY_MAX + ", or 0 for none");
    require(
        payWithinMs >= 1_000 && payWithinMs <= 604_800_000,
        "payWithinSeconds",
        "must be 1 to 604800");
    require(
        cooldownMs >= 0 && cooldownMs <= Limits.COOLDOWN_MS_MAX,
        "cooldownMs",
        "must be 0 to " + Limits.COOLDOWN_MS_MAX);
    require(gate >= 0 && gate <= Limits.GATE_OPEN, "gate", "must be 0 to 1");
    require(
        releases.size() <= Limits.RELEASES_MAX,
        "releases",
        "must be at most " + Limits.RELEASES_MAX);
    require(
        claimWithinMs == 0 || claimWithinMs >= 1_000 && claimWithinMs <= Limits.CLAIM_WITHIN_MS_MAX,
        "claimWithinSeconds",
        "must be 0, or 1 to " + Limits.CLAIM_WITHIN_MS_MAX / 1_000);
    releases = List.copyOf(releases);
    long total = stock;
    long last = 0;
    for (Release release : releases) {
      require(release.at >= last, "releases.at", "must not go back in time");
      require(release.at < closesAt, "releases.at", "must be before closesAt");
      last = release.at;
      total += release.units;
    }
    require(
        total <= Limits.STOCK_MAX,
        "releases.units",
        "together with stock must be at most " + Limits.STOCK_MAX);
  }

  /**
   * Until when a user must have claimed an order that {@code user} was given at {@code at}, epoch
   * ms; 0 = it needs no claim.
   */
  public long claimBy(Bytes user, long at) {
    return claimWithinMs > 0 && Devices.isDevice(user) ? at + claimWithinMs : 0;
  }

  /** The same but for its other limits; 0 = none. */
  public SaleItem limited(int perOrder, int perSession, long claimMs) {
    return new SaleItem(
        item,
        session,
        title,
        price,
        listPrice,
        currency,
        opensAt,
        closesAt,
        stock,
        limitPerUser,
        payWithinMs,
        cooldownMs,
        gate,
        releases,
        perOrder,
        perSession,
        claimMs);
  }

  /** The same under another id, in another session: its window, its portions, its way to claim. */
  public SaleItem moved(
      long to,
      long toSession,
      long opensAtMs,
      long closesAtMs,
      List<Release> portions,
      long claimMs) {
    return new SaleItem(
        to,
        toSession,
        title,
        price,
        listPrice,
        currency,
        opensAtMs,
        closesAtMs,
        stock,
        limitPerUser,
        payWithinMs,
        cooldownMs,
        gate,
        portions,
        limitPerOrder,
        limitPerSession,
        claimMs);
  }

  /** All units there can be without a later {@code ADD_STOCK}. */
  public long stockWithReleases() {
    long total = stock;
    for (Release release : releases) {
      total += release.units;
    }
    return total;
  }

  private static void require(boolean holds, String field, String problem) {
    if (!holds) {
      throw new InvalidField(field, problem);
    }
  }
}
