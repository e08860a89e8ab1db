package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import stampede.edge.Fields;
import stampede.edge.Problem;
import stampede.edge.management.report.ReportCsv;
import stampede.edge.management.report.ReportHtml;

/**
 * {@code GET /reports/{session}.json|.csv|.html} for whoever shows an operator token, as header or
 * as the console's cookie.
 */
final class ReportPages {
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private final ReportCommands reports;
  private final Function<HttpServerRequest, Future<Operator>> operators;
  private final Predicate<HttpServerRequest> isForeign;

  ReportPages(
      ReportCommands reports,
      Function<HttpServerRequest, Future<Operator>> operators,
      Predicate<HttpServerRequest> isForeign) {
    this.reports = reports;
    this.operators = operators;
    this.isForeign = isForeign;
  }

  /** A form of a report. */
  private enum Form {
    JSON("application/json"),
    CSV("text/csv; charset=utf-8"),
    HTML("text/html; charset=utf-8");

    private final String type;

    Form(String type) {
      this.type = type;
    }

    String text(JsonObject report) {
      if (this == CSV) {
        return ReportCsv.of(report);
      }
      return this == HTML ? ReportHtml.of(report) : report.encodePrettily();
    }
  }

  void mount(Router router) {
    for (Form form : Form.values()) {
      String ending = form.name().toLowerCase(Locale.ROOT);
      router
          .getWithRegex("/reports/(?<session>[0-9]{1,19})\\." + ending)
          .handler(ctx -> show(ctx, form));
    }
  }

  private void show(RoutingContext ctx, Form form) {
    if (isForeign.test(ctx.request())) {
      Problem.send(ctx, 403, "foreign_origin", "this origin may not read reports");
      return;
    }
    long session = Fields.idOrZero(ctx.pathParam("session"));
    operators
        .apply(ctx.request())
        .compose(operator -> reports.report(session))
        .map(form::text)
        .onSuccess(text -> send(ctx, form, session, text))
        .onFailure(failure -> Problem.send(ctx, failure));
  }

  private static void send(RoutingContext ctx, Form form, long session, String text) {
    if (ctx.response().ended() || ctx.response().closed()) {
      return;
    }
    if (form == Form.CSV) {
      ctx.response()
          .putHeader("Content-Disposition", "attachment; filename=\"session-" + session + ".csv\"");
    }
    ctx.response()
        .putHeader(HttpHeaders.CONTENT_TYPE, form.type)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("Content-Security-Policy", POLICY)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Referrer-Policy", "no-referrer")
        .end(text);
  }
}
