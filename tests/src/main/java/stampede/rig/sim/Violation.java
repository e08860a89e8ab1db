package stampede.rig.sim;

/** Something is not as it must be. The message begins with the invariant's name. */
public final class Violation extends RuntimeException {
  public Violation(String message) {
    super(message);
  }
}
