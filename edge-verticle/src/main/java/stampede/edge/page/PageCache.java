package stampede.edge.page;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import stampede.edge.Backstage;
import stampede.edge.Owners;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * Rendered pages by key. Whoever comes while a page is being made waits for that one; when it can't
 * be made since its source is away, the old one is given for up to {@value #STALE_MS} ms. Bounded
 * in entries and bytes: the least recently read goes first. On the edge's event loop.
 */
final class PageCache {
  static final long STALE_MS = 300_000;

  private final Timers timers;
  private final int entriesMax;
  private final long bytesMax;
  private final PageCounters counters;
  private final LinkedHashMap<String, Slot> slots = new LinkedHashMap<>(256, 0.75f, true);
  private final Map<String, Future<Page>> underWay = new HashMap<>();
  private long bytes;

  PageCache(Timers timers, int entriesMax, long bytesMax, PageCounters counters) {
    this.timers = timers;
    this.entriesMax = entriesMax;
    this.bytesMax = bytesMax;
    this.counters = counters;
  }

  /**
   * A page just rendered.
   *
   * @param freshMs how long it may be given without another look
   */
  record Rendered(Page page, long freshMs) {}

  /** A page, and how it came about: a {@code Cache-Status}. */
  record Served(Page page, CharSequence status) {}

  private static final class Slot {
    private final Page page;
    private final long weight;
    private long freshUntilMs;

    private Slot(Page page, long weight, long freshUntilMs) {
      this.page = page;
      this.weight = weight;
      this.freshUntilMs = freshUntilMs;
    }
  }

  /** Null unless it can be given as it is. */
  @Nullable Page fresh(String key, long nowMs) {
    Slot slot = slots.get(key);
    return slot != null && nowMs < slot.freshUntilMs ? slot.page : null;
  }

  boolean holds(String key) {
    return slots.containsKey(key);
  }

  /** Fails as {@code render} does when there is no old page to give. */
  Future<Served> get(String key, Supplier<Future<Rendered>> render) {
    Page fresh = fresh(key, timers.millis());
    if (fresh != null) {
      counters.hit();
      return Future.succeededFuture(new Served(fresh, PageAnswer.HIT));
    }
    counters.miss();
    Future<Page> others = underWay.get(key);
    CharSequence status =
        others != null
            ? PageAnswer.COLLAPSED
            : slots.containsKey(key) ? PageAnswer.EXPIRED : PageAnswer.MISS;
    return (others == null ? make(key, render) : others)
        .map(page -> new Served(page, status))
        .recover(failure -> old(key, failure));
  }

  /** Renders it unless it is there: nobody waits for it yet. */
  Future<Page> prepare(String key, Supplier<Future<Rendered>> render) {
    Slot held = slots.get(key);
    if (held != null) {
      return Future.succeededFuture(held.page);
    }
    Future<Page> others = underWay.get(key);
    return others == null ? make(key, render) : others;
  }

  private Future<Page> make(String key, Supplier<Future<Rendered>> render) {
    Future<Page> begun =
        render
            .get()
            .map(
                rendered -> {
                  put(key, rendered);
                  return rendered.page;
                });
    if (!begun.isComplete()) {
      underWay.put(key, begun);
      begun.onComplete(done -> underWay.remove(key, begun));
    }
    return begun;
  }

  private Future<Served> old(String key, Throwable failure) {
    Slot slot = slots.get(key);
    if (slot == null) {
      return Future.failedFuture(failure);
    }
    boolean usable = isAway(failure) && timers.millis() - slot.page.newsMs() < STALE_MS;
    if (!usable) {
      drop(key);
      return Future.failedFuture(failure);
    }
    return Future.succeededFuture(new Served(slot.page, PageAnswer.HIT));
  }

  /** Nobody said no; somebody said nothing. */
  static boolean isAway(Throwable failure) {
    return failure instanceof Owners.Busy
        || failure instanceof Owners.Unresolved
        || failure instanceof Bus.Unanswered
        || failure instanceof Backstage.Refusal refusal
            && (refusal.code().equals("catalogue_unavailable") || refusal.code().equals("busy"));
  }

  /** It is old from now on. */
  void expire(String key) {
    Slot slot = slots.get(key);
    if (slot != null) {
      slot.freshUntilMs = Long.MIN_VALUE;
    }
  }

  private void put(String key, Rendered rendered) {
    counters.rendered();
    drop(key);
    long weight = rendered.page.weight() + 2L * key.length();
    if (weight <= bytesMax) {
      slots.put(key, new Slot(rendered.page, weight, timers.millis() + rendered.freshMs));
      bytes += weight;
    }
    Iterator<Slot> eldest = slots.values().iterator();
    while (bytes > bytesMax || slots.size() > entriesMax) {
      bytes -= eldest.next().weight;
      eldest.remove();
    }
    counters.holds(slots.size(), bytes);
  }

  private void drop(String key) {
    Slot slot = slots.remove(key);
    if (slot != null) {
      bytes -= slot.weight;
      counters.holds(slots.size(), bytes);
    }
  }
}
