package stampede.sale.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import org.agrona.collections.IntArrayList;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.EdgeLimit;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.ItemEnded;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.LogCut;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.Restated;
import stampede.protocol.SaleEvent.SessionArchived;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;

/**
 * A partition as the fold of its events. {@link #apply} is the only thing that changes it; the
 * rules read it. A contradiction is a {@link BrokenInvariant}, after which the state is worthless.
 */
final class SaleState {
  /** After payBy, for payments that are on their way. */
  static final long EXPIRY_DELAY_MS = 1_000;

  /** After a new owner took over, for payments that could not reach the old one. */
  static final long GRACE_MS = 10_000;

  /**
   * What a repeated key is known by. One key may steer several subjects: all items of a session.
   */
  private record SteeringKey(long subject, Bytes user, Bytes key) {}

  final int partition;
  final List<ItemSale> items = new ArrayList<>();
  final SteeredLimits limits = new SteeredLimits();
  Interner users = new Interner();
  Buyers buyers = new Buyers();

  /** Orders, claims, payments: what a hash of the state takes in steps. */
  static final int PARTS = 3;

  Orders orders = new Orders();
  Claims claims = new Claims();
  Payments payments = new Payments();
  SessionUnits sessionUnits = new SessionUnits();
  BitSet blocked = new BitSet();

  /** How often indexes of items and numbers of orders have become others. */
  int numbering;

  /** What the last {@code LogCut} says; 0 = there was none. */
  long cutUpTo;

  /** Position of the last {@code SessionArchived} since then; 0 = there was none. */
  long archivedAt;

  long position;
  long lastEventAt;
  long epoch;

  /** Units held over all items: each still makes an event. */
  long heldUnits;

  /**
   * Of all items: their {@link ItemSale#eventsAhead}. Follows from them, so no part of the hash;
   * kept since a sum over very many items for each one published would be quadratic.
   */
  long eventsAhead;

  private final Long2ObjectHashMap<ItemSale> itemsById = new Long2ObjectHashMap<>();
  private final Map<SteeringKey, Reply.Steered> steeredByKey = new HashMap<>();
  private @Nullable CutAway cutAway;
  private long ownedAt;
  private long ownedPosition;
  private long blockedHashes;
  private long steeredHashes;
  private long dueAt = Long.MAX_VALUE;
  private boolean dueAtMayBeLater;

  /** Who shows items asks for it; not part of the state. */
  private final IntArrayList shownChanges = new IntArrayList();

  /**
   * @param cutAway events that are no longer in the log: the first one applied follows them
   */
  SaleState(int partition, long cutAway) {
    this.partition = partition;
    this.position = cutAway;
    this.cutAway = cutAway == 0 ? null : new CutAway(cutAway);
  }

  // --- reading

  @Nullable ItemSale item(long id) {
    return itemsById.get(id);
  }

  ItemSale saleOf(int order) {
    return items.get(buyers.item(orders.buyer(order)));
  }

  /** Number of the order with this id; −1 = none here. */
  int findOrder(long id) {
    boolean here = PartitionMap.partitionOfOrder(id) == partition;
    return here ? orders.findByPosition(PartitionMap.positionOfOrder(id)) : -1;
  }

  long orderId(int order) {
    return PartitionMap.orderId(partition, orders.position(order));
  }

  boolean isBlocked(int user) {
    return blocked.get(user);
  }

  boolean isBlocked(Bytes user) {
    int number = users.find(user);
    return number >= 0 && blocked.get(number);
  }

  int blockedUsers() {
    return blocked.cardinality();
  }

  List<Bytes> blockedNames() {
    List<Bytes> names = new ArrayList<>();
    blocked.stream().forEach(user -> names.add(users.get(user)));
    return names;
  }

  /** False: it began behind the log's first events and the cut that allows it was not met yet. */
  boolean isWhole() {
    return cutAway == null;
  }

  /** Events there are in the log once it is cut where it may be. */
  long eventsInLog() {
    return position - cutUpTo;
  }

  /** The earlier reply to the same key, or null. */
  Reply.@Nullable Steered steeredBefore(long subject, Bytes user, Warrant warrant) {
    return warrant.key().isEmpty()
        ? null
        : steeredByKey.get(new SteeringKey(subject, user, warrant.key()));
  }

  /** An item's newest order not behind {@code position}; −1 = none, −2 = not found so quickly. */
  int lastOrderUpTo(int index, long position, int ordersMax) {
    int order = items.get(index).newestOrder;
    if (order < 0 || orders.position(order) <= position) {
      return order;
    }
    order = orders.lastUpTo(position);
    for (int looked = 0; order >= 0 && buyers.item(orders.buyer(order)) != index; looked++) {
      if (looked == ordersMax) {
        return -2;
      }
      order--;
    }
    return order;
  }

  /** The order a buyer's key is bound to, by a shake or a claim; −1 = none. */
  int findByKey(int buyer, Bytes key) {
    int own = orders.findByKey(buyers, buyer, key);
    return own >= 0 ? own : claims.findByKey(buyer, key, orders);
  }

  OrderFact fact(int order) {
    int claim = claims.of(order);
    int payment = orders.payment(order);
    ReleaseReason reason = reason(orders.status(order));
    OrderStatus status =
        reason != null
            ? OrderStatus.RELEASED
            : orders.status(order) == Orders.PAID ? OrderStatus.PAID : OrderStatus.HELD;
    SaleItem item = saleOf(order).item;
    Bytes user = users.get(buyers.user(orders.buyer(order)));
    return new OrderFact(
        orderId(order),
        item.item(),
        user,
        orders.key(order),
        orders.quantity(order),
        item.price(),
        item.currency(),
        status,
        orders.acceptedAt(order),
        orders.payBy(order),
        status == OrderStatus.PAID ? orders.endedAt(order) : 0,
        payment < 0 ? Bytes.EMPTY : payments.get(payment),
        reason != null ? orders.endedAt(order) : 0,
        reason == null ? "" : reason.text(),
        item.claimBy(user, orders.acceptedAt(order)),
        claim < 0 ? Bytes.EMPTY : users.get(buyers.user(claims.buyer(claim))),
        claim < 0 ? 0 : claims.at(claim));
  }

  /**
   * When a held order is released unpaid, epoch ms. An order of an earlier epoch has a time of
   * grace.
   */
  long expiresAt(int order) {
    return withGrace(order, orders.payBy(order) + EXPIRY_DELAY_MS);
  }

  /** When a held order that waits for a claim is released, epoch ms. */
  long claimEndsAt(int order) {
    long claimBy = orders.acceptedAt(order) + saleOf(order).item.claimWithinMs();
    return withGrace(order, claimBy + EXPIRY_DELAY_MS);
  }

  private long withGrace(int order, long usual) {
    return orders.position(order) < ownedPosition ? Math.max(usual, ownedAt + GRACE_MS) : usual;
  }

  /** The earliest time at which something happens by itself. */
  long nextDueAt() {
    if (dueAtMayBeLater) {
      dueAt = Long.MAX_VALUE;
      for (ItemSale sale : items) {
        dueAt = Math.min(dueAt, sale.dueAt);
      }
      dueAtMayBeLater = false;
    }
    return dueAt;
  }

  /** See {@link SaleEngine#unaccountedUnits}. */
  long unaccountedUnits() {
    long units = 0;
    for (ItemSale sale : items) {
      units +=
          sale.unaccountedUnits()
              + Math.abs(sale.held() - orders.heldUnits(sale.index))
              + Math.abs(sale.sold() - orders.paidUnits(sale.index));
    }
    return units;
  }

  // --- applying

  void apply(SaleEvent event) {
    position++;
    if (event.at() < lastEventAt) {
      throw broken("time goes back from " + lastEventAt + " to " + event.at());
    }
    lastEventAt = event.at();
    if (cutAway != null && cutAway.skips(event, position, this)) {
      return;
    }
    if (event instanceof Accepted e) {
      accept(e);
    } else if (event instanceof Paid e) {
      pay(e);
    } else if (event instanceof Released e) {
      release(e);
    } else if (event instanceof RefundDue e) {
      refund(e);
    } else if (event instanceof Claimed e) {
      claim(e);
    } else if (event instanceof ItemOpened e) {
      applyToWindow(e.item(), e);
    } else if (event instanceof ItemEnded e) {
      applyToWindow(e.item(), e);
    } else if (event instanceof StockReleased e) {
      applyToWindow(e.item(), e);
    } else if (event instanceof ItemPublished e) {
      publish(e);
    } else if (event instanceof Steered e) {
      steer(e);
    } else if (event instanceof Owned e) {
      own(e);
    } else if (event instanceof SessionArchived e) {
      archive(e);
    } else if (event instanceof Restated e) {
      restate(e);
    } else if (event instanceof LogCut e) {
      cut(e);
    } else {
      throw new AssertionError(event);
    }
  }

  private void own(Owned e) {
    if (e.epoch() <= epoch) {
      throw broken("epoch " + e.epoch() + " after epoch " + epoch);
    }
    epoch = e.epoch();
    ownedAt = e.at();
    ownedPosition = position;
    for (ItemSale sale : items) {
      if (sale.firstHeldBefore < 0) {
        sale.firstHeldBefore = sale.firstHeldNow;
      }
      sale.firstHeldNow = -1;
      if (sale.firstUnclaimedBefore < 0) {
        sale.firstUnclaimedBefore = sale.firstUnclaimedNow;
      }
      sale.firstUnclaimedNow = -1;
      reschedule(sale);
    }
  }

  private void publish(ItemPublished e) {
    if (item(e.item().item()) != null) {
      throw broken("item " + e.item().item() + " published again");
    }
    ItemSale sale = new ItemSale(e.item(), items.size(), position);
    items.add(sale);
    itemsById.put(e.item().item(), sale);
    sessionUnits.published(sale);
    boolean opensToo = e.item().opensAt() <= e.at(); // the next event, made by the same decision
    long repliedAt = opensToo ? position + 1 : position;
    remember(e.item().item(), Bytes.EMPTY, e.warrant(), repliedAt, "{}", SteerRules.json(e.item()));
    reschedule(sale);
  }

  private void applyToWindow(long item, SaleEvent event) {
    ItemSale sale = knownItem(item);
    sale.apply(event, position);
    reschedule(sale);
  }

  private void accept(Accepted e) {
    ItemSale sale = knownItem(e.item());
    int known = buyers.size();
    int buyer = buyer(sale, e.user());
    if (buyer < known && findByKey(buyer, e.key()) >= 0) {
      throw broken("a key of item " + e.item() + " bound again");
    }
    sale.accepted(e.quantity(), position);
    if (sale.newestOrder >= 0 && orders.payBy(sale.newestOrder) > e.payBy()) {
      throw broken("item " + e.item() + ": payBy goes back to " + e.payBy());
    }
    int order = orders.add(position, buyers, buyer, e.key(), e.quantity(), e.payBy(), e.at());
    if (buyers.units(buyer) > sale.item.limitPerUser()) {
      throw broken("order " + orderId(order) + " is above its user's limit of item " + e.item());
    }
    sessionUnits.add(sale, buyers.user(buyer), e.quantity());
    if (sessionUnits.isAbove(sale, buyers.user(buyer), 0)) {
      throw broken("order " + orderId(order) + " is above its user's limit of the session");
    }
    heldUnits += e.quantity();
    if (sale.item.claimBy(e.user(), e.at()) > 0) {
      claims.await(order);
    }
    append(sale, order);
    reschedule(sale);
  }

  /** A new one if need be. */
  private int buyer(ItemSale sale, Bytes name) {
    int user = users.find(name);
    int buyer = user < 0 ? -1 : buyers.find(sale.index, user);
    return buyer >= 0 ? buyer : buyers.add(sale.index, user < 0 ? users.add(name) : user);
  }

  private void append(ItemSale sale, int order) {
    if (sale.newestOrder >= 0) {
      orders.nextOfItem(sale.newestOrder, order);
    } else {
      sale.oldestOrder = order;
    }
    sale.newestOrder = order;
    sale.orders++;
    if (sale.firstHeldNow < 0) {
      sale.firstHeldNow = order;
    }
    if (sale.firstUnclaimedNow < 0 && claims.waits(order)) {
      sale.firstUnclaimedNow = order;
    }
  }

  private void claim(Claimed e) {
    int order = knownOrder(e.order(), e.item(), e.quantity());
    if (claims.of(order) >= 0 || reason(orders.status(order)) != null) {
      throw broken("order " + e.order() + " is claimed again, or after its end");
    }
    ItemSale sale = saleOf(order);
    int buyer = buyer(sale, e.user());
    claims.add(order, buyer, position, e.at(), orders);
    buyers.addUnits(buyer, e.quantity());
    if (buyers.units(buyer) > sale.item.limitPerUser()) {
      throw broken("order " + e.order() + " is claimed above the limit of item " + e.item());
    }
    sessionUnits.add(sale, buyers.user(buyer), e.quantity());
    if (sessionUnits.isAbove(sale, buyers.user(buyer), 0)) {
      throw broken("order " + e.order() + " is claimed above the limit of the session");
    }
    noLongerWaits(sale, order);
    reschedule(sale);
  }

  private void noLongerWaits(ItemSale sale, int order) {
    claims.noLongerWaits(order);
    if (order == sale.firstUnclaimedBefore) {
      int next = nextUnclaimed(order);
      boolean ofEarlierEpoch = next >= 0 && orders.position(next) < ownedPosition;
      sale.firstUnclaimedBefore = ofEarlierEpoch ? next : -1;
    } else if (order == sale.firstUnclaimedNow) {
      sale.firstUnclaimedNow = nextUnclaimed(order);
    }
  }

  /** The next held order of the same item that waits for a claim; −1 = none. */
  int nextUnclaimed(int order) {
    int next = orders.nextOfItem(order);
    while (next >= 0 && !claims.waits(next)) {
      next = orders.nextOfItem(next);
    }
    return next;
  }

  private void pay(Paid e) {
    int order = knownOrder(e.order(), e.item(), e.quantity());
    requireHeld(order);
    orders.pay(order, buyers, addPayment(e.payment(), order, Payments.PAYS), e.at());
    ItemSale sale = saleOf(order);
    sale.paid(e.quantity(), position);
    noLongerHeld(sale, order);
  }

  private void release(Released e) {
    int order = knownOrder(e.order(), e.item(), e.quantity());
    requireHeld(order);
    orders.release(order, buyers, Orders.statusOf(e.reason()), e.at());
    int units = buyers.units(orders.buyer(order));
    if (units < 0) {
      throw broken("order " + e.order() + " leaves its user with " + units + " units");
    }
    ItemSale sale = saleOf(order);
    int claim = claims.of(order);
    if (claim >= 0) {
      buyers.addUnits(claims.buyer(claim), -e.quantity());
      sessionUnits.add(sale, buyers.user(claims.buyer(claim)), -e.quantity());
      claims.released(claim);
    }
    sessionUnits.add(sale, buyers.user(orders.buyer(order)), -e.quantity());
    sale.released(e.quantity(), position);
    noLongerHeld(sale, order);
  }

  private void noLongerHeld(ItemSale sale, int order) {
    heldUnits -= orders.quantity(order);
    if (heldUnits < 0) {
      throw broken(heldUnits + " units held after order " + orderId(order));
    }
    if (order == sale.firstHeldBefore) {
      int next = nextHeld(order);
      boolean ofEarlierEpoch = next >= 0 && orders.position(next) < ownedPosition;
      sale.firstHeldBefore = ofEarlierEpoch ? next : -1;
    } else if (order == sale.firstHeldNow) {
      sale.firstHeldNow = nextHeld(order);
    }
    noLongerWaits(sale, order);
    reschedule(sale);
  }

  /** The next held order of the same item; −1 = none. */
  int nextHeld(int order) {
    int next = orders.nextOfItem(order);
    while (next >= 0 && orders.status(next) != Orders.HELD) {
      next = orders.nextOfItem(next);
    }
    return next;
  }

  private void refund(RefundDue e) {
    int order = findOrder(e.order());
    if (order < 0) {
      throw broken("order " + e.order() + " does not exist");
    }
    boolean late = e.reason() == RefundReason.LATE;
    byte status = orders.status(order);
    if (late ? reason(status) == null : status != Orders.PAID) {
      throw broken("order " + e.order() + " gets a refund that does not fit its status");
    }
    addPayment(e.payment(), order, late ? Payments.LATE : Payments.EXTRA);
  }

  private int addPayment(Bytes payment, int order, byte kind) {
    int number = payments.add(payment, order, kind);
    if (number < 0) {
      throw broken("a payment of order " + orderId(order) + " counted again");
    }
    return number;
  }

  private void steer(Steered e) {
    Steering steering = e.steering();
    switch (steering) {
      case BLOCK_USER, UNBLOCK_USER -> block(e.user(), steering == Steering.BLOCK_USER);
      case PAUSE_SESSION, RESUME_SESSION -> {
        for (ItemSale sale : items) {
          if (sale.item.session() == e.subject() && !sale.ended()) {
            sale.steer(steering, 0, position);
            noteShown(sale);
          }
        }
      }
      case SET_LIMIT -> setLimit(e.subject(), e.value());
      default -> {
        ItemSale sale = knownItem(e.subject());
        sale.steer(steering, e.value(), position);
        reschedule(sale);
      }
    }
    remember(e.subject(), e.user(), e.warrant(), position, e.before(), e.after());
  }

  private void setLimit(long code, long value) {
    EdgeLimit limit = EdgeLimit.find(code);
    if (limit == null) {
      throw broken("limit number " + code + " does not exist");
    }
    limits.set(limit, value);
  }

  private void block(Bytes user, boolean block) {
    int number = users.intern(user);
    if (blocked.get(number) != block) {
      blocked.set(number, block);
      long hash = Bytes.mix64(user.hash64());
      blockedHashes += block ? hash : -hash;
    }
  }

  private void remember(
      long subject, Bytes user, Warrant warrant, long repliedAt, String before, String after) {
    if (warrant.key().isEmpty()) {
      return;
    }
    Reply.Steered reply = new Reply.Steered(repliedAt, before, after);
    Reply.Steered earlier =
        steeredByKey.putIfAbsent(new SteeringKey(subject, user, warrant.key()), reply);
    if (earlier != null) {
      throw broken("a steering key of subject " + subject + " used again");
    }
    steeredHashes += hash64(new SteeringKey(subject, user, warrant.key()), reply);
  }

  /** Position of the first steering behind {@code position} whose key is known. */
  long firstKeyBehind(long position) {
    long first = Long.MAX_VALUE;
    for (Reply.Steered reply : steeredByKey.values()) {
      first = reply.position() > position ? Math.min(first, reply.position()) : first;
    }
    return first;
  }

  private static long hash64(SteeringKey key, Reply.Steered reply) {
    long hash = key.key().hash64() ^ key.subject();
    hash = Bytes.mix64(hash) ^ key.user().hash64();
    hash = Bytes.mix64(hash) ^ reply.position();
    hash = Bytes.mix64(hash) ^ hash64(reply.before() + reply.after());
    return Bytes.mix64(hash);
  }

  /** Which of them go is said of each by itself, so the map's order does not matter. */
  private void forgetSteered(BiPredicate<SteeringKey, Reply.Steered> which) {
    steeredByKey
        .entrySet()
        .removeIf(
            entry -> {
              boolean goes = which.test(entry.getKey(), entry.getValue());
              steeredHashes -= goes ? hash64(entry.getKey(), entry.getValue()) : 0;
              return goes;
            });
  }

  // --- archive and cut

  private void archive(SessionArchived e) {
    LongHashSet gone = new LongHashSet();
    for (long id : e.items()) {
      gone.add(id);
      ItemSale sale = itemsById.remove(id);
      if (cutAway != null) {
        cutAway.archived(id);
      }
      if (sale != null) {
        if (sale.item.session() != e.session() || !sale.ended() || sale.held() > 0) {
          throw broken("item " + id + " is archived but not over, or of another session");
        }
        eventsAhead -= sale.eventsCounted;
      } else if (isWhole()) {
        throw broken("item " + id + " is archived but does not exist");
      }
    }
    forgetSteered((key, reply) -> gone.contains(key.subject()));
    keepOnly(items.stream().filter(sale -> !gone.contains(sale.item.item())).toList());
    archivedAt = position;
  }

  private void keepOnly(List<ItemSale> stay) {
    Renumbering now = new Renumbering(this, stay);
    users = now.users;
    buyers = now.buyers;
    orders = now.orders;
    claims = now.claims;
    payments = now.payments;
    sessionUnits = now.sessionUnits;
    blocked = now.blocked;
    items.clear();
    items.addAll(stay);
    shownChanges.clear();
    for (ItemSale sale : stay) {
      if (sale.toBeShown) {
        shownChanges.addInt(sale.index);
      }
    }
    dueAtMayBeLater = true;
    numbering++;
  }

  private void restate(Restated e) {
    for (Bytes user : e.blocked()) {
      if (isWhole() && !isBlocked(user)) {
        throw broken("a user is restated as blocked who is not");
      }
      block(user, true);
    }
    for (SaleEvent.Limit limit : e.limits()) {
      EdgeLimit known = EdgeLimit.find(limit.code());
      if (isWhole() && (known == null || limits.of(known) != limit.value())) {
        throw broken("limit number " + limit.code() + " is restated with another value");
      }
      setLimit(limit.code(), limit.value());
    }
  }

  private void cut(LogCut e) {
    if (e.upTo() <= cutUpTo || e.upTo() >= position) {
      throw broken("cut up to " + e.upTo() + " after " + cutUpTo);
    }
    for (ItemSale sale : items) {
      if (sale.publishedAt <= e.upTo()) {
        throw broken("cut up to " + e.upTo() + " takes away item " + sale.item.item());
      }
    }
    if (e.epoch() < epoch || isWhole() && e.epoch() > epoch) {
      throw broken("cut in epoch " + e.epoch() + " after epoch " + epoch);
    }
    if (cutAway != null && cutAway.upTo() <= e.upTo()) {
      if (cutAway.unexplained() != 0) {
        throw broken(
            "item " + cutAway.unexplained() + " is in the log, but neither published nor archived");
      }
      cutAway = null;
    }
    epoch = e.epoch();
    if (ownedPosition <= e.upTo()) { // no order is left that is older than this owner
      ownedAt = 0;
      ownedPosition = 0;
    }
    forgetSteered((key, reply) -> reply.position() <= e.upTo());
    cutUpTo = e.upTo();
    archivedAt = 0;
  }

  /** Hands over, once each, the items of which something else is shown now than before. */
  void takeShownChanges(IntConsumer indexes) {
    for (int i = 0; i < shownChanges.size(); i++) {
      int index = shownChanges.getInt(i);
      items.get(index).toBeShown = false;
      indexes.accept(index);
    }
    shownChanges.clear();
  }

  private void noteShown(ItemSale sale) {
    boolean changed = sale.shownSince() == position || sale.returnedAt() == position;
    if (changed && !sale.toBeShown) {
      sale.toBeShown = true;
      shownChanges.addInt(sale.index);
    }
  }

  /** Keeps {@link #nextDueAt} and {@link #eventsAhead} true after a change of an item. */
  private void reschedule(ItemSale sale) {
    noteShown(sale);
    long ahead = sale.eventsAhead();
    eventsAhead += ahead - sale.eventsCounted;
    sale.eventsCounted = ahead;
    long due = sale.windowDueAt();
    if (sale.firstHeldBefore >= 0) {
      due = Math.min(due, expiresAt(sale.firstHeldBefore));
    }
    if (sale.firstHeldNow >= 0) {
      due = Math.min(due, expiresAt(sale.firstHeldNow));
    }
    if (sale.firstUnclaimedBefore >= 0) {
      due = Math.min(due, claimEndsAt(sale.firstUnclaimedBefore));
    }
    if (sale.firstUnclaimedNow >= 0) {
      due = Math.min(due, claimEndsAt(sale.firstUnclaimedNow));
    }
    if (due > sale.dueAt && sale.dueAt == dueAt) {
      dueAtMayBeLater = true;
    }
    sale.dueAt = due;
    dueAt = Math.min(dueAt, due);
  }

  // --- the hash

  /** The whole state as numbers in a fixed order; equal states give equal sequences. */
  void canonical(LongConsumer out) {
    canonicalHead(out);
    for (int part = 0; part < PARTS; part++) {
      out.accept(records(part));
      canonicalRecords(part, 0, records(part), out);
    }
    canonicalTail(out);
  }

  /** Everything before the many records, which are in {@value #PARTS} parts. */
  void canonicalHead(LongConsumer out) {
    out.accept(position);
    out.accept(lastEventAt);
    out.accept(epoch);
    out.accept(ownedAt);
    out.accept(ownedPosition);
    out.accept(items.size());
    for (ItemSale sale : items) {
      sale.canonical(out);
    }
  }

  /** How many there are in a part. */
  int records(int part) {
    return part == 0 ? orders.size() : part == 1 ? claims.size() : payments.size();
  }

  /** Of a part those numbered {@code from} to {@code to}, without the last. */
  void canonicalRecords(int part, int from, int to, LongConsumer out) {
    if (part == 0) {
      canonicalOrders(from, to, out);
    } else if (part == 1) {
      claims.canonical(from, to, orders, buyer -> users.hash64(buyers.user(buyer)), out);
    } else {
      payments.canonical(from, to, orders, out);
    }
  }

  private void canonicalOrders(int from, int to, LongConsumer out) {
    for (int order = from; order < to; order++) {
      int buyer = orders.buyer(order);
      out.accept(orders.position(order));
      out.accept(buyers.item(buyer));
      out.accept(users.hash64(buyers.user(buyer)));
      out.accept(orders.keyHash64(order));
      out.accept(orders.quantity(order));
      out.accept(orders.status(order));
      out.accept(orders.acceptedAt(order));
      out.accept(orders.payBy(order));
      out.accept(orders.endedAt(order));
    }
  }

  /** Everything behind the records. */
  void canonicalTail(LongConsumer out) {
    out.accept(blocked.cardinality());
    out.accept(blockedHashes);
    out.accept(steeredByKey.size());
    out.accept(steeredHashes);
    limits.canonical(out);
    if (cutUpTo > 0 || archivedAt > 0) { // so that hashes of before the first archive stay
      out.accept(cutUpTo);
      out.accept(archivedAt);
    }
  }

  static long hash64(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return Bytes.hash64(utf8, 0, utf8.length);
  }

  // --- assertions

  private ItemSale knownItem(long id) {
    ItemSale sale = item(id);
    if (sale == null) {
      throw broken("item " + id + " does not exist");
    }
    return sale;
  }

  private int knownOrder(long id, long item, int quantity) {
    int order = findOrder(id);
    if (order < 0) {
      throw broken("order " + id + " does not exist");
    }
    if (saleOf(order).item.item() != item || orders.quantity(order) != quantity) {
      throw broken("order " + id + " is of another item or quantity");
    }
    return order;
  }

  private void requireHeld(int order) {
    if (orders.status(order) != Orders.HELD) {
      throw broken("order " + orderId(order) + " is no longer held but ends again");
    }
  }

  private BrokenInvariant broken(String problem) {
    return new BrokenInvariant(position, problem);
  }

  private static @Nullable ReleaseReason reason(byte status) {
    return switch (status) {
      case Orders.EXPIRED -> ReleaseReason.EXPIRED;
      case Orders.CANCELLED -> ReleaseReason.CANCELLED;
      case Orders.UNCLAIMED -> ReleaseReason.UNCLAIMED;
      default -> null;
    };
  }
}
