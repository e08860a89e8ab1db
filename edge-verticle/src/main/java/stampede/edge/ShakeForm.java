package stampede.edge;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import stampede.edge.admission.Visitor;
import stampede.edge.page.Pages;
import stampede.edge.page.view.ItemHtml;
import stampede.edge.page.view.OutcomeView;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;
import stampede.protocol.Outcome;

/**
 * A shake without a script: a form is posted, and a page shows what became of it. The same desk and
 * the same rules as for everybody. The key is the form's, {@code form}, then {@code form-2} for the
 * next intent: a form sent twice counts once. A browser lends its cookie to any page that posts
 * here, so the post must come from a page of this shop, and say so ({@code Origin}). On the edge's
 * event loop.
 */
final class ShakeForm {
  private static final String PATH = "/items/:id/shakes";
  private static final String FIRST_KEY = "form";
  private static final Pattern TOLD = Pattern.compile("[a-z_]{1,20}");

  private final Identity identity;
  private final TrustedProxies proxies;
  private final ShakeDesk desk;
  private final Pages pages;

  ShakeForm(Identity identity, TrustedProxies proxies, ShakeDesk desk, Pages pages) {
    this.identity = identity;
    this.proxies = proxies;
    this.desk = desk;
    this.pages = pages;
  }

  void mount(Router router) {
    router.post(PATH).handler(this::requireOwnPage);
    router
        .post(PATH)
        .handler(BodyHandler.create(false).setBodyLimit(JsonBody.BYTES_MAX))
        .handler(this::shake);
    router.get(PATH + "/:key").handler(this::show);
  }

  private void requireOwnPage(RoutingContext ctx) {
    boolean said = ctx.request().getHeader(HttpHeaders.ORIGIN) != null;
    if (said && identity.isOfOwnPage(ctx.request())) {
      ctx.next();
    } else {
      pages.refuse(ctx, Identity.foreignOrigin());
    }
  }

  private void shake(RoutingContext ctx) {
    long item = Fields.idOrZero(ctx.pathParam("id"));
    String given = ctx.request().getFormAttribute("key");
    String key = given == null ? FIRST_KEY : given;
    if (item == 0 || !ItemHtml.KEY.matcher(key).matches()) {
      pages.refuse(ctx, new InvalidField("key", "must be that of the form"));
      return;
    }
    identity
        .who(ctx.request())
        .onFailure(failure -> refuse(ctx, failure))
        .onSuccess(
            shopper -> {
              Visitor visitor = new Visitor(shopper.user(), proxies.network(ctx.request()));
              Consumer<Verdict> shown = verdict -> redirect(ctx, item, key, verdict);
              desk.shake(visitor, item, Bytes.of(key), 1, new Once(shown));
            });
  }

  /** What was said of this attempt only can't be asked for again: it goes along. */
  private void redirect(RoutingContext ctx, long item, String key, Verdict verdict) {
    String told = verdict.aboutKey() ? "" : "&told=" + verdict.outcome().text();
    String lang = "?lang=" + pages.language(ctx).code();
    if (!ctx.response().ended() && !ctx.response().closed()) {
      ctx.response()
          .setStatusCode(303)
          .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
          .putHeader(HttpHeaders.LOCATION, "/items/" + item + "/shakes/" + key + lang + told)
          .end();
    }
  }

  private void show(RoutingContext ctx) {
    long item = Fields.idOrZero(ctx.pathParam("id"));
    String key = String.valueOf(ctx.pathParam("key"));
    if (item == 0 || !ItemHtml.KEY.matcher(key).matches()) {
      pages.refuse(ctx, new Problem.Refused(404, "not_found", "there is nothing at this path"));
      return;
    }
    identity
        .who(ctx.request())
        .onFailure(failure -> refuse(ctx, failure))
        .onSuccess(
            shopper -> {
              Consumer<Verdict> shown =
                  verdict -> pages.sendOutcome(ctx, view(item, key, verdict, told(ctx)));
              desk.result(shopper.user(), item, Bytes.of(key), new Once(shown));
            });
  }

  private static @Nullable String told(RoutingContext ctx) {
    String told = ctx.request().getParam("told");
    return told != null && TOLD.matcher(told).matches() ? told : null;
  }

  /** The owner's word about the key, else what was told of the attempt. */
  private static OutcomeView view(long item, String key, Verdict verdict, @Nullable String told) {
    String outcome = verdict.outcome().text();
    if (verdict.outcome() == Outcome.UNKNOWN && told != null) {
      outcome = told;
    }
    var order = verdict.said().order();
    if (order == null) {
      return new OutcomeView(item, key, outcome, 0, "", 0, 0);
    }
    long claimBy = order.claimedBy().isEmpty() ? order.claimBy() : 0;
    return new OutcomeView(
        item, key, outcome, order.order(), order.status().text(), order.payBy(), claimBy);
  }

  private void refuse(RoutingContext ctx, Throwable failure) {
    pages.refuse(ctx, failure);
  }

  /** The first word goes out. */
  private static final class Once implements ShakeDesk.Answer {
    private @Nullable Consumer<Verdict> open;

    Once(Consumer<Verdict> open) {
      this.open = open;
    }

    @Override
    public void told(long item, Bytes key, Verdict verdict) {
      Consumer<Verdict> first = open;
      open = null;
      if (first != null) {
        first.accept(verdict);
      }
    }

    @Override
    public void queued(long item, Bytes key, int ahead, long etaMs) {
      // a request can only be answered once
    }
  }
}
