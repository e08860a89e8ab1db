package stampede.edge.page;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.edge.Backstage;
import stampede.edge.page.view.ItemFacts;
import stampede.edge.page.view.SessionDays;
import stampede.edge.page.view.SessionView;
import stampede.protocol.port.Timers;

/**
 * The published sessions of yesterday to the day after tomorrow with their items, held ahead of
 * anybody who asks: read when the edge starts, soon after a hint names an item that is not in it,
 * and every {@value #EVERY_MS} ms. Edges wait different times, so that a crowd of them does not ask
 * at once. On the edge's event loop.
 */
final class Catalogue {
  static final int EVERY_MS = 15_000;
  static final int SOON_MS = 50;
  static final int SOON_JITTER_MS = 450;

  /** A catalogue that could not be read anew for so long is no longer shown. */
  static final long STALE_MS = 3_600_000;

  private static final int PATIENCE_MS = 500;
  private static final int MISSING_MAX = 10_000;
  private static final long READ_MS = 2_000;

  private final Backstage backstage;
  private final Timers timers;
  private final LongSupplier epochMs;
  private final IntUnaryOperator random;
  private final LongPredicate onSale;
  private final PageCounters counters;
  private final Runnable readAnew;
  private final Map<Long, ItemFacts> items = new HashMap<>();
  private final Set<Long> missing = new LinkedHashSet<>();
  private List<SessionView> sessions = List.of();
  private boolean known;
  private long readMs;
  private long asOf;

  private @Nullable Future<Void> underWay;
  private @Nullable Throwable failure;
  private long failedMs;
  private boolean running;
  private Timers.@Nullable Timer next;
  private long nextMs;
  private int patienceMs = PATIENCE_MS;

  /**
   * @param epochMs for which day it is
   * @param onSale whether a hint has named this item
   * @param readAnew called after every reading, good or bad
   */
  Catalogue(
      Backstage backstage,
      Timers timers,
      LongSupplier epochMs,
      IntUnaryOperator random,
      LongPredicate onSale,
      PageCounters counters,
      Runnable readAnew) {
    this.backstage = backstage;
    this.timers = timers;
    this.epochMs = epochMs;
    this.random = random;
    this.onSale = onSale;
    this.counters = counters;
    this.readAnew = readAnew;
  }

  void start() {
    running = true;
    turn();
  }

  void stop() {
    running = false;
    if (next != null) {
      next.cancel();
      next = null;
    }
  }

  boolean isKnown() {
    return known && timers.millis() - readMs < STALE_MS;
  }

  /** Done at once when there is one, else when it was read. */
  Future<Void> known() {
    return isKnown() ? Future.succeededFuture() : read();
  }

  /** In opening order. */
  List<SessionView> sessions() {
    return isKnown() ? sessions : List.of();
  }

  @Nullable ItemFacts item(long item) {
    return items.get(item);
  }

  /** When it was read, monotonic. */
  long readMs() {
    return readMs;
  }

  /** When it was read, epoch ms. */
  long asOf() {
    return asOf;
  }

  /** What hints named and the catalogue does not have (yet). */
  Set<Long> missing() {
    return missing;
  }

  /** A hint named an item. */
  void heardOf(long item) {
    if (!items.containsKey(item) && missing.size() < MISSING_MAX && missing.add(item)) {
      patienceMs = PATIENCE_MS;
      arm(SOON_MS + random.applyAsInt(SOON_JITTER_MS));
    }
  }

  private void turn() {
    next = null;
    read()
        .onComplete(
            done -> {
              boolean whole = done.succeeded() && missing.isEmpty();
              patienceMs = whole ? EVERY_MS : Math.min(EVERY_MS, 2 * patienceMs);
              arm(patienceMs + random.applyAsInt(patienceMs / 2));
            });
  }

  /** The earlier of the two turns is taken. */
  private void arm(long delayMs) {
    long atMs = timers.millis() + delayMs;
    if (!running || next != null && nextMs <= atMs) {
      return;
    }
    if (next != null) {
      next.cancel();
    }
    nextMs = atMs;
    next = timers.after(delayMs, this::turn);
  }

  /** One reading at a time; after a failed one nobody asks for a moment. */
  private Future<Void> read() {
    if (underWay != null) {
      return underWay;
    }
    if (failure != null && timers.millis() - failedMs < PATIENCE_MS) {
      return Future.failedFuture(failure);
    }
    counters.fetched();
    Future<Void> begun =
        backstage
            .persist(SessionDays.queryOfTwoDays(epochMs.getAsLong()), READ_MS)
            .<Void>map(
                reply -> {
                  take(reply.getJsonArray("sessions"));
                  return null;
                });
    underWay = begun;
    begun.onComplete(
        done -> {
          underWay = null;
          failure = done.cause();
          failedMs = timers.millis();
          readAnew.run();
        });
    return begun;
  }

  private void take(JsonArray list) {
    List<SessionView> taken = new ArrayList<>();
    for (Object each : list) {
      JsonObject session = (JsonObject) each;
      if (SessionView.isPublished(session)) {
        taken.add(SessionView.of(session, onSale));
      }
    }
    sessions = taken;
    items.clear();
    taken.forEach(session -> session.items().forEach(item -> items.put(item.item(), item)));
    missing.removeIf(items::containsKey);
    known = true;
    readMs = timers.millis();
    asOf = epochMs.getAsLong();
  }
}
