package stampede.edge.admission;

import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.StockLevel;

/** Shakes at the door, for tests of its rules. */
final class Attempts {
  static final long ITEM = 1001;
  static final long OPENS_AT = 1_000_000_000L;
  static final long NETWORK = 77;

  /** The monotonic time at which the items open. */
  static final long NOW = 50_000;

  Bytes user = Bytes.of("ann");
  Bytes key = Bytes.of("k-1");
  long network = NETWORK;
  long item = ITEM;
  ItemState state = ItemState.OPEN;
  int gate = Limits.GATE_OPEN;
  long cooldownMs;
  long nowMs = NOW;
  boolean ownerHeard = true;

  Attempt make() {
    return attempt(new Hint.Item(item, state, StockLevel.PLENTY, gate, cooldownMs, OPENS_AT, 0));
  }

  Attempt makeWithoutHint() {
    return attempt(null);
  }

  private Attempt attempt(Hint.@Nullable Item hint) {
    long ownerNowMs = ownerHeard && hint != null ? OPENS_AT + nowMs - NOW : 0;
    return new Attempt(new Visitor(user, network), item, key, hint, ownerNowMs, nowMs);
  }

  Attempts by(String user) {
    this.user = Bytes.of(user);
    return this;
  }

  Attempts key(String key) {
    this.key = Bytes.of(key);
    return this;
  }

  Attempts item(long item) {
    this.item = item;
    return this;
  }

  Attempts at(long nowMs) {
    this.nowMs = nowMs;
    return this;
  }
}
