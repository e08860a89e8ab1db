package stampede.standalone.reconcile;

import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;

/** Folds entries into a ledger, and refuses whatever an owner would not have written. Pure. */
final class LogFold {
  private final Ledger ledger;
  private long epoch;
  private Booked.Cursor end = Booked.Cursor.START;

  LogFold(Ledger ledger) {
    this.ledger = ledger;
  }

  /**
   * @throws CorruptRecord if the entry is damaged or does not follow the one before
   * @throws IllegalStateException if its events contradict those before
   */
  void add(JournalEntry entry) {
    if (entry.partition() != ledger.partition()) {
      throw new CorruptRecord("an entry of partition " + entry.partition());
    }
    if (end.equals(Booked.Cursor.START) && ledger.position() == 0 && entry.first() > 1) {
      ledger.beginAfter(entry.first() - 1);
    }
    if (entry.first() != ledger.position() + 1) {
      throw new CorruptRecord(
          "after position " + ledger.position() + " comes position " + entry.first());
    }
    if (entry.epoch() < epoch) {
      throw new CorruptRecord(
          "after epoch "
              + epoch
              + " comes epoch "
              + entry.epoch()
              + " at position "
              + entry.first());
    }
    for (SaleEvent event : entry.events()) {
      ledger.apply(event);
    }
    epoch = entry.epoch();
    end = new Booked.Cursor(entry.first(), entry.last(), entry.batch());
  }

  /**
   * After the last entry.
   *
   * @throws CorruptRecord if the log begins later than it says it may
   */
  void requireWhole() {
    if (!ledger.isWhole()) {
      throw new CorruptRecord(
          "it begins at " + (ledger.cutAway() + 1) + ", and no cut in it says that it may");
    }
  }

  Ledger ledger() {
    return ledger;
  }

  /** Of the last entry; 0 before the first. */
  long epoch() {
    return epoch;
  }

  /** The last entry, as a cursor on it. */
  Booked.Cursor end() {
    return end;
  }
}
