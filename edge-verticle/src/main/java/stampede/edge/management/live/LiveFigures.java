package stampede.edge.management.live;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.edge.management.live.History.Gauge;
import stampede.protocol.Addresses;
import stampede.protocol.Outcome;
import stampede.protocol.SaleFigures;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * The latest figures of every edge and every owner, each with its age, what they add up to, and
 * what came in each second. Edges speak four times a second, owners about five times, so that who
 * asks often shows no figure of one that lives a second old. On the edge's event loop.
 */
public final class LiveFigures {
  static final long SECOND_MS = 1_000;

  /**
   * Told by this edge, as by every other; a whole part of the second that {@link History} keeps.
   */
  private static final long TOLD_EVERY_MS = 250;

  /** One that is silent for longer no longer counts in a sum of what is there now. */
  private static final long SILENT_MS = 3_000;

  /** Of an item its owner tells no more while telling others: archived, or ended among many. */
  private static final long LEFT_OUT_MS = 2_000; // many items are told in turn, 1,000 a second

  /** One that is left out for so long is listed no more. */
  private static final long LISTED_MS = 5_000;

  private static final long FORGOTTEN_MS = 60_000;
  private static final int EDGES_MAX = 256;
  private static final int NAME_CHARS_MAX = 64;
  private static final Logger LOG = LoggerFactory.getLogger(LiveFigures.class);

  private final String node;
  private final Bus bus;
  private final Timers timers;
  private final Supplier<JsonObject> own;
  private final LongSupplier drainLagMs;
  private final Map<String, EdgeSaid> edges = new TreeMap<>();
  private final Map<Integer, OwnerSaid> owners = new HashMap<>();
  private final Map<Long, ItemSaid> items = new TreeMap<>();
  private final History history = new History();
  private final long[] grown = new long[Counts.SIZE];
  private @Nullable List<Bus.Registration> registrations;

  private record EdgeSaid(
      long[] counts, Growth growth, long sockets, long queue, long loopDelayMs, long heardMs) {}

  private record OwnerSaid(long epoch, long[] counts, Growth growth, long heardMs) {}

  private record ItemSaid(int partition, SaleFigures.Item item, long heardMs) {}

  /**
   * @param node this edge
   * @param own its {@code {"sockets","shakes","outcomes","queue","eventLoopDelayMs"}} now
   * @param drainLagMs the longest of all partitions; −1 = not known
   */
  public LiveFigures(
      String node, Bus bus, Timers timers, Supplier<JsonObject> own, LongSupplier drainLagMs) {
    this.node = node;
    this.bus = bus;
    this.timers = timers;
    this.own = own;
    this.drainLagMs = drainLagMs;
  }

  public void start() {
    registrations =
        List.of(
            bus.subscribe(Addresses.EDGE_FIGURES, this::hearEdge),
            bus.subscribe(Addresses.SALE_FIGURES, bytes -> hear(SaleFigures.decode(bytes))));
    tell();
    timers.after(SECOND_MS, this::second);
  }

  public void stop() {
    if (registrations != null) {
      registrations.forEach(Bus.Registration::cancel);
      registrations = null;
    }
  }

  // ---- hearing ---------------------------------------------------------------------------------

  private void tell() {
    if (registrations == null) {
      return;
    }
    JsonObject said = own.get().put("node", node);
    hear(node, said);
    bus.publish(Addresses.EDGE_FIGURES, said.toBuffer().getBytes());
    timers.after(TOLD_EVERY_MS, this::tell);
  }

  private void hearEdge(byte[] message) {
    try {
      JsonObject said = new JsonObject(Buffer.buffer(message));
      boolean usable =
          said.getValue("node") instanceof String name
              && !name.equals(node)
              && name.length() <= NAME_CHARS_MAX
              && (edges.size() < EDGES_MAX || edges.containsKey(name));
      if (usable) {
        hear(said.getString("node"), said);
      }
    } catch (DecodeException | ClassCastException e) {
      LOG.warn("figures of an edge that can't be read were ignored: {}", e.getMessage());
    }
  }

  private void hear(String name, JsonObject said) {
    long nowMs = timers.millis();
    EdgeSaid before = edges.get(name);
    long[] counts = Counts.ofEdge(said);
    Growth growth = before == null ? new Growth(nowMs) : before.growth;
    if (before != null) {
      grew(before.counts, counts, growth, nowMs);
    }
    edges.put(
        name,
        new EdgeSaid(
            counts,
            growth,
            Counts.whole(said, "sockets"),
            Counts.whole(said, "queue"),
            Counts.whole(said, "eventLoopDelayMs"),
            nowMs));
  }

  private void grew(long[] before, long[] now, Growth growth, long nowMs) {
    long[] more = new long[Counts.SIZE];
    Counts.addGrowth(before, now, more);
    growth.heard(more, nowMs);
    for (int i = 0; i < more.length; i++) {
      grown[i] += more[i];
    }
  }

  private void hear(SaleFigures told) {
    OwnerSaid before = owners.get(told.partition());
    if (before != null && told.epoch() < before.epoch) {
      return; // of an owner that was
    }
    long nowMs = timers.millis();
    long[] counts = new long[Counts.SIZE];
    counts[Counts.ACCEPTED] = told.accepted();
    counts[Counts.PAID] = told.paid();
    counts[Counts.RELEASED] = told.released();
    Growth growth = before == null ? new Growth(nowMs) : before.growth;
    if (before != null) {
      boolean same = before.epoch == told.epoch();
      grew(same ? before.counts : new long[Counts.SIZE], counts, growth, nowMs);
    }
    owners.put(told.partition(), new OwnerSaid(told.epoch(), counts, growth, nowMs));
    for (SaleFigures.Item item : told.items()) {
      if (items.size() < History.ITEMS_MAX || items.containsKey(item.item())) {
        items.put(item.item(), new ItemSaid(told.partition(), item, nowMs));
      }
    }
  }

  // ---- a second --------------------------------------------------------------------------------

  private void second() {
    if (registrations == null) {
      return;
    }
    hear(node, own.get());
    forget();
    history.next(grown, levels());
    Arrays.fill(grown, 0);
    long nowMs = timers.millis();
    for (ItemSaid said : items.values()) {
      if (nowMs - said.heardMs <= SILENT_MS) {
        history.put(said.item);
      }
    }
    timers.after(SECOND_MS, this::second);
  }

  private void forget() {
    long nowMs = timers.millis();
    edges.values().removeIf(said -> nowMs - said.heardMs > FORGOTTEN_MS);
    items
        .values()
        .removeIf(said -> nowMs - said.heardMs > FORGOTTEN_MS || leftOutMs(said) > LISTED_MS);
  }

  private long[] levels() {
    long[] levels = new long[Gauge.values().length];
    long nowMs = timers.millis();
    for (ItemSaid said : items.values()) {
      if (!isLeftOut(said)) {
        levels[Gauge.AVAILABLE.ordinal()] += said.item.available();
        levels[Gauge.HELD.ordinal()] += said.item.held();
        levels[Gauge.SOLD.ordinal()] += said.item.sold();
      }
    }
    for (EdgeSaid said : edges.values()) {
      if (nowMs - said.heardMs <= SILENT_MS) {
        levels[Gauge.QUEUE.ordinal()] += said.queue;
        levels[Gauge.SOCKETS.ordinal()] += said.sockets;
        int loop = Gauge.EVENT_LOOP_DELAY_MS.ordinal();
        levels[loop] = Math.max(levels[loop], said.loopDelayMs);
      }
    }
    long lagMs = drainLagMs.getAsLong();
    levels[Gauge.DRAIN_LAG_MS.ordinal()] = lagMs < 0 ? History.NONE : lagMs;
    return levels;
  }

  // ---- showing ---------------------------------------------------------------------------------

  /**
   * What stands in {@code stats}: sums with the age of their oldest part, {@code perSecond} of the
   * second up to what each said last, {@code edges} and {@code items} each with its age.
   */
  public JsonObject now() {
    hear(node, own.get());
    long nowMs = timers.millis();
    long[] levels = levels();
    long edgesAgeMs = edgesAgeMs(nowMs);
    long ownersAgeMs = ownersAgeMs(nowMs);
    long[] counts = new long[Counts.SIZE];
    edges.values().forEach(said -> Counts.addGrowth(new long[Counts.SIZE], said.counts, counts));
    long[] perSecond = perSecond(nowMs);
    JsonObject outcomes = new JsonObject();
    JsonObject rates = new JsonObject();
    for (Outcome outcome : Outcome.values()) {
      long count = counts[Counts.of(outcome)];
      if (count > 0) {
        outcomes.put(outcome.text(), figure(count, edgesAgeMs));
        rates.put(outcome.text(), perSecond[Counts.of(outcome)]);
      }
    }
    return new JsonObject()
        .put("sockets", figure(levels[Gauge.SOCKETS.ordinal()], edgesAgeMs))
        .put("shakes", figure(counts[Counts.SHAKES], edgesAgeMs))
        .put("outcomes", outcomes)
        .put("queue", figure(levels[Gauge.QUEUE.ordinal()], edgesAgeMs))
        .put("eventLoopDelayMs", figure(levels[Gauge.EVENT_LOOP_DELAY_MS.ordinal()], edgesAgeMs))
        .put("available", figure(levels[Gauge.AVAILABLE.ordinal()], ownersAgeMs))
        .put("held", figure(levels[Gauge.HELD.ordinal()], ownersAgeMs))
        .put("sold", figure(levels[Gauge.SOLD.ordinal()], ownersAgeMs))
        .put(
            "perSecond",
            new JsonObject()
                .put("shakes", perSecond[Counts.SHAKES])
                .put("accepted", perSecond[Counts.ACCEPTED])
                .put("paid", perSecond[Counts.PAID])
                .put("released", perSecond[Counts.RELEASED])
                .put("outcomes", rates))
        .put("edges", edges(nowMs))
        .put("items", items(nowMs));
  }

  /** As {@link History}; {@code items}: of which the lines are wanted. */
  public JsonObject history(int seconds, List<Long> wanted) {
    JsonObject lines = new JsonObject();
    for (Long item : wanted) {
      lines.put(Long.toString(item), history.json(item, seconds));
    }
    return history.json(seconds).put("items", lines);
  }

  private long[] perSecond(long nowMs) {
    double[] sum = new double[Counts.SIZE];
    for (EdgeSaid said : edges.values()) {
      if (nowMs - said.heardMs <= SILENT_MS) {
        said.growth.addPerSecond(sum);
      }
    }
    for (OwnerSaid said : owners.values()) {
      if (nowMs - said.heardMs <= SILENT_MS) {
        said.growth.addPerSecond(sum);
      }
    }
    return Arrays.stream(sum).mapToLong(Math::round).toArray();
  }

  private long edgesAgeMs(long nowMs) {
    long ageMs = 0;
    for (EdgeSaid said : edges.values()) {
      boolean counts = nowMs - said.heardMs <= SILENT_MS;
      ageMs = counts ? Math.max(ageMs, nowMs - said.heardMs) : ageMs;
    }
    return ageMs;
  }

  private long ownersAgeMs(long nowMs) {
    long ageMs = 0;
    for (ItemSaid said : items.values()) {
      ageMs = isLeftOut(said) ? ageMs : Math.max(ageMs, nowMs - said.heardMs);
    }
    return ageMs;
  }

  /** It counts in no sum; one whose owner is silent altogether does, and makes the sum as old. */
  private boolean isLeftOut(ItemSaid said) {
    return leftOutMs(said) > LEFT_OUT_MS;
  }

  /** How long its owner has spoken without it. */
  private long leftOutMs(ItemSaid said) {
    OwnerSaid owner = owners.get(said.partition);
    return owner == null ? 0 : owner.heardMs - said.heardMs;
  }

  private JsonArray edges(long nowMs) {
    JsonArray all = new JsonArray();
    edges.forEach(
        (name, said) ->
            all.add(
                new JsonObject()
                    .put("node", name)
                    .put("sockets", said.sockets)
                    .put("shakes", said.counts[Counts.SHAKES])
                    .put("queue", said.queue)
                    .put("eventLoopDelayMs", said.loopDelayMs)
                    .put("ageMs", nowMs - said.heardMs)));
    return all;
  }

  private JsonArray items(long nowMs) {
    JsonArray all = new JsonArray();
    items.forEach(
        (item, said) ->
            all.add(
                new JsonObject()
                    .put("item", Long.toString(item))
                    .put("partition", said.partition)
                    .put("state", said.item.state().text())
                    .put("available", said.item.available())
                    .put("held", said.item.held())
                    .put("sold", said.item.sold())
                    .put("stock", said.item.stock())
                    .put("ageMs", nowMs - said.heardMs)));
    return all;
  }

  private static JsonObject figure(long value, long ageMs) {
    return new JsonObject().put("value", value).put("ageMs", ageMs);
  }
}
