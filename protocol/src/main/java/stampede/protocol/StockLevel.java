package stampede.protocol;

/** All that shoppers learn of stock. Never a number. */
public enum StockLevel {
  NONE("none"),
  LOW("low"),
  PLENTY("plenty");

  private final String text;

  StockLevel(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  public static StockLevel ofCode(int ordinal) {
    if (ordinal < 0 || ordinal >= values().length) {
      throw new CorruptRecord("stock level " + ordinal + " does not exist");
    }
    return values()[ordinal];
  }
}
