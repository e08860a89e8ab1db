package stampede.edge.page.view;

import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.ItemState;
import stampede.protocol.StockLevel;

/** The pieces that lists and the page of one item share, in one language. For one thread. */
final class ItemParts {
  private static final int PER_CENT = 100;

  private final Texts texts;
  private final Figures figures;

  ItemParts(Language language) {
    this.texts = Texts.of(language);
    this.figures = new Figures(language);
  }

  void cards(Html html, List<ItemView> items, String heading) {
    if (items.isEmpty()) {
      html.tag("<p>").text(texts.get(Text.NO_ITEMS)).tag("</p>\n");
      return;
    }
    html.tag("<ul class='items'>\n");
    for (ItemView each : items) {
      html.tag("<li>\n");
      state(html, each.state());
      html.tag("<" + heading + "><a href='").text("/items/" + each.facts().item());
      html.tag("'><bdi>").text(each.facts().title()).tag("</bdi></a></" + heading + ">\n");
      prices(html, each.facts());
      level(html, each);
      html.tag("</li>\n");
    }
    html.tag("</ul>\n");
  }

  void state(Html html, ItemState state) {
    html.tag("<p class='pill'><span class='" + state.text() + "'>");
    html.text(texts.get(of(state))).tag("</span></p>\n");
  }

  /** What it costs here, what elsewhere, and the difference. */
  void prices(Html html, ItemFacts item) {
    html.tag("<p class='prices'><span class='hush'>").text(texts.get(Text.PRICE)).tag("</span> ");
    html.tag("<strong>").text(figures.money(item.price(), item.currency())).tag("</strong>");
    if (item.listPrice() > item.price()) {
      html.tag(" <span class='was'><span class='hush'>").text(texts.get(Text.LIST_PRICE));
      html.tag("</span> <s>");
      html.text(figures.money(item.listPrice(), item.currency())).tag("</s> <em>");
      html.text(texts.get(Text.OFF, PER_CENT - ceilPerCent(item))).tag("</em></span>");
    }
    html.tag("</p>\n");
  }

  private static long ceilPerCent(ItemFacts item) {
    return (long) Math.ceil((double) PER_CENT * item.price() / item.listPrice());
  }

  /** A word with the time it was true at; the bar is the style sheet's. None of what is over. */
  void level(Html html, ItemView view) {
    if (view.state() == ItemState.ENDED) {
      return;
    }
    ZoneId zone = SessionView.zoneOf(view.facts().zone());
    html.tag("<p class='level' data-level='" + view.level().text() + "'><span class='hush'>");
    html.text(texts.get(Text.STOCK)).tag("</span> <span class='" + view.level().text() + "'>");
    html.text(texts.get(of(view.level()))).tag("</span> <small><time datetime='");
    html.text(figures.machine(view.asOf(), zone)).tag("'>");
    html.text(texts.get(Text.AS_OF, figures.clock(view.asOf(), zone)));
    html.tag("</time></small></p>\n");
  }

  void time(Html html, Text name, long epochMs, ZoneId zone) {
    row(html, name).tag("<time datetime='").text(figures.machine(epochMs, zone)).tag("'>");
    html.text(figures.moment(epochMs, zone)).tag("</time></dd></div>\n");
  }

  void fact(Html html, Text name, Object fact) {
    row(html, name).text(fact).tag("</dd></div>\n");
  }

  private Html row(Html html, Text name) {
    return html.tag("<div><dt>").text(texts.get(name)).tag("</dt><dd>");
  }

  /** A link that looks like the button it stands for; without a place only what to do. */
  void go(Html html, @Nullable String place, Text go, Text without) {
    if (place == null) {
      html.tag("<p class='go plain'>").text(texts.get(without)).tag("</p>\n");
    } else {
      html.tag("<a class='go plain' href='").text(place).tag("'>");
      html.text(texts.get(go)).tag("</a>\n");
    }
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
