package stampede.sale.engine;

import java.util.Arrays;
import java.util.function.LongConsumer;
import stampede.protocol.EdgeLimit;

/** What operators have set for all edges; the engine itself limits nothing by it. */
final class SteeredLimits {
  private final long[] values = new long[EdgeLimit.values().length];

  SteeredLimits() {
    Arrays.fill(values, EdgeLimit.OF_CONFIG);
  }

  /** {@link EdgeLimit#OF_CONFIG} = not set. */
  long of(EdgeLimit limit) {
    return values[limit.ordinal()];
  }

  void set(EdgeLimit limit, long value) {
    values[limit.ordinal()] = value;
  }

  /** Code and value of each that is set: so that a limit more leaves older hashes as they are. */
  void canonical(LongConsumer out) {
    for (EdgeLimit limit : EdgeLimit.values()) {
      if (of(limit) != EdgeLimit.OF_CONFIG) {
        out.accept(limit.code());
        out.accept(of(limit));
      }
    }
  }
}
