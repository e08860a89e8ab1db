package stampede.rig.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * How long items are not sold after something happened: until the first owner-made answer to a
 * shake that was meant after it. Thread-safe.
 */
final class SellingWatch {
  private record Waiting(Set<String> items, long sinceNanos, CompletableFuture<Long> gapMs) {}

  private final List<Waiting> waiting = new LinkedList<>();
  private final Map<String, Slow> slowest = new HashMap<>();

  /** A first answer; {@code answeredAtMs} of the clock on the wall. */
  record Slow(String item, double ms, long answeredAtMs) {}

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

  /** The slowest first answer for each item since this was last asked, the slowest first. */
  synchronized List<Slow> takeSlowest() {
    List<Slow> taken = new ArrayList<>(slowest.values());
    taken.sort(Comparator.comparingDouble(Slow::ms).reversed());
    slowest.clear();
    return taken;
  }

  /** The first answer to a shake, made by an owner. */
  synchronized void answered(String item, long intendedNanos, long now) {
    double ms = (now - intendedNanos) / 1e6;
    Slow known = slowest.get(item);
    if (known == null || known.ms < ms) {
      slowest.put(item, new Slow(item, ms, System.currentTimeMillis()));
    }
    for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
      Waiting one = each.next();
      if (intendedNanos > one.sinceNanos && one.items.remove(item) && one.items.isEmpty()) {
        one.gapMs.complete((now - one.sinceNanos) / 1_000_000);
        each.remove();
      }
    }
  }
}
