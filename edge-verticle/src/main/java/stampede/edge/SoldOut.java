package stampede.edge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.SoldOutQuery;
import stampede.protocol.WinnerFilter;

/**
 * Whom this edge may tell {@code sold_out} by itself: those of whom the owner said, less than a
 * second ago, that they have no order of an item of which it has nothing left. Three things end
 * what it said:
 *
 * <ul>
 *   <li>time: its age is counted from when the question was <em>sent</em>, so an answer that lay in
 *       a socket while this process was suspended is as old as it is; by the monotonic clock and by
 *       the wall clock, since either may have stood still; and no longer than nothing comes back by
 *       the time alone;
 *   <li>news: what was said at a position before units were to be had, or before an order of which
 *       this edge has heard;
 *   <li>the user: whoever may have an order is asked about.
 * </ul>
 *
 * A pure rule: times are passed in. Nothing is decided by it but who is not passed on.
 */
final class SoldOut {
  static final long AGE_MS_MAX = 1_000;

  /** An item that nobody shook for this long is not asked about. */
  static final long DEMAND_MS_MAX = 1_000;

  static final int ITEMS_MAX = 1_000;
  static final long FILTER_BYTES_MAX = 64 << 20;
  private static final long UNUSED_MS_MAX = 60_000;

  /** A moment by both clocks. */
  record Moment(long monotonicMs, long wallMs) {
    private static final Moment NEVER = new Moment(Long.MIN_VALUE / 2, Long.MIN_VALUE / 2);

    /** By the clock that shows more; a step backwards counts too. */
    private long msSince(Moment earlier) {
      return Math.max(monotonicMs - earlier.monotonicMs, Math.abs(wallMs - earlier.wallMs));
    }
  }

  private static final class Known {
    final int partition;

    /** Of all orders up to {@code position}. */
    @Nullable WinnerFilter winners;

    long position;

    /** What was said at a position before this one no longer holds. */
    long floor;

    Moment asked = Moment.NEVER;
    long lastsMs;
    long demandMs;

    Known(int partition) {
      this.partition = partition;
    }

    boolean holds(Moment now) {
      return winners != null
          && position >= floor
          && now.msSince(asked) < Math.min(AGE_MS_MAX, lastsMs);
    }
  }

  private final Map<Long, Known> items = new HashMap<>();
  private long filterBytes;

  /** Whether the user need not be passed on; an item that its owner's hint shows as sold out. */
  boolean refuses(Bytes user, int partition, long item, Moment now) {
    Known known = items.get(item);
    if (known == null) {
      if (items.size() >= ITEMS_MAX) {
        forgetUnused(now.monotonicMs);
      }
      if (items.size() < ITEMS_MAX) {
        known = new Known(partition);
        known.demandMs = now.monotonicMs;
        items.put(item, known);
      }
      return false;
    }
    known.demandMs = now.monotonicMs;
    return known.holds(now) && !known.winners.mayContain(user.hash64());
  }

  /** Units were to be had at the position. */
  void available(long item, long position) {
    Known known = items.get(item);
    if (known != null) {
      known.floor = Math.max(known.floor, position);
    }
  }

  /** This edge has heard of an order. */
  void ordered(long item, long position) {
    available(item, position);
  }

  /** What to ask a partition's owner now. */
  List<SoldOutQuery.Wanted> wanted(int partition, long nowMs) {
    List<SoldOutQuery.Wanted> wanted = new ArrayList<>();
    for (Map.Entry<Long, Known> entry : items.entrySet()) {
      Known known = entry.getValue();
      boolean asked = known.partition == partition && nowMs - known.demandMs <= DEMAND_MS_MAX;
      if (asked && wanted.size() < SoldOutQuery.ITEMS_MAX) {
        boolean usable = known.winners != null && !known.winners.isFull();
        wanted.add(new SoldOutQuery.Wanted(entry.getKey(), usable ? known.position : 0));
      }
    }
    return wanted;
  }

  /** The answer to {@code wanted}, asked at {@code asked}. */
  void hear(List<SoldOutQuery.Wanted> wanted, Moment asked, SoldOutQuery.Answer answer) {
    for (SoldOutQuery.Item said : answer.items()) {
      for (SoldOutQuery.Wanted about : wanted) {
        if (about.item() == said.item()) {
          hear(about, asked, answer.position(), said);
        }
      }
    }
  }

  private void hear(
      SoldOutQuery.Wanted about, Moment asked, long position, SoldOutQuery.Item said) {
    Known known = items.get(said.item());
    if (known == null || position < known.position) {
      return;
    }
    if (said.whole() != null) {
      keep(known, said.whole(), asked.monotonicMs);
    } else if (known.winners != null && known.position == about.knownPosition()) {
      for (long hash : said.added()) {
        known.winners.add(hash);
      }
    } else {
      return; // it was about a filter that is not here any more
    }
    known.position = position;
    known.asked = asked;
    known.lastsMs = said.lastsMs();
  }

  private void keep(Known known, WinnerFilter whole, long nowMs) {
    if (filterBytes + whole.sizeBytes() > FILTER_BYTES_MAX) {
      forgetUnused(nowMs);
    }
    filterBytes -= known.winners == null ? 0 : known.winners.sizeBytes();
    boolean room = filterBytes + whole.sizeBytes() <= FILTER_BYTES_MAX;
    known.winners = room ? whole : null;
    filterBytes += room ? whole.sizeBytes() : 0;
  }

  private void forgetUnused(long nowMs) {
    items
        .values()
        .removeIf(
            known -> {
              boolean unused = nowMs - known.demandMs > UNUSED_MS_MAX;
              filterBytes -= unused && known.winners != null ? known.winners.sizeBytes() : 0;
              return unused;
            });
  }

  /** Of all filters kept. */
  long filterBytes() {
    return filterBytes;
  }
}
