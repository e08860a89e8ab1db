package stampede.standalone.cluster;

import java.util.Locale;

/** What a node does; each role is a jar of its own. */
public enum NodeRole {
  EDGE,
  SALE,
  PERSIST;

  /** As the cluster's members and the jars call it: {@code edge}, {@code sale}, {@code persist}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@code edge-1}. */
  String nodeName(int number) {
    return word() + "-" + number;
  }
}
