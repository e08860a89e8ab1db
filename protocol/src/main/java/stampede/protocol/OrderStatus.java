package stampede.protocol;

/** The life of an order: {@code HELD → PAID} or {@code HELD → RELEASED}; both ends are final. */
public enum OrderStatus {
  HELD("held"),
  PAID("paid"),
  RELEASED("released");

  private final String text;

  OrderStatus(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  public static OrderStatus ofCode(int ordinal) {
    if (ordinal < 0 || ordinal >= values().length) {
      throw new CorruptRecord("order status " + ordinal + " does not exist");
    }
    return values()[ordinal];
  }
}
