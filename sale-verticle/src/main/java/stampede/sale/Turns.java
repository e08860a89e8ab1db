package stampede.sale;

/**
 * How many partitions of a node may be taken over from live owners at the same time: a node that
 * joins would otherwise read all its logs at once, on the loop that serves what it has already.
 */
public final class Turns {
  public static final int MAX_DEFAULT = 2;

  private final int max;
  private int taken;

  public Turns(int max) {
    this.max = max;
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
