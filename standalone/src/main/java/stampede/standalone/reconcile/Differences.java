package stampede.standalone.reconcile;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What two sides of the books disagree on: the first ones in words, all of them counted. */
final class Differences {
  /** Told in words, for one partition; the others are counted. */
  static final int WORDED_MAX = 100;

  private final Consumer<String> out;
  private final Map<String, Long> counts = new TreeMap<>();
  private long total;

  /**
   * @param out takes a line for each of the first {@value #WORDED_MAX}
   */
  Differences(Consumer<String> out) {
    this.out = out;
  }

  /**
   * @param kind what it is about, one word: journal, order, stock …
   */
  void add(String kind, String text) {
    total++;
    counts.merge(kind, 1L, Long::sum);
    if (total <= WORDED_MAX) {
      out.accept(kind + ": " + text);
    }
  }

  long total() {
    return total;
  }

  /** Such as {@code 3 differences (order 2, stock 1)}. */
  String summary() {
    StringBuilder text = new StringBuilder().append(total);
    text.append(total == 1 ? " difference (" : " differences (");
    counts.forEach(
        (kind, count) ->
            text.append(text.charAt(text.length() - 1) == '(' ? "" : ", ")
                .append(kind)
                .append(' ')
                .append(count));
    return text.append(total > WORDED_MAX ? "; the first " + WORDED_MAX + " are above)" : ")")
        .toString();
  }
}
