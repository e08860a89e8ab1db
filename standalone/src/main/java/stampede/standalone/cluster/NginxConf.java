package stampede.standalone.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import stampede.standalone.EnvironmentFault;

/**
 * The shipped {@code nginx.conf} for one machine: other ports, other directories, the same rules.
 */
final class NginxConf {
  private static final Pattern SERVERS =
      Pattern.compile("( *server [^;{]+max_fails[^;]*;\\s*)+", Pattern.MULTILINE);

  private NginxConf() {}

  /**
   * @param directory for its pid, logs and temporary files
   * @param listen address and port
   * @param edges address and port of each
   */
  static String local(String shipped, Path directory, String listen, List<String> edges) {
    String text = replace(shipped, "worker_processes auto;", owner() + "worker_processes 1;");
    text = replace(text, "pid /run/nginx.pid;", "pid \"" + directory.resolve("nginx.pid") + "\";");
    text = replace(text, "error_log /var/log/nginx/error.log crit;", "error_log stderr crit;");
    text =
        replace(text, "/var/log/nginx/access.log", "\"" + directory.resolve("access.log") + "\"");
    text = replace(text, "\nhttp {", "\nhttp {" + temporary(directory));
    text = replace(text, "listen 80;", "listen " + listen + ";");
    Matcher servers = SERVERS.matcher(text);
    if (!servers.find()) {
      throw unlike("edges with max_fails under \"upstream\"");
    }
    return text.substring(0, servers.start())
        + edges.stream()
            .map(edge -> "    server " + edge + " max_fails=2 fail_timeout=2s;\n")
            .collect(Collectors.joining())
        + text.substring(servers.end());
  }

  /** Root's Nginx would work as a user who may not enter the data directory. */
  private static String owner() {
    return System.getProperty("user.name").equals("root") ? "user root;\n" : "";
  }

  private static String temporary(Path directory) {
    return List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi").stream()
        .map(kind -> "\n  " + kind + "_temp_path \"" + directory.resolve(kind) + "\";")
        .collect(Collectors.joining());
  }

  private static String replace(String text, String shipped, String local) {
    int at = text.indexOf(shipped);
    if (at < 0) {
      throw unlike("\"" + shipped.strip() + "\"");
    }
    return text.substring(0, at) + local + text.substring(at + shipped.length());
  }

  private static EnvironmentFault unlike(String missing) {
    return new EnvironmentFault("conf/nginx.conf", "no " + missing, "the file as it is shipped");
  }
}
