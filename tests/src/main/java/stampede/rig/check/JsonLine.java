package stampede.rig.check;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One JSON object on one line, its members texts and whole numbers only. Nothing else is ever
 * written here, so nothing else is read: it is refused with the place where it starts.
 */
final class JsonLine {
  private final Map<String, Object> members = new LinkedHashMap<>();

  JsonLine put(String name, String value) {
    members.put(name, value);
    return this;
  }

  JsonLine put(String name, long value) {
    members.put(name, value);
    return this;
  }

  /** Left out when empty; read back as empty. */
  JsonLine putIfAny(String name, String value) {
    return value.isEmpty() ? this : put(name, value);
  }

  /** Left out when it is what {@link #number(String, long)} will be told to assume. */
  JsonLine putUnless(long assumed, String name, long value) {
    return value == assumed ? this : put(name, value);
  }

  /** An id that may not fit a signed long; 0 is left out. */
  JsonLine putId(String name, long id) {
    return id == 0 ? this : put(name, Long.toUnsignedString(id));
  }

  boolean has(String name) {
    return members.containsKey(name);
  }

  /** Empty if there is none. */
  String text(String name) {
    Object value = members.getOrDefault(name, "");
    if (value instanceof String text) {
      return text;
    }
    throw new BadLine(name + " must be a text");
  }

  String requiredText(String name) {
    if (!members.containsKey(name)) {
      throw new BadLine(name + " is missing");
    }
    return text(name);
  }

  long number(String name, long assumed) {
    Object value = members.getOrDefault(name, assumed);
    if (value instanceof Long number) {
      return number;
    }
    throw new BadLine(name + " must be a whole number");
  }

  long requiredNumber(String name) {
    if (!members.containsKey(name)) {
      throw new BadLine(name + " is missing");
    }
    return number(name, 0);
  }

  int smallNumber(String name, int assumed) {
    long value = number(name, assumed);
    if (value != (int) value) {
      throw new BadLine(name + " is " + value);
    }
    return (int) value;
  }

  /** Decimal text; 0 if there is none. */
  long id(String name) {
    String text = text(name);
    if (text.isEmpty()) {
      return 0;
    }
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new BadLine(name + " is no id: " + text);
    }
  }

  /** A line that is not one of ours, or not whole. */
  static final class BadLine extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    BadLine(String problem) {
      super(problem);
    }
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(200).append('{');
    members.forEach(
        (name, value) -> {
          if (out.length() > 1) {
            out.append(',');
          }
          quote(name, out);
          out.append(':');
          if (value instanceof String text) {
            quote(text, out);
          } else {
            out.append(value);
          }
        });
    return out.append('}').toString();
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /**
   * @throws BadLine if the text is anything but one such object
   */
  static JsonLine parse(String line) {
    return new Parser(line).object();
  }

  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    JsonLine object() {
      JsonLine line = new JsonLine();
      expect('{');
      while (peek() != '}') {
        if (!line.members.isEmpty()) {
          expect(',');
        }
        String name = string();
        expect(':');
        line.members.put(name, peek() == '"' ? string() : (Object) number());
      }
      expect('}');
      if (at != text.length()) {
        throw bad();
      }
      return line;
    }

    private String string() {
      expect('"');
      int from = at;
      while (peek() != '"' && peek() != '\\') {
        at++;
      }
      return peek() == '"' ? text.substring(from, at++) : escaped(from);
    }

    private String escaped(int from) {
      StringBuilder out = new StringBuilder(text.substring(from, at));
      while (peek() != '"') {
        char c = text.charAt(at++);
        out.append(c == '\\' ? escape() : c);
      }
      at++;
      return out.toString();
    }

    private char escape() {
      char c = peek();
      at++;
      if (c == '"' || c == '\\' || c == '/') {
        return c;
      } else if (c == 'u' && at + 4 <= text.length()) {
        at += 4;
        return (char) Integer.parseInt(text, at - 4, at, 16);
      }
      throw bad();
    }

    private long number() {
      int from = at;
      while (peek() == '-' || peek() >= '0' && peek() <= '9') {
        at++;
      }
      try {
        return Long.parseLong(text, from, at, 10);
      } catch (NumberFormatException e) {
        at = from;
        throw bad();
      }
    }

    private char peek() {
      if (at >= text.length()) {
        throw bad();
      }
      return text.charAt(at);
    }

    private void expect(char c) {
      if (peek() != c) {
        throw bad();
      }
      at++;
    }

    private BadLine bad() {
      return new BadLine("not a line of this format, from character " + (at + 1) + " on");
    }
  }
}
