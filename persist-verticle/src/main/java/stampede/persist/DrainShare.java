package stampede.persist;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import stampede.protocol.Rendezvous;

/**
 * Which partitions this node drains: those for which it is the first of the live persist nodes by
 * rendezvous hashing, and those whose better-placed nodes have all been quiet, {@value #QUIET_MS}
 * ms for each of them. A node is quiet if it says nothing, or only that it can't reach its stores.
 *
 * <p>A rule for not doing work twice, nothing more: two nodes that drain one partition are safe.
 */
final class DrainShare {
  static final long QUIET_MS = 3_000;

  private final String node;
  private final Supplier<List<String>> members;
  private final long[] heardAtMs;

  /**
   * @param members names of the live persist nodes, this one among them
   * @param nowMs by the same clock as later; others are taken to have been heard now
   */
  DrainShare(String node, Supplier<List<String>> members, int partitions, long nowMs) {
    this.node = node;
    this.members = members;
    this.heardAtMs = new long[partitions];
    Arrays.fill(heardAtMs, nowMs);
  }

  /** {@code from} drains {@code partition}, or would if an operator let it. */
  void heard(int partition, String from, long nowMs) {
    if (from.equals(node)) {
      return; // says nothing new, and to ask who is a member takes time
    }
    List<String> line = members.get();
    int place = Rendezvous.rank(from, line, partition);
    if (place >= 0 && place < Rendezvous.rank(node, line, partition)) {
      heardAtMs[partition] = nowMs;
    }
  }

  /** A node that is no member, as far as it sees, drains: somebody must. */
  boolean isMine(int partition, long nowMs) {
    int place = Rendezvous.rank(node, members.get(), partition);
    return place <= 0 || nowMs - heardAtMs[partition] >= place * QUIET_MS;
  }
}
