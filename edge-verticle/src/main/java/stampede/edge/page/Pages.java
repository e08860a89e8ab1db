package stampede.edge.page;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import stampede.edge.Backstage;
import stampede.edge.Fields;
import stampede.edge.OwnerRoutes;
import stampede.edge.Problem;
import stampede.edge.page.PageCache.Rendered;
import stampede.edge.page.view.ItemFacts;
import stampede.edge.page.view.ItemView;
import stampede.edge.page.view.Language;
import stampede.edge.page.view.OutcomeView;
import stampede.edge.page.view.PageJson.Timed;
import stampede.edge.page.view.SearchQuery;
import stampede.edge.page.view.SessionDays;
import stampede.edge.page.view.SessionState;
import stampede.edge.page.view.SessionView;
import stampede.edge.page.view.ShopHtml.Listing;
import stampede.edge.page.view.ShopLinks;
import stampede.protocol.InvalidField;
import stampede.protocol.ItemState;
import stampede.protocol.PartitionMap;
import stampede.protocol.port.Timers;

/**
 * The pages of an edge and the JSON beside them: their addresses, how each is made, and which are
 * made before anybody asks. Needs {@link Problem#install} on the router. On the edge's event loop.
 */
public final class Pages implements ShopWindow {
  private static final int PAGES_MAX = 50_000;
  private static final String ITEMS_JSON = "/api/v1/items/";
  private static final String ITEMS = "/items/";
  private static final String REMINDER = "/remind.ics";
  private static final int OTHERS_MAX = 6;

  /** A session may have very many, and a page of each is made anew in the same second. */
  private static final int OTHERS_LOOKED_AT = 48;

  private static final String SESSIONS = "/sessions/";

  private static final List<ItemState> ON_FIRST =
      List.of(
          ItemState.OPEN,
          ItemState.SCHEDULED,
          ItemState.PAUSED,
          ItemState.SOLD_OUT,
          ItemState.ENDED);

  /** Made in one go, ahead of readers; shakes are served in between. */
  private static final int PORTION = 10;

  private static final long PORTION_EVERY_MS = 5;
  private static final long RETRY_AFTER_S = 1;

  private final Shelf shelf;
  private final OwnerRoutes routes;
  private final PageMaker maker;
  private final PageCache cache;
  private final StaticFiles files = new StaticFiles();
  private final PageCounters counters = new PageCounters();
  private final Timers timers;
  private final PageFront front;
  private final ArrayDeque<Runnable> ahead = new ArrayDeque<>();
  private boolean preparing;

  /**
   * @param router everything that is no page goes there
   * @param epochMs what is told as now, and which day it is
   * @param bytesMax of rendered pages held
   * @param links where pages send people to
   */
  public Pages(
      Router router,
      Backstage backstage,
      OwnerRoutes routes,
      Timers timers,
      LongSupplier epochMs,
      IntUnaryOperator random,
      long bytesMax,
      ShopLinks links) {
    this.timers = timers;
    this.routes = routes;
    this.shelf = new Shelf(backstage, routes, timers, epochMs, random, counters);
    this.maker = new PageMaker(timers, epochMs, files::path, links);
    this.cache = new PageCache(timers, PAGES_MAX, bytesMax, counters);
    this.front = new PageFront(cache, files, timers, counters, router);
    mount(router);
  }

  private void mount(Router router) {
    at(router, "/", this::home);
    at(router, SESSIONS + ":id", this::session);
    at(router, ITEMS + ":id", this::item);
    at(router, ITEMS + ":id" + REMINDER, this::reminder);
    at(router, "/search", this::search);
    at(router, "/api/v1/sessions", this::sessionsJson);
    at(router, ITEMS_JSON + ":id", this::itemJson);
    at(router, "/api/v1/search", this::searchJson);
    at(router, StaticFiles.PREFIX + ":file", this::file);
  }

  private static void at(Router router, String path, Function<RoutingContext, Future<?>> page) {
    router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(page::apply);
  }

  /** To be called once the hints are heard. */
  public void start() {
    shelf.start(this::changed, this::learned);
  }

  public void stop() {
    front.close();
    shelf.stop();
  }

  /** Takes every request of the public port. */
  public PageFront front() {
    return front;
  }

  public PageCounters counters() {
    return counters;
  }

  static String key(Language language, String path) {
    return language.code() + path;
  }

  // ---- pages -----------------------------------------------------------------------------------

  private Future<?> home(RoutingContext ctx) {
    Language language = language(ctx);
    return answerPage(ctx, language, key(language, "/"), () -> homePage(language));
  }

  private Future<Rendered> homePage(Language language) {
    return shelf
        .sessionsAhead()
        .map(
            sessions ->
                maker.home(
                    language,
                    listings(sessions, "today"),
                    listings(sessions, "tomorrow"),
                    shelf.catalogueNewsMs()));
  }

  private List<Listing> listings(List<SessionView> sessions, String day) {
    return SessionDays.pick(sessions, day, maker.nowMs()).stream().map(this::listing).toList();
  }

  private Listing listing(SessionView session) {
    return new Listing(session, shelf.views(session.items()));
  }

  private Future<?> session(RoutingContext ctx) {
    Language language = language(ctx);
    long id = idOrZero(ctx);
    return answerPage(ctx, language, key(language, SESSIONS + id), () -> sessionPage(language, id));
  }

  private Future<Rendered> sessionPage(Language language, long id) {
    return id == 0
        ? unknown("session")
        : known(shelf.session(id), "session", session -> maker.session(language, listing(session)));
  }

  private Future<?> item(RoutingContext ctx) {
    Language language = language(ctx);
    long id = idOrZero(ctx);
    return answerPage(ctx, language, key(language, ITEMS + id), () -> itemPage(language, id));
  }

  private Future<Rendered> itemPage(Language language, long id) {
    return id == 0
        ? unknown("item")
        : known(shelf.item(id), "item", view -> maker.item(language, view, others(view)));
  }

  /**
   * What is known now of its session, and what is on sale in others: that first, then what comes.
   */
  private List<ItemView> others(ItemView view) {
    long own = view.facts().session();
    long nowMs = maker.nowMs();
    Stream<ItemView> ofItsSession = others(view, session -> session.session() == own);
    Stream<ItemView> ofOthers =
        others(view, each -> each.session() != own && each.isWithinWindow(nowMs))
            .filter(each -> each.state() == ItemState.OPEN);
    return Stream.concat(ofItsSession, ofOthers)
        .sorted(Comparator.comparing(each -> ON_FIRST.indexOf(each.state())))
        .limit(OTHERS_MAX)
        .toList();
  }

  private Stream<ItemView> others(ItemView view, Predicate<SessionView> of) {
    return shelf.sessionsKnown().stream()
        .filter(of)
        .flatMap(session -> session.items().stream())
        .filter(each -> each.item() != view.facts().item())
        .limit(OTHERS_LOOKED_AT)
        .map(shelf::view);
  }

  private Future<?> reminder(RoutingContext ctx) {
    long id = idOrZero(ctx);
    return answerPage(
        ctx,
        language(ctx),
        ITEMS + id + REMINDER,
        () -> id == 0 ? unknown("item") : known(shelf.item(id), "item", maker::reminder));
  }

  // ---- of one shopper --------------------------------------------------------------------------

  /** What became of a shake, for who runs no script. */
  public void sendOutcome(RoutingContext ctx, OutcomeView told) {
    Language language = language(ctx);
    shelf
        .item(told.item())
        .otherwise(Optional.empty()) // told all the same
        .onSuccess(
            view ->
                sendPersonal(ctx, language, 200, maker.outcome(language, told, view.orElse(null))));
  }

  /** Why not, as a page for people. */
  public void refuse(RoutingContext ctx, Throwable failure) {
    Language language = language(ctx);
    boolean signedOut = failure instanceof Problem.Refused refused && refused.status() == 401;
    if (signedOut && forPeople(ctx)) {
      sendPersonal(ctx, language, 401, maker.signIn(language, ctx.request().path()));
    } else {
      refusePage(ctx, language, failure);
    }
  }

  private static void sendPersonal(RoutingContext ctx, Language language, int status, String html) {
    if (!ctx.response().ended() && !ctx.response().closed()) {
      ctx.response().headers().setAll(personalHeaders(language));
      ctx.response().setStatusCode(status).end(html);
    }
  }

  private static boolean forPeople(RoutingContext ctx) {
    String accept = ctx.request().getHeader(HttpHeaders.ACCEPT);
    return accept != null && accept.contains("text/html");
  }

  private Future<?> search(RoutingContext ctx) {
    Language language = language(ctx);
    try {
      String query = query(ctx);
      String key = key(language, "/search?q=" + encoded(query));
      return answerPage(ctx, language, key, () -> foundPage(language, query));
    } catch (IllegalArgumentException invalid) {
      return refusePage(ctx, language, invalidQuery(invalid));
    }
  }

  private Future<Rendered> foundPage(Language language, String query) {
    return shelf
        .search(query)
        .map(found -> maker.found(language, query, shelf.views(found.value()), newsMs(found)));
  }

  // ---- JSON ------------------------------------------------------------------------------------

  private Future<?> itemJson(RoutingContext ctx) {
    long id = idOrZero(ctx);
    return answer(ctx, ITEMS_JSON + id, () -> itemJson(id), failure -> Problem.send(ctx, failure));
  }

  private Future<Rendered> itemJson(long id) {
    return id == 0 ? unknown("item") : known(shelf.item(id), "item", maker::itemJson);
  }

  private Future<?> sessionsJson(RoutingContext ctx) {
    String given = ctx.request().getParam("day");
    String day = SessionDays.requireDay(given == null ? "today" : given);
    String key = given == null ? "/api/v1/sessions" : "/api/v1/sessions?day=" + day;
    return answer(
        ctx,
        key,
        () -> shelf.day(day).map(known -> maker.sessionsJson(timed(known.value()), known.ageMs())),
        failure -> Problem.send(ctx, failure));
  }

  private List<Timed> timed(List<SessionView> sessions) {
    return sessions.stream()
        .map(
            session -> {
              List<Long> ids = session.items().stream().map(ItemFacts::item).toList();
              List<ItemState> states =
                  shelf.views(session.items()).stream().map(ItemView::state).toList();
              return new Timed(session, SessionState.of("published", states, isWarm(ids)));
            })
        .toList();
  }

  // ---- for operators ---------------------------------------------------------------------------

  @Override
  public boolean isKnown() {
    return shelf.isKnown();
  }

  @Override
  public @Nullable ItemState state(JsonObject item) {
    ItemFacts facts = ItemFacts.of(item, "UTC");
    boolean onSale = item.getBoolean("published", false) || routes.item(facts.item()) != null;
    return onSale ? shelf.view(facts).state() : null;
  }

  @Override
  public boolean isWarm(List<Long> items) {
    for (Long item : items) {
      boolean held = cache.holds(ITEMS_JSON + item);
      for (Language each : Language.values()) {
        held &= cache.holds(key(each, ITEMS + item));
      }
      if (!held || !routes.reachable(PartitionMap.partitionOfItem(item, routes.partitions()))) {
        return false;
      }
    }
    return true;
  }

  private Future<?> searchJson(RoutingContext ctx) {
    String query;
    try {
      query = query(ctx);
    } catch (IllegalArgumentException invalid) {
      Problem.send(ctx, invalidQuery(invalid));
      return Future.failedFuture(invalid);
    }
    return answer(
        ctx,
        "/api/v1/search?q=" + encoded(query),
        () ->
            shelf
                .search(query)
                .map(found -> maker.foundJson(shelf.views(found.value()), newsMs(found))),
        failure -> Problem.send(ctx, failure));
  }

  private long newsMs(BriefCache.Aged<?> found) {
    long nowMs = timers.millis();
    return found.ageMs() > Shelf.STORE_FRESH_MS ? nowMs - found.ageMs() : nowMs;
  }

  private static String query(RoutingContext ctx) {
    return SearchQuery.normalised(ctx.request().getParam("q"));
  }

  private static InvalidField invalidQuery(RuntimeException invalid) {
    return invalid instanceof InvalidField field
        ? field
        : new InvalidField("q", "must be percent-encoded UTF-8");
  }

  private static String encoded(String query) {
    return URLEncoder.encode(query, StandardCharsets.UTF_8);
  }

  // ---- files -----------------------------------------------------------------------------------

  /** Those there are were answered before the router, unless this node is stopping. */
  private Future<?> file(RoutingContext ctx) {
    if (!files.answer(ctx.request())) {
      Problem.send(ctx, 404, "not_found", "there is nothing at this path");
    }
    return Future.succeededFuture();
  }

  // ---- answers ---------------------------------------------------------------------------------

  private Future<?> answer(
      RoutingContext ctx,
      String key,
      Supplier<Future<Rendered>> render,
      java.util.function.Consumer<Throwable> refuse) {
    return cache
        .get(key, render)
        .onSuccess(
            served -> front.send(ctx.request(), served.page(), served.status(), timers.millis()))
        .onFailure(refuse::accept);
  }

  private Future<?> answerPage(
      RoutingContext ctx, Language language, String key, Supplier<Future<Rendered>> render) {
    return answer(ctx, key, render, failure -> refusePage(ctx, language, failure));
  }

  private static <T> Future<Rendered> known(
      Future<Optional<T>> found, String what, Function<T, Rendered> render) {
    return found.compose(
        known ->
            known
                .map(value -> Future.succeededFuture(render.apply(value)))
                .orElseGet(() -> unknown(what)));
  }

  private static Future<Rendered> unknown(String what) {
    return Future.failedFuture(
        new Problem.Refused(
            404, "unknown_" + what, "there is no " + what + " with this id on sale"));
  }

  private Future<?> refusePage(RoutingContext ctx, Language language, Throwable failure) {
    int status = status(failure);
    if (!forPeople(ctx) || status == 500) {
      Problem.send(ctx, failure);
      return Future.failedFuture(failure);
    }
    if (status == 503 && !ctx.response().headWritten()) {
      ctx.response().putHeader(HttpHeaders.RETRY_AFTER, Long.toString(RETRY_AFTER_S));
    }
    sendPersonal(ctx, language, status, maker.problem(language, status, Problem.requestId(ctx)));
    return Future.failedFuture(failure);
  }

  private static java.util.Map<String, String> personalHeaders(Language language) {
    return java.util.Map.of(
        "content-type", "text/html; charset=utf-8",
        "cache-control", "no-store",
        "vary", "Accept-Language, Accept",
        "content-language", language.tag(),
        "content-security-policy", PageHeaders.CSP,
        "x-content-type-options", "nosniff");
  }

  private static int status(Throwable failure) {
    if (failure instanceof InvalidField) {
      return 400;
    } else if (failure instanceof Problem.Refused refused) {
      return refused.status();
    }
    return PageCache.isAway(failure) ? 503 : 500;
  }

  private static long idOrZero(RoutingContext ctx) {
    return Fields.idOrZero(ctx.pathParam("id"));
  }

  /** The one that was asked for. */
  public Language language(RoutingContext ctx) {
    Language named = Language.ofCode(ctx.request().getParam("lang"));
    return named != null ? named : front.language(ctx.request());
  }

  // ---- ahead of readers ------------------------------------------------------------------------

  /** What shows this item alone is cheap to make anew; lists wait for the end of their second. */
  private void changed(long item) {
    cache.expire(ITEMS_JSON + item);
    for (Language each : Language.values()) {
      cache.expire(key(each, ITEMS + item));
    }
  }

  /** Makes the pages of what is on sale or will be, once: from then on they are only made anew. */
  private void learned() {
    ahead.clear();
    long nowMs = maker.nowMs();
    for (Language each : Language.values()) {
      ahead.add(() -> cache.prepare(key(each, "/"), () -> homePage(each)));
    }
    for (SessionView session : shelf.sessionsKnown()) {
      if (session.closesAt() > nowMs) {
        prepare(session);
      }
    }
    if (!preparing) {
      preparing = true;
      prepareSome();
    }
  }

  private void prepare(SessionView session) {
    for (Language each : Language.values()) {
      String key = key(each, SESSIONS + session.session());
      ahead.add(() -> cache.prepare(key, () -> sessionPage(each, session.session())));
    }
    for (ItemView view : shelf.views(session.items())) {
      long id = view.facts().item();
      if (!cache.holds(ITEMS_JSON + id)) {
        ahead.add(() -> cache.prepare(ITEMS_JSON + id, () -> itemJson(id)));
      }
      for (Language each : Language.values()) {
        String key = key(each, ITEMS + id);
        if (!cache.holds(key)) {
          ahead.add(() -> cache.prepare(key, () -> itemPage(each, id)));
        }
      }
    }
  }

  private void prepareSome() {
    for (int n = 0; n < PORTION && !ahead.isEmpty(); n++) {
      ahead.remove().run();
    }
    preparing = !ahead.isEmpty();
    if (preparing) {
      timers.after(PORTION_EVERY_MS, this::prepareSome);
    }
  }

  @Nullable Page held(String key) {
    return cache.fresh(key, timers.millis());
  }
}
