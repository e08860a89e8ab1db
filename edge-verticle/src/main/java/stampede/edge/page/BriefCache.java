package stampede.edge.page;

import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import stampede.edge.Owners;
import stampede.protocol.port.Timers;

/**
 * Answers many readers of one thing with one look behind the edge: values are fresh for {@code
 * freshMs}, who comes while a value is being fetched waits for that one. When a fetch fails an old
 * value is given for up to {@code staleMs}. Bounded in entries (the least recently read goes first)
 * and in fetches under way. On the edge's event loop.
 */
final class BriefCache<K, V> {
  private static final long RETRY_MS = 1_000;

  private final Timers timers;
  private final ToLongFunction<V> freshMs;
  private final long staleMs;
  private final int fetchesMax;
  private final Function<K, Future<V>> fetch;
  private final Map<K, Entry<V>> entries;
  private int fetches;

  BriefCache(
      Timers timers,
      int entriesMax,
      int fetchesMax,
      long freshMs,
      long staleMs,
      Function<K, Future<V>> fetch) {
    this(timers, entriesMax, fetchesMax, value -> freshMs, staleMs, fetch);
  }

  /**
   * @param freshMs of a value: bad news may be kept longer than good
   */
  BriefCache(
      Timers timers,
      int entriesMax,
      int fetchesMax,
      ToLongFunction<V> freshMs,
      long staleMs,
      Function<K, Future<V>> fetch) {
    this.timers = timers;
    this.freshMs = freshMs;
    this.staleMs = staleMs;
    this.fetchesMax = fetchesMax;
    this.fetch = fetch;
    this.entries =
        new LinkedHashMap<>(64, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<K, Entry<V>> eldest) {
            return size() > entriesMax;
          }
        };
  }

  /** A value and how old it is. */
  record Aged<V>(V value, long ageMs) {}

  private static final class Entry<V> {
    @Nullable V value;
    long fetchedAtMs;
    @Nullable Future<V> underWay;
  }

  /** Fails as the fetch failed, or with {@link Owners.Busy} when too many are under way. */
  Future<Aged<V>> get(K key) {
    Entry<V> entry = entries.get(key);
    if (entry == null && fetches >= fetchesMax) {
      return busy(); // without a trace: what is known may not be crowded out by what is not
    } else if (entry == null) {
      entry = new Entry<>();
      entries.put(key, entry);
    }
    return get(key, entry);
  }

  private Future<Aged<V>> get(K key, Entry<V> entry) {
    Aged<V> fresh = entry.value == null ? null : known(entry, freshMs.applyAsLong(entry.value));
    if (fresh != null) {
      return Future.succeededFuture(fresh);
    }
    Future<V> underWay = entry.underWay != null ? entry.underWay : start(key, entry);
    return underWay
        .map(value -> new Aged<>(value, 0))
        .recover(
            failure -> {
              Aged<V> old = known(entry, staleMs);
              return old != null ? Future.succeededFuture(old) : Future.failedFuture(failure);
            });
  }

  /** What is known of it is no longer so. */
  void forget(K key) {
    Entry<V> entry = entries.get(key);
    if (entry != null) {
      entry.value = null;
    }
  }

  int size() {
    return entries.size();
  }

  private Future<V> start(K key, Entry<V> entry) {
    if (fetches >= fetchesMax) {
      return busy();
    }
    fetches++;
    Future<V> started = fetch.apply(key);
    entry.underWay = started;
    return started.onComplete(
        result -> {
          fetches--;
          entry.underWay = null;
          if (result.succeeded()) {
            entry.value = result.result();
            entry.fetchedAtMs = timers.millis();
          }
        });
  }

  private static <T> Future<T> busy() {
    return Future.failedFuture(new Owners.Busy("queue_full", RETRY_MS));
  }

  private @Nullable Aged<V> known(Entry<V> entry, long ageMsMax) {
    V value = entry.value;
    long ageMs = timers.millis() - entry.fetchedAtMs;
    return value != null && ageMs < ageMsMax ? new Aged<>(value, ageMs) : null;
  }
}
