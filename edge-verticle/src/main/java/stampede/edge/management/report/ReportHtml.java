package stampede.edge.management.report;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Currency;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.edge.page.view.Html;

/** A report as one page without scripts, for screen and paper. */
public final class ReportHtml {
  private static final String STYLE =
      """
      body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:62em;padding:0 1em;color:#111;background:#fff}
      h1{font-size:1.5em;margin-bottom:0}h2{font-size:1.1em;margin-top:1.6em}
      table{border-collapse:collapse;width:100%}th,td{padding:.25em .5em;border-bottom:1px solid #ccc;text-align:left}
      td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.bad{color:#a40000;font-weight:bold}
      .note{color:#555}nav a{margin-right:1em}
      @media print{body{margin:0;max-width:none;font-size:10pt}nav{display:none}h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}@page{margin:15mm}}
      """;

  private final JsonObject report;
  private final JsonObject session;
  private final DateTimeFormatter times;
  private final Html html = new Html();

  private ReportHtml(JsonObject report) {
    this.report = report;
    this.session = report.getJsonObject("session");
    this.times =
        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS xxx", Locale.ROOT)
            .withZone(ZoneId.of(session.getString("zone")));
  }

  public static String of(JsonObject report) {
    return new ReportHtml(report).page();
  }

  private String page() {
    html.tag("<!doctype html>\n<html lang='en'>\n<head><meta charset='utf-8'>");
    html.tag("<meta name='viewport' content='width=device-width'><title>");
    html.text("Report of session " + session.getString("session")).tag("</title>\n<style>");
    html.tag(STYLE).tag("</style></head>\n<body>\n<main>\n");
    head();
    totals();
    funnel();
    items();
    refusals();
    balance();
    return html.tag("</main>\n</body>\n</html>\n").toString();
  }

  private void head() {
    String id = session.getString("session");
    html.tag("<h1><bdi>").text(session.getString("title")).tag("</bdi></h1>\n<p>Session ");
    html.text(id).tag(", ").text(time(session.getLong("opensAt"))).tag(" to ");
    html.text(time(session.getLong("closesAt"))).tag(" (").text(session.getString("zone"));
    html.tag(")<br>As of ").text(time(report.getLong("asOf"))).tag(". ");
    html.text(
        report.getBoolean("final")
            ? "Final: closed, nothing held, everything drained."
            : "Not final: the session is on, orders are held, or not everything is drained.");
    html.tag("</p>\n<nav aria-label='Other forms'><a href='").text(id).tag(".json'>JSON</a>");
    html.tag("<a href='").text(id).tag(".csv'>CSV</a></nav>\n");
  }

  private void totals() {
    JsonObject totals = report.getJsonObject("totals");
    html.tag("<h2>Result</h2>\n<table><tbody>\n");
    for (String each :
        new String[] {"stock", "sold", "held", "unsold", "accepted", "paid", "released"}) {
      boolean orders = each.equals("accepted") || each.equals("paid") || each.equals("released");
      fact(orders ? "Orders " + each : "Units: " + each, totals.getLong(each));
    }
    for (Object each : report.getJsonArray("revenue")) {
      JsonObject sum = (JsonObject) each;
      String currency = sum.getString("currency");
      fact("Revenue " + currency, money(sum.getLong("amount"), currency));
      fact(
          "Refunds due " + currency,
          money(sum.getLong("refundAmount"), currency)
              + ", payments: "
              + sum.getLong("refundsDue"));
    }
    JsonObject sellOut = report.getJsonObject("sellOut");
    fact("Items sold out", sellOut.getInteger("items") + " of " + totals.getInteger("items"));
    Long allMs = sellOut.getLong("allMs");
    fact("All sold out after", allMs == null ? "–" : allMs + " ms");
    html.tag("</tbody></table>\n");
  }

  private void fact(String name, Object value) {
    html.tag("<tr><th scope='row'>").text(name).tag("</th><td class='n'>");
    html.text(value).tag("</td></tr>\n");
  }

  private void funnel() {
    JsonObject funnel = report.getJsonObject("funnel");
    html.tag("<h2>Funnel</h2>\n");
    scope(funnel.getJsonObject("scope"), "Sockets, shakes and what was passed on");
    html.tag("<table><tbody>\n");
    fact("Sockets, at most", funnel.getLong("socketsMax"));
    fact("Shakes", funnel.getLong("shakes"));
    fact("Passed on to owners", funnel.getLong("passedOn"));
    fact("Accepted orders of this session", funnel.getLong("accepted"));
    fact("Paid orders of this session", funnel.getLong("paid"));
    html.tag("</tbody></table>\n");
  }

  private void scope(JsonObject scope, String what) {
    Long to = scope.getLong("to");
    html.tag("<p class='note'>").text(what).tag(": ");
    html.text(
        to == null
            ? "no edge has told its counts of that time."
            : "counted by "
                + scope.getInteger("edges")
                + (scope.getInteger("edges") == 1 ? " edge from " : " edges from ")
                + time(scope.getLong("from"))
                + " to "
                + time(to)
                + ", "
                + scope.getString("of")
                + "; an edge that was killed lacks its last seconds.");
    html.tag("</p>\n");
  }

  private void items() {
    html.tag("<h2>Items, by revenue</h2>\n<table><thead><tr><th scope='col'>Item</th>");
    for (String head :
        new String[] {
          "Price", "Stock", "Sold", "Held", "Unsold", "Orders", "Revenue", "Sold out after"
        }) {
      html.tag("<th scope='col' class='n'>").text(head).tag("</th>");
    }
    html.tag("</tr></thead><tbody>\n");
    for (Object each : report.getJsonArray("items")) {
      JsonObject item = (JsonObject) each;
      String currency = item.getString("currency");
      Long ms = item.getLong("timeToSellOutMs");
      html.tag("<tr><th scope='row'>").text(item.getString("item")).tag(" <bdi>");
      html.text(item.getString("title")).tag("</bdi></th>");
      cell(money(item.getLong("price"), currency));
      for (String figure : new String[] {"stock", "sold", "held", "unsold", "accepted"}) {
        cell(item.getLong(figure));
      }
      cell(money(item.getLong("revenue"), currency));
      cell(ms == null ? "–" : ms + " ms");
      html.tag("</tr>\n");
    }
    html.tag("</tbody></table>\n");
  }

  private void cell(Object value) {
    html.tag("<td class='n'>").text(value).tag("</td>");
  }

  private void refusals() {
    JsonObject refusals = report.getJsonObject("refusals");
    html.tag("<h2>Refusals, by reason</h2>\n");
    scope(refusals.getJsonObject("scope"), "Answers that were no order, and where edges refused");
    html.tag("<table><tbody>\n");
    for (Map.Entry<String, Object> each : refusals.getJsonObject("outcomes")) {
      fact("Answer " + each.getKey(), each.getValue());
    }
    for (Map.Entry<String, Object> each : refusals.getJsonObject("steps")) {
      fact("Refused at " + each.getKey(), each.getValue());
    }
    html.tag("</tbody></table>\n");
  }

  private void balance() {
    JsonObject balance = report.getJsonObject("balance");
    boolean good = balance.getBoolean("balanced");
    html.tag("<h2>Proof of balance</h2>\n<p").tag(good ? ">" : " class='bad'>");
    html.text(
        good
            ? "Balanced: of every item available + held + sold = stock, and the orders add up to it."
            : "NOT BALANCED: see the items and partitions, and run ./stampede reconcile.");
    html.tag(" Units unaccounted: ").text(balance.getLong("unaccounted")).tag("</p>\n");
    html.tag("<table><thead><tr>");
    for (String head :
        new String[] {
          "Partition", "Drained to", "Batch", "Owner", "At position", "Compared to", "Differences"
        }) {
      html.tag("<th scope='col' class='n'>").text(head).tag("</th>");
    }
    html.tag("</tr></thead><tbody>\n");
    JsonArray partitions = balance.getJsonArray("partitions");
    for (Object each : partitions) {
      JsonObject partition = (JsonObject) each;
      JsonObject reconcile = partition.getJsonObject("reconcile", new JsonObject());
      html.tag("<tr>");
      for (Object value :
          new @Nullable Object[] {
            partition.getValue("partition"),
            partition.getValue("drained"),
            partition.getValue("batch"),
            partition.getValue("owner"),
            partition.getValue("position"),
            reconcile.getValue("checked"),
            reconcile.getValue("differences")
          }) {
        cell(value == null ? "–" : value);
      }
      html.tag("</tr>\n");
    }
    html.tag("</tbody></table>\n");
  }

  private String time(long epochMs) {
    return times.format(Instant.ofEpochMilli(epochMs));
  }

  /** Minor units as people write them, where the currency is known. */
  static String money(long amount, String currency) {
    int digits;
    try {
      digits = Math.max(0, Currency.getInstance(currency).getDefaultFractionDigits());
    } catch (IllegalArgumentException e) {
      return amount + " (minor units) " + currency;
    }
    return BigDecimal.valueOf(amount, digits).toPlainString() + " " + currency;
  }
}
