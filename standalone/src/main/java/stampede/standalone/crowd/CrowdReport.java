package stampede.standalone.crowd;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a crowd did and was told.
 *
 * @param shakes shake frames sent, repeated ones included
 * @param outcomeFrames outcome frames received, by outcome
 * @param latencyMicros from the intended time of a shake to its first outcome other than pending,
 *     microseconds
 * @param activeSeconds from the first shake sent to the last outcome received
 * @param strayFrames outcomes for keys their receiver never sent, or a welcome for somebody else
 * @param errorFrames error frames received, or frames that are not what the protocol says
 */
public record CrowdReport(
    CrowdPlan plan,
    List<UserHistory> users,
    long shakes,
    Map<String, Long> outcomeFrames,
    Histogram latencyMicros,
    double activeSeconds,
    long strayFrames,
    long errorFrames) {
  public double shakesPerSecond() {
    return activeSeconds > 0 ? shakes / activeSeconds : 0;
  }
}
