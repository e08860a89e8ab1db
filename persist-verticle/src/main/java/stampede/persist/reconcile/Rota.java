package stampede.persist.reconcile;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Timers;

/** One piece of work at a time, of each partition in turn. */
final class Rota {
  private static final long PAUSE_MS = 50;

  private final Timers timers;
  private final TreeMap<Integer, PartitionReconciler> partitions = new TreeMap<>();
  private Timers.@Nullable Timer timer;
  private int at = -1;
  private boolean worked;
  private boolean stopped;

  Rota(Timers timers) {
    this.timers = timers;
  }

  void start() {
    timer = timers.after(PAUSE_MS, this::next);
  }

  void stop() {
    stopped = true;
    if (timer != null) {
      timer.cancel();
    }
  }

  void take(PartitionReconciler reconciler) {
    partitions.putIfAbsent(reconciler.partition(), reconciler);
  }

  void leave(int partition) {
    partitions.remove(partition);
  }

  @Nullable PartitionReconciler of(int partition) {
    return partitions.get(partition);
  }

  Iterable<PartitionReconciler> all() {
    return partitions.values();
  }

  /** A partition that has nothing to do is passed over; when none has, there is a pause. */
  private void next() {
    while (!stopped) {
      Map.Entry<Integer, PartitionReconciler> turn = partitions.higherEntry(at);
      if (turn == null) {
        long pauseMs = worked ? 1 : PAUSE_MS;
        at = -1;
        worked = false;
        timer = timers.after(pauseMs, this::next);
        return;
      }
      at = turn.getKey();
      if (turn.getValue().step(() -> timer = timers.after(0, this::next))) {
        worked = true;
        return;
      }
    }
  }
}
