package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.AdminWire;
import stampede.rig.RunningShop;
import stampede.rig.StampedeProcess;
import stampede.rig.WireHttp;

/** The sample shop beside a small Stampede, by the commands of {@code docs/integrate.md}. */
class IntegrateIT {
  private static final Pattern BLOCK = Pattern.compile("(?s)```sh\n(.*?)```");
  private static final Pattern EVENT = Pattern.compile("(?m)^(\\S+) (\\{.*)$");
  private static final int SHOP_LINES_MAX = 200;

  @TempDir Path directory;

  private final int shopPort = StampedeProcess.freePort();
  private final int httpPort = StampedeProcess.freePort();
  private final int managementPort = StampedeProcess.freePort();
  private final Map<String, String> environment = new HashMap<>();

  /** The place the commands are typed in: what there is in the project, and these ports. */
  @BeforeEach
  void checkout() throws IOException {
    Path root = StampedeProcess.root();
    Files.createSymbolicLink(directory.resolve("samples"), root.resolve("samples"));
    Path command =
        Files.writeString(
            directory.resolve("stampede"),
            """
            #!/bin/sh
            case $1 in admin) set -- "$@" --url=http://127.0.0.1:%d ;; esac
            exec java -XX:TieredStopAtLevel=1 -Xmx512m -jar '%s' "$@"
            """
                .formatted(managementPort, root.resolve("standalone/target/stampede.jar")));
    Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
    environment.put("SHOP_PORT", Integer.toString(shopPort));
    environment.put("STAMPEDE_URL", "http://127.0.0.1:" + httpPort);
    environment.putAll(RunningShop.ports(httpPort, managementPort));
    String java = Path.of(System.getProperty("java.home"), "bin").toString();
    environment.put("PATH", java + File.pathSeparator + System.getenv("PATH"));
  }

  @Test
  void everyCommandOfTheGuideDoesWhatItSays() throws IOException {
    List<String> blocks = blocks();
    assertThat(blocks).hasSize(7);
    try (Terminal stampede = Terminal.open(directory, environment, blocks.get(0))) {
      stampede.awaitOutput("ready;");
      try (Terminal shop = Terminal.open(directory, environment, blocks.get(1))) {
        shop.awaitOutput("shop on http://127.0.0.1:" + shopPort);
        assertThat(type(blocks.get(2))).contains("\"session\" : \"1\"", "\"1001\"");

        String bought = type(blocks.get(3));
        assertThat(bought)
            .contains("welcome, ann", "\"outcome\":\"accepted\"", "19900 CNY")
            .containsPattern("\"status\":\\s*\"paid\"");

        String order = bought.replaceAll("(?s).*\"order\":\"(\\d+)\".*", "$1");
        Awaitility.await()
            .atMost(20, TimeUnit.SECONDS)
            .untilAsserted(
                () ->
                    assertThat(types(type(blocks.get(4))))
                        .containsExactlyInAnyOrder(
                            "order.accepted", "item.sold_out", "order.paid"));
        expectEvents(type(blocks.get(4)), order);
        assertThat(type(blocks.get(5))).containsPattern("\"ticket\":\\s*\"");
        Awaitility.await()
            .atMost(20, TimeUnit.SECONDS)
            .untilAsserted(
                () -> assertThat(type(blocks.get(6))).contains("\"on\" : true", "\"pending\" : 0"));
        expectForgeriesRefused();
        assertThat(shop.output()).doesNotContain("Exception");
      }
      assertThat(stampede.output()).doesNotContain("Exception", " ERROR ");
    }
  }

  private static void expectEvents(String events, String order) {
    List<String> typesOfOrder = new ArrayList<>();
    for (JsonObject event : parsed(events)) {
      JsonObject data = event.getJsonObject("data");
      assertThat(data.getString("item")).isEqualTo("1001");
      if (data.containsKey("order")) {
        typesOfOrder.add(event.getString("type"));
        assertThat(data.getString("order")).isEqualTo(order);
        assertThat(data.getString("user")).isEqualTo("ann");
        assertThat(data.getLong("amount")).isEqualTo(19_900);
      }
    }
    assertThat(typesOfOrder).containsExactly("order.accepted", "order.paid");
  }

  private void expectForgeriesRefused() {
    Map<String, String> forged = new HashMap<>();
    forged.put("webhook-id", "forged-1");
    forged.put("webhook-timestamp", Long.toString(System.currentTimeMillis() / 1_000));
    forged.put("webhook-signature", "v1,AAAA");
    WireHttp.Answer answer = WireHttp.once(shopPort, "POST", "/webhooks", forged, "{}");
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).contains("not genuine");
    assertThat(WireHttp.once(shopPort, "GET", "/events", Map.of(), "").body())
        .doesNotContain("forged-1");
    assertThat(WireHttp.once(shopPort, "GET", "/pay?order=1", Map.of(), "").status())
        .isEqualTo(401);
  }

  @Test
  void ordersOfAKilledStampedeAreToldAfterItsRestartByAShopThatWasDown() {
    environment.put("STAMPEDE_WEBHOOK_URL", "http://127.0.0.1:" + shopPort + "/webhooks");
    List<String> orders = new ArrayList<>();
    try (StampedeProcess first = up()) {
      RunningShop shop = selling(first);
      String item = shop.openItem(5, new JsonObject());
      for (String user : List.of("ann", "bob", "cid")) {
        orders.add(shop.shake(shop.login(user), item, "k-1", 1).json().getString("order"));
      }
      assertThat(shop.pay(orders.get(1), "pay-1", 100, "CNY").status()).isEqualTo(200);
      first.kill9();
    }
    try (StampedeProcess second = up();
        Terminal late = lateShop(second)) {
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .untilAsserted(
              () ->
                  assertThat(told())
                      .containsExactlyInAnyOrder(
                          "order.accepted " + orders.get(0),
                          "order.accepted " + orders.get(1),
                          "order.paid " + orders.get(1),
                          "order.accepted " + orders.get(2)));
      assertThat(told().indexOf("order.accepted " + orders.get(1)))
          .isLessThan(told().indexOf("order.paid " + orders.get(1)));
      assertThat(late.output()).doesNotContain("Exception");
      try (AdminWire admin = selling(second).admin("eye", "viewer")) {
        // What the shop has heard is ended only when its answer has been written down.
        Awaitility.await()
            .atMost(20, TimeUnit.SECONDS)
            .until(() -> pending(admin), pending -> pending == 0);
      }
    }
  }

  private static int pending(AdminWire admin) {
    return admin.require("admin.webhooks", new JsonObject()).getInteger("pending");
  }

  private StampedeProcess up() {
    Path data = directory.resolve("data");
    return StampedeProcess.start(
        environment, directory, "up", "--dev-login", "--data", data.toString());
  }

  private RunningShop selling(StampedeProcess process) {
    process.awaitLine("^ready;", Duration.ofSeconds(90));
    return RunningShop.of(process, directory.resolve("data"), httpPort, managementPort);
  }

  private Terminal lateShop(StampedeProcess process) {
    selling(process);
    Terminal shop = Terminal.open(directory, environment, blocks().get(1));
    shop.awaitOutput("shop on ");
    return shop;
  }

  private List<String> told() {
    return parsed(WireHttp.once(shopPort, "GET", "/events", Map.of(), "").body()).stream()
        .map(e -> e.getString("type") + " " + e.getJsonObject("data").getString("order"))
        .toList();
  }

  @Test
  void theSampleShopIsShort() throws IOException {
    Path source = StampedeProcess.root().resolve("samples/shop/Shop.java");

    assertThat(Files.readAllLines(source)).hasSizeLessThanOrEqualTo(SHOP_LINES_MAX);
  }

  private String type(String commands) {
    return Terminal.run(directory, environment, commands);
  }

  private static List<String> types(String events) {
    return parsed(events).stream().map(event -> event.getString("type")).toList();
  }

  private static List<JsonObject> parsed(String events) {
    Matcher lines = EVENT.matcher(events);
    return lines.results().map(line -> new JsonObject(line.group(2))).toList();
  }

  /** Of the guide, in order, with the ports of this test. */
  private List<String> blocks() {
    try {
      String guide = Files.readString(StampedeProcess.root().resolve("docs/integrate.md"));
      return BLOCK
          .matcher(guide)
          .results()
          .map(block -> block.group(1))
          .map(text -> text.replace("127.0.0.1:9000", "127.0.0.1:" + shopPort))
          .map(text -> text.replace("127.0.0.1:8080", "127.0.0.1:" + httpPort))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
