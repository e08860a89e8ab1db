package stampede.standalone;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Which ports a command and its servers serve on. */
public final class Ports {
  private static final int TRIES_MAX = 100;

  /**
   * Below the range that outgoing connections are given by the kernel: a server that is started
   * again finds its port free.
   */
  private static final int OWN_MIN = 10_000;

  private static final int OWN_MAX = 32_000;

  /** Those that were told as free: whoever heard of one may not have bound it yet. */
  private static final Set<Integer> told = ConcurrentHashMap.newKeySet();

  private Ports() {}

  /** A random port of the loopback address that was free a moment ago; another one each time. */
  public static int free() {
    for (int i = 0; i < OWN_MAX - OWN_MIN; i++) {
      int port = ThreadLocalRandom.current().nextInt(OWN_MIN, OWN_MAX);
      if (isFree("127.0.0.1", port) && told.add(port)) {
        return port;
      }
    }
    throw new EnvironmentFault(
        "ports", "none free from " + OWN_MIN + " to " + (OWN_MAX - 1), "a free port");
  }

  /**
   * The port given in the environment, else the first free one from {@code standard} on.
   *
   * @throws EnvironmentFault if the given port is no port or is taken, or none is free
   */
  static int choose(Map<String, String> environment, String variable, String host, int standard) {
    String given = environment.getOrDefault(variable, "");
    if (!given.isEmpty()) {
      int port = parse(variable, given);
      if (port != 0 && !isFree(host, port)) {
        throw new EnvironmentFault(
            variable,
            given + ", which is taken",
            "a free port, or none: then the next free one is used");
      }
      return port;
    }
    for (int port = standard; port < standard + TRIES_MAX; port++) {
      if (isFree(host, port)) {
        return port;
      }
    }
    throw new EnvironmentFault(
        variable,
        "no free port from " + standard + " to " + (standard + TRIES_MAX - 1),
        "a free port");
  }

  private static int parse(String variable, String given) {
    try {
      int port = Integer.parseInt(given);
      if (port >= 0 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // told below, like a number that is no port
    }
    throw new EnvironmentFault(variable, given, "a port number, 0 to 65535");
  }

  private static boolean isFree(String host, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(host, port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
