package stampede.sale;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long each step of becoming the owner took: from asking the one before, or from acquiring
 * where there is none to ask, to serving. Nobody decides for the partition meanwhile.
 */
public record TakeOver(List<Step> steps) {
  /**
   * @param name a status, see {@link PartitionOwner#statuses}
   */
  public record Step(String name, long nanos) {}

  public TakeOver {
    steps = List.copyOf(steps);
  }

  public long nanos() {
    return steps.stream().mapToLong(Step::nanos).sum();
  }

  /** {@code "asking 4.1, acquiring 2.0, replaying 0.3, opening 2.2 ms"}. */
  public String text() {
    List<String> told = new ArrayList<>(steps.size());
    for (Step step : steps) {
      told.add(String.format(Locale.ROOT, "%s %.1f", step.name, step.nanos / 1e6));
    }
    return String.join(", ", told) + " ms";
  }
}
