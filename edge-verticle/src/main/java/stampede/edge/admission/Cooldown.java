package stampede.edge.admission;

import stampede.protocol.Bytes;

/**
 * Until when a user's next shake of an item is held back: from when one was passed on, for as long
 * as the item says at that moment. The limit that counts is the owner's.
 */
final class Cooldown implements Rule {
  private final BriefMemory untilMs;

  /**
   * @param entriesMax users and items remembered
   */
  Cooldown(int entriesMax) {
    untilMs = new BriefMemory(entriesMax);
  }

  @Override
  public long waitMs(Attempt attempt) {
    boolean none = attempt.hint() == null || attempt.hint().cooldownMs() == 0;
    long until = none ? BriefMemory.UNKNOWN : untilMs.get(attempt.userAndItem());
    if (until <= attempt.nowMs()) {
      return GO_ON;
    }
    // an operator may have shortened it since
    return Math.min(until - attempt.nowMs(), attempt.hint().cooldownMs());
  }

  void passed(Attempt attempt) {
    if (attempt.hint() != null && attempt.hint().cooldownMs() > 0) {
      untilMs.put(attempt.userAndItem(), attempt.nowMs() + attempt.hint().cooldownMs());
    }
  }

  /** The shake that started it was not passed on after all. */
  void forget(Bytes user, long item) {
    untilMs.remove(Attempt.pair(user, item));
  }

  int size() {
    return untilMs.size();
  }
}
