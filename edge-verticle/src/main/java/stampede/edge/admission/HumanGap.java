package stampede.edge.admission;

import stampede.protocol.Bytes;
import stampede.protocol.EdgeLimit;
import stampede.protocol.Hint;

/**
 * Tells machines by meeting the very moment of several openings. One is nothing: people count down
 * and hit it, and most of what comes in the first hundredths was tapped before. A shake that was
 * told {@code not_open} and comes again with its key is no sign at all: its person tapped early,
 * and the client sends it at the opening as it should. What is counted is a key never seen before,
 * once an item.
 */
final class HumanGap {
  static final long FORGOTTEN_AFTER_MS = 600_000;

  private static final int COUNT_BITS = 8;
  private static final int COUNT_MASK = (1 << COUNT_BITS) - 1;

  private final LiveLimits limits;
  private final BriefMemory early;
  private final BriefMemory met;
  private final BriefMemory meetings;

  HumanGap(LiveLimits limits, int usersMax) {
    this.limits = limits;
    this.early = new BriefMemory(usersMax);
    this.met = new BriefMemory(usersMax);
    this.meetings = new BriefMemory(usersMax);
  }

  /** Somebody with this key has waited for the opening. */
  void toldNotOpen(Bytes user, long item, Bytes key, long nowMs) {
    if (limits.of(EdgeLimit.HUMAN_GAP_MS) > 0) {
      early.put(Attempt.pair(user, item) ^ key.hash64(), nowMs);
    }
  }

  boolean suspects(Attempt attempt) {
    long gapMs = limits.of(EdgeLimit.HUMAN_GAP_MS);
    if (gapMs == 0) {
      return false;
    }
    int count = count(attempt);
    if (meetsAnOpening(attempt, gapMs)) {
      count = Math.min(count + 1, COUNT_MASK);
      met.put(attempt.userAndItem(), attempt.nowMs());
      long seen = (attempt.nowMs() << COUNT_BITS) | count;
      meetings.put(attempt.user().hash64(), seen);
    }
    return count >= limits.of(EdgeLimit.HUMAN_GAP_ITEMS);
  }

  private boolean meetsAnOpening(Attempt attempt, long gapMs) {
    Hint.Item hint = attempt.hint();
    if (hint == null || attempt.ownerNowMs() == 0) {
      return false;
    }
    long afterMs = attempt.ownerNowMs() - hint.opensAt();
    return afterMs >= 0
        && afterMs < gapMs
        && met.get(attempt.userAndItem()) == BriefMemory.UNKNOWN
        && early.get(attempt.userAndItem() ^ attempt.key().hash64()) == BriefMemory.UNKNOWN;
  }

  private int count(Attempt attempt) {
    long known = meetings.get(attempt.user().hash64());
    boolean fresh =
        known != BriefMemory.UNKNOWN
            && attempt.nowMs() - (known >> COUNT_BITS) < FORGOTTEN_AFTER_MS;
    return fresh ? (int) known & COUNT_MASK : 0;
  }
}
