package stampede.persist.webhook;

/**
 * How many requests may be under way: all of them while the endpoint answers; once {@value
 * #FAILURES_MAX} failed in a row, one at a time, with a pause that doubles. So an endpoint that is
 * down is asked now and then, whoever's turn it is, and soon hears the rest when it is back. Pure.
 */
final class EndpointGate {
  static final int FAILURES_MAX = 8;
  static final long PAUSE_MS_MIN = 500;

  private final int inFlightMax;
  private final long pauseMsMax;
  private int failures;
  private long nextAtMs;
  private long failingSinceMs;

  EndpointGate(int inFlightMax, long pauseMsMax) {
    this.inFlightMax = inFlightMax;
    this.pauseMsMax = pauseMsMax;
  }

  int allowed(long nowMs) {
    return isOpen() ? inFlightMax : nowMs >= nextAtMs ? 1 : 0;
  }

  boolean isOpen() {
    return failures < FAILURES_MAX;
  }

  /** Whether this opens it. */
  boolean succeeded() {
    boolean opens = !isOpen();
    failures = 0;
    return opens;
  }

  /**
   * @param askedMs what the endpoint asked for
   * @param luck 0…1: of how much the pause is shortened, so that many nodes don't come at once
   */
  void failed(long nowMs, long askedMs, double luck) {
    if (failures++ == 0) {
      failingSinceMs = nowMs;
    }
    int doublings = Math.min(20, Math.max(0, failures - FAILURES_MAX));
    long pauseMs = BackOff.jittered(Math.min(pauseMsMax, PAUSE_MS_MIN << doublings), luck);
    nextAtMs = nowMs + Math.max(pauseMs, askedMs);
  }

  /** How long nothing has succeeded, while it is shut. */
  long shutForMs(long nowMs) {
    return isOpen() ? 0 : nowMs - failingSinceMs;
  }
}
