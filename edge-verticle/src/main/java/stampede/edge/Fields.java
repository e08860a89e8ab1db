package stampede.edge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;

/**
 * Reads the members of a JSON object from outside, strictly: a number in quotes is no number, 1.0
 * is no whole number. Every refusal is an {@link InvalidField} naming the member. Members nobody
 * asks for are ignored.
 */
public final class Fields {
  private static final String BODY = "body";

  private final JsonObject json;

  private Fields(JsonObject json) {
    this.json = json;
  }

  public static Fields of(JsonObject json) {
    return new Fields(json);
  }

  /**
   * The body of a request that went through {@link JsonBody#posted}.
   *
   * @throws InvalidField when it is no JSON object
   */
  public static Fields ofBody(RoutingContext ctx) {
    Buffer body = ctx.body().buffer();
    return ofJson(body == null ? Buffer.buffer() : body);
  }

  static Fields ofJson(Buffer text) {
    JsonBody.requireStrict(text);
    Object value;
    try {
      value = Json.decodeValue(text);
    } catch (DecodeException e) {
      throw new InvalidField(BODY, "is not well-formed JSON");
    }
    if (value instanceof JsonObject object) {
      return new Fields(object);
    }
    throw new InvalidField(BODY, "must be a JSON object");
  }

  /** A copy of all there is. */
  public JsonObject json() {
    return json.copy();
  }

  public boolean has(String field) {
    return json.getValue(field) != null;
  }

  /** Null if it is something else, or nothing. */
  public @Nullable String textIfAny(String field) {
    return json.getValue(field) instanceof String text ? text : null;
  }

  /** For one who checks it where it is kept. */
  public void copy(String field, JsonObject to) {
    to.put(field, json.getValue(field));
  }

  /** It is exactly this word. */
  public boolean is(String field, String word) {
    return word.equals(json.getValue(field));
  }

  /** 1 to {@code charsMax} characters, not only blanks. */
  public String text(String field, int charsMax) {
    Object value = json.getValue(field);
    if (!(value instanceof String text)) {
      throw new InvalidField(field, value == null ? "is missing" : "must be a text");
    }
    if (text.isBlank() || text.length() > charsMax) {
      throw new InvalidField(field, "must have 1 to " + charsMax + " characters");
    }
    return text;
  }

  /** An empty text counts as not given. */
  public String text(String field, int charsMax, String otherwise) {
    boolean given = has(field) && !json.getValue(field).equals("");
    return given ? text(field, charsMax) : otherwise;
  }

  /** Opaque bytes given as text: 1 to 64 of UTF-8. */
  public Bytes bytes(String field) {
    Object value = json.getValue(field);
    if (!(value instanceof String text)) {
      throw new InvalidField(field, value == null ? "is missing" : "must be a text");
    }
    if (text.isEmpty()) {
      throw new InvalidField(field, "must have 1 to " + Bytes.LENGTH_MAX + " bytes");
    }
    return Bytes.of(field, text);
  }

  /** An id: decimal text. */
  public long id(String field) {
    Object value = json.getValue(field);
    if (!(value instanceof String text)) {
      throw new InvalidField(
          field, value == null ? "is missing" : "must be an id, as decimal text");
    }
    return id(field, text);
  }

  /** Decimal text without sign or leading zeros, 1 to 2^63 − 1. */
  public static long id(String field, String text) {
    long id = idOrZero(text);
    if (id == 0) {
      throw new InvalidField(field, "must be an id, as decimal text");
    }
    return id;
  }

  /** As {@link #id}, 0 when it is none: for paths, where a bad id is just not found. */
  public static long idOrZero(@Nullable String text) {
    if (text == null || text.isEmpty() || text.length() > 19 || text.charAt(0) == '0') {
      return 0;
    }
    long id = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      id = id * 10 + digit;
    }
    return Math.max(0, id); // 19 digits can pass 2^63 − 1 by less than a second turn
  }

  public long whole(String field, long min, long max) {
    Object value = json.getValue(field);
    if (value == null) {
      throw new InvalidField(field, "is missing");
    }
    boolean whole = value instanceof Integer || value instanceof Long;
    if (!whole && !(value instanceof BigInteger)) {
      throw new InvalidField(field, "must be a whole number");
    }
    if (!whole || ((Number) value).longValue() < min || ((Number) value).longValue() > max) {
      throw new InvalidField(field, "must be " + min + " to " + max);
    }
    return ((Number) value).longValue();
  }

  public long whole(String field, long min, long max, long otherwise) {
    return has(field) ? whole(field, min, max) : otherwise;
  }

  /** A number from 0 to 1. */
  public double fraction(String field) {
    Object value = json.getValue(field);
    if (!(value instanceof Number number)) {
      throw new InvalidField(field, value == null ? "is missing" : "must be a number from 0 to 1");
    }
    double fraction = number.doubleValue();
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new InvalidField(field, "must be a number from 0 to 1");
    }
    return fraction;
  }

  public double fraction(String field, double otherwise) {
    return has(field) ? fraction(field) : otherwise;
  }

  /** An array of ids, empty when absent. */
  public List<Long> ids(String field, int entriesMax) {
    Object value = json.getValue(field);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof JsonArray array) || array.size() > entriesMax) {
      throw new InvalidField(field, "must be a list of at most " + entriesMax);
    }
    List<Long> ids = new ArrayList<>(array.size());
    for (Object entry : array) {
      ids.add(id(field, entry instanceof String text ? text : ""));
    }
    return ids;
  }

  /** An array of objects, empty when absent. */
  public JsonArray objects(String field, int entriesMax) {
    Object value = json.getValue(field);
    if (value == null) {
      return new JsonArray();
    }
    if (!(value instanceof JsonArray array) || array.size() > entriesMax) {
      throw new InvalidField(field, "must be a list of at most " + entriesMax);
    }
    for (Object entry : array) {
      if (!(entry instanceof JsonObject)) {
        throw new InvalidField(field, "must be a list of objects");
      }
    }
    return array;
  }
}
