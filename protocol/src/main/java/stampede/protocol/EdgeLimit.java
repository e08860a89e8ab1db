package stampede.protocol;

import org.jspecify.annotations.Nullable;

/**
 * What every edge keeps its crowd within and operators change while a sale runs. {@code text} is
 * the key under {@code limits} in an edge's config; the code is on the wire and in the journal:
 * never reuse one. Values are whole numbers from {@code min} to {@code max}.
 */
public enum EdgeLimit {
  /** Shakes of one user that are passed on; 0 = any number. */
  USER_SHAKES_PER_MINUTE(1, "userShakesPerMinute", 0, 1_000_000),
  /** As many at once. */
  USER_BURST(2, "userBurst", 1, 1_000_000),
  /** Shakes from one address that are passed on; 0 = any number. */
  ADDRESS_SHAKES_PER_SECOND(3, "addressShakesPerSecond", 0, 1_000_000),
  ADDRESS_BURST(4, "addressBurst", 1, 1_000_000),
  /** Shakes that one edge passes on; 0 = any number. */
  NODE_SHAKES_PER_SECOND(5, "nodeShakesPerSecond", 0, 1_000_000),
  NODE_BURST(6, "nodeBurst", 1, 1_000_000),
  /** Users of one address within a minute from which on they go slowly; 0 = any number. */
  ADDRESS_USERS(7, "addressUsers", 0, 10_000),
  /** A new shake this soon after an opening was not made by hand; 0 = never asked. */
  HUMAN_GAP_MS(8, "humanGapMs", 0, 1_000),
  /** Openings one must meet that soon to be taken for a machine. */
  HUMAN_GAP_ITEMS(9, "humanGapItems", 1, 100),
  /** Keys at least this long are made once in the world, or copied; 0 = never asked. */
  SHARED_KEY_CHARS(10, "sharedKeyChars", 0, Bytes.LENGTH_MAX),
  /** How long a suspect is held back; 0 = not at all. */
  SLOW_LANE_DELAY_MS(11, "slowLaneDelayMs", 0, 1_500),
  /** Suspects held back at the same time. */
  SLOW_LANE_MAX(12, "slowLaneMax", 1, 1_000_000),
  /** Shakes of one item waiting on one edge. */
  ITEM_QUEUE_MAX(13, "itemQueueMax", 1, 1_000_000),
  /** Shakes of one item that are with its partition's queue or owner. */
  ITEM_IN_FLIGHT_MAX(14, "itemInFlightMax", 1, 1_000_000),
  /** How long an edge repeats an owner's {@code blocked}; 0 = the owner is asked every time. */
  BLOCKED_FOR_MS(15, "blockedForMs", 0, 60_000),
  /** Tokens for devices that one address gets of one edge; 0 = any number. */
  ADDRESS_DEVICES_PER_MINUTE(16, "addressDevicesPerMinute", 0, 1_000_000),
  /** As many at once. */
  ADDRESS_DEVICES_BURST(17, "addressDevicesBurst", 1, 1_000_000);

  /** In place of a value: what each edge's config says. */
  public static final long OF_CONFIG = -1;

  private static final EdgeLimit[] BY_CODE = values();

  private final int code;
  private final String text;
  private final long min;
  private final long max;

  EdgeLimit(int code, String text, long min, long max) {
    this.code = code;
    this.text = text;
    this.min = min;
    this.max = max;
  }

  public int code() {
    return code;
  }

  public String text() {
    return text;
  }

  public long min() {
    return min;
  }

  public long max() {
    return max;
  }

  public boolean allows(long value) {
    return value >= min && value <= max;
  }

  /** Null = there is none; a later version may know more of them. */
  public static @Nullable EdgeLimit find(long code) {
    return code < 1 || code > BY_CODE.length ? null : BY_CODE[(int) code - 1];
  }

  /** Null = there is none. */
  public static @Nullable EdgeLimit find(String text) {
    for (EdgeLimit limit : BY_CODE) {
      if (limit.text.equals(text)) {
        return limit;
      }
    }
    return null;
  }
}
