package stampede.journal;

import java.util.ArrayList;
import java.util.List;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleEvent;

/** Journal entries to test with. */
final class Entries {
  private Entries() {}

  /** {@code count} accepted shakes from position {@code first} on; they differ from each other. */
  static JournalEntry entry(int partition, long epoch, long first, int count, long batch) {
    List<SaleEvent> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(
          new SaleEvent.Accepted(
              1001,
              Bytes.of("user-" + (first + i)),
              Bytes.of("key-" + batch),
              1,
              1_800_000_900_000L,
              1_800_000_000_000L + i));
    }
    return JournalEntry.of(partition, epoch, first, batch, events);
  }

  /** An entry that holds {@code payload} as it is; its checksum is made up. */
  static JournalEntry raw(
      int partition, long epoch, long first, int count, long batch, byte[] payload, int crc) {
    return new JournalEntry(partition, epoch, first, count, batch, payload, crc);
  }

  /** {@code length} bytes in which every value occurs, line ends and NUL included. */
  static byte[] everyByte(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + (i >>> 8));
    }
    return bytes;
  }
}
