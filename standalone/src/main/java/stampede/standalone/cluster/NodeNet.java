package stampede.standalone.cluster;

import java.util.List;

/** Where the nodes of a cluster live, and how they reach the stores. Asked at each start. */
public interface NodeNet {
  /** All on the loopback address, the stores as they are. */
  NodeNet LOOPBACK = new NodeNet() {};

  /** The address of a node, for the others and for this JVM; asked once. */
  default String host(String node) {
    return "127.0.0.1";
  }

  /** What goes before the command of a node's JVM, which must keep its process id. */
  default List<String> prefix(String node) {
    return List.of();
  }

  /** The URL a node is given for Redis. */
  default String redisUrl(String node, String url) {
    return url;
  }

  /** The URL a node is given for MySQL. */
  default String mysqlUrl(String node, String url) {
    return url;
  }
}
