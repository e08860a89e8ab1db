package stampede.edge.page.view;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.UnaryOperator;
import stampede.protocol.ItemState;

/** The lists of the shop in one language: plain HTML from plain records. For one thread. */
public final class ShopHtml {
  /** Of one session on the first page; the session's own page shows more. */
  static final int HOME_ITEMS_MAX = 20;

  static final int SESSION_ITEMS_MAX = 500;

  /** For who runs no script. */
  private static final int REFRESH_S = 30;

  private final Texts texts;
  private final Figures figures;
  private final Layout layout;
  private final ItemParts parts;

  /**
   * @param asset a file of {@code webroot/} → its path
   */
  public ShopHtml(Language language, UnaryOperator<String> asset, ShopLinks links) {
    this.texts = Texts.of(language);
    this.figures = new Figures(language);
    this.layout = new Layout(language, asset, links);
    this.parts = new ItemParts(language);
  }

  /** A session with its items as they are now. */
  public record Listing(SessionView session, List<ItemView> items) {}

  /** Sessions of today and tomorrow; {@code nowMs}: epoch ms of this rendering. */
  public String home(List<Listing> today, List<Listing> tomorrow, long nowMs) {
    ZoneId zone = today.isEmpty() ? zoneOf(tomorrow) : zoneOf(today);
    String shop = texts.get(Text.SHOP);
    return layout.page(
        new Layout.Frame("list", shop, "/", "", REFRESH_S, nowMs, zone),
        html -> {
          html.tag("<h1 class='hush'>").text(shop).tag("</h1>\n");
          tabs(html, today, tomorrow);
          html.tag("<div id='all'>\n");
          day(html, Text.TODAY, today);
          day(html, Text.TOMORROW, tomorrow);
          html.tag("</div>\n");
        });
  }

  /** One a session, with what it is doing; choosing one hides the others, by the style sheet. */
  private void tabs(Html html, List<Listing> today, List<Listing> tomorrow) {
    html.tag("<nav class='tabs' aria-label='").text(texts.get(Text.SESSION)).tag("'>\n");
    html.tag("<a href='#all'><strong>").text(texts.get(Text.ALL_SESSIONS)).tag("</strong></a>\n");
    for (Listing each : today) {
      tab(html, Text.TODAY, each);
    }
    for (Listing each : tomorrow) {
      tab(html, Text.TOMORROW, each);
    }
    html.tag("</nav>\n");
  }

  private void tab(Html html, Text day, Listing listing) {
    SessionView session = listing.session;
    List<ItemState> states = listing.items.stream().map(ItemView::state).toList();
    SessionState state = SessionState.of("published", states, true);
    html.tag("<a href='").text("#s" + session.session()).tag("'><strong>");
    html.text(figures.hour(session.opensAt(), session.zoneId())).tag("</strong> <span class='");
    html.tag(state == SessionState.WARM ? "scheduled" : state.text()).tag("'>");
    html.text(texts.get(word(state))).tag("</span>");
    boolean coming = state == SessionState.WARM || state == SessionState.SCHEDULED;
    html.tag(" <small data-count='").text(coming ? session.opensAt() : 0).tag("'>");
    html.text(coming ? texts.get(day) : "").tag("</small></a>\n");
  }

  private static Text word(SessionState state) {
    return switch (state) {
      case OPEN -> Text.SESSION_ON;
      case PAUSED -> Text.SESSION_PAUSED;
      case ENDED, ARCHIVED -> Text.SESSION_OVER;
      case DRAFT, SCHEDULED, WARM -> Text.SESSION_COMING;
    };
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
      html.tag("<section class='session' id='")
          .text("s" + each.session.session())
          .tag("'>\n<h3><a href='")
          .text(path)
          .tag("'><bdi>");
      html.text(title(each.session)).tag("</bdi></a></h3>\n");
      window(html, each.session);
      parts.cards(html, each.items.subList(0, Math.min(HOME_ITEMS_MAX, each.items.size())), "h4");
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
    String title = title(session) + " · " + texts.get(Text.SHOP);
    String path = "/sessions/" + session.session();
    return layout.page(
        new Layout.Frame("list", title, path, "", REFRESH_S, nowMs, session.zoneId()),
        html -> {
          html.tag("<h1><bdi>").text(title(session)).tag("</bdi></h1>\n");
          window(html, session);
          html.tag("<h2>").text(texts.get(Text.ITEMS)).tag("</h2>\n");
          parts.cards(html, items.subList(0, Math.min(SESSION_ITEMS_MAX, items.size())), "h3");
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

  /** What a search found; {@code query} as normalised. */
  public String found(String query, List<ItemView> items, long nowMs) {
    ZoneId zone =
        items.isEmpty() ? ZoneOffset.UTC : SessionView.zoneOf(items.get(0).facts().zone());
    String title = texts.get(Text.FOUND, query);
    String path = "/search?q=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
    String whole = title + " · " + texts.get(Text.SHOP);
    return layout.page(
        new Layout.Frame("list", whole, path, query, 0, nowMs, zone),
        html -> {
          html.tag("<h1><bdi>").text(title).tag("</bdi></h1>\n");
          if (items.isEmpty()) {
            html.tag("<p>").text(texts.get(Text.NOTHING_FOUND)).tag("</p>\n");
          } else {
            parts.cards(html, items, "h2");
          }
        });
  }

  /** What went wrong, for people. */
  public String problem(int status, String requestId, long nowMs) {
    String title =
        texts.get(
            switch (status) {
              case 400 -> Text.PROBLEM_400;
              case 403 -> Text.PROBLEM_403;
              case 404 -> Text.PROBLEM_404;
              case 503 -> Text.PROBLEM_503;
              default -> Text.PROBLEM_500;
            });
    return layout.page(
        new Layout.Frame("note", title, "/", "", 0, nowMs, ZoneOffset.UTC),
        html -> {
          html.tag("<h1>").text(title).tag("</h1>\n<p><a href='/'>");
          html.text(texts.get(Text.BACK_HOME)).tag("</a></p>\n<p><small>");
          html.text(texts.get(Text.REQUEST_ID, requestId)).tag("</small></p>\n");
        });
  }
}
