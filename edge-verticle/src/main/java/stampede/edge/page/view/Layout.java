package stampede.edge.page.view;

import java.time.ZoneId;
import java.util.function.UnaryOperator;

/**
 * What surrounds every page: head, search, languages, foot. Links are absolute paths; no script, no
 * inline style, nothing from elsewhere.
 */
final class Layout {
  private final Language language;
  private final Texts texts;
  private final Figures figures;
  private final UnaryOperator<String> asset;

  /**
   * @param asset a file of {@code webroot/} → its path
   */
  Layout(Language language, UnaryOperator<String> asset) {
    this.language = language;
    this.texts = Texts.of(language);
    this.figures = new Figures(language);
    this.asset = asset;
  }

  /** What differs from page to page. */
  interface Content {
    void write(Html html);
  }

  /**
   * @param path of this page without a language
   * @param query what was searched for, empty = nothing
   */
  String page(String title, String path, String query, long nowMs, ZoneId zone, Content content) {
    Html html = new Html();
    html.tag("<!DOCTYPE html>\n<html lang='").text(language.tag()).tag("'>\n<head>\n");
    head(html, title);
    html.tag("</head>\n<body>\n");
    header(html, path, query);
    html.tag("<main>\n");
    content.write(html);
    html.tag("</main>\n");
    foot(html, nowMs, zone);
    return html.tag("</body>\n</html>\n").toString();
  }

  private void head(Html html, String title) {
    html.tag("<meta charset='utf-8'>\n")
        .tag("<meta name='viewport' content='width=device-width, initial-scale=1'>\n")
        .tag("<title>")
        .text(title)
        .tag("</title>\n<link rel='stylesheet' href='")
        .text(asset.apply("shop.css"))
        .tag("'>\n<link rel='icon' type='image/svg+xml' href='")
        .text(asset.apply("icon.svg"))
        .tag("'>\n");
  }

  private void header(Html html, String path, String query) {
    html.tag("<header>\n<p class='shop'><a href='/'>")
        .text(texts.get(Text.SHOP))
        .tag("</a></p>\n<form role='search' action='/search' method='get'>\n<label for='q'>")
        .text(texts.get(Text.SEARCH_FOR))
        .tag("</label>\n<input id='q' name='q' type='search' required maxlength='64' value='")
        .text(query)
        .tag("'>\n<button>")
        .text(texts.get(Text.SEARCH))
        .tag("</button>\n</form>\n<nav aria-label='")
        .text(texts.get(Text.LANGUAGES))
        .tag("'>\n");
    for (Language each : Language.values()) {
      html.tag("<a hreflang='").text(each.tag()).tag("' lang='").text(each.tag()).tag("' href='");
      html.text(path + (path.indexOf('?') < 0 ? "?" : "&") + "lang=" + each.code()).tag("'");
      html.tag(each == language ? " aria-current='true'>" : ">");
      html.text(each.locale().getDisplayLanguage(each.locale())).tag("</a>\n");
    }
    html.tag("</nav>\n</header>\n");
  }

  private void foot(Html html, long nowMs, ZoneId zone) {
    String at = figures.clock(nowMs, zone) + " (" + zone.getId() + ")";
    html.tag("<footer>\n<p>").text(texts.get(Text.MADE_AT, at)).tag("</p>\n</footer>\n");
  }
}
