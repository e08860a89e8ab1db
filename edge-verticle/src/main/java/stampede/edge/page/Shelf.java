package stampede.edge.page;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.edge.Backstage;
import stampede.edge.OwnerRoutes;
import stampede.edge.Owners;
import stampede.edge.page.BriefCache.Aged;
import stampede.edge.page.view.ItemFacts;
import stampede.edge.page.view.ItemView;
import stampede.edge.page.view.SessionDays;
import stampede.edge.page.view.SessionView;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.Reply;
import stampede.protocol.StockLevel;
import stampede.protocol.port.Timers;

/**
 * What this edge can show. What an item is comes from the {@link Catalogue} or its owner and never
 * changes; what it is doing comes from hints. A reader makes the edge ask somebody only for what
 * neither knows; all who want the same share that question, and few are under way. On the edge's
 * event loop.
 */
final class Shelf {
  /** News that nobody renewed for so long are no longer shown. */
  private static final long NEWS_MS_MAX = PageCache.STALE_MS;

  private static final long READ_MS = 2_000;
  private static final long RETRY_MS = 1_000;
  private static final long OWNER_FRESH_MS = 1_000;

  /** A hint tells of a new item earlier than this is over. */
  private static final long UNKNOWN_FRESH_MS = 5_000;

  /** Of what persist nodes answer. */
  static final long STORE_FRESH_MS = 10_000;

  private static final int ITEMS_MAX = 10_000;
  private static final int SESSIONS_MAX = 1_000;
  private static final int SEARCHES_MAX = 2_000;
  private static final int DAYS_MAX = 64;

  /** Of each kind of question: a crowd of readers must not fill the queues of shakes. */
  private static final int FETCHES_MAX = 32;

  private static final int KNOWN_FETCHES_MAX = 256;

  /** An item somebody asks for may close by the clock of its owner a little later. */
  private static final long CLOSING_MS = 1_000;

  private final Backstage backstage;
  private final OwnerRoutes routes;
  private final Timers timers;
  private final LongSupplier epochMs;
  private final PageCounters counters;
  private final long startedMs;
  private final Catalogue catalogue;
  private final Map<Long, Told> told;
  private final BriefCache<Long, Optional<ItemFacts>> known;
  private final BriefCache<Long, Optional<ItemFacts>> strangers;
  private final BriefCache<Long, Optional<ItemFacts>> drained;
  private final BriefCache<Long, Optional<SessionView>> otherSessions;
  private final BriefCache<String, List<SessionView>> otherDays;
  private final BriefCache<String, List<ItemFacts>> searches;
  private final ArrayDeque<Long> toAsk = new ArrayDeque<>();
  private int asking;
  private @Nullable List<SessionView> merged;
  private LongConsumer changed = item -> {};
  private Runnable learned = () -> {};

  Shelf(
      Backstage backstage,
      OwnerRoutes routes,
      Timers timers,
      LongSupplier epochMs,
      IntUnaryOperator random,
      PageCounters counters) {
    this.backstage = backstage;
    this.routes = routes;
    this.timers = timers;
    this.epochMs = epochMs;
    this.counters = counters;
    this.startedMs = timers.millis();
    catalogue =
        new Catalogue(
            backstage,
            timers,
            epochMs,
            random,
            item -> routes.item(item) != null,
            counters,
            this::catalogueRead);
    told =
        new LinkedHashMap<>(64, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, Told> eldest) {
            return size() > ITEMS_MAX;
          }
        };
    known = items(KNOWN_FETCHES_MAX, 0, this::askOwner);
    strangers = items(FETCHES_MAX, 0, this::askOwner);
    drained = items(FETCHES_MAX, PageCache.STALE_MS, this::askStore);
    otherSessions =
        new BriefCache<>(
            timers,
            SESSIONS_MAX,
            FETCHES_MAX,
            session -> session.isPresent() ? STORE_FRESH_MS : UNKNOWN_FRESH_MS,
            PageCache.STALE_MS,
            this::fetchSession);
    otherDays = stored(DAYS_MAX, this::fetchDay);
    searches = stored(SEARCHES_MAX, this::fetchFound);
  }

  private BriefCache<Long, Optional<ItemFacts>> items(
      int fetchesMax,
      long staleMs,
      java.util.function.Function<Long, Future<Optional<ItemFacts>>> fetch) {
    return new BriefCache<>(
        timers,
        ITEMS_MAX,
        fetchesMax,
        item -> item.isPresent() ? OWNER_FRESH_MS : UNKNOWN_FRESH_MS,
        staleMs,
        fetch);
  }

  private <V> BriefCache<String, V> stored(
      int entriesMax, java.util.function.Function<String, Future<V>> fetch) {
    return new BriefCache<>(
        timers, entriesMax, FETCHES_MAX, STORE_FRESH_MS, PageCache.STALE_MS, fetch);
  }

  /** What an owner said of an item. */
  private record Told(
      ItemFacts facts,
      ItemState state,
      StockLevel level,
      long nextReleaseAt,
      long asOf,
      long heardMs) {}

  /**
   * @param changed hears of each item that began to do something else
   * @param learned hears that there may be sessions or items not known before
   */
  void start(LongConsumer changed, Runnable learned) {
    this.changed = changed;
    this.learned = learned;
    routes.onItem(new Heard());
    catalogue.start();
  }

  /** The catalogue was read, and not too long ago. */
  boolean isKnown() {
    return catalogue.isKnown();
  }

  void stop() {
    catalogue.stop();
  }

  /** Tells a change from a repetition. */
  private final class Heard implements Consumer<OwnerRoutes.ItemHint> {
    private final Map<Long, Integer> doing =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
            return size() > 5 * ITEMS_MAX;
          }
        };

    @Override
    public void accept(OwnerRoutes.ItemHint hint) {
      long item = hint.item().item();
      int now = hint.item().state().ordinal() * 8 + hint.item().level().ordinal();
      Integer before = doing.put(item, now);
      if (before == null) {
        strangers.forget(item);
      }
      if (before == null || before != now) {
        changed.accept(item);
      }
      catalogue.heardOf(item);
    }
  }

  // ---- items -----------------------------------------------------------------------------------

  /** Empty if there is no such item on sale. */
  Future<Optional<ItemView>> item(long item) {
    ItemFacts facts = facts(item);
    if (facts != null && isCertain(facts)) {
      return Future.succeededFuture(Optional.of(view(facts)));
    }
    int partition = backstage.partitionOfItem(item);
    boolean away = routes.route(partition) == null ? facts != null : !routes.reachable(partition);
    if (away) {
      return withoutOwner(item, facts, new Owners.Busy("no_owner", RETRY_MS));
    }
    return (facts == null ? strangers : known)
        .get(item)
        .map(found -> found.value().map(this::view))
        .recover(
            failure ->
                PageCache.isAway(failure)
                    ? withoutOwner(item, facts, failure)
                    : Future.failedFuture(failure));
  }

  /** What was known, else what was drained; while the owner is away nobody can say "unknown". */
  private Future<Optional<ItemView>> withoutOwner(
      long item, @Nullable ItemFacts facts, Throwable failure) {
    if (facts != null) {
      return Future.succeededFuture(Optional.of(view(facts)));
    }
    return drained
        .get(item)
        .transform(
            found ->
                found.succeeded() && found.result().value().isPresent()
                    ? Future.succeededFuture(found.result().value().map(this::view))
                    : Future.failedFuture(failure));
  }

  private @Nullable ItemFacts facts(long item) {
    ItemFacts catalogued = catalogue.item(item);
    if (catalogued != null) {
      return catalogued;
    }
    Told heard = told.get(item);
    return heard == null ? null : heard.facts;
  }

  private boolean isCertain(ItemFacts facts) {
    OwnerRoutes.ItemHint hint = routes.item(facts.item());
    boolean fresh = hint != null && timers.millis() - hint.heardMs() <= PageAnswer.NEWS_MS_MAX;
    return fresh || isOver(facts);
  }

  private boolean isOver(ItemFacts facts) {
    long ownerNow = routes.ownerNow(backstage.partitionOfItem(facts.item()));
    long now = ownerNow == 0 ? epochMs.getAsLong() : ownerNow;
    return now >= facts.closesAt() + CLOSING_MS;
  }

  /** The latest there is; without any, what the clock allows to say. */
  ItemView view(ItemFacts facts) {
    long nowMs = timers.millis();
    ItemView news = news(facts, nowMs);
    long ageMs = news == null ? Long.MAX_VALUE : nowMs - news.newsMs();
    if (ageMs > PageAnswer.NEWS_MS_MAX && isOver(facts)) {
      StockLevel level = news == null ? StockLevel.NONE : news.level();
      return new ItemView(facts, ItemState.ENDED, level, 0, facts.closesAt(), nowMs);
    }
    return news != null && ageMs <= NEWS_MS_MAX ? news : unheard(facts, nowMs);
  }

  /**
   * What an item is doing is shown as hints say, since in them an owner lets nobody tell one unit
   * that came back from ten by how fast it was gone. A reply knows nothing of that: it speaks for
   * an item no hint has named, and of the others it confirms what the hint said, or is not heard.
   */
  private @Nullable ItemView news(ItemFacts facts, long nowMs) {
    OwnerRoutes.ItemHint hint = routes.item(facts.item());
    Told reply = told.get(facts.item());
    if (hint == null || nowMs - hint.heardMs() > NEWS_MS_MAX) {
      return reply == null
          ? null
          : new ItemView(
              facts, reply.state, reply.level, reply.nextReleaseAt, reply.asOf, reply.heardMs);
    }
    ItemState state = hint.item().state();
    StockLevel level = hint.item().level();
    boolean confirmed =
        reply != null
            && reply.heardMs > hint.heardMs()
            && reply.state == state
            && reply.level == level;
    long nextReleaseAt = hint.item().nextReleaseAt();
    return confirmed
        ? new ItemView(facts, state, level, nextReleaseAt, reply.asOf, reply.heardMs)
        : new ItemView(facts, state, level, nextReleaseAt, hint.asOf(), hint.heardMs());
  }

  /**
   * Nobody may say that it is open, or that there is some: it may be sold by no owner now. As old
   * as the silence about it.
   */
  private ItemView unheard(ItemFacts facts, long nowMs) {
    long now = epochMs.getAsLong();
    long newsMs = Math.max(startedMs, nowMs - NEWS_MS_MAX);
    long asOf = now - nowMs + newsMs;
    if (now < facts.opensAt()) {
      return new ItemView(facts, ItemState.SCHEDULED, StockLevel.PLENTY, 0, asOf, newsMs);
    }
    ItemState state = now < facts.closesAt() ? ItemState.PAUSED : ItemState.ENDED; // or archived
    return new ItemView(facts, state, StockLevel.NONE, 0, asOf, newsMs);
  }

  List<ItemView> views(List<ItemFacts> items) {
    return items.stream().map(this::view).toList();
  }

  private Future<Optional<ItemFacts>> askOwner(Long item) {
    counters.fetched();
    return backstage
        .item(item, READ_MS)
        .map(reply -> Optional.of(remember(reply)))
        .recover(
            failure ->
                failure instanceof Backstage.Refusal refusal
                        && refusal.code().equals("unknown_item")
                    ? Future.succeededFuture(Optional.empty())
                    : Future.failedFuture(failure));
  }

  private ItemFacts remember(Reply.ItemIs reply) {
    ItemFacts catalogued = catalogue.item(reply.item().item());
    ItemFacts facts = catalogued != null ? catalogued : ItemFacts.of(reply.item(), "UTC");
    Told last =
        told.put(
            facts.item(),
            new Told(
                facts,
                reply.state(),
                reply.level(),
                reply.nextReleaseAt(),
                reply.at(),
                timers.millis()));
    if (last == null) {
      merged = null;
    }
    return facts;
  }

  private Future<Optional<ItemFacts>> askStore(Long item) {
    counters.fetched();
    JsonObject query = new JsonObject().put("op", "item.get").put("item", Long.toString(item));
    return backstage
        .persist(query, READ_MS)
        .map(reply -> reply.getJsonObject("item"))
        .map(
            json ->
                json.getBoolean("published", false)
                    ? Optional.of(ItemFacts.of(json, "UTC"))
                    : Optional.<ItemFacts>empty())
        .recover(failure -> emptyIf("unknown_item", failure));
  }

  private static <T> Future<Optional<T>> emptyIf(String code, Throwable failure) {
    return failure instanceof Backstage.Refusal refusal && refusal.code().equals(code)
        ? Future.succeededFuture(Optional.empty())
        : Future.failedFuture(failure);
  }

  // ---- sessions --------------------------------------------------------------------------------

  /** Empty if there is no published session of this id. */
  Future<Optional<SessionView>> session(long session) {
    for (SessionView each : sessions()) {
      if (each.session() == session && !each.title().isEmpty()) {
        return Future.succeededFuture(Optional.of(each));
      }
    }
    return otherSessions
        .get(session)
        .map(Aged::value)
        .recover(
            failure ->
                sessions().stream()
                    .filter(each -> each.session() == session)
                    .findFirst()
                    .map(each -> Future.succeededFuture(Optional.of(each)))
                    .orElse(Future.failedFuture(failure)));
  }

  private Future<Optional<SessionView>> fetchSession(Long session) {
    counters.fetched();
    JsonObject query =
        new JsonObject().put("op", "session.get").put("session", Long.toString(session));
    return backstage
        .persist(query, READ_MS)
        .map(reply -> reply.getJsonObject("session"))
        .map(
            json ->
                SessionView.isPublished(json)
                    ? Optional.of(SessionView.of(json, item -> routes.item(item) != null))
                    : Optional.<SessionView>empty())
        .recover(failure -> emptyIf("unknown_session", failure));
  }

  /** Of today and tomorrow, known ahead; in opening order. Fails while nothing is known at all. */
  Future<List<SessionView>> sessionsAhead() {
    return catalogue
        .known()
        .map(read -> sessions())
        .recover(
            failure ->
                sessions().isEmpty()
                    ? Future.failedFuture(failure)
                    : Future.succeededFuture(sessions()));
  }

  /** The same as far as it is known now. */
  List<SessionView> sessionsKnown() {
    return sessions();
  }

  /** Sessions, and how long ago the catalogue was asked for them. */
  Future<Aged<List<SessionView>>> day(String day) {
    if (SessionDays.isRelative(day)) {
      return catalogue
          .known()
          .map(
              read ->
                  new Aged<>(
                      SessionDays.pick(sessions(), day, epochMs.getAsLong()),
                      timers.millis() - catalogue.readMs()));
    }
    return otherDays.get(day);
  }

  private Future<List<SessionView>> fetchDay(String day) {
    counters.fetched();
    long nowMs = epochMs.getAsLong();
    return backstage
        .persist(SessionDays.query(day, nowMs), READ_MS)
        .map(
            reply -> {
              List<SessionView> sessions = new ArrayList<>();
              for (Object each : reply.getJsonArray("sessions")) {
                if (SessionView.isPublished((JsonObject) each)) {
                  sessions.add(SessionView.of((JsonObject) each, id -> routes.item(id) != null));
                }
              }
              return SessionDays.pick(sessions, day, nowMs);
            });
  }

  /**
   * Since when the catalogue could be newer than it is, monotonic: now while it is read in time.
   */
  long catalogueNewsMs() {
    long nowMs = timers.millis();
    boolean late = catalogue.isKnown() && nowMs - catalogue.readMs() > 3L * Catalogue.EVERY_MS;
    return late ? catalogue.readMs() : nowMs;
  }

  /** With the items that owners told of and the catalogue has not. */
  private List<SessionView> sessions() {
    List<SessionView> sessions = merged;
    if (sessions == null) {
      sessions = merge();
      merged = sessions;
    }
    return sessions;
  }

  private List<SessionView> merge() {
    Map<Long, SessionView> byId = new TreeMap<>();
    catalogue.sessions().forEach(session -> byId.put(session.session(), session));
    untitled().forEach((session, items) -> byId.merge(session, untitled(items), Shelf::together));
    List<SessionView> all = new ArrayList<>(byId.values());
    all.sort(Comparator.comparingLong(SessionView::opensAt));
    return List.copyOf(all);
  }

  /** By session, all at once: added one by one, each would copy those before it. */
  private Map<Long, List<ItemFacts>> untitled() {
    Map<Long, List<ItemFacts>> untitled = new TreeMap<>();
    for (Told each : told.values()) {
      boolean named = catalogue.missing().contains(each.facts.item());
      if (named && catalogue.item(each.facts.item()) == null) {
        untitled.computeIfAbsent(each.facts.session(), none -> new ArrayList<>()).add(each.facts);
      }
    }
    return untitled;
  }

  private static SessionView untitled(List<ItemFacts> items) {
    ItemFacts first = items.get(0);
    return new SessionView(
        first.session(), "", first.opensAt(), first.closesAt(), first.zone(), "single", items);
  }

  private static SessionView together(SessionView session, SessionView more) {
    List<ItemFacts> items = new ArrayList<>(session.items());
    items.addAll(more.items());
    return new SessionView(
        session.session(),
        session.title(),
        session.opensAt(),
        session.closesAt(),
        session.zone(),
        session.label(),
        items);
  }

  // ---- ahead of readers ------------------------------------------------------------------------

  private void catalogueRead() {
    merged = null;
    if (toAsk.isEmpty()) {
      for (Long item : catalogue.missing()) {
        if (!told.containsKey(item)) {
          toAsk.add(item);
        }
      }
      if (timers.millis() - startedMs > PageAnswer.NEWS_MS_MAX) {
        catalogue.sessions().forEach(session -> session.items().forEach(this::askIfSilent));
      }
    }
    askNext();
    learned.run();
  }

  /** Closed early, or one of very many: its owner does not speak of it by itself. */
  private void askIfSilent(ItemFacts item) {
    boolean silent = routes.item(item.item()) == null && !told.containsKey(item.item());
    if (silent && !isOver(item) && routes.reachable(backstage.partitionOfItem(item.item()))) {
      toAsk.add(item.item());
    }
  }

  private void askNext() {
    while (asking < FETCHES_MAX / 2 && !toAsk.isEmpty()) {
      asking++;
      strangers
          .get(toAsk.remove())
          .onComplete(
              answer -> {
                asking--;
                if (toAsk.isEmpty() && asking == 0) {
                  learned.run();
                }
                if (!toAsk.isEmpty()) {
                  timers.after(1, this::askNext);
                }
              });
    }
  }

  // ---- search ----------------------------------------------------------------------------------

  /** {@code query} as normalised. */
  Future<Aged<List<ItemFacts>>> search(String query) {
    return searches.get(query);
  }

  private Future<List<ItemFacts>> fetchFound(String query) {
    counters.fetched();
    return backstage
        .persist(new JsonObject().put("op", "search").put("q", query), READ_MS)
        .map(
            reply -> {
              JsonArray found = reply.getJsonArray("items");
              List<ItemFacts> items = new ArrayList<>();
              for (int i = 0; i < Math.min(found.size(), Limits.SEARCH_ITEMS_MAX); i++) {
                items.add(ItemFacts.of(found.getJsonObject(i), "UTC"));
              }
              return List.copyOf(items);
            });
  }
}
