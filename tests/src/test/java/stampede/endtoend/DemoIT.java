package stampede.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stampede.rig.StampedeProcess;

/** {@code stampede demo}: an honest verdict, and nothing left behind however it ends. */
class DemoIT {
  private static final Duration BOUND = Duration.ofSeconds(120);
  private static final Duration STOP_BOUND = Duration.ofSeconds(30);
  private static final int CTRL_C = 130;
  private static final Set<String> VERDICT_FIELDS =
      Set.of(
          "stock",
          "shakes",
          "accepted",
          "soldOut",
          "otherOutcomes",
          "orders",
          "oversold",
          "undersold",
          "duplicates",
          "lost",
          "unanswered",
          "shakesPerSecond",
          "latencyMs",
          "seed",
          "version",
          "verdict");

  @TempDir Path tmp;
  @TempDir Path results;

  @AfterEach
  void nothingIsLeftBehind() throws IOException {
    assertThat(StampedeProcess.naming(tmp)).isEmpty();
    try (Stream<Path> left = Files.list(tmp)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void sellsExactlyTheStockAndSaysSo() throws IOException {
    Path json = results.resolve("verdict.json");
    try (StampedeProcess demo =
        demo("--stock 50 --crowd 300 --seconds 5 --seed 7 --json " + json)) {
      assertThat(demo.awaitExit(BOUND)).as(demo.output()).isZero();

      JsonObject verdict = new JsonObject(Files.readString(json));
      assertThat(verdict.fieldNames()).isEqualTo(VERDICT_FIELDS);
      assertThat(verdict.getJsonObject("latencyMs").fieldNames())
          .containsExactlyInAnyOrder("p50", "p99", "p999");
      assertThat(verdict.getString("verdict")).as(demo.output()).isEqualTo("balanced");
      assertThat(verdict.getInteger("stock")).isEqualTo(50);
      assertThat(verdict.getInteger("accepted")).isEqualTo(50);
      assertThat(verdict.getInteger("orders")).isEqualTo(50);
      for (String fault : List.of("oversold", "undersold", "duplicates", "lost", "unanswered")) {
        assertThat(verdict.getInteger(fault)).as(fault).isZero();
      }
      assertThat(verdict.getInteger("seed")).isEqualTo(7);
      expectProgress(demo.output());
      UpIT.expectQuiet(demo);
    }
  }

  /** A line for each second of the sale, then the verdict. */
  private static void expectProgress(String output) {
    long seconds =
        output
            .lines()
            .filter(line -> line.matches(" +\\+[0-4] s  sockets [0-9]+  shakes [0-9]+ .*"))
            .count();
    assertThat(seconds).as(output).isBetween(4L, 6L);
    assertThat(output).containsPattern("verdict +balanced \\(seed 7, version ");
    assertThat(output).containsPattern("shop +http://127.0.0.1:[0-9]+");
  }

  @Test
  void sellsOnlyWhatIsAskedForWhenThereIsMore() throws IOException {
    Path json = results.resolve("verdict.json");
    try (StampedeProcess demo =
        demo("--stock 500 --crowd 40 --seconds 2 --seed 11 --json " + json)) {
      assertThat(demo.awaitExit(BOUND)).as(demo.output()).isZero();

      JsonObject verdict = new JsonObject(Files.readString(json));
      assertThat(verdict.getInteger("accepted")).isEqualTo(40);
      assertThat(verdict.getInteger("orders")).isEqualTo(40);
      assertThat(verdict.getInteger("soldOut")).isZero();
      assertThat(verdict.getInteger("undersold")).isZero();
    }
  }

  /** An order nobody was told of, written past the shop while it sells. */
  @Test
  void callsBooksBrokenThatDoNotMatchWhatTheCrowdWasTold() throws IOException {
    Path json = results.resolve("verdict.json");
    try (StampedeProcess demo = demo("--stock 20 --crowd 60 --seconds 4 --seed 3 --json " + json)) {
      Matcher item = demo.awaitLine("^item ([0-9]+): ", BOUND);
      demo.awaitLine("^ +\\+1 s ", BOUND);
      try (ShopBooks books = new ShopBooks(demo.mysqlUrl(data()))) {
        books.column(
            "INSERT INTO sale_order (order_id, item_id, user_id, shake_key, quantity, price,"
                + " currency, status, accepted_at, pay_by, partition_id, position)"
                + " SELECT order_id + 1000000, item_id, 'nobody', 'k', quantity, price, currency,"
                + " status, accepted_at, pay_by, partition_id, position + 1000000 FROM sale_order"
                + " WHERE item_id = "
                + item.group(1)
                + " LIMIT 1");
      }
      assertThat(demo.awaitExit(BOUND)).as(demo.output()).isEqualTo(1);
      assertThat(new JsonObject(Files.readString(json)).getString("verdict")).isEqualTo("BROKEN");
      assertThat(demo.output()).containsPattern("problem +\\S").contains("verdict   BROKEN");
    }
  }

  private Path data() throws IOException {
    try (Stream<Path> directories = Files.list(tmp)) {
      return directories
          .filter(d -> d.getFileName().toString().startsWith("stampede-demo-"))
          .findFirst()
          .orElseThrow();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "while it starts,     ^starting Redis, 1200, 21",
    "while it starts,     ^starting Redis,  400, 24",
    "before it opens,     '^item ',         900, 22",
    "in the middle,       '^ +\\+0 s ',    1500, 23",
  })
  void endsCleanlyOnCtrlC(String moment, String line, int withinMs, long seed) {
    try (StampedeProcess demo = demo("--stock 50 --crowd 200 --seconds 8 --seed 7")) {
      demo.awaitLine(line, BOUND);
      long waitMs = new SplittableRandom(seed).nextInt(withinMs);
      sleep(waitMs);
      Set<Long> children = demo.descendants();
      demo.ctrlC();

      assertThat(demo.awaitExit(STOP_BOUND)).as(moment + demo.output()).isEqualTo(CTRL_C);
      assertThat(children.stream().filter(StampedeProcess::runs))
          .as(moment + " + " + waitMs + " ms, seed " + seed)
          .isEmpty();
      UpIT.expectQuiet(demo);
    }
  }

  @Test
  void explainsWrongOptions() {
    expectUsage("--stock", "0");
    expectUsage("--stock", "6000000");
    expectUsage("--crowd", "many");
    expectUsage("--colour", "red");
  }

  private void expectUsage(String option, String value) {
    try (StampedeProcess demo = demo(option + " " + value)) {
      assertThat(demo.awaitExit(STOP_BOUND)).as(demo.output()).isEqualTo(2);
      assertThat(demo.output()).contains(option, "Usage: stampede demo");
      UpIT.expectQuiet(demo);
    }
  }

  /** Default ports would be looked for beside those of other runs on this machine. */
  private StampedeProcess demo(String options) {
    Map<String, String> ports = new HashMap<>();
    ports.put("STAMPEDE_HTTP_PORT", "0");
    ports.put("STAMPEDE_MANAGEMENT_PORT", "0");
    List<String> args = new ArrayList<>(List.of("demo"));
    args.addAll(List.of(options.split(" ")));
    return StampedeProcess.start(ports, tmp, args.toArray(String[]::new));
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
