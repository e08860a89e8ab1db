package stampede.sale;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import stampede.protocol.Bytes;

/**
 * Who should own a partition, by rendezvous hashing over the live sale nodes: every node computes
 * the same line, and a node that comes or goes moves only its own partitions.
 */
public final class MemberLine implements Candidates {
  private final String self;
  private final Supplier<List<String>> members;

  /**
   * @param members names of the live sale nodes as this node sees them now
   */
  public MemberLine(String self, Supplier<List<String>> members) {
    this.self = self;
    this.members = members;
  }

  @Override
  public int rank(int partition) {
    long mine = weight(self, partition);
    int before = 0;
    boolean member = false;
    for (String other : members.get()) {
      if (other.equals(self)) {
        member = true;
      } else {
        long theirs = weight(other, partition);
        int order = Long.compareUnsigned(theirs, mine);
        if (order > 0 || order == 0 && other.compareTo(self) < 0) {
          before++;
        }
      }
    }
    return member ? before : -1;
  }

  private static long weight(String node, int partition) {
    byte[] name = node.getBytes(StandardCharsets.UTF_8);
    return Bytes.mix64(Bytes.hash64(name, 0, name.length) + partition * 0x9E3779B97F4A7C15L);
  }
}
