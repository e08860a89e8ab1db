package stampede.rig.chaos;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import stampede.rig.check.History;
import stampede.rig.check.Mark;

/**
 * Looks at {@code admin.cluster} as long as it runs, and takes down when all partitions were owned
 * and every state hash an owner tells. A thread of its own; the other methods may be called by any.
 */
final class ClusterWatch implements AutoCloseable {
  private static final long EVERY_MS = 400;
  private static final long CLOSE_MS_MAX = 10_000;

  private final OperatorLine operator;
  private final History history;
  private final Thread thread = new Thread(this::watch, "cluster-watch");
  private final Map<Integer, String> sighted = new HashMap<>();
  private volatile JsonArray partitions = new JsonArray();
  private volatile boolean safe;
  private volatile boolean closed;

  ClusterWatch(OperatorLine operator, History history) {
    this.operator = operator;
    this.history = history;
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    while (!closed) {
      look();
      Pause.ms(EVERY_MS);
    }
  }

  private void look() {
    try {
      JsonObject view = operator.send("admin.cluster", new JsonObject());
      JsonArray seen = view.getJsonArray("partitions", new JsonArray());
      seen.forEach(each -> sight((JsonObject) each));
      partitions = seen;
      safe = view.getBoolean("safe", false);
      if (safe) {
        history.mark(Mark.Kind.OWNED, "");
      }
    } catch (OperatorLine.Away e) {
      safe = false; // the next look goes to another edge
    }
  }

  /** Once for each state an owner shows at rest; in between it has none to compare. */
  private void sight(JsonObject partition) {
    long position = number(partition, "position");
    int number = partition.getInteger("partition");
    String stateHash = partition.getString("stateHash");
    boolean serves = "serving".equals(partition.getString("status"));
    if (serves && position > 0 && stateHash != null) {
      String now = partition.getLong("epoch") + "/" + position;
      if (!now.equals(sighted.put(number, now))) {
        history.sighted(
            partition.getString("owner"), number, partition.getLong("epoch"), position, stateHash);
      }
    }
  }

  /** Partitions a node owned when it was last looked at. */
  Set<Integer> ownedBy(String node) {
    Set<Integer> owned = new HashSet<>();
    for (Object each : partitions) {
      JsonObject partition = (JsonObject) each;
      if (node.equals(partition.getString("owner"))) {
        owned.add(partition.getInteger("partition"));
      }
    }
    return owned;
  }

  /** One line for each partition that does not fit; empty if all do. */
  String unfit(Predicate<JsonObject> fit) {
    StringBuilder out = new StringBuilder();
    for (Object each : partitions) {
      if (!fit.test((JsonObject) each)) {
        out.append(((JsonObject) each).encode()).append('\n');
      }
    }
    return partitions.isEmpty() ? "nothing was heard of any partition" : out.toString();
  }

  /** How many partitions are in each state but serving; empty if all serve. */
  Map<String, Integer> troubled() {
    Map<String, Integer> troubled = new TreeMap<>();
    for (Object each : partitions) {
      JsonObject partition = (JsonObject) each;
      String status = partition.getString("status", "") + " " + partition.getString("owner", "");
      if (!status.startsWith("serving")) {
        troubled.merge(status.strip(), 1, Integer::sum);
      }
    }
    return troubled;
  }

  boolean isSafe() {
    return safe;
  }

  /** Whether MySQL holds all there is in the logs. */
  boolean isDrained() {
    return safe && unfit(p -> number(p, "drained") == number(p, "position")).isEmpty();
  }

  /** Events in all logs. */
  long events() {
    return sum("position");
  }

  /** Events that MySQL does not hold yet. */
  long undrained() {
    return sum("position") - sum("drained");
  }

  private long sum(String member) {
    long sum = 0;
    for (Object each : partitions) {
      sum += Math.max(0, number((JsonObject) each, member));
    }
    return sum;
  }

  /** −1 = not known. */
  private static long number(JsonObject partition, String member) {
    return partition.getValue(member) instanceof Number number ? number.longValue() : -1;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(CLOSE_MS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
