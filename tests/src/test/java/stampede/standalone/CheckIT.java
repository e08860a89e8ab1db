package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stampede.node.Cluster;
import stampede.rig.LoneCluster;

/** The doctor over real stores, with good settings and with bad ones, and over a real edge. */
class CheckIT {
  private static final String SECRET = "a-secret-of-more-than-32-bytes-for-tests";
  private static final String PAYMENT_SECRET = "whsec_dGhpcnR5LXR3by1ieXRlcy1vZi1hLXRlc3Qtc2VjcmV0";

  @TempDir private static Path directory;
  private static EmbeddedRedis redis;
  private static EmbeddedMariaDb mariaDb;
  private static OneProcess shop;
  private static ShopStores stores;
  private static int httpPort;
  private static int managementPort;

  @BeforeAll
  static void start() throws IOException {
    redis = EmbeddedRedis.start(directory);
    mariaDb = EmbeddedMariaDb.start(directory);
    httpPort = Ports.free();
    managementPort = Ports.free();
    Map<String, String> environment = new HashMap<>();
    environment.put(StoreUrls.REDIS, redis.url());
    environment.put(StoreUrls.MYSQL, mariaDb.url());
    environment.put("STAMPEDE_JWT_SECRET", SECRET);
    environment.put("STAMPEDE_ADMIN_SECRET", SECRET);
    environment.put("STAMPEDE_PAYMENT_SECRET", PAYMENT_SECRET);
    environment.put("STAMPEDE_PARTITIONS", "2");
    environment.put("STAMPEDE_HTTP_PORT", Integer.toString(httpPort));
    environment.put("STAMPEDE_MANAGEMENT_PORT", Integer.toString(managementPort));
    shop = OneProcess.start(Stores.open(directory, environment), environment, true);
    stores = new ShopStores(redis.url(), mariaDb.url());
  }

  @AfterAll
  static void stop() {
    stores.close();
    shop.close();
    mariaDb.stop();
    redis.stop();
  }

  @Test
  void withoutSettingsItSaysWhatItSkipsAndHowToHaveItChecked() {
    CommandRun run = CommandRun.of("check");

    assertThat(run.output())
        .containsPattern("(?m)^ok +java: found " + Runtime.version().feature())
        .containsPattern("(?m)^skipped redis: give STAMPEDE_REDIS_URL")
        .containsPattern("(?m)^skipped mysql: give STAMPEDE_MYSQL_URL")
        .containsPattern("(?m)^skipped cluster join: give --cluster")
        .containsPattern("(?m)^skipped front: give --url")
        .containsPattern("(?m)^\\d+ ok, \\d+ warn, \\d+ RED, \\d+ skipped$");
  }

  @Test
  void goodStoresAndAShopThatServesAreGreen() throws IOException {
    CommandRun run = CommandRun.of("check", "--conf", conf("").toString(), "--url", shop.httpUrl());

    assertThat(run.output())
        .containsPattern("(?m)^ok +port httpPort .*a Stampede node that serves there")
        .containsPattern("(?m)^ok +port managementPort .*a Stampede node that serves there")
        .containsPattern("(?m)^ok +redis: found version \\d")
        .containsPattern("(?m)^ok +redis settings")
        .containsPattern("(?m)^ok +clock of redis: found -?\\d+ ms")
        .containsPattern("(?m)^ok +mysql: found version .*")
        .containsPattern("(?m)^ok +mysql innodb_flush_log_at_trx_commit: found 1")
        .containsPattern("(?m)^ok +clock of mysql: found -?\\d+ ms")
        .containsPattern("(?m)^ok +front WebSocket")
        .containsPattern("(?m)^ok +front operators' pages")
        .containsPattern("(?m)^warn +front address: .*X-Forwarded-For")
        .containsPattern("(?m)^ok +front hash: .*\\[edge-1\\]")
        .doesNotContainPattern("(?m)^RED +(redis|mysql|clock|front|port)")
        .doesNotContain(SECRET)
        .doesNotContain(password(redis.url()))
        .doesNotContain(password(mariaDb.url()));
    assertThat(run.exitCode()).isEqualTo(run.output().contains("\nRED ") ? 1 : 0);
  }

  @Test
  void settingsThatLoseOrdersAreRedWithTheFix() throws IOException {
    stores.redis("CONFIG", "SET", "appendfsync", "everysec");
    stores.redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    try {
      CommandRun run = CommandRun.of("check", "--conf", conf("").toString());

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.output())
          .containsPattern(
              "(?m)^RED +redis appendfsync: found everysec; wanted always; fix: 'redis-cli CONFIG SET"
                  + " appendfsync always'")
          .containsPattern(
              "(?m)^RED +redis maxmemory-policy: found allkeys-lru; wanted noeviction");
    } finally {
      stores.redis("CONFIG", "SET", "appendfsync", "always");
      stores.redis("CONFIG", "SET", "maxmemory-policy", "noeviction");
    }
  }

  @Test
  void mySqlThatLosesOrCutsIsRedWithTheFix() throws Exception {
    EmbeddedMariaDb good = EmbeddedMariaDb.start(directory.resolve("careless"));
    List<String> line = commandLine(good.pid());
    Path conf =
        Files.writeString(
            directory.resolve("careless.conf"), "mysqlUrl = \"%s\"".formatted(good.url()));
    good.stop();
    line.removeIf(option -> option.startsWith("--innodb-flush-log") || option.startsWith("--sync"));
    line.addAll(
        List.of(
            "--innodb-flush-log-at-trx-commit=2",
            "--max-allowed-packet=1M",
            "--transaction-isolation=READ-UNCOMMITTED"));
    Process careless =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("careless.log").toFile())
            .start();
    try {
      await().atMost(60, TimeUnit.SECONDS).until(() -> accepts(good.url()));

      CommandRun run = CommandRun.of("check", "--conf", conf.toString());

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.output())
          .containsPattern("(?m)^RED +mysql innodb_flush_log_at_trx_commit: found 2; wanted 1")
          .containsPattern("(?m)^RED +mysql max_allowed_packet: found 1048576; wanted at least")
          .containsPattern("(?m)^RED +mysql transaction_isolation: found READ-UNCOMMITTED");
    } finally {
      careless.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }

  /** As the system tells it. */
  private static List<String> commandLine(long pid) throws IOException {
    String line = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
    return new ArrayList<>(List.of(line.split("\0")));
  }

  private static boolean accepts(String url) {
    URI uri = URI.create(url);
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      return socket.getInputStream().read() >= 0; // its greeting
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void storesThatAreNotThereAreRedAndNamePasswordsNowhere() throws IOException {
    int nobody = Ports.free();
    Path conf =
        Files.writeString(
            directory.resolve("away.conf"),
            "redisUrl = \"redis://:verysecret@127.0.0.1:%d\"\nmysqlUrl = \"mysql://u:verysecret@127.0.0.1:%d/d\"\nhttpPort = 0\nmanagementPort = 0\n"
                .formatted(nobody, nobody));

    CommandRun run = CommandRun.of("check", "--conf", conf.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.output())
        .containsPattern("(?m)^RED +redis: found no usable answer")
        .containsPattern("(?m)^RED +mysql: found no usable answer")
        .doesNotContain("verysecret");
  }

  @Test
  void portOfSomebodyElseIsRedWhenItWasGiven() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path conf =
          Files.writeString(
              directory.resolve("port.conf"),
              "httpHost = 127.0.0.1\nhttpPort = " + taken.getLocalPort() + "\n");

      CommandRun run = CommandRun.of("check", "--conf", conf.toString());

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.output())
          .containsPattern("(?m)^RED +port httpPort 127.0.0.1:" + taken.getLocalPort());
    }
  }

  @Test
  void frontThatDropsUpgradesAndShowsOperatorsPagesIsRed() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      HttpServer front =
          vertx
              .createHttpServer()
              .requestHandler(CheckIT::badFront)
              .listen(0, "127.0.0.1")
              .await(10, TimeUnit.SECONDS);

      CommandRun run = CommandRun.of("check", "--url", "http://127.0.0.1:" + front.actualPort());

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.output())
          .containsPattern("(?m)^RED +front WebSocket: found status 426.*proxy_set_header Upgrade")
          .containsPattern("(?m)^RED +front operators' pages: found /metrics 200");
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void joinMeetsTheOthersAndLeavesThemAlone() throws Exception {
    Path xml = LoneCluster.xml(directory.resolve("good.xml"), "127.0.0.1");
    CommandRun alone = CommandRun.of("check", "--cluster", xml.toString());
    Cluster node = Cluster.join(xml, "sale", "sale-1", 2).await(60, TimeUnit.SECONDS);
    try {
      CommandRun together = CommandRun.of("check", "--cluster", xml.toString());

      assertThat(alone.output()).containsPattern("(?m)^warn +cluster join: .*nobody else");
      assertThat(together.output())
          .containsPattern("(?m)^ok +cluster join: found it works; members by role: \\{sale=1\\}");
      assertThat(node.nodes()).hasSize(1);
    } finally {
      node.vertx().close().await(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void joinThatCannotWorkIsRedWithinItsBound() throws IOException {
    Path xml = LoneCluster.xml(directory.resolve("foreign.xml"), "203.0.113.9");
    long beganNanos = System.nanoTime();

    CommandRun run = CommandRun.of("check", "--cluster", xml.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.output()).containsPattern("(?m)^RED +cluster join: ");
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos)).isLessThan(30);
  }

  @Test
  void wrongUseIsExitCode2() {
    assertThat(CommandRun.of("check", "--conf", "/no/such/file").exitCode()).isEqualTo(2);
    assertThat(CommandRun.of("check", "--url", "ftp://x").exitCode()).isEqualTo(2);
    assertThat(CommandRun.of("check", "--nonsense").exitCode()).isEqualTo(2);
  }

  private static void badFront(HttpServerRequest request) {
    boolean shown = request.path().equals("/metrics");
    boolean time = request.path().equals("/api/v1/time");
    int status = request.path().equals("/shake") ? 426 : shown || time ? 200 : 404;
    request.response().setStatusCode(status).end(time ? "{\"now\":1}" : "");
  }

  private static Path conf(String more) throws IOException {
    return Files.writeString(
        directory.resolve("good.conf"),
        """
        redisUrl = "%s"
        mysqlUrl = "%s"
        jwtSecret = "%s"
        httpPort = %d
        managementPort = %d
        %s
        """
            .formatted(redis.url(), mariaDb.url(), SECRET, httpPort, managementPort, more));
  }

  private static String password(String url) {
    return url.replaceFirst("^\\w+://[^:]*:", "").replaceFirst("@.*", "");
  }
}
