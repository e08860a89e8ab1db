package stampede.protocol;

import java.util.List;
import java.util.zip.CRC32C;

/**
 * One durable group of events of one partition at positions {@code first … first + count − 1}.
 *
 * @param batch identifies this group among those of its owner, so that sending it again is
 *     recognised
 * @param crc CRC-32C over every other component: a record that was moved, mixed up or damaged does
 *     not pass {@link #events()}
 */
public record JournalEntry(
    int partition, long epoch, long first, int count, long batch, byte[] payload, int crc) {

  public static JournalEntry of(
      int partition, long epoch, long first, long batch, List<SaleEvent> events) {
    return ofPayload(partition, epoch, first, events.size(), batch, EventCodec.encode(events));
  }

  /** Of events that are encoded already, perhaps by another version. */
  public static JournalEntry ofPayload(
      int partition, long epoch, long first, int count, long batch, byte[] payload) {
    int crc = crc(partition, epoch, first, count, batch, payload);
    return new JournalEntry(partition, epoch, first, count, batch, payload, crc);
  }

  public long last() {
    return first + count - 1;
  }

  /**
   * Its events, checked.
   *
   * @throws CorruptRecord if a single bit is not as it was written
   */
  public List<SaleEvent> events() {
    if (count < 1 || count > Limits.ENTRY_EVENTS_MAX) {
      throw new CorruptRecord(where() + " claims " + count + " events");
    }
    int expected = crc(partition, epoch, first, count, batch, payload);
    if (expected != crc) {
      throw new CorruptRecord(
          where()
              + " has checksum "
              + Integer.toHexString(crc)
              + ", its content "
              + Integer.toHexString(expected));
    }
    return EventCodec.decode(payload, count);
  }

  private String where() {
    return "journal entry at position " + first + " of partition " + partition;
  }

  private static int crc(
      int partition, long epoch, long first, int count, long batch, byte[] payload) {
    ByteWriter header = new ByteWriter(32);
    header.varint(partition);
    header.varint(epoch);
    header.varint(first);
    header.varint(count);
    header.varint(batch);
    CRC32C crc = new CRC32C();
    crc.update(header.toByteArray());
    crc.update(payload);
    return (int) crc.getValue();
  }
}
