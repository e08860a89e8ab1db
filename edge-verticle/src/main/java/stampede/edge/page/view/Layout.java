package stampede.edge.page.view;

import java.time.ZoneId;
import java.util.function.UnaryOperator;

/**
 * What surrounds every page: head, search, foot, languages. Links are absolute paths; the one
 * script is a file of this edge, and what it needs is in attributes. No inline style, nothing from
 * elsewhere.
 */
final class Layout {
  private final Language language;
  private final Texts texts;
  private final Figures figures;
  private final UnaryOperator<String> asset;
  private final ShopLinks links;

  /**
   * @param asset a file of {@code webroot/} → its path
   */
  Layout(Language language, UnaryOperator<String> asset, ShopLinks links) {
    this.language = language;
    this.links = links;
    this.texts = Texts.of(language);
    this.figures = new Figures(language);
    this.asset = asset;
  }

  /** What differs from page to page. */
  interface Content {
    void write(Html html);
  }

  /**
   * A page.
   *
   * @param kind its class: list, item or note
   * @param path of this page without a language
   * @param query what was searched for, empty = nothing
   * @param refreshS for who runs no script; 0 = never
   */
  record Frame(
      String kind,
      String title,
      String path,
      String query,
      int refreshS,
      long nowMs,
      ZoneId zone) {}

  String page(Frame frame, Content content) {
    Html html = new Html();
    html.tag("<!DOCTYPE html>\n<html lang='").text(language.tag()).tag("'>\n<head>\n");
    head(html, frame);
    html.tag("</head>\n<body class='").text(frame.kind).tag("'");
    settings(html);
    html.tag(">\n");
    header(html, frame);
    html.tag("<main>\n");
    content.write(html);
    html.tag("</main>\n");
    foot(html, frame);
    return html.tag("</body>\n</html>\n").toString();
  }

  private void head(Html html, Frame frame) {
    String words = asset.apply(Words.file(language));
    html.tag("<meta charset='utf-8'>\n")
        .tag("<meta name='viewport' content='width=device-width, initial-scale=1'>\n")
        .tag("<meta name='color-scheme' content='light dark'>\n")
        .tag("<title>")
        .text(frame.title)
        .tag("</title>\n<link rel='stylesheet' href='")
        .text(asset.apply("shop.css"))
        .tag("'>\n<link rel='icon' type='image/svg+xml' href='")
        .text(asset.apply("icon.svg"))
        .tag("'>\n<link rel='preload' as='fetch' crossorigin href='")
        .text(words)
        .tag("'>\n<script type='module' src='")
        .text(asset.apply("shop.js"))
        .tag("'></script>\n");
    if (frame.refreshS > 0) {
      html.tag("<noscript><meta http-equiv='refresh' content='")
          .text(frame.refreshS)
          .tag("'></noscript>\n");
    }
  }

  /** The same for every reader: pages are shared. */
  private void settings(Html html) {
    html.tag(" data-words='").text(asset.apply(Words.file(language))).tag("'");
    if (!links.signInUrl().isEmpty()) {
      html.tag(" data-sign-in='").text(links.signInUrl()).tag("'");
    }
    if (!links.payUrl().isEmpty()) {
      html.tag(" data-pay='").text(links.payUrl()).tag("'");
    }
    if (links.devLogin()) {
      html.tag(" data-dev-login");
    }
  }

  private void header(Html html, Frame frame) {
    html.tag("<header>\n<p class='shop'><a href='/'>")
        .text(texts.get(Text.SHOP))
        .tag("</a></p>\n<div class='who'></div>\n");
    if (frame.kind.equals("list")) {
      html.tag("<form role='search' action='/search' method='get'>\n<label for='q'>")
          .text(texts.get(Text.SEARCH_FOR))
          .tag("</label>\n<input id='q' name='q' type='search' required maxlength='64'")
          .tag(" placeholder='")
          .text(texts.get(Text.SEARCH_FOR))
          .tag("' value='")
          .text(frame.query)
          .tag("'>\n<button>")
          .text(texts.get(Text.SEARCH))
          .tag("</button>\n</form>\n");
    }
    html.tag("</header>\n");
  }

  private void foot(Html html, Frame frame) {
    String at = figures.clock(frame.nowMs, frame.zone) + " (" + figures.name(frame.zone) + ")";
    html.tag("<footer>\n<nav aria-label='").text(texts.get(Text.LANGUAGES)).tag("'>\n");
    for (Language each : Language.values()) {
      html.tag("<a hreflang='").text(each.tag()).tag("' lang='").text(each.tag()).tag("' href='");
      html.text(frame.path + (frame.path.indexOf('?') < 0 ? "?" : "&") + "lang=" + each.code());
      html.tag(each == language ? "' aria-current='true'>" : "'>");
      html.text(each.locale().getDisplayLanguage(each.locale())).tag("</a>\n");
    }
    html.tag("</nav>\n<p>").text(texts.get(Text.MADE_AT, at)).tag("</p>\n</footer>\n");
  }
}
