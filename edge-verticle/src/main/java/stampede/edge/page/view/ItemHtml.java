package stampede.edge.page.view;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import stampede.protocol.ItemState;

/**
 * The page of one item, and what a shopper without a script hears of a shake, in one language. The
 * module finds the item's facts in attributes of {@code #buy} and takes over its {@code .dock}. For
 * one thread.
 */
public final class ItemHtml {
  private static final int OPEN_REFRESH_S = 10;
  private static final int PENDING_REFRESH_S = 2;
  private static final int HELD_REFRESH_S = 20;

  /** The key of a form: one order each, so that a form sent twice can't count twice. */
  public static final Pattern KEY = Pattern.compile("form(?:-([1-9][0-9]{0,5}))?");

  private static final Map<String, Text> HEADS =
      Map.ofEntries(
          Map.entry("sold_out", Text.BUY_GONE),
          Map.entry("limit_reached", Text.BUY_LIMIT),
          Map.entry("ended", Text.BUY_ENDED),
          Map.entry("invalid", Text.BUY_INVALID),
          Map.entry("not_open", Text.BUY_REMIND),
          Map.entry("paused", Text.BUY_PAUSED),
          Map.entry("throttled", Text.BUY_THROTTLED),
          Map.entry("busy", Text.BUY_BUSY),
          Map.entry("missed", Text.BUY_MISSED),
          Map.entry("blocked", Text.BUY_BLOCKED),
          Map.entry("pending", Text.BUY_PENDING),
          Map.entry("unknown", Text.BUY_UNKNOWN));

  /** Whose next line needs no figures. */
  private static final Map<String, Text> NEXT =
      Map.of(
          "sold_out", Text.BUY_GONE_NEXT,
          "ended", Text.BUY_ENDED_NEXT,
          "paused", Text.BUY_PAUSED_NEXT,
          "throttled", Text.BUY_THROTTLED_NEXT,
          "missed", Text.BUY_MISSED_NEXT,
          "blocked", Text.BUY_BLOCKED_NEXT,
          "pending", Text.BUY_PENDING_NEXT,
          "unknown", Text.BUY_UNKNOWN_NEXT);

  private final Language language;
  private final Texts texts;
  private final Layout layout;
  private final ItemParts parts;
  private final ShopLinks links;

  /**
   * @param asset a file of {@code webroot/} → its path
   */
  public ItemHtml(Language language, UnaryOperator<String> asset, ShopLinks links) {
    this.language = language;
    this.texts = Texts.of(language);
    this.layout = new Layout(language, asset, links);
    this.parts = new ItemParts(language);
    this.links = links;
  }

  /**
   * One item; {@code nowMs}: epoch ms of this rendering.
   *
   * @param others of the same session, and what is on sale in others
   */
  public String item(ItemView view, List<ItemView> others, long nowMs) {
    ItemFacts item = view.facts();
    ZoneId zone = SessionView.zoneOf(item.zone());
    String title = item.title() + " · " + texts.get(Text.SHOP);
    int refreshS = view.state() == ItemState.ENDED ? 0 : OPEN_REFRESH_S;
    Layout.Frame frame =
        new Layout.Frame("item", title, "/items/" + item.item(), "", refreshS, nowMs, zone);
    return layout.page(
        frame,
        html -> {
          html.tag("<article id='buy'");
          facts(html, view);
          html.tag(">\n");
          stage(html, view, zone);
          html.tag("<div class='dock'>\n");
          plainWay(html, view);
          html.tag("</div>\n</article>\n");
          if (!others.isEmpty()) {
            html.tag("<section class='others'>\n<h2>").text(texts.get(Text.ALSO_ON));
            html.tag("</h2>\n");
            parts.cards(html, others, "h3");
            html.tag("</section>\n");
          }
        });
  }

  private static void facts(Html html, ItemView view) {
    ItemFacts item = view.facts();
    fact(html, "item", item.item());
    fact(html, "state", view.state().text());
    fact(html, "level", view.level().text());
    fact(html, "opens-at", item.opensAt());
    fact(html, "closes-at", item.closesAt());
    fact(html, "next-release-at", view.nextReleaseAt());
    fact(html, "limit", item.limitPerUser());
    fact(html, "login", item.claimWithinMs() == 0 ? "before" : "after");
  }

  private static void fact(Html html, String name, Object fact) {
    html.tag(" data-" + name + "='").text(fact).tag("'");
  }

  private void stage(Html html, ItemView view, ZoneId zone) {
    ItemFacts item = view.facts();
    html.tag("<div class='stage'>\n");
    parts.state(html, view.state());
    html.tag("<h1><bdi>").text(item.title()).tag("</bdi></h1>\n");
    parts.prices(html, item);
    parts.level(html, view);
    html.tag("<dl>\n");
    if (view.nextReleaseAt() > 0) {
      parts.time(html, Text.NEXT_RELEASE, view.nextReleaseAt(), zone);
    }
    parts.time(html, Text.OPENS_AT, item.opensAt(), zone);
    parts.time(html, Text.CLOSES_AT, item.closesAt(), zone);
    parts.fact(html, Text.LIMIT, texts.get(Text.LIMIT_UNITS, item.limitPerUser()));
    html.tag("</dl>\n<p><a href='").text("/sessions/" + item.session()).tag("'>");
    html.text(texts.get(Text.SESSION)).tag("</a></p>\n</div>\n");
  }

  /** Works without the module, which puts its own button here. */
  private void plainWay(Html html, ItemView view) {
    long item = view.facts().item();
    if (view.state() == ItemState.SCHEDULED) {
      String place = "/items/" + item + "/remind.ics?lang=" + language.code();
      parts.go(html, place, Text.BUY_REMIND_GO, Text.BUY_REMIND_GO);
    } else if (view.state() == ItemState.ENDED) {
      html.tag("<p class='plain'>").text(texts.get(Text.BUY_ENDED)).tag("</p>\n");
    } else {
      form(html, item, "form", Text.BUY_READY_GO);
    }
  }

  private void form(Html html, long item, String key, Text go) {
    html.tag("<form method='post' action='");
    html.text("/items/" + item + "/shakes?lang=" + language.code());
    html.tag("'>\n<input type='hidden' name='key' value='")
        .text(key)
        .tag("'>\n<button class='go'>");
    html.text(texts.get(go)).tag("</button>\n</form>\n");
  }

  // ---- without a script -------------------------------------------------------------------------

  /** Of one shopper: not to be cached. {@code view}: null if nothing is known of the item. */
  public String outcome(OutcomeView told, @Nullable ItemView view, long nowMs) {
    boolean held = told.order() != 0 && told.status().equals("held");
    int refreshS = told.outcome().equals("pending") ? PENDING_REFRESH_S : held ? HELD_REFRESH_S : 0;
    ZoneId zone = view == null ? ZoneOffset.UTC : SessionView.zoneOf(view.facts().zone());
    String title = texts.get(Text.RESULT);
    String path = "/items/" + told.item() + "/shakes/" + told.key();
    return layout.page(
        new Layout.Frame("note", title, path, "", refreshS, nowMs, zone),
        html -> {
          html.tag("<h1>").text(texts.get(head(told, held))).tag("</h1>\n");
          if (view != null) {
            html.tag("<p><bdi>").text(view.facts().title()).tag("</bdi></p>\n");
          }
          if (told.order() != 0) {
            order(html, told, held, zone);
          } else {
            next(html, told);
          }
          html.tag("<p><a href='").text("/items/" + told.item()).tag("'>");
          html.text(texts.get(Text.BACK_TO_ITEM)).tag("</a></p>\n");
        });
  }

  private static Text head(OutcomeView told, boolean held) {
    if (told.order() != 0) {
      return held
          ? Text.BUY_WON
          : told.status().equals("released") ? Text.BUY_RELEASED : Text.BUY_PAID;
    }
    return HEADS.getOrDefault(told.outcome(), Text.BUY_UNKNOWN);
  }

  private void order(Html html, OutcomeView told, boolean held, ZoneId zone) {
    html.tag("<dl>\n");
    parts.fact(html, Text.ORDER, told.order());
    if (held) {
      parts.time(html, Text.PAY_BY, told.payBy(), zone);
    }
    if (held && told.claimBy() > 0) {
      parts.time(html, Text.CLAIM_BY, told.claimBy(), zone);
    }
    html.tag("</dl>\n");
    if (held) {
      parts.go(html, links.toPay(told.order()), Text.BUY_WON_GO, Text.BUY_WON_GO_SHOP);
    } else if (told.status().equals("released")) {
      form(html, told.item(), keyAfter(told.key()), Text.BUY_RELEASED_GO);
    }
  }

  private void next(Html html, OutcomeView told) {
    Text next = NEXT.get(told.outcome());
    if (next != null) {
      html.tag("<p>").text(texts.get(next)).tag("</p>\n");
    }
    boolean over = told.outcome().equals("ended") || told.outcome().equals("blocked");
    boolean waits = told.outcome().equals("pending") || told.outcome().equals("limit_reached");
    if (!over && !waits) {
      form(html, told.item(), told.key(), Text.BUY_MISSED_GO);
    }
  }

  /** A new intent: the key before it has an order for ever. */
  static String keyAfter(String key) {
    Matcher form = KEY.matcher(key);
    String number = form.matches() ? form.group(1) : null;
    return "form-" + (number == null ? 2 : Integer.parseInt(number) + 1);
  }

  /** Who must sign in before that can be shown. */
  public String signIn(String path, long nowMs) {
    String title = texts.get(Text.PROBLEM_401);
    return layout.page(
        new Layout.Frame("note", title, path, "", 0, nowMs, ZoneOffset.UTC),
        html -> {
          html.tag("<h1>").text(title).tag("</h1>\n");
          String place = links.toSignIn(path);
          parts.go(html, place, Text.BUY_SIGNEDOUT_GO, Text.BUY_SIGNEDOUT_GO_SHOP);
        });
  }
}
