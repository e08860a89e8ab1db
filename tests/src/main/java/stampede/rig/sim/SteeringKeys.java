package stampede.rig.sim;

import java.util.HashMap;
import java.util.Map;
import stampede.protocol.Bytes;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.LogCut;
import stampede.protocol.SaleEvent.Steered;

/**
 * The operators' keys in one partition's log: each takes effect once. One that is of no item may be
 * cut away with the log, but not while somebody may send its command again.
 */
final class SteeringKeys {
  private static final long KEPT_MS = 30_000;

  /**
   * @param atMs of the world's time, which no clock's step changes
   */
  private record Effect(long position, long atMs, boolean ofItem) {}

  private final Map<Bytes, Effect> effects = new HashMap<>();

  void apply(SaleEvent event, long position, long nowMs) {
    if (event instanceof Steered e) {
      Effect effect = new Effect(position, nowMs, e.steering().isOfItem());
      if (effects.putIfAbsent(e.warrant().key(), effect) != null) {
        throw new Violation("S1 operator's key " + e.warrant().key() + " took effect again: " + e);
      }
    } else if (event instanceof LogCut e) {
      cut(e, nowMs);
    }
  }

  private void cut(LogCut e, long nowMs) {
    effects
        .entrySet()
        .removeIf(
            entry -> {
              Effect effect = entry.getValue();
              boolean goes = !effect.ofItem && effect.position <= e.upTo();
              long ageMs = nowMs - effect.atMs;
              if (goes && ageMs < KEPT_MS) {
                throw new Violation(
                    "S1 operator's key " + entry.getKey() + " is cut away after " + ageMs + " ms");
              }
              return goes;
            });
  }

  boolean tookEffect(Bytes key) {
    return effects.containsKey(key);
  }
}
