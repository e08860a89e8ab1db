package stampede.persist;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;

/** A request's members, read once and checked; every complaint names the member. */
final class Fields {
  private final JsonObject json;

  Fields(JsonObject json) {
    this.json = json;
  }

  /** A misspelt member is refused rather than ignored. */
  void allowOnly(Set<String> names) {
    for (String name : json.fieldNames()) {
      if (!name.equals("op") && !names.contains(name)) {
        throw new InvalidField(name, "is not a member of this request");
      }
    }
  }

  boolean has(String name) {
    return json.getValue(name) != null;
  }

  /** As it came; null = not given. */
  @Nullable Object value(String name) {
    return json.getValue(name);
  }

  /** {@code known} with those of {@code names} that this request gives. */
  Fields over(JsonObject known, Set<String> names) {
    JsonObject merged = new JsonObject();
    for (String name : names) {
      Object given = json.getValue(name);
      merged.put(name, given == null ? known.getValue(name) : given);
    }
    return new Fields(merged);
  }

  /** 1 to {@code charsMax} characters that are not all blank. */
  String text(String name, int charsMax) {
    Object value = json.getValue(name);
    if (!(value instanceof String text) || text.isBlank()) {
      throw new InvalidField(name, "must be a text that is not blank");
    }
    if (text.length() > charsMax) {
      throw new InvalidField(name, "must have at most " + charsMax + " characters");
    }
    return text;
  }

  String textOr(String name, int charsMax, String otherwise) {
    return has(name) && !"".equals(json.getValue(name)) ? text(name, charsMax) : otherwise;
  }

  /** Bytes of a text of 1 to 64 UTF-8 bytes. */
  Bytes bytes(String name) {
    Object value = json.getValue(name);
    if (!(value instanceof String text) || text.isEmpty()) {
      throw new InvalidField(name, "must be a text of 1 to " + Bytes.LENGTH_MAX + " bytes");
    }
    return Bytes.of(name, text);
  }

  Bytes bytesOrEmpty(String name) {
    return has(name) && !"".equals(json.getValue(name)) ? bytes(name) : Bytes.EMPTY;
  }

  /** A positive number as decimal text; a JSON number does too. */
  long id(String name) {
    return idOf(name, json.getValue(name));
  }

  /** {@code after}: the id a page begins behind; not given, or 0 = from the beginning. */
  long after() {
    Object value = json.getValue("after");
    return value == null || value.toString().equals("0") ? 0 : id("after");
  }

  private static long idOf(String name, @Nullable Object value) {
    String text = value instanceof String || value instanceof Number ? value.toString() : "";
    if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) == 0) {
      throw new InvalidField(name, "must be an id: a positive number as text");
    }
    return Long.parseLong(text);
  }

  /** Not given = false. */
  boolean flag(String name) {
    if (has(name) && !(json.getValue(name) instanceof Boolean)) {
      throw new InvalidField(name, "must be true or false");
    }
    return json.getBoolean(name, false);
  }

  /** A whole number. */
  long number(String name, long min, long max) {
    return numberOf(json, name, min, max);
  }

  long numberOr(String name, long min, long max, long otherwise) {
    return has(name) ? number(name, min, max) : otherwise;
  }

  private static long numberOf(JsonObject json, String name, long min, long max) {
    Object value = json.getValue(name);
    if (!(value instanceof Integer || value instanceof Long)) {
      throw new InvalidField(name, "must be a whole number");
    }
    long number = ((Number) value).longValue();
    if (number < min || number > max) {
      throw new InvalidField(name, "must be " + min + " to " + max + ", is " + number);
    }
    return number;
  }

  /** 0…1 in millionths; not given = 1. */
  int millionthsOrAll(String name) {
    if (!has(name)) {
      return 1_000_000;
    }
    double share = json.getValue(name) instanceof Number n ? n.doubleValue() : Double.NaN;
    if (!(share >= 0 && share <= 1)) {
      throw new InvalidField(name, "must be a number from 0 to 1");
    }
    return (int) Math.round(share * 1_000_000);
  }

  JsonObject object(String name) {
    if (json.getValue(name) instanceof JsonObject object) {
      return object;
    }
    throw new InvalidField(name, "must be an object");
  }

  /** Objects of a list that may be missing. */
  List<Fields> list(String name, int max) {
    if (!has(name)) {
      return List.of();
    }
    if (!(json.getValue(name) instanceof JsonArray array) || array.size() > max) {
      throw new InvalidField(name, "must be a list of at most " + max);
    }
    List<Fields> list = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      if (!(array.getValue(i) instanceof JsonObject each)) {
        throw new InvalidField(name, "must be a list of objects");
      }
      list.add(new Fields(each));
    }
    return list;
  }
}
