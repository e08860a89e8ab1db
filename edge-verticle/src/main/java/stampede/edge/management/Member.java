package stampede.edge.management;

/**
 * A node of the cluster.
 *
 * @param kind {@code edge}, {@code sale} or {@code persist}
 * @param pid its process, 0 = not known here
 */
public record Member(String name, String kind, long pid, String address) {}
