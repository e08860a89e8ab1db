package stampede.protocol;

/** Bounds that more than one node must agree on. Bounds of one node's own are in its config. */
public final class Limits {
  /** Commands in one bus message. */
  public static final int BATCH_COMMANDS_MAX = 512;

  /**
   * Events in one journal entry: at most a drain chunk, so that a chunk is made of whole entries.
   */
  public static final int ENTRY_EVENTS_MAX = 1_000;

  /** Bytes of one journal entry's payload. */
  public static final int ENTRY_BYTES_MAX = 1 << 20;

  /** Items in one event about an archived session. */
  public static final int ARCHIVED_ITEMS_MAX = 1_000;

  /** Users in one event that restates who is blocked. */
  public static final int RESTATED_USERS_MAX = 200;

  /** Units one shake may ask for; the item's own limit per user is usually far lower. */
  public static final int QUANTITY_MAX = 1_000;

  /** Units an item may ever have. */
  public static final long STOCK_MAX = 5_000_000;

  /** Minor units of a currency: 10^12 cents. */
  public static final long PRICE_MAX = 1_000_000_000_000L;

  /** Between two shakes of a user. */
  public static final long COOLDOWN_MS_MAX = 3_600_000;

  /** How long an order may wait for its device's user to sign in: a day. */
  public static final long CLAIM_WITHIN_MS_MAX = 86_400_000;

  /** Latest time anybody may name, epoch ms: the end of the year 9999. */
  public static final long TIME_MS_MAX = 253_402_300_799_999L;

  public static final int TITLE_CHARS_MAX = 200;

  /** Characters of a search query, after it was normalised. */
  public static final int SEARCH_CHARS_MAX = 64;

  /** Items one search finds. */
  public static final int SEARCH_ITEMS_MAX = 50;

  public static final int REASON_CHARS_MAX = 500;

  /** An operator's words to those who wait. */
  public static final int NOTICE_CHARS_MAX = 200;

  public static final int RELEASES_MAX = 100;

  /** 1,000,000 millionths let everybody through. */
  public static final int GATE_OPEN = 1_000_000;

  private Limits() {}
}
