package stampede.sale.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.Archive;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Cancel;
import stampede.protocol.Command.Claim;
import stampede.protocol.Command.FindItem;
import stampede.protocol.Command.FindOrder;
import stampede.protocol.Command.Pay;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Shake;
import stampede.protocol.Command.Steer;
import stampede.protocol.EdgeLimit;
import stampede.protocol.ItemState;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;

/**
 * The rules of one partition. {@link #decide} and {@link #due} say what should happen and change
 * nothing; {@link #apply} makes it so, live and in replay. Whoever calls applies the events of one
 * decision, all and in order, before asking for the next.
 *
 * <p>Belongs to one thread. Times are epoch milliseconds of the journal's clock; one that lies
 * before the last event counts as the last event's.
 */
public final class SaleEngine {
  private final SaleState state;
  private final ShopperRules shoppers;
  private final SteerRules operators;

  /**
   * @param eventsMax events this partition's log may have; nothing is published that could lead
   *     beyond
   */
  public SaleEngine(int partition, long eventsMax) {
    this(partition, eventsMax, 0);
  }

  /**
   * For a log that was cut: it {@link #isWhole} only once the cut is applied, too.
   *
   * @param cutAway position before the log's first event
   */
  public SaleEngine(int partition, long eventsMax, long cutAway) {
    state = new SaleState(partition, cutAway);
    shoppers = new ShopperRules(state, eventsMax);
    operators = new SteerRules(state, eventsMax);
  }

  /**
   * These will be decided next: what the orders among them will write, and the refusals read, is
   * fetched for all at once, while each by itself would wait for its own. Changes nothing, and
   * nothing but speed depends on it.
   */
  public void expect(List<Command> commands) {
    shoppers.expect(commands);
  }

  /** {@link #decide(Command, long, boolean)} with a clock that can be trusted. */
  public Decision decide(Command command, long nowMs) {
    return decide(command, nowMs, true);
  }

  /**
   * What becomes of a command. The reply's position counts the decision's events as applied.
   *
   * @param timeTrusted false: nothing opens, ends or is released because of the time
   */
  public Decision decide(Command command, long nowMs, boolean timeTrusted) {
    long now = Math.max(nowMs, state.lastEventAt);
    if (command instanceof Shake c) {
      return shoppers.shake(c, now, timeTrusted);
    } else if (command instanceof AskResult c) {
      return shoppers.result(c, now);
    } else if (command instanceof Pay c) {
      return shoppers.pay(c, now);
    } else if (command instanceof Cancel c) {
      return shoppers.cancel(c, now);
    } else if (command instanceof Claim c) {
      return shoppers.claim(c, now);
    } else if (command instanceof FindOrder c) {
      return shoppers.find(c);
    } else if (command instanceof FindItem c) {
      return operators.find(c, now);
    } else if (command instanceof Publish c) {
      return operators.publish(c, now, timeTrusted);
    } else if (command instanceof Steer c) {
      return operators.steer(c, now, timeTrusted);
    } else if (command instanceof Archive c) {
      return operators.archive(c, now);
    }
    throw new AssertionError(command);
  }

  /**
   * What time alone demands now, at most {@code eventsMax} events: windows that open or close and
   * portions of stock, item by item; then unpaid orders that expire, and unclaimed ones. When it is
   * full there may be more: apply, and call again.
   */
  public List<SaleEvent> due(long nowMs, int eventsMax) {
    long now = Math.max(nowMs, state.lastEventAt);
    if (now < state.nextDueAt() || eventsMax < 1) {
      return List.of();
    }
    List<SaleEvent> events = new ArrayList<>();
    for (ItemSale sale : state.items) {
      if (now >= sale.dueAt && events.size() < eventsMax) {
        sale.addWindowEvents(now, events);
      }
    }
    for (ItemSale sale : state.items) {
      if (now >= sale.dueAt) {
        addExpiries(sale.firstHeldBefore, sale.firstHeldNow, now, eventsMax, events);
        addExpiries(sale.firstHeldNow, -1, now, eventsMax, events);
        addUnclaimed(sale.firstUnclaimedBefore, sale.firstUnclaimedNow, now, eventsMax, events);
        addUnclaimed(sale.firstUnclaimedNow, -1, now, eventsMax, events);
      }
    }
    return events.size() > eventsMax ? List.copyOf(events.subList(0, eventsMax)) : events;
  }

  /**
   * What lets the log begin later, when a session was archived since that was said last; empty =
   * nothing is won by it, or not all of it is in MySQL yet.
   *
   * @param drained position up to which MySQL has everything
   * @param forgettable position up to which nobody sends an operator's command again
   */
  public List<SaleEvent> cut(long drained, long forgettable, long nowMs) {
    return operators.cut(drained, forgettable, Math.max(nowMs, state.lastEventAt));
  }

  /** The log may begin anywhere up to behind here; 0 = it must begin with its first event. */
  public long cutUpTo() {
    return state.cutUpTo;
  }

  /** False: events are missing that no cut has taken. Such a state must not be used. */
  public boolean isWhole() {
    return state.isWhole();
  }

  /** The earliest time at which {@link #due} returns something; {@code Long.MAX_VALUE} = never. */
  public long nextDueAt() {
    return state.nextDueAt();
  }

  /**
   * The event takes effect; its position is the new {@link #position}.
   *
   * @throws BrokenInvariant if it contradicts what was before: this engine must not be used any
   *     more
   */
  public void apply(SaleEvent event) {
    state.apply(event);
  }

  /** Of the last event applied. */
  public long position() {
    return state.position;
  }

  /** Epoch ms; 0 before the first event. */
  public long lastEventAt() {
    return state.lastEventAt;
  }

  /** Of the last {@code Owned}; 0 before the first. */
  public long epoch() {
    return state.epoch;
  }

  /** In one go. */
  public long stateHash() {
    StateHash hash = beginHash();
    hash.advance(Integer.MAX_VALUE);
    return hash.value();
  }

  /** In steps; worthless once an event was applied. */
  public StateHash beginHash() {
    return new StateHash(state);
  }

  /**
   * Another number whenever items have other indexes than before, and orders other numbers: what
   * was kept by them is worthless then.
   */
  public int numbering() {
    return state.numbering;
  }

  /** Items published here and not archived. */
  public int items() {
    return state.items.size();
  }

  /**
   * An item as it is, {@code index} from 0 in the order of publishing; its time is the last
   * event's.
   */
  public Reply.ItemIs itemAt(int index) {
    return operators.itemIs(state.items.get(index), state.lastEventAt);
  }

  /**
   * Units of all items that are neither available nor held nor sold, or more than one of these, or
   * held or sold without an order that is: 0, or the rules are wrong. Orders are counted apart from
   * their items' books; each item by itself, so that one can't hide another.
   */
  public long unaccountedUnits() {
    return state.unaccountedUnits();
  }

  /** What operators have set for all edges; {@link EdgeLimit#OF_CONFIG} = nothing. */
  public long limit(EdgeLimit limit) {
    return state.limits.of(limit);
  }

  /**
   * Calls, once each, with the indexes of items of which something else is shown (state, level,
   * gate, next portion) than when this was last called, or of which units came back since.
   */
  public void takeShownChanges(IntConsumer indexes) {
    state.takeShownChanges(indexes);
  }

  /** Position of the event since which {@link #itemAt} shows the same. */
  public long shownSince(int index) {
    return state.items.get(index).shownSince();
  }

  /** Position of the last event by which units came back where there were none; 0 = none did. */
  public long returnedAt(int index) {
    return state.items.get(index).returnedAt();
  }

  /** Index of an item; −1 = it is not here, or no longer. */
  public int indexOf(long item) {
    ItemSale sale = state.item(item);
    return sale == null ? -1 : sale.index;
  }

  /** Whether it is open and nothing is available. */
  public boolean isSoldOut(int index) {
    return state.items.get(index).state() == ItemState.SOLD_OUT;
  }

  /**
   * When something may happen to an item by the time alone, epoch ms; {@code Long.MAX_VALUE} =
   * never.
   */
  public long dueAt(int index) {
    return state.items.get(index).dueAt;
  }

  /** Who has claimed an order, by an event not behind {@code position}; empty = nobody had. */
  public Bytes claimant(long order, long position) {
    int number = state.findOrder(order);
    int claim = number < 0 ? -1 : state.claims.of(number);
    boolean had = claim >= 0 && state.claims.position(claim) <= position;
    return had ? state.users.get(state.buyers.user(state.claims.buyer(claim))) : Bytes.EMPTY;
  }

  /** Whether devices may shake for it, so that users become its buyers by claims. */
  public boolean isClaimed(int index) {
    return state.items.get(index).item.claimWithinMs() > 0;
  }

  /** Orders there ever were of an item. */
  public int orders(int index) {
    return state.items.get(index).orders;
  }

  /**
   * Walks an item's orders from older to newer.
   *
   * @param after number of the order behind which to begin; −1 = with the first
   * @param ordersMax to walk
   * @param userHashes is given {@link Bytes#hash64} of each order's user
   * @return number of the last order walked; {@code after} if there was none
   */
  public int walkOrders(int index, int after, int ordersMax, LongConsumer userHashes) {
    int last = after;
    int order = after < 0 ? state.items.get(index).oldestOrder : state.orders.nextOfItem(after);
    for (int walked = 0; order >= 0 && walked < ordersMax; walked++) {
      userHashes.accept(state.users.hash64(state.buyers.user(state.orders.buyer(order))));
      last = order;
      order = state.orders.nextOfItem(order);
    }
    return last;
  }

  /** Whether {@link #walkOrders} would find one behind {@code after}. */
  public boolean hasOrdersAfter(int index, int after) {
    return state.items.get(index).newestOrder != after;
  }

  /**
   * Number of an item's newest order that is not behind {@code position}; −1 = all are, or it has
   * none. Looks at {@code ordersMax} orders of the partition and returns −2 when that is not
   * enough.
   */
  public int lastOrderUpTo(int index, long position, int ordersMax) {
    return state.lastOrderUpTo(index, position, ordersMax);
  }

  public int blockedUsers() {
    return state.blockedUsers();
  }

  /** The state as numbers, for comparing two of them in tests. */
  void canonical(java.util.function.LongConsumer out) {
    state.canonical(out);
  }

  /** The chain of held orders from {@code order} up to, not including, {@code end}. */
  private void addExpiries(int order, int end, long now, int eventsMax, List<SaleEvent> out) {
    while (order >= 0 && order != end && out.size() < eventsMax && now >= state.expiresAt(order)) {
      out.add(released(order, ReleaseReason.EXPIRED, now));
      order = state.nextHeld(order);
    }
  }

  /** The same for those that wait for a claim; what expires unpaid now has been added before. */
  private void addUnclaimed(int order, int end, long now, int eventsMax, List<SaleEvent> out) {
    while (order >= 0
        && order != end
        && out.size() < eventsMax
        && now >= state.claimEndsAt(order)) {
      if (now < state.expiresAt(order)) {
        out.add(released(order, ReleaseReason.UNCLAIMED, now));
      }
      order = state.nextUnclaimed(order);
    }
  }

  private Released released(int order, ReleaseReason why, long now) {
    long item = state.saleOf(order).item.item();
    return new Released(state.orderId(order), item, state.orders.quantity(order), why, now);
  }
}
