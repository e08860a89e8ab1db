package stampede.protocol;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * An opaque identifier of 0–64 bytes: a user id, a key, a payment id. Compared byte for byte: case,
 * accents, blanks and NUL count. Immutable; the hash is computed once because the engine looks
 * every shake up by it.
 */
public final class Bytes {
  public static final int LENGTH_MAX = 64;
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] value;
  private final long hash;

  private Bytes(byte[] value) {
    this.value = value;
    this.hash = hash64(value, 0, value.length);
  }

  /**
   * Copies; {@code field} names the value in the error when it is longer than {@value #LENGTH_MAX}
   * bytes.
   */
  public static Bytes of(String field, byte[] value) {
    requireLength(field, value.length);
    return new Bytes(value.clone());
  }

  /**
   * UTF-8 bytes of {@code text}; a lone surrogate is refused, since it would turn into another id.
   */
  public static Bytes of(String field, String text) {
    if (isAscii(text)) { // nearly all are, and an encoder for each would be most of its cost
      return ofAscii(field, text, 0, text.length());
    }
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return of(field, Arrays.copyOf(encoded.array(), encoded.limit()));
    } catch (CharacterCodingException e) {
      throw new InvalidField(field, "is not well-formed Unicode");
    }
  }

  /**
   * The characters of {@code text} from {@code from} to before {@code to}, which must all be ASCII.
   */
  public static Bytes ofAscii(String field, String text, int from, int to) {
    byte[] value = new byte[requireLength(field, to - from)];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) text.charAt(from + i);
    }
    return new Bytes(value);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static int requireLength(String field, int length) {
    if (length > LENGTH_MAX) {
      throw new InvalidField(
          field, "is " + length + " bytes long; at most " + LENGTH_MAX + " are allowed");
    }
    return length;
  }

  /** For constants and tests. */
  public static Bytes of(String text) {
    return of("value", text);
  }

  static Bytes wrap(byte[] value) {
    return value.length == 0 ? EMPTY : new Bytes(value);
  }

  public int length() {
    return value.length;
  }

  /** The byte at {@code index}. */
  public byte at(int index) {
    return value[index];
  }

  public boolean isEmpty() {
    return value.length == 0;
  }

  /** 64 well-mixed bits; equal values have equal hashes on every machine and in every version. */
  public long hash64() {
    return hash;
  }

  public void copyTo(byte[] target, int at) {
    System.arraycopy(value, 0, target, at, value.length);
  }

  public boolean sameAs(byte[] other, int from, int length) {
    return Arrays.equals(value, 0, value.length, other, from, from + length);
  }

  public byte[] toByteArray() {
    return value.clone();
  }

  void writeTo(ByteWriter out) {
    out.bytes(value);
  }

  /** As text; what was made from text comes back unchanged. */
  public String utf8() {
    return new String(value, StandardCharsets.UTF_8);
  }

  /** Appends what is known to be ASCII, as a key is, without making a text of it. */
  public void appendAsciiTo(StringBuilder out) {
    for (byte b : value) {
      out.append((char) b);
    }
  }

  /** The hash of a slice; the same as {@code Bytes.of(slice).hash64()}. */
  public static long hash64(byte[] bytes, int from, int length) {
    long h = 0x9E3779B97F4A7C15L ^ length;
    for (int i = from, end = from + length; i < end; i++) {
      h = (h ^ (bytes[i] & 0xff)) * 0x100000001B3L;
    }
    return mix64(h);
  }

  /**
   * A bijection that spreads every input bit over all output bits (the finalizer of SplitMix64).
   */
  public static long mix64(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && hash == that.hash && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return (int) hash;
  }

  @Override
  public String toString() {
    return utf8();
  }
}
