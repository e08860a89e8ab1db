package stampede.sale.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.EdgeLimit;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.Outcome;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.StockLevel;
import stampede.protocol.Warrant;

/**
 * The rules of a sale once more, slow and obvious: lists that are searched from the front, sums
 * that are summed again each time. What {@link SaleEngine} does must be what this does.
 */
final class NaiveTwin {
  static final class Item {
    SaleItem facts;
    long publishedAt;
    final List<Order> orders = new ArrayList<>();
    boolean open;
    boolean ended;
    boolean paused;
    boolean sessionPaused;
    boolean low;
    int gate;
    long cooldownMs;
    int portions;
    long stock;
  }

  static final class Order {
    long position;
    Item item;
    Bytes user;
    Bytes key;
    int quantity;
    OrderStatus status = OrderStatus.HELD;
    ReleaseReason reason;
    long acceptedAt;
    long payBy;
    long endedAt;
    Bytes payment = Bytes.EMPTY;
    Bytes claimedBy = Bytes.EMPTY;
    long claimedAt;
    long claimPosition;

    boolean ofDevice() {
      return user.utf8().startsWith("device:");
    }

    boolean isOf(Bytes who) {
      return user.equals(who) || !claimedBy.isEmpty() && claimedBy.equals(who);
    }

    boolean waits() {
      boolean toClaim = ofDevice() && item.facts.claimWithinMs() > 0;
      return toClaim && status == OrderStatus.HELD && claimedBy.isEmpty();
    }
  }

  record Payment(Bytes payment, Order order, String status) {}

  record SteeringKey(long subject, Bytes user, Bytes key) {}

  final int partition;
  final long eventsMax;
  final List<Item> items = new ArrayList<>();
  final List<Order> orders = new ArrayList<>();
  final List<Order> claimed = new ArrayList<>();
  final List<Payment> payments = new ArrayList<>();
  final Set<Bytes> blocked = new HashSet<>();
  private final Map<EdgeLimit, Long> limits = new EnumMap<>(EdgeLimit.class);
  final Map<SteeringKey, Reply.Steered> steered = new LinkedHashMap<>();
  long position;
  long lastEventAt;
  long epoch;
  long ownedAt;
  long ownedPosition;
  long cutUpTo;
  long archivedAt;

  NaiveTwin(int partition, long eventsMax) {
    this.partition = partition;
    this.eventsMax = eventsMax;
  }

  // --- sums

  Item item(long id) {
    return items.stream().filter(i -> i.facts.item() == id).findFirst().orElse(null);
  }

  Order order(long id) {
    return orders.stream().filter(o -> id(o) == id).findFirst().orElse(null);
  }

  long id(Order order) {
    return partition * (1L << 44) + order.position;
  }

  long units(Item item, OrderStatus status) {
    long units = 0;
    for (Order o : item.orders) {
      units += o.status == status ? o.quantity : 0;
    }
    return units;
  }

  long available(Item i) {
    long left = i.stock;
    for (Order o : i.orders) {
      left -= o.status == OrderStatus.RELEASED ? 0 : o.quantity;
    }
    return left;
  }

  List<Order> live(Item item, Bytes user) {
    return item.orders.stream()
        .filter(o -> o.isOf(user) && o.status != OrderStatus.RELEASED)
        .toList();
  }

  Order bound(Item item, Bytes user, Bytes key) {
    for (Order o : item.orders) {
      if (o.user.equals(user) && o.key.equals(key)) {
        return o;
      }
    }
    for (Order o : claimed) {
      if (o.item == item && o.claimedBy.equals(user) && o.key.equals(key)) {
        return o;
      }
    }
    return null;
  }

  ItemState state(Item i) {
    if (i.ended) {
      return ItemState.ENDED;
    } else if (!i.open) {
      return ItemState.SCHEDULED;
    } else if (i.paused || i.sessionPaused) {
      return ItemState.PAUSED;
    }
    return available(i) == 0 ? ItemState.SOLD_OUT : ItemState.OPEN;
  }

  StockLevel level(Item i) {
    return available(i) == 0 ? StockLevel.NONE : i.low ? StockLevel.LOW : StockLevel.PLENTY;
  }

  long unitsToCome(Item i) {
    List<SaleItem.Release> all = i.facts.releases();
    return i.ended
        ? 0
        : all.subList(i.portions, all.size()).stream().mapToLong(SaleItem.Release::units).sum();
  }

  long ahead(Item i) {
    long toSell = i.ended ? 0 : available(i) + unitsToCome(i);
    return (3 + toClaim(i.facts)) * toSell
        + (2 + toClaim(i.facts)) * units(i, OrderStatus.HELD)
        + 2
        + (i.facts.releases().size() - i.portions);
  }

  static int toClaim(SaleItem item) {
    return item.claimWithinMs() > 0 ? 1 : 0;
  }

  OrderFact fact(Order o) {
    boolean paid = o.status == OrderStatus.PAID;
    boolean released = o.status == OrderStatus.RELEASED;
    SaleItem item = o.item.facts;
    return new OrderFact(
        id(o),
        item.item(),
        o.user,
        o.key,
        o.quantity,
        item.price(),
        item.currency(),
        o.status,
        o.acceptedAt,
        o.payBy,
        paid ? o.endedAt : 0,
        o.payment,
        released ? o.endedAt : 0,
        released ? o.reason.text() : "",
        o.ofDevice() && item.claimWithinMs() > 0 ? o.acceptedAt + item.claimWithinMs() : 0,
        o.claimedBy,
        o.claimedAt);
  }

  // --- time

  List<SaleEvent> window(Item i, long now) {
    List<SaleEvent> events = new ArrayList<>();
    if (i.ended) {
      return events;
    }
    long id = i.facts.item();
    if (now >= i.facts.closesAt()) {
      events.add(new SaleEvent.ItemEnded(id, now));
      return events;
    }
    if (!i.open && now >= i.facts.opensAt()) {
      events.add(new SaleEvent.ItemOpened(id, now));
    }
    for (int n = i.portions; n < i.facts.releases().size(); n++) {
      SaleItem.Release release = i.facts.releases().get(n);
      if (release.at() <= now) {
        events.add(new SaleEvent.StockReleased(id, n, release.units(), now));
      }
    }
    return events;
  }

  long expiresAt(Order o) {
    return withGrace(o, o.payBy + 1_000);
  }

  long claimEndsAt(Order o) {
    return withGrace(o, o.acceptedAt + o.item.facts.claimWithinMs() + 1_000);
  }

  private long withGrace(Order o, long usual) {
    return o.position < ownedPosition ? Math.max(usual, ownedAt + 10_000) : usual;
  }

  List<SaleEvent> due(long nowMs, int max) {
    long now = Math.max(nowMs, lastEventAt);
    List<SaleEvent> events = new ArrayList<>();
    items.forEach(i -> events.addAll(window(i, now)));
    for (Item i : items) {
      for (Order o : i.orders) {
        if (o.status == OrderStatus.HELD && expiresAt(o) <= now) {
          ReleaseReason why = ReleaseReason.EXPIRED;
          events.add(new SaleEvent.Released(id(o), i.facts.item(), o.quantity, why, now));
        }
      }
      for (Order o : i.orders) {
        if (o.waits() && expiresAt(o) > now && claimEndsAt(o) <= now) {
          ReleaseReason why = ReleaseReason.UNCLAIMED;
          events.add(new SaleEvent.Released(id(o), i.facts.item(), o.quantity, why, now));
        }
      }
    }
    return events.subList(0, Math.min(max, events.size()));
  }

  long nextDueAt() {
    long next = Long.MAX_VALUE;
    for (Item i : items) {
      if (!i.ended) {
        next = Math.min(next, i.facts.closesAt());
        next = i.open ? next : Math.min(next, i.facts.opensAt());
        for (int n = i.portions; n < i.facts.releases().size(); n++) {
          next = Math.min(next, i.facts.releases().get(n).at());
        }
      }
    }
    for (Order o : orders) {
      next = o.status == OrderStatus.HELD ? Math.min(next, expiresAt(o)) : next;
      next = o.waits() ? Math.min(next, claimEndsAt(o)) : next;
    }
    return next;
  }

  // --- decide

  /** {@code log}: all events so far; a window that is due is applied to a twin made from them. */
  Decision decide(Command command, long nowMs, boolean trusted, List<SaleEvent> log) {
    long now = Math.max(nowMs, lastEventAt);
    List<SaleEvent> first = windowFirst(command, now, trusted);
    if (first.isEmpty()) {
      return decided(command, now, trusted);
    }
    NaiveTwin ahead = new NaiveTwin(partition, eventsMax);
    log.forEach(ahead::apply);
    first.forEach(ahead::apply);
    Decision then = ahead.decided(command, now, trusted);
    List<SaleEvent> all = new ArrayList<>(first);
    all.addAll(then.events());
    return new Decision(then.reply(), all);
  }

  /** Only answers that depend on the window bring it up to date. */
  private List<SaleEvent> windowFirst(Command command, long now, boolean trusted) {
    if (!trusted) {
      return List.of();
    }
    if (command instanceof Command.Shake c) {
      Item i = item(c.item());
      boolean asks =
          i != null
              && bound(i, c.user(), c.key()) == null
              && !mustSignIn(i, c.user())
              && !blocked.contains(c.user());
      return asks ? window(i, now) : List.of();
    }
    if (command instanceof Command.Steer c && isOfItem(c.steering())) {
      Item i = item(c.subject());
      boolean asks = i != null && before(c.subject(), c.user(), c.warrant()) == null;
      return asks ? window(i, now) : List.of();
    }
    return List.of();
  }

  private static boolean mustSignIn(Item i, Bytes user) {
    return i.facts.claimWithinMs() == 0 && user.utf8().startsWith("device:");
  }

  static boolean isOfItem(Steering steering) {
    return steering.code() <= Steering.SET_GATE.code() || steering == Steering.SET_COOLDOWN;
  }

  private Decision decided(Command command, long now, boolean trusted) {
    if (command instanceof Command.Shake c) {
      return shake(c, now);
    } else if (command instanceof Command.AskResult c) {
      Item i = item(c.item());
      Order o = i == null ? null : bound(i, c.user(), c.key());
      if (i == null) {
        String detail = "item is not on sale here";
        return say(Reply.Shaken.invalid("unknown_item", detail, position, now));
      }
      return say(
          o == null
              ? Reply.Shaken.of(Outcome.UNKNOWN, position, now)
              : Reply.Shaken.accepted(fact(o), position, now, true));
    } else if (command instanceof Command.FindOrder c) {
      Order o = order(c.order());
      boolean hidden = o == null || !c.user().isEmpty() && !o.isOf(c.user());
      return hidden ? unknownOrder(c.order()) : say(new Reply.OrderIs(position, fact(o)));
    } else if (command instanceof Command.Cancel c) {
      return cancel(c, now);
    } else if (command instanceof Command.Claim c) {
      return claim(c, now);
    } else if (command instanceof Command.Pay c) {
      return pay(c, now);
    } else if (command instanceof Command.FindItem c) {
      Item i = item(c.item());
      return i == null ? unknownItem(c.item()) : say(itemIs(i, now));
    } else if (command instanceof Command.Publish c) {
      return publish(c, now, trusted);
    } else if (command instanceof Command.Steer c) {
      return steer(c, now);
    } else if (command instanceof Command.Archive c) {
      return archive(c, now);
    }
    throw new AssertionError(command);
  }

  private Decision shake(Command.Shake c, long now) {
    Item i = item(c.item());
    if (i == null) {
      String detail = "item is not on sale here";
      return say(Reply.Shaken.invalid("unknown_item", detail, position, now));
    }
    Order o = bound(i, c.user(), c.key());
    if (o != null) {
      String detail = "quantity must be " + o.quantity + ", as in this key's order";
      return say(
          o.quantity == c.quantity()
              ? Reply.Shaken.accepted(fact(o), position, now, true)
              : Reply.Shaken.invalid("key_reused", detail, position, now));
    }
    if (mustSignIn(i, c.user())) {
      String detail = "this item is for users who have signed in";
      return say(Reply.Shaken.invalid("login_required", detail, position, now));
    }
    if (blocked.contains(c.user())) {
      return say(Reply.Shaken.of(Outcome.BLOCKED, position, now));
    }
    switch (state(i)) {
      case SCHEDULED:
        return say(Reply.Shaken.notOpen(i.facts.opensAt(), position, now));
      case ENDED:
        return say(Reply.Shaken.of(Outcome.ENDED, position, now));
      case PAUSED:
        return say(Reply.Shaken.of(Outcome.PAUSED, position, now));
      default:
    }
    int orderMax = i.facts.limitPerOrder();
    if (orderMax > 0 && c.quantity() > orderMax) {
      String detail = "quantity must be at most " + orderMax + " in one order of this item";
      return say(Reply.Shaken.invalid("above_order_limit", detail, position, now));
    }
    List<Order> live = live(i, c.user());
    int units = live.stream().mapToInt(l -> l.quantity).sum();
    if (units + c.quantity() > i.facts.limitPerUser()) {
      long[] ids = live.stream().mapToLong(this::id).toArray();
      return say(Reply.Shaken.limitReached(ids, position, now));
    }
    if (i.facts.limitPerSession() > 0) {
      List<Order> together = liveTogether(i, c.user());
      int all = together.stream().mapToInt(l -> l.quantity).sum();
      if (all + c.quantity() > i.facts.limitPerSession()) {
        long[] ids = together.stream().mapToLong(this::id).toArray();
        return say(Reply.Shaken.limitReached(ids, position, now));
      }
    }
    if (available(i) < c.quantity()) {
      return say(Reply.Shaken.of(Outcome.SOLD_OUT, position, now));
    }
    long held = items.stream().mapToLong(x -> units(x, OrderStatus.HELD)).sum();
    if (position - cutUpTo + 2 * (held + c.quantity()) + 1_000 > eventsMax) {
      return say(Reply.Shaken.of(Outcome.BUSY, position, now));
    }
    Order made = new Order();
    made.position = position + 1;
    made.item = i;
    made.user = c.user();
    made.key = c.key();
    made.quantity = c.quantity();
    made.acceptedAt = now;
    made.payBy = now + i.facts.payWithinMs();
    return new Decision(
        Reply.Shaken.accepted(fact(made), position + 1, now, false),
        List.of(
            new SaleEvent.Accepted(c.item(), c.user(), c.key(), c.quantity(), made.payBy, now)));
  }

  private Decision cancel(Command.Cancel c, long now) {
    Order o = order(c.order());
    if (o == null || !o.isOf(c.user())) {
      return unknownOrder(c.order());
    } else if (!o.claimedBy.isEmpty() && o.user.equals(c.user())) {
      return refuse("already_claimed", "order " + c.order() + " belongs to who claimed it");
    } else if (o.status == OrderStatus.PAID) {
      return refuse("already_paid", "order " + c.order() + " is paid");
    } else if (o.status == OrderStatus.RELEASED) {
      return say(new Reply.OrderIs(position, fact(o)));
    }
    SaleEvent event =
        new SaleEvent.Released(
            c.order(), o.item.facts.item(), o.quantity, ReleaseReason.CANCELLED, now);
    Order after = copy(o);
    after.status = OrderStatus.RELEASED;
    after.reason = ReleaseReason.CANCELLED;
    after.endedAt = now;
    return new Decision(new Reply.OrderIs(position + 1, fact(after)), List.of(event));
  }

  /** A user's orders of all items of a session that limits its users. */
  private List<Order> liveTogether(Item i, Bytes user) {
    return items.stream()
        .filter(x -> x.facts.session() == i.facts.session())
        .filter(x -> x.facts.limitPerSession() > 0)
        .flatMap(x -> live(x, user).stream())
        .toList();
  }

  private Decision claim(Command.Claim c, long now) {
    Order o = order(c.order());
    if (o == null || !o.user.equals(c.device())) {
      return unknownOrder(c.order());
    } else if (!o.claimedBy.isEmpty()) {
      return o.claimedBy.equals(c.user())
          ? say(new Reply.OrderIs(position, fact(o)))
          : refuse("already_claimed", "order " + c.order() + " is claimed by another user");
    } else if (o.status == OrderStatus.RELEASED) {
      String detail = "order " + c.order() + " was released: " + o.reason.text();
      return refuse("order_released", detail);
    } else if (blocked.contains(c.user())) {
      return refuse("blocked", "this user may not buy");
    }
    int units = live(o.item, c.user()).stream().mapToInt(l -> l.quantity).sum();
    int limit = o.item.facts.limitPerUser();
    if (units + o.quantity > limit) {
      String detail = "the user has " + units + " units of this item, " + limit + " are allowed";
      return refuse("limit_reached", detail);
    }
    int most = o.item.facts.limitPerSession();
    int all = liveTogether(o.item, c.user()).stream().mapToInt(l -> l.quantity).sum();
    if (most > 0 && all + o.quantity > most) {
      return refuse("limit_reached", "a user may have " + most + " units of this session");
    }
    long held = items.stream().mapToLong(x -> units(x, OrderStatus.HELD)).sum();
    if (position - cutUpTo + 1 + 2 * held + 1_000 > eventsMax) {
      return refuse("busy", "the partition is near its limit of events");
    }
    Order after = copy(o);
    after.claimedBy = c.user();
    after.claimedAt = now;
    return new Decision(
        new Reply.OrderIs(position + 1, fact(after)),
        List.of(new SaleEvent.Claimed(c.order(), o.item.facts.item(), o.quantity, c.user(), now)));
  }

  private Decision pay(Command.Pay c, long now) {
    Order o = order(c.order());
    if (o == null) {
      return unknownOrder(c.order());
    }
    long amount = o.item.facts.price() * o.quantity;
    String currency = o.item.facts.currency();
    if (c.amount() != amount) {
      return refuse("amount_mismatch", "amount is " + c.amount() + ", the order's is " + amount);
    }
    if (!c.currency().equals(currency)) {
      String detail = "currency is " + c.currency() + ", the order's is " + currency;
      return refuse("currency_mismatch", detail);
    }
    for (Payment known : payments) {
      if (known.payment.equals(c.payment())) {
        return known.order == o
            ? say(new Reply.PaymentIs(position, known.status, fact(o)))
            : refuse("payment_reused", "payment came in for another order before");
      }
    }
    if (o.status == OrderStatus.HELD) {
      Order after = copy(o);
      after.status = OrderStatus.PAID;
      after.payment = c.payment();
      after.endedAt = now;
      return new Decision(
          new Reply.PaymentIs(position + 1, "paid", fact(after)),
          List.of(
              new SaleEvent.Paid(c.order(), o.item.facts.item(), o.quantity, c.payment(), now)));
    }
    RefundReason why = o.status == OrderStatus.PAID ? RefundReason.EXTRA : RefundReason.LATE;
    return new Decision(
        new Reply.PaymentIs(position + 1, why.text(), fact(o)),
        List.of(new SaleEvent.RefundDue(c.order(), c.payment(), why, now)));
  }

  private Decision publish(Command.Publish c, long now, boolean trusted) {
    SaleItem s = c.item();
    Reply.Steered earlier = before(s.item(), Bytes.EMPTY, c.warrant());
    if (earlier != null) {
      return say(earlier);
    }
    Item known = item(s.item());
    if (known != null) {
      return known.facts.equals(s)
          ? say(new Reply.Steered(position, publishJson(s), publishJson(s)))
          : refuse("item_differs", "item " + s.item() + " is published with other values");
    }
    if (s.closesAt() <= now) {
      return refuse("item_ended", "closesAt is in the past");
    }
    long selling = (3 + toClaim(s)) * s.stockWithReleases();
    Decision tooMany = tooMany(selling + 2 + s.releases().size());
    if (tooMany != null) {
      return tooMany;
    }
    List<SaleEvent> events = new ArrayList<>();
    events.add(new SaleEvent.ItemPublished(s, c.warrant(), now));
    if (trusted && s.opensAt() <= now) {
      events.add(new SaleEvent.ItemOpened(s.item(), now));
    }
    return new Decision(new Reply.Steered(position + events.size(), "{}", publishJson(s)), events);
  }

  private Decision archive(Command.Archive c, long now) {
    List<Item> mine = items.stream().filter(i -> i.facts.session() == c.session()).toList();
    for (Item i : mine) {
      long id = i.facts.item();
      long closesAt = i.facts.closesAt();
      long held = units(i, OrderStatus.HELD);
      if (!i.ended || now < closesAt) {
        String detail = "item " + id + " is " + state(i).text() + ", closesAt " + closesAt;
        return refuse("not_ended", detail);
      } else if (held > 0) {
        return refuse("orders_held", held + " units of item " + id + " wait for their payment");
      }
    }
    long last =
        mine.stream()
            .mapToLong(i -> i.facts.closesAt() + i.facts.payWithinMs() + 24 * 3_600_000)
            .max()
            .orElse(0);
    if (now < last && !c.early()) {
      return refuse("too_early", "payments may still come until " + last);
    }
    List<Long> ids = mine.stream().map(i -> i.facts.item()).toList();
    return new Decision(
        new Reply.Steered(
            position + (ids.isEmpty() ? 0 : 1), "{\"items\":" + ids.size() + "}", "{\"items\":0}"),
        ids.isEmpty() ? List.of() : List.of(new SaleEvent.SessionArchived(c.session(), ids, now)));
  }

  /** Up to where the log may be cut now; 0 = no further. */
  long mayCutUpTo(long drained, long forgettable) {
    long upTo = Math.min(drained, position);
    for (Item i : items) {
      upTo = Math.min(upTo, i.publishedAt - 1);
    }
    boolean anyLimit = limits.values().stream().anyMatch(value -> value != -1);
    int events = 1 + (anyLimit ? 1 : 0) + (blocked.isEmpty() ? 0 : 1);
    for (; takesAYoungKey(upTo, forgettable); upTo--) {}
    boolean wanted = archivedAt > 0 && drained >= archivedAt && upTo - cutUpTo > events;
    wanted &= !takesAYoungKey(archivedAt, forgettable);
    return wanted ? upTo : 0;
  }

  private boolean takesAYoungKey(long upTo, long forgettable) {
    return steered.values().stream()
        .anyMatch(reply -> reply.position() > forgettable && reply.position() <= upTo);
  }

  private Decision steer(Command.Steer c, long now) {
    Reply.Steered earlier = before(c.subject(), c.user(), c.warrant());
    if (earlier != null) {
      return say(earlier);
    }
    Steering s = c.steering();
    if (s == Steering.BLOCK_USER || s == Steering.UNBLOCK_USER) {
      return c.user().isEmpty()
          ? refuse("invalid", "user must have 1 to 64 bytes")
          : steered(
              c,
              "{\"blocked\":" + blocked.contains(c.user()) + "}",
              "{\"blocked\":" + (s == Steering.BLOCK_USER) + "}",
              now);
    }
    if (s == Steering.PAUSE_SESSION || s == Steering.RESUME_SESSION) {
      List<Item> mine =
          items.stream().filter(i -> i.facts.session() == c.subject() && !i.ended).toList();
      if (mine.isEmpty()) {
        return say(new Reply.Steered(position, "{}", "{}"));
      }
      String head = "{\"items\":" + mine.size() + ",\"paused\":";
      long paused = mine.stream().filter(i -> i.sessionPaused).count();
      long after = s == Steering.PAUSE_SESSION ? mine.size() : 0;
      return steered(c, head + paused + "}", head + after + "}", now);
    }
    if (s == Steering.SET_LIMIT) {
      EdgeLimit limit =
          List.of(EdgeLimit.values()).stream()
              .filter(each -> each.code() == c.subject())
              .findFirst()
              .orElse(null);
      if (limit == null) {
        return refuse("unknown_limit", "there is no limit number " + c.subject());
      }
      if (c.value() < limit.min() && c.value() != -1 || c.value() > limit.max()) {
        return refuse("invalid", "value must be " + limit.min() + " to " + limit.max());
      }
      return steered(c, limitJson(limit, limits.get(limit)), limitJson(limit, c.value()), now);
    }
    Item i = item(c.subject());
    if (i == null) {
      return unknownItem(c.subject());
    }
    if (i.ended) {
      return refuse("item_ended", "item " + c.subject() + " has ended");
    }
    if (s == Steering.SET_GATE && (c.value() < 0 || c.value() > 1_000_000)) {
      return refuse("invalid", "gate must be 0 to 1");
    }
    if (s == Steering.SET_COOLDOWN && (c.value() < 0 || c.value() > 3_600_000)) {
      return refuse("invalid", "cooldownMs must be 0 to 3600000");
    }
    if (s == Steering.ADD_STOCK) {
      long most = Limits.STOCK_MAX - i.stock - unitsToCome(i);
      if (c.value() < 1) {
        return refuse("invalid", "add must be at least 1");
      }
      if (c.value() > most) {
        return refuse(
            "too_much_stock",
            "add is " + c.value() + ", at most " + most + " more units are possible");
      }
      Decision tooMany = tooMany((3 + toClaim(i.facts)) * c.value());
      if (tooMany != null) {
        return tooMany;
      }
    }
    String was = itemJson(i, i.ended, i.paused, i.stock, i.gate, i.cooldownMs);
    String is =
        switch (s) {
          case PAUSE_ITEM -> itemJson(i, false, true, i.stock, i.gate, i.cooldownMs);
          case RESUME_ITEM -> itemJson(i, false, false, i.stock, i.gate, i.cooldownMs);
          case CLOSE_ITEM -> itemJson(i, true, i.paused, i.stock, i.gate, i.cooldownMs);
          case ADD_STOCK -> itemJson(i, false, i.paused, i.stock + c.value(), i.gate, i.cooldownMs);
          case SET_GATE -> itemJson(i, false, i.paused, i.stock, (int) c.value(), i.cooldownMs);
          case SET_COOLDOWN -> itemJson(i, false, i.paused, i.stock, i.gate, c.value());
          default -> throw new AssertionError(s);
        };
    return steered(c, was, is, now);
  }

  private String itemJson(
      Item i, boolean ended, boolean paused, long stock, int gate, long cooldownMs) {
    boolean anyPause = paused || i.sessionPaused;
    boolean left = stock - i.stock + available(i) > 0;
    String open = anyPause ? "paused" : left ? "open" : "sold_out";
    String state = ended ? "ended" : i.open ? open : "scheduled";
    return "{\"state\":\"%s\",\"stock\":%d,\"gate\":%d,\"cooldownMs\":%d,\"paused\":%b}"
        .formatted(state, stock, gate, cooldownMs, anyPause);
  }

  private static String limitJson(EdgeLimit limit, Long value) {
    Long shown = value == null || value == -1 ? null : value;
    return "{\"limit\":\"%s\",\"value\":%s}".formatted(limit.text(), shown);
  }

  private static String publishJson(SaleItem s) {
    return "{\"session\":\"%d\",\"stock\":%d,\"gate\":%d,\"opensAt\":%d,\"closesAt\":%d}"
        .formatted(s.session(), s.stockWithReleases(), s.gate(), s.opensAt(), s.closesAt());
  }

  private Decision tooMany(long more) {
    long all = position - cutUpTo + 1_000 + more + items.stream().mapToLong(this::ahead).sum();
    String detail =
        "this may take the partition to " + all + " events, " + eventsMax + " are allowed";
    return all > eventsMax ? refuse("too_many_events", detail) : null;
  }

  private Reply.Steered before(long subject, Bytes user, Warrant warrant) {
    Reply.Steered r =
        warrant.key().isEmpty() ? null : steered.get(new SteeringKey(subject, user, warrant.key()));
    return r == null
        ? null
        : new Reply.Steered(Math.min(r.position(), position), r.before(), r.after());
  }

  private Decision steered(Command.Steer c, String before, String after, long now) {
    return new Decision(
        new Reply.Steered(position + 1, before, after),
        List.of(
            new SaleEvent.Steered(
                c.steering(), c.subject(), c.value(), c.user(), c.warrant(), before, after, now)));
  }

  Reply.ItemIs itemIs(Item i, long at) {
    List<SaleItem.Release> all = i.facts.releases();
    boolean more = !i.ended && i.portions < all.size();
    return new Reply.ItemIs(
        position,
        at,
        i.facts,
        state(i),
        level(i),
        available(i),
        units(i, OrderStatus.HELD),
        units(i, OrderStatus.PAID),
        i.stock,
        i.gate,
        i.cooldownMs,
        more ? all.get(i.portions).at() : 0);
  }

  private Decision unknownItem(long id) {
    return refuse("unknown_item", "item " + id + " is not on sale here");
  }

  private Decision unknownOrder(long id) {
    return refuse("unknown_order", "order " + Long.toUnsignedString(id) + " does not exist");
  }

  private Decision refuse(String code, String detail) {
    return say(new Reply.Refused(position, code, detail));
  }

  private static Decision say(Reply reply) {
    return new Decision(reply, List.of());
  }

  private static Order copy(Order o) {
    Order c = new Order();
    c.position = o.position;
    c.item = o.item;
    c.user = o.user;
    c.key = o.key;
    c.quantity = o.quantity;
    c.status = o.status;
    c.reason = o.reason;
    c.acceptedAt = o.acceptedAt;
    c.payBy = o.payBy;
    c.endedAt = o.endedAt;
    c.payment = o.payment;
    c.claimedBy = o.claimedBy;
    c.claimedAt = o.claimedAt;
    return c;
  }

  // --- apply

  void apply(SaleEvent event) {
    position++;
    lastEventAt = event.at();
    if (event instanceof SaleEvent.Owned e) {
      epoch = e.epoch();
      ownedAt = e.at();
      ownedPosition = position;
    } else if (event instanceof SaleEvent.ItemPublished e) {
      Item i = new Item();
      i.facts = e.item();
      i.publishedAt = position;
      i.gate = e.item().gate();
      i.cooldownMs = e.item().cooldownMs();
      i.stock = e.item().stock();
      items.add(i);
      long replied = position + (e.item().opensAt() <= e.at() ? 1 : 0);
      remember(
          e.item().item(),
          Bytes.EMPTY,
          e.warrant(),
          new Reply.Steered(replied, "{}", publishJson(e.item())));
    } else if (event instanceof SaleEvent.ItemOpened e) {
      item(e.item()).open = true;
    } else if (event instanceof SaleEvent.ItemEnded e) {
      item(e.item()).ended = true;
    } else if (event instanceof SaleEvent.StockReleased e) {
      Item i = item(e.item());
      i.portions = e.index() + 1;
      i.stock += e.units();
    } else if (event instanceof SaleEvent.Accepted e) {
      Order o = new Order();
      o.position = position;
      o.item = item(e.item());
      o.user = e.user();
      o.key = e.key();
      o.quantity = e.quantity();
      o.acceptedAt = e.at();
      o.payBy = e.payBy();
      orders.add(o);
      o.item.orders.add(o);
    } else if (event instanceof SaleEvent.Paid e) {
      Order o = order(e.order());
      o.status = OrderStatus.PAID;
      o.payment = e.payment();
      o.endedAt = e.at();
      payments.add(new Payment(e.payment(), o, "paid"));
    } else if (event instanceof SaleEvent.Released e) {
      Order o = order(e.order());
      o.status = OrderStatus.RELEASED;
      o.reason = e.reason();
      o.endedAt = e.at();
    } else if (event instanceof SaleEvent.Claimed e) {
      Order o = order(e.order());
      o.claimedBy = e.user();
      o.claimedAt = e.at();
      o.claimPosition = position;
      claimed.add(o);
    } else if (event instanceof SaleEvent.RefundDue e) {
      payments.add(new Payment(e.payment(), order(e.order()), e.reason().text()));
    } else if (event instanceof SaleEvent.Steered e) {
      steer(e);
    } else if (event instanceof SaleEvent.SessionArchived e) {
      e.items().forEach(this::forget);
      archivedAt = position;
    } else if (event instanceof SaleEvent.LogCut e) {
      ownedAt = ownedPosition > e.upTo() ? ownedAt : 0;
      ownedPosition = ownedPosition > e.upTo() ? ownedPosition : 0;
      steered.values().removeIf(reply -> reply.position() <= e.upTo());
      cutUpTo = e.upTo();
      archivedAt = 0;
    } else if (!(event instanceof SaleEvent.Restated)) {
      throw new AssertionError(event);
    }
    if (unitsMayHaveChanged(event)) {
      items.forEach(this::updateLow);
    }
  }

  private void forget(long item) {
    items.removeIf(i -> i.facts.item() == item);
    orders.removeIf(o -> o.item.facts.item() == item);
    claimed.removeIf(o -> o.item.facts.item() == item);
    payments.removeIf(p -> p.order.item.facts.item() == item);
    steered.keySet().removeIf(key -> key.subject == item);
  }

  private static boolean unitsMayHaveChanged(SaleEvent event) {
    return !(event instanceof SaleEvent.Owned
        || event instanceof SaleEvent.Paid
        || event instanceof SaleEvent.RefundDue
        || event instanceof SaleEvent.Claimed
        || event instanceof SaleEvent.ItemOpened
        || event instanceof SaleEvent.ItemEnded);
  }

  private void updateLow(Item i) {
    long left = available(i);
    i.low = left <= Math.max(10, i.stock / 10) || i.low && left <= Math.max(20, i.stock / 5);
  }

  private void steer(SaleEvent.Steered e) {
    switch (e.steering()) {
      case BLOCK_USER -> blocked.add(e.user());
      case UNBLOCK_USER -> blocked.remove(e.user());
      case PAUSE_ITEM -> item(e.subject()).paused = true;
      case RESUME_ITEM -> item(e.subject()).paused = false;
      case CLOSE_ITEM -> item(e.subject()).ended = true;
      case ADD_STOCK -> item(e.subject()).stock += e.value();
      case SET_GATE -> item(e.subject()).gate = (int) e.value();
      case SET_COOLDOWN -> item(e.subject()).cooldownMs = e.value();
      case SET_LIMIT ->
          limits.put(
              List.of(EdgeLimit.values()).stream()
                  .filter(each -> each.code() == e.subject())
                  .findFirst()
                  .orElseThrow(),
              e.value());
      case PAUSE_SESSION, RESUME_SESSION -> {
        for (Item i : items) {
          if (i.facts.session() == e.subject() && !i.ended) {
            i.sessionPaused = e.steering() == Steering.PAUSE_SESSION;
          }
        }
      }
    }
    Reply.Steered reply = new Reply.Steered(position, e.before(), e.after());
    remember(e.subject(), e.user(), e.warrant(), reply);
  }

  private void remember(long subject, Bytes user, Warrant warrant, Reply.Steered reply) {
    if (!warrant.key().isEmpty()) {
      steered.put(new SteeringKey(subject, user, warrant.key()), reply);
    }
  }

  // --- the hash

  long stateHash() {
    long[] hash = {0};
    canonical(number -> hash[0] = Bytes.mix64(hash[0] * 31 + number));
    return hash[0];
  }

  void canonical(LongConsumer out) {
    for (long number : new long[] {position, lastEventAt, epoch, ownedAt, ownedPosition}) {
      out.accept(number);
    }
    out.accept(items.size());
    items.forEach(i -> canonical(i, out));
    out.accept(orders.size());
    for (Order o : orders) {
      out.accept(o.position);
      out.accept(items.indexOf(o.item));
      out.accept(o.user.hash64());
      out.accept(o.key.hash64());
      out.accept(o.quantity);
      out.accept(o.status.ordinal() + (o.reason == null ? 0 : o.reason.ordinal()));
      out.accept(o.acceptedAt);
      out.accept(o.payBy);
      out.accept(o.endedAt);
    }
    out.accept(claimed.size());
    for (Order o : claimed) {
      out.accept(o.position);
      out.accept(o.claimedBy.hash64());
      out.accept(o.claimPosition);
      out.accept(o.claimedAt);
    }
    out.accept(payments.size());
    for (Payment p : payments) {
      out.accept(p.payment.hash64());
      out.accept(p.order.position);
      out.accept(List.of("paid", "late_payment", "extra_payment").indexOf(p.status));
    }
    out.accept(blocked.size());
    out.accept(blocked.stream().mapToLong(user -> Bytes.mix64(user.hash64())).sum());
    out.accept(steered.size());
    out.accept(steered.entrySet().stream().mapToLong(e -> hash(e.getKey(), e.getValue())).sum());
    limits.forEach(
        (limit, value) -> {
          if (value != -1) {
            out.accept(limit.code());
            out.accept(value);
          }
        });
    if (cutUpTo > 0 || archivedAt > 0) {
      out.accept(cutUpTo);
      out.accept(archivedAt);
    }
  }

  private void canonical(Item i, LongConsumer out) {
    SaleItem s = i.facts;
    out.accept(s.item());
    out.accept(s.session());
    out.accept(hash(s.title()));
    out.accept(s.price());
    out.accept(s.listPrice());
    out.accept(hash(s.currency()));
    out.accept(s.opensAt());
    out.accept(s.closesAt());
    out.accept(s.stock());
    out.accept(s.limitPerUser());
    out.accept(s.payWithinMs());
    out.accept(s.cooldownMs());
    out.accept(s.gate());
    out.accept(s.claimWithinMs());
    out.accept(s.releases().size());
    for (SaleItem.Release r : s.releases()) {
      out.accept(r.at());
      out.accept(r.units());
    }
    out.accept(s.limitPerOrder());
    out.accept(s.limitPerSession());
    out.accept(i.ended ? 2 : i.open ? 1 : 0);
    for (boolean flag : new boolean[] {i.paused, i.sessionPaused, i.low}) {
      out.accept(flag ? 1 : 0);
    }
    out.accept(i.gate);
    out.accept(i.cooldownMs);
    out.accept(i.portions);
    out.accept(available(i));
    out.accept(units(i, OrderStatus.HELD));
    out.accept(units(i, OrderStatus.PAID));
    out.accept(i.stock);
  }

  private static long hash(SteeringKey key, Reply.Steered reply) {
    long hash = key.key.hash64() ^ key.subject;
    hash = Bytes.mix64(hash) ^ key.user.hash64();
    hash = Bytes.mix64(hash) ^ reply.position();
    return Bytes.mix64(Bytes.mix64(hash) ^ hash(reply.before() + reply.after()));
  }

  private static long hash(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return Bytes.hash64(utf8, 0, utf8.length);
  }
}
