package stampede.standalone.crowd;

import java.net.URI;

/**
 * What a crowd is to do.
 *
 * @param url the shop, such as {@code http://127.0.0.1:8080}
 * @param item id of the item everybody wants
 * @param users how many shoppers, a socket each
 * @param seconds how long they shake after the opening
 * @param seed everything a shopper decides is drawn from it
 * @param opensAt when the item opens, epoch milliseconds
 */
public record CrowdPlan(URI url, String item, int users, int seconds, long seed, long opensAt) {
  /** As many sockets as one loopback address has ports for, some left for others. */
  public static final int USERS_MAX = 25_000;

  public CrowdPlan {
    String scheme = String.valueOf(url.getScheme());
    if (!scheme.matches("http|https|ws|wss") || url.getHost() == null) {
      throw new IllegalArgumentException("url: found " + url + ", wanted http(s)://host:port");
    }
    if (!item.matches("[0-9]{1,20}")) {
      throw new IllegalArgumentException("item: found " + item + ", wanted a decimal id");
    }
    requireRange("users", users, USERS_MAX);
    requireRange("seconds", seconds, 3_600);
  }

  /** The name of a shopper; the seed is in it, so that crowds of two seeds are different people. */
  public String user(int index) {
    return "crowd-" + Long.toHexString(seed) + "-" + index;
  }

  /** When the last shake may be sent, epoch milliseconds. */
  public long endsAt() {
    return opensAt + seconds * 1_000L;
  }

  boolean ssl() {
    return url.getScheme().equals("https") || url.getScheme().equals("wss");
  }

  int port() {
    if (url.getPort() > 0) {
      return url.getPort();
    }
    return ssl() ? 443 : 80;
  }

  private static void requireRange(String name, int found, int max) {
    if (found < 1 || found > max) {
      throw new IllegalArgumentException(name + ": found " + found + ", wanted 1 to " + max);
    }
  }
}
