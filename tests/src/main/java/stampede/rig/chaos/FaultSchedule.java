package stampede.rig.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Draws faults from a seed. Every run begins with the same hand, what a shop must survive above
 * all; the seed says in which order. Then kinds come from a shuffled deck, those of no hand first,
 * so that a short run sees most of them and a long one each of them equally often. Pure.
 */
final class FaultSchedule {
  private static final long FIRST_MS = 1_000;
  private static final long GAP_MS_MIN = 1_500;
  private static final int BESIDE_ROLL = 3;

  /** Kinds that no run goes without, where they can be done. */
  private static final Set<FaultKind> HAND =
      EnumSet.of(
          FaultKind.KILL_SALE,
          FaultKind.KILL_REDIS,
          FaultKind.KILL_MYSQL,
          FaultKind.KILL_EDGE,
          FaultKind.KILL_PERSIST,
          FaultKind.FREEZE_SALE,
          FaultKind.FREEZE_REDIS,
          FaultKind.ISOLATE_SALE,
          FaultKind.MUTE_SALE,
          FaultKind.DEAFEN_SALE,
          FaultKind.PART_EDGE,
          FaultKind.ROLL_SALES,
          FaultKind.SCALE_SALES);

  private FaultSchedule() {}

  /**
   * @param lengthMs last start of a fault, unless the hand takes longer
   * @param gapMs between two starts, on average
   * @param freezeMsMax at most 20,000
   * @param kinds that can be done here
   */
  static List<PlannedFault> draw(
      long seed, long lengthMs, long gapMs, long freezeMsMax, List<FaultKind> kinds) {
    SplittableRandom random = new SplittableRandom(seed);
    List<PlannedFault> faults = new ArrayList<>();
    List<FaultKind> hand = kinds.stream().filter(HAND::contains).toList();
    List<FaultKind> deck = shuffled(kinds.stream().filter(k -> !HAND.contains(k)).toList(), random);
    deck.addAll(dealt(hand, random));
    int inHand = hand.size();
    for (long atMs = FIRST_MS; atMs < lengthMs || inHand > 0; atMs += gap(random, gapMs)) {
      if (deck.isEmpty()) {
        deck.addAll(shuffled(kinds, random));
      }
      FaultKind kind = deck.remove(deck.size() - 1);
      inHand--;
      long durationMs = durationMs(kind, random, freezeMsMax);
      faults.add(
          new PlannedFault(kind, atMs, durationMs, random.nextDouble(), random.nextDouble()));
    }
    return faults;
  }

  /** The hand, to be taken from its end: meanwhile the sale nodes roll, others are hit. */
  private static List<FaultKind> dealt(List<FaultKind> hand, SplittableRandom random) {
    List<FaultKind> dealt = shuffled(hand, random);
    if (dealt.remove(FaultKind.ROLL_SALES)) {
      List<FaultKind> beside =
          dealt.stream()
              .filter(kind -> kind.target != FaultKind.Target.SALE)
              .limit(BESIDE_ROLL)
              .toList();
      dealt.removeAll(beside);
      dealt.add(0, FaultKind.ROLL_SALES);
      dealt.addAll(0, beside);
    }
    return dealt;
  }

  /** To be taken from its end. */
  private static List<FaultKind> shuffled(List<FaultKind> kinds, SplittableRandom random) {
    List<FaultKind> deck = new ArrayList<>(kinds);
    Collections.shuffle(deck, new Random(random.nextLong()));
    if (deck.remove(FaultKind.ROLL_SALES)) {
      deck.add(0, FaultKind.ROLL_SALES); // the last one: meanwhile no sale node is left to hit
    }
    return deck;
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
