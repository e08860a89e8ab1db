package stampede.rig.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A network of the shop's own: each node in a network namespace, all on one bridge whose other end
 * is this machine. Nothing of it is reachable from outside, and nothing leads out of it.
 *
 * <pre>
 *   this JVM, Redis, MariaDB ── bridge 10.231.n.1 ─┬─ edge-1 10.231.n.2
 *                                                  ├─ edge-2 10.231.n.3 …
 * </pre>
 *
 * <p>A cut is made of neighbour entries: who is to send to nobody believes the other has a hardware
 * address that nobody has. Packets vanish without an error, in one direction. Needs root and {@code
 * ip}. Thread-safe.
 */
public final class Namespaces implements AutoCloseable {
  private static final String NOBODY = "02:00:00:00:00:01";
  private static final long COMMAND_SECONDS_MAX = 10;

  private final String id;
  private final String net;
  private final Map<String, Integer> hosts = new LinkedHashMap<>();
  private final Set<List<String>> cuts = new HashSet<>();
  private final Thread atExit = new Thread(this::remove, "remove-namespaces");
  private boolean removed;

  private Namespaces(int number) {
    this.id = "st" + number;
    this.net = "10.231." + number + ".";
  }

  /** Why there can be none here; empty if there can. */
  public static String missing() {
    try {
      if (!run(List.of("id", "-u")).strip().equals("0")) {
        return "no root";
      }
      try (Namespaces probe = create()) {
        probe.add("probe");
      }
      return "";
    } catch (IllegalStateException e) {
      return e.getMessage();
    }
  }

  /** Makes the bridge; removed by {@link #close}, and at the latest when this JVM ends. */
  static Namespaces create() {
    for (int number = 1 + (int) (ProcessHandle.current().pid() % 200); ; number++) {
      if (!run(List.of("ip", "-o", "addr")).contains("10.231." + number + ".")) {
        Namespaces made = new Namespaces(number);
        made.makeBridge();
        return made;
      }
    }
  }

  private void makeBridge() {
    Runtime.getRuntime().addShutdownHook(atExit);
    ip("link add", id + "b", "type bridge");
    ip("addr add", hub() + "/24 dev", id + "b");
    ip("link set", id + "b", "up");
  }

  /** This machine's address on the bridge. */
  String hub() {
    return net + 1;
  }

  /** Makes a namespace for a node; what it can reach is the bridge. */
  synchronized void add(String node) {
    int host = 2 + hosts.size();
    if (host > 250) {
      throw new IllegalStateException("250 nodes are the most one network takes");
    }
    hosts.put(node, host);
    String ns = ns(node);
    ip("netns add", ns);
    ip("link add", veth(node), "type veth peer name eth0 netns", ns);
    ip("link set", veth(node), "master", id + "b");
    ip("link set", veth(node), "up");
    ip("-n", ns, "addr add", address(node) + "/24 dev eth0");
    ip("-n", ns, "link set eth0 up");
    ip("-n", ns, "link set lo up");
  }

  synchronized boolean contains(String node) {
    return hosts.containsKey(node);
  }

  /** The node's address, to be reached by this machine and the other nodes. */
  synchronized String address(String node) {
    Integer host = hosts.get(node);
    if (host == null) {
      throw new IllegalArgumentException("no namespace for " + node);
    }
    return net + host;
  }

  /** What makes a command run in the node's namespace; it keeps its process id. */
  List<String> prefix(String node) {
    return List.of("ip", "netns", "exec", ns(node));
  }

  /** From now on what {@code from} sends to {@code to} is lost. */
  synchronized void cut(String from, String to) {
    if (cuts.add(List.of(from, to))) {
      ip("-n", ns(from), "neigh replace", address(to), "lladdr", NOBODY, "nud permanent dev eth0");
    }
  }

  synchronized void heal(String from, String to) {
    if (cuts.remove(List.of(from, to))) {
      ip("-n", ns(from), "neigh del", address(to), "dev eth0");
    }
  }

  synchronized void healAll() {
    for (List<String> cut : List.copyOf(cuts)) {
      heal(cut.get(0), cut.get(1));
    }
  }

  /** Removes everything; harmless when it is gone. */
  @Override
  public void close() {
    remove();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      return; // this JVM is ending: the hook finds nothing left to do
    }
  }

  private synchronized void remove() {
    if (removed) {
      return;
    }
    removed = true;
    List<String> left = new ArrayList<>();
    for (String node : hosts.keySet()) {
      tryIp(left, "netns del", ns(node));
    }
    tryIp(left, "link del", id + "b");
    if (!left.isEmpty()) {
      System.err.println("left behind: " + left);
    }
  }

  private static void tryIp(List<String> left, String... words) {
    try {
      ip(words);
    } catch (IllegalStateException e) {
      left.add(e.getMessage());
    }
  }

  private String ns(String node) {
    return id + "-" + node;
  }

  private String veth(String node) {
    return id + "v" + hosts.get(node);
  }

  private static void ip(String... words) {
    List<String> command = new ArrayList<>(List.of("ip"));
    for (String word : words) {
      command.addAll(List.of(word.split(" ")));
    }
    run(command);
  }

  private static String run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      if (!process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + ": no end");
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + said.strip());
      }
      return said;
    } catch (IOException e) {
      throw new IllegalStateException(String.join(" ", command) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
