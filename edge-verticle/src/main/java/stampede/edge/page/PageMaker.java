package stampede.edge.page;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import stampede.edge.page.PageCache.Rendered;
import stampede.edge.page.view.ItemFacts;
import stampede.edge.page.view.ItemHtml;
import stampede.edge.page.view.ItemView;
import stampede.edge.page.view.Language;
import stampede.edge.page.view.OutcomeView;
import stampede.edge.page.view.PageJson;
import stampede.edge.page.view.PageJson.Timed;
import stampede.edge.page.view.Reminder;
import stampede.edge.page.view.SessionView;
import stampede.edge.page.view.ShopHtml;
import stampede.edge.page.view.ShopHtml.Listing;
import stampede.edge.page.view.ShopLinks;
import stampede.protocol.ItemState;
import stampede.protocol.StockLevel;
import stampede.protocol.port.Timers;

/**
 * Records in, pages out: with the tag that changes when the meaning does, how long they are fresh,
 * and how old their news are. On the edge's event loop.
 */
final class PageMaker {
  /** Of whatever shows a state or a level. */
  static final int LIVE_FRESH_MS = 1_000;

  /** How far apart in time two pages of the same state count as different, for their readers. */
  private static final long AS_OF_STEP_MS = 10_000;

  private static final int REMINDER_FRESH_MS = 60_000;
  private static final PageHeaders CALENDAR = PageHeaders.calendar(REMINDER_FRESH_MS / 1_000);

  private final Timers timers;
  private final LongSupplier epochMs;
  private final Map<Language, ShopHtml> html = new EnumMap<>(Language.class);
  private final Map<Language, ItemHtml> items = new EnumMap<>(Language.class);
  private final Map<Language, PageHeaders> htmlHeaders = new EnumMap<>(Language.class);
  private final PageHeaders liveJson = PageHeaders.json(LIVE_FRESH_MS / 1_000);
  private final long release;

  PageMaker(Timers timers, LongSupplier epochMs, UnaryOperator<String> asset, ShopLinks links) {
    this.timers = timers;
    this.epochMs = epochMs;
    Tag release = new Tag();
    for (Language each : Language.values()) {
      html.put(each, new ShopHtml(each, asset, links));
      items.put(each, new ItemHtml(each, asset, links));
      htmlHeaders.put(each, PageHeaders.html(each, LIVE_FRESH_MS / 1_000));
      release.add(sample(html.get(each), items.get(each)));
    }
    this.release = release.value();
  }

  /** A page whose only news is how this release writes pages: part of every tag. */
  private static String sample(ShopHtml html, ItemHtml items) {
    ItemFacts facts = new ItemFacts(1, 1, "t", 1, 2, "CNY", 1_000, 2_000, 1, 0, 0, "UTC");
    ItemView view = new ItemView(facts, ItemState.OPEN, StockLevel.PLENTY, 1_800, 1_500, 0);
    SessionView session = new SessionView(1, "s", 1_000, 2_000, "UTC", "single", List.of(facts));
    Listing listing = new Listing(session, List.of(view));
    return items.item(view, List.of(view), 1_500)
        + html.home(List.of(listing), List.of(), 1_500)
        + html.session(listing, 1_500)
        + html.found("q", List.of(view), 1_500);
  }

  /** Sums up what a page means: FNV-1a, 64 bits. */
  private static final class Tag {
    private long sum = 0xCBF29CE484222325L;

    Tag add(long value) {
      for (int shift = 0; shift < 64; shift += 8) {
        sum = (sum ^ (value >>> shift & 0xFF)) * 0x100000001B3L;
      }
      return this;
    }

    Tag add(String text) {
      text.chars().forEach(this::add);
      return add(text.length());
    }

    long value() {
      return sum;
    }

    String etag() {
      return "W/\"" + Long.toUnsignedString(sum, 36) + "\"";
    }
  }

  /** An item is published once and stays as it is: its id stands for all of it. */
  private static void add(Tag tag, ItemView view, boolean dated) {
    tag.add(view.facts().item()).add(view.state().ordinal() * 8L + view.level().ordinal());
    tag.add(view.nextReleaseAt());
    if (dated && view.state() != ItemState.ENDED) {
      tag.add(view.asOf() / AS_OF_STEP_MS);
    }
  }

  private static void add(Tag tag, SessionView session) {
    tag.add(session.session()).add(session.title()).add(session.opensAt());
    tag.add(session.closesAt()).add(session.zone()).add(session.items().size());
  }

  private Tag tag(Language language) {
    return new Tag().add(release).add(language.ordinal());
  }

  /** What is told as now, epoch ms. */
  long nowMs() {
    return epochMs.getAsLong();
  }

  // ---- pages -----------------------------------------------------------------------------------

  Rendered home(
      Language language, List<Listing> today, List<Listing> tomorrow, long catalogueNewsMs) {
    Tag tag = tag(language);
    long newsMs = catalogueNewsMs;
    for (List<Listing> day : List.of(today, tomorrow)) {
      tag.add(day.size());
      for (Listing each : day) {
        add(tag, each.session());
        each.items().forEach(item -> add(tag, item, true));
        newsMs = Math.min(newsMs, newsMs(each.items()));
      }
    }
    String text = html.get(language).home(today, tomorrow, epochMs.getAsLong());
    return html(language, text, tag, newsMs);
  }

  Rendered session(Language language, Listing listing) {
    Tag tag = tag(language);
    add(tag, listing.session());
    listing.items().forEach(item -> add(tag, item, true));
    String text = html.get(language).session(listing, epochMs.getAsLong());
    return html(language, text, tag, newsMs(listing.items()));
  }

  /** {@code others} are shown below it. */
  Rendered item(Language language, ItemView view, List<ItemView> others) {
    Tag tag = tag(language).add(view.facts().zone());
    add(tag, view, true);
    others.forEach(each -> add(tag, each, false));
    String text = items.get(language).item(view, others, epochMs.getAsLong());
    return html(language, text, tag, newsMs(List.of(view)));
  }

  Rendered found(Language language, String query, List<ItemView> items, long newsMs) {
    Tag tag = tag(language).add(query);
    items.forEach(item -> add(tag, item, true));
    String text = html.get(language).found(query, items, epochMs.getAsLong());
    return html(language, text, tag, Math.min(newsMs, newsMs(items)));
  }

  /** A calendar entry; a title is all there is to it in any language. */
  Rendered reminder(ItemView view) {
    Tag tag = new Tag().add(view.facts().item()).add("ics");
    String text = Reminder.ics(view.facts(), epochMs.getAsLong());
    return rendered(CALENDAR, text, tag, timers.millis(), REMINDER_FRESH_MS);
  }

  /** Of one shopper: not cached. */
  String outcome(Language language, OutcomeView told, @Nullable ItemView view) {
    return items.get(language).outcome(told, view, epochMs.getAsLong());
  }

  /** Not cached. */
  String signIn(Language language, String path) {
    return items.get(language).signIn(path, epochMs.getAsLong());
  }

  /** Not cached. */
  String problem(Language language, int status, String requestId) {
    return html.get(language).problem(status, requestId, epochMs.getAsLong());
  }

  private Rendered html(Language language, String text, Tag tag, long newsMs) {
    return rendered(htmlHeaders.get(language), text, tag, newsMs, LIVE_FRESH_MS);
  }

  // ---- JSON ------------------------------------------------------------------------------------

  Rendered itemJson(ItemView view) {
    Tag tag = new Tag();
    add(tag, view, false);
    return json(
        liveJson,
        PageJson.item(view, epochMs.getAsLong()),
        tag,
        newsMs(List.of(view)),
        LIVE_FRESH_MS);
  }

  Rendered sessionsJson(List<Timed> sessions, long ageMs) {
    Tag tag = new Tag();
    for (Timed each : sessions) {
      add(tag, each.session());
      tag.add(each.session().label()).add(each.state().ordinal());
      each.session().items().forEach(item -> tag.add(item.item()));
    }
    long now = epochMs.getAsLong();
    JsonObject body = PageJson.sessions(sessions, now - ageMs, now);
    long late = ageMs > 3L * Catalogue.EVERY_MS ? ageMs : 0;
    return json(liveJson, body, tag, timers.millis() - late, LIVE_FRESH_MS);
  }

  Rendered foundJson(List<ItemView> items, long newsMs) {
    Tag tag = new Tag();
    items.forEach(item -> add(tag, item, false));
    long oldest = Math.min(newsMs, newsMs(items));
    return json(liveJson, PageJson.found(items), tag, oldest, LIVE_FRESH_MS);
  }

  private Rendered json(PageHeaders headers, JsonObject body, Tag tag, long newsMs, long freshMs) {
    return rendered(headers, body.encode(), tag, newsMs, freshMs);
  }

  // ----

  private static Rendered rendered(
      PageHeaders headers, String text, Tag tag, long newsMs, long freshMs) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    return new Rendered(new Page(headers, body, tag.etag(), newsMs), freshMs);
  }

  /** Now, as long as every owner speaks as it should; else when the first fell silent. */
  private long newsMs(List<ItemView> items) {
    long nowMs = timers.millis();
    long oldestMs = nowMs;
    for (ItemView each : items) {
      if (nowMs - each.newsMs() > PageAnswer.NEWS_MS_MAX) {
        oldestMs = Math.min(oldestMs, each.newsMs());
      }
    }
    return oldestMs;
  }
}
