package stampede.edge;

import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.CorruptRecord;
import stampede.protocol.ItemState;
import stampede.protocol.OrderFact;
import stampede.protocol.PartitionMap;
import stampede.protocol.SoldOutQuery;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * Keeps {@link SoldOut} told of the items that are shaken in vain: while hints show them as sold
 * out and somebody shakes, their owner is asked, one question at a time for a partition, past the
 * queue of shakes. On the edge's event loop.
 */
public final class SoldOutWatch {
  static final long ASK_EVERY_MS = 300;

  /** When something asked about was left out: it may be in the making. */
  static final long ASK_AGAIN_MS = 100;

  private static final long ASK_TIMEOUT_MS = SoldOut.AGE_MS_MAX;

  private final Timers timers;
  private final LongSupplier epochMs;
  private final Bus bus;
  private final OwnerRoutes routes;
  private final boolean on;
  private final SoldOut rule = new SoldOut();
  private final boolean[] asking;
  private long refused;

  /**
   * @param on false: nobody is refused here
   */
  public SoldOutWatch(
      Timers timers, LongSupplier epochMs, Bus bus, OwnerRoutes routes, boolean on) {
    this.timers = timers;
    this.epochMs = epochMs;
    this.bus = bus;
    this.routes = routes;
    this.on = on;
    this.asking = new boolean[routes.partitions()];
    if (on) {
      routes.onItem(this::hear);
    }
  }

  /** Whether the item is certainly sold out for the user. */
  public boolean refuses(Bytes user, long item) {
    OwnerRoutes.ItemHint hint = on ? routes.item(item) : null;
    if (hint == null || hint.item().state() != ItemState.SOLD_OUT) {
      return false;
    }
    boolean refuses = rule.refuses(user, hint.partition(), item, now());
    refused += refuses ? 1 : 0;
    if (!asking[hint.partition()]) {
      asking[hint.partition()] = true;
      ask(hint.partition());
    }
    return refuses;
  }

  /** An owner told of an order. */
  public void ordered(OrderFact order) {
    rule.ordered(order.item(), PartitionMap.positionOfOrder(order.order()));
  }

  /** Shakes answered here. */
  long refused() {
    return refused;
  }

  long filterBytes() {
    return rule.filterBytes();
  }

  private SoldOut.Moment now() {
    return new SoldOut.Moment(timers.millis(), epochMs.getAsLong());
  }

  private void hear(OwnerRoutes.ItemHint hint) {
    if (hint.item().state() != ItemState.SOLD_OUT) {
      rule.available(hint.item().item(), hint.position());
    }
  }

  private void ask(int partition) {
    SoldOut.Moment asked = now();
    List<SoldOutQuery.Wanted> wanted = rule.wanted(partition, asked.monotonicMs());
    if (wanted.isEmpty()) {
      asking[partition] = false; // the next shake in vain begins anew
      return;
    }
    OwnerRoutes.Route route = routes.route(partition);
    if (route == null || !route.serving() || route.address().isEmpty()) {
      timers.after(ASK_EVERY_MS, () -> ask(partition));
      return;
    }
    bus.request(
        Addresses.soldOut(route.address()),
        new SoldOutQuery(partition, wanted).encode(),
        ASK_TIMEOUT_MS,
        (message, failure) -> {
          SoldOutQuery.Answer answer = decode(message);
          rule.hear(wanted, asked, answer);
          boolean all = answer.items().size() == wanted.size();
          timers.after(all ? ASK_EVERY_MS : ASK_AGAIN_MS, () -> ask(partition));
        });
  }

  private static SoldOutQuery.Answer decode(byte @Nullable [] message) {
    try {
      return message == null ? SoldOutQuery.Answer.NOTHING : SoldOutQuery.Answer.decode(message);
    } catch (CorruptRecord e) {
      return SoldOutQuery.Answer.NOTHING;
    }
  }
}
