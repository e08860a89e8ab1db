package stampede.edge;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Timers;

/**
 * Visits each of many about once a second, {@value #PORTION} at a time, so that shakes are served
 * in between. On the edge's event loop.
 *
 * @param <T> found again by its identity or its equals
 */
final class Rounds<T> {
  static final long EVERY_MS = 1_000;
  static final int PORTION = 500;

  private static final long NEXT_PORTION_MS = 2;

  private final Timers timers;
  private final Consumer<T> visit;
  private final Set<T> members = new LinkedHashSet<>();
  private Timers.@Nullable Timer next;
  private long beganMs;
  private int left;

  Rounds(Timers timers, Consumer<T> visit) {
    this.timers = timers;
    this.visit = visit;
  }

  void start() {
    next = timers.after(EVERY_MS, this::begin);
  }

  void stop() {
    if (next != null) {
      next.cancel();
    }
  }

  void add(T member) {
    members.add(member);
  }

  /** Also from within a visit. */
  void remove(T member) {
    members.remove(member);
  }

  int size() {
    return members.size();
  }

  List<T> all() {
    return List.copyOf(members);
  }

  private void begin() {
    beganMs = timers.millis();
    left = members.size();
    visitSome();
  }

  private void visitSome() {
    for (int visited = 0; visited < PORTION && left > 0; visited++) {
      left--;
      Iterator<T> first = members.iterator();
      if (first.hasNext()) {
        T member = first.next();
        first.remove();
        members.add(member); // at the end; before the visit, which may be its last
        visit.accept(member);
      }
    }
    if (left > 0) {
      next = timers.after(NEXT_PORTION_MS, this::visitSome);
    } else {
      next = timers.after(Math.max(1, beganMs + EVERY_MS - timers.millis()), this::begin);
    }
  }
}
