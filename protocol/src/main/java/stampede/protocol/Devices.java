package stampede.protocol;

/**
 * Shoppers who have not signed in yet: their id says so, and a shop's own tokens may not. What they
 * get must be claimed by a user of the shop in time.
 */
public final class Devices {
  /** Of the ids; ASCII. */
  public static final String PREFIX = "device:";

  private Devices() {}

  public static boolean isDevice(Bytes user) {
    boolean device = user.length() > PREFIX.length();
    for (int i = 0; device && i < PREFIX.length(); i++) {
      device = user.at(i) == PREFIX.charAt(i);
    }
    return device;
  }
}
