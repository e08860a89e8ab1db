package stampede.sale.engine;

import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.LongConsumer;
import stampede.protocol.ItemState;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.ItemEnded;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.StockLevel;

/**
 * One item on sale: its counters, its window, its portions of stock, and which of its orders may
 * expire next. After every change {@code available + held + sold = stock} and none is negative.
 */
final class ItemSale {
  private enum Phase {
    SCHEDULED,
    OPEN,
    ENDED
  }

  final SaleItem item;

  /** Number of the item in its partition, in the order of publishing; of those not archived. */
  int index;

  /** Position of the event that brought it. */
  final long publishedAt;

  /** Earliest of {@link #windowDueAt} and the first expiry; kept by the partition's state. */
  long dueAt = Long.MAX_VALUE;

  /** Its {@link #eventsAhead} as they are in the partition's sum. */
  long eventsCounted;

  /** The oldest order, begin of the chain of this item's orders; −1 = none. */
  int oldestOrder = -1;

  /** How many there are in that chain. */
  int orders;

  /** Whether it is among those that {@link SaleState#takeShownChanges} will tell. */
  boolean toBeShown;

  /** The newest order, end of the chain of this item's orders; −1 = none. */
  int newestOrder = -1;

  /** Oldest held order accepted before the present epoch; −1 = none. */
  int firstHeldBefore = -1;

  /** Oldest held order of the present epoch; −1 = none. */
  int firstHeldNow = -1;

  /** The same of those that wait for a claim. */
  int firstUnclaimedBefore = -1;

  int firstUnclaimedNow = -1;

  private Phase phase = Phase.SCHEDULED;
  private boolean paused;
  private boolean sessionPaused;
  private boolean low;
  private int gate;
  private long cooldownMs;
  private int portionsReleased;
  private long unitsToCome;
  private long available;
  private long held;
  private long sold;
  private long stock;
  private long windowDueAt;
  private boolean empty;
  private long shown = -1;
  private long shownSince;
  private long returnedAt;

  ItemSale(SaleItem item, int index, long position) {
    this.item = item;
    this.index = index;
    this.publishedAt = position;
    this.gate = item.gate();
    this.cooldownMs = item.cooldownMs();
    for (SaleItem.Release release : item.releases()) {
      unitsToCome += release.units();
    }
    this.available = item.stock();
    this.stock = item.stock();
    changed(position);
  }

  private ItemSale(ItemSale from) {
    item = from.item;
    index = from.index;
    publishedAt = from.publishedAt;
    phase = from.phase;
    paused = from.paused;
    sessionPaused = from.sessionPaused;
    low = from.low;
    gate = from.gate;
    cooldownMs = from.cooldownMs;
    portionsReleased = from.portionsReleased;
    unitsToCome = from.unitsToCome;
    available = from.available;
    held = from.held;
    sold = from.sold;
    stock = from.stock;
    windowDueAt = from.windowDueAt;
    empty = from.empty;
    shown = from.shown;
    shownSince = from.shownSince;
    returnedAt = from.returnedAt;
  }

  /** For deciding what would be after events that are not applied yet; without the orders. */
  ItemSale copy() {
    return new ItemSale(this);
  }

  /** The item as time makes it by now; the events that do so are added to {@code events}. */
  ItemSale after(List<SaleEvent> events, long nowMs, long position) {
    addWindowEvents(nowMs, events);
    ItemSale after = copy();
    for (SaleEvent event : events) {
      after.apply(event, position);
    }
    return after;
  }

  // --- what time demands

  /** When the window opens or closes or a portion comes next; {@code Long.MAX_VALUE} = never. */
  long windowDueAt() {
    return windowDueAt;
  }

  /** What should have happened to the window by now. Nothing happens to an item that has ended. */
  void addWindowEvents(long nowMs, List<SaleEvent> out) {
    if (nowMs < windowDueAt) {
      return;
    }
    if (nowMs >= item.closesAt()) {
      out.add(new ItemEnded(item.item(), nowMs));
      return;
    }
    if (phase == Phase.SCHEDULED && nowMs >= item.opensAt()) {
      out.add(new ItemOpened(item.item(), nowMs));
    }
    List<SaleItem.Release> releases = item.releases();
    for (int i = portionsReleased; i < releases.size() && releases.get(i).at() <= nowMs; i++) {
      out.add(new StockReleased(item.item(), i, releases.get(i).units(), nowMs));
    }
  }

  /** Applies what {@link #addWindowEvents} made. */
  void apply(SaleEvent event, long position) {
    if (event instanceof ItemOpened) {
      require(phase == Phase.SCHEDULED, position, "opened again");
      phase = Phase.OPEN;
    } else if (event instanceof ItemEnded) {
      require(phase != Phase.ENDED, position, "ended again");
      phase = Phase.ENDED;
    } else if (event instanceof StockReleased e) {
      require(phase != Phase.ENDED, position, "a portion released after the end");
      require(
          e.index() == portionsReleased
              && e.index() < item.releases().size()
              && e.units() == item.releases().get(e.index()).units(),
          position,
          "a portion released that is not the next one");
      portionsReleased++;
      unitsToCome -= e.units();
      available += e.units();
      stock += e.units();
    } else {
      throw new AssertionError(event);
    }
    changed(position);
  }

  long unaccountedUnits() {
    long below = Math.min(available, 0) + Math.min(held, 0) + Math.min(sold, 0);
    return Math.abs(stock - available - held - sold) - below;
  }

  // --- orders

  void accepted(int quantity, long position) {
    require(phase == Phase.OPEN, position, "an order while not open");
    available -= quantity;
    held += quantity;
    unitsChanged(position);
  }

  void paid(int quantity, long position) {
    held -= quantity;
    sold += quantity;
    unitsChanged(position);
  }

  void released(int quantity, long position) {
    held -= quantity;
    available += quantity;
    unitsChanged(position);
  }

  /** The numbers of its orders are others now; −1 stays what it is. */
  void renumberOrders(IntUnaryOperator now) {
    oldestOrder = now.applyAsInt(oldestOrder);
    newestOrder = now.applyAsInt(newestOrder);
    firstHeldBefore = now.applyAsInt(firstHeldBefore);
    firstHeldNow = now.applyAsInt(firstHeldNow);
    firstUnclaimedBefore = now.applyAsInt(firstUnclaimedBefore);
    firstUnclaimedNow = now.applyAsInt(firstUnclaimedNow);
  }

  // --- operators

  void steer(Steering steering, long value, long position) {
    require(phase != Phase.ENDED, position, "steered after the end");
    switch (steering) {
      case PAUSE_ITEM -> paused = true;
      case RESUME_ITEM -> paused = false;
      case PAUSE_SESSION -> sessionPaused = true;
      case RESUME_SESSION -> sessionPaused = false;
      case CLOSE_ITEM -> phase = Phase.ENDED;
      case SET_GATE -> gate = (int) value;
      case SET_COOLDOWN -> cooldownMs = value;
      case ADD_STOCK -> {
        available += value;
        stock += value;
      }
      default -> throw new AssertionError(steering);
    }
    changed(position);
  }

  // --- what it is

  boolean scheduled() {
    return phase == Phase.SCHEDULED;
  }

  boolean ended() {
    return phase == Phase.ENDED;
  }

  /** By itself or with its session. */
  boolean paused() {
    return paused || sessionPaused;
  }

  boolean sessionPaused() {
    return sessionPaused;
  }

  long available() {
    return available;
  }

  long held() {
    return held;
  }

  long sold() {
    return sold;
  }

  long stock() {
    return stock;
  }

  int gate() {
    return gate;
  }

  long cooldownMs() {
    return cooldownMs;
  }

  /** Units that portions still to come will add. */
  long unitsToCome() {
    return phase == Phase.ENDED ? 0 : unitsToCome;
  }

  /** Epoch ms; 0 = no further portion. */
  long nextReleaseAt() {
    boolean more = phase != Phase.ENDED && portionsReleased < item.releases().size();
    return more ? item.releases().get(portionsReleased).at() : 0;
  }

  /**
   * Events that are still to be reckoned with: {@link #eventsAUnit} for a unit to be sold, one less
   * for a held one, two for the window, one for each portion.
   */
  long eventsAhead() {
    long selling = phase == Phase.ENDED ? 0 : eventsAUnit() * (available + unitsToCome());
    long ending = (eventsAUnit() - 1) * held;
    return selling + ending + 2 + item.releases().size() - portionsReleased;
  }

  /** Accepted, perhaps claimed, released or paid, once more or a refund. */
  long eventsAUnit() {
    return item.claimWithinMs() > 0 ? 4 : 3;
  }

  ItemState state() {
    if (phase != Phase.OPEN) {
      return phase == Phase.ENDED ? ItemState.ENDED : ItemState.SCHEDULED;
    }
    if (paused()) {
      return ItemState.PAUSED;
    }
    return available == 0 ? ItemState.SOLD_OUT : ItemState.OPEN;
  }

  /**
   * Low from a tenth of the stock (or ten units) down, and up again only above a fifth (or 20
   * units), so that who watches it flip learns little of the count. The latch is state: part of the
   * hash.
   */
  StockLevel level() {
    if (available == 0) {
      return StockLevel.NONE;
    }
    return low ? StockLevel.LOW : StockLevel.PLENTY;
  }

  /** Position of the event since which everybody is shown the same of it. */
  long shownSince() {
    return shownSince;
  }

  /** Position of the last event by which there was something again after nothing; 0 = none. */
  long returnedAt() {
    return returnedAt;
  }

  /** For the audit: what operators can change. */
  String json() {
    return "{\"state\":\""
        + state().text()
        + "\",\"stock\":"
        + stock
        + ",\"gate\":"
        + gate
        + ",\"cooldownMs\":"
        + cooldownMs
        + ",\"paused\":"
        + paused()
        + "}";
  }

  /** Every field that matters, in a fixed order. */
  void canonical(LongConsumer out) {
    canonical(item, out);
    out.accept(phase.ordinal());
    out.accept(paused ? 1 : 0);
    out.accept(sessionPaused ? 1 : 0);
    out.accept(low ? 1 : 0);
    out.accept(gate);
    out.accept(cooldownMs);
    out.accept(portionsReleased);
    out.accept(available);
    out.accept(held);
    out.accept(sold);
    out.accept(stock);
  }

  private static void canonical(SaleItem item, LongConsumer out) {
    out.accept(item.item());
    out.accept(item.session());
    out.accept(SaleState.hash64(item.title()));
    out.accept(item.price());
    out.accept(item.listPrice());
    out.accept(SaleState.hash64(item.currency()));
    out.accept(item.opensAt());
    out.accept(item.closesAt());
    out.accept(item.stock());
    out.accept(item.limitPerUser());
    out.accept(item.payWithinMs());
    out.accept(item.cooldownMs());
    out.accept(item.gate());
    out.accept(item.claimWithinMs());
    out.accept(item.releases().size());
    for (SaleItem.Release release : item.releases()) {
      out.accept(release.at());
      out.accept(release.units());
    }
    out.accept(item.limitPerOrder());
    out.accept(item.limitPerSession());
  }

  private void changed(long position) {
    windowDueAt = nextWindowChange();
    unitsChanged(position);
  }

  /** Not the window: an order moves none of its times. */
  private void unitsChanged(long position) {
    require(
        available >= 0 && held >= 0 && sold >= 0 && available + held + sold == stock,
        position,
        "units do not add up");
    if (available <= Math.max(10, stock / 10)) {
      low = true;
    } else if (available > Math.max(20, stock / 5)) {
      low = false;
    }
    if (empty && available > 0) {
      returnedAt = position;
    }
    empty = available == 0;
    long now = packShown();
    if (now != shown) {
      shown = now;
      shownSince = position;
    }
  }

  /** All that is shown of it and can change, in one number. */
  private long packShown() {
    int rest = state().ordinal() | level().ordinal() << 3 | portionsReleased << 5;
    return rest | (long) gate << 12 | cooldownMs << 33;
  }

  private long nextWindowChange() {
    if (phase == Phase.ENDED) {
      return Long.MAX_VALUE;
    }
    long next = item.closesAt();
    if (phase == Phase.SCHEDULED) {
      next = Math.min(next, item.opensAt());
    }
    if (portionsReleased < item.releases().size()) {
      next = Math.min(next, item.releases().get(portionsReleased).at());
    }
    return next;
  }

  private void require(boolean holds, long position, String problem) {
    if (!holds) {
      throw new BrokenInvariant(
          position,
          "item "
              + item.item()
              + ": "
              + problem
              + " (available "
              + available
              + ", held "
              + held
              + ", sold "
              + sold
              + ", stock "
              + stock
              + ")");
    }
  }
}
