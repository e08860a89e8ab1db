package stampede.persist;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import stampede.protocol.Bytes;

/** Rows of SQL literals: numbers, words of our own, and bytes in hexadecimal. */
final class SqlText {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final StringBuilder text;
  private List<String> names = List.of();
  private int rows;
  private int column;

  SqlText(int chars) {
    text = new StringBuilder(chars);
  }

  /** Names for the columns of the first row; rows are joined by UNION ALL then. */
  void columns(List<String> names) {
    this.names = names;
  }

  void open(String begin) {
    text.append(rows == 0 ? "" : names.isEmpty() ? ", " : " UNION ALL ").append(begin);
    column = 0;
  }

  void close(String end) {
    text.append(end);
    rows++;
  }

  SqlText number(long value) {
    return column(Long.toString(value));
  }

  SqlText numberOrNull(long value) {
    return value == 0 ? nothing() : number(value);
  }

  /** {@code value} is written as it is: only for constants. */
  SqlText word(String value) {
    if (!value.toLowerCase(Locale.ROOT).matches("[a-z_]+")) {
      throw new IllegalArgumentException("not a plain word: " + value);
    }
    return column("'" + value + "'");
  }

  SqlText nothing() {
    return column("NULL");
  }

  SqlText bytes(Bytes value) {
    return column(hex(value.toByteArray()));
  }

  SqlText bytesOrNull(Bytes value) {
    return value.isEmpty() ? nothing() : bytes(value);
  }

  SqlText text(String value) {
    return column("_utf8mb4 " + hex(value.getBytes(StandardCharsets.UTF_8)));
  }

  SqlText textOrNull(String value) {
    return value.isEmpty() ? nothing() : text(value);
  }

  private SqlText column(String literal) {
    text.append(column == 0 ? "" : ", ").append(literal);
    if (rows == 0 && !names.isEmpty()) {
      text.append(" AS ").append(names.get(column));
    }
    column++;
    return this;
  }

  private static String hex(byte[] bytes) {
    StringBuilder hex = new StringBuilder(3 + 2 * bytes.length).append("x'");
    for (byte b : bytes) {
      hex.append(HEX[(b >> 4) & 15]).append(HEX[b & 15]);
    }
    return hex.append('\'').toString();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
