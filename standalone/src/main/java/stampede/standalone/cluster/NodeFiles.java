package stampede.standalone.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import stampede.standalone.EnvironmentFault;

/**
 * The configuration of one node, written anew at each of its starts: {@code node.conf} and {@code
 * cluster.xml}, the shipped one with the members of this cluster.
 */
final class NodeFiles {
  private static final Pattern CLUSTER_NAME = Pattern.compile("<cluster-name>[^<]*</cluster-name>");
  private static final Pattern PORT = Pattern.compile("<port [^>]*>\\d+</port>");
  private static final Pattern MEMBERS =
      Pattern.compile("<member-list>.*?</member-list>", Pattern.DOTALL);

  private static final Pattern INTERFACE = Pattern.compile("<interface>[^<]*</interface>");

  private NodeFiles() {}

  /**
   * The shipped file for one node of a cluster on this machine.
   *
   * @param name tells it from every other cluster on this machine
   * @param port of this node, and no other
   * @param members host:port of all nodes known so far
   */
  static String clusterXml(
      String shipped, String name, String host, int port, Collection<String> members) {
    String list =
        members.stream()
            .map(member -> "<member>" + member + "</member>")
            .collect(Collectors.joining("\n", "<member-list>\n", "\n</member-list>"));
    String named = replaceOne(shipped, CLUSTER_NAME, "<cluster-name>" + name + "</cluster-name>");
    String placed = replaceOne(named, PORT, "<port auto-increment=\"false\">" + port + "</port>");
    String faced = replaceOne(placed, INTERFACE, "<interface>" + host + "</interface>");
    return replaceOne(faced, MEMBERS, list);
  }

  /** {@code node.conf}: one key a line. */
  static String conf(NodePlace place, boolean devLogin) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("node", place.name());
    keys.put("clusterConfig", place.directory().resolve("cluster.xml"));
    if (place.role() == NodeRole.EDGE) {
      keys.put("httpHost", place.httpHost());
      keys.put("httpPort", place.httpPort());
      keys.put("devLogin", devLogin);
    }
    return keys.entrySet().stream()
        .map(key -> key.getKey() + " = \"" + escaped(key.getValue().toString()) + "\"\n")
        .collect(Collectors.joining());
  }

  static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw EnvironmentFault.unwritable(file, e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new EnvironmentFault(
          file.toString(), "that it cannot be read: " + e.getMessage(), "a readable file", e);
    }
  }

  private static String replaceOne(String text, Pattern pattern, String replacement) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new EnvironmentFault(
          "cluster.xml", "nothing like " + pattern, "the file as it is shipped");
    }
    return text.substring(0, matcher.start()) + replacement + text.substring(matcher.end());
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
