package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import stampede.edge.Fields;
import stampede.protocol.Addresses;

/**
 * What an operator wants to know before a session goes on sale. Red: it must not; yellow: it may,
 * and somebody should know. As this edge sees it, within 2 s.
 */
final class Preflight {
  private static final long ASK_MS = 2_000;

  /** Owners refuse to let time do its work from here on, between their own clocks. */
  private static final long CLOCK_MS_GOOD = 500;

  private static final long CLOCK_MS_MAX = 2_000;

  /** Owners speak at least once a second. */
  private static final long SILENT_MS = 3_500;

  /** Fewer commands say nothing: most of their cost is the warming up of the program. */
  private static final long MEASURED_MIN = 1_000;

  private final EdgeSide edge;

  Preflight(EdgeSide edge) {
    this.edge = edge;
  }

  enum Light {
    GREEN("green"),
    YELLOW("yellow"),
    RED("red");

    private final String text;

    Light(String text) {
      this.text = text;
    }
  }

  record Line(String name, Light light, String found, String wanted, String todo) {
    JsonObject json() {
      return new JsonObject()
          .put("name", name)
          .put("light", light.text)
          .put("found", found)
          .put("wanted", wanted)
          .put("todo", light == Light.GREEN ? "" : todo);
    }
  }

  /** {@code green}: nothing is red. */
  record Report(List<Line> lines) {
    boolean green() {
      return red().isEmpty();
    }

    /** Names. */
    Set<String> red() {
      Set<String> red = new TreeSet<>();
      lines.stream().filter(line -> line.light == Light.RED).forEach(line -> red.add(line.name));
      return red;
    }

    JsonArray json() {
      JsonArray json = new JsonArray();
      lines.forEach(line -> json.add(line.json()));
      return json;
    }
  }

  /** What a sale node said of itself; null = it did not answer. */
  private record Said(String node, @Nullable JsonObject condition) {}

  /**
   * @param session as {@code persist.query} replies it
   * @param expectedPerSecond shakes somebody expects; 0 = nobody said
   */
  Future<Report> check(JsonObject session, long expectedPerSecond) {
    Set<Integer> partitions = partitions(session);
    Map<Integer, OwnerSeen> owners = owners(partitions);
    Future<JsonObject> clock =
        edge.backstage().persist(new JsonObject().put("op", "clock"), ASK_MS);
    List<Future<Said>> said = new ArrayList<>();
    Map<String, String> nodes = new LinkedHashMap<>();
    owners.values().forEach(owner -> nodes.put(owner.address(), owner.node()));
    nodes.forEach((address, node) -> said.add(ask(address, node)));
    return Future.join(said)
        .transform(all -> clock.transform(read -> Future.succeededFuture(read)))
        .map(
            read -> {
              List<Said> answers = said.stream().map(Future::result).toList();
              List<Line> lines = new ArrayList<>();
              lines.add(window(session));
              lines.add(stock(session));
              lines.add(owners(partitions, owners));
              lines.add(clocks(owners.keySet(), clock));
              lines.add(redis(answers));
              lines.add(mySql(clock));
              lines.add(pages(session));
              lines.add(capacity(answers, expectedPerSecond));
              return new Report(List.copyOf(lines));
            });
  }

  private Set<Integer> partitions(JsonObject session) {
    Set<Integer> partitions = new TreeSet<>();
    for (Long item : items(session)) {
      partitions.add(edge.backstage().partitionOfItem(item));
    }
    return partitions;
  }

  /** What is no item is told where it is published. */
  static List<Long> items(JsonObject session) {
    List<Long> ids = new ArrayList<>();
    for (Object each : session.getJsonArray("items", new JsonArray())) {
      long id = Fields.idOrZero(String.valueOf(((JsonObject) each).getValue("item")));
      if (id > 0) {
        ids.add(id);
      }
    }
    return ids;
  }

  private Map<Integer, OwnerSeen> owners(Set<Integer> partitions) {
    Map<Integer, OwnerSeen> owners = new LinkedHashMap<>();
    for (OwnerSeen owner : edge.owners().get()) {
      if (partitions.contains(owner.partition()) && owner.serving() && owner.ageMs() <= SILENT_MS) {
        owners.put(owner.partition(), owner);
      }
    }
    return owners;
  }

  private Future<Said> ask(String address, String node) {
    Promise<Said> promise = Promise.promise();
    edge.bus()
        .request(
            Addresses.condition(address),
            new byte[0],
            ASK_MS,
            (reply, failure) ->
                promise.complete(new Said(node, reply == null ? null : read(reply))));
    return promise.future();
  }

  private static @Nullable JsonObject read(byte[] reply) {
    try {
      return new JsonObject(Buffer.buffer(reply));
    } catch (DecodeException | ClassCastException e) {
      return null; // one that can't tell is one that did not
    }
  }

  // ---- the lines -------------------------------------------------------------------------------

  private Line window(JsonObject session) {
    long nowMs = edge.nowMs().getAsLong();
    long opensInMs = session.getLong("opensAt") - nowMs;
    String wanted = "closesAt in the future";
    if (session.getLong("closesAt") <= nowMs) {
      boolean draft = !"published".equals(session.getString("status"));
      Light light = draft ? Light.RED : Light.YELLOW;
      return new Line(
          "window", light, "it is over", wanted, "change closesAt, or copy the session");
    }
    return opensInMs > 0
        ? new Line("window", Light.GREEN, "opens in " + opensInMs / 1_000 + " s", wanted, "")
        : new Line(
            "window",
            Light.YELLOW,
            "opensAt is past",
            wanted,
            "know that it opens in the moment it is published");
  }

  private static Line stock(JsonObject session) {
    JsonArray items = session.getJsonArray("items", new JsonArray());
    List<String> empty = new ArrayList<>();
    for (Object each : items) {
      JsonObject item = (JsonObject) each;
      boolean some =
          item.getLong("stock", 0L) > 0
              || !item.getJsonArray("releases", new JsonArray()).isEmpty();
      if (!some) {
        empty.add(item.getString("item"));
      }
    }
    Light light = items.isEmpty() || !empty.isEmpty() ? Light.RED : Light.GREEN;
    String found =
        empty.isEmpty() ? items.size() + " items" : "none in " + String.join(", ", empty);
    return new Line(
        "stock",
        light,
        found,
        "stock or releases for each item",
        "give each item stock or releases");
  }

  private Line owners(Set<Integer> partitions, Map<Integer, OwnerSeen> owners) {
    Set<Integer> without = new TreeSet<>(partitions);
    without.removeAll(owners.keySet());
    return without.isEmpty()
        ? new Line(
            "owners",
            Light.GREEN,
            owners.size() + " of " + partitions.size() + " partitions served",
            "an owner for each item's partition",
            "")
        : new Line(
            "owners",
            Light.RED,
            "none for the partitions " + without,
            "an owner for each item's partition",
            "see admin.cluster, and the log of the sale nodes");
  }

  private Line clocks(Set<Integer> owned, Future<JsonObject> clock) {
    long nowMs = edge.nowMs().getAsLong();
    long mostMs = 0;
    String whose = "";
    boolean unknown = false;
    for (int partition : owned) {
      long ownerMs = edge.ownerNow().applyAsLong(partition);
      unknown |= ownerMs == 0;
      if (ownerMs != 0 && Math.abs(ownerMs - nowMs) > mostMs) {
        mostMs = Math.abs(ownerMs - nowMs);
        whose = "the owner of partition " + partition;
      }
    }
    Long mySqlMs = clock.succeeded() ? clock.result().getLong("now") : null;
    unknown |= mySqlMs == null;
    if (mySqlMs != null && Math.abs(mySqlMs - nowMs) > mostMs) {
      mostMs = Math.abs(mySqlMs - nowMs);
      whose = "MySQL";
    }
    Light light =
        mostMs > CLOCK_MS_MAX
            ? Light.RED
            : unknown || mostMs > CLOCK_MS_GOOD ? Light.YELLOW : Light.GREEN;
    String found =
        "at most "
            + mostMs
            + " ms apart"
            + (whose.isEmpty() ? "" : " (" + whose + ")")
            + (unknown ? ", some unknown" : "");
    return new Line(
        "clocks",
        light,
        found,
        "owners, MySQL and this edge within " + CLOCK_MS_GOOD + " ms",
        "run a time service (NTP) on every machine; the owners' clock is that of Redis");
  }

  private static Line redis(List<Said> answers) {
    String wanted = "appendonly yes, appendfsync always, noeviction: checked by every owner";
    List<String> silent =
        answers.stream().filter(said -> said.condition == null).map(Said::node).toList();
    List<String> unchecked =
        answers.stream()
            .filter(said -> said.condition != null)
            .filter(said -> said.condition.getBoolean("settingsUnchecked", false))
            .map(Said::node)
            .toList();
    if (!unchecked.isEmpty()) {
      return new Line(
          "redis",
          Light.YELLOW,
          "settingsUnchecked is allowed on " + String.join(", ", unchecked),
          wanted,
          "make sure of the settings where Redis is run");
    }
    return silent.isEmpty() && !answers.isEmpty()
        ? new Line("redis", Light.GREEN, "checked as the owners took over", wanted, "")
        : new Line(
            "redis",
            Light.YELLOW,
            "unknown: "
                + (answers.isEmpty() ? "no owner" : String.join(", ", silent) + " did not say"),
            wanted,
            "ask again; see the log of the sale nodes");
  }

  private static Line mySql(Future<JsonObject> clock) {
    return clock.succeeded()
        ? new Line("mysql", Light.GREEN, "answers", "reachable", "")
        : new Line(
            "mysql",
            Light.RED,
            AdminGateway.fault(clock.cause()).getString("detail"),
            "reachable",
            "see the log of the persist nodes, and stampede check");
  }

  private Line pages(JsonObject session) {
    String wanted = "made before the opening";
    boolean draft = !"published".equals(session.getString("status"));
    if (!edge.shop().isKnown()) {
      return new Line(
          "pages",
          Light.YELLOW,
          "this edge has not read the catalogue yet",
          wanted,
          "ask again in some seconds");
    }
    if (draft) {
      return new Line("pages", Light.GREEN, "made as soon as it is published", wanted, "");
    }
    return edge.shop().isWarm(items(session))
        ? new Line("pages", Light.GREEN, "made", wanted, "")
        : new Line("pages", Light.YELLOW, "not all made yet", wanted, "ask again in some seconds");
  }

  private static Line capacity(List<Said> answers, long expectedPerSecond) {
    String wanted =
        expectedPerSecond == 0 ? "more than you expect" : expectedPerSecond + " shakes a second";
    double perSecond = 0;
    for (Said said : answers) {
      JsonObject condition = said.condition;
      long commands = condition == null ? 0 : condition.getLong("commands", 0L);
      long busyNanos = condition == null ? 0 : condition.getLong("busyNanos", 0L);
      if (commands < MEASURED_MIN || busyNanos <= 0) {
        return new Line(
            "capacity",
            Light.YELLOW,
            "unknown: " + said.node + " has measured " + commands + " commands so far",
            wanted,
            "run a load test against this cluster, not against a sale");
      }
      perSecond += commands * 1e9 / busyNanos;
    }
    if (answers.isEmpty()) {
      return new Line("capacity", Light.YELLOW, "unknown: no owner", wanted, "see owners");
    }
    String found =
        "at most %,d shakes a second on %d %s, by what one has cost so far, journal not counted"
            .formatted((long) perSecond, answers.size(), answers.size() == 1 ? "node" : "nodes");
    return new Line(
        "capacity",
        perSecond < expectedPerSecond ? Light.RED : Light.GREEN,
        found,
        wanted,
        "add sale nodes, or lower the gates of the items");
  }
}
