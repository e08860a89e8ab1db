package stampede.edge.admission;

import stampede.protocol.EdgeLimit;

/**
 * Tells scripts by keys that come from more than one user. Keys are made by clients, and a client
 * may count: only one so long that it is made to be unique says something.
 */
final class SharedKeys {
  static final long FORGOTTEN_AFTER_MS = 600_000;

  private static final int USER_BITS = 20;
  private static final long USER_MASK = (1 << USER_BITS) - 1;

  private final LiveLimits limits;

  /** When it was first seen, and a part of its user's hash. */
  private final BriefMemory firsts;

  SharedKeys(LiveLimits limits, int keysMax) {
    this.limits = limits;
    this.firsts = new BriefMemory(keysMax);
  }

  boolean suspects(Attempt attempt) {
    long charsMin = limits.of(EdgeLimit.SHARED_KEY_CHARS);
    if (charsMin == 0 || attempt.key().length() < charsMin) {
      return false;
    }
    long user = attempt.user().hash64() & USER_MASK;
    long first = firsts.get(attempt.key().hash64());
    boolean fresh =
        first != BriefMemory.UNKNOWN && attempt.nowMs() - (first >> USER_BITS) < FORGOTTEN_AFTER_MS;
    if (!fresh) {
      firsts.put(attempt.key().hash64(), (attempt.nowMs() << USER_BITS) | user);
    }
    return fresh && (first & USER_MASK) != user;
  }
}
