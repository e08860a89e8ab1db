package stampede.sale.engine;

import org.agrona.collections.LongHashSet;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.ItemEnded;
import stampede.protocol.SaleEvent.ItemOpened;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleEvent.StockReleased;

/**
 * What a log lacks that begins behind its first events, until the cut that made it so is met. Of an
 * item published before, only later events are there: they are skipped, and each such item must be
 * archived before that cut.
 */
final class CutAway {
  private final long upTo;
  private final LongHashSet items = new LongHashSet();

  /** Of these items, accepted behind the log's beginning: positions. */
  private final LongHashSet orders = new LongHashSet();

  CutAway(long upTo) {
    this.upTo = upTo;
  }

  long upTo() {
    return upTo;
  }

  /**
   * Whether an event at {@code position} is about something that was cut away; it is noted then.
   */
  boolean skips(SaleEvent event, long position, SaleState state) {
    if (event instanceof RefundDue e) {
      long accepted = PartitionMap.positionOfOrder(e.order());
      boolean here = PartitionMap.partitionOfOrder(e.order()) == state.partition;
      return here && (accepted <= upTo || orders.contains(accepted));
    }
    long item = itemOf(event);
    if (item == 0 || state.item(item) != null) {
      return false;
    }
    items.add(item);
    if (event instanceof Accepted) {
      orders.add(position);
    }
    return true;
  }

  void archived(long item) {
    items.remove(item);
  }

  /** An item that is spoken of but was neither published nor archived; 0 = there is none. */
  long unexplained() {
    return items.isEmpty() ? 0 : items.iterator().nextValue();
  }

  /** The item that an event is about which takes for granted that it was published; 0 = none. */
  private static long itemOf(SaleEvent event) {
    if (event instanceof Accepted e) {
      return e.item();
    } else if (event instanceof Paid e) {
      return e.item();
    } else if (event instanceof Released e) {
      return e.item();
    } else if (event instanceof Claimed e) {
      return e.item();
    } else if (event instanceof ItemOpened e) {
      return e.item();
    } else if (event instanceof ItemEnded e) {
      return e.item();
    } else if (event instanceof StockReleased e) {
      return e.item();
    } else if (event instanceof Steered e) {
      return e.steering().isOfItem() ? e.subject() : 0;
    }
    return 0;
  }
}
