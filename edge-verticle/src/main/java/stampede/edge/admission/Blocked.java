package stampede.edge.admission;

import stampede.protocol.Bytes;
import stampede.protocol.EdgeLimit;

/**
 * Repeats what an owner said of a user lately. Owners know who is blocked; this only keeps a
 * blocked crowd away from them. Who is unblocked is let in again when that is heard, or the memory
 * has faded.
 */
final class Blocked implements Rule {
  private static final int USERS_MAX = 65_536;

  private final LiveLimits limits;
  private final BriefMemory untilMs = new BriefMemory(USERS_MAX);

  Blocked(LiveLimits limits) {
    this.limits = limits;
  }

  void heard(Bytes user, long nowMs) {
    untilMs.put(user.hash64(), nowMs + limits.of(EdgeLimit.BLOCKED_FOR_MS));
  }

  void forget(Bytes user) {
    untilMs.remove(user.hash64());
  }

  @Override
  public long waitMs(Attempt attempt) {
    return untilMs.get(attempt.user().hash64()) > attempt.nowMs() ? 0 : GO_ON;
  }
}
