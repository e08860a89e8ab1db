package stampede.edge.management;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.edge.management.live.LiveFigures;

/** The figures of the whole shop, as {@code stats} and {@code admin.stats}; each with its age. */
final class Stats {
  private final EdgeSide edge;
  private final DrainWatch drains;
  private final LiveFigures figures;

  Stats(EdgeSide edge, DrainWatch drains, LiveFigures figures) {
    this.edge = edge;
    this.drains = drains;
    this.figures = figures;
  }

  /**
   * {@code
   * {"node","at","sockets","shakes","outcomes":{…},"queue","drainLagMs","eventLoopDelayMs","available","held","sold","perSecond":{…},"edges":[…],"items":[…]}},
   * a figure being {@code {"value","ageMs"}}. Counts are of all edges since each started.
   */
  JsonObject now() {
    long lagMs = drains.lagMsMax();
    return new JsonObject()
        .put("node", edge.node())
        .put("at", edge.nowMs().getAsLong())
        .mergeIn(figures.now())
        .put("drainLagMs", figure(lagMs < 0 ? null : lagMs, drains.ageMsMax()));
  }

  /** As {@link LiveFigures#history}. */
  JsonObject history(int seconds, List<Long> items) {
    return figures.history(seconds, items);
  }

  private static JsonObject figure(@Nullable Object value, long ageMs) {
    return new JsonObject().put("value", value).put("ageMs", ageMs);
  }
}
