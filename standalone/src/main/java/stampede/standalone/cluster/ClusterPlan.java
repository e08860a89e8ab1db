package stampede.standalone.cluster;

import java.nio.file.Path;
import java.util.Map;
import stampede.protocol.InvalidField;

/**
 * What a local cluster is made of.
 *
 * @param data directory of everything it keeps; one cluster at a time
 * @param edges nodes at the start, 1 to {@value #NODES_MAX} a role
 * @param devLogin {@code POST /dev/login} gives anybody on this machine a shopper's token
 * @param front an Nginx before the edges, if there is one on this machine
 * @param host address of the public side
 * @param publicPort of Nginx, or of the first edge where there is none; 0 = any free one
 * @param managementPort of the first edge, on 127.0.0.1; 0 = any free one
 * @param environment settings and secrets as of a shell; secrets that are not in it are made
 */
public record ClusterPlan(
    Path data,
    int edges,
    int sales,
    int persists,
    boolean devLogin,
    boolean front,
    String host,
    int publicPort,
    int managementPort,
    Map<String, String> environment) {
  static final int NODES_MAX = 16;

  public ClusterPlan {
    requireRange("edges", edges, 1, NODES_MAX);
    requireRange("sales", sales, 1, NODES_MAX);
    requireRange("persists", persists, 1, NODES_MAX);
    requireRange("publicPort", publicPort, 0, 65_535);
    requireRange("managementPort", managementPort, 0, 65_535);
    environment = Map.copyOf(environment);
  }

  /** On free ports of 127.0.0.1, without Nginx, with {@code /dev/login}. */
  public static ClusterPlan of(Path data, int edges, int sales, int persists) {
    return new ClusterPlan(
        data, edges, sales, persists, true, false, "127.0.0.1", 0, 0, System.getenv());
  }

  int count(NodeRole role) {
    return switch (role) {
      case EDGE -> edges;
      case SALE -> sales;
      case PERSIST -> persists;
    };
  }

  private static void requireRange(String field, int value, int min, int max) {
    if (value < min || value > max) {
      throw new InvalidField(field, "must be " + min + " to " + max + ", is " + value);
    }
  }
}
