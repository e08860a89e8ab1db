package stampede.standalone.cluster;

import java.util.ArrayList;
import java.util.List;

/** Options of the JVM a node runs in. */
final class NodeJvm {
  /** With more, compilers find a core that no event loop needs. */
  private static final int CORES_FEW = 4;

  /**
   * From the start as large as a small shop needs: while a heap and the room for classes grow, each
   * step is a full collection, and partitions are on the move just then. Touched before it is used:
   * else the first collections of a sale wait for the kernel page by page.
   */
  private static final List<String> HEAP =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms192m",
          "-Xmx512m",
          "-XX:+AlwaysPreTouch",
          "-XX:MetaspaceSize=96m",
          "-XX:+ExitOnOutOfMemoryError");

  /**
   * Compilers take what is left over. When a sale opens, those of all nodes have the most to do:
   * for two seconds more than two cores have, if they are the event loops' equals. Without a right
   * to raise priorities the JVM warns that it cannot, but these are lowered.
   */
  private static final List<String> COMPILERS_LAST =
      List.of(
          "-XX:+IgnoreUnrecognizedVMOptions",
          "-XX:-PrintWarnings",
          "-XX:ThreadPriorityPolicy=1",
          "-XX:CompilerThreadPriority=10");

  /**
   * Of a sale or persist node the second compiler saves less than it takes from the others, and
   * what it has compiled for a rehearsal it has to compile again in the first second of a sale.
   */
  private static final List<String> FIRST_COMPILER_ONLY = List.of("-XX:TieredStopAtLevel=1");

  private NodeJvm() {}

  /**
   * @param cores that all nodes share with the stores
   */
  static List<String> options(NodeRole role, int cores) {
    List<String> options = new ArrayList<>(HEAP);
    if (cores <= CORES_FEW) {
      options.addAll(COMPILERS_LAST);
      options.addAll(role == NodeRole.EDGE ? List.of() : FIRST_COMPILER_ONLY);
    }
    return options;
  }
}
