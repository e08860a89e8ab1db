package stampede.rig.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects what the rules find. Of each rule the first {@value #KEPT_MAX} violations are kept, the
 * others counted. For one thread.
 */
public final class Findings {
  static final int KEPT_MAX = 50;
  private final List<Violation> kept = new ArrayList<>();
  private final Map<String, Long> violated = new TreeMap<>();
  private final Map<String, Long> checked = new LinkedHashMap<>();

  public void add(String rule, int partition, long position, String key, String problem) {
    if (violated.merge(rule, 1L, Long::sum) <= KEPT_MAX) {
      kept.add(new Violation(rule, partition, position, key, problem));
    }
  }

  /** How much of something was looked at: a check that saw nothing has shown nothing. */
  public void checked(String what, long many) {
    checked.merge(what, many, Long::sum);
  }

  Report report() {
    return new Report(kept, violated, checked);
  }
}
