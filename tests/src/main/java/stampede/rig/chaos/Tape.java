package stampede.rig.chaos;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Takes down what clients send and hear, in the order in which they do. Calls must not throw. */
interface Tape {
  void connected(String client, String user, String edge);

  void closed(String client, String user);

  void welcomed(String client, String user, @Nullable String named);

  void shaken(String client, String user, String item, String key, int quantity);

  void asked(String client, String user, String item, String key);

  void answered(String client, String user, JsonObject outcome);

  void orderNews(String client, String user, JsonObject news);

  void payment(String user, String order, String payment, long amount);

  void paymentAnswered(String user, String order, String payment, int status, String told);

  void cancel(String user, String order);

  void cancelAnswered(String user, String order, int status);
}
