package stampede.sale;

import java.util.ArrayList;
import java.util.List;
import stampede.protocol.EdgeLimit;
import stampede.protocol.Hint;
import stampede.protocol.Reply;

/**
 * What an owner publishes about its items: changes at once, everything once a heartbeat (of very
 * many items a part each time).
 */
final class HintBoard {
  private final int partition;
  private final String node;
  private final String address;
  private final Tenure tenure;
  private final List<Hint.Item> published = new ArrayList<>();
  private long lastHeartbeatMs = Long.MIN_VALUE / 2;
  private int rollingFrom;
  private long hashedPosition = -1;
  private long quietPosition = -1;
  private long hash;

  HintBoard(int partition, String node, String address, Tenure tenure) {
    this.partition = partition;
    this.node = node;
    this.address = address;
    this.tenure = tenure;
  }

  /** Adds the hints that are due to {@code out}. */
  void changes(long nowMs, long heartbeatMs, boolean serving, String status, List<Hint> out) {
    List<Hint.Item> changed = new ArrayList<>();
    for (int i = 0; i < tenure.engine().items() && changed.size() < Hint.ITEMS_MAX; i++) {
      Hint.Item item = item(i);
      if (i >= published.size()) {
        published.add(item);
        changed.add(item);
      } else if (!item.equals(published.get(i))) {
        published.set(i, item);
        changed.add(item);
      }
    }
    boolean beat = nowMs - lastHeartbeatMs >= heartbeatMs;
    if (!changed.isEmpty() && !(beat && tenure.engine().items() <= Hint.ITEMS_MAX)) {
      out.add(hint(serving, status, changed)); // a heartbeat of a part may lack them
    }
    if (beat) {
      lastHeartbeatMs = nowMs;
      rehashWhenQuiet();
      out.add(heartbeat(serving, status));
    }
  }

  /** With all items, or the next {@link Hint#ITEMS_MAX} of them. */
  Hint heartbeat(boolean serving, String status) {
    int items = tenure.engine().items();
    List<Hint.Item> all = new ArrayList<>(Math.min(items, Hint.ITEMS_MAX));
    for (int n = 0; n < items && n < Hint.ITEMS_MAX; n++) {
      all.add(item((rollingFrom + n) % items));
    }
    rollingFrom = items == 0 ? 0 : (rollingFrom + all.size()) % items;
    return hint(serving, status, all);
  }

  /**
   * The hash walks the whole state, so it is taken only when nothing has happened for a heartbeat.
   */
  private void rehashWhenQuiet() {
    long position = tenure.engine().position();
    if (position == quietPosition && position != hashedPosition) {
      hash = tenure.engine().stateHash();
      hashedPosition = position;
    }
    quietPosition = position;
  }

  private Hint hint(boolean serving, String status, List<Hint.Item> items) {
    long position = tenure.durable();
    return new Hint(
        partition,
        tenure.epoch(),
        node,
        address,
        position,
        tenure.now(),
        serving && tenure.takesCommands(),
        status,
        position == hashedPosition ? hash : 0,
        items,
        limits());
  }

  private List<Hint.Limit> limits() {
    List<Hint.Limit> set = new ArrayList<>(0);
    for (EdgeLimit limit : EdgeLimit.values()) {
      long value = tenure.engine().limit(limit);
      if (value != EdgeLimit.OF_CONFIG) {
        set.add(new Hint.Limit(limit.code(), value));
      }
    }
    return set;
  }

  private Hint.Item item(int index) {
    Reply.ItemIs is = tenure.engine().itemAt(index);
    return new Hint.Item(
        is.item().item(),
        is.state(),
        is.level(),
        is.gate(),
        is.cooldownMs(),
        is.item().opensAt(),
        is.nextReleaseAt());
  }
}
