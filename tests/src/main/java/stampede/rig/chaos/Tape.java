package stampede.rig.chaos;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import stampede.rig.check.History;

/**
 * Takes down what clients send and hear, in the order in which they do: commands before they leave,
 * answers after they came. Thread-safe.
 */
final class Tape {
  private final History history;

  Tape(History history) {
    this.history = history;
  }

  void connected(String client, String user) {
    history.connected(client, user);
  }

  void closed(String client, String user) {
    history.closed(client, user);
  }

  void shaken(String client, String user, String item, String key, int quantity) {
    history.shakes(client, user, Long.parseUnsignedLong(item), key, quantity);
  }

  void asked(String client, String user, String item, String key) {
    history.asks(client, user, Long.parseUnsignedLong(item), key);
  }

  void heard(String client, String user, JsonObject frame) {
    history.answered(client, user, frame.getMap());
  }

  void pays(String client, String order, String payment) {
    history.pays(client, Long.parseUnsignedLong(order), payment);
  }

  /** A call-back's answer. */
  void paid(String client, String payment, Map<String, Object> body) {
    Map<String, Object> members = new HashMap<>(body);
    members.put("payment", payment);
    history.answered(client, "", "pay", members);
  }

  void cancels(String client, String user, String order) {
    history.cancels(client, user, Long.parseUnsignedLong(order));
  }

  void cancelled(String client, String user, Map<String, Object> body) {
    history.answered(client, user, "cancel", body);
  }
}
