package stampede.node;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import stampede.protocol.Addresses;
import stampede.protocol.port.Bus;

/**
 * Tells operators of the alarms of this process, wherever they are signed in. Best effort: the log
 * and the counter are what counts. Any thread.
 */
public final class AlarmNews {
  /** A stack of causes may be in it. */
  static final int DETAIL_CHARS_MAX = 1_000;

  private AlarmNews() {}

  /** Of this process, from now on. */
  public static void tell(Vertx vertx, String node) {
    tell(Alarms.ofProcess(), new VertxBus(vertx), node, System::currentTimeMillis);
  }

  /**
   * From now on, as long as the process lives.
   *
   * @param node who tells
   * @param epochMs now
   */
  static void tell(Alarms alarms, Bus bus, String node, LongSupplier epochMs) {
    alarms.onLine(line -> publish(bus, json(line, node, epochMs.getAsLong())));
  }

  private static void publish(Bus bus, JsonObject news) {
    try {
      bus.publish(Addresses.ALARMS, news.toBuffer().getBytes());
    } catch (RejectedExecutionException | IllegalStateException closed) {
      return; // of a node that stops: nobody is left to be told this way
    }
  }

  private static JsonObject json(Alarms.Line line, String node, long atMs) {
    String detail = line.detail();
    JsonObject json =
        new JsonObject()
            .put("node", node)
            .put("code", line.code())
            .put("detail", detail.substring(0, Math.min(detail.length(), DETAIL_CHARS_MAX)))
            .put("leftOut", line.leftOut())
            .put("at", atMs);
    return line.partition() == Alarms.NO_PARTITION ? json : json.put("partition", line.partition());
  }
}
