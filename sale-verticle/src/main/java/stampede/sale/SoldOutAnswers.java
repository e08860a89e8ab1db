package stampede.sale;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.protocol.SoldOutQuery;
import stampede.protocol.WinnerFilter;
import stampede.sale.engine.SaleEngine;

/**
 * Tells edges which items are sold out, by durable state alone, and who has an order of them. A
 * filter is made when it is first asked for, a portion each time, so that nobody on this event loop
 * waits for a million orders; from then on it only grows. Nothing is kept of an item that nobody
 * asks about, and nothing is said of one that devices shake for: its orders get further users
 * later, by claims.
 */
final class SoldOutAnswers {
  /** Orders walked for one question. */
  static final int ORDERS_A_QUESTION = 50_000;

  private static final int ITEMS_KEPT_MAX = 1_000;
  private static final long UNASKED_MS_MAX = 60_000;

  /** Of one item, complete up to the order {@code last}. */
  private static final class Winners {
    WinnerFilter filter;
    int last = -1;
    long askedMs;

    Winners(WinnerFilter filter) {
      this.filter = filter;
    }
  }

  private final Tenure tenure;
  private final SaleEngine engine;
  private final Map<Long, Winners> winners = new HashMap<>();
  private int numbering;

  SoldOutAnswers(Tenure tenure) {
    this.tenure = tenure;
    this.engine = tenure.engine();
    this.numbering = engine.numbering();
  }

  /**
   * @param nowMs monotonic
   */
  SoldOutQuery.Answer answer(SoldOutQuery query, long nowMs) {
    if (numbering != engine.numbering()) { // orders have other numbers since an archive
      numbering = engine.numbering();
      winners.clear();
    }
    List<SoldOutQuery.Item> said = new ArrayList<>();
    int walksLeft = ORDERS_A_QUESTION;
    int bytes = 0;
    for (SoldOutQuery.Wanted wanted : query.items()) {
      int index = engine.indexOf(wanted.item());
      if (index < 0 || engine.isClaimed(index) || !isSoldOut(index)) {
        continue;
      }
      SoldOutQuery.Item item = added(wanted, index);
      if (item == null) {
        Winners all = winners(wanted.item(), index, nowMs);
        int before = walksLeft;
        walksLeft = grow(all, index, walksLeft);
        boolean complete = !engine.hasOrdersAfter(index, all.last);
        bytes += complete ? all.filter.sizeBytes() : 0;
        boolean fits = said.isEmpty() || bytes <= SoldOutQuery.FILTER_BYTES_MAX;
        item = complete && fits ? item(wanted.item(), index, all.filter, new long[0]) : null;
      }
      if (item != null) {
        said.add(item);
      }
    }
    return new SoldOutQuery.Answer(tenure.durable(), said);
  }

  /** It is so now, and has been since a position that is durable. */
  private boolean isSoldOut(int index) {
    return engine.isSoldOut(index) && engine.shownSince(index) <= tenure.durable();
  }

  /** What the asker lacks of a filter it has; null = it needs the whole. */
  private SoldOutQuery.@Nullable Item added(SoldOutQuery.Wanted wanted, int index) {
    if (wanted.knownPosition() == 0) {
      return null;
    }
    int known = engine.lastOrderUpTo(index, wanted.knownPosition(), SoldOutQuery.ADDED_MAX);
    if (known == -2) {
      return null;
    }
    List<Long> hashes = new ArrayList<>();
    int last = engine.walkOrders(index, known, SoldOutQuery.ADDED_MAX, hashes::add);
    return engine.hasOrdersAfter(index, last)
        ? null
        : item(wanted.item(), index, null, hashes.stream().mapToLong(Long::longValue).toArray());
  }

  private SoldOutQuery.Item item(long item, int index, @Nullable WinnerFilter whole, long[] added) {
    long lastsMs = Math.max(0, engine.dueAt(index) - tenure.now());
    return new SoldOutQuery.Item(item, lastsMs, whole, added);
  }

  private Winners winners(long item, int index, long nowMs) {
    Winners known = winners.get(item);
    if (known == null) {
      if (winners.size() >= ITEMS_KEPT_MAX) {
        winners.values().removeIf(old -> nowMs - old.askedMs > UNASKED_MS_MAX);
      }
      known = new Winners(WinnerFilter.forUsers(engine.orders(index)));
      if (winners.size() < ITEMS_KEPT_MAX) {
        winners.put(item, known);
      }
    } else if (known.filter.isFull()) {
      known.filter = WinnerFilter.forUsers(engine.orders(index));
      known.last = -1;
    }
    known.askedMs = nowMs;
    return known;
  }

  /** How many of {@code ordersMax} walks are left afterwards. */
  private int grow(Winners all, int index, int ordersMax) {
    int[] walked = {0};
    all.last =
        engine.walkOrders(
            index,
            all.last,
            ordersMax,
            hash -> {
              all.filter.add(hash);
              walked[0]++;
            });
    return ordersMax - walked[0];
  }
}
