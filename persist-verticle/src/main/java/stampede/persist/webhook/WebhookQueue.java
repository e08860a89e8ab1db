package stampede.persist.webhook;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whose turn it is among the rows that are held: of each subject the first, of those the one that
 * has been due longest. Pure and single-threaded; times are monotonic ms.
 */
final class WebhookQueue {
  /** Rows held of one partition; more are read when half of them are gone. */
  static final int ROWS_MAX = 1_000;

  /** Subjects of one partition with something parked; at more its sending stops. */
  static final int PARKED_MAX = 50_000;

  private final Map<Integer, Shelf> shelves = new HashMap<>();
  private final PriorityQueue<Entry> ready =
      new PriorityQueue<>(
          Comparator.<Entry>comparingLong(entry -> entry.dueMs)
              .thenComparingLong(entry -> entry.row.at()));

  /** A row and how it fares. */
  static final class Entry {
    private final WebhookRow row;
    private final Shelf shelf;
    private int attempts;
    private long firstTryAt;
    private long dueMs;

    private Entry(WebhookRow row, Shelf shelf, long nowMs) {
      this.row = row;
      this.shelf = shelf;
      this.attempts = row.attempts();
      this.firstTryAt = row.firstTryAt();
      this.dueMs = nowMs;
    }

    WebhookRow row() {
      return row;
    }

    int attempts() {
      return attempts;
    }

    /** Epoch ms; 0 = this is the first. */
    long firstTryAt() {
      return firstTryAt;
    }

    void failed(boolean counts, long firstTryAt) {
      attempts += counts ? 1 : 0;
      this.firstTryAt = firstTryAt;
    }
  }

  /** Of one partition. */
  private static final class Shelf {
    /** Those that were told too, until that is written. */
    final TreeMap<Long, Entry> rows = new TreeMap<>();

    final Map<Long, Deque<Entry>> bySubject = new HashMap<>();
    final Set<Long> parked = new HashSet<>();
  }

  boolean hasRoom(int partition) {
    Shelf shelf = shelves.get(partition);
    return shelf == null || shelf.rows.size() <= ROWS_MAX / 2 && !isFull(partition);
  }

  /** Too many of its subjects have something parked: no more of it is read. */
  boolean isFull(int partition) {
    Shelf shelf = shelves.get(partition);
    return shelf != null && shelf.parked.size() >= PARKED_MAX;
  }

  /**
   * Takes a row that was read, in the order of lines.
   *
   * @return false if it must be parked, since an earlier one of its subject is
   */
  boolean offer(WebhookRow row, long nowMs) {
    Shelf shelf = shelves.computeIfAbsent(row.partition(), p -> new Shelf());
    if (row.parked()) {
      shelf.parked.add(row.subjectKey());
    } else if (shelf.parked.contains(row.subjectKey())) {
      return false;
    } else if (!shelf.rows.containsKey(row.line())) {
      Entry entry = new Entry(row, shelf, nowMs);
      shelf.rows.put(row.line(), entry);
      Deque<Entry> line =
          shelf.bySubject.computeIfAbsent(row.subjectKey(), s -> new ArrayDeque<>());
      line.add(entry);
      if (line.size() == 1) {
        ready.add(entry);
      }
    }
    return true;
  }

  /**
   * The next that is due by then. It comes back by one of {@link #told}, {@link #again}, {@link
   * #park}.
   */
  Optional<Entry> next(long nowMs) {
    Entry first = ready.peek();
    return first == null || first.dueMs > nowMs ? Optional.empty() : Optional.of(ready.remove());
  }

  /** The next of its subject may follow. */
  void told(Entry entry, long nowMs) {
    if (isHeld(entry)) {
      Deque<Entry> line = entry.shelf.bySubject.get(entry.row.subjectKey());
      line.remove();
      if (line.isEmpty()) {
        entry.shelf.bySubject.remove(entry.row.subjectKey());
      } else {
        line.element().dueMs = nowMs;
        ready.add(line.element());
      }
    }
  }

  /** It is in the store that they were told: they may be forgotten. */
  void written(Collection<Entry> told) {
    told.forEach(entry -> entry.shelf.rows.remove(entry.row.line(), entry));
  }

  void again(Entry entry, long dueMs) {
    entry.dueMs = dueMs;
    if (isHeld(entry)) {
      ready.add(entry);
    }
  }

  /** What follows it, which is parked with it. */
  List<WebhookRow> park(Entry entry) {
    if (!isHeld(entry)) {
      return List.of();
    }
    entry.shelf.parked.add(entry.row.subjectKey());
    Deque<Entry> line = entry.shelf.bySubject.remove(entry.row.subjectKey());
    List<WebhookRow> behind = new ArrayList<>();
    for (Entry each : line) {
      entry.shelf.rows.remove(each.row.line());
      if (each != entry) {
        behind.add(each.row);
      }
    }
    return behind;
  }

  /** Everything that waits for another attempt is due by then. */
  void hasten(long byMs) {
    List<Entry> all = new ArrayList<>(ready);
    ready.clear();
    for (Entry entry : all) {
      entry.dueMs = Math.min(entry.dueMs, byMs);
      ready.add(entry);
    }
  }

  /** The partition's rows are somebody else's now. */
  void drop(int partition) {
    Shelf shelf = shelves.remove(partition);
    if (shelf != null) {
      ready.removeIf(entry -> entry.shelf == shelf);
    }
  }

  /** What was parked may be offered again. */
  void unpark(int partition) {
    Shelf shelf = shelves.get(partition);
    if (shelf != null) {
      shelf.parked.clear();
    }
  }

  /** Rows held that were not told. */
  int size() {
    int size = 0;
    for (Shelf shelf : shelves.values()) {
      for (Deque<Entry> line : shelf.bySubject.values()) {
        size += line.size();
      }
    }
    return size;
  }

  /** Epoch ms of the oldest event that the shop was not told of; 0 = there is none. */
  long oldestAt() {
    long oldest = Long.MAX_VALUE;
    for (Shelf shelf : shelves.values()) {
      for (Deque<Entry> line : shelf.bySubject.values()) {
        oldest = Math.min(oldest, line.element().row.at());
      }
    }
    return oldest == Long.MAX_VALUE ? 0 : oldest;
  }

  private boolean isHeld(Entry entry) {
    return shelves.get(entry.row.partition()) == entry.shelf;
  }
}
