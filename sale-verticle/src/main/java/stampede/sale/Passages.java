package stampede.sale;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import stampede.protocol.Passage;

/**
 * Which messages of edges were taken here, so that none is taken twice, and none at all that its
 * edge no longer waits for.
 *
 * <pre>
 *   edge:  1 sent … no answer in time … the same commands again as 2, floor 2 … answered, told
 *   here:                                     2 comes: taken                1 comes: too late
 * </pre>
 *
 * <p>A copy can only come to the address it was sent to, which is of this start of this node: what
 * is remembered here is all there is to know. What another owner was sent is of another epoch.
 * Single-threaded.
 */
final class Passages {
  /** Starts of edges remembered: those heard last. */
  static final int EDGES_MAX = 256;

  /** Numbers remembered of one edge above its floor; more raise the floor. */
  static final int TAKEN_MAX = 4_096;

  private final Map<Long, Edge> edges =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Edge> eldest) {
          return size() > EDGES_MAX;
        }
      };

  /** Of its messages none below the floor is taken, nor those in {@code taken} again. */
  private static final class Edge {
    private final TreeSet<Long> taken = new TreeSet<>();
    private long floor;

    private boolean take(Passage passage) {
      if (passage.floor() > floor) {
        floor = passage.floor();
        taken.headSet(floor).clear();
      }
      boolean first = passage.number() >= floor && taken.add(passage.number());
      if (taken.size() > TAKEN_MAX) {
        floor = taken.pollFirst() + 1;
      }
      return first;
    }
  }

  /** False: nobody waits for it any more, or it has been here before. */
  boolean take(Passage passage) {
    return passage.edge() == 0
        || edges.computeIfAbsent(passage.edge(), edge -> new Edge()).take(passage);
  }
}
