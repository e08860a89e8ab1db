package stampede.persist;

import java.nio.charset.StandardCharsets;
import java.util.List;
import stampede.protocol.Bytes;

/**
 * Rows of SQL literals: numbers, words of our own, and bytes. Bytes are written as they are if all
 * of them are ASCII letters, digits or {@code - . : _}, as most ids and keys are: a third of what
 * the server has to read is saved by that. Anything else is in hexadecimal.
 */
final class SqlText {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private static final boolean[] PLAIN = new boolean[256];

  static {
    for (char c = 0; c < 128; c++) {
      PLAIN[c] =
          c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || isPunctuation(c);
    }
  }

  private final StringBuilder text;
  private List<String> names = List.of();
  private int rows;
  private int column;

  SqlText(int chars) {
    text = new StringBuilder(chars);
  }

  private static boolean isPunctuation(char c) {
    return c == '-' || c == '.' || c == ':' || c == '_';
  }

  /** Names for the columns of the first row; rows are joined by UNION ALL then. */
  void columns(List<String> names) {
    this.names = names;
  }

  void open(String begin) {
    text.append(rows == 0 ? "" : names.isEmpty() ? "," : " UNION ALL ").append(begin);
    column = 0;
  }

  void close(String end) {
    text.append(end);
    rows++;
  }

  SqlText number(long value) {
    next().append(value);
    return named();
  }

  SqlText numberOrNull(long value) {
    return value == 0 ? nothing() : number(value);
  }

  /** {@code value} is written as it is: only for constants. */
  SqlText word(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_')) {
        throw new IllegalArgumentException("not a plain word: " + value);
      }
    }
    next().append('\'').append(value).append('\'');
    return named();
  }

  SqlText nothing() {
    next().append("NULL");
    return named();
  }

  SqlText bytes(Bytes value) {
    next();
    if (isPlain(value)) {
      plain(value);
    } else {
      hex(value.toByteArray());
    }
    return named();
  }

  SqlText bytesOrNull(Bytes value) {
    return value.isEmpty() ? nothing() : bytes(value);
  }

  SqlText text(String value) {
    next();
    if (isPlain(value)) {
      text.append('\'').append(value).append('\'');
    } else {
      text.append("_utf8mb4 ");
      hex(value.getBytes(StandardCharsets.UTF_8));
    }
    return named();
  }

  SqlText textOrNull(String value) {
    return value.isEmpty() ? nothing() : text(value);
  }

  private StringBuilder next() {
    return column == 0 ? text : text.append(',');
  }

  private SqlText named() {
    if (rows == 0 && !names.isEmpty()) {
      text.append(" AS ").append(names.get(column));
    }
    column++;
    return this;
  }

  private boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c >= PLAIN.length || !PLAIN[c]) {
        return false;
      }
    }
    return names.isEmpty();
  }

  /** Not if rows are joined: the first one's type would be everybody's. */
  private boolean isPlain(Bytes value) {
    for (int i = 0; i < value.length(); i++) {
      if (!PLAIN[value.at(i) & 0xff]) {
        return false;
      }
    }
    return names.isEmpty();
  }

  private void plain(Bytes value) {
    text.append('\'');
    for (int i = 0; i < value.length(); i++) {
      text.append((char) value.at(i));
    }
    text.append('\'');
  }

  /** Straight into the text: a chunk has thousands of them. */
  private void hex(byte[] bytes) {
    text.append("x'");
    for (byte b : bytes) {
      text.append(HEX[(b >> 4) & 15]).append(HEX[b & 15]);
    }
    text.append('\'');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
