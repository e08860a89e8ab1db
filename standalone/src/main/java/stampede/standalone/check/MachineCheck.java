package stampede.standalone.check;

import static stampede.standalone.check.CheckLine.ok;
import static stampede.standalone.check.CheckLine.red;
import static stampede.standalone.check.CheckLine.warn;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Java, open files, ports: what this machine gives. */
final class MachineCheck {
  private static final int JAVA_MIN = 17;
  private static final int SOCKETS_DEFAULT = 20_000;
  private static final int OWN_FILES = 300;
  private static final int FILES_MIN = 4_096;
  private static final int PORT_MAX = 65_535;
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final Pattern LIMIT =
      Pattern.compile("Max open files\\s+(\\d+|unlimited)\\s+(\\S+).*");

  private MachineCheck() {}

  static List<CheckLine> run(CheckSettings settings) {
    List<CheckLine> lines = new ArrayList<>();
    lines.add(java(Runtime.version().feature(), Runtime.version().toString()));
    lines.add(openFiles(settings));
    lines.add(port(settings, "httpHost", "httpPort", 8080, "/api/v1/time"));
    lines.add(port(settings, "managementHost", "managementPort", 8081, "/health/live"));
    return lines;
  }

  static CheckLine java(int feature, String version) {
    return feature >= JAVA_MIN
        ? ok("java", version)
        : red("java", version, JAVA_MIN + " or newer", "install a newer JDK, or set JAVA_HOME");
  }

  private static CheckLine openFiles(CheckSettings settings) {
    int wanted = settings.number("socketsMax", SOCKETS_DEFAULT, 1_000_000) + OWN_FILES;
    if (!Files.isReadable(LIMITS)) {
      return CheckLine.skipped("open files", "this system has no " + LIMITS + "; see ulimit -n");
    }
    try {
      return openFiles(Files.readString(LIMITS), wanted);
    } catch (IOException e) {
      return CheckLine.skipped("open files", LIMITS + " can't be read: " + e.getMessage());
    }
  }

  static CheckLine openFiles(String limits, int wanted) {
    Matcher line = LIMIT.matcher(limits);
    String soft = line.find() ? line.group(1) : "unlimited";
    if (soft.equals("unlimited") || Long.parseLong(soft) >= wanted) {
      return ok("open files", soft);
    }
    boolean few = Long.parseLong(soft) < FILES_MIN;
    return new CheckLine(
        few ? CheckLine.Level.RED : CheckLine.Level.WARN,
        "open files",
        soft,
        wanted + " for the sockets of an edge (socketsMax)",
        "'ulimit -n "
            + wanted
            + "', LimitNOFILE="
            + wanted
            + " in a systemd unit, or a smaller socketsMax");
  }

  private static CheckLine port(
      CheckSettings settings, String hostKey, String portKey, int standard, String page) {
    String host = settings.has(hostKey) ? settings.text(hostKey) : "127.0.0.1";
    int port = settings.number(portKey, standard, PORT_MAX);
    String name = "port " + portKey + " " + host + ":" + port;
    String refusal = port == 0 ? null : refusal(host, port);
    if (refusal == null) {
      return ok(name, port == 0 ? "any free one" : "it free");
    }
    if (answersAsNode(host, port, page)) {
      return ok(name, "a Stampede node that serves there");
    }
    String fix =
        "give a free one ("
            + CheckSettings.variable(portKey)
            + "), or end who holds it (ss -ltnp 'sport = :"
            + port
            + "')";
    return settings.has(portKey)
        ? red(name, refusal, "it free", fix)
        : warn(name, refusal, "it free; demo and up take the next one, a node does not", fix);
  }

  private static @org.jspecify.annotations.Nullable String refusal(String host, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(host, port));
      return null;
    } catch (IOException e) {
      return "it not to be had (" + e.getMessage() + ")";
    }
  }

  private static boolean answersAsNode(String host, int port, String page) {
    String near = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + near + ":" + port + page))
              .timeout(Duration.ofSeconds(2))
              .build();
      HttpResponse<String> answer =
          HttpClient.newBuilder()
              .connectTimeout(Duration.ofSeconds(2))
              .build()
              .send(request, HttpResponse.BodyHandlers.ofString());
      return answer.body().startsWith("{\"now\":") || answer.body().startsWith("{\"status\":");
    } catch (IOException | IllegalArgumentException e) {
      return false; // somebody else's
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
