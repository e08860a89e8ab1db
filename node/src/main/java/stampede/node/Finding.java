package stampede.node;

import io.vertx.core.json.JsonObject;

/**
 * What a health check found.
 *
 * @param data for whoever reads the answer of {@code /health/ready}
 */
public record Finding(boolean ok, JsonObject data) {
  public static Finding up(JsonObject data) {
    return new Finding(true, data);
  }

  public static Finding down(String reason) {
    return new Finding(false, JsonObject.of("reason", reason));
  }

  JsonObject json(String id) {
    return JsonObject.of("id", id, "status", status(ok), "data", data);
  }

  static String status(boolean ok) {
    return ok ? "UP" : "DOWN";
  }
}
