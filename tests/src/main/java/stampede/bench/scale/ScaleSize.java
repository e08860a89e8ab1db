package stampede.bench.scale;

import java.util.List;

/**
 * How far the curves go and how long they take.
 *
 * @param jvm arguments of the processes that are started
 * @param sockets points, as are {@code items}, {@code users}, {@code stock} and {@code nodes}
 * @param connections where their number is not the point
 * @param shakesMin of an owner a sample
 * @param rounds a point and way
 * @param warmMs of a server before its first point
 * @param restMs at most, until a shop with more items has looked at them
 * @param nodesItems on sale in the cluster
 * @param nodesWarmMs after its sale nodes have come or gone
 */
public record ScaleSize(
    List<String> jvm,
    long[] sockets,
    long[] items,
    long[] users,
    long[] stock,
    long[] nodes,
    int connections,
    int shakesMin,
    int rounds,
    int roundMs,
    int warmMs,
    int restMs,
    int nodesItems,
    int nodesWarmMs,
    int nodesMs) {
  public static final ScaleSize FULL =
      new ScaleSize(
          List.of(),
          new long[] {1_000, 3_000, 6_000, 12_000, 18_000},
          new long[] {1, 100, 1_000, 10_000, 100_000},
          new long[] {1_000, 10_000, 100_000, 1_000_000, 10_000_000},
          new long[] {100, 1_000, 10_000, 100_000, 1_000_000},
          new long[] {1, 2, 3},
          1_000,
          1_000_000,
          2,
          1_000,
          4_000,
          30_000,
          64,
          5_000,
          2_500);
  public static final ScaleSize TINY =
      new ScaleSize(
          List.of("-XX:TieredStopAtLevel=1"),
          new long[] {20, 60},
          new long[] {1, 30},
          new long[] {1_000, 3_000},
          new long[] {100, 1_000},
          new long[] {1},
          20,
          3_000,
          1,
          100,
          100,
          2_000,
          8,
          100,
          300);
}
