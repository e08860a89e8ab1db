package stampede.rig.chaos;

import java.nio.file.Path;
import stampede.rig.StampedeProcess;

/**
 * A run.
 *
 * @param seconds from the first shake to the last fault's start
 * @param rate shakes a second
 * @param seats users at a time
 * @param gapMs between two faults' starts, on average
 * @param freezeMsMax of an owner, an edge, a drainer; at most 20,000
 * @param namespaces whether to cut nodes off each other, where root allows it
 * @param relays whether nodes reach the stores through something that can be cut
 * @param payWithinSeconds of items with stock for the whole run
 * @param directory new: of the run's history, dump and logs
 */
public record ChaosPlan(
    long seed,
    int seconds,
    int rate,
    int seats,
    int edges,
    int sales,
    int persists,
    long gapMs,
    long freezeMsMax,
    boolean namespaces,
    boolean relays,
    int limitPerUser,
    int payWithinSeconds,
    Path directory) {

  public ChaosPlan {
    require("seconds", seconds, 1, 36_000);
    require("rate", rate, 1, 10_000);
    require("seats", seats, 1, 5_000);
    require("freezeMsMax", freezeMsMax, 1_001, 20_000);
  }

  /** About two and a half minutes in all; the hand of {@link FaultSchedule} and a few more. */
  public static ChaosPlan brief(long seed) {
    return new ChaosPlan(
        seed, 55, 250, 200, 2, 3, 2, 4_000, 8_000, true, true, 4, 3, directory("seed-" + seed));
  }

  /** As long as wanted. */
  public static ChaosPlan lasting(long seed, int minutes) {
    return new ChaosPlan(
        seed,
        minutes * 60,
        300,
        300,
        2,
        3,
        2,
        6_000,
        20_000,
        true,
        true,
        4,
        3,
        directory("seed-" + seed));
  }

  /** Nothing in the way, and orders that stay. */
  static ChaosPlan figures(int rate) {
    return new ChaosPlan(
        1, 3_600, rate, 200, 1, 3, 1, 1, 20_000, false, false, 1_000, 3, directory("figures"));
  }

  private static Path directory(String name) {
    return StampedeProcess.root().resolve("tests/target/chaos").resolve(name);
  }

  private static void require(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(field + " must be " + min + " to " + max + ": " + value);
    }
  }
}
