package stampede.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what {@link ByteWriter} wrote. Every read is bounds-checked: bytes that end too early are
 * {@link CorruptRecord}.
 */
public final class ByteReader {
  private final byte[] buffer;
  private final int end;
  private int at;

  public ByteReader(byte[] buffer) {
    this.buffer = buffer;
    this.end = buffer.length;
  }

  public boolean hasMore() {
    return at < end;
  }

  public int u8() {
    need(1);
    return buffer[at++] & 0xff;
  }

  public long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      int b = u8();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw new CorruptRecord("a varint is longer than ten bytes");
  }

  /** A varint that must lie in {@code 0 … max}. */
  public int count(int max) {
    long value = varint();
    if (value < 0 || value > max) {
      throw new CorruptRecord("a count of " + value + " where at most " + max + " is possible");
    }
    return (int) value;
  }

  public byte[] raw(int length) {
    need(length);
    byte[] value = Arrays.copyOfRange(buffer, at, at + length);
    at += length;
    return value;
  }

  /** So many numbers of {@link ByteWriter#fixed64}. */
  public long[] fixed64s(int count) {
    need(count > end / 8 ? Integer.MAX_VALUE : count * 8);
    long[] values = new long[count];
    ByteBuffer.wrap(buffer, at, count * 8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asLongBuffer()
        .get(values);
    at += count * 8;
    return values;
  }

  public byte[] byteArray(int lengthMax) {
    return raw(count(lengthMax));
  }

  public Bytes bytes() {
    return Bytes.wrap(byteArray(Bytes.LENGTH_MAX));
  }

  public String text(int bytesMax) {
    int length = count(bytesMax);
    need(length);
    String value = length == 0 ? "" : new String(buffer, at, length, StandardCharsets.UTF_8);
    at += length;
    return value;
  }

  /** Nothing may be left: a record that is too long is as wrong as one that is too short. */
  public void expectEnd() {
    if (at != end) {
      throw new CorruptRecord((end - at) + " bytes after the end of the record");
    }
  }

  private void need(int length) {
    if (length < 0 || length > end - at) {
      throw new CorruptRecord("the record ends " + (length - (end - at)) + " bytes too early");
    }
  }
}
