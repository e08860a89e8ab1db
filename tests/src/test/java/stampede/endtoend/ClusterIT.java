package stampede.endtoend;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.browser.BrowserTests;
import stampede.rig.NginxProgram;
import stampede.rig.RunningShop;
import stampede.rig.StampedeProcess;
import stampede.rig.WireHttp;
import stampede.rig.WireSocket;
import stampede.rig.WireTokens;
import stampede.standalone.CommandRun;

/**
 * {@code stampede cluster} as it is without options, from its start to its end: one cluster, used
 * by all tests in turn, behind Nginx where that is to be had.
 */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
  private static final Duration START_BOUND = Duration.ofSeconds(150);
  private static final Duration STOP_BOUND = Duration.ofSeconds(60);
  private static final Duration BROWSER_BOUND = Duration.ofSeconds(60);

  /**
   * From the command to the moment everything is ready; 13 to 20 s of a machine with two processors
   * and nothing else to do.
   */
  private static final double READY_SECONDS_MAX = 60;

  /** Where the shipped configuration says 10 s. */
  private static final long HALF_HEADER_MS_MIN = 9_000;

  private static final long HALF_HEADER_MS_MAX = 15_000;

  /** So many keys all at one of two edges is as likely as so many tosses of a coin. */
  private static final int KEYS = 24;

  /** Each has four users more, at one of two edges. */
  private static final int CHECKS_MAX = 8;

  private static final Pattern FRONT_HASH =
      Pattern.compile("(?m)^ok +front hash: .* edges met: \\[(.*)\\]");
  private static final Pattern READY = Pattern.compile("(?m)^ready after ([0-9]+\\.[0-9]) s;");

  private static final Optional<Path> NGINX = NginxProgram.find();

  @TempDir static Path directory;
  private static StampedeProcess process;
  private static JsonObject members;
  private static RunningShop shop;
  private static String item;
  private static double processesWaiting;
  private static CompletableFuture<Long> halfHeader;

  @BeforeAll
  static void start() throws IOException {
    int http = StampedeProcess.freePort();
    int management = StampedeProcess.freePort();
    Map<String, String> environment = new HashMap<>(RunningShop.ports(http, management));
    NGINX.ifPresent(program -> environment.put("STAMPEDE_NGINX", program.toString()));
    Path data = directory.resolve("data");
    Path json = directory.resolve("cluster.json");
    processesWaiting = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    process =
        StampedeProcess.start(
            environment, directory, "cluster", "--dev-login", "--data=" + data, "--json=" + json);
    process.awaitLine("^ready after", START_BOUND);
    members = new JsonObject(Files.readString(json));
    shop = RunningShop.of(process, data, http, management);
    item = shop.openItem(10, new JsonObject());
    halfHeader = CompletableFuture.supplyAsync(() -> sendHalfAHeader(http));
  }

  @AfterAll
  static void stop() {
    process.close();
  }

  @Test
  @Order(1)
  void jsonNamesEveryMemberByPidAndUrl() {
    assertThat(members.fieldNames())
        .containsExactly("url", "edges", "sales", "persists", "redis", "mysql", "nginx");
    assertThat(members.getString("url")).isEqualTo("http://127.0.0.1:" + shop.httpPort());
    assertMembers("edges", "name", "pid", "http", "management");
    assertMembers("sales", "name", "pid", "management");
    assertMembers("persists", "name", "pid", "management");
    assertThat(names("edges")).containsExactly("edge-1", "edge-2");
    assertThat(names("sales")).containsExactly("sale-1", "sale-2", "sale-3");
    assertThat(names("persists")).containsExactly("persist-1", "persist-2");
    assertThat(members.getJsonObject("redis").getString("url")).matches("redis://:[^@]{32,}@.*");
    assertThat(members.getJsonObject("mysql").getString("url"))
        .matches("mysql://stampede:[^@]{32,}@127\\.0\\.0\\.1:\\d+/stampede");
    assertThat(members.getJsonObject("nginx") != null).isEqualTo(NGINX.isPresent());
    assertThat(pids()).allMatch(StampedeProcess::runs).doesNotHaveDuplicates();
  }

  /**
   * What the machine did already when this one began is taken out: with four processes a processor
   * that want to run it takes four times as long.
   */
  @Test
  @Order(1)
  void allOfItIsReadyWithinAMinute() {
    double others = processesWaiting / Runtime.getRuntime().availableProcessors();
    Matcher line = READY.matcher(process.output());

    assertThat(line.find()).as(process.output()).isTrue();
    double seconds = Double.parseDouble(line.group(1));
    System.out.printf("cluster ready after %.1f s, others %.1f a processor%n", seconds, others);
    assertThat(seconds).isPositive().isLessThanOrEqualTo(READY_SECONDS_MAX * Math.max(1, others));
  }

  @Test
  @Order(2)
  void onlyItsOwnerReadsTheJson() throws IOException {
    assertThat(Files.getPosixFilePermissions(directory.resolve("cluster.json"))).hasSize(2);
  }

  @Test
  @Order(3)
  void shakeOverTheSocketIsAcceptedAndDrainedToMySql() {
    try (WireSocket socket = shop.socket(shop.login("u1"))) {
      socket.await("welcome");
      socket.send(JsonObject.of("type", "shake", "key", "k-1", "item", item, "quantity", 1));
      JsonObject outcome = socket.await(frame -> "accepted".equals(frame.getString("outcome")));

      expectInBooks(outcome.getString("order"));
    }
  }

  @Test
  @Order(4)
  void frontLetsHttpThroughAndKeepsTheRestOut() {
    assumeNginx();
    String token = shop.login("u2");
    WireHttp.Answer accepted = shop.shake(token, item, "k-2", 1);
    WireHttp.Answer big =
        WireHttp.once(
            shop.httpPort(),
            "POST",
            "/api/v1/items/" + item + "/shakes",
            RunningShop.shakeHttpHeaders(token, "k-3"),
            " ".repeat(9_000));

    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(201);
    assertThat(big.status()).isEqualTo(413);
    for (String path : List.of("/metrics", "/health/ready", "/eventbus/websocket", "/console")) {
      assertThat(WireHttp.once(shop.httpPort(), "GET", path, Map.of(), "").status())
          .as(path)
          .isEqualTo(404);
    }
  }

  /** To the edge itself the claim is reason enough to refuse. */
  @Test
  @Order(5)
  void frontReplacesWhatClientsClaimAboutTheirAddress() {
    assumeNginx();
    Map<String, String> claim =
        Map.of("x-forwarded-for", "203.0.113.9", "content-type", "application/json");
    int edge = URI.create(edge().getString("http")).getPort();

    assertThat(WireHttp.once(edge, "POST", "/dev/login", claim, "{\"user\":\"u3\"}").status())
        .isEqualTo(404);
    assertThat(
            WireHttp.once(shop.httpPort(), "POST", "/dev/login", claim, "{\"user\":\"u3\"}")
                .status())
        .isEqualTo(200);
  }

  @Test
  @Order(6)
  void ticketOpensASocketThroughTheFrontAndIsNotLogged() throws Exception {
    assumeNginx();
    WireHttp.Answer issued = shop.post("/api/v1/tickets", shop.login("u4"));
    String ticket = issued.json().getString("ticket");

    try (WireSocket socket =
        WireSocket.open(
            shop.httpPort(),
            "/shake?ticket=" + ticket,
            Map.of("sec-websocket-protocol", "shake.v1"))) {
      assertThat(socket.await("welcome").getString("user")).isEqualTo("u4");
    }

    Path log = shop.data().resolve("nginx/access.log");
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(Files.readString(log)).contains(" GET /shake 101 "));
    assertThat(Files.readString(log)).doesNotContain(ticket, "ticket=");
  }

  /**
   * A device gets its ticket from one edge and opens the socket at another: nothing hashes it yet.
   */
  @Test
  @Order(7)
  void ticketIsGoodAtTheOtherEdgeOnce() throws WireSocket.Refused {
    int first = port(0, "http");
    int second = port(1, "http");
    WireHttp.Answer device = WireHttp.once(first, "POST", "/api/v1/devices", Map.of(), "");
    Map<String, String> bearer =
        Map.of("authorization", "Bearer " + device.json().getString("token"));
    WireHttp.Answer issued = WireHttp.once(first, "POST", "/api/v1/tickets", bearer, "");
    String path = "/shake?ticket=" + issued.json().getString("ticket");
    Map<String, String> protocol = Map.of("sec-websocket-protocol", "shake.v1");

    try (WireSocket socket = WireSocket.open(second, path, protocol)) {
      JsonObject welcome = socket.await("welcome");
      assertThat(welcome.getString("node")).isEqualTo("edge-2");
      assertThat(welcome.getString("user")).isEqualTo(device.json().getString("device"));
    }
    for (int port : List.of(first, second)) {
      assertThatThrownBy(() -> WireSocket.open(port, path, protocol))
          .isInstanceOf(WireSocket.Refused.class);
    }
  }

  /** Sockets are opened with tokens that end at a moment of their own, so each run has new keys. */
  @Test
  @Order(7)
  void checkFindsEachUserAlwaysAtOneOfTheTwoEdges() throws IOException {
    assumeNginx();
    Path conf =
        Files.writeString(
            directory.resolve("check.conf"),
            "jwtSecret = \"" + shop.secret("STAMPEDE_JWT_SECRET") + "\"");
    Set<String> met = new TreeSet<>();
    for (int i = 0; i < CHECKS_MAX && met.size() < 2; i++) {
      String said =
          CommandRun.of("check", "--url", members.getString("url"), "--conf", conf.toString())
              .output();
      Matcher hash = FRONT_HASH.matcher(said);
      assertThat(hash.find()).as(said).isTrue();
      assertThat(said).doesNotContainPattern("(?m)^(RED|warn) +front");
      met.addAll(List.of(hash.group(1).split(", ")));
    }

    assertThat(met).containsExactly("edge-1", "edge-2");
  }

  /** Where Nginx passed each request to is in its log; the edges have no such pages. */
  @Test
  @Order(7)
  void frontPlacesByCookieElseByTokenElseByAddressAndTicketsByAddress() {
    assumeNginx();
    for (int i = 0; i < KEYS; i++) {
      Map<String, String> cookie = Map.of("cookie", "stampede=cookie-" + i);
      Map<String, String> token = Map.of("authorization", "Bearer token-" + i);
      Map<String, String> both = new HashMap<>(cookie);
      both.putAll(token);
      visit("/placed/cookie-" + i, cookie);
      visit("/placed/token-" + i, token);
      visit("/placed/both-" + i, both);
      visit("/placed/ticket-" + i + "?ticket=ticket-" + i, both);
    }
    visit("/placed/nobody", Map.of());

    Map<String, String> edges = edgesByPage(4 * KEYS + 1);
    String ofAddress = edges.get("/placed/nobody");
    List<String> ofCookies = eachOf(edges, "cookie");
    List<String> ofTokens = eachOf(edges, "token");
    assertThat(ofCookies).doesNotContainNull().contains(ofAddress).isNotEqualTo(ofTokens);
    assertThat(ofTokens).doesNotContainNull().contains(ofAddress);
    assertThat(Set.copyOf(ofCookies)).hasSize(2);
    assertThat(Set.copyOf(ofTokens)).hasSize(2);
    assertThat(eachOf(edges, "both")).isEqualTo(ofCookies);
    assertThat(eachOf(edges, "ticket")).containsOnly(ofAddress);
  }

  private static void visit(String page, Map<String, String> headers) {
    assertThat(WireHttp.once(shop.httpPort(), "GET", page, headers, "").status()).isEqualTo(404);
  }

  private static List<String> eachOf(Map<String, String> edges, String kind) {
    return IntStream.range(0, KEYS).mapToObj(i -> edges.get("/placed/" + kind + "-" + i)).toList();
  }

  /** The log is written every 5 s. */
  private static Map<String, String> edgesByPage(int pages) {
    Path log = shop.data().resolve("nginx/access.log");
    Map<String, String> edges = new HashMap<>();
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              for (String line : Files.readAllLines(log)) {
                String[] parts = line.split(" ");
                if (parts.length > 7 && parts[3].startsWith("/placed/")) {
                  edges.put(parts[3], parts[7]);
                }
              }
              assertThat(edges).hasSize(pages);
            });
    return edges;
  }

  @TestFactory
  @Order(7)
  Stream<DynamicTest> operatorsSeeBothEdgesAndHandAPartitionOver() {
    Map<String, String> environment = new HashMap<>();
    environment.put("ITEM", item);
    for (int edge = 0; edge < 2; edge++) {
      environment.put("EDGE_" + (edge + 1), "http://127.0.0.1:" + port(edge, "http"));
      environment.put("CONSOLE_" + (edge + 1), "http://127.0.0.1:" + port(edge, "management"));
    }
    String secret = shop.secret("STAMPEDE_ADMIN_SECRET");
    environment.put("ANN", WireTokens.operator(secret, "ann", "admin"));
    return BrowserTests.of(BrowserTests.suite(), "cluster.test.mjs", environment, BROWSER_BOUND);
  }

  private static int port(int edge, String which) {
    return URI.create(members.getJsonArray("edges").getJsonObject(edge).getString(which)).getPort();
  }

  @Test
  @Order(8)
  void unknownTokenIsRefusedBeforeTheUpgrade() {
    assertThatThrownBy(
            () -> WireSocket.open(shop.httpPort(), "/shake", RunningShop.shakeHeaders("nonsense")))
        .isInstanceOfSatisfying(
            WireSocket.Refused.class,
            refused -> assertThat(refused.answer.status()).isEqualTo(401));
  }

  /** It began to send when the cluster was ready. */
  @Test
  @Order(8)
  void clientThatNeverEndsItsHeaderIsCutOff() throws Exception {
    assumeNginx();

    assertThat(halfHeader.get(HALF_HEADER_MS_MAX * 2, TimeUnit.MILLISECONDS))
        .isBetween(HALF_HEADER_MS_MIN, HALF_HEADER_MS_MAX);
  }

  /**
   * @return how long it was let wait, in ms
   */
  private static long sendHalfAHeader(int port) {
    long beganNanos = System.nanoTime();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) HALF_HEADER_MS_MAX * 2);
      socket.getOutputStream().write("GET /shake HTTP/1.1\r\nhost: ".getBytes(US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset"); // as reset_timedout_connection says
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return (System.nanoTime() - beganNanos) / 1_000_000;
  }

  @Test
  @Order(9)
  void childThatDiesIsReportedAndTheOthersGoOn() {
    long sale = members.getJsonArray("sales").getJsonObject(1).getLong("pid");

    StampedeProcess.signal("KILL", sale);

    process.awaitLine("DIED sale-2 \\(pid " + sale + "\\): exit code 137", Duration.ofSeconds(10));
    String token = shop.login("u5");
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(shop.shake(token, item, "k-5", 1).status()).isIn(200, 201));
    assertThat(pids()).filteredOn(pid -> pid != sale).allMatch(StampedeProcess::runs);
    assertThat(StampedeProcess.runs(sale)).isFalse();
  }

  @Test
  @Order(10)
  void sigtermStopsEverything() {
    List<Long> all = new ArrayList<>(pids());
    all.addAll(process.descendants());

    process.term();

    assertThat(process.awaitExit(STOP_BOUND)).isZero();
    StampedeProcess.awaitGone(all, Duration.ofSeconds(5));
    assertThat(StampedeProcess.naming(shop.data())).isEmpty();
    assertThat(process.output().lines().filter(line -> line.contains("DIED"))).hasSize(1);
  }

  private static void expectInBooks(String order) {
    try (ShopBooks books = new ShopBooks(members.getJsonObject("mysql").getString("url"))) {
      Awaitility.await()
          .atMost(30, TimeUnit.SECONDS)
          .untilAsserted(
              () ->
                  assertThat(books.column("SELECT order_id FROM sale_order")).containsOnly(order));
    }
  }

  private static void assumeNginx() {
    Assumptions.assumeTrue(NGINX.isPresent(), "no nginx here, and apt-get can't download one");
  }

  private static JsonObject edge() {
    return members.getJsonArray("edges").getJsonObject(0);
  }

  private static void assertMembers(String role, String... keys) {
    each(role).forEach(member -> assertThat(member.fieldNames()).containsExactly(keys));
  }

  private static List<String> names(String role) {
    return each(role).stream().map(member -> member.getString("name")).toList();
  }

  private static List<JsonObject> each(String role) {
    JsonArray array = members.getJsonArray(role);
    return array.stream().map(JsonObject.class::cast).toList();
  }

  private static List<Long> pids() {
    List<JsonObject> all = new ArrayList<>();
    List.of("edges", "sales", "persists").forEach(role -> all.addAll(each(role)));
    all.add(members.getJsonObject("redis"));
    all.add(members.getJsonObject("mysql"));
    if (members.getJsonObject("nginx") != null) {
      all.add(members.getJsonObject("nginx"));
    }
    return all.stream().map(member -> member.getLong("pid")).toList();
  }
}
