package stampede.sale;

/**
 * A node's partitions on the move. Only so many may be taken over from live owners at the same
 * time: a node that joins would otherwise read all its logs at once, on the loop that serves what
 * it has already. Of those only one at a time is between its two owners. So who leaves with many
 * partitions is asked for them one after the other.
 */
public final class Turns {
  public static final int MAX_DEFAULT = 2;

  private final int max;
  private int taken;
  private int crossing;
  private long lastGivenOverMs = Long.MIN_VALUE / 2;

  public Turns(int max) {
    this.max = max;
  }

  /** One of this node's partitions was given over to a node that asked for it. */
  void gaveOver(long nowMs) {
    lastGivenOverMs = nowMs;
  }

  long lastGivenOverMs() {
    return lastGivenOverMs;
  }

  /** One of this node's partitions leaves its owner to come here; {@link #arrived} must follow. */
  void crosses() {
    crossing++;
  }

  /** It is served here, or it never came. */
  void arrived() {
    if (crossing == 0) {
      throw new AssertionError("a partition arrived that was not on its way");
    }
    crossing--;
  }

  /** People wait for a partition: what is read for others can wait too. */
  boolean isCrossing() {
    return crossing > 0;
  }

  /** False when all are taken; else {@link #give} must follow. */
  boolean take() {
    if (taken >= max) {
      return false;
    }
    taken++;
    return true;
  }

  void give() {
    if (taken == 0) {
      throw new AssertionError("a turn given back that nobody took");
    }
    taken--;
  }
}
