package stampede.edge.management.live;

import java.util.ArrayDeque;

/**
 * How fast the counts of one source grow: from what it said a second ago, or a little more, to what
 * it said last, over the time between. So the figure is as old as the source's last word, and does
 * not jump with how many words came within a second of the clock.
 */
final class Growth {
  /** Of more than two words within so long, the first and the last are kept. */
  private static final long APART_MS = 100;

  private final ArrayDeque<Word> words = new ArrayDeque<>();
  private long lastButOneMs;

  /** How much had come since the first word. */
  private record Word(long atMs, long[] come) {}

  Growth(long nowMs) {
    words.add(new Word(nowMs, new long[Counts.SIZE]));
  }

  void heard(long[] grown, long nowMs) {
    Word last = words.getLast();
    long[] come = last.come.clone();
    for (int i = 0; i < come.length; i++) {
      come[i] += grown[i];
    }
    if (words.size() > 1 && nowMs - lastButOneMs < APART_MS) {
      words.removeLast();
    } else {
      lastButOneMs = last.atMs;
    }
    words.addLast(new Word(nowMs, come));
    while (words.size() > 2 && second().atMs <= nowMs - LiveFigures.SECOND_MS) {
      words.removeFirst();
    }
  }

  private Word second() {
    var each = words.iterator();
    each.next();
    return each.next();
  }

  /** A source that has not spoken for a second yet counts as if it had been silent before. */
  void addPerSecond(double[] to) {
    Word from = words.getFirst();
    Word last = words.getLast();
    long spanMs = Math.max(LiveFigures.SECOND_MS, last.atMs - from.atMs);
    for (int i = 0; i < to.length; i++) {
      to[i] += (last.come[i] - from.come[i]) * (double) LiveFigures.SECOND_MS / spanMs;
    }
  }
}
