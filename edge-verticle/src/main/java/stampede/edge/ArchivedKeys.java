package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Command;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Shake;
import stampede.protocol.OrderFact;
import stampede.protocol.Outcome;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.port.Timers;

/**
 * What MySQL says of a key whose item its owner does not have: of an archived item it has all
 * orders, and nobody gets a new one. Few look-ups at a time, so that whoever makes up items keeps
 * no database busy; beyond that nothing is known for the moment. On the edge's event loop.
 */
final class ArchivedKeys implements ShakeDesk.Archive {
  private static final int LOOKS_MAX = 16;
  private static final int ITEMS_MAX = 10_000;
  private static final long ITEM_KNOWN_MS = 60_000;
  private static final long READ_MS = 2_000;

  private final Backstage backstage;
  private final Timers timers;

  /** The least recently asked about goes first. */
  private final Map<Long, Known> items =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Known> eldest) {
          return size() > ITEMS_MAX;
        }
      };

  private int looks;

  /**
   * @param closesAt of an item that was published, epoch ms; else 0
   * @param untilMs this is taken for the truth
   */
  private record Known(long closesAt, long untilMs) {
    boolean wasOnSale() {
      return closesAt > 0;
    }
  }

  ArchivedKeys(Backstage backstage, Timers timers) {
    this.backstage = backstage;
    this.timers = timers;
  }

  @Override
  public void ask(Command command, Shaken ownerSaid, Consumer<@Nullable Shaken> answer) {
    long item = command instanceof Shake s ? s.item() : ((AskResult) command).item();
    Known known = items.get(item);
    boolean isKnown = known != null && timers.millis() < known.untilMs();
    if (isKnown && !known.wasOnSale()) {
      answer.accept(ownerSaid);
    } else if (looks >= LOOKS_MAX) {
      answer.accept(null);
    } else {
      looks++;
      (isKnown ? Future.succeededFuture(known) : look(item))
          .compose(
              found ->
                  found.wasOnSale()
                      ? orderOf(command, ownerSaid, found.closesAt())
                      : Future.succeededFuture(ownerSaid))
          .onComplete(
              looked -> {
                looks--;
                answer.accept(looked.result());
              });
    }
  }

  private Future<Known> look(long item) {
    JsonObject query = new JsonObject().put("op", "item.get").put("item", Long.toString(item));
    return backstage
        .persist(query, READ_MS)
        .map(reply -> reply.getJsonObject("item"))
        .map(json -> json.getBoolean("published", false) ? json.getLong("closesAt") : 0L)
        .recover(
            failure ->
                failure instanceof Backstage.Refusal refusal
                        && refusal.code().equals("unknown_item")
                    ? Future.succeededFuture(0L)
                    : Future.failedFuture(failure))
        .map(closesAt -> new Known(closesAt, timers.millis() + ITEM_KNOWN_MS))
        .onSuccess(known -> items.put(item, known));
  }

  private Future<Shaken> orderOf(Command command, Shaken ownerSaid, long closesAt) {
    JsonObject query = new JsonObject().put("op", "orders").put("limit", 1);
    if (command instanceof Shake c) {
      query.put("user", c.user().utf8()).put("item", Long.toString(c.item()));
      query.put("key", c.key().utf8());
    } else if (command instanceof AskResult c) {
      query.put("user", c.user().utf8()).put("item", Long.toString(c.item()));
      query.put("key", c.key().utf8());
    } else {
      throw new AssertionError(command);
    }
    return backstage
        .persist(query, READ_MS)
        .map(reply -> answer(command, ownerSaid, closesAt, reply.getJsonArray("orders")));
  }

  /** An owner of before the item was published, woken up late, may not know it either. */
  private static Shaken answer(Command command, Shaken ownerSaid, long closesAt, JsonArray orders) {
    long position = ownerSaid.position();
    long at = ownerSaid.at();
    if (orders.isEmpty()) {
      boolean ended = command instanceof Shake && at >= closesAt;
      return ended ? Shaken.of(Outcome.ENDED, position, at) : ownerSaid;
    }
    OrderFact order = OrderView.fact(orders.getJsonObject(0));
    if (command instanceof Shake shake && shake.quantity() != order.quantity()) {
      String detail = "quantity must be " + order.quantity() + ", as in this key's order";
      return Shaken.invalid("key_reused", detail, position, at);
    }
    return Shaken.accepted(order, position, at, true);
  }
}
