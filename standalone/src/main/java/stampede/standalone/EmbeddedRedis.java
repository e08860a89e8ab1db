package stampede.standalone;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A Redis as a child process, with the durability the journal asks for: every append is on disk
 * before it is answered.
 *
 * <p>An installed {@code redis-server} is preferred to the packaged one. Blocks its caller.
 */
public final class EmbeddedRedis {
  private static final String NAME = "embedded Redis";
  private static final Duration READY_BOUND = Duration.ofSeconds(60);
  private static final Duration STOP_GRACE = Duration.ofSeconds(10);
  private static final int PROBE_TIMEOUT_MS = 1_000;
  private static final PackagedBinary PACKAGED =
      new PackagedBinary("redis-6.2", "", List.of("redis-server-6.2.6-v5-linux-amd64"), List.of());

  private final KeptServer server;
  private final String url;

  private EmbeddedRedis(KeptServer server, String url) {
    this.server = server;
    this.url = url;
  }

  /**
   * Starts Redis with its files in {@code <dataDir>/redis}; back when it answers.
   *
   * @throws EnvironmentFault if there is no server for this machine or it does not start
   */
  public static EmbeddedRedis start(Path dataDir) {
    Path directory = ServerProcess.privateDirectory(dataDir.resolve("redis"));
    return start(directory, program(dataDir, directory));
  }

  static EmbeddedRedis start(Path directory, Path program) {
    try {
      String password = Credentials.password(directory.resolve("password"));
      KeptServer.OnPort kept =
          KeptServer.onFreePort(
              NAME,
              port -> launch(directory, program, port, password),
              port -> answers(port, password),
              READY_BOUND);
      return new EmbeddedRedis(kept.server(), "redis://:" + password + "@127.0.0.1:" + kept.port());
    } catch (IOException e) {
      throw EnvironmentFault.unwritable(directory, e);
    }
  }

  /** {@code redis://:password@127.0.0.1:port}. */
  public String url() {
    return url;
  }

  /** The process, for those who end it and start it again. */
  public KeptServer server() {
    return server;
  }

  /** The server's process id. */
  public long pid() {
    return server.pid();
  }

  /** From now on it is started again on the same port and files when it dies by itself. */
  public void keepAlive() {
    server.keepAlive();
  }

  /** Stops the server: SIGTERM, and SIGKILL after 10 seconds. */
  public void stop() {
    server.stop();
  }

  private static ServerProcess launch(Path directory, Path program, int port, String password) {
    Path config = directory.resolve("redis.conf");
    try {
      Credentials.writePrivate(config, config(directory, port, password));
    } catch (IOException e) {
      throw EnvironmentFault.unwritable(directory, e);
    }
    return ServerProcess.start(
        NAME, directory, STOP_GRACE, List.of(program.toString(), config.toString()));
  }

  private static Path program(Path dataDir, Path directory) {
    return ServerProcess.installed("redis-server").orElseGet(() -> packaged(dataDir, directory));
  }

  static Path packaged(Path dataDir, Path directory) {
    if (!PackagedBinary.runsHere()) {
      throw new EnvironmentFault(
          "STAMPEDE_REDIS_URL",
          "nothing, no redis-server on the PATH, and "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch"),
          "a redis:// URL (the packaged Redis is for Linux x86-64 only) or an installed redis-server");
    }
    // Redis 6.2 would not see the log and start empty, without a word.
    if (Files.exists(directory.resolve("appendonlydir"))) {
      throw new EnvironmentFault(
          "redis-server",
          "none on the PATH, but a log in " + directory + " that Redis 7 or newer wrote",
          "that redis-server installed again");
    }
    return PACKAGED.unpacked(dataDir.resolve("bin")).resolve(PACKAGED.programs().get(0));
  }

  private static String config(Path directory, int port, String password) {
    return """
        bind 127.0.0.1
        port %d
        protected-mode yes
        requirepass %s
        daemonize no
        dir "%s"
        save ""
        appendonly yes
        appendfsync always
        no-appendfsync-on-rewrite no
        maxmemory-policy noeviction
        """
        .formatted(
            port, password, directory.toString().replace("\\", "\\\\").replace("\"", "\\\""));
  }

  /** Whether the server takes commands: not while it still loads its log. */
  private static boolean answers(int port, String password) {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PROBE_TIMEOUT_MS);
      socket.setSoTimeout(PROBE_TIMEOUT_MS);
      socket
          .getOutputStream()
          .write(("AUTH " + password + "\r\nPING\r\n").getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      return "+OK".equals(in.readLine()) && "+PONG".equals(in.readLine());
    } catch (IOException e) {
      return false;
    }
  }
}
