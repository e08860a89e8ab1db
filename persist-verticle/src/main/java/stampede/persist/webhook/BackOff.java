package stampede.persist.webhook;

/** Pauses that double up to a bound, each shortened by chance to at least its half. Pure. */
final class BackOff {
  static final long MS_MIN = 1_000;

  private BackOff() {}

  /**
   * After that many attempts that failed.
   *
   * @param luck 0…1
   */
  static long afterMs(int attempts, long msMax, double luck) {
    int doublings = Math.min(30, Math.max(0, attempts - 1));
    return jittered(Math.min(msMax, MS_MIN << doublings), luck);
  }

  static long jittered(long ms, double luck) {
    return ms - (long) (ms / 2.0 * luck);
  }
}
