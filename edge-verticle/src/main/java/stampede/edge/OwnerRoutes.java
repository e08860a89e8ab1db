package stampede.edge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply.NotOwner;
import stampede.protocol.CorruptRecord;
import stampede.protocol.Hint;
import stampede.protocol.PartitionMap;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * Who owns what, and how the items look, as far as hints tell: to show and to route by, never to
 * decide on. The higher (epoch, position) wins; an equal one is newer news of the same state. Ages
 * are measured on this node's monotonic clock. On the edge's event loop.
 */
public final class OwnerRoutes {
  /** How often sale nodes are asked while a partition has no owner that answers. */
  public static final long ASK_EVERY_MS = 500;

  /** Owners speak once a second: one silent for longer is asked about. */
  public static final long HINT_AGE_MAX_MS = 3_000;

  /** How often each owner's address is asked whether it is heard. */
  public static final long PING_EVERY_MS = 1_000;

  private static final byte[] PING = {};
  private static final int DEAF_AFTER_PINGS = 2;
  private static final long ASK_TIMEOUT_MS = 400;
  private static final long ITEM_AGE_MAX_MS = 60_000;
  private static final long SWEEP_EVERY_MS = 1_000;
  private static final int ITEMS_MAX = 200_000;

  /**
   * The latest about one partition.
   *
   * @param position 0 when the owner is known only from another node's refusal
   * @param serving false while it can't answer, or has said that it is not the owner
   * @param heardMs monotonic
   */
  public record Route(
      int partition,
      long epoch,
      long position,
      String node,
      String address,
      boolean serving,
      String status,
      long stateHash,
      long heardMs) {}

  /**
   * The latest about one item.
   *
   * @param asOf the owner's time when it said so, epoch ms
   * @param heardMs monotonic
   */
  public record ItemHint(
      int partition, long epoch, long position, Hint.Item item, long asOf, long heardMs) {}

  private final Timers timers;
  private final Bus bus;
  private final @Nullable Route[] routes;
  private final long[] clockOffsetMs;
  private final long[] clockEpoch;
  private final Map<Long, ItemHint> items = new HashMap<>();
  private final List<IntConsumer> routeListeners = new ArrayList<>();
  private final List<Consumer<ItemHint>> itemListeners = new ArrayList<>();
  private final List<Consumer<List<Hint.Limit>>> limitListeners = new ArrayList<>();

  private Bus.@Nullable Registration subscription;
  private Timers.@Nullable Timer nextAsk;
  private Timers.@Nullable Timer nextPing;
  private final Map<String, Integer> missedPings = new HashMap<>();
  private boolean doubtful;
  private long sweptMs = Long.MIN_VALUE / 2;

  public OwnerRoutes(Timers timers, Bus bus, int partitions) {
    this.timers = timers;
    this.bus = bus;
    this.routes = new Route[partitions];
    this.clockOffsetMs = new long[partitions];
    this.clockEpoch = new long[partitions];
  }

  public void start() {
    subscription = bus.subscribe(Addresses.HINTS, message -> hear(Hint.decode(message)));
    ask();
    nextPing = timers.after(PING_EVERY_MS, this::ping);
  }

  public void stop() {
    if (subscription != null) {
      subscription.cancel();
      subscription = null;
    }
    if (nextAsk != null) {
      nextAsk.cancel();
      nextAsk = null;
    }
    if (nextPing != null) {
      nextPing.cancel();
      nextPing = null;
    }
  }

  /** Calls with the partition whenever its owner may have become reachable. */
  public void onRoute(IntConsumer listener) {
    routeListeners.add(listener);
  }

  /** Calls with each item a hint speaks of, changed or not. */
  public void onItem(Consumer<ItemHint> listener) {
    itemListeners.add(listener);
  }

  /** Calls with all limits that operators have set, changed or not. */
  public void onLimits(Consumer<List<Hint.Limit>> listener) {
    limitListeners.add(listener);
  }

  public int partitions() {
    return routes.length;
  }

  /** Null before the first news of it. */
  public @Nullable Route route(int partition) {
    return routes[partition];
  }

  /** A serving owner that spoke within {@link #HINT_AGE_MAX_MS}. */
  public boolean reachable(int partition) {
    Route route = routes[partition];
    return route != null && route.serving && timers.millis() - route.heardMs <= HINT_AGE_MAX_MS;
  }

  public @Nullable ItemHint item(long item) {
    return items.get(item);
  }

  /**
   * The owner's time by its latest hint, epoch ms, at most a message's travel time too early; 0 =
   * not known now.
   */
  public long ownerNow(int partition) {
    Route route = routes[partition];
    boolean known = route != null && clockEpoch[partition] == route.epoch;
    return known && reachable(partition) ? timers.millis() + clockOffsetMs[partition] : 0;
  }

  /** An owner said it is not the owner, and perhaps who is. */
  void refused(int partition, long sentEpoch, String address, NotOwner reply) {
    Route known = routes[partition];
    if (!reply.address().isEmpty() && (known == null || reply.epoch() > known.epoch)) {
      accept(
          new Route(
              partition,
              reply.epoch(),
              0,
              reply.node(),
              reply.address(),
              true,
              "",
              0,
              timers.millis()));
    } else if (known != null && known.epoch == sentEpoch && known.address.equals(address)) {
      routes[partition] = silent(known);
    }
    doubtful = true;
  }

  /** An owner did not answer: perhaps somebody knows of a newer one. */
  void doubt() {
    doubtful = true;
  }

  private void hear(Hint hint) {
    if (hint.partition() >= routes.length) {
      throw new CorruptRecord("a hint of partition " + hint.partition() + " that is not here");
    }
    Route known = routes[hint.partition()];
    boolean older =
        known != null
            && (hint.epoch() < known.epoch
                || hint.epoch() == known.epoch && hint.position() < known.position);
    if (!older) {
      long nowMs = timers.millis();
      hearClock(hint, nowMs);
      hearItems(hint, nowMs);
      boolean byTheirOwner = hint.position() > 0; // others know where it is, not what it holds
      if (byTheirOwner && hint.partition() == PartitionMap.LIMITS_PARTITION) {
        limitListeners.forEach(listener -> listener.accept(hint.limits()));
      }
      accept(routeOf(hint, nowMs));
    }
  }

  private static Route routeOf(Hint hint, long nowMs) {
    return new Route(
        hint.partition(),
        hint.epoch(),
        hint.position(),
        hint.node(),
        hint.address(),
        hint.serving(),
        hint.status(),
        hint.stateHash(),
        nowMs);
  }

  /** A late hint shows too early a time: of one epoch the furthest estimate is the best. */
  private void hearClock(Hint hint, long nowMs) {
    int partition = hint.partition();
    long offsetMs = hint.now() - nowMs;
    if (clockEpoch[partition] != hint.epoch() || offsetMs > clockOffsetMs[partition]) {
      clockEpoch[partition] = hint.epoch();
      clockOffsetMs[partition] = offsetMs;
    }
  }

  private void hearItems(Hint hint, long nowMs) {
    for (Hint.Item item : hint.items()) {
      if (items.size() >= ITEMS_MAX && nowMs - sweptMs >= SWEEP_EVERY_MS) {
        sweptMs = nowMs;
        items.values().removeIf(old -> nowMs - old.heardMs > ITEM_AGE_MAX_MS);
      }
      if (items.size() < ITEMS_MAX || items.containsKey(item.item())) {
        ItemHint heard =
            new ItemHint(hint.partition(), hint.epoch(), hint.position(), item, hint.now(), nowMs);
        items.put(item.item(), heard);
        itemListeners.forEach(listener -> listener.accept(heard));
      }
    }
  }

  private void accept(Route route) {
    routes[route.partition] = route;
    if (route.serving) {
      routeListeners.forEach(listener -> listener.accept(route.partition));
    }
  }

  private static Route silent(Route route) {
    return new Route(
        route.partition,
        route.epoch,
        route.position,
        route.node,
        route.address,
        false,
        route.status,
        route.stateHash,
        route.heardMs);
  }

  /** One question at a time; again while a partition lacks an owner that answers. */
  private void ask() {
    nextAsk = null;
    doubtful = false;
    bus.request(
        Addresses.OWNERS,
        new byte[0],
        ASK_TIMEOUT_MS,
        (reply, failure) -> {
          if (reply != null) {
            hearAll(reply);
          }
          if (subscription != null) {
            nextAsk = timers.after(ASK_EVERY_MS, this::askIfNeeded);
          }
        });
  }

  private void askIfNeeded() {
    boolean needed = doubtful;
    for (int partition = 0; partition < routes.length && !needed; partition++) {
      needed = !reachable(partition);
    }
    if (needed) {
      ask();
    } else {
      nextAsk = timers.after(ASK_EVERY_MS, this::askIfNeeded);
    }
  }

  /**
   * Once to each owner, however many partitions it has: it learns that edges reach it, and this
   * edge that the very address its batches go to is served.
   */
  private void ping() {
    Set<String> owners = new LinkedHashSet<>();
    for (Route route : routes) {
      if (route != null && !route.address.isEmpty()) {
        owners.add(route.address);
      }
    }
    missedPings.keySet().retainAll(owners);
    for (String owner : owners) {
      bus.request(owner, PING, PING_EVERY_MS, (pong, failure) -> pinged(owner, pong != null));
    }
    nextPing = timers.after(PING_EVERY_MS, this::ping);
  }

  private void pinged(String owner, boolean answered) {
    if (answered) {
      missedPings.remove(owner);
    } else if (missedPings.merge(owner, 1, Integer::sum) >= DEAF_AFTER_PINGS) {
      doubt();
    }
  }

  private void hearAll(byte[] reply) {
    List<Hint> hints;
    try {
      hints = Hint.decodeAll(reply);
    } catch (CorruptRecord e) {
      return; // no news; it is asked again within ASK_EVERY_MS
    }
    for (Hint hint : hints) {
      if (hint.partition() < routes.length) {
        hear(hint);
      }
    }
  }
}
