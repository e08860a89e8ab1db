package stampede.rig.check;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The verdict on a run.
 *
 * @param violations the first of each rule, in the order found
 * @param violated how often each rule was violated, those not kept included
 * @param checked how much of what was looked at
 */
public record Report(
    List<Violation> violations, Map<String, Long> violated, Map<String, Long> checked) {
  public Report {
    violations = List.copyOf(violations);
    violated = Collections.unmodifiableMap(new TreeMap<>(violated));
    checked = Collections.unmodifiableMap(new LinkedHashMap<>(checked));
  }

  public boolean isClean() {
    return violated.isEmpty();
  }

  /** For people: what was checked, then what does not hold. */
  public String toText() {
    StringBuilder out = new StringBuilder("checked:");
    checked.forEach((what, many) -> out.append("\n  ").append(what).append(' ').append(many));
    if (isClean()) {
      return out.append("\nclean\n").toString();
    }
    out.append("\nVIOLATED:");
    violated.forEach((rule, many) -> out.append(' ').append(rule).append(" ×").append(many));
    for (Violation violation : violations) {
      out.append("\n  ").append(violation);
    }
    return out.append('\n').toString();
  }
}
