package stampede.sale;

import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.IntArrayQueue;
import org.jspecify.annotations.Nullable;
import stampede.protocol.EdgeLimit;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.Reply;
import stampede.protocol.StockLevel;
import stampede.sale.engine.SaleEngine;
import stampede.sale.engine.StateHash;

/**
 * What an owner publishes about its items: changes at once, everything once a heartbeat (of very
 * many items a part each time). Only what is durable is shown. A look costs what has changed, not
 * what there is.
 *
 * <pre>
 *   engine: changed items ──► waiting ──► durable? ──► shown ──► hint
 *                                │  ▲        │ no, or "none" again too soon
 *                                └──┴────────┘
 * </pre>
 *
 * Units that come back where there were none are shown for {@value #NONE_AGAIN_MS} ms at least,
 * however fast they are gone: edges hear of every return, and nobody can tell one unit from ten by
 * how long it took. This needs a clock and is about showing only, so it is kept here and not in the
 * engine, whose level is a pure function of its events.
 */
final class HintBoard {
  /** Longer than an edge trusts what it was told of a sold-out item. */
  static final long NONE_AGAIN_MS = 2_000;

  /** Orders, claims and payments: about two milliseconds of this event loop. */
  private static final int HASHED_A_BEAT = 10_000;

  /** An item as it was last shown. */
  private static final class Shown {
    Hint.Item item;
    long returnedAt;
    long noneNotBeforeMs;

    Shown(Hint.Item item, long returnedAt) {
      this.item = item;
      this.returnedAt = returnedAt;
    }
  }

  private final int partition;
  private final String node;
  private final String address;
  private final Tenure tenure;
  private final SaleEngine engine;
  private final List<@Nullable Shown> shown = new ArrayList<>();
  private final IntArrayQueue waiting = new IntArrayQueue(-1);
  private int numbering;
  private long lastHeartbeatMs = Long.MIN_VALUE / 2;
  private int rollingFrom;
  private long hashedPosition = -1;
  private long quietPosition = -1;
  private @Nullable StateHash hashing;
  private long hash;

  HintBoard(int partition, String node, String address, Tenure tenure) {
    this.partition = partition;
    this.node = node;
    this.address = address;
    this.tenure = tenure;
    this.engine = tenure.engine();
    this.numbering = engine.numbering();
  }

  /** Adds the hints that are due to {@code out}. */
  void changes(long nowMs, long heartbeatMs, boolean serving, String status, List<Hint> out) {
    forgetOldIndexes();
    List<Hint.Item> changed = changedItems(nowMs);
    boolean beat = nowMs - lastHeartbeatMs >= heartbeatMs;
    if (!changed.isEmpty() && !(beat && engine.items() <= Hint.ITEMS_MAX)) {
      out.add(hint(serving, status, changed)); // a heartbeat of a part may lack them
    }
    if (beat) {
      lastHeartbeatMs = nowMs;
      rehashWhenQuiet();
      out.add(heartbeat(serving, status));
    }
  }

  /** What has changed and may be shown now; looks at no more than one hint can carry. */
  private List<Hint.Item> changedItems(long nowMs) {
    engine.takeShownChanges(waiting::addInt);
    if (waiting.isEmpty()) {
      return List.of();
    }
    List<Hint.Item> changed = new ArrayList<>();
    for (int looks = Math.min(waiting.size(), Hint.ITEMS_MAX); looks > 0; looks--) {
      int index = waiting.pollInt();
      Hint.Item before = shownItem(index);
      boolean settled = look(index, nowMs);
      Hint.Item after = shownItem(index);
      if (after != null && !after.equals(before)) {
        changed.add(after);
      }
      if (!settled) {
        waiting.addInt(index);
      }
    }
    return changed;
  }

  private Hint.@Nullable Item shownItem(int index) {
    Shown known = index < shown.size() ? shown.get(index) : null;
    return known == null ? null : known.item;
  }

  /**
   * Shows the item as far as it may be shown.
   *
   * @return false: there is more to show later
   */
  private boolean look(int index, long nowMs) {
    while (shown.size() <= index) {
      shown.add(null);
    }
    boolean durable = engine.shownSince(index) <= tenure.durable();
    Shown known = shown.get(index);
    if (known == null) {
      if (durable) {
        shown.set(index, new Shown(item(index, false), engine.returnedAt(index)));
      }
      return durable;
    }
    long returnedAt = engine.returnedAt(index);
    if (returnedAt > known.returnedAt && returnedAt <= tenure.durable()) {
      known.returnedAt = returnedAt;
      known.noneNotBeforeMs = nowMs + NONE_AGAIN_MS;
      known.item = withSome(known.item);
    }
    boolean someShown = nowMs < known.noneNotBeforeMs;
    if (durable) {
      known.item = item(index, someShown);
    }
    boolean none = engine.itemAt(index).level() == StockLevel.NONE;
    return durable && returnedAt == known.returnedAt && !(none && someShown);
  }

  /** Items were archived: the others are shown anew with the next heartbeat. */
  private void forgetOldIndexes() {
    if (numbering != engine.numbering()) {
      numbering = engine.numbering();
      shown.clear();
      waiting.clear();
    }
  }

  /** With all items, or the next {@link Hint#ITEMS_MAX} of them. */
  Hint heartbeat(boolean serving, String status) {
    forgetOldIndexes();
    int items = engine.items();
    List<Hint.Item> all = new ArrayList<>(Math.min(items, Hint.ITEMS_MAX));
    int looked = 0;
    for (; looked < items && looked < Hint.ITEMS_MAX; looked++) {
      int index = (rollingFrom + looked) % items;
      Hint.Item item = shownItem(index);
      if (item == null && look(index, 0)) {
        item = shownItem(index);
      }
      if (item != null) {
        all.add(item);
      }
    }
    rollingFrom = items == 0 ? 0 : (rollingFrom + looked) % items;
    return hint(serving, status, all);
  }

  /**
   * The hash walks the whole state, so it is taken only when nothing has happened for a heartbeat,
   * and a part at each: other partitions of this event loop do not wait for it.
   */
  private void rehashWhenQuiet() {
    long position = engine.position();
    if (position != quietPosition) {
      hashing = null;
    } else if (position != hashedPosition) {
      StateHash begun = hashing != null ? hashing : engine.beginHash();
      boolean whole = begun.advance(HASHED_A_BEAT);
      hashing = whole ? null : begun;
      if (whole) {
        hash = begun.value();
        hashedPosition = position;
      }
    }
    quietPosition = position;
  }

  private Hint hint(boolean serving, String status, List<Hint.Item> items) {
    long position = tenure.durable();
    return new Hint(
        partition,
        tenure.epoch(),
        node,
        address,
        position,
        tenure.now(),
        serving && tenure.takesCommands(),
        status,
        position == hashedPosition ? hash : 0,
        items,
        limits());
  }

  private List<Hint.Limit> limits() {
    List<Hint.Limit> set = new ArrayList<>(0);
    for (EdgeLimit limit : EdgeLimit.values()) {
      long value = tenure.engine().limit(limit);
      if (value != EdgeLimit.OF_CONFIG) {
        set.add(new Hint.Limit(limit.code(), value));
      }
    }
    return set;
  }

  /**
   * @param someShown even if nothing is available
   */
  private Hint.Item item(int index, boolean someShown) {
    Reply.ItemIs is = engine.itemAt(index);
    Hint.Item item =
        new Hint.Item(
            is.item().item(),
            is.state(),
            is.level(),
            is.gate(),
            is.cooldownMs(),
            is.item().opensAt(),
            is.nextReleaseAt());
    return someShown ? withSome(item) : item;
  }

  private static Hint.Item withSome(Hint.Item item) {
    if (item.level() != StockLevel.NONE) {
      return item;
    }
    ItemState state = item.state() == ItemState.SOLD_OUT ? ItemState.OPEN : item.state();
    return new Hint.Item(
        item.item(),
        state,
        StockLevel.LOW,
        item.gate(),
        item.cooldownMs(),
        item.opensAt(),
        item.nextReleaseAt());
  }
}
