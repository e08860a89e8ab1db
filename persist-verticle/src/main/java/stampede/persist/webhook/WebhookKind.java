package stampede.persist.webhook;

/** What the shop is told. The texts are those of the table and, with their prefix, of the wire. */
public enum WebhookKind {
  ACCEPTED("accepted", "order.accepted"),
  CLAIMED("claimed", "order.claimed"),
  PAID("paid", "order.paid"),
  RELEASED("released", "order.released"),
  LATE_PAYMENT("late_payment", "order.late_payment"),
  EXTRA_PAYMENT("extra_payment", "order.extra_payment"),
  SOLD_OUT("sold_out", "item.sold_out");

  private final String text;
  private final String type;

  WebhookKind(String text, String type) {
    this.text = text;
    this.type = type;
  }

  /** In the table. */
  public String text() {
    return text;
  }

  /** On the wire. */
  public String type() {
    return type;
  }

  /** {@code text} as {@link #text()} gave it. */
  public static WebhookKind of(String text) {
    for (WebhookKind kind : values()) {
      if (kind.text.equals(text)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no kind of webhook: " + text);
  }

  /**
   * Number of a row within its partition, in the order of events: an event makes one row, and a
   * second one if it took an item's last unit.
   */
  public long line(long position) {
    return 2 * position + (this == SOLD_OUT ? 1 : 0);
  }

  /** The position that {@link #line} was made of. */
  public static long position(long line) {
    return line >> 1;
  }
}
