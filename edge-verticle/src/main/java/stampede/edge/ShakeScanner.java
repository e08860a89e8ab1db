package stampede.edge;

import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.Limits;

/**
 * Reads the one frame a hot sale consists of, {@code
 * {"type":"shake","key":"k-1","item":"1001","quantity":1}}, without building a parser for it: the
 * four members once each, in any order, values as they must be, no escapes, no blanks but spaces.
 * What is written in any other way is not refused here: it is left to the parser that knows all of
 * JSON, and what both can read they read alike.
 */
final class ShakeScanner {
  /** With fewer digits nothing can pass 2^63 − 1. */
  private static final int DIGITS_MAX = 18;

  private static final int TYPE = 1;
  private static final int KEY = 2;
  private static final int ITEM = 4;
  private static final int QUANTITY = 8;
  private static final int ALL = TYPE | KEY | ITEM | QUANTITY;

  private final String text;
  private int at;
  private int keyFrom;
  private int keyTo;
  private long item;
  private int quantity;

  private ShakeScanner(String text) {
    this.text = text;
  }

  /** Null = not such a frame: ask the parser. */
  static ClientFrame.@Nullable Shake scan(String text) {
    ShakeScanner scanner = new ShakeScanner(text);
    return scanner.reads() ? scanner.shake() : null;
  }

  private ClientFrame.Shake shake() {
    return new ClientFrame.Shake(item, Bytes.ofAscii("key", text, keyFrom, keyTo), quantity);
  }

  private boolean reads() {
    int seen = 0;
    boolean more = takes('{');
    while (more) {
      int member = member();
      if (member == 0 || (seen & member) != 0 || !takes(':') || !value(member)) {
        return false;
      }
      seen |= member;
      more = takes(',');
    }
    return seen == ALL && takes('}') && at == text.length();
  }

  private int member() {
    if (takesWord("\"type\"")) {
      return TYPE;
    } else if (takesWord("\"key\"")) {
      return KEY;
    } else if (takesWord("\"item\"")) {
      return ITEM;
    }
    return takesWord("\"quantity\"") ? QUANTITY : 0;
  }

  private boolean value(int member) {
    return switch (member) {
      case TYPE -> takesWord("\"shake\"");
      case KEY -> takesKey();
      case ITEM -> takesItem();
      case QUANTITY -> takesQuantity();
      default -> throw new AssertionError(member);
    };
  }

  private boolean takesKey() {
    if (!takes('"')) {
      return false;
    }
    keyFrom = at;
    while (at < text.length() && Frames.isKeyCharacter(text.charAt(at))) {
      at++;
    }
    keyTo = at;
    int length = keyTo - keyFrom;
    return length >= 1 && length <= Bytes.LENGTH_MAX && takesNow('"');
  }

  private boolean takesItem() {
    if (!takes('"')) {
      return false;
    }
    item = number();
    return item > 0 && takesNow('"');
  }

  private boolean takesQuantity() {
    spaces();
    long number = number();
    quantity = (int) Math.min(number, Integer.MAX_VALUE);
    return number > 0 && number <= Limits.QUANTITY_MAX;
  }

  /** Digits without a leading zero; 0 = none, or too many. What follows them is not looked at. */
  private long number() {
    int from = at;
    long number = 0;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      number = number * 10 + (text.charAt(at) - '0');
      at++;
    }
    boolean good = at > from && at - from <= DIGITS_MAX && text.charAt(from) != '0';
    return good ? number : 0;
  }

  private boolean takesWord(String word) {
    spaces();
    if (!text.startsWith(word, at)) {
      return false;
    }
    at += word.length();
    return true;
  }

  private boolean takes(char wanted) {
    spaces();
    return takesNow(wanted);
  }

  private boolean takesNow(char wanted) {
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void spaces() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }
}
