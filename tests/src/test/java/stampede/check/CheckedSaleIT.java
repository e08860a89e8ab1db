package stampede.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.AdminWire;
import stampede.rig.RunningShop;
import stampede.rig.StateReplay;
import stampede.rig.StoreDump;
import stampede.rig.check.CheckRun;
import stampede.rig.check.Checker;
import stampede.rig.check.Chronicle;
import stampede.rig.check.Dump;
import stampede.rig.check.History;
import stampede.rig.check.Key;
import stampede.rig.check.Mark;
import stampede.rig.check.Report;
import stampede.rig.check.Run;

/**
 * A short real sale, recorded and checked from outside: what the formats say is what is written.
 */
class CheckedSaleIT {
  private static final int CUSTOMERS = 12;

  @TempDir Path directory;
  private final List<Customer> customers = new ArrayList<>();

  @Test
  void aRealSaleIsCleanAndCanBeCheckedAgain() throws IOException {
    Path saved = directory.resolve("run");
    try (RunningShop shop = RunningShop.start(directory)) {
      try (History history = History.open(saved, "crowd");
          AdminWire admin = shop.admin("rig", "admin")) {
        sell(shop, admin, history);
        end(shop, admin, history, saved);
      }
      Dump dump = StoreDump.read(storeUrl(shop, "STAMPEDE_REDIS_URL"), shop.mysqlUrl());
      dump.write(saved);
      History.write(saved, "replay", StateReplay.of(History.read(saved).sightings(), dump));
    }

    Report report = Checker.check(Run.read(saved));

    assertThat(report.isClean()).as(report.toText()).isTrue();
    assertThat(report.checked().get("orders")).isGreaterThan(10);
    assertThat(report.checked().get("orders expired")).isPositive();
    assertThat(report.checked().get("answers in order")).isGreaterThan(30);
    assertThat(report.checked().get("told of endings")).isGreaterThan(4);
    assertThat(report.checked().get("states compared")).isGreaterThan(10);
    assertThat(CheckRun.run(saved.toString())).isZero();
    loseARow(saved);
    assertThat(CheckRun.run(saved.toString())).isEqualTo(1);
  }

  private void sell(RunningShop shop, AdminWire admin, History history) {
    String scarce = shop.openItem(7, JsonObject.of("limitPerUser", 2));
    String fleeting = shop.openItem(3, JsonObject.of("payWithinSeconds", 2));
    for (int i = 0; i < CUSTOMERS; i++) {
      customers.add(new Customer(shop, history, "u" + i));
    }
    for (Customer each : customers) {
      each.shake(scarce, each.user + "-1", 1);
      each.shake(fleeting, each.user + "-2", 1);
      each.shake(scarce, each.user + "-1", 1); // a double click
    }
    customers.forEach(Customer::hearAll);
    see(admin, history);
    admin.require("admin.item.stock", JsonObject.of("item", scarce, "add", 5));
    customers.get(0).reconnect();
    for (Customer each : customers) {
      each.ask(scarce, each.user + "-1");
      each.shakeOverHttp(scarce, each.user + "-3", 2);
      each.shake(scarce, each.user + "-4", 1);
    }
    customers.forEach(Customer::hearAll);
    endSomeOrders();
    sleep(4_500); // unpaid orders come back
    for (Customer each : customers) {
      each.shake(fleeting, each.user + "-2", 1);
    }
    customers.forEach(Customer::hearAll);
    payTooLate();
    admin.require("admin.item.close", JsonObject.of("item", scarce));
    customers.get(3).shake(scarce, "u3-9", 1);
    customers.get(3).hearAll();
  }

  private void endSomeOrders() {
    List<Customer> winners =
        customers.stream().filter(each -> each.orders.containsKey(each.user + "-1")).toList();
    assertThat(winners).hasSizeGreaterThan(2);
    Customer first = winners.get(0);
    assertThat(first.pay(first.user + "-1", "p-1")).isEqualTo("paid");
    assertThat(first.pay(first.user + "-1", "p-1")).isEqualTo("paid");
    assertThat(first.pay(first.user + "-1", "p-2")).isEqualTo("extra_payment");
    Customer second = winners.get(1);
    assertThat(second.cancel(second.user + "-1")).isEqualTo("released");
    assertThat(second.pay(second.user + "-1", "p-3")).isEqualTo("late_payment");
    assertThat(first.cancel(first.user + "-1")).isEmpty();
  }

  private void payTooLate() {
    Customer loser =
        customers.stream()
            .filter(each -> each.orders.containsKey(each.user + "-2"))
            .findFirst()
            .orElseThrow();
    assertThat(loser.pay(loser.user + "-2", "p-4")).isIn("paid", "late_payment");
  }

  private void end(RunningShop shop, AdminWire admin, History history, Path saved)
      throws IOException {
    history.mark(Mark.Kind.LOAD_ENDED, "");
    Chronicle sofar = History.read(saved);
    for (Key key : Checker.openKeys(sofar)) {
      Customer asks =
          customers.stream().filter(c -> c.user.equals(key.user())).findFirst().orElseThrow();
      asks.ask(Long.toUnsignedString(key.item()), key.key());
      asks.hearAll();
    }
    for (Customer each : customers) {
      each.hear(200);
      each.close();
    }
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> partitions(admin).stream().allMatch(CheckedSaleIT::isDrained));
    history.mark(Mark.Kind.DRAINED, "");
    see(admin, history);
    assertThat(shop.process().isAlive()).isTrue();
  }

  private static boolean isDrained(JsonObject partition) {
    return partition.getLong("position").equals(partition.getLong("drained"));
  }

  private static void see(AdminWire admin, History history) {
    for (JsonObject partition : partitions(admin)) {
      String stateHash = partition.getString("stateHash");
      if (stateHash != null) {
        history.sighted(
            partition.getString("owner"),
            partition.getInteger("partition"),
            partition.getLong("epoch"),
            partition.getLong("position"),
            stateHash);
      }
    }
  }

  private static List<JsonObject> partitions(AdminWire admin) {
    return admin.require("admin.cluster", new JsonObject()).getJsonArray("partitions").stream()
        .map(each -> (JsonObject) each)
        .toList();
  }

  private static void loseARow(Path saved) throws IOException {
    Dump dump = Dump.read(saved);
    new Dump(
            dump.partitions(),
            dump.dumpedAtMs(),
            dump.log(),
            dump.owners(),
            dump.orders().subList(1, dump.orders().size()),
            dump.claims(),
            dump.refunds(),
            dump.stock(),
            dump.cursors())
        .write(saved);
  }

  private static String storeUrl(RunningShop shop, String name) throws IOException {
    return Files.readAllLines(shop.data().resolve("stores.env")).stream()
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  private static void sleep(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
