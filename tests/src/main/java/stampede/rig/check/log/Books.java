package stampede.rig.check.log;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.rig.check.Findings;
import stampede.rig.check.Key;
import stampede.rig.check.log.LogEvent.Accepted;
import stampede.rig.check.log.LogEvent.Archived;
import stampede.rig.check.log.LogEvent.Claimed;
import stampede.rig.check.log.LogEvent.Cut;
import stampede.rig.check.log.LogEvent.Ended;
import stampede.rig.check.log.LogEvent.Opened;
import stampede.rig.check.log.LogEvent.Owned;
import stampede.rig.check.log.LogEvent.Paid;
import stampede.rig.check.log.LogEvent.PortionReleased;
import stampede.rig.check.log.LogEvent.Published;
import stampede.rig.check.log.LogEvent.RefundDue;
import stampede.rig.check.log.LogEvent.Released;
import stampede.rig.check.log.LogEvent.Restated;
import stampede.rig.check.log.LogEvent.Steered;

/**
 * The fold of one partition's log, and the rules that hold at every prefix of it: S1 units add up;
 * S4 one order a key, no user above the limit, claimed orders included; S8 an order is accepted
 * only while it may be, at the published terms; S9 an order ends once and is claimed once, by a
 * user from a device; a payment counts once, a refund fits; only what is over is archived, and a
 * cut takes nothing else away.
 *
 * <p>In a log that was cut, of items published before its beginning nothing is known.
 */
public final class Books {
  /** An unpaid order is not released before this long after payBy. */
  private static final long EXPIRY_DELAY_MS = 1_000;

  /** Something that must be true of the books at a position. */
  public interface Claim {
    long position();

    /** The books hold every event up to the position, and none after it. */
    void check(Books books);
  }

  private final int partition;
  private final Findings findings;
  private final Map<Long, Item> items = new LinkedHashMap<>();
  private final Map<Long, Order> orders = new LinkedHashMap<>();
  private final Map<Key, Order> ordersByKey = new HashMap<>();
  private final Map<String, LogEvent> payments = new LinkedHashMap<>();
  private final Set<String> blocked = new HashSet<>();
  private final List<Owned> owners = new ArrayList<>();
  private final long cutAway;

  /** Items that are spoken of, but were published before the log's beginning. */
  private final Set<Long> forgottenItems = new HashSet<>();

  private final Set<Long> forgottenOrders = new HashSet<>();
  private LogEvent event = new Owned(0, 0, "", 0, 0);

  private Books(int partition, long cutAway, Findings findings) {
    this.partition = partition;
    this.cutAway = cutAway;
    this.findings = findings;
  }

  /** Folds the whole log; every claim is checked on the way, those beyond the end at the end. */
  public static Books fold(PartitionLog log, List<Claim> claims, Findings findings) {
    Books books = new Books(log.partition(), log.cutAway(), findings);
    List<Claim> inOrder = new ArrayList<>(claims);
    inOrder.sort(Comparator.comparingLong(Claim::position));
    int next = 0;
    for (LogEvent event : log.events()) {
      while (next < inOrder.size() && inOrder.get(next).position() < event.position()) {
        inOrder.get(next++).check(books);
      }
      books.apply(event);
    }
    while (next < inOrder.size()) {
      inOrder.get(next++).check(books);
    }
    findings.checked("events", log.events().size());
    return books;
  }

  public int partition() {
    return partition;
  }

  public Collection<Item> items() {
    return Collections.unmodifiableCollection(items.values());
  }

  public @Nullable Item item(long id) {
    return items.get(id);
  }

  public Collection<Order> orders() {
    return Collections.unmodifiableCollection(orders.values());
  }

  public @Nullable Order order(long id) {
    return orders.get(id);
  }

  public @Nullable Order order(Key key) {
    return ordersByKey.get(key);
  }

  /** {@link Paid} or {@link RefundDue} by the payment's id. */
  public Map<String, LogEvent> payments() {
    return Collections.unmodifiableMap(payments);
  }

  /** Whether the log says nothing of that item, since it was cut. */
  public boolean hasForgottenItem(long item) {
    return cutAway > 0 && !items.containsKey(item);
  }

  /** Whether the log says nothing of that order, or not all, since it was cut. */
  public boolean hasForgottenOrder(long id) {
    boolean here = Order.partitionOf(id) == partition;
    boolean before = here && id - Order.id(partition, 0) <= cutAway;
    return cutAway > 0 && (before || forgottenOrders.contains(id));
  }

  /** Position of the last event that was cut away. */
  public long cutAway() {
    return cutAway;
  }

  public boolean isBlocked(String user) {
    return blocked.contains(user);
  }

  /** In the order of their epochs. */
  public List<Owned> owners() {
    return Collections.unmodifiableList(owners);
  }

  private void apply(LogEvent next) {
    event = next;
    if (next instanceof Accepted e) {
      accept(e);
    } else if (next instanceof Paid e) {
      pay(e);
    } else if (next instanceof Released e) {
      release(e);
    } else if (next instanceof Claimed e) {
      claim(e);
    } else if (next instanceof RefundDue e) {
      refund(e);
    } else if (next instanceof Published e) {
      publish(e);
    } else if (next instanceof Opened e) {
      open(e);
    } else if (next instanceof Ended e) {
      close(e);
    } else if (next instanceof PortionReleased e) {
      addPortion(e);
    } else if (next instanceof Steered e) {
      steer(e);
    } else if (next instanceof Owned e) {
      owners.add(e);
    } else if (next instanceof Archived e) {
      archive(e);
    } else if (next instanceof Restated e) {
      restate(e);
    } else if (next instanceof Cut e) {
      cut(e);
    } else {
      throw new AssertionError(next);
    }
    items.values().forEach(item -> item.look(next.at()));
  }

  private void archive(Archived e) {
    for (long id : e.items()) {
      Item item = items.get(id);
      boolean over =
          item == null
              ? cutAway > 0
              : item.ended && item.held() == 0 && item.published().session() == e.session();
      if (!over || item != null && item.archived) {
        found("S1", "", "item " + id + " is archived, but not over, or a second time");
      }
      if (item != null) {
        item.archived = true;
      }
      forgottenItems.remove(id);
    }
  }

  private void restate(Restated e) {
    for (String user : e.blocked()) {
      if (!blocked.contains(user) && cutAway == 0) {
        found("S8", "", user + " is restated as blocked, but was not");
      }
      blocked.add(user);
    }
  }

  private void cut(Cut e) {
    for (Item item : items.values()) {
      if (!item.archived && item.published().position() <= e.upTo()) {
        found("S1", "", "a cut up to " + e.upTo() + " takes away " + item);
      }
    }
    if (e.upTo() >= cutAway && !forgottenItems.isEmpty()) {
      found("S7", "", "items " + forgottenItems + " are neither published nor archived");
    }
  }

  private void publish(Published e) {
    if (items.containsKey(e.item())) {
      found("S1", "", "item " + e.item() + " is published again");
      return;
    }
    items.put(e.item(), new Item(e));
  }

  private void open(Opened e) {
    Item item = known(e.item());
    if (item == null) {
      return;
    }
    if (item.open || item.ended || e.at() < item.published().opensAt()) {
      found("S8", "", item + " opens again, after its end or before its time");
    }
    item.open = true;
  }

  private void close(Ended e) {
    Item item = known(e.item());
    if (item == null) {
      return;
    }
    if (item.ended || e.at() < item.published().closesAt()) {
      found("S8", "", item + " ends again or before its time");
    }
    item.ended = true;
  }

  private void accept(Accepted e) {
    Item item = known(e.item());
    if (item == null) {
      forgottenOrders.add(Order.id(partition, e.position()));
      return;
    }
    Order order = new Order(partition, e, item);
    Key key = order.key();
    Order earlier = ordersByKey.putIfAbsent(key, order);
    if (earlier != null) {
      found("S4", key.toString(), "a second order, the first is " + earlier.id());
    }
    if (orders.putIfAbsent(order.id(), order) != null) {
      found("S4", key.toString(), "order " + order.id() + " exists already");
    }
    if (!item.isOpen() || item.isPaused() || blocked.contains(e.user())) {
      found("S8", key.toString(), "accepted while it may not be: not open, paused or blocked");
    }
    if (e.payBy() != e.at() + item.published().payWithinMs()) {
      found("S8", key.toString(), "payBy is " + e.payBy() + ", not as published");
    }
    if (Order.isOfDevice(e.user()) && item.published().claimWithinMs() == 0) {
      found("S8", key.toString(), "accepted of a device, " + item + " is for users");
    }
    int orderMax = item.published().limitPerOrder();
    if (orderMax > 0 && e.quantity() > orderMax) {
      found("S4", key.toString(), e.quantity() + " units, above the order limit of " + item);
    }
    buy(order, e.user());
    move(item, -e.quantity(), e.quantity(), 0, 0);
  }

  private void buy(Order order, String user) {
    Item item = order.item();
    item.moveUnitsOf(user, order.accepted().quantity());
    long units = item.unitsOf(user);
    if (units > item.published().limitPerUser()) {
      String problem = units + " units of " + user + ", above the limit of " + item;
      found("S4", order.key().toString(), problem);
    }
    if (isAboveSession(item, user, 0)) {
      String problem = user + " is above the limit of the session of " + item;
      found("S4", order.key().toString(), problem);
    }
  }

  private void claim(Claimed e) {
    Order order = orders.get(e.order());
    if (order == null && isForgotten(e.order(), e.item())) {
      return;
    }
    if (order == null) {
      found("S9", "", "order " + e.order() + " is claimed and was never accepted");
      return;
    }
    boolean fits =
        order.accepted().item() == e.item()
            && order.accepted().quantity() == e.quantity()
            && order.claimBy() > 0
            && !Order.isOfDevice(e.user());
    if (!fits || order.claim() != null || order.status().equals("released")) {
      String problem = "order " + e.order() + " is claimed by " + e.user() + ": again, too late";
      found("S9", order.key().toString(), problem + ", or not as accepted");
      return;
    }
    order.claimed(e);
    ordersByKey.putIfAbsent(new Key(e.user(), e.item(), order.accepted().key()), order);
    buy(order, e.user());
  }

  /** Whether {@code more} units would be too many over all items of the session. */
  public boolean isAboveSession(Item item, String user, long more) {
    int limit = item.published().limitPerSession();
    long units = more;
    for (Item each : limit == 0 ? List.<Item>of() : items.values()) {
      boolean counts = each.published().limitPerSession() > 0;
      units +=
          counts && each.published().session() == item.published().session()
              ? each.unitsOf(user)
              : 0;
    }
    return limit > 0 && units > limit;
  }

  private void pay(Paid e) {
    Order order = ending(e.order(), e.item(), e.quantity());
    count(e.payment(), e);
    if (order != null) {
      order.end(e);
      move(order.item(), 0, -e.quantity(), e.quantity(), 0);
    }
  }

  private void release(Released e) {
    Order order = ending(e.order(), e.item(), e.quantity());
    if (order == null) {
      return;
    }
    if (e.reason().equals("expired") && e.at() < order.accepted().payBy() + EXPIRY_DELAY_MS) {
      found("S9", order.key().toString(), "order " + e.order() + " expires before its time");
    }
    boolean wasToClaim =
        order.claimBy() > 0 && order.claim() == null && e.at() >= order.claimBy() + EXPIRY_DELAY_MS;
    if (e.reason().equals("unclaimed") && !wasToClaim) {
      found("S9", order.key().toString(), "order " + e.order() + " was no unclaimed one");
    }
    order.end(e);
    order.item().moveUnitsOf(order.accepted().user(), -e.quantity());
    Claimed claim = order.claim();
    if (claim != null) {
      order.item().moveUnitsOf(claim.user(), -e.quantity());
    }
    move(order.item(), e.quantity(), -e.quantity(), 0, 0);
  }

  /** The order that ends now; null, and found, if it may not. */
  private @Nullable Order ending(long id, long item, int quantity) {
    Order order = orders.get(id);
    if (order == null && isForgotten(id, item)) {
      return null;
    }
    if (order == null) {
      found("S9", "", "order " + id + " ends and was never accepted");
      return null;
    }
    LogEvent ended = order.ending();
    if (ended != null) {
      String problem = "order " + id + " ends again, it was " + order.status() + " at position ";
      found("S9", order.key().toString(), problem + ended.position());
      return null;
    }
    if (order.accepted().item() != item || order.accepted().quantity() != quantity) {
      found("S9", order.key().toString(), "order " + id + " ends with another item or quantity");
    }
    return order;
  }

  private void refund(RefundDue e) {
    Order order = orders.get(e.order());
    count(e.payment(), e);
    if (order == null && hasForgottenOrder(e.order())) {
      return;
    }
    String needed = e.reason().equals("late_payment") ? "released" : "paid";
    if (order == null || !order.status().equals(needed)) {
      found(
          "S9",
          order == null ? "" : order.key() + "",
          "a refund that does not fit order " + e.order());
    }
    if (order != null) {
      order.refunds().add(e);
    }
  }

  private void count(String payment, LogEvent e) {
    LogEvent earlier = payments.putIfAbsent(payment, e);
    if (earlier != null) {
      String problem = "payment " + payment + " counts again, first at " + earlier.position();
      found("S9", "", problem);
    }
  }

  private void addPortion(PortionReleased e) {
    Item item = known(e.item());
    if (item == null) {
      return;
    }
    List<LogEvent.Portion> portions = item.published().portions();
    boolean isNext =
        !item.ended
            && e.index() == item.portions
            && e.index() < portions.size()
            && e.units() == portions.get(e.index()).units()
            && e.at() >= portions.get(e.index()).at();
    if (!isNext) {
      found("S1", "", item + " gets a portion that is not its next, or not yet");
    }
    item.portions++;
    move(item, e.units(), 0, 0, e.units());
  }

  private void steer(Steered e) {
    switch (e.steering()) {
      case BLOCK_USER -> blocked.add(e.user());
      case UNBLOCK_USER -> blocked.remove(e.user());
      case PAUSE_SESSION, RESUME_SESSION -> {
        for (Item item : items.values()) {
          if (item.published().session() == e.subject() && !item.ended) {
            item.sessionPaused = e.steering() == LogEvent.Steering.PAUSE_SESSION;
          }
        }
      }
      case SET_LIMIT -> {
        // the edges' business
      }
      default -> steerItem(e);
    }
  }

  private void steerItem(Steered e) {
    Item item = known(e.subject());
    if (item == null) {
      return;
    }
    if (item.ended) {
      found("S1", "", item + " is steered after its end");
    }
    switch (e.steering()) {
      case PAUSE_ITEM -> item.paused = true;
      case RESUME_ITEM -> item.paused = false;
      case CLOSE_ITEM -> item.ended = true;
      case ADD_STOCK -> {
        move(item, e.value(), 0, 0, e.value());
      }
      case SET_GATE, SET_COOLDOWN -> {
        // the edge's business: no unit moves
      }
      default -> throw new AssertionError(e.steering());
    }
  }

  private void move(Item item, long toAvailable, long toHeld, long toSold, long toStock) {
    boolean balanced = item.balances();
    if (item.archived) {
      found("S1", "", item + " changes after its archive");
    }
    item.move(toAvailable, toHeld, toSold, toStock, event.position());
    if (balanced && !item.balances()) { // told once, not at every event that follows
      found("S1", "", item + " does not add up");
    }
  }

  /** An order of an item that was published before the log's beginning. */
  private boolean isForgotten(long order, long item) {
    if (!hasForgottenItem(item) || !hasForgottenOrder(order)) {
      return false;
    }
    forgottenItems.add(item);
    return true;
  }

  private @Nullable Item known(long id) {
    Item item = items.get(id);
    if (item == null && cutAway > 0) {
      forgottenItems.add(id);
    } else if (item == null) {
      found("S1", "", "item " + Long.toUnsignedString(id) + " was never published here");
    }
    return item;
  }

  private void found(String rule, String key, String problem) {
    findings.add(rule, partition, event.position(), key, problem);
  }
}
