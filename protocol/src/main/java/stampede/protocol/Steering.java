package stampede.protocol;

/**
 * What an operator can do to what is on sale. The code is on the wire and in the journal: never
 * reuse one.
 */
public enum Steering {
  /** Subject: item. */
  PAUSE_ITEM(1),
  RESUME_ITEM(2),
  /** Final: shakes hear {@code ended} from then on. */
  CLOSE_ITEM(3),
  /** Value: units, at least 1. */
  ADD_STOCK(4),
  /** Value: millionths let through. */
  SET_GATE(5),
  /** User: who; sent to every partition. */
  BLOCK_USER(6),
  UNBLOCK_USER(7),
  /** Subject: session; sent to every partition, each steers the items it owns. */
  PAUSE_SESSION(8),
  RESUME_SESSION(9),
  /** Value: milliseconds, 0 = none. */
  SET_COOLDOWN(10),
  /**
   * Subject: code of an {@link EdgeLimit}; value: what holds on every edge, {@link
   * EdgeLimit#OF_CONFIG} = each edge's config. Sent to partition {@link
   * PartitionMap#LIMITS_PARTITION}.
   */
  SET_LIMIT(11);

  private final int code;

  Steering(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** Whether its subject is an item. */
  public boolean isOfItem() {
    return switch (this) {
      case PAUSE_ITEM, RESUME_ITEM, CLOSE_ITEM, ADD_STOCK, SET_GATE, SET_COOLDOWN -> true;
      case BLOCK_USER, UNBLOCK_USER, PAUSE_SESSION, RESUME_SESSION, SET_LIMIT -> false;
    };
  }

  public static Steering ofCode(int code) {
    if (code < 1 || code > values().length) {
      throw new CorruptRecord("steering code " + code + " does not exist");
    }
    return values()[code - 1];
  }
}
