package stampede.standalone.crowd;

import java.util.SplittableRandom;

/**
 * What kind of shopper somebody is.
 *
 * @param firstShakeMs when the first shake is meant, milliseconds after the opening; negative for
 *     an early tap
 * @param doubleClicks sends the same frame twice at once
 * @param repeatsKey sends the key again after it was accepted
 * @param greedy wants a second order after the first, under a new key
 * @param reconnects closes the socket after a shake, opens another and asks
 * @param vanishes drops the connection right after the shake and comes back when the sale is over
 * @param retries how often somebody told sold_out tries again
 * @param retriesWithSameKey whether with the refused key or with a new one
 */
record Behaviour(
    long firstShakeMs,
    boolean doubleClicks,
    boolean repeatsKey,
    boolean greedy,
    boolean reconnects,
    boolean vanishes,
    int retries,
    boolean retriesWithSameKey) {
  private static final long EARLY_MAX_MS = 2_000;
  private static final long EAGER_MAX_MS = 1_000;

  static Behaviour draw(SplittableRandom random, int seconds) {
    return new Behaviour(
        firstShakeMs(random, seconds),
        oneIn(random, 5),
        oneIn(random, 10),
        oneIn(random, 10),
        oneIn(random, 12),
        oneIn(random, 20),
        random.nextInt(4),
        random.nextBoolean());
  }

  /**
   * One in ten taps early, most come in the first second, the first tenths above all, the rest
   * while the sale lasts.
   */
  private static long firstShakeMs(SplittableRandom random, int seconds) {
    int kind = random.nextInt(10);
    double part = random.nextDouble();
    if (kind == 0) {
      return -1 - (long) (part * EARLY_MAX_MS);
    }
    return (long) (kind < 8 ? part * part * EAGER_MAX_MS : part * seconds * 800);
  }

  private static boolean oneIn(SplittableRandom random, int n) {
    return random.nextInt(n) == 0;
  }
}
