package stampede.protocol;

/** Names in Redis. The braces keep the two keys of a partition in one slot of a Redis cluster. */
public final class JournalKeys {
  /** Hash: format version, cluster id, partition count; written once. */
  public static final String META = "st:meta";

  public static final int FORMAT = 1;

  private JournalKeys() {}

  /** Hash: epoch, nonce, node, position, lastBatch, leaseUntil, leaseMs. */
  public static String own(int partition) {
    return "st:{" + partition + "}:own";
  }

  /**
   * Stream: one entry a group, id {@code <firstPosition>-0}, fields e (epoch), n (count), b
   * (batch), p (payload), c (crc).
   */
  public static String log(int partition) {
    return "st:{" + partition + "}:log";
  }
}
