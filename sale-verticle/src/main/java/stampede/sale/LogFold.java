package stampede.sale;

import org.jspecify.annotations.Nullable;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;
import stampede.sale.engine.SaleEngine;

/** A partition's log, folded from its first entry to some position. */
final class LogFold {
  private final int partition;
  private final SaleEngine engine;
  private long lastEpoch;
  private @Nullable JournalEntry last;

  LogFold(int partition, long eventsMax) {
    this.partition = partition;
    this.engine = new SaleEngine(partition, eventsMax);
  }

  SaleEngine engine() {
    return engine;
  }

  long position() {
    return engine.position();
  }

  /** Reading from after here begins with the last entry folded. */
  long beforeLast() {
    return last == null ? 0 : last.first() - 1;
  }

  /** Whether {@code entry} is the last one folded: then this is a prefix of the log it is from. */
  boolean endsWith(JournalEntry entry) {
    return last != null
        && entry.first() == last.first()
        && entry.count() == last.count()
        && entry.epoch() == last.epoch()
        && entry.batch() == last.batch()
        && entry.crc() == last.crc();
  }

  /**
   * Folds the next entry.
   *
   * @throws CorruptRecord if it is not the next one, not intact, or of an epoch that can't be
   * @throws IllegalStateException if its events contradict what they follow
   */
  void fold(JournalEntry entry, long epochMax) {
    if (entry.first() != position() + 1) {
      throw new CorruptRecord(
          "the log of partition "
              + partition
              + " jumps from "
              + position()
              + " to "
              + entry.first());
    }
    if (entry.epoch() < lastEpoch || entry.epoch() > epochMax) {
      throw new CorruptRecord(
          "the log of partition "
              + partition
              + " has epoch "
              + entry.epoch()
              + " after "
              + lastEpoch);
    }
    for (SaleEvent event : entry.events()) {
      engine.apply(event);
    }
    lastEpoch = entry.epoch();
    last = entry;
  }
}
