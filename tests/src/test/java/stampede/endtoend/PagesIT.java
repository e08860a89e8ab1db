package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.RunningShop;
import stampede.rig.WireHttp;

/** The pages of a real shop: edge, owner, Redis, MariaDB. */
class PagesIT {
  private static final Duration BOUND = Duration.ofSeconds(30);

  @TempDir static Path directory;
  private static RunningShop shop;

  @BeforeAll
  static void start() {
    shop = RunningShop.start(directory);
  }

  @AfterAll
  static void stop() {
    shop.close();
  }

  @Test
  void aPublishedItemIsOnAllPagesBeforeItOpensAndOpensOnThem() {
    long opensAt = System.currentTimeMillis() + 12_000;
    String item = shop.openItem(5, opensAt, JsonObject.of("title", "手机 <Phone> & co"));
    String page = "/items/" + item;
    await(() -> assertThat(get("/").body()).contains("手机 &lt;Phone&gt; &amp; co", page));
    assertThat(get(page).body()).contains("not open yet", "CN¥1.00");
    assertThat(json("/api/v1/items/" + item).getString("state")).isEqualTo("scheduled");
    String etag = get(page).headers().get("etag");
    String fetched = metric("stampede_edge_page_fetches_total");

    await(() -> assertThat(json("/api/v1/items/" + item).getString("state")).isEqualTo("open"));

    WireHttp.Answer open = get(page, "if-none-match", etag);
    assertThat(open.status()).isEqualTo(200);
    assertThat(open.body()).contains("class=\"open\"");
    assertThat(Double.parseDouble(metric("stampede_edge_page_fetches_total")))
        .as("only the catalogue's own turns")
        .isLessThanOrEqualTo(Double.parseDouble(fetched) + 2);
    expectSoldOut(item, page);
  }

  private static void expectSoldOut(String item, String page) {
    for (int n = 0; n < 5; n++) {
      assertThat(shop.shake(shop.login("p" + n), item, "k", 1).status()).isEqualTo(201);
    }
    await(() -> assertThat(get(page).body()).contains("class=\"sold_out\"", "class=\"none\""));
  }

  @Test
  void searchFindsWhatIsOnSaleAndSaysWhatItDoes() {
    String item = shop.openItem(5, JsonObject.of("title", "ＷＩＤＥ 耳机 100%"));

    await(
        () -> {
          JsonArray found =
              json("/api/v1/search?q=wide+%E8%80%B3%E6%9C%BA+100%25").getJsonArray("items");
          assertThat(found).hasSize(1);
          assertThat(found.getJsonObject(0).getString("item")).isEqualTo(item);
          assertThat(found.getJsonObject(0).getString("state")).isEqualTo("open");
        });
    assertThat(json("/api/v1/search?q=%25%25%25").getJsonArray("items")).isEmpty();
    assertThat(get("/api/v1/search?q=").code()).isEqualTo("invalid");
    assertThat(get("/search?q=wide").body()).contains("/items/" + item);
  }

  @Test
  void headersAreThoseOfAPageOthersMayKeep() {
    for (String path : List.of("/", "/api/v1/sessions")) {
      WireHttp.Answer answer = get(path);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.headers())
          .containsKeys("age", "etag", "cache-control", "cache-status", "vary", "content-length");
    }
  }

  private static void await(org.awaitility.core.ThrowingRunnable holds) {
    Awaitility.await().atMost(BOUND).pollInterval(Duration.ofMillis(200)).untilAsserted(holds);
  }

  private static JsonObject json(String path) {
    return get(path).json();
  }

  private static WireHttp.Answer get(String path) {
    return get(path, "accept", "*/*");
  }

  private static WireHttp.Answer get(String path, String header, String value) {
    Map<String, String> headers = Map.of("accept-language", "en", header, value);
    return WireHttp.once(shop.httpPort(), "GET", path, headers, "");
  }

  private static String metric(String name) {
    return WireHttp.once(shop.managementPort(), "GET", "/metrics", Map.of(), "")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .findFirst()
        .orElseThrow()
        .split(" ")[1];
  }
}
