package stampede.sale.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.Command.Archive;
import stampede.protocol.Command.FindItem;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Steer;
import stampede.protocol.EdgeLimit;
import stampede.protocol.Limits;
import stampede.protocol.Reply;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.LogCut;
import stampede.protocol.SaleEvent.Restated;
import stampede.protocol.SaleEvent.SessionArchived;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;

/**
 * What operators ask for. Reads the state, changes nothing. A steering key is known by the subject
 * and user it steered, so that one key may go to all items of a session.
 */
final class SteerRules {
  /** Events that sales leave to operators, payments to be refunded and changes of owner. */
  static final long EVENTS_KEPT = 1_000;

  /** After the time to pay, for payments that take their way through banks. */
  static final long LATE_PAYMENTS_MS = 86_400_000;

  private final SaleState state;
  private final long eventsMax;

  SteerRules(SaleState state, long eventsMax) {
    this.state = state;
    this.eventsMax = eventsMax;
  }

  Decision publish(Publish c, long now, boolean timeTrusted) {
    SaleItem item = c.item();
    Reply.Steered earlier = state.steeredBefore(item.item(), Bytes.EMPTY, c.warrant());
    if (earlier != null) {
      return repeated(earlier);
    }
    ItemSale published = state.item(item.item());
    if (published != null) {
      return published.item.equals(item)
          ? plain(new Reply.Steered(state.position, json(item), json(item)))
          : refuse("item_differs", "item " + item.item() + " is published with other values");
    }
    if (item.closesAt() <= now) {
      return refuse("item_ended", "closesAt is in the past");
    }
    long needed = eventsAhead(new ItemSale(item, 0, 0).eventsAhead());
    if (needed > eventsMax) {
      return tooManyEvents(needed, List.of());
    }
    List<SaleEvent> events = new ArrayList<>(2);
    events.add(new ItemPublished(item, c.warrant(), now));
    if (timeTrusted && item.opensAt() <= now) {
      events.add(new ItemOpened(item.item(), now));
    }
    long position = state.position + events.size();
    return new Decision(new Reply.Steered(position, "{}", json(item)), events);
  }

  Decision steer(Steer c, long now, boolean timeTrusted) {
    Reply.Steered earlier = state.steeredBefore(c.subject(), c.user(), c.warrant());
    if (earlier != null) {
      return repeated(earlier);
    }
    return switch (c.steering()) {
      case BLOCK_USER, UNBLOCK_USER -> block(c, now);
      case PAUSE_SESSION, RESUME_SESSION -> steerSession(c, now);
      case SET_LIMIT -> setLimit(c, now);
      default -> steerItem(c, now, timeTrusted);
    };
  }

  /**
   * Not before the last payment that may be late has come: of an archived order the owner knows
   * nothing, so that nobody would hear that it must be given back.
   */
  Decision archive(Archive c, long now) {
    List<Long> items = new ArrayList<>();
    long last = 0;
    for (ItemSale sale : state.items) {
      if (sale.item.session() != c.session()) {
        continue;
      }
      long item = sale.item.item();
      if (!sale.ended() || now < sale.item.closesAt()) {
        String detail = "item " + item + " is " + sale.state().text();
        return refuse("not_ended", detail + ", closesAt " + sale.item.closesAt());
      }
      if (sale.held() > 0) {
        String detail = sale.held() + " units of item " + item + " wait for their payment";
        return refuse("orders_held", detail);
      }
      items.add(item);
      last = Math.max(last, sale.item.closesAt() + sale.item.payWithinMs() + LATE_PAYMENTS_MS);
    }
    if (now < last && !c.early()) {
      return refuse("too_early", "payments may still come until " + last);
    }
    return archived(c.session(), items, now);
  }

  private Decision archived(long session, List<Long> items, long now) {
    List<SaleEvent> events = new ArrayList<>();
    for (int from = 0; from < items.size(); from += Limits.ARCHIVED_ITEMS_MAX) {
      int to = Math.min(items.size(), from + Limits.ARCHIVED_ITEMS_MAX);
      events.add(new SessionArchived(session, items.subList(from, to), now));
    }
    String before = "{\"items\":" + items.size() + "}";
    return new Decision(
        new Reply.Steered(state.position + events.size(), before, "{\"items\":0}"), events);
  }

  /**
   * What lets the log begin later than it does, if something was archived and all that was decided
   * until then is in MySQL; empty = nothing is won. All that an archive lets go of goes at once, so
   * a key that is older than the archive, but may still be sent again, is waited for.
   *
   * @param forgettable up to where the keys of operators need not be known any more
   */
  List<SaleEvent> cut(long drained, long forgettable, long now) {
    if (state.archivedAt == 0 || drained < state.archivedAt) {
      return List.of();
    }
    long youngKey = state.firstKeyBehind(forgettable);
    if (youngKey < state.archivedAt) {
      return List.of();
    }
    long upTo = Math.min(Math.min(drained, state.position), youngKey - 1);
    for (ItemSale sale : state.items) {
      upTo = Math.min(upTo, sale.publishedAt - 1);
    }
    List<SaleEvent> events = restated(now);
    events.add(new LogCut(upTo, state.epoch, now));
    return upTo - state.cutUpTo > events.size() ? events : List.of();
  }

  private List<SaleEvent> restated(long now) {
    List<SaleEvent> events = new ArrayList<>();
    List<SaleEvent.Limit> limits = new ArrayList<>();
    for (EdgeLimit limit : EdgeLimit.values()) {
      if (state.limits.of(limit) != EdgeLimit.OF_CONFIG) {
        limits.add(new SaleEvent.Limit(limit.code(), state.limits.of(limit)));
      }
    }
    if (!limits.isEmpty()) {
      events.add(new Restated(List.of(), limits, now));
    }
    List<Bytes> blocked = state.blockedNames();
    for (int from = 0; from < blocked.size(); from += Limits.RESTATED_USERS_MAX) {
      int to = Math.min(blocked.size(), from + Limits.RESTATED_USERS_MAX);
      events.add(new Restated(blocked.subList(from, to), List.of(), now));
    }
    return events;
  }

  Decision find(FindItem c, long now) {
    ItemSale sale = state.item(c.item());
    return sale == null ? unknownItem(c.item(), List.of()) : plain(itemIs(sale, now));
  }

  Reply.ItemIs itemIs(ItemSale sale, long at) {
    return new Reply.ItemIs(
        state.position,
        at,
        sale.item,
        sale.state(),
        sale.level(),
        sale.available(),
        sale.held(),
        sale.sold(),
        sale.stock(),
        sale.gate(),
        sale.cooldownMs(),
        sale.nextReleaseAt());
  }

  private Decision block(Steer c, long now) {
    if (c.user().isEmpty()) {
      return refuse("invalid", "user must have 1 to " + Bytes.LENGTH_MAX + " bytes");
    }
    String before = "{\"blocked\":" + state.isBlocked(c.user()) + "}";
    String after = "{\"blocked\":" + (c.steering() == Steering.BLOCK_USER) + "}";
    return steered(c, before, after, now, new ArrayList<>(1));
  }

  /** Steers those items of the session that are here and have not ended; perhaps none. */
  private Decision steerSession(Steer c, long now) {
    int items = 0;
    int paused = 0;
    for (ItemSale sale : state.items) {
      if (sale.item.session() == c.subject() && !sale.ended()) {
        items++;
        paused += sale.sessionPaused() ? 1 : 0;
      }
    }
    if (items == 0) {
      return plain(new Reply.Steered(state.position, "{}", "{}"));
    }
    int pausedAfter = c.steering() == Steering.PAUSE_SESSION ? items : 0;
    String before = "{\"items\":" + items + ",\"paused\":" + paused + "}";
    String after = "{\"items\":" + items + ",\"paused\":" + pausedAfter + "}";
    return steered(c, before, after, now, new ArrayList<>(1));
  }

  /** Kept here for the edges, which hear of it in this partition's hints. */
  private Decision setLimit(Steer c, long now) {
    EdgeLimit limit = EdgeLimit.find(c.subject());
    if (limit == null) {
      return refuse("unknown_limit", "there is no limit number " + c.subject());
    }
    if (c.value() != EdgeLimit.OF_CONFIG && !limit.allows(c.value())) {
      return refuse("invalid", "value must be " + limit.min() + " to " + limit.max());
    }
    String before = limitJson(limit, state.limits.of(limit));
    return steered(c, before, limitJson(limit, c.value()), now, new ArrayList<>(1));
  }

  private static String limitJson(EdgeLimit limit, long value) {
    String shown = value == EdgeLimit.OF_CONFIG ? "null" : Long.toString(value);
    return "{\"limit\":\"" + limit.text() + "\",\"value\":" + shown + "}";
  }

  private Decision steerItem(Steer c, long now, boolean timeTrusted) {
    List<SaleEvent> events = new ArrayList<>(2);
    ItemSale sale = state.item(c.subject());
    if (sale == null) {
      return unknownItem(c.subject(), events);
    }
    if (timeTrusted && now >= sale.windowDueAt()) {
      sale = sale.after(events, now, state.position);
    }
    if (sale.ended()) {
      return refuse("item_ended", "item " + c.subject() + " has ended", events);
    }
    Decision refused = checkValue(c, sale, events);
    if (refused != null) {
      return refused;
    }
    ItemSale after = sale.copy();
    after.steer(c.steering(), c.value(), state.position);
    return steered(c, sale.json(), after.json(), now, events);
  }

  private @Nullable Decision checkValue(Steer c, ItemSale sale, List<SaleEvent> events) {
    if (c.steering() == Steering.SET_GATE && (c.value() < 0 || c.value() > Limits.GATE_OPEN)) {
      return refuse("invalid", "gate must be 0 to 1", events);
    }
    if (c.steering() == Steering.SET_COOLDOWN
        && (c.value() < 0 || c.value() > Limits.COOLDOWN_MS_MAX)) {
      return refuse("invalid", "cooldownMs must be 0 to " + Limits.COOLDOWN_MS_MAX, events);
    }
    if (c.steering() != Steering.ADD_STOCK) {
      return null;
    }
    if (c.value() < 1) {
      return refuse("invalid", "add must be at least 1", events);
    }
    long most = Limits.STOCK_MAX - sale.stock() - sale.unitsToCome();
    if (c.value() > most) {
      String detail = "add is " + c.value() + ", at most " + most + " more units are possible";
      return refuse("too_much_stock", detail, events);
    }
    long byTime = events.size() + sale.eventsAhead() - state.items.get(sale.index).eventsAhead();
    long needed = eventsAhead(sale.eventsAUnit() * c.value() + byTime);
    return needed > eventsMax ? tooManyEvents(needed, events) : null;
  }

  private Decision steered(Steer c, String before, String after, long now, List<SaleEvent> events) {
    events.add(
        new Steered(
            c.steering(), c.subject(), c.value(), c.user(), c.warrant(), before, after, now));
    return new Decision(new Reply.Steered(state.position + events.size(), before, after), events);
  }

  /** Events there may be once everything published is sold, and {@code more}. */
  private long eventsAhead(long more) {
    return state.eventsInLog() + EVENTS_KEPT + state.eventsAhead + more;
  }

  private Decision tooManyEvents(long needed, List<SaleEvent> events) {
    String detail =
        "this may take the partition to " + needed + " events, " + eventsMax + " are allowed";
    return refuse("too_many_events", detail, events);
  }

  /** Never a position that was not reached, lest the reply wait for it. */
  private Decision repeated(Reply.Steered earlier) {
    long position = Math.min(earlier.position(), state.position);
    return plain(new Reply.Steered(position, earlier.before(), earlier.after()));
  }

  /** What publishing sets, for the audit. */
  static String json(SaleItem item) {
    return "{\"session\":\""
        + item.session()
        + "\",\"stock\":"
        + item.stockWithReleases()
        + ",\"gate\":"
        + item.gate()
        + ",\"opensAt\":"
        + item.opensAt()
        + ",\"closesAt\":"
        + item.closesAt()
        + "}";
  }

  private Decision unknownItem(long item, List<SaleEvent> events) {
    return refuse("unknown_item", "item " + item + " is not on sale here", events);
  }

  private Decision refuse(String code, String detail) {
    return refuse(code, detail, List.of());
  }

  private Decision refuse(String code, String detail, List<SaleEvent> events) {
    return new Decision(new Reply.Refused(state.position + events.size(), code, detail), events);
  }

  private static Decision plain(Reply reply) {
    return new Decision(reply, List.of());
  }
}
