package stampede.edge.admission;

import stampede.protocol.EdgeLimit;
import stampede.protocol.InvalidField;

/**
 * What an edge starts with, the keys under {@code limits} of {@code conf/edge.conf}: one for each
 * {@link EdgeLimit}, which says what it means. Operators change all of them while it runs.
 */
public record AdmissionLimits(
    int userShakesPerMinute,
    int userBurst,
    int addressShakesPerSecond,
    int addressBurst,
    int nodeShakesPerSecond,
    int nodeBurst,
    int addressUsers,
    int humanGapMs,
    int humanGapItems,
    int sharedKeyChars,
    int slowLaneDelayMs,
    int slowLaneMax,
    int itemQueueMax,
    int itemInFlightMax,
    int blockedForMs,
    int addressDevicesPerMinute,
    int addressDevicesBurst) {

  public AdmissionLimits {
    long[] values = {
      userShakesPerMinute,
      userBurst,
      addressShakesPerSecond,
      addressBurst,
      nodeShakesPerSecond,
      nodeBurst,
      addressUsers,
      humanGapMs,
      humanGapItems,
      sharedKeyChars,
      slowLaneDelayMs,
      slowLaneMax,
      itemQueueMax,
      itemInFlightMax,
      blockedForMs,
      addressDevicesPerMinute,
      addressDevicesBurst
    };
    for (EdgeLimit limit : EdgeLimit.values()) {
      long value = values[limit.ordinal()];
      if (!limit.allows(value)) {
        throw new InvalidField(
            limit.text(), "must be " + limit.min() + " to " + limit.max() + ", is " + value);
      }
    }
  }

  long of(EdgeLimit limit) {
    return switch (limit) {
      case USER_SHAKES_PER_MINUTE -> userShakesPerMinute;
      case USER_BURST -> userBurst;
      case ADDRESS_SHAKES_PER_SECOND -> addressShakesPerSecond;
      case ADDRESS_BURST -> addressBurst;
      case NODE_SHAKES_PER_SECOND -> nodeShakesPerSecond;
      case NODE_BURST -> nodeBurst;
      case ADDRESS_USERS -> addressUsers;
      case HUMAN_GAP_MS -> humanGapMs;
      case HUMAN_GAP_ITEMS -> humanGapItems;
      case SHARED_KEY_CHARS -> sharedKeyChars;
      case SLOW_LANE_DELAY_MS -> slowLaneDelayMs;
      case SLOW_LANE_MAX -> slowLaneMax;
      case ITEM_QUEUE_MAX -> itemQueueMax;
      case ITEM_IN_FLIGHT_MAX -> itemInFlightMax;
      case BLOCKED_FOR_MS -> blockedForMs;
      case ADDRESS_DEVICES_PER_MINUTE -> addressDevicesPerMinute;
      case ADDRESS_DEVICES_BURST -> addressDevicesBurst;
    };
  }
}
