package stampede.standalone.crowd;

import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where a crowd is.
 *
 * @param secondsSinceOpening negative before the opening
 * @param sockets open now
 * @param shakes sent so far
 * @param shakesPerSecond sent in the last second
 * @param outcomes outcome frames received so far, by outcome
 */
public record Progress(
    long secondsSinceOpening,
    long sockets,
    long shakes,
    long shakesPerSecond,
    Map<String, Long> outcomes) {
  /** One line for a terminal. */
  public String line() {
    String told =
        outcomes.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "));
    return String.format(
        "%+4d s  sockets %d  shakes %d (%d/s)  %s",
        secondsSinceOpening, sockets, shakes, shakesPerSecond, told.isEmpty() ? "-" : told);
  }
}
