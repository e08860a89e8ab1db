package stampede.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Who should have a partition, by rendezvous hashing over names: every node computes the same line
 * from the same names, and a node that comes or goes moves only its own partitions.
 */
public final class Rendezvous {
  private Rendezvous() {}

  /**
   * The place of {@code self} in the line for {@code partition}: 0 = first; -1 if it is not among
   * {@code members}.
   */
  public static int rank(String self, Collection<String> members, int partition) {
    if (!members.contains(self)) {
      return -1;
    }
    long mine = weight(self, partition);
    int before = 0;
    for (String other : members) {
      int order = Long.compareUnsigned(weight(other, partition), mine);
      if (order > 0 || order == 0 && other.compareTo(self) < 0) {
        before++;
      }
    }
    return before;
  }

  /** All of {@code members} in the order of their rank. */
  public static List<String> line(Collection<String> members, int partition) {
    List<String> line = new ArrayList<>(members);
    line.sort(
        (a, b) -> {
          int order = Long.compareUnsigned(weight(b, partition), weight(a, partition));
          return order != 0 ? order : a.compareTo(b);
        });
    return line;
  }

  private static long weight(String node, int partition) {
    byte[] name = node.getBytes(StandardCharsets.UTF_8);
    return Bytes.mix64(Bytes.hash64(name, 0, name.length) + partition * 0x9E3779B97F4A7C15L);
  }
}
