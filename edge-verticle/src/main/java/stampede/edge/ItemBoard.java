package stampede.edge;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.edge.OwnerRoutes.ItemHint;
import stampede.protocol.port.Timers;

/**
 * Shows items to those who watch them: at once when they begin, later when the state or level has
 * changed, at most every {@value #EVERY_MS} ms and the latest only. A large audience is told in
 * portions, so that shakes are served in between. On the edge's event loop.
 */
final class ItemBoard {
  static final long EVERY_MS = 200;

  private static final int PORTION = 1_000;

  /** What is under way for so many items or words at once is enough; a further word is not told. */
  private static final int ROUNDS_MAX = 64;

  /** A socket. */
  interface Watcher {
    void show(long item, String frame);
  }

  /** What is still to be told about one item. */
  private record Round(long item, String frame, ArrayDeque<Watcher> left) {}

  private final Timers timers;
  private final OwnerRoutes routes;
  private final Map<Long, Set<Watcher>> watchers = new HashMap<>();
  private final Map<Long, ItemHint> shown = new HashMap<>();
  private final Set<Long> changed = new LinkedHashSet<>();
  private final ArrayDeque<Round> rounds = new ArrayDeque<>();
  private Timers.@Nullable Timer next;
  private long lastMs = Long.MIN_VALUE / 2;

  ItemBoard(Timers timers, OwnerRoutes routes) {
    this.timers = timers;
    this.routes = routes;
    routes.onItem(this::hear);
  }

  void watch(Watcher watcher, List<Long> items) {
    for (Long item : items) {
      watchers.computeIfAbsent(item, i -> new LinkedHashSet<>()).add(watcher);
      ItemHint hint = routes.item(item);
      if (hint != null) {
        shown.putIfAbsent(item, hint);
        watcher.show(item, Frames.item(hint));
      }
    }
  }

  void forget(Watcher watcher, Iterable<Long> items) {
    for (Long item : items) {
      Set<Watcher> those = watchers.get(item);
      if (those != null && those.remove(watcher) && those.isEmpty()) {
        watchers.remove(item);
        shown.remove(item);
        changed.remove(item);
      }
    }
  }

  /**
   * Tells all who watch the item, and {@code others}, each once; a socket that does not read at the
   * moment is left out. False: too much is being told already.
   */
  boolean say(long item, String frame, Collection<? extends Watcher> others) {
    if (rounds.size() >= ROUNDS_MAX) {
      return false;
    }
    Set<Watcher> all = new LinkedHashSet<>(watchers.getOrDefault(item, Set.of()));
    all.addAll(others);
    if (!all.isEmpty()) {
      rounds.addLast(new Round(item, frame, new ArrayDeque<>(all)));
      arm(1);
    }
    return true;
  }

  /** Null before the first news of it. */
  @Nullable String latest(long item) {
    ItemHint hint = routes.item(item);
    return hint == null ? null : Frames.item(hint);
  }

  private void hear(ItemHint hint) {
    long item = hint.item().item();
    if (!watchers.containsKey(item)) {
      return;
    }
    ItemHint before = shown.put(item, hint);
    boolean same =
        before != null
            && before.item().state() == hint.item().state()
            && before.item().level() == hint.item().level();
    if (!same) {
      changed.add(item);
      arm(Math.max(1, lastMs + EVERY_MS - timers.millis()));
    }
  }

  private void arm(long delayMs) {
    if (next == null) {
      next = timers.after(delayMs, this::tell);
    }
  }

  private void tell() {
    next = null;
    if (rounds.isEmpty()) {
      lastMs = timers.millis();
      changed.forEach(this::plan);
      changed.clear();
    }
    for (int told = 0; told < PORTION && !rounds.isEmpty(); told++) {
      Round round = rounds.getFirst();
      round.left.removeFirst().show(round.item, round.frame);
      if (round.left.isEmpty()) {
        rounds.removeFirst();
      }
    }
    if (!rounds.isEmpty()) {
      arm(1);
    } else if (!changed.isEmpty()) {
      arm(EVERY_MS);
    }
  }

  private void plan(long item) {
    Set<Watcher> those = watchers.get(item);
    if (those != null) {
      String frame = Objects.requireNonNull(latest(item));
      rounds.addLast(new Round(item, frame, new ArrayDeque<>(those)));
    }
  }
}
