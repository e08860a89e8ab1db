package stampede.edge.page.view;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.UnaryOperator;
import stampede.protocol.ItemState;
import stampede.protocol.StockLevel;

/** The pages of the shop in one language: plain HTML from plain records. For one thread. */
public final class ShopHtml {
  /** Of one session on the first page; the session's own page shows more. */
  static final int HOME_ITEMS_MAX = 20;

  static final int SESSION_ITEMS_MAX = 500;

  private final Texts texts;
  private final Figures figures;
  private final Layout layout;

  /**
   * @param asset a file of {@code webroot/} → its path
   */
  public ShopHtml(Language language, UnaryOperator<String> asset) {
    this.texts = Texts.of(language);
    this.figures = new Figures(language);
    this.layout = new Layout(language, asset);
  }

  /** A session with its items as they are now. */
  public record Listing(SessionView session, List<ItemView> items) {}

  /** Sessions of today and tomorrow; {@code nowMs}: epoch ms of this rendering. */
  public String home(List<Listing> today, List<Listing> tomorrow, long nowMs) {
    ZoneId zone = today.isEmpty() ? zoneOf(tomorrow) : zoneOf(today);
    String shop = texts.get(Text.SHOP);
    return layout.page(
        shop,
        "/",
        "",
        nowMs,
        zone,
        html -> {
          html.tag("<h1>").text(shop).tag("</h1>\n");
          day(html, Text.TODAY, today);
          day(html, Text.TOMORROW, tomorrow);
        });
  }

  private static ZoneId zoneOf(List<Listing> day) {
    return day.isEmpty() ? ZoneOffset.UTC : day.get(0).session.zoneId();
  }

  private void day(Html html, Text name, List<Listing> sessions) {
    html.tag("<section>\n<h2>").text(texts.get(name)).tag("</h2>\n");
    if (sessions.isEmpty()) {
      html.tag("<p>").text(texts.get(Text.NO_SESSIONS)).tag("</p>\n");
    }
    for (Listing each : sessions) {
      String path = "/sessions/" + each.session.session();
      html.tag("<section class='session'>\n<h3><a href='").text(path).tag("'><bdi>");
      html.text(title(each.session)).tag("</bdi></a></h3>\n");
      window(html, each.session);
      items(html, each.items.subList(0, Math.min(HOME_ITEMS_MAX, each.items.size())), "h4");
      if (each.items.size() > HOME_ITEMS_MAX) {
        html.tag("<p><a href='").text(path).tag("'>");
        html.text(texts.get(Text.MORE_ITEMS, each.items.size())).tag("</a></p>\n");
      }
      html.tag("</section>\n");
    }
    html.tag("</section>\n");
  }

  /** One session. */
  public String session(Listing listing, long nowMs) {
    SessionView session = listing.session;
    List<ItemView> items = listing.items;
    return layout.page(
        title(session) + " · " + texts.get(Text.SHOP),
        "/sessions/" + session.session(),
        "",
        nowMs,
        session.zoneId(),
        html -> {
          html.tag("<h1><bdi>").text(title(session)).tag("</bdi></h1>\n");
          window(html, session);
          html.tag("<h2>").text(texts.get(Text.ITEMS)).tag("</h2>\n");
          items(html, items.subList(0, Math.min(SESSION_ITEMS_MAX, items.size())), "h3");
        });
  }

  private String title(SessionView session) {
    return session.title().isEmpty()
        ? texts.get(Text.SESSION_FALLBACK, session.session())
        : session.title();
  }

  private void window(Html html, SessionView session) {
    html.tag("<p>");
    moment(html, Text.OPENS_AT, session.opensAt(), session.zoneId());
    html.tag("<br>");
    moment(html, Text.CLOSES_AT, session.closesAt(), session.zoneId());
    html.tag("</p>\n");
  }

  private void moment(Html html, Text name, long epochMs, ZoneId zone) {
    html.text(texts.get(name)).tag(" <time datetime='").text(figures.machine(epochMs, zone));
    html.tag("'>").text(figures.moment(epochMs, zone)).tag("</time>");
  }

  private void items(Html html, List<ItemView> items, String heading) {
    if (items.isEmpty()) {
      html.tag("<p>").text(texts.get(Text.NO_ITEMS)).tag("</p>\n");
      return;
    }
    html.tag("<ul class='items'>\n");
    for (ItemView each : items) {
      html.tag("<li>\n<" + heading + "><a href='").text("/items/" + each.facts().item());
      html.tag("'><bdi>").text(each.facts().title()).tag("</bdi></a></" + heading + ">\n<dl>\n");
      prices(html, each.facts());
      live(html, each);
      html.tag("</dl>\n</li>\n");
    }
    html.tag("</ul>\n");
  }

  private void prices(Html html, ItemFacts item) {
    row(html, Text.PRICE).tag("<strong>").text(figures.money(item.price(), item.currency()));
    html.tag("</strong></dd></div>\n");
    row(html, Text.LIST_PRICE).tag("<s>").text(figures.money(item.listPrice(), item.currency()));
    html.tag("</s></dd></div>\n");
  }

  private void live(Html html, ItemView view) {
    row(html, Text.STATE).tag("<span class='" + view.state().text() + "'>");
    html.text(texts.get(of(view.state()))).tag("</span></dd></div>\n");
    ZoneId zone = SessionView.zoneOf(view.facts().zone());
    row(html, Text.STOCK).tag("<span class='" + view.level().text() + "'>");
    html.text(texts.get(of(view.level()))).tag("</span> <small><time datetime='");
    html.text(figures.machine(view.asOf(), zone)).tag("'>");
    html.text(texts.get(Text.AS_OF, figures.clock(view.asOf(), zone)));
    html.tag("</time></small></dd></div>\n");
    if (view.nextReleaseAt() > 0) {
      time(html, Text.NEXT_RELEASE, view.nextReleaseAt(), zone);
    }
  }

  private Html row(Html html, Text name) {
    return html.tag("<div><dt>").text(texts.get(name)).tag("</dt><dd>");
  }

  /** One item. */
  public String item(ItemView view, long nowMs) {
    ItemFacts item = view.facts();
    ZoneId zone = SessionView.zoneOf(item.zone());
    return layout.page(
        item.title() + " · " + texts.get(Text.SHOP),
        "/items/" + item.item(),
        "",
        nowMs,
        zone,
        html -> {
          html.tag("<h1><bdi>").text(item.title()).tag("</bdi></h1>\n<dl>\n");
          prices(html, item);
          live(html, view);
          time(html, Text.OPENS_AT, item.opensAt(), zone);
          time(html, Text.CLOSES_AT, item.closesAt(), zone);
          row(html, Text.LIMIT).text(texts.get(Text.LIMIT_UNITS, item.limitPerUser()));
          html.tag("</dd></div>\n</dl>\n<p><a href='").text("/sessions/" + item.session());
          html.tag("'>").text(texts.get(Text.SESSION)).tag("</a></p>\n");
        });
  }

  private void time(Html html, Text name, long epochMs, ZoneId zone) {
    row(html, name).tag("<time datetime='").text(figures.machine(epochMs, zone)).tag("'>");
    html.text(figures.moment(epochMs, zone)).tag("</time></dd></div>\n");
  }

  /** What a search found; {@code query} as normalised. */
  public String found(String query, List<ItemView> items, long nowMs) {
    ZoneId zone =
        items.isEmpty() ? ZoneOffset.UTC : SessionView.zoneOf(items.get(0).facts().zone());
    String title = texts.get(Text.FOUND, query);
    return layout.page(
        title + " · " + texts.get(Text.SHOP),
        "/search?q=" + URLEncoder.encode(query, StandardCharsets.UTF_8),
        query,
        nowMs,
        zone,
        html -> {
          html.tag("<h1><bdi>").text(title).tag("</bdi></h1>\n");
          if (items.isEmpty()) {
            html.tag("<p>").text(texts.get(Text.NOTHING_FOUND)).tag("</p>\n");
          } else {
            items(html, items, "h2");
          }
        });
  }

  /** What went wrong, for people. */
  public String problem(int status, String requestId, long nowMs) {
    String title =
        texts.get(
            switch (status) {
              case 400 -> Text.PROBLEM_400;
              case 404 -> Text.PROBLEM_404;
              case 503 -> Text.PROBLEM_503;
              default -> Text.PROBLEM_500;
            });
    return layout.page(
        title,
        "/",
        "",
        nowMs,
        ZoneOffset.UTC,
        html -> {
          html.tag("<h1>").text(title).tag("</h1>\n<p><a href='/'>");
          html.text(texts.get(Text.BACK_HOME)).tag("</a></p>\n<p><small>");
          html.text(texts.get(Text.REQUEST_ID, requestId)).tag("</small></p>\n");
        });
  }

  private static Text of(ItemState state) {
    return switch (state) {
      case SCHEDULED -> Text.STATE_SCHEDULED;
      case OPEN -> Text.STATE_OPEN;
      case PAUSED -> Text.STATE_PAUSED;
      case SOLD_OUT -> Text.STATE_SOLD_OUT;
      case ENDED -> Text.STATE_ENDED;
    };
  }

  private static Text of(StockLevel level) {
    return switch (level) {
      case PLENTY -> Text.LEVEL_PLENTY;
      case LOW -> Text.LEVEL_LOW;
      case NONE -> Text.LEVEL_NONE;
    };
  }
}
