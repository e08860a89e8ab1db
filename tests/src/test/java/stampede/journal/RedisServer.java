package stampede.journal;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Redis that can be killed and started again on the same port and files. Every write is on
 * disk before it is answered. It is the packaged one, unless the environment variable {@value
 * #PROGRAM} names another {@code redis-server}.
 */
final class RedisServer implements AutoCloseable {
  private static final String BINARY = "/redis-server-6.2.6-v5-linux-amd64";
  private static final String PROGRAM = "STAMPEDE_TEST_REDIS_SERVER";
  private static final int READ_TIMEOUT_MS = 5_000;
  private static final long READY_MS_MAX = 20_000;

  private final Path directory;
  private final Path program;
  private final int port;
  private final Thread atExit = new Thread(this::kill);
  private Process process;

  private RedisServer(Path directory, Path program, int port) throws IOException {
    this.directory = directory;
    this.program = program;
    this.port = port;
    this.process = launch();
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  static RedisServer start() throws IOException {
    Path directory = Files.createTempDirectory("journal-redis");
    String given = System.getenv(PROGRAM);
    Path program = given == null ? unpacked(directory) : Path.of(given);
    RedisServer server = new RedisServer(directory, program, freePort());
    server.awaitReady();
    return server;
  }

  private static Path unpacked(Path directory) throws IOException {
    Path program = directory.resolve("redis-server");
    try (InputStream in = RedisServer.class.getResourceAsStream(BINARY)) {
      if (in == null) {
        throw new IOException(BINARY + " is not on the class path");
      }
      Files.copy(in, program);
    }
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return program;
  }

  int port() {
    return port;
  }

  String url() {
    return "redis://127.0.0.1:" + port;
  }

  /** The log of the packaged server; later ones keep theirs in several files. */
  Path appendOnlyFile() {
    return directory.resolve("appendonly.aof");
  }

  /** SIGKILL; back when it is gone. */
  void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        throw new IllegalStateException("redis-server " + process.pid() + " does not die");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** On the same port and files; back when it has loaded them. */
  void startAgain() throws IOException {
    process = launch();
    awaitReady();
  }

  /** Sends one command; its reply as text, arrays with a blank between the elements. */
  String command(String... args) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(READ_TIMEOUT_MS);
      OutputStream out = socket.getOutputStream();
      out.write(request(args));
      return reply(new BufferedInputStream(socket.getInputStream()));
    }
  }

  @Override
  public void close() throws IOException {
    kill();
    Runtime.getRuntime().removeShutdownHook(atExit);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process launch() throws IOException {
    List<String> settings =
        List.of(
            "--bind",
            "127.0.0.1",
            "--port",
            "" + port,
            "--dir",
            directory.toString(),
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--no-appendfsync-on-rewrite",
            "no",
            "--maxmemory-policy",
            "noeviction");
    Stream<String> line = Stream.concat(Stream.of(program.toString()), settings.stream());
    return new ProcessBuilder(line.toList())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("server.log").toFile()))
        .start();
  }

  private void awaitReady() throws IOException {
    long start = System.nanoTime();
    while (!isReady()) {
      if (!process.isAlive() || System.nanoTime() - start > READY_MS_MAX * 1_000_000) {
        throw new IllegalStateException(
            "redis-server does not start: " + Files.readString(directory.resolve("server.log")));
      }
      try {
        TimeUnit.MILLISECONDS.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while Redis starts", e);
      }
    }
  }

  private boolean isReady() {
    try {
      return command("PING").equals("PONG");
    } catch (IOException | IllegalStateException e) {
      return false; // not listening or still loading
    }
  }

  private static byte[] request(String... args) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(("*" + args.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
    for (String arg : args) {
      byte[] bytes = arg.getBytes(StandardCharsets.UTF_8);
      out.write(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(bytes);
      out.write('\r');
      out.write('\n');
    }
    return out.toByteArray();
  }

  private static String reply(InputStream in) throws IOException {
    String head = line(in);
    String rest = head.substring(1);
    switch (head.charAt(0)) {
      case '$':
        int length = Integer.parseInt(rest);
        if (length < 0) {
          return "";
        }
        String text = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        line(in);
        return text;
      case '*':
        StringBuilder all = new StringBuilder();
        for (int i = Integer.parseInt(rest); i > 0; i--) {
          all.append(reply(in)).append(i > 1 ? " " : "");
        }
        return all.toString();
      case '-':
        throw new IllegalStateException(rest);
      default:
        return rest;
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\r'; c = in.read()) {
      if (c < 0) {
        throw new IOException("connection closed");
      }
      line.append((char) c);
    }
    in.read();
    return line.toString();
  }
}
