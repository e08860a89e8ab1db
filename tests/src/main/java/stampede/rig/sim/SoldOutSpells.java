package stampede.rig.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import stampede.protocol.Bytes;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;

/** When the items of a partition were sold out, and since when users have orders; world's time. */
final class SoldOutSpells {
  private record Spell(long fromMs, long toMs) {}

  private record Buyer(long item, Bytes user) {}

  private static final class Of {
    final List<Spell> over = new ArrayList<>();
    boolean soldOut;
    long sinceMs;
  }

  private final Map<Long, Of> items = new HashMap<>();
  private final Map<Buyer, Long> firstOrderMs = new HashMap<>();

  /** {@code event} has just been appended and applied. */
  void look(Ledger ledger, SaleEvent event, long nowMs) {
    if (event instanceof Accepted e) {
      firstOrderMs.putIfAbsent(new Buyer(e.item(), e.user()), nowMs);
    } else if (event instanceof Claimed e) {
      firstOrderMs.putIfAbsent(new Buyer(e.item(), e.user()), nowMs);
    }
    for (Map.Entry<Long, Ledger.Item> each : ledger.items.entrySet()) {
      Ledger.Item item = each.getValue();
      boolean soldOut =
          item.open && !item.ended && !item.paused && !item.sessionPaused && item.available == 0;
      Of of = items.computeIfAbsent(each.getKey(), i -> new Of());
      if (soldOut != of.soldOut) {
        if (of.soldOut) {
          of.over.add(new Spell(of.sinceMs, nowMs));
        }
        of.soldOut = soldOut;
        of.sinceMs = nowMs;
      }
    }
  }

  /** Whether at some moment between, the item was sold out and the user had no order of it. */
  boolean holdsFor(Bytes user, long item, long fromMs, long toMs) {
    Of of = items.get(item);
    if (of == null) {
      return false;
    }
    long untilMs = Math.min(toMs, firstOrderMs.getOrDefault(new Buyer(item, user), toMs));
    boolean holds = of.soldOut && of.sinceMs <= untilMs && fromMs <= untilMs;
    for (int i = of.over.size() - 1; i >= 0 && of.over.get(i).toMs >= fromMs; i--) {
      holds |= of.over.get(i).fromMs <= untilMs && fromMs <= untilMs;
    }
    return holds;
  }

  String toText(Bytes user, long item) {
    Of of = items.get(item);
    String spells =
        of == null ? "never" : of.over + (of.soldOut ? " and since " + of.sinceMs : ", not now");
    Long orderMs = firstOrderMs.get(new Buyer(item, user));
    return "sold out " + spells + (orderMs == null ? "; no order" : "; ordered at " + orderMs);
  }
}
