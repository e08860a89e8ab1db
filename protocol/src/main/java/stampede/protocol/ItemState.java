package stampede.protocol;

/**
 * What an item is doing, for everybody. {@code SOLD_OUT} can turn back to {@code OPEN} when unpaid
 * stock returns.
 */
public enum ItemState {
  SCHEDULED("scheduled"),
  OPEN("open"),
  PAUSED("paused"),
  SOLD_OUT("sold_out"),
  ENDED("ended");

  private final String text;

  ItemState(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  public static ItemState ofCode(int ordinal) {
    if (ordinal < 0 || ordinal >= values().length) {
      throw new CorruptRecord("item state " + ordinal + " does not exist");
    }
    return values()[ordinal];
  }
}
