package stampede.persist.reconcile;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What differs, by subject ("order 17", "stock of item 1001"), in words. A subject must be seen
 * differing twice before anybody is told.
 */
final class Differences {
  static final int SUBJECTS_MAX = 1_000;

  private final Map<String, String> suspects = new TreeMap<>();
  private final Map<String, String> standing = new TreeMap<>();
  private final List<String> fresh = new ArrayList<>();

  /** {@code subject} differs in this look at it. */
  void differs(String subject, String words) {
    if (standing.containsKey(subject)) {
      standing.put(subject, words);
    } else if (suspects.remove(subject) != null) {
      if (standing.size() < SUBJECTS_MAX) {
        standing.put(subject, words);
      }
      fresh.add(subject + ": " + words);
    } else if (suspects.size() < SUBJECTS_MAX) {
      suspects.put(subject, words);
    }
  }

  /** {@code subject} is as it should be in this look at it. */
  void agrees(String subject) {
    if (!suspects.isEmpty()) {
      suspects.remove(subject);
    }
    if (!standing.isEmpty()) {
      standing.remove(subject);
    }
  }

  /** Nothing differs, nothing is suspected. */
  boolean isEmpty() {
    return suspects.isEmpty() && standing.isEmpty();
  }

  /** Seen once. */
  Collection<String> suspects() {
    return suspects.keySet();
  }

  /** Those seen a second time since this was last asked. */
  List<String> takeFresh() {
    List<String> taken = List.copyOf(fresh);
    fresh.clear();
    return taken;
  }

  /** Subjects that differ still, as far as they were looked at. */
  int standing() {
    return standing.size();
  }

  /** Their names, at most {@code max}. */
  List<String> subjects(int max) {
    return standing.keySet().stream().limit(max).toList();
  }

  /** Nobody is sure of anything any more. */
  void clear() {
    suspects.clear();
    standing.clear();
    fresh.clear();
  }
}
