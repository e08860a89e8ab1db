package stampede.rig.check;

/** What an order is bound to. */
public record Key(String user, long item, String key) {
  @Override
  public String toString() {
    return user + "/" + Long.toUnsignedString(item) + "/" + key;
  }
}
