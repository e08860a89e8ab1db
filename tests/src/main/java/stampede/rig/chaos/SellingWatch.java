package stampede.rig.chaos;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * How long items are not sold after something happened: until the first owner-made answer to a
 * shake that was meant after it. Thread-safe.
 */
final class SellingWatch {
  private record Waiting(Set<String> items, long sinceNanos, CompletableFuture<Long> gapMs) {}

  private final List<Waiting> waiting = new LinkedList<>();
  private long slowestNanos;

  /** Completes when each of the items was answered for, with the milliseconds that took. */
  synchronized CompletableFuture<Long> gapMs(Set<String> items) {
    Waiting next = new Waiting(new HashSet<>(items), System.nanoTime(), new CompletableFuture<>());
    if (items.isEmpty()) {
      next.gapMs.complete(0L);
    } else {
      waiting.add(next);
    }
    return next.gapMs;
  }

  /** The slowest first answer since this was last asked, milliseconds. */
  synchronized long takeSlowestMs() {
    long slowest = slowestNanos / 1_000_000;
    slowestNanos = 0;
    return slowest;
  }

  /** The first answer to a shake, made by an owner. */
  synchronized void answered(String item, long intendedNanos, long now) {
    slowestNanos = Math.max(slowestNanos, now - intendedNanos);
    for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
      Waiting one = each.next();
      if (intendedNanos > one.sinceNanos && one.items.remove(item) && one.items.isEmpty()) {
        one.gapMs.complete((now - one.sinceNanos) / 1_000_000);
        each.remove();
      }
    }
  }
}
