package stampede.edge.management;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import stampede.protocol.Limits;

/**
 * The body of a command, as JSON Schema (2020-12): for who builds a form or checks what they are
 * about to send. What is refused in the end says the command itself.
 */
final class BodySchema {
  private final JsonObject properties = new JsonObject();
  private final JsonArray required = new JsonArray();

  static BodySchema body() {
    return new BodySchema();
  }

  BodySchema must(String member, JsonObject type) {
    required.add(member);
    return may(member, type);
  }

  BodySchema may(String member, JsonObject type) {
    properties.put(member, type);
    return this;
  }

  /** The members of every change. */
  BodySchema withWarrant() {
    return may("reason", text(Limits.REASON_CHARS_MAX))
        .may("key", text(64).put("description", "sent again it gets the earlier reply"));
  }

  List<String> required() {
    return required.stream().map(String.class::cast).toList();
  }

  JsonObject json() {
    return new JsonObject()
        .put("type", "object")
        .put("properties", properties.copy())
        .put("required", required.copy());
  }

  // ---- types -----------------------------------------------------------------------------------

  static JsonObject id() {
    return new JsonObject().put("type", "string").put("pattern", "^[1-9][0-9]{0,18}$");
  }

  static JsonObject text(int charsMax) {
    return new JsonObject().put("type", "string").put("minLength", 1).put("maxLength", charsMax);
  }

  static JsonObject whole(long min, long max) {
    return new JsonObject().put("type", "integer").put("minimum", min).put("maximum", max);
  }

  /** From 0 to 1. */
  static JsonObject part() {
    return new JsonObject().put("type", "number").put("minimum", 0).put("maximum", 1);
  }

  static JsonObject flag() {
    return new JsonObject().put("type", "boolean");
  }

  static JsonObject oneOf(List<String> words) {
    return new JsonObject().put("enum", new JsonArray(words));
  }

  /** Epoch ms, or local time of the session's zone. */
  static JsonObject time() {
    return new JsonObject()
        .put("type", JsonArray.of("integer", "string"))
        .put("description", "epoch ms, or 2026-11-29T10:00 in the session's zone");
  }

  static JsonObject list(JsonObject of, int max) {
    return new JsonObject().put("type", "array").put("items", of).put("maxItems", max);
  }
}
