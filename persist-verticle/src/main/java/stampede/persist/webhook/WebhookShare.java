package stampede.persist.webhook;

import java.util.HashMap;
import java.util.Map;

/**
 * Which partitions' rows this node sends: those it drains, as the drains tell everybody. Whoever
 * spoke last of draining a partition has it; a node whose own drain rests is soon silent. A rule
 * for not doing work twice, nothing more. Pure.
 */
final class WebhookShare {
  static final long QUIET_MS = 3_000;

  private final String node;
  private final Map<Integer, Long> heardAtMs = new HashMap<>();

  WebhookShare(String node) {
    this.node = node;
  }

  /**
   * @param able what it waits for is there: stores, and its turn
   */
  void heard(int partition, String from, boolean able, long nowMs) {
    if (!from.equals(node)) {
      if (able) {
        heardAtMs.remove(partition);
      }
    } else if (able || heardAtMs.containsKey(partition)) {
      heardAtMs.put(partition, nowMs);
    }
  }

  boolean isMine(int partition, long nowMs) {
    Long at = heardAtMs.get(partition);
    return at != null && nowMs - at < QUIET_MS;
  }
}
