package stampede.persist.webhook;

/**
 * A row of the outbox.
 *
 * @param line its number within the partition, see {@link WebhookKind#line}
 * @param subject the order, or the item of {@link WebhookKind#SOLD_OUT}
 * @param at of the event, epoch ms
 * @param attempts that failed so far while others got through
 * @param firstTryAt epoch ms, 0 = not tried yet
 * @param body JSON; empty = what it is about is not in the books
 */
public record WebhookRow(
    int partition,
    long line,
    WebhookKind kind,
    long subject,
    long at,
    int attempts,
    long firstTryAt,
    boolean parked,
    String body) {
  /** The same for ever: by it the receiver knows a repeat. */
  public String id() {
    return id(partition, line);
  }

  public static String id(int partition, long line) {
    String event = partition + "-" + WebhookKind.position(line);
    return (line & 1) == 0 ? event : event + "-sold_out";
  }

  /** Rows of the same subject go out one after the other. No order has an item's. */
  long subjectKey() {
    return kind == WebhookKind.SOLD_OUT ? ~subject : subject;
  }
}
