package stampede.edge.management.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionReportTest {
  private static final JsonObject NOW =
      new JsonObject()
          .put("owner", "sale-1")
          .put("position", 40)
          .put("reconcile", JsonObject.of("checked", 40, "differences", 0));

  /** As it comes over the bus: parsed. */
  private static JsonObject found() {
    return new JsonObject(
        new JsonObject()
            .put(
                "session",
                new JsonObject()
                    .put("session", "7")
                    .put("title", "<b>Eleven & Co</b>")
                    .put("opensAt", 1_000_000)
                    .put("closesAt", 2_000_000)
                    .put("zone", "Asia/Shanghai")
                    .put("status", "published"))
            .put("asOf", 3_000_000)
            .put(
                "items",
                JsonArray.of(
                    item("1001", "cheap", 100, "CNY", 10, 6, 0, 4).put("refunds", refunds()),
                    item("1002", "=cmd(\"x\")", 9_900, "CNY", 2, 2, 0, 0)
                        .put("openedAt", 1_000_010)
                        .put("soldOutAt", 1_000_260),
                    item("1003", "dollars", 5, "USD", 3, 1, 0, 2)))
            .put(
                "partitions",
                JsonArray.of(
                    JsonObject.of("partition", 3, "drained", 40, "batch", "9", "drainedAt", 5)))
            .put(
                "counts",
                new JsonObject()
                    .put("from", 400_000)
                    .put("to", 2_000_100)
                    .put("edges", 2)
                    .put("socketsMax", 77)
                    .put(
                        "counts",
                        new JsonObject()
                            .put("shakes", 500)
                            .put("outcomes", JsonObject.of("accepted", 9, "sold_out", 300))
                            .put("refusals", JsonObject.of("cooldown", 100, "gate", 20))))
            .encode());
  }

  private static JsonObject refunds() {
    return JsonObject.of("late_payment", JsonObject.of("refunds", 1, "amount", 100));
  }

  private static JsonObject item(
      String id,
      String title,
      long price,
      String currency,
      long stock,
      long sold,
      long held,
      long available) {
    return new JsonObject()
        .put("item", id)
        .put("title", title)
        .put("partition", 3)
        .put("published", true)
        .put("price", price)
        .put("currency", currency)
        .put("stock", stock)
        .put("available", available)
        .put("held", held)
        .put("sold", sold)
        .put("position", 30)
        .put("openedAt", null)
        .put("soldOutAt", null)
        .put("endedAt", null)
        .put("refunds", new JsonObject())
        .put(
            "orders",
            new JsonObject()
                .put("held", sum(held, held * price))
                .put("paid", sum(sold, sold * price))
                .put("expired", sum(1, price))
                .put("cancelled", sum(0, 0))
                .put("unclaimed", sum(0, 0)));
  }

  private static JsonObject sum(long units, long amount) {
    return JsonObject.of("orders", units, "units", units, "amount", amount);
  }

  private static JsonObject report() {
    return SessionReport.of(found(), partition -> NOW);
  }

  @Test
  void unitsOrdersAndMoneyAddUp() {
    JsonObject report = report();

    assertThat(report.getJsonObject("totals"))
        .isEqualTo(
            new JsonObject()
                .put("items", 3)
                .put("stock", 15L)
                .put("sold", 9L)
                .put("held", 0L)
                .put("unsold", 6L)
                .put("accepted", 12L)
                .put("paid", 9L)
                .put("released", 3L));
    JsonObject cny = report.getJsonArray("revenue").getJsonObject(0);
    assertThat(cny.getString("currency")).isEqualTo("CNY");
    assertThat(cny.getLong("amount")).isEqualTo(6 * 100 + 2 * 9_900);
    assertThat(cny.getLong("refundAmount")).isEqualTo(100);
    assertThat(report.getJsonArray("revenue").getJsonObject(1).getLong("amount")).isEqualTo(5);
  }

  @Test
  void bestSellersComeFirstAndSellingOutIsTimedFromTheOpening() {
    JsonObject report = report();

    assertThat(report.getJsonArray("topItems").stream())
        .extracting(item -> ((JsonObject) item).getString("item"))
        .containsExactly("1002", "1001", "1003");
    assertThat(report.getJsonArray("items").getJsonObject(0).getLong("timeToSellOutMs"))
        .isEqualTo(250);
    assertThat(report.getJsonObject("sellOut").getInteger("items")).isEqualTo(1);
    assertThat(report.getJsonObject("sellOut").getValue("allMs")).isNull();
  }

  @Test
  void countsOfEdgesSayWhatTheyAreOf() {
    JsonObject report = report();

    JsonObject funnel = report.getJsonObject("funnel");
    assertThat(funnel.getLong("shakes")).isEqualTo(500);
    assertThat(funnel.getLong("passedOn")).isEqualTo(380);
    assertThat(funnel.getLong("accepted")).as("of MySQL").isEqualTo(12);
    assertThat(funnel.getJsonObject("scope").getInteger("edges")).isEqualTo(2);
    JsonObject refusals = report.getJsonObject("refusals");
    assertThat(refusals.getJsonObject("outcomes")).isEqualTo(JsonObject.of("sold_out", 300));
    assertThat(refusals.getJsonObject("steps").getInteger("gate")).isEqualTo(20);
  }

  @Test
  void itIsFinalWhenClosedPaidAndDrained() {
    assertThat(report().getBoolean("final")).isTrue();

    JsonObject early = found().put("asOf", 1_500_000);
    assertThat(SessionReport.of(early, p -> NOW).getBoolean("final")).isFalse();
    JsonObject ahead = NOW.copy().put("position", 41);
    assertThat(SessionReport.of(found(), p -> ahead).getBoolean("final")).isFalse();
    assertThat(SessionReport.of(found(), p -> new JsonObject()).getBoolean("final")).isFalse();
  }

  @Test
  void whatDoesNotAddUpIsNotBalanced() {
    assertThat(report().getJsonObject("balance").getBoolean("balanced")).isTrue();

    JsonObject lost = found();
    lost.getJsonArray("items").getJsonObject(1).put("available", 1);
    JsonObject balance = SessionReport.of(lost, p -> NOW).getJsonObject("balance");
    assertThat(balance.getBoolean("balanced")).isFalse();
    assertThat(balance.getLong("unaccounted")).isEqualTo(1);

    JsonObject unbooked = found();
    unbooked
        .getJsonArray("items")
        .getJsonObject(0)
        .getJsonObject("orders")
        .getJsonObject("paid")
        .put("units", 5);
    assertThat(SessionReport.of(unbooked, p -> NOW).getJsonObject("balance").getBoolean("balanced"))
        .isFalse();

    JsonObject differs = JsonObject.of("reconcile", JsonObject.of("differences", 1));
    assertThat(
            SessionReport.of(found(), p -> differs).getJsonObject("balance").getBoolean("balanced"))
        .isFalse();
    assertThat(ReportHtml.of(SessionReport.of(found(), p -> differs))).contains("NOT BALANCED");
  }

  @Test
  void tableHasALineAnItemAndNoFormulaOfAStranger() {
    List<String> lines = ReportCsv.of(report()).lines().toList();

    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).startsWith("session,item,title,currency,price_minor,stock,");
    assertThat(lines.get(1))
        .isEqualTo(
            "7,1002,\"'=cmd(\"\"x\"\")\",CNY,9900,2,2,0,0,3,2,19800,1,0,0,0,0,"
                + "1970-01-01T00:16:40.010Z,1970-01-01T00:16:40.260Z,250,,true");
    assertThat(lines.get(2))
        .startsWith("7,1001,\"cheap\",CNY,100,10,6,0,4,7,6,600,1,0,0,1,100,,,,");
    for (String line : lines.subList(2, 4)) {
      assertThat(line.split(",", -1)).hasSameSizeAs(lines.get(0).split(",", -1));
    }
  }

  @Test
  void pageIsPrintableAndEscapesWhatOthersWrote() {
    String html = ReportHtml.of(report());

    assertThat(html)
        .contains("&lt;b&gt;Eleven &amp; Co&lt;/b&gt;")
        .contains("=cmd(&quot;x&quot;)")
        .contains("@media print")
        .contains("204.00 CNY", "0.05 USD", "250 ms")
        .contains("counted by 2 edges")
        .contains("Balanced:")
        .doesNotContain("<b>Eleven", "<script");
    assertThat(html).contains("1970-01-01 08:16:40.000 +08:00");
  }

  @Test
  void nothingCountedIsSaidSo() {
    JsonObject uncounted = found();
    uncounted.getJsonObject("counts").put("to", null).put("counts", new JsonObject());

    JsonObject report = SessionReport.of(uncounted, p -> NOW);

    assertThat(report.getJsonObject("funnel").getLong("shakes")).isZero();
    assertThat(ReportHtml.of(report)).contains("no edge has told its counts");
  }

  @Test
  void moneyIsShownInTheCurrencysOwnUnits() {
    assertThat(ReportHtml.money(1_234, "JPY")).isEqualTo("1234 JPY");
    assertThat(ReportHtml.money(1_234, "KWD")).isEqualTo("1.234 KWD");
    assertThat(ReportHtml.money(5, "CNY")).isEqualTo("0.05 CNY");
    assertThat(ReportHtml.money(5, "QQQ")).isEqualTo("5 (minor units) QQQ");
  }
}
