package stampede.standalone.reconcile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import stampede.protocol.JournalEntry;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.Claimed;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;

/**
 * The events a journal lost, made again from the rows that were drained from it, if every one of
 * them can be. Pure; used once.
 *
 * <p>Accepted orders, claims and refunds carry their position. Payments and releases do not, but
 * each is known by its order: those that MySQL has and the journal has not happened at the missing
 * positions that nothing else claims, in the order of their times. (Those of one millisecond are
 * put in the order of their orders: which of them came first is in no row, and makes no difference
 * to any order or stock.) When there are more such positions than payments and releases, something
 * happened that leaves no row: an opening, a closing, a portion of stock, a change of owner, an
 * unaudited steering. Then nothing can be made again, since what it was would be a guess.
 */
final class RepairPlan {
  private static final int GROUP_EVENTS = 500;
  private static final int WORDED_MAX = 20;

  private final Ledger ledger;
  private final long end;
  private final Booked.Cursor cursor;
  private final TreeMap<Long, SaleEvent> placed = new TreeMap<>();
  private final List<Ending> endings = new ArrayList<>();
  private final List<String> obstacles = new ArrayList<>();
  private final TreeMap<Long, String> unmakeable = new TreeMap<>();
  private long orders;

  private record Ending(long order, SaleEvent event) {}

  /**
   * @param ledger of the whole log that is left
   * @param cursor in MySQL, beyond the log's end
   */
  RepairPlan(Ledger ledger, Booked.Cursor cursor) {
    this.ledger = ledger;
    this.end = ledger.position();
    this.cursor = cursor;
    if (cursor.first() <= end) {
      obstacles.add(
          "the last entry drained has positions "
              + cursor.first()
              + " to "
              + cursor.position()
              + ", but the log ends within it, at "
              + end);
    }
  }

  /**
   * A row of {@code sale_order}.
   *
   * @return whether the journal lacks something of it
   */
  boolean order(Booked.Order row) {
    OrderFact fact = row.fact();
    long position = PartitionMap.positionOfOrder(fact.order());
    if (position > end) {
      orders++;
      place(
          position,
          new Accepted(
              fact.item(),
              fact.user(),
              fact.key(),
              fact.quantity(),
              fact.payBy(),
              fact.acceptedAt()));
      ending(fact);
      return true;
    }
    if (position <= ledger.cutAway() || ledger.halfKnown().contains(fact.order())) {
      return false; // archived: nothing of it is lost
    }
    OrderFact known = ledger.order(fact.order());
    if (known == null) {
      obstacles.add("order " + fact.order() + " is in MySQL, but the journal never accepted it");
      return false;
    }
    boolean endedSince = known.status() == OrderStatus.HELD && fact.status() != OrderStatus.HELD;
    if (endedSince) {
      ending(fact);
    }
    return endedSince;
  }

  private void ending(OrderFact o) {
    if (o.status() == OrderStatus.PAID) {
      endings.add(
          new Ending(
              o.order(), new Paid(o.order(), o.item(), o.quantity(), o.payment(), o.paidAt())));
    } else if (o.status() == OrderStatus.RELEASED) {
      ReleaseReason reason = null;
      for (ReleaseReason each : ReleaseReason.values()) {
        reason = each.text().equals(o.releaseReason()) ? each : reason;
      }
      if (reason == null) {
        obstacles.add("order " + o.order() + " has the release_reason '" + o.releaseReason() + "'");
      } else {
        endings.add(
            new Ending(
                o.order(),
                new Released(o.order(), o.item(), o.quantity(), reason, o.releasedAt())));
      }
    }
  }

  /** A row of {@code sale_claim}, after those of the orders. */
  void claim(Booked.Claim row) {
    if (row.position() <= end) {
      return;
    }
    long accepted = PartitionMap.positionOfOrder(row.order());
    OrderFact known = accepted > end ? null : ledger.order(row.order());
    if (placed.get(accepted) instanceof Accepted made) {
      place(row, made.item(), made.quantity());
    } else if (known != null) {
      place(row, known.item(), known.quantity());
    } else {
      obstacles.add("order " + row.order() + " is claimed in MySQL, but was never accepted");
    }
  }

  private void place(Booked.Claim row, long item, int quantity) {
    place(row.position(), new Claimed(row.order(), item, quantity, row.user(), row.at()));
  }

  void refund(Booked.Refund row) {
    if (row.position() <= end) {
      return;
    }
    for (RefundReason reason : RefundReason.values()) {
      if (reason.text().equals(row.reason())) {
        place(row.position(), new RefundDue(row.order(), row.payment(), reason, row.at()));
        return;
      }
    }
    obstacles.add(
        "the refund at position " + row.position() + " has the reason '" + row.reason() + "'");
  }

  void audit(Booked.Audit row) {
    if (row.position() > end) {
      unmakeable.put(
          row.position(),
          row.action() + " by " + row.by() + ": its row does not carry all of the event");
    }
  }

  void item(Booked.Item row) {
    if (row.position() > end) {
      unmakeable.putIfAbsent(
          row.position(), "publication of item " + row.item() + ": no row says by whom");
    }
  }

  private void place(long position, SaleEvent event) {
    if (position > cursor.position()) {
      obstacles.add("position " + position + " has a row, but lies beyond the cursor");
    } else if (placed.put(position, event) != null) {
      obstacles.add("position " + position + " has two rows");
    }
  }

  /** Orders the journal lacks altogether. */
  long orders() {
    return orders;
  }

  /**
   * Puts everything in its place, after the last row was given.
   *
   * @return why it can't be done, in words; empty: {@link #entries} has all of it
   */
  List<String> complete() {
    List<Long> open = new ArrayList<>();
    for (long position = end + 1; position <= cursor.position(); position++) {
      String reason = unmakeable.get(position);
      if (reason != null) {
        obstacles.add("position " + position + " can't be made again: " + reason);
      } else if (!placed.containsKey(position)) {
        open.add(position);
      }
    }
    if (open.size() == endings.size()) {
      fill(open);
    } else {
      tellUnknown(open);
    }
    return obstacles.size() <= WORDED_MAX ? obstacles : shortened();
  }

  private void fill(List<Long> open) {
    endings.sort(
        Comparator.comparingLong((Ending ending) -> ending.event.at())
            .thenComparingLong(Ending::order));
    for (int i = 0; i < open.size(); i++) {
      placed.put(open.get(i), endings.get(i).event);
    }
  }

  private void tellUnknown(List<Long> open) {
    String shown =
        open.size() <= WORDED_MAX
            ? open.toString()
            : open.subList(0, WORDED_MAX) + " and " + (open.size() - WORDED_MAX) + " more";
    obstacles.add(
        "positions "
            + shown
            + " have no row of their own, and MySQL knows "
            + endings.size()
            + " payments and releases the journal lacks: "
            + (open.size() > endings.size()
                ? (open.size() - endings.size())
                    + " of these positions held something that leaves no row (an opening, a closing,"
                    + " a portion of stock, a change of owner, an archive or an unaudited steering)"
                : "more than there is room for"));
  }

  private List<String> shortened() {
    List<String> some = new ArrayList<>(obstacles.subList(0, WORDED_MAX));
    some.add("and " + (obstacles.size() - WORDED_MAX) + " more of the kind");
    return some;
  }

  /**
   * The lost part of the log; its last entry is the very one the cursor stands on.
   *
   * @param epoch of whoever appends them
   */
  List<JournalEntry> entries(long epoch) {
    List<JournalEntry> entries = new ArrayList<>();
    long first = end + 1;
    while (first < cursor.first()) {
      long last = Math.min(first + GROUP_EVENTS, cursor.first()) - 1;
      entries.add(entry(epoch, first, last, first));
      first = last + 1;
    }
    entries.add(entry(epoch, cursor.first(), cursor.position(), cursor.batch()));
    return entries;
  }

  private JournalEntry entry(long epoch, long first, long last, long batch) {
    List<SaleEvent> events = List.copyOf(placed.subMap(first, true, last, true).values());
    return JournalEntry.of(ledger.partition(), epoch, first, batch, events);
  }
}
