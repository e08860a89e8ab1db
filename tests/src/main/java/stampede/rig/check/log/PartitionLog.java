package stampede.rig.check.log;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What could be read of one partition's log.
 *
 * @param cutAway position of the last event that was cut away; 0 = none was
 * @param events in the order of the stream; positions as the entries claim them
 * @param endings where entries end, by the position of their last event
 */
public record PartitionLog(
    int partition, long cutAway, List<LogEvent> events, Map<Long, Ending> endings) {

  /** The entry that ends at a position. */
  public record Ending(long first, String batch) {}

  /** Position of the last event; 0 = the log is empty. */
  public long end() {
    return events.isEmpty() ? 0 : events.get(events.size() - 1).position();
  }

  /** Null if no entry ends there. */
  public @Nullable Ending endingAt(long position) {
    return endings.get(position);
  }
}
