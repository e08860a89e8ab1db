package stampede.sale;

import org.jspecify.annotations.Nullable;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;
import stampede.sale.engine.SaleEngine;

/**
 * A partition's log, folded from its first entry to some position. Of a log that was cut the first
 * entry begins behind position 1; whether it may is known further on, by {@link #requireWhole}.
 */
final class LogFold {
  private final int partition;
  private final long eventsMax;
  private SaleEngine engine;
  private long begin;
  private long lastEpoch;
  private @Nullable JournalEntry last;

  LogFold(int partition, long eventsMax) {
    this.partition = partition;
    this.eventsMax = eventsMax;
    this.engine = new SaleEngine(partition, eventsMax);
  }

  /** Back to before the first entry. */
  void restart() {
    engine = new SaleEngine(partition, eventsMax);
    begin = 0;
    lastEpoch = 0;
    last = null;
  }

  /** Where its first entry begins; 0 = it has none. */
  long begin() {
    return begin;
  }

  /**
   * @throws CorruptRecord if the log begins later than it says it may
   */
  void requireWhole() {
    if (!engine.isWhole()) {
      throw new CorruptRecord(
          "the log of partition "
              + partition
              + " begins at "
              + begin
              + ", and no cut in it says that it may");
    }
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
    if (last == null && entry.first() > 1) {
      engine = new SaleEngine(partition, eventsMax, entry.first() - 1);
    }
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
    begin = begin == 0 ? entry.first() : begin;
    lastEpoch = entry.epoch();
    last = entry;
  }
}
