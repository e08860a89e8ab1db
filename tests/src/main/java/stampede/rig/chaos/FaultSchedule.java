package stampede.rig.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Draws faults from a seed: kinds come from a shuffled deck, so that a short run sees most of them
 * and a long one each of them equally often. Pure.
 */
final class FaultSchedule {
  private static final long FIRST_MS = 1_000;
  private static final long GAP_MS_MIN = 1_500;

  private FaultSchedule() {}

  /**
   * @param lengthMs last start of a fault
   * @param gapMs between two starts, on average
   * @param freezeMsMax at most 20,000
   * @param kinds that can be done here
   */
  static List<PlannedFault> draw(
      long seed, long lengthMs, long gapMs, long freezeMsMax, List<FaultKind> kinds) {
    SplittableRandom random = new SplittableRandom(seed);
    List<PlannedFault> faults = new ArrayList<>();
    List<FaultKind> deck = new ArrayList<>();
    for (long atMs = FIRST_MS; atMs < lengthMs; atMs += gap(random, gapMs)) {
      if (deck.isEmpty()) {
        deck.addAll(kinds);
        Collections.shuffle(deck, new Random(random.nextLong()));
        if (deck.remove(FaultKind.ROLL_SALES)) {
          deck.add(0, FaultKind.ROLL_SALES); // the last one: meanwhile no sale node is left to hit
        }
      }
      FaultKind kind = deck.remove(deck.size() - 1);
      long durationMs = durationMs(kind, random, freezeMsMax);
      faults.add(
          new PlannedFault(kind, atMs, durationMs, random.nextDouble(), random.nextDouble()));
    }
    return faults;
  }

  private static long gap(SplittableRandom random, long gapMs) {
    long spread = Math.max(1, 2 * (gapMs - GAP_MS_MIN));
    return GAP_MS_MIN + random.nextLong(spread);
  }

  private static long durationMs(FaultKind kind, SplittableRandom random, long freezeMsMax) {
    return switch (kind.deed) {
      case KILL -> 500 + random.nextLong(4_500);
      // stores are never away for longer than half of what owners and drains must bear
      case FREEZE -> 1_000 + random.nextLong(kind.target.isStore() ? 7_000 : freezeMsMax - 1_000);
      case ISOLATE, MUTE, DEAFEN, PART -> 1_000 + random.nextLong(11_000);
      case CUT_STORE, SLOW_STORE -> 1_000 + random.nextLong(7_000);
      case SCALE -> 8_000 + random.nextLong(8_000);
      case ROLL -> 0;
    };
  }
}
