package stampede.sale.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Cancel;
import stampede.protocol.Command.Claim;
import stampede.protocol.Command.FindOrder;
import stampede.protocol.Command.Pay;
import stampede.protocol.Command.Shake;
import stampede.protocol.Devices;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.Reply.OrderIs;
import stampede.protocol.Reply.PaymentIs;
import stampede.protocol.Reply.Refused;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;

/** What shoppers and the payment side ask for. Reads the state, changes nothing. */
final class ShopperRules {
  private final SaleState state;
  private final long eventsMax;

  /** The last bare refusal: a crowd that comes too late is told the same, word for word. */
  private Decision refusal = plain(Shaken.of(Outcome.SOLD_OUT, 0, 0));

  /** What {@link #expect} read, for nobody: without it the compiler would leave the reading out. */
  private long touched;

  ShopperRules(SaleState state, long eventsMax) {
    this.state = state;
    this.eventsMax = eventsMax;
  }

  /** See {@link SaleEngine#expect}. */
  void expect(List<Command> commands) {
    if (!state.users.isLarge()) {
      return;
    }
    long read = 0;
    for (int i = 0; i < commands.size(); i++) {
      if (commands.get(i) instanceof Shake c) {
        read += mayBeAccepted(c) ? state.users.touch(c.user()) : state.users.glance(c.user());
      }
    }
    touched = read;
  }

  private boolean mayBeAccepted(Shake c) {
    ItemSale sale = state.item(c.item());
    return sale != null && sale.available() > 0;
  }

  /** The order of the checks is part of the contract: a key that has its order is never refused. */
  Decision shake(Shake c, long now, boolean timeTrusted) {
    ItemSale sale = state.item(c.item());
    if (sale == null) {
      return unknownItem(now);
    }
    int user = state.users.find(c.user());
    int buyer = user < 0 ? -1 : state.buyers.find(sale.index, user);
    int bound = buyer < 0 ? -1 : state.findByKey(buyer, c.key());
    if (bound >= 0) {
      return plain(bound(c, bound, now));
    }
    if (sale.item.claimWithinMs() == 0 && Devices.isDevice(c.user())) {
      String detail = "this item is for users who have signed in";
      return plain(Shaken.invalid("login_required", detail, state.position, now));
    }
    if (user >= 0 && state.isBlocked(user)) {
      return refusal(Outcome.BLOCKED, state.position, now, List.of());
    }
    if (!timeTrusted || now < sale.windowDueAt()) {
      return attempt(c, sale, user, buyer, now, List.of());
    }
    List<SaleEvent> events = new ArrayList<>(3);
    return attempt(c, sale.after(events, now, state.position), user, buyer, now, events);
  }

  private Shaken bound(Shake c, int order, long now) {
    if (state.orders.quantity(order) != c.quantity()) {
      String detail =
          "quantity must be " + state.orders.quantity(order) + ", as in this key's order";
      return Shaken.invalid("key_reused", detail, state.position, now);
    }
    return Shaken.accepted(state.fact(order), state.position, now, true);
  }

  /** {@code first}: events that make {@code sale} true. */
  private Decision attempt(
      Shake c, ItemSale sale, int user, int buyer, long now, List<SaleEvent> first) {
    long position = state.position + first.size();
    if (sale.scheduled()) {
      return new Decision(Shaken.notOpen(sale.item.opensAt(), position, now), first);
    }
    if (sale.ended()) {
      return refusal(Outcome.ENDED, position, now, first);
    }
    if (sale.paused()) {
      return refusal(Outcome.PAUSED, position, now, first);
    }
    int orderMax = sale.item.limitPerOrder();
    if (orderMax > 0 && c.quantity() > orderMax) {
      String detail = "quantity must be at most " + orderMax + " in one order of this item";
      return new Decision(Shaken.invalid("above_order_limit", detail, position, now), first);
    }
    int units = buyer < 0 ? 0 : state.buyers.units(buyer);
    if (units + c.quantity() > sale.item.limitPerUser()) {
      return new Decision(Shaken.limitReached(orderIds(buyer), position, now), first);
    }
    if (state.sessionUnits.isAbove(sale, user, c.quantity())) {
      return new Decision(Shaken.limitReached(sessionOrderIds(sale, user), position, now), first);
    }
    if (sale.available() < c.quantity()) {
      return refusal(Outcome.SOLD_OUT, position, now, first);
    }
    long inLog = state.eventsInLog() + first.size();
    if (inLog + 2 * (state.heldUnits + c.quantity()) + SteerRules.EVENTS_KEPT > eventsMax) {
      return refusal(Outcome.BUSY, position, now, first);
    }
    return accept(c, sale, now, first);
  }

  /** Says nothing but its outcome; made anew only when it is not the one before. */
  private Decision refusal(Outcome outcome, long position, long now, List<SaleEvent> first) {
    boolean same =
        first.isEmpty()
            && refusal.reply() instanceof Shaken last
            && last.outcome() == outcome
            && last.position() == position
            && last.at() == now;
    if (!same) {
      Decision made = new Decision(Shaken.of(outcome, position, now), first);
      refusal = first.isEmpty() ? made : refusal;
      return made;
    }
    return refusal;
  }

  private Decision accept(Shake c, ItemSale sale, long now, List<SaleEvent> first) {
    long payBy = now + sale.item.payWithinMs();
    SaleEvent accepted = new Accepted(c.item(), c.user(), c.key(), c.quantity(), payBy, now);
    List<SaleEvent> events = List.of(accepted);
    if (!first.isEmpty()) {
      first.add(accepted);
      events = first;
    }
    long position = state.position + events.size();
    OrderFact order =
        new OrderFact(
            PartitionMap.orderId(state.partition, position),
            c.item(),
            c.user(),
            c.key(),
            c.quantity(),
            sale.item.price(),
            sale.item.currency(),
            OrderStatus.HELD,
            now,
            payBy,
            0,
            Bytes.EMPTY,
            0,
            "",
            sale.item.claimBy(c.user(), now),
            Bytes.EMPTY,
            0);
    return new Decision(Shaken.accepted(order, position, now, false), events);
  }

  private long[] orderIds(int buyer) {
    int[] own = buyer < 0 ? new int[0] : state.orders.ofBuyer(state.buyers, buyer);
    int[] orders = state.claims.with(own, buyer);
    long[] ids = new long[orders.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = state.orderId(orders[i]);
    }
    return ids;
  }

  /** A user's orders of all items that count together. */
  private long[] sessionOrderIds(ItemSale sale, int user) {
    LongStream.Builder ids = LongStream.builder();
    for (ItemSale each : state.sessionUnits.together(sale)) {
      int buyer = user < 0 ? -1 : state.buyers.find(each.index, user);
      for (long id : orderIds(buyer)) {
        ids.add(id);
      }
    }
    return ids.build().toArray();
  }

  Decision result(AskResult c, long now) {
    ItemSale sale = state.item(c.item());
    if (sale == null) {
      return unknownItem(now);
    }
    int user = state.users.find(c.user());
    int buyer = user < 0 ? -1 : state.buyers.find(sale.index, user);
    int order = buyer < 0 ? -1 : state.findByKey(buyer, c.key());
    return plain(
        order < 0
            ? Shaken.of(Outcome.UNKNOWN, state.position, now)
            : Shaken.accepted(state.fact(order), state.position, now, true));
  }

  /** Never published here, or archived: then MySQL knows what became of its keys. */
  private Decision unknownItem(long now) {
    return plain(Shaken.invalid("unknown_item", "item is not on sale here", state.position, now));
  }

  Decision find(FindOrder c) {
    int order = c.user().isEmpty() ? state.findOrder(c.order()) : findOwn(c.order(), c.user());
    return order < 0
        ? unknownOrder(c.order())
        : plain(new OrderIs(state.position, state.fact(order)));
  }

  Decision cancel(Cancel c, long now) {
    int order = findOwn(c.order(), c.user());
    if (order < 0) {
      return unknownOrder(c.order());
    }
    OrderFact fact = state.fact(order);
    if (!fact.claimedBy().isEmpty() && !fact.claimedBy().equals(c.user())) {
      return refuse("already_claimed", "order " + c.order() + " belongs to who claimed it");
    }
    return switch (fact.status()) {
      case PAID -> refuse("already_paid", "order " + c.order() + " is paid");
      case RELEASED -> plain(new OrderIs(state.position, fact));
      case HELD -> {
        ReleaseReason reason = ReleaseReason.CANCELLED;
        SaleEvent event = new Released(c.order(), fact.item(), fact.quantity(), reason, now);
        OrderFact after = fact.ended(OrderStatus.RELEASED, 0, Bytes.EMPTY, now, reason.text());
        yield with(event, new OrderIs(state.position + 1, after));
      }
    };
  }

  /**
   * Whoever comes first, while the order lasts. A paid one can be claimed too: it waits for nothing
   * any more.
   */
  Decision claim(Claim c, long now) {
    int order = state.findOrder(c.order());
    if (order < 0 || !isUser(state.orders.buyer(order), c.device())) {
      return unknownOrder(c.order());
    }
    int claim = state.claims.of(order);
    OrderFact fact = state.fact(order);
    if (claim >= 0) {
      return isUser(state.claims.buyer(claim), c.user())
          ? plain(new OrderIs(state.position, fact))
          : refuse("already_claimed", "order " + c.order() + " is claimed by another user");
    }
    if (fact.status() == OrderStatus.RELEASED) {
      String detail = "order " + c.order() + " was released: " + fact.releaseReason();
      return refuse("order_released", detail);
    }
    if (state.isBlocked(c.user())) {
      return refuse("blocked", "this user may not buy");
    }
    ItemSale sale = state.saleOf(order);
    int user = state.users.find(c.user());
    int limit = sale.item.limitPerUser();
    int units = units(sale, user);
    if (units + fact.quantity() > limit) {
      String detail = "the user has " + units + " units of this item, " + limit + " are allowed";
      return refuse("limit_reached", detail);
    }
    if (state.sessionUnits.isAbove(sale, user, fact.quantity())) {
      int most = sale.item.limitPerSession();
      return refuse("limit_reached", "a user may have " + most + " units of this session");
    }
    if (state.eventsInLog() + 1 + 2 * state.heldUnits + SteerRules.EVENTS_KEPT > eventsMax) {
      return refuse("busy", "the partition is near its limit of events");
    }
    SaleEvent event = new Claimed(c.order(), fact.item(), fact.quantity(), c.user(), now);
    return with(event, new OrderIs(state.position + 1, fact.claimed(c.user(), now)));
  }

  private int units(ItemSale sale, int user) {
    int buyer = user < 0 ? -1 : state.buyers.find(sale.index, user);
    return buyer < 0 ? 0 : state.buyers.units(buyer);
  }

  Decision pay(Pay c, long now) {
    int order = state.findOrder(c.order());
    if (order < 0) {
      return unknownOrder(c.order());
    }
    OrderFact fact = state.fact(order);
    long amount = fact.price() * fact.quantity();
    if (c.amount() != amount) {
      return refuse("amount_mismatch", "amount is " + c.amount() + ", the order's is " + amount);
    }
    if (!c.currency().equals(fact.currency())) {
      String detail = "currency is " + c.currency() + ", the order's is " + fact.currency();
      return refuse("currency_mismatch", detail);
    }
    int payment = state.payments.find(c.payment());
    if (payment >= 0) {
      return state.payments.order(payment) == order
          ? plain(new PaymentIs(state.position, state.payments.text(payment), fact))
          : refuse("payment_reused", "payment came in for another order before");
    }
    return switch (fact.status()) {
      case HELD -> {
        OrderFact after = fact.ended(OrderStatus.PAID, now, c.payment(), 0, "");
        yield with(
            new Paid(c.order(), fact.item(), fact.quantity(), c.payment(), now),
            new PaymentIs(state.position + 1, "paid", after));
      }
      case RELEASED -> refund(c, RefundReason.LATE, fact, now);
      case PAID -> refund(c, RefundReason.EXTRA, fact, now);
    };
  }

  private Decision refund(Pay c, RefundReason reason, OrderFact fact, long now) {
    return with(
        new RefundDue(c.order(), c.payment(), reason, now),
        new PaymentIs(state.position + 1, reason.text(), fact));
  }

  /** The order, if this user shook for it or claimed it: nobody learns of another's. */
  private int findOwn(long id, Bytes user) {
    int order = state.findOrder(id);
    if (order < 0 || isUser(state.orders.buyer(order), user)) {
      return order;
    }
    int claim = state.claims.of(order);
    return claim >= 0 && isUser(state.claims.buyer(claim), user) ? order : -1;
  }

  private boolean isUser(int buyer, Bytes user) {
    return state.users.same(state.buyers.user(buyer), user);
  }

  private Decision unknownOrder(long order) {
    return refuse("unknown_order", "order " + Long.toUnsignedString(order) + " does not exist");
  }

  private Decision refuse(String code, String detail) {
    return plain(new Refused(state.position, code, detail));
  }

  private static Decision with(SaleEvent event, Reply reply) {
    return new Decision(reply, List.of(event));
  }

  private static Decision plain(Reply reply) {
    return new Decision(reply, List.of());
  }
}
