package stampede.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing byte array. Integers are LEB128 varints of their unsigned value: small is short, −1
 * takes ten bytes.
 */
public final class ByteWriter {
  private byte[] buffer;
  private int size;

  public ByteWriter(int capacity) {
    buffer = new byte[capacity];
  }

  public int size() {
    return size;
  }

  public void u8(int value) {
    room(1);
    buffer[size++] = (byte) value;
  }

  public void varint(long value) {
    room(10);
    while ((value & ~0x7fL) != 0) {
      buffer[size++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    buffer[size++] = (byte) value;
  }

  /** Eight bytes, the lowest first. */
  public void fixed64(long value) {
    room(8);
    for (int shift = 0; shift < 64; shift += 8) {
      buffer[size++] = (byte) (value >>> shift);
    }
  }

  public void bytes(byte[] value) {
    varint(value.length);
    raw(value);
  }

  public void bytes(Bytes value) {
    value.writeTo(this);
  }

  public void text(String value) {
    bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Without a length before it. */
  public void raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, buffer, size, value.length);
    size += value.length;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(buffer, size);
  }

  private void room(int needed) {
    if (size + needed > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + needed));
    }
  }
}
