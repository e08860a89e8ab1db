package stampede.edge.admission;

import java.util.List;
import stampede.protocol.EdgeLimit;
import stampede.protocol.Hint;

/**
 * What holds now: the node's config, unless an operator has set something else for all edges. A
 * look-up is an array read. On the edge's event loop.
 */
public final class LiveLimits {
  private final long[] configured = new long[EdgeLimit.values().length];
  private final long[] now = new long[configured.length];
  private final boolean[] steered = new boolean[configured.length];

  public LiveLimits(AdmissionLimits config) {
    for (EdgeLimit limit : EdgeLimit.values()) {
      configured[limit.ordinal()] = config.of(limit);
      now[limit.ordinal()] = configured[limit.ordinal()];
    }
  }

  public long of(EdgeLimit limit) {
    return now[limit.ordinal()];
  }

  public long configured(EdgeLimit limit) {
    return configured[limit.ordinal()];
  }

  /** True while an operator's value holds. */
  public boolean isSteered(EdgeLimit limit) {
    return steered[limit.ordinal()];
  }

  /** All that operators have set; everything else is as in the config. */
  public void hear(List<Hint.Limit> set) {
    for (EdgeLimit limit : EdgeLimit.values()) {
      set(limit, EdgeLimit.OF_CONFIG);
    }
    for (Hint.Limit each : set) {
      EdgeLimit limit = EdgeLimit.find(each.code());
      if (limit != null) {
        set(limit, each.value());
      }
    }
  }

  /**
   * @param value what it can't be = back to the config
   */
  void set(EdgeLimit limit, long value) {
    steered[limit.ordinal()] = limit.allows(value);
    now[limit.ordinal()] = limit.allows(value) ? value : configured[limit.ordinal()];
  }
}
