package stampede.edge;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/** Holds frames and closes against {@code asyncapi.yaml}. */
final class SocketContract {
  private static final JsonObject FILE = HttpContract.load("asyncapi.yaml");

  /** Types of frames, and {@code outcome NAME}, and {@code close CODE}, of this process. */
  static final Set<String> SEEN = new ConcurrentSkipListSet<>();

  private SocketContract() {}

  /** What the edge said. */
  static void told(JsonObject frame) {
    checked("tell", frame);
    if (frame.containsKey("outcome")) {
      SEEN.add("outcome " + frame.getString("outcome"));
    }
  }

  /** What a client said and the edge understood. */
  static void heard(JsonObject frame) {
    checked("hear", frame);
  }

  static void closed(int code) {
    if (!codes().contains(code)) {
      throw new AssertionError("close code " + code + " is not in the contract");
    }
    SEEN.add("close " + code);
  }

  static boolean isKnown(JsonObject frame) {
    try {
      heard(frame);
      return true;
    } catch (AssertionError unknown) {
      return false;
    }
  }

  /** Everything the file says can be. */
  static Set<String> promised() {
    Set<String> all = new TreeSet<>();
    for (String operation : Set.of("hear", "tell")) {
      types(operation).forEach(type -> all.add(operation + " " + type));
    }
    JsonObject outcome = FILE.getJsonObject("components").getJsonObject("schemas");
    outcome
        .getJsonObject("outcome")
        .getJsonObject("properties")
        .getJsonObject("outcome")
        .getJsonArray("enum")
        .forEach(name -> all.add("outcome " + name));
    codes().forEach(code -> all.add("close " + code));
    return all;
  }

  private static JsonArray codes() {
    JsonObject channel = FILE.getJsonObject("channels").getJsonObject("shake");
    return channel.getJsonArray("x-close-codes");
  }

  private static Set<String> types(String operation) {
    Set<String> types = new TreeSet<>();
    for (Object message :
        FILE.getJsonObject("operations").getJsonObject(operation).getJsonArray("messages")) {
      String at = ((JsonObject) message).getString("$ref");
      types.add(at.substring(at.lastIndexOf('/') + 1));
    }
    return types;
  }

  private static void checked(String operation, JsonObject frame) {
    String type = String.valueOf(frame.getValue("type"));
    if (!types(operation).contains(type)) {
      throw new AssertionError("frame " + frame.encode() + " is not in the contract");
    }
    JsonObject schemas = FILE.getJsonObject("components").getJsonObject("schemas");
    HttpContract.valid(FILE, schemas.getJsonObject(type), frame, frame.encode());
    SEEN.add(operation + " " + type);
  }
}
