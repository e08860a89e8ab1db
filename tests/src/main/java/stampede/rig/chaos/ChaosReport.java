package stampede.rig.chaos;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import stampede.rig.check.Report;

/**
 * What came of a run.
 *
 * @param unanswered keys nobody could say anything of in the end
 * @param troubles what the rig could not do, or what did not come about in time
 * @param sockets lost and other counts of the crowd
 */
public record ChaosReport(
    long seed,
    List<FaultDone> faults,
    List<String> troubles,
    long shakes,
    long orders,
    List<String> unanswered,
    Map<String, Long> outcomes,
    Map<String, Long> sockets,
    Histogram latencyMicros,
    long ownedAfterMs,
    long drainedAfterMs,
    Report verdict) {

  public boolean isClean() {
    return verdict.isClean() && unanswered.isEmpty() && troubles.isEmpty();
  }

  public String toText() {
    StringBuilder out = new StringBuilder("\nseed " + seed + "\nfaults " + faults.size() + "\n");
    Map<FaultKind, List<FaultDone>> byKind = new TreeMap<>();
    faults.forEach(f -> byKind.computeIfAbsent(f.kind(), kind -> new ArrayList<>()).add(f));
    byKind.forEach((kind, each) -> out.append(line(kind, each)));
    Map<String, Object> rows = new LinkedHashMap<>();
    rows.put("shakes sent", shakes);
    rows.put("orders told", orders);
    rows.put("answers", outcomes);
    rows.put("unanswered", unanswered.size());
    rows.put("latency from intended time, ms", latencies());
    rows.put("all partitions owned after the last fault, ms", ownedAfterMs);
    rows.put("drained after the load's end, ms", drainedAfterMs);
    rows.put("crowd", sockets);
    rows.put("troubles", troubles.size());
    rows.forEach((name, value) -> out.append("%-46s %s%n".formatted(name, value)));
    troubles.forEach(trouble -> out.append("  ").append(trouble).append('\n'));
    unanswered.stream().limit(20).forEach(key -> out.append("  open: ").append(key).append('\n'));
    return out.append(verdict.toText()).toString();
  }

  private static String line(FaultKind kind, List<FaultDone> each) {
    LongSummaryStatistics gaps =
        each.stream().mapToLong(FaultDone::gapMs).filter(gap -> gap >= 0).summaryStatistics();
    String gap =
        gaps.getCount() == 0
            ? ""
            : "  sells again after %.0f ms on average, %d at most"
                .formatted(gaps.getAverage(), gaps.getMax());
    return "  %-16s %3d%s%n".formatted(kind.text(), each.size(), gap);
  }

  private String latencies() {
    return "p50 %.1f  p99 %.0f  p99.9 %.0f  max %.0f"
        .formatted(
            latencyMicros.getValueAtPercentile(50) / 1e3,
            latencyMicros.getValueAtPercentile(99) / 1e3,
            latencyMicros.getValueAtPercentile(99.9) / 1e3,
            latencyMicros.getMaxValue() / 1e3);
  }
}
