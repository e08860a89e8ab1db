package stampede.edge.admission;

import java.util.function.IntUnaryOperator;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;

/** What follows from an item's latest hint alone. Without one its owner is asked. */
final class ItemRules {
  /** Nearer to the opening than this the owner answers, by its own clock. */
  static final long EARLY_MS = 500;

  private static final int PAUSED_RETRY_MIN_MS = 1_000;
  private static final int PAUSED_RETRY_SPREAD_MS = 2_000;
  private static final int MISSED_RETRY_MIN_MS = 500;
  private static final int MISSED_RETRY_SPREAD_MS = 1_000;

  private ItemRules() {}

  /** Certainly too early, by the owner's time. */
  static long window(Attempt attempt) {
    Hint.Item hint = attempt.hint();
    if (hint == null || attempt.ownerNowMs() == 0) {
      return Rule.GO_ON;
    }
    long opensInMs = hint.opensAt() - attempt.ownerNowMs();
    return opensInMs > EARLY_MS ? opensInMs : Rule.GO_ON;
  }

  /** Only while its owner is heard: then a resumed item is known here within a hint's way. */
  static long paused(Attempt attempt, IntUnaryOperator random) {
    Hint.Item hint = attempt.hint();
    boolean paused = hint != null && hint.state() == ItemState.PAUSED && attempt.ownerNowMs() > 0;
    return paused ? PAUSED_RETRY_MIN_MS + random.applyAsInt(PAUSED_RETRY_SPREAD_MS) : Rule.GO_ON;
  }

  /** Lets the item's part of the crowd through, by chance. */
  static long gate(Attempt attempt, IntUnaryOperator random) {
    Hint.Item hint = attempt.hint();
    boolean open =
        hint == null
            || hint.gate() >= Limits.GATE_OPEN
            || random.applyAsInt(Limits.GATE_OPEN) < hint.gate();
    return open ? Rule.GO_ON : MISSED_RETRY_MIN_MS + random.applyAsInt(MISSED_RETRY_SPREAD_MS);
  }
}
