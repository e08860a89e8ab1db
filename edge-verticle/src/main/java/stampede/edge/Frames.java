package stampede.edge;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;
import stampede.protocol.Limits;
import stampede.protocol.Outcome;
import stampede.protocol.Reply.Shaken;

/**
 * Text frame ↔ record. Pure and strict: what can't be used is an {@link InvalidField} naming the
 * member; members nobody knows are ignored, members given twice are refused. Outgoing frames are
 * appended by hand, since a hot sale writes one per shake.
 */
final class Frames {
  static final int WATCH_MAX = 64;

  private static final String FRAME = "frame";
  private static final String QUANTITY = "must be a whole number from 1 to " + Limits.QUANTITY_MAX;

  private Frames() {}

  /** The members of one frame as they came; null = not there. */
  private static final class Members {
    @Nullable String type;
    @Nullable String key;
    @Nullable String item;
    @Nullable List<String> items;
    boolean hasQuantity;

    /** 0 = not usable. */
    int quantity;
  }

  /**
   * @throws InvalidField when the frame can't be used
   */
  static ClientFrame parse(String text) {
    ClientFrame hot = ShakeScanner.scan(text);
    return hot == null ? parseAny(text) : hot;
  }

  /** Every frame, however it is written. */
  static ClientFrame parseAny(String text) {
    Members m = members(FRAME, text);
    String type = required("type", m.type);
    return switch (type) {
      case "shake" -> shake(m);
      case "result" -> new ClientFrame.Result(itemOf(m), keyOf(m));
      case "watch" -> new ClientFrame.Watch(watched(m));
      case "ping" -> new ClientFrame.Ping();
      default -> throw new InvalidField("type", "must be shake, result, watch or ping");
    };
  }

  /**
   * The quantity in the body of a shake over HTTP.
   *
   * @throws InvalidField when there is no usable one
   */
  static int quantity(String body) {
    Members m = members("body", body);
    if (m.quantity == 0) {
      throw new InvalidField("quantity", m.hasQuantity ? QUANTITY : "is missing");
    }
    return m.quantity;
  }

  /**
   * 1–64 characters of {@code A-Z a-z 0-9 _ -}.
   *
   * @throws InvalidField naming {@code key}
   */
  static Bytes key(String text) {
    boolean good = !text.isEmpty() && text.length() <= Bytes.LENGTH_MAX;
    for (int i = 0; good && i < text.length(); i++) {
      good = isKeyCharacter(text.charAt(i));
    }
    if (!good) {
      throw new InvalidField("key", "must have 1 to 64 characters of A-Z a-z 0-9 _ -");
    }
    return Bytes.of("key", text);
  }

  static boolean isKeyCharacter(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '_'
        || c == '-';
  }

  private static ClientFrame shake(Members m) {
    long item = itemOf(m);
    Bytes key = keyOf(m);
    if (m.quantity == 0) {
      String detail = "quantity " + (m.hasQuantity ? QUANTITY : "is missing");
      return new ClientFrame.BadShake(item, key, detail);
    }
    return new ClientFrame.Shake(item, key, m.quantity);
  }

  private static long itemOf(Members m) {
    return Fields.id("item", required("item", m.item));
  }

  private static Bytes keyOf(Members m) {
    return key(required("key", m.key));
  }

  private static List<Long> watched(Members m) {
    if (m.items == null) {
      throw new InvalidField("items", "is missing");
    }
    return m.items.stream().map(id -> Fields.id("items", id)).distinct().toList();
  }

  private static String required(String field, @Nullable String value) {
    if (value == null) {
      throw new InvalidField(field, "is missing");
    }
    return value;
  }

  /** {@code named}: what {@code text} is called where it can't be read. */
  private static Members members(String named, String text) {
    try (JsonParser in = JsonBody.STRICT.createParser(text)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidField(named, "must be one JSON object");
      }
      Members m = new Members();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        in.nextToken();
        read(name, in, m);
      }
      if (in.nextToken() != null) {
        throw new InvalidField(named, "must be one JSON object, and nothing after it");
      }
      return m;
    } catch (IOException e) {
      throw JsonBody.notTaken(named, e);
    }
  }

  private static void read(String name, JsonParser in, Members m) throws IOException {
    switch (name) {
      case "type" -> m.type = text(name, in);
      case "key" -> m.key = text(name, in);
      case "item" -> m.item = text(name, in);
      case "items" -> m.items = texts(name, in);
      case "quantity" -> {
        m.hasQuantity = true;
        m.quantity = wholeOrZero(in);
      }
      default -> in.skipChildren();
    }
  }

  private static String text(String name, JsonParser in) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_STRING) {
      throw new InvalidField(name, "must be a text");
    }
    return in.getText();
  }

  private static List<String> texts(String name, JsonParser in) throws IOException {
    if (in.currentToken() != JsonToken.START_ARRAY) {
      throw new InvalidField(name, "must be a list of texts");
    }
    List<String> values = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      if (values.size() >= WATCH_MAX) {
        throw new InvalidField(name, "must be at most " + WATCH_MAX);
      }
      values.add(text(name, in));
    }
    return values;
  }

  private static int wholeOrZero(JsonParser in) throws IOException {
    boolean whole =
        in.currentToken() == JsonToken.VALUE_NUMBER_INT
            && in.getNumberType() == JsonParser.NumberType.INT;
    int value = whole ? in.getIntValue() : 0;
    in.skipChildren();
    return value >= 1 && value <= Limits.QUANTITY_MAX ? value : 0;
  }

  static String welcome(Bytes user, long now, long cooldownMs, String node) {
    StringBuilder out = new StringBuilder(128).append("{\"type\":\"welcome\",\"user\":");
    quote(user.utf8(), out);
    out.append(",\"now\":").append(now).append(",\"cooldownMs\":").append(cooldownMs);
    out.append(",\"node\":");
    return quote(node, out).append('}').toString();
  }

  /**
   * @param scratch overwritten; the same one each time saves what would be most of the garbage
   */
  static String outcome(long item, Bytes key, Verdict verdict, StringBuilder scratch) {
    scratch.setLength(0);
    scratch.append("{\"type\":\"outcome\",");
    return outcomeMembers(item, key, verdict, scratch).append('}').toString();
  }

  /** The same as a JSON object of its own, for HTTP. */
  static String outcomeBody(long item, Bytes key, Verdict verdict) {
    StringBuilder out = new StringBuilder(224).append('{');
    return outcomeMembers(item, key, verdict, out).append('}').toString();
  }

  private static StringBuilder outcomeMembers(
      long item, Bytes key, Verdict verdict, StringBuilder out) {
    Shaken said = verdict.said();
    key.appendAsciiTo(out.append("\"key\":\"")); // its alphabet needs no escapes
    out.append("\",\"item\":\"").append(item);
    out.append("\",\"outcome\":\"").append(said.outcome().text()).append('"');
    details(said, out);
    if (verdict.retryAfterMs() > 0) {
      out.append(",\"retryAfterMs\":").append(verdict.retryAfterMs());
    }
    if (verdict.aboutKey()) {
      out.append(",\"position\":").append(said.position());
    }
    if (verdict.byOwner()) {
      out.append(",\"at\":").append(said.at());
    }
    return out;
  }

  private static void details(Shaken said, StringBuilder out) {
    if (said.order() != null) {
      out.append(",\"order\":\"").append(said.order().order());
      out.append("\",\"status\":\"").append(said.order().status().text());
      out.append("\",\"payBy\":").append(said.order().payBy());
      if (said.order().claimBy() > 0 && said.order().claimedBy().isEmpty()) {
        out.append(",\"claimBy\":").append(said.order().claimBy());
      }
    }
    if (said.outcome() == Outcome.LIMIT_REACHED) {
      out.append(",\"orders\":[");
      for (int i = 0; i < said.orders().length; i++) {
        out.append(i == 0 ? "\"" : ",\"").append(said.orders()[i]).append('"');
      }
      out.append(']');
    }
    if (said.opensAt() > 0) {
      out.append(",\"opensAt\":").append(said.opensAt());
    }
    if (!said.code().isEmpty()) {
      quote(said.code(), out.append(",\"code\":"));
      quote(said.detail(), out.append(",\"detail\":"));
    }
  }

  static String queued(long item, Bytes key, int ahead, long etaMs) {
    return "{\"type\":\"queued\",\"key\":\""
        + key.utf8()
        + "\",\"item\":\""
        + item
        + "\",\"ahead\":"
        + ahead
        + ",\"etaMs\":"
        + etaMs
        + "}";
  }

  static String item(OwnerRoutes.ItemHint hint) {
    return "{\"type\":\"item\",\"item\":\""
        + hint.item().item()
        + "\",\"state\":\""
        + hint.item().state().text()
        + "\",\"level\":\""
        + hint.item().level().text()
        + "\",\"asOf\":"
        + hint.asOf()
        + "}";
  }

  static String order(long order, String status, long at) {
    StringBuilder out = new StringBuilder(96).append("{\"type\":\"order\",\"order\":\"");
    out.append(order).append("\",\"status\":");
    return quote(status, out).append(",\"at\":").append(at).append('}').toString();
  }

  static String notice(long item, String text, long at) {
    StringBuilder out = new StringBuilder(96 + text.length()).append("{\"type\":\"notice\",");
    out.append("\"item\":\"").append(item).append("\",\"text\":");
    return quote(text, out).append(",\"at\":").append(at).append('}').toString();
  }

  static String pong(long now) {
    return "{\"type\":\"pong\",\"now\":" + now + "}";
  }

  static String error(String code, String detail) {
    StringBuilder out = new StringBuilder(96).append("{\"type\":\"error\",\"code\":\"");
    out.append(code).append("\",\"detail\":");
    return quote(detail, out).append('}').toString();
  }

  private static StringBuilder quote(String text, StringBuilder out) {
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
    return out.append('"');
  }
}
