package stampede.edge;

import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Timers;

/**
 * Answers many readers of one thing with one look behind the edge: values are fresh for {@code
 * freshMs}, who comes while a value is being fetched waits for that one. When a fetch fails an old
 * value is given for up to {@code staleMs}. Bounded in entries (the least recently read goes first)
 * and in fetches under way. On the edge's event loop.
 */
final class BriefCache<K, V> {
  private final Timers timers;
  private final long freshMs;
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
    Entry<V> entry = entries.computeIfAbsent(key, k -> new Entry<>());
    Aged<V> known = known(entry, freshMs);
    if (known != null) {
      return Future.succeededFuture(known);
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

  int size() {
    return entries.size();
  }

  private Future<V> start(K key, Entry<V> entry) {
    if (fetches >= fetchesMax) {
      return Future.failedFuture(new Owners.Busy("queue_full", freshMs));
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

  private @Nullable Aged<V> known(Entry<V> entry, long ageMsMax) {
    V value = entry.value;
    long ageMs = timers.millis() - entry.fetchedAtMs;
    return value != null && ageMs < ageMsMax ? new Aged<>(value, ageMs) : null;
  }
}
