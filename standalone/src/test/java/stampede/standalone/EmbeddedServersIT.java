package stampede.standalone;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedServersIT {
  @TempDir Path data;
  private final List<Runnable> stops = new ArrayList<>();

  @AfterEach
  void stopAll() {
    stops.forEach(Runnable::run);
  }

  @Test
  void redisKeepsWhatItAcknowledgedAcrossAStop() throws IOException {
    EmbeddedRedis first = redis();
    assertThat(redisSays(first.url(), "SET k v")).isEqualTo("+OK");

    first.stop();
    EmbeddedRedis second = redis();

    assertThat(redisSays(second.url(), "STRLEN k")).isEqualTo(":1");
    assertThat(alive(first.pid())).isFalse();
  }

  @Test
  void redisKeepsWhatItAcknowledgedAcrossAKill() throws IOException {
    EmbeddedRedis first = redis();
    assertThat(redisSays(first.url(), "SET k v")).isEqualTo("+OK");

    ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
    await().atMost(5, SECONDS).until(() -> !alive(first.pid()));
    EmbeddedRedis second = redis();

    assertThat(redisSays(second.url(), "STRLEN k")).isEqualTo(":1");
  }

  @Test
  void redisHasTheSettingsTheJournalAsksFor() throws IOException {
    EmbeddedRedis redis = redis();

    assertThat(setting(redis, "appendonly")).isEqualTo("yes");
    assertThat(setting(redis, "appendfsync")).isEqualTo("always");
    assertThat(setting(redis, "no-appendfsync-on-rewrite")).isEqualTo("no");
    assertThat(setting(redis, "maxmemory-policy")).isEqualTo("noeviction");
    assertThat(setting(redis, "save")).isEmpty();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(data.resolve("redis/redis.conf"))))
        .isEqualTo("rw-------");
  }

  @Test
  void redisRefusesAClientWithoutThePassword() throws IOException {
    URI uri = URI.create(redis().url());

    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
      assertThat(lines(socket, "PING\r\n").readLine()).startsWith("-NOAUTH");
    }
  }

  @Test
  void mariaDbKeepsItsRowsAcrossAStop() {
    EmbeddedMariaDb first = mariaDb();
    query(first.url(), "CREATE TABLE t (a VARCHAR(20))");
    query(first.url(), "INSERT INTO t VALUES ('秒杀')");

    first.stop();
    long begin = System.nanoTime();
    EmbeddedMariaDb second = mariaDb();
    long restartMs = (System.nanoTime() - begin) / 1_000_000;

    assertThat(query(second.url(), "SELECT a FROM t").iterator().next().getString(0))
        .isEqualTo("秒杀");
    assertThat(second.url().replaceAll(":[0-9]+/", "/"))
        .isEqualTo(first.url().replaceAll(":[0-9]+/", "/"));
    assertThat(restartMs).isLessThan(5_000);
  }

  @Test
  void mariaDbIsDurableAndSpeaksUtf8() {
    EmbeddedMariaDb mariaDb = mariaDb();

    Row row =
        query(
                mariaDb.url(),
                "SELECT @@innodb_flush_log_at_trx_commit, @@log_bin, @@character_set_server, @@collation_server, @@have_ssl")
            .iterator()
            .next();

    assertThat(row.getInteger(0)).isEqualTo(1);
    assertThat(row.getInteger(1)).isZero();
    assertThat(row.getString(2)).isEqualTo("utf8mb4");
    assertThat(row.getString(3)).isEqualTo("utf8mb4_bin");
    assertThat(row.getString(4)).isNotEqualTo("YES");
  }

  @Test
  void mariaDbRefusesEveryoneWithoutThePassword() {
    String url = mariaDb().url();
    int port = URI.create(url).getPort();

    for (String user : List.of("root", "stampede", "mysql", "nobody")) {
      assertThatThrownBy(
              () -> query("mysql://" + user + "@127.0.0.1:" + port + "/mysql", "SELECT 1"))
          .hasStackTraceContaining("Access denied");
    }
  }

  @Test
  void mariaDbStartsInADirectoryTooDeepForASocket() {
    Path deep = data.resolve("d".repeat(60)).resolve("e".repeat(60));

    EmbeddedMariaDb mariaDb = EmbeddedMariaDb.start(deep);
    stops.add(mariaDb::stop);

    assertThat(query(mariaDb.url(), "SELECT 1").size()).isEqualTo(1);
  }

  @Test
  void thePackagedServersRunWhereOthersAreInstalled() throws IOException {
    Path redisDirectory = ServerProcess.privateDirectory(data.resolve("redis"));
    Path mariaDbDirectory = ServerProcess.privateDirectory(data.resolve("mariadb"));

    EmbeddedRedis redis =
        EmbeddedRedis.start(redisDirectory, EmbeddedRedis.packaged(data, redisDirectory));
    stops.add(redis::stop);
    EmbeddedMariaDb mariaDb =
        EmbeddedMariaDb.start(mariaDbDirectory, EmbeddedMariaDb.Program.packaged(data));
    stops.add(mariaDb::stop);

    assertThat(redisSays(redis.url(), "PING")).isEqualTo("+PONG");
    assertThat(query(mariaDb.url(), "SELECT VERSION()").iterator().next().getString(0))
        .startsWith("11.4.5");
    mariaDb.stop();
    assertThat(query(mariaDb().url(), "SELECT VERSION()").iterator().next().getString(0))
        .startsWith("11.4.5");
  }

  @Test
  void thePackagedRedisRefusesALogItCannotRead() throws IOException {
    Path directory = Files.createDirectories(data.resolve("redis/appendonlydir")).getParent();

    assertThatThrownBy(() -> EmbeddedRedis.packaged(data, directory))
        .isInstanceOf(EnvironmentFault.class)
        .hasMessageContaining("Redis 7");
  }

  @Test
  void killingTheParentLeavesNoServerAndTheNextStartFindsTheData()
      throws IOException, InterruptedException {
    Process parent = parent();
    List<Long> pids = pids(parent);
    assertThat(pids).allMatch(EmbeddedServersIT::alive);

    parent.destroyForcibly().waitFor();

    await().atMost(10, SECONDS).until(() -> pids.stream().noneMatch(EmbeddedServersIT::alive));
    assertThat(query(mariaDb().url(), "SELECT 1").size()).isEqualTo(1);
  }

  @Test
  void aServerWhoseSupervisorWasKilledTooIsStoppedByTheNextStart() throws IOException {
    EmbeddedRedis orphan = redis();
    ProcessHandle supervisor = ProcessHandle.of(orphan.pid()).orElseThrow().parent().orElseThrow();
    List<ProcessHandle> watchers =
        supervisor.children().filter(child -> child.pid() != orphan.pid()).toList();
    watchers.forEach(ProcessHandle::destroyForcibly); // first: they stop the server when it goes
    await().atMost(5, SECONDS).until(() -> watchers.stream().noneMatch(ProcessHandle::isAlive));
    supervisor.destroyForcibly();
    assertThat(redisSays(orphan.url(), "SET k v")).isEqualTo("+OK");

    EmbeddedRedis next = redis();

    await().atMost(5, SECONDS).until(() -> !alive(orphan.pid()));
    assertThat(redisSays(next.url(), "STRLEN k")).isEqualTo(":1");
  }

  @Test
  void anInterruptFromTheTerminalDoesNotReachTheServers() throws IOException {
    EmbeddedRedis redis = redis();

    // A terminal's Ctrl-C goes to one process group; the servers must be in another than this
    // JVM's.
    assertThat(processGroup(redis.pid())).isNotEqualTo(processGroup(ProcessHandle.current().pid()));
  }

  private EmbeddedRedis redis() {
    EmbeddedRedis redis = EmbeddedRedis.start(data);
    stops.add(redis::stop);
    return redis;
  }

  private EmbeddedMariaDb mariaDb() {
    EmbeddedMariaDb mariaDb = EmbeddedMariaDb.start(data);
    stops.add(mariaDb::stop);
    return mariaDb;
  }

  private Process parent() throws IOException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    return new ProcessBuilder(
            java,
            "-cp",
            System.getProperty("java.class.path"),
            ServersMain.class.getName(),
            data.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static List<Long> pids(Process parent) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8));
    String[] words = out.readLine().split(" ");
    return List.of(Long.parseLong(words[1]), Long.parseLong(words[2]));
  }

  /** Alive and not merely unburied: a zombie still has its entry in /proc. */
  private static boolean alive(long pid) {
    Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
    return process.isPresent() && !"Z".equals(stat(pid, 2));
  }

  private static String processGroup(long pid) {
    return stat(pid, 4);
  }

  /** A field of /proc/pid/stat, counted from 0 after the name (state is 2, group is 4). */
  private static String stat(long pid, int field) {
    try {
      String text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return text.substring(text.lastIndexOf(')') + 2).split(" ")[field - 2];
    } catch (IOException e) {
      return "Z"; // gone between the two looks
    }
  }

  private static String setting(EmbeddedRedis redis, String name) throws IOException {
    URI uri = URI.create(redis.url());
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
      BufferedReader in =
          lines(
              socket, "AUTH " + uri.getUserInfo().substring(1) + "\r\nCONFIG GET " + name + "\r\n");
      List<String> answer = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        answer.add(in.readLine());
      }
      return answer.get(5);
    }
  }

  private static String redisSays(String url, String command) throws IOException {
    URI uri = URI.create(url);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
      BufferedReader in =
          lines(socket, "AUTH " + uri.getUserInfo().substring(1) + "\r\n" + command + "\r\n");
      assertThat(in.readLine()).isEqualTo("+OK");
      return in.readLine();
    }
  }

  private static BufferedReader lines(Socket socket, String commands) throws IOException {
    socket.setSoTimeout(5_000);
    socket.getOutputStream().write(commands.getBytes(StandardCharsets.US_ASCII));
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }

  private static RowSet<Row> query(String url, String sql) {
    Vertx vertx = Vertx.vertx();
    try {
      return MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(url))
          .compose(connection -> connection.query(sql).execute())
          .await(20, SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError("no answer to " + sql, e);
    } finally {
      vertx.close().await();
    }
  }
}
