package stampede.rig.check.log;

import java.util.Arrays;
import stampede.rig.check.Dump;

/** The bytes of one entry, read from front to back: LEB128 numbers, bytes after their length. */
final class Payload {
  private static final int TEXT_BYTES_MAX = 65_536;
  private final byte[] bytes;
  private int at;

  Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean isAtEnd() {
    return at == bytes.length;
  }

  int octet() {
    if (at >= bytes.length) {
      throw new Damaged("it ends in the middle of an event");
    }
    return bytes[at++] & 0xff;
  }

  long number() {
    long value = 0;
    for (int shift = 0; shift <= 63; shift += 7) {
      int octet = octet();
      value |= (octet & 0x7fL) << shift;
      if (octet < 0x80) {
        return value;
      }
    }
    throw new Damaged("a number has more than ten bytes");
  }

  int small(int max) {
    long value = number();
    if (value < 0 || value > max) {
      throw new Damaged("a count of " + Long.toUnsignedString(value));
    }
    return (int) value;
  }

  String text() {
    int length = small(TEXT_BYTES_MAX);
    if (length > bytes.length - at) {
      throw new Damaged("a text of " + length + " bytes, there are " + (bytes.length - at));
    }
    at += length;
    return Dump.text(Arrays.copyOfRange(bytes, at - length, at));
  }

  /** Bytes that are no events. */
  static final class Damaged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Damaged(String how) {
      super(how);
    }
  }
}
