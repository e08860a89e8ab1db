package stampede.edge.management;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stampede.node.LoopDelay;

/** The figures of this edge, for those who registered to {@code stats}; each with its age. */
final class Stats {
  static final String ADDRESS = "stats";

  private final EdgeSide edge;
  private final DrainWatch drains;
  private final LoopDelay delay;

  Stats(EdgeSide edge, DrainWatch drains, LoopDelay delay) {
    this.edge = edge;
    this.drains = drains;
    this.delay = delay;
  }

  /**
   * {@code
   * {"node","at","sockets","shakes","outcomes":{…},"queue","drainLagMs","eventLoopDelayMs"}}, a
   * figure being {@code {"value","ageMs"}}. Counts are of this edge since it started.
   */
  JsonObject now() {
    JsonObject counters = edge.counters().get();
    JsonObject stats =
        new JsonObject().put("node", edge.node()).put("at", edge.nowMs().getAsLong());
    for (Map.Entry<String, Object> entry : counters) {
      boolean group = entry.getValue() instanceof JsonObject;
      stats.put(
          entry.getKey(),
          group ? aged((JsonObject) entry.getValue()) : figure(entry.getValue(), 0));
    }
    stats.put("queue", figure(edge.queued().getAsInt(), 0));
    long lagMs = drains.lagMsMax();
    stats.put("drainLagMs", figure(lagMs < 0 ? null : lagMs, drains.ageMsMax()));
    return stats.put("eventLoopDelayMs", figure(delay.delayMsMax(), 0));
  }

  private static JsonObject aged(JsonObject group) {
    JsonObject figures = new JsonObject();
    for (Map.Entry<String, Object> entry : group) {
      figures.put(entry.getKey(), figure(entry.getValue(), 0));
    }
    return figures;
  }

  private static JsonObject figure(@Nullable Object value, long ageMs) {
    return new JsonObject().put("value", value).put("ageMs", ageMs);
  }
}
