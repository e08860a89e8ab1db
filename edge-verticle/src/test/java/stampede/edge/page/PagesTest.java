package stampede.edge.page;

import static java.time.format.DateTimeFormatter.ISO_OFFSET_DATE_TIME;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.edge.Owners;
import stampede.edge.Recorded;
import stampede.edge.ScriptedOwners;
import stampede.protocol.Command;
import stampede.protocol.ItemState;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.StockLevel;

/** The pages of an edge, over HTTP. */
@Timeout(60)
@ExtendWith(Recorded.class)
public class PagesTest {
  private final PageShop shop = new PageShop();

  @AfterEach
  void close() throws Exception {
    shop.close();
  }

  private void openWith(JsonObject... items) throws Exception {
    shop.persist = query -> shop.sessions(items);
    shop.open();
    shop.awaitPrepared("en/items/1001"); // pages are made ahead
  }

  private void openWithOneItem() throws Exception {
    openWith(shop.item(1001, "手机 Phone"));
    shop.hint(1001, ItemState.SCHEDULED, StockLevel.PLENTY);
  }

  // ---- what is shown

  @Test
  void itemShowsALevelAndNeverANumber() throws Exception {
    openWithOneItem();
    shop.hint(1001, ItemState.OPEN, StockLevel.LOW);

    HttpResponse<String> response = shop.get("/api/v1/items/1001");

    assertThat(json(response))
        .isEqualTo(
            new JsonObject()
                .put("item", "1001")
                .put("session", "12")
                .put("title", "手机 Phone")
                .put("price", 9_900)
                .put("listPrice", 19_900)
                .put("currency", "CNY")
                .put("opensAt", shop.nowMs + 60_000)
                .put("closesAt", shop.nowMs + 3_660_000)
                .put("limitPerUser", 2)
                .put("state", "open")
                .put("level", "low")
                .put("asOf", shop.nowMs)
                .put("now", shop.nowMs));
    assertThat(shop.get("/items/1001", "Accept-Language", "en").body())
        .contains("few left", "as of ", "(Asia/Shanghai)", "CN¥99.00", "CN¥199.00", "open")
        .doesNotContain("500");
    assertThat(shop.owners.asked()).isEmpty();
  }

  @Test
  void everyPageIsThereInChineseAndEnglish() throws Exception {
    openWithOneItem();
    shop.persist =
        query -> new JsonObject().put("items", JsonArray.of(shop.item(1001, "手机 Phone")));

    for (String path : List.of("/", "/sessions/12", "/items/1001", "/search?q=phone")) {
      HttpResponse<String> chinese = shop.get(path, "Accept-Language", "zh-TW,en;q=0.5");
      HttpResponse<String> english = shop.get(path, "Accept-Language", "fr, en-GB;q=0.8, zh;q=0.3");
      String and = path.contains("?") ? "&" : "?";

      assertThat(chinese.body()).contains("<html lang=\"zh-CN\">", "库存", "手机 Phone", "<h1");
      assertThat(english.body()).contains("<html lang=\"en\">", "Stock", "手机 Phone", "viewport");
      assertThat(shop.get(path + and + "lang=en", "Accept-Language", "zh").body())
          .contains("<html lang=\"en\">");
      assertThat(header(english, "Vary")).isEqualTo("Accept-Language, Accept-Encoding");
      assertThat(header(english, "Content-Language")).isEqualTo("en");
      assertThat(header(english, "Content-Security-Policy"))
          .startsWith(
              "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';")
          .doesNotContain("unsafe", "http", "*", "data:", "blob:");
      assertThat(english.body().replaceFirst(OUR_SCRIPT, ""))
          .doesNotContain("<script", "<style", "style=", "javascript:")
          .doesNotContainPattern(" on[a-z]+=");
    }
  }

  private static final String OUR_SCRIPT =
      "<script type=\"module\" src=\"/static/shop\\.[0-9a-f]{16}\\.js\"></script>";

  @Test
  void pageStyleAndScriptTogetherAreSmall() throws Exception {
    openWithOneItem();
    shop.persist = query -> new JsonObject().put("items", JsonArray.of(shop.item(1001, "手机")));
    byte[] page = shop.bytes("/items/1001", "Accept-Encoding", "gzip").body();
    Matcher files =
        Pattern.compile("(?:href|src|data-words)=\"(/static/[^\"]+)\"")
            .matcher(shop.get("/items/1001").body());
    Map<String, Integer> sizes = new TreeMap<>(Map.of("page", page.length));
    while (files.find()) {
      HttpResponse<byte[]> file = shop.bytes(files.group(1), "Accept-Encoding", "gzip");
      assertThat(file.statusCode()).isEqualTo(200);
      sizes.put(files.group(1), file.body().length);
    }

    assertThat(sizes.keySet())
        .anyMatch(each -> each.endsWith(".js"))
        .anyMatch(each -> each.endsWith(".css"))
        .anyMatch(each -> each.endsWith(".json"));
    assertThat(sizes.values().stream().mapToInt(each -> each).sum())
        .as("gzip, all that an item page loads: " + sizes)
        .isLessThanOrEqualTo(25_000);
  }

  @Test
  void theWordsOfTheModuleAreThoseOfThePages() throws Exception {
    openWithOneItem();
    for (String lang : List.of("zh", "en")) {
      String page = shop.get("/items/1001?lang=" + lang).body();
      Matcher words = Pattern.compile("data-words=\"([^\"]+)\"").matcher(page);
      assertThat(words.find()).isTrue();
      JsonObject table = json(shop.get(words.group(1)));

      assertThat(page).contains(table.getString("state_scheduled"));
      for (String state :
          List.of("remind", "ready", "won", "soldout", "paused", "ended", "replaced")) {
        assertThat(table.getString("buy_" + state)).as(state).isNotBlank();
        assertThat(table.getString("buy_" + state + "_next")).as(state).isNotBlank();
        assertThat(table.getString("buy_" + state + "_go")).as(state).isNotBlank();
      }
    }
  }

  @Test
  void aReminderIsACalendarEntryWhateverTheTitleSays() throws Exception {
    openWith(shop.item(1001, "Phone, \"two\"; 50%\\off\r\nATTACH:http://evil " + "长".repeat(40)));

    HttpResponse<String> entry = shop.get("/items/1001/remind.ics");

    assertThat(header(entry, "Content-Type")).startsWith("text/calendar");
    assertThat(entry.body())
        .startsWith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
        .contains("SUMMARY:Phone\\, \"two\"\\; 50%\\\\off ATTACH:http://evil ")
        .doesNotContain("\nATTACH")
        .endsWith("END:VCALENDAR\r\n");
    assertThat(entry.body().lines())
        .allMatch(line -> line.getBytes(StandardCharsets.UTF_8).length <= 75);
    String etag = header(entry, "ETag");
    assertThat(shop.get("/items/1001/remind.ics", "If-None-Match", etag).statusCode())
        .isEqualTo(304);
    shop.owners.script = (p, c) -> new Reply.Refused(1, "unknown_item", "not on sale");
    problem(shop.get("/items/7/remind.ics"), 404, "unknown_item");
  }

  @Test
  void anItemPageShowsWhatElseThereIs() throws Exception {
    openWith(shop.item(1001, "Phone"), shop.item(1002, "Camera"), shop.item(1003, "Radio"));
    shop.hint(1001, ItemState.SOLD_OUT, StockLevel.NONE);
    shop.hint(1003, ItemState.OPEN, StockLevel.LOW);

    String page = shop.get("/items/1001").body();

    assertThat(page).contains("Camera", "Radio").contains("class=\"sold_out\"");
    assertThat(page.indexOf("Radio")).as("what is open first").isLessThan(page.indexOf("Camera"));
  }

  @Test
  void anItemPageAlsoShowsWhatIsOnSaleInOtherSessions() throws Exception {
    JsonObject all = shop.sessions(shop.item(1001, "Phone"));
    JsonObject lamp = shop.item(1005, "Lamp").put("session", "13");
    JsonObject chair = shop.item(1006, "Chair").put("session", "13");
    JsonObject other = shop.sessions(lamp, chair).getJsonArray("sessions").getJsonObject(0);
    all.getJsonArray("sessions")
        .add(other.put("session", "13").put("opensAt", shop.nowMs - 60_000));
    shop.persist = query -> all;
    shop.open();
    shop.awaitPrepared("en/items/1001");
    shop.hint(1005, ItemState.OPEN, StockLevel.LOW);
    shop.hint(1006, ItemState.SOLD_OUT, StockLevel.NONE);
    shop.hint(1001, ItemState.ENDED, StockLevel.LOW);

    String page = shop.get("/items/1001").body();

    assertThat(page).contains("Lamp").doesNotContain("Chair");
    String stage = page.substring(page.indexOf("class=\"stage\""), page.indexOf("Lamp"));
    assertThat(stage).as("nothing is left of what is over").doesNotContain("data-level=\"low\"><");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' autofocus onfocus='alert(1)",
        "</title><svg onload=alert(1)>",
        "&lt;b&gt;"
      })
  void nothingAnybodyWroteBecomesMarkup(String hostile) throws Exception {
    JsonObject item = shop.item(1001, hostile);
    shop.persist =
        query ->
            query.getString("op").equals("search")
                ? new JsonObject().put("items", JsonArray.of(item))
                : shop.sessions(item);
    shop.open();
    String q = java.net.URLEncoder.encode(hostile, StandardCharsets.UTF_8);

    for (String path : List.of("/", "/sessions/12", "/items/1001", "/search?q=" + q)) {
      String body = shop.get(path).body().replaceFirst(OUR_SCRIPT, "");

      assertThat(body).as(path).doesNotContain("<script", "<img", "<svg", "onfocus='", "<b>");
      assertThat(tags(body)).as(path).allMatch(PagesTest::isOurs);
    }
  }

  /** Everything between angle brackets. */
  private static List<String> tags(String html) {
    List<String> tags = new ArrayList<>();
    Matcher tag = Pattern.compile("<[^>]*>").matcher(html);
    while (tag.find()) {
      tags.add(tag.group());
    }
    return tags;
  }

  /** Attributes of ours only, each value in quotes that end where they should. */
  private static boolean isOurs(String tag) {
    return tag.matches(
        "<(!DOCTYPE html|/?[a-z0-9]+( (lang|charset|name|content|rel|href|type|class|role|action"
            + "|method|for|id|required|maxlength|value|aria-label|hreflang|aria-current|datetime"
            + "|placeholder|as|crossorigin|http-equiv|data-[a-z-]+)"
            + "(=\"[^\"<>]*\")?)*)>");
  }

  @Test
  void sessionsOfADayAreKnownAhead() throws Exception {
    openWithOneItem();
    int before = shop.queries.size();

    JsonObject body = json(shop.get("/api/v1/sessions"));
    json(shop.get("/api/v1/sessions?day=today"));

    JsonObject session = body.getJsonArray("sessions").getJsonObject(0);
    assertThat(session.fieldNames())
        .containsExactlyInAnyOrder(
            "session", "title", "opensAt", "closesAt", "zone", "label", "state", "items");
    assertThat(session.getString("label")).isEqualTo("single");
    assertThat(session.getString("state")).isIn("scheduled", "warm"); // its pages are being made
    assertThat(session.getJsonArray("items").getJsonObject(0).fieldNames())
        .containsExactlyInAnyOrder(
            "item",
            "title",
            "price",
            "listPrice",
            "currency",
            "opensAt",
            "closesAt",
            "limitPerUser",
            "cooldownMs");
    assertThat(body.getLong("now")).isEqualTo(shop.nowMs);
    assertThat(shop.queries).hasSize(before);
    problem(shop.get("/api/v1/sessions?day=someday"), 400, "invalid");
  }

  @Test
  void shoppersSeeWhenTheNextPortionComesAndThatItHasCome() throws Exception {
    shop.nextReleaseAt = shop.nowMs + 600_000;
    openWithOneItem();
    HttpResponse<String> before = shop.get("/api/v1/items/1001");
    assertThat(json(before).getLong("nextReleaseAt")).isEqualTo(shop.nextReleaseAt);
    assertThat(shop.get("/items/1001", "Accept-Language", "en").body()).contains("More comes");
    assertThat(shop.get("/items/1001", "Accept-Language", "zh").body()).contains("下一批开售");

    shop.nextReleaseAt = 0;
    shop.hint(1001, ItemState.SOLD_OUT, StockLevel.NONE);

    HttpResponse<String> after = shop.get("/api/v1/items/1001");
    assertThat(json(after).containsKey("nextReleaseAt")).isFalse();
    assertThat(header(after, "ETag")).isNotEqualTo(header(before, "ETag"));
    assertThat(shop.get("/items/1001", "Accept-Language", "en").body())
        .doesNotContain("More comes");
  }

  @Test
  void draftsAreNotShown() throws Exception {
    JsonObject drafted = shop.item(1002, "a draft").put("published", false);
    openWith(shop.item(1001, "Phone"), drafted);
    shop.owners.script = (p, c) -> new Reply.Refused(1, "unknown_item", "not on sale");

    assertThat(shop.get("/").body()).contains("Phone").doesNotContain("a draft");
    problem(shop.get("/api/v1/items/1002"), 404, "unknown_item");
  }

  private static final Pattern DATED_LEVEL =
      Pattern.compile(
          "<span class=\"(plenty|low|none)\">[^<]*</span> <small><time datetime=\"([^\"]+)\">");

  @Test
  void everyLevelShownCarriesItsAge() throws Exception {
    openWithOneItem();
    shop.persist = query -> new JsonObject().put("items", JsonArray.of(shop.item(1001, "Phone")));
    shop.hint(1001, ItemState.OPEN, StockLevel.LOW);
    shop.leap(5_000);

    for (String path : List.of("/", "/sessions/12", "/items/1001", "/search?q=phone")) {
      HttpResponse<String> page = shop.get(path);
      Matcher level = DATED_LEVEL.matcher(page.body());
      assertThat(level.find()).as(path).isTrue();
      assertThat(Instant.from(ISO_OFFSET_DATE_TIME.parse(level.group(2))).toEpochMilli())
          .as(path)
          .isBetween(shop.nowMs - 999, shop.nowMs);
      assertThat(level.find()).as(path + " shows one item").isFalse();
      assertThat(page.body().split("class=\"(plenty|low|none)\"")).as(path).hasSize(2);
      assertThat(header(page, "Age")).as(path).isEqualTo("5");
    }
    JsonObject found = json(shop.get("/api/v1/search?q=phone"));
    for (JsonObject item :
        List.of(
            json(shop.get("/api/v1/items/1001")), found.getJsonArray("items").getJsonObject(0))) {
      assertThat(item.getString("level")).isEqualTo("low");
      assertThat(item.getLong("asOf")).isEqualTo(shop.nowMs);
    }
    assertThat(shop.get("/api/v1/sessions").body()).doesNotContain("level");
  }

  @Test
  void anItemNobodySpokeOfIsShownAsOldAsTheSilence() throws Exception {
    openWith(shop.item(1001, "Phone"));

    shop.leap(20_000);
    HttpResponse<String> before = shop.get("/api/v1/items/1001");
    shop.leap(60_000);
    HttpResponse<String> after = shop.get("/api/v1/items/1001");

    for (HttpResponse<String> each : List.of(before, after)) {
      assertThat(json(each).getLong("asOf")).isEqualTo(shop.nowMs);
    }
    assertThat(header(before, "Age")).isEqualTo("20");
    assertThat(json(before).getString("state")).isEqualTo("scheduled");
    assertThat(header(after, "Age")).isEqualTo("80");
    assertThat(json(after).getString("level")).isEqualTo("none");
  }

  /**
   * An owner shows a unit that came back for two seconds; in what it answers it is gone already.
   */
  @Test
  void anOwnersReplyConfirmsWhatItsHintsShowAndNeverRunsAhead() throws Exception {
    openWithOneItem();
    long neighbour = neighbour(1001);
    shop.owners.script = (p, c) -> said(c, ItemState.SOLD_OUT, StockLevel.NONE);
    shop.hint(1001, ItemState.OPEN, StockLevel.LOW);

    shop.leap(4_000); // too old to be certain, while the owner is heard
    shop.hint(neighbour, ItemState.OPEN, StockLevel.LOW);
    JsonObject ahead = json(shop.get("/api/v1/items/1001"));
    List<ScriptedOwners.Asked> asked = shop.owners.asked();
    shop.owners.script = (p, c) -> said(c, ItemState.OPEN, StockLevel.LOW);
    shop.leap(2_000);
    JsonObject confirmed = json(shop.get("/api/v1/items/1001"));
    shop.hint(1001, ItemState.SOLD_OUT, StockLevel.NONE);
    JsonObject hinted = json(shop.get("/api/v1/items/1001"));

    assertThat(asked).extracting(each -> each.command()).contains(new Command.FindItem(1001));
    assertThat(ahead.getString("state")).isEqualTo("open");
    assertThat(ahead.getString("level")).isEqualTo("low");
    assertThat(ahead.getLong("asOf")).isEqualTo(shop.nowMs);
    assertThat(confirmed.getString("level")).isEqualTo("low");
    assertThat(confirmed.getLong("asOf")).isEqualTo(SAID_AT);
    assertThat(hinted.getString("state")).isEqualTo("sold_out");
  }

  private static final long SAID_AT = 7_777;

  private static Reply said(Command command, ItemState state, StockLevel level) {
    return command.equals(new Command.FindItem(1001))
        ? ScriptedOwners.item(1001, state, level, SAID_AT)
        : new Reply.Refused(1, "unknown_item", "not on sale");
  }

  /** Another item of the same owner. */
  private static long neighbour(long item) {
    int partition = PartitionMap.partitionOfItem(item, PageShop.PARTITIONS);
    long other = item + 1;
    while (PartitionMap.partitionOfItem(other, PageShop.PARTITIONS) != partition) {
      other++;
    }
    return other;
  }

  // ---- how it is given out

  @Test
  void unchangedPagesAreNotSentAgain() throws Exception {
    openWithOneItem();
    shop.persist = query -> new JsonObject().put("items", JsonArray.of(shop.item(1001, "Phone")));

    for (String path :
        List.of(
            "/",
            "/sessions/12",
            "/items/1001",
            "/search?q=phone",
            "/api/v1/sessions",
            "/api/v1/items/1001",
            "/api/v1/search?q=phone")) {
      String etag = header(shop.get(path), "ETag");
      HttpResponse<String> unchanged = shop.get(path, "If-None-Match", "\"x\", " + etag);

      assertThat(unchanged.statusCode()).as(path).isEqualTo(304);
      assertThat(unchanged.body()).isEmpty();
      assertThat(header(unchanged, "ETag")).isEqualTo(etag);
      assertThat(header(unchanged, "Cache-Control")).startsWith("public, max-age=");
      assertThat(header(unchanged, "Age")).isEqualTo("0");
    }
    String before = header(shop.get("/api/v1/items/1001"), "ETag");
    shop.hint(1001, ItemState.OPEN, StockLevel.PLENTY);
    assertThat(shop.get("/api/v1/items/1001", "If-None-Match", before).statusCode()).isEqualTo(200);
  }

  @Test
  void headIsTheSameWithoutABody() throws Exception {
    openWithOneItem();
    shop.owners.script = (p, c) -> new Reply.Refused(1, "unknown_item", "not on sale");

    for (String path : List.of("/", "/api/v1/items/1001", "/items/7?lang=en")) {
      HttpResponse<String> get = shop.get(path);
      HttpResponse<String> head = shop.head(path);

      assertThat(head.statusCode()).isEqualTo(get.statusCode());
      assertThat(head.body()).isEmpty();
      if (get.statusCode() == 200) { // a problem names its request: no two are of one length
        assertThat(header(head, "Content-Length")).isEqualTo(header(get, "Content-Length"));
      }
      assertThat(header(head, "Content-Type")).isEqualTo(header(get, "Content-Type"));
    }
  }

  @Test
  void whoTakesGzipGetsTheSameBytesCompressed() throws Exception {
    openWithOneItem();
    String plain = shop.get("/").body();

    HttpResponse<byte[]> compressed = shop.bytes("/", "Accept-Encoding", "br;q=1, gzip;q=0.5");
    HttpResponse<String> refused = shop.get("/", "Accept-Encoding", "gzip;q=0, br");

    assertThat(header(compressed, "Content-Encoding")).isEqualTo("gzip");
    assertThat(compressed.body().length).isLessThan(plain.length() * 3 / 4);
    byte[] unpacked =
        new GZIPInputStream(new ByteArrayInputStream(compressed.body())).readAllBytes();
    assertThat(new String(unpacked, StandardCharsets.UTF_8)).isEqualTo(plain);
    assertThat(refused.body()).isEqualTo(plain);
  }

  @Test
  void aStateThatChangesIsShownAtOnceAndOneThatDoesNotCostsNothing() throws Exception {
    openWithOneItem();
    shop.get("/api/v1/items/1001");
    long renders = shop.pages.counters().renders();

    shop.hint(1001, ItemState.SCHEDULED, StockLevel.PLENTY);
    HttpResponse<String> same = shop.get("/api/v1/items/1001");
    long afterSame = shop.pages.counters().renders();
    shop.hint(1001, ItemState.OPEN, StockLevel.PLENTY);
    HttpResponse<String> other = shop.get("/api/v1/items/1001");

    assertThat(header(same, "Cache-Status")).isEqualTo("stampede; hit");
    assertThat(afterSame).isEqualTo(renders);
    assertThat(json(other).getString("state")).isEqualTo("open");
    assertThat(header(other, "Cache-Status")).isEqualTo("stampede; fwd=stale; stored");
  }

  @Test
  void acrossTheOpeningReadersMakeTheEdgeAskNobody() throws Exception {
    openWithOneItem();
    List<String> paths =
        List.of("/", "/sessions/12", "/items/1001", "/api/v1/items/1001", "/api/v1/sessions");
    int queries = shop.queries.size();

    for (int second = 58; second <= 63; second++) {
      shop.leap(second == 58 ? 58_000 : 1_000);
      shop.hint(1001, second < 60 ? ItemState.SCHEDULED : ItemState.OPEN, StockLevel.PLENTY);
      for (String path : paths) {
        HttpResponse<String> response = shop.get(path, "Accept-Language", "en");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Cache-Status")).doesNotContain("miss");
        if (path.contains("items/")) {
          String markup = path.startsWith("/api") ? "\"" : "class=\"";
          String state = second < 60 ? "scheduled" : "open";
          assertThat(response.body()).contains(markup + state + "\"");
        }
      }
    }

    assertThat(shop.owners.asked()).isEmpty();
    assertThat(shop.queries).hasSize(queries);
  }

  // ---- misses

  @Test
  void aThousandReadersOfAPageThatIsNotThereAreOneQuestionAndOneRender() throws Exception {
    openWithOneItem();
    shop.hold();
    long renders = shop.pages.counters().renders();
    int queries = shop.queries.size();

    List<CompletableFuture<HttpResponse<String>>> readers = new ArrayList<>();
    for (int n = 0; n < 1_000; n++) {
      readers.add(shop.begin("/search?q=" + (n % 2 == 0 ? "Phone" : "%EF%BC%B0HONE+")));
    }
    while (shop.held() == 0 || shop.pages.counters().misses() < 1_000) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    shop.letGo(new JsonObject().put("items", JsonArray.of(shop.item(1001, "Phone"))));

    for (CompletableFuture<HttpResponse<String>> each : readers) {
      assertThat(each.get(20, TimeUnit.SECONDS).body()).contains("Phone");
    }
    assertThat(shop.queries).hasSize(queries + 1);
    assertThat(shop.pages.counters().renders()).isEqualTo(renders + 1);
  }

  @Test
  void aStormOfUnknownItemsIsBoundedAndPushesNothingOut() throws Exception {
    openWithOneItem();
    shop.hint(1001, ItemState.OPEN, StockLevel.PLENTY);
    shop.owners.script = (p, c) -> null; // owners say nothing

    List<CompletableFuture<HttpResponse<String>>> readers = new ArrayList<>();
    for (int id = 500_000; id < 500_300; id++) {
      readers.add(shop.begin("/api/v1/items/" + id));
    }
    int busy = 0;
    for (CompletableFuture<HttpResponse<String>> each : readers) {
      HttpResponse<String> response = each.get(20, TimeUnit.SECONDS);
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(header(response, "Retry-After")).isEqualTo("1");
      busy += json(response).getString("code").equals("queue_full") ? 1 : 0;
    }

    assertThat(busy).isGreaterThan(100);
    assertThat(shop.owners.asked().size()).isLessThanOrEqualTo(300 - busy);
    assertThat(shop.get("/api/v1/items/1001").statusCode()).isEqualTo(200);
  }

  @Test
  void anUnknownItemIsAskedForOnce() throws Exception {
    openWithOneItem();
    shop.owners.script = (p, c) -> new Reply.Refused(1, "unknown_item", "not on sale");

    for (int n = 0; n < 3; n++) {
      problem(shop.get("/api/v1/items/7"), 404, "unknown_item");
      problem(shop.get("/items/7"), 404, "unknown_item");
      HttpResponse<String> page =
          shop.get("/items/7", "Accept", "text/html", "Accept-Language", "en");
      assertThat(page.statusCode()).isEqualTo(404);
      assertThat(page.body()).contains("There is nothing here", "<h1>");
      assertThat(header(page, "Content-Security-Policy")).startsWith("default-src 'none'");
    }
    problem(shop.get("/api/v1/items/abc"), 404, "unknown_item");
    shop.persist = query -> PageShop.error("not_found");
    problem(shop.get("/sessions/77"), 404, "unknown_session");

    assertThat(shop.owners.asked()).hasSize(1);
  }

  // ---- sources away

  @Test
  void anItemWhoseOwnerIsAwayIsShownWithItsAgeForAWhile() throws Exception {
    openWithOneItem();
    shop.leap(61_000);
    shop.hint(1001, ItemState.OPEN, StockLevel.LOW);

    shop.leap(20_000);
    HttpResponse<String> stale = shop.get("/api/v1/items/1001");
    long counted = shop.pages.counters().stale();
    shop.leap(300_000);
    HttpResponse<String> tooOld = shop.get("/api/v1/items/1001");

    assertThat(json(stale).getString("state")).isEqualTo("open");
    assertThat(Integer.parseInt(header(stale, "Age"))).isEqualTo(20);
    assertThat(header(stale, "Cache-Status")).isEqualTo("stampede; hit; ttl=-20");
    assertThat(counted).isEqualTo(1);
    assertThat(json(tooOld).getString("state")).isEqualTo("paused");
    assertThat(json(tooOld).getString("level")).isEqualTo("none");
  }

  @Test
  void anItemNobodyHereKnowsComesFromTheCatalogueWhileItsOwnerIsAway() throws Exception {
    openWithOneItem();
    shop.owners.script = (p, c) -> new Owners.Busy("no_owner", 1_000);
    shop.persist =
        query ->
            query.getString("item", "").equals("77")
                ? new JsonObject().put("item", shop.item(77, "Old"))
                : PageShop.error("not_found");

    assertThat(json(shop.get("/api/v1/items/77")).getString("title")).isEqualTo("Old");
    problem(shop.get("/api/v1/items/78"), 503, "no_owner");
  }

  @Test
  void whatOwnersTellIsShownWhileTheCatalogueIsAway() throws Exception {
    long id = 1001;
    shop.open();
    problem(shop.get("/api/v1/sessions"), 503, "catalogue_unavailable");
    assertThat(shop.get("/", "Accept", "text/html").statusCode()).isEqualTo(503);
    shop.owners.script = (p, c) -> ScriptedOwners.item(id);

    shop.hint(id, ItemState.OPEN, StockLevel.LOW);
    while (shop.owners.asked().isEmpty()) { // by nobody's request
      shop.leap(100);
      TimeUnit.MILLISECONDS.sleep(20);
    }
    shop.hint(id, ItemState.OPEN, StockLevel.LOW);

    assertThat(shop.get("/api/v1/items/1001").body()).contains("\"state\":\"open\"");
    assertThat(shop.owners.asked()).hasSize(1);
  }

  @Test
  void theLastSearchIsGivenWhileTheCatalogueIsAway() throws Exception {
    openWithOneItem();
    shop.persist = query -> new JsonObject().put("items", JsonArray.of(shop.item(5, "Old")));
    shop.get("/api/v1/search?q=old");
    shop.persist = query -> PageShop.error("catalogue_unavailable");

    shop.leap(30_000);
    HttpResponse<String> stale = shop.get("/api/v1/search?q=old");
    shop.leap(300_000);

    assertThat(stale.statusCode()).isEqualTo(200);
    assertThat(Integer.parseInt(header(stale, "Age"))).isEqualTo(30);
    assertThat(header(stale, "Cache-Status")).isEqualTo("stampede; hit; ttl=-30");
    problem(shop.get("/api/v1/search?q=old"), 503, "catalogue_unavailable");
  }

  @Test
  void brokenCatalogueReplyIsAnAnswerToo() throws Exception {
    shop.persist = query -> new JsonObject();
    shop.open();

    shop.owners.script = (p, c) -> new Reply.Refused(1, "internal", "something went wrong");

    for (String path :
        List.of(
            "/",
            "/sessions/12",
            "/items/7",
            "/items/7/remind.ics",
            "/search?q=x",
            "/api/v1/sessions",
            "/api/v1/items/7",
            "/api/v1/search?q=x")) {
      problem(shop.get(path), 500, "internal");
    }
  }

  // ---- search

  @Test
  void searchesThatMeanTheSameAreOne() throws Exception {
    openWithOneItem();
    shop.persist = query -> new JsonObject().put("items", JsonArray.of(shop.item(1001, "Phone")));
    int queries = shop.queries.size();

    for (String q : List.of("red+phone", "RED%20%20Phone", "%20red%E3%80%80phone", "red%09phone")) {
      HttpResponse<String> found = shop.get("/api/v1/search?q=" + q);
      assertThat(json(found).fieldNames()).containsExactly("items");
      assertThat(json(found).getJsonArray("items").getJsonObject(0).getString("state"))
          .isEqualTo("scheduled");
    }

    assertThat(shop.queries).hasSize(queries + 1);
    assertThat(shop.queries.get(queries))
        .isEqualTo(new JsonObject().put("op", "search").put("q", "red phone"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?q=", "?q=%20%09", "?q=%E2%80%8B", "?q=%EE", "?lang=en"})
  void aSearchForNothingIsRefused(String query) throws Exception {
    openWithOneItem();
    shop.persist = q -> new JsonObject().put("items", new JsonArray());

    for (String path : List.of("/api/v1/search" + query, "/search" + query)) {
      HttpResponse<String> response = shop.get(path);
      if (query.equals("?q=%EE")) { // no UTF-8: read as the sign for what can't be read
        assertThat(response.statusCode()).isIn(200, 400);
      } else {
        problem(response, 400, "invalid");
        assertThat(json(response).getString("field")).isEqualTo("q");
      }
    }
  }

  @Test
  void aSearchForTooMuchIsRefused() throws Exception {
    openWithOneItem();

    problem(shop.get("/api/v1/search?q=" + "x".repeat(65)), 400, "invalid");
    problem(shop.get("/api/v1/search?q=" + "%EF%B7%BA".repeat(20)), 400, "invalid");
    problem(shop.get("/api/v1/search?q=" + "x".repeat(3_000)), 400, "invalid");
  }

  // ---- files

  @Test
  void filesHaveAHashInTheirNameAndStayForEver() throws Exception {
    openWithOneItem();
    Matcher link =
        Pattern.compile("href=\"(/static/shop\\.[0-9a-f]{16}\\.css)\"")
            .matcher(shop.get("/").body());
    assertThat(link.find()).isTrue();

    HttpResponse<String> file = shop.get(link.group(1));

    assertThat(header(file, "Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
    assertThat(header(file, "Content-Type")).isEqualTo("text/css; charset=utf-8");
    assertThat(file.headers().firstValue("Age")).isEmpty();
    assertThat(header(shop.bytes(link.group(1), "Accept-Encoding", "gzip"), "Content-Encoding"))
        .isEqualTo("gzip");
    assertThat(shop.get(link.group(1), "If-None-Match", header(file, "ETag")).statusCode())
        .isEqualTo(304);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/static/",
        "/static/shop.css",
        "/static/files.txt",
        "/static/../edge-defaults.conf",
        "/static/..%2fedge-defaults.conf",
        "/static/%2e%2e/edge-defaults.conf",
        "/static/....//edge-defaults.conf",
        "/static/..%5cedge-defaults.conf",
        "/static//etc/passwd",
        "/webroot/shop.css"
      })
  void nothingElseIsAFile(String path) throws Exception {
    openWithOneItem();

    problem(shop.get(path), 404, "not_found");
  }

  // ----

  private static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("none");
  }

  private static void problem(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(json(response).getString("code")).isEqualTo(code);
  }
}
