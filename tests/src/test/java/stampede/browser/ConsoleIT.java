package stampede.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.RunningShop;
import stampede.rig.StampedeProcess;
import stampede.rig.WireHttp;
import stampede.rig.WireSocket;
import stampede.rig.WireTokens;
import stampede.rig.browser.ShopSteering;

/** The operators' console on a running shop, and what shoppers reach of it: nothing. */
class ConsoleIT {
  private static final Duration START_BOUND = Duration.ofSeconds(90);
  private static final Duration BROWSER_BOUND = Duration.ofSeconds(150);
  private static final long PICTURE_BYTES_MAX = 80 * 1024;

  /** Where the browser tests take what the shop is told. */
  private static final int RECEIVER_PORT = StampedeProcess.freePort();

  @TempDir static Path directory;
  private static RunningShop shop;
  private static ShopSteering steering;
  private static String ann;

  @BeforeAll
  static void start() {
    int http = StampedeProcess.freePort();
    int management = StampedeProcess.freePort();
    Path data = directory.resolve("data");
    Map<String, String> environment = RunningShop.ports(http, management);
    environment.put("STAMPEDE_MANAGEMENT_TWO_PERSONS", "true");
    environment.put("STAMPEDE_WEBHOOK_URL", "http://127.0.0.1:" + RECEIVER_PORT + "/hooks");
    environment.put("STAMPEDE_WEBHOOK_SECRET", "whsec_" + "A".repeat(43) + "=");
    environment.put("STAMPEDE_WEBHOOK_ATTEMPTS_MAX", "1");
    StampedeProcess process =
        StampedeProcess.start(
            environment, directory, "up", "--dev-login", "--data", data.toString());
    shop = RunningShop.of(process, data, http, management);
    process.awaitLine("^ready;", START_BOUND);
    ann = token("ann", "admin");
    steering = ShopSteering.of(shop);
  }

  @AfterAll
  static void stop() {
    assertThat(shop.process().output()).doesNotContain(ann);
    steering.close();
    shop.close();
  }

  private static String token(String name, String role) {
    return WireTokens.operator(shop.secret("STAMPEDE_ADMIN_SECRET"), name, role);
  }

  @TestFactory
  Stream<DynamicTest> operatorsPlanWatchAndSteerInABrowser() {
    Map<String, String> environment = new HashMap<>(steering.environment());
    environment.put("RECEIVER_PORT", Integer.toString(RECEIVER_PORT));
    environment.put("CONSOLE", "http://127.0.0.1:" + shop.managementPort() + "/");
    environment.put("ANN", ann);
    environment.put("BOB", token("bob", "admin"));
    environment.put("VIEWER", token("vic", "viewer"));
    environment.put("PICTURES", writesPictures() ? pictures().toString() : "");
    return BrowserTests.of(BrowserTests.suite(), "console.test.mjs", environment, BROWSER_BOUND);
  }

  private static boolean writesPictures() {
    return "write".equals(System.getProperty("pictures"));
  }

  private static Path pictures() {
    return StampedeProcess.root().resolve("docs/pictures");
  }

  /** It is made by the browser tests with {@code -Dpictures=write}. */
  @Test
  void pictureIsThereAndSmall() throws Exception {
    Assumptions.assumeFalse(writesPictures(), "it is being made");
    assertThat(pictures().resolve("console.png")).exists();
    assertThat(Files.size(pictures().resolve("console.png"))).isBetween(5_000L, PICTURE_BYTES_MAX);
  }

  // ---- what shoppers reach of it

  @Test
  void publicPortHasNothingOfTheConsole() {
    for (String path :
        List.of(
            "/console/app.js", "/console/me", "/eventbus/websocket", "/metrics", "/health/live")) {
      Map<String, String> headers = Map.of("authorization", "Bearer " + ann);
      assertThat(WireHttp.once(shop.httpPort(), "GET", path, headers, "").status())
          .as(path)
          .isEqualTo(404);
      assertThat(WireHttp.once(shop.managementPort(), "GET", path, headers, "").status())
          .as(path + " on the management port")
          .isNotEqualTo(404);
    }
    Map<String, String> bearer = Map.of("authorization", "Bearer " + ann);
    assertThat(WireHttp.once(shop.httpPort(), "GET", "/reports/1.json", bearer, "").code())
        .isEqualTo("not_found");
    assertThat(WireHttp.once(shop.managementPort(), "GET", "/reports/9.json", bearer, "").code())
        .isEqualTo("unknown_session");
    Map<String, String> posted =
        Map.of("origin", "http://127.0.0.1:" + shop.httpPort(), "content-type", "application/json");
    String body = "{\"token\":\"" + ann + "\"}";
    assertThat(WireHttp.once(shop.httpPort(), "POST", "/console/sign-in", posted, body).status())
        .isEqualTo(404);
    assertThat(
            WireHttp.once(shop.managementPort(), "POST", "/console/sign-in", posted, body).status())
        .as("a page of the shop on the same machine is foreign too")
        .isEqualTo(403);
  }

  private static WireSocket socket(int port, String path, Map<String, String> headers) {
    try {
      return WireSocket.open(port, path, headers);
    } catch (WireSocket.Refused e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shoppersSocketTakesNoAdminFrameAndNoOperatorsTokenOpensOne() {
    String ping = "{\"type\":\"send\",\"address\":\"admin.ping\",\"replyAddress\":\"r\"}";
    Map<String, String> operator = Map.of("authorization", "Bearer " + ann);
    try (WireSocket heard = socket(shop.managementPort(), "/eventbus/websocket", operator)) {
      heard.send(ping);
      assertThat(heard.await("rec").getJsonObject("body").getBoolean("pong"))
          .as("the frame is good where it is heard")
          .isTrue();
    }
    try (WireSocket socket = shop.socket(shop.login("mallory"))) {
      socket.await("welcome");
      socket.send(ping);
      assertThat(socket.await("error").getString("code")).isEqualTo("bad_frame");
      socket.send("{\"type\":\"register\",\"address\":\"stats\"}");
      assertThat(socket.await("error").getString("code")).isEqualTo("bad_frame");
    }
    Map<String, String> headers = RunningShop.shakeHeaders(ann);
    assertThat(WireHttp.once(shop.httpPort(), "GET", "/api/v1/orders", headers, "").status())
        .isEqualTo(401);
    Map<String, String> shopper = Map.of("authorization", "Bearer " + shop.login("mallory"));
    assertThat(WireHttp.once(shop.managementPort(), "GET", "/reports/1.json", shopper, "").status())
        .isEqualTo(401);
  }
}
