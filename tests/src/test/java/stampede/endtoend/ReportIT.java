package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.RunningShop;
import stampede.rig.WireHttp;
import stampede.rig.WireTokens;
import stampede.standalone.CommandRun;

/** The report of a real sale, in all its forms; and the shopper's own orders after it. */
class ReportIT {
  private static final Duration BOUND = Duration.ofSeconds(30);

  @TempDir static Path directory;
  private static RunningShop shop;
  private static String item;
  private static String session;

  @BeforeAll
  static void sale() {
    shop = RunningShop.start(directory);
    item = shop.openItem(3, JsonObject.of("title", "=Phone", "limitPerUser", 3));
    String paid = order("ann", "k-1");
    String cancelled = order("bob", "k-2");
    order("carl", "k-3");
    assertThat(shop.shake(shop.login("dora"), item, "k-4", 1).status()).isEqualTo(409);
    assertThat(shop.pay(paid, "pay-1", 100, "CNY").status()).isEqualTo(200);
    String path = "/api/v1/orders/" + cancelled + "/cancel";
    assertThat(shop.post(path, shop.login("bob")).status()).isEqualTo(200);
    session = cli("admin.item.get", JsonObject.of("item", item)).getString("session");
  }

  private static String order(String user, String key) {
    WireHttp.Answer answer = shop.shake(shop.login(user), item, key, 1);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return answer.json().getString("order");
  }

  @AfterAll
  static void stop() {
    shop.close();
  }

  @Test
  void reportOfTheSaleAddsUp() {
    await()
        .atMost(BOUND)
        .untilAsserted(
            () -> {
              JsonObject report = cli("admin.report", JsonObject.of("session", session));
              assertThat(report.getJsonObject("totals"))
                  .isEqualTo(
                      new JsonObject()
                          .put("items", 1)
                          .put("stock", 3)
                          .put("sold", 1)
                          .put("held", 1)
                          .put("unsold", 1)
                          .put("accepted", 3)
                          .put("paid", 1)
                          .put("released", 1));
              assertThat(report.getBoolean("final")).isFalse();
              assertThat(report.getJsonArray("revenue").getJsonObject(0).getLong("amount"))
                  .isEqualTo(100);
              JsonObject balance = report.getJsonObject("balance");
              assertThat(balance.getBoolean("balanced")).isTrue();
              assertThat(balance.getBoolean("drained")).isTrue();
              JsonObject partition = balance.getJsonArray("partitions").getJsonObject(0);
              assertThat(partition.getLong("position")).isEqualTo(partition.getLong("drained"));
              assertThat(partition.getJsonObject("reconcile").getLong("checked"))
                  .isEqualTo(partition.getLong("drained"));
              JsonObject row = report.getJsonArray("items").getJsonObject(0);
              assertThat(row.getLong("timeToSellOutMs")).isBetween(0L, 60_000L);
              JsonObject funnel = report.getJsonObject("funnel");
              assertThat(funnel.getLong("shakes")).isGreaterThanOrEqualTo(4);
              assertThat(
                      report
                          .getJsonObject("refusals")
                          .getJsonObject("outcomes")
                          .getLong("sold_out"))
                  .isPositive();
            });
  }

  @Test
  void tableAndPageAreServedToOperatorsOnly() {
    WireHttp.Answer csv = get(".csv", bearer("viewer"));
    assertThat(csv.status()).as(csv.body()).isEqualTo(200);
    assertThat(csv.headers().get("content-type")).isEqualTo("text/csv; charset=utf-8");
    assertThat(csv.body().lines().toList().get(1))
        .startsWith(session + "," + item + ",\"'=Phone\"");
    WireHttp.Answer page = get(".html", Map.of("cookie", "stampede-admin=" + token("viewer")));
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.body()).contains("Proof of balance", "=Phone");
    assertThat(page.headers().get("content-security-policy")).contains("default-src 'none'");
    assertThat(get(".json", bearer("viewer")).json().getJsonObject("session").getString("session"))
        .isEqualTo(session);

    assertThat(get(".html", Map.of()).status()).isEqualTo(401);
    assertThat(get(".csv", Map.of("authorization", "Bearer x")).status()).isEqualTo(401);
    String shopper = shop.login("ann");
    assertThat(get(".csv", Map.of("authorization", "Bearer " + shopper)).status()).isEqualTo(401);
    Map<String, String> foreign =
        Map.of("cookie", "stampede-admin=" + token("viewer"), "origin", "https://evil.example");
    assertThat(get(".json", foreign).status()).isEqualTo(403);
    assertThat(path("/reports/99999.html", bearer("viewer")).status()).isEqualTo(404);
    assertThat(path("/reports/x.html", bearer("viewer")).status()).isEqualTo(404);
    assertThat(shop.get("/reports/" + session + ".html", shopper).status()).isEqualTo(404);
  }

  @Test
  void unknownSessionIsNamed() {
    CommandRun run = run("admin.report", JsonObject.of("session", "99999"));

    assertThat(run.output()).contains("unknown_session");
  }

  @Test
  void ordersAreFoundByKeyAndByPage() {
    String gina = shop.login("gina");
    String other = shop.openItem(5, JsonObject.of("limitPerUser", 3));
    String first = shop.shake(gina, other, "g-1", 1).json().getString("order");
    String second = shop.shake(gina, other, "g-2", 1).json().getString("order");
    await()
        .atMost(BOUND)
        .until(() -> shop.get("/api/v1/orders", gina).json().getJsonArray("orders").size() == 2);

    JsonObject page = shop.get("/api/v1/orders?limit=1", gina).json();
    JsonObject rest =
        shop.get("/api/v1/orders?limit=1&after=" + page.getString("next"), gina).json();
    String byKey = "/api/v1/orders?item=" + other + "&key=g-1&seen=" + second;

    assertThat(only(page)).isEqualTo(second);
    assertThat(only(rest)).isEqualTo(first);
    assertThat(rest.containsKey("next")).isFalse();
    assertThat(rest.getLong("asOf")).isPositive();
    assertThat(only(shop.get(byKey, gina).json())).isEqualTo(first);
    assertThat(shop.get(byKey, shop.login("eve")).json().getJsonArray("orders")).isEmpty();
  }

  private static String only(JsonObject list) {
    assertThat(list.getJsonArray("orders")).hasSize(1);
    return list.getJsonArray("orders").getJsonObject(0).getString("order");
  }

  private static String token(String role) {
    return WireTokens.operator(shop.secret("STAMPEDE_ADMIN_SECRET"), "ann", role);
  }

  private static Map<String, String> bearer(String role) {
    return Map.of("authorization", "Bearer " + token(role));
  }

  private static WireHttp.Answer get(String form, Map<String, String> headers) {
    return path("/reports/" + session + form, headers);
  }

  private static WireHttp.Answer path(String path, Map<String, String> headers) {
    return WireHttp.once(shop.managementPort(), "GET", path, headers, "");
  }

  private static JsonObject cli(String address, JsonObject body) {
    CommandRun run = run(address, body);
    assertThat(run.exitCode()).as(address + body + run.output()).isZero();
    return new JsonObject(run.output());
  }

  private static CommandRun run(String address, JsonObject body) {
    return CommandRun.of(
        "admin",
        address,
        body.encode(),
        "--url=http://127.0.0.1:" + shop.managementPort(),
        "--data=" + shop.data(),
        "--user=cli");
  }
}
