package stampede.edge.management;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.protocol.Addresses;
import stampede.protocol.port.Bus;

/**
 * The alarms of all nodes since this edge started, the last {@value #KEPT_MAX}: for a look, the
 * logs have them all. On the edge's event loop.
 */
final class AlarmsHeard {
  static final int KEPT_MAX = 100;
  private static final Logger LOG = LoggerFactory.getLogger(AlarmsHeard.class);

  private final Bus bus;
  private final Consumer<JsonObject> onAlarm;
  private final ArrayDeque<JsonObject> newestFirst = new ArrayDeque<>();
  private Bus.@Nullable Registration registration;

  /**
   * @param onAlarm hears each one, as it comes
   */
  AlarmsHeard(Bus bus, Consumer<JsonObject> onAlarm) {
    this.bus = bus;
    this.onAlarm = onAlarm;
  }

  void start() {
    registration = bus.subscribe(Addresses.ALARMS, this::hear);
  }

  void stop() {
    if (registration != null) {
      registration.cancel();
      registration = null;
    }
  }

  /**
   * {@code {"alarms":[{"node","code","partition"?,"detail","leftOut","at"}]}}, the newest first.
   */
  JsonObject list() {
    JsonArray all = new JsonArray();
    newestFirst.forEach(alarm -> all.add(alarm.copy()));
    return new JsonObject().put("alarms", all);
  }

  private void hear(byte[] message) {
    JsonObject alarm;
    try {
      alarm = new JsonObject(Buffer.buffer(message));
    } catch (DecodeException | ClassCastException e) {
      LOG.warn("an alarm that can't be read was ignored: {}", e.getMessage());
      return;
    }
    newestFirst.addFirst(alarm);
    if (newestFirst.size() > KEPT_MAX) {
      newestFirst.removeLast();
    }
    onAlarm.accept(alarm);
  }
}
