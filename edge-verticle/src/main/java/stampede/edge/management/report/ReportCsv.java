package stampede.edge.management.report;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** A report's items as RFC 4180, a line each, the best-selling first. */
public final class ReportCsv {
  private static final String HEAD =
      "session,item,title,currency,price_minor,stock,sold,held,unsold,accepted_orders,paid_orders,"
          + "revenue_minor,expired_orders,cancelled_orders,unclaimed_orders,refunds_due,"
          + "refund_minor,opened_at,sold_out_at,time_to_sell_out_ms,ended_at,balanced";

  private ReportCsv() {}

  public static String of(JsonObject report) {
    StringBuilder csv = new StringBuilder(HEAD).append("\r\n");
    String session = report.getJsonObject("session").getString("session");
    for (Object each : report.getJsonArray("items")) {
      line(csv, session, (JsonObject) each);
    }
    return csv.toString();
  }

  private static void line(StringBuilder csv, String session, JsonObject item) {
    JsonObject orders = item.getJsonObject("orders");
    long refunds = 0;
    long refundAmount = 0;
    for (Map.Entry<String, Object> refund : item.getJsonObject("refunds")) {
      refunds += ((JsonObject) refund.getValue()).getLong("refunds");
      refundAmount += ((JsonObject) refund.getValue()).getLong("amount");
    }
    StringJoiner line = new StringJoiner(",", "", "\r\n");
    line.add(session)
        .add(item.getString("item"))
        .add(text(item.getString("title")))
        .add(item.getString("currency"))
        .add(number(item, "price"))
        .add(number(item, "stock"))
        .add(number(item, "sold"))
        .add(number(item, "held"))
        .add(number(item, "unsold"))
        .add(number(item, "accepted"))
        .add(number(orders.getJsonObject("paid"), "orders"))
        .add(number(item, "revenue"))
        .add(number(orders.getJsonObject("expired"), "orders"))
        .add(number(orders.getJsonObject("cancelled"), "orders"))
        .add(number(orders.getJsonObject("unclaimed"), "orders"))
        .add(Long.toString(refunds))
        .add(Long.toString(refundAmount))
        .add(time(item.getLong("openedAt")))
        .add(time(item.getLong("soldOutAt")))
        .add(number(item, "timeToSellOutMs"))
        .add(time(item.getLong("endedAt")))
        .add(item.getBoolean("balanced").toString());
    csv.append(line);
  }

  private static String number(JsonObject of, String member) {
    Long value = of.getLong(member);
    return value == null ? "" : value.toString();
  }

  private static String time(@Nullable Long epochMs) {
    return epochMs == null ? "" : Instant.ofEpochMilli(epochMs).toString();
  }

  /**
   * A title is anybody's text: one that a spreadsheet would take for a formula is quoted for it.
   */
  private static String text(String text) {
    boolean formula =
        !text.isEmpty() && "=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20".indexOf(text.charAt(0)) >= 0;
    return '"' + (formula ? "'" : "") + text.replace("\"", "\"\"") + '"';
  }
}
