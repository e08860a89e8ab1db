package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.RunningShop;
import stampede.rig.StampedeProcess;

@Timeout(180)
class LoadIT {
  private static final int STOCK = 60;

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

  private static String newItem() {
    return shop.openItem(STOCK, JsonObject.of("limitPerUser", 2, "cooldownMs", 0));
  }

  private static CommandRun load(String item, String... more) {
    return load(shop.data(), item, more);
  }

  private static CommandRun load(Path data, String item, String... more) {
    List<String> args = new ArrayList<>(List.of("load", "--data", data.toString()));
    args.addAll(List.of("--url", "http://127.0.0.1:" + shop.httpPort(), "--item", item));
    args.addAll(List.of("--seconds", "3"));
    args.addAll(List.of(more));
    if (!args.contains("--users")) {
      args.addAll(List.of("--users", "80"));
    }
    if (!args.contains("--rate")) {
      args.addAll(List.of("--rate", "200"));
    }
    return CommandRun.of(args.toArray(String[]::new));
  }

  private static String mysqlUrl() {
    return StoreUrls.known(shop.data(), Map.of()).get(StoreUrls.MYSQL);
  }

  @Test
  void withTheBooksTheVerdictIsBalanced() throws IOException {
    String item = newItem();
    Path json = directory.resolve("checked.json");

    CommandRun run = load(item, "--mysql", mysqlUrl(), "--json", json.toString());

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output()).contains("item " + item + " (Phone) is open", "shakes ", "balanced");
    JsonObject verdict = new JsonObject(Files.readString(json));
    assertThat(verdict.getLong("stock")).isEqualTo(STOCK);
    assertThat(verdict.getLong("accepted")).isEqualTo(STOCK);
    assertThat(verdict.getLong("orders")).isEqualTo(STOCK);
    assertThat(verdict.getLong("shakes")).isBetween(400L, 800L);
    assertThat(verdict.getLong("lost")).isZero();
    assertThat(verdict.getLong("oversold")).isZero();
    assertThat(verdict.getLong("undersold")).isZero();
    assertThat(verdict.getLong("unanswered")).isZero();
    assertThat(verdict.getJsonObject("latencyMs").getDouble("p99")).isPositive();
    assertThat(verdict.getString("verdict")).isEqualTo("balanced");
  }

  @Test
  void othersAtTheSameItemAreNotHeldAgainstTheShop() {
    String item = newItem();
    shop.shake(shop.login("somebody"), item, "k-1", 1);

    CommandRun first = load(item, "--mysql", mysqlUrl());
    CommandRun second = load(item, "--mysql", mysqlUrl());

    assertThat(first.exitCode()).as(first.output()).isZero();
    assertThat(second.exitCode()).as(second.output()).isZero();
    assertThat(second.output()).contains("accepted 0");
  }

  @Test
  void withoutTheBooksItIsUnchecked() throws IOException {
    Path json = directory.resolve("unchecked.json");

    CommandRun run = load(newItem(), "--json", json.toString());

    assertThat(run.exitCode()).as(run.output()).isEqualTo(3);
    JsonObject verdict = new JsonObject(Files.readString(json));
    assertThat(verdict.getLong("accepted")).isEqualTo(STOCK);
    assertThat(verdict.fieldNames()).contains("orders", "oversold", "undersold", "lost", "stock");
    assertThat(verdict.getValue("orders")).isNull();
    assertThat(verdict.getValue("oversold")).isNull();
    assertThat(verdict.getValue("undersold")).isNull();
    assertThat(verdict.getValue("lost")).isNull();
    assertThat(verdict.getString("verdict")).isEqualTo("unchecked");
  }

  @Test
  void anUnknownItemIsWrongUse() {
    CommandRun run = load("999999");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.output()).contains("--item 999999", "no such item");
  }

  @Test
  void nobodyListeningIsWrongUse() {
    String nowhere = "http://127.0.0.1:" + StampedeProcess.freePort();
    CommandRun run =
        CommandRun.of("load", "--data", shop.data().toString(), "--url", nowhere, "--item", "1001");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.output()).contains("--url " + nowhere, "nobody who answers");
  }

  @Test
  void noSecretAndAWrongSecretAreToldApart() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Path other = Files.createDirectory(directory.resolve("other"));
    Files.writeString(other.resolve("secrets.env"), "STAMPEDE_JWT_SECRET=" + "w".repeat(40));
    String item = newItem();

    CommandRun none = load(empty, item);
    CommandRun wrong = load(other, item);

    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.output()).contains("STAMPEDE_JWT_SECRET", "none in the environment");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.output()).contains("refuses tokens signed with it");
  }

  @Test
  void booksThatCannotBeReadAreToldBeforeTheLoad() {
    CommandRun run = load(newItem(), "--mysql", mysqlUrl().replace("/stampede", "/nothing"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.output()).contains("--mysql").doesNotContain("sockets");
  }

  @Test
  void impossibleNumbersAreWrongUse() {
    assertThat(load("1001", "--rate", "0").output()).contains("--rate");
    assertThat(load("1001", "--users", "30000").output()).contains("--users");
    assertThat(load("x").output()).contains("item: found x");
  }
}
