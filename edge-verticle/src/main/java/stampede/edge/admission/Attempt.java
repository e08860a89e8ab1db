package stampede.edge.admission;

import org.jspecify.annotations.Nullable;
import stampede.protocol.Bytes;
import stampede.protocol.Hint;

/**
 * A shake at the door, with all that the rules may look at.
 *
 * @param hint null = nothing was heard of the item
 * @param ownerNowMs the owner's time, epoch ms; 0 = not known
 * @param nowMs monotonic
 */
public record Attempt(
    Visitor visitor, long item, Bytes key, Hint.@Nullable Item hint, long ownerNowMs, long nowMs) {

  Bytes user() {
    return visitor.user();
  }

  /** One number for user and item. */
  long userAndItem() {
    return pair(user(), item);
  }

  static long pair(Bytes user, long item) {
    return Bytes.mix64(user.hash64() ^ Bytes.mix64(item));
  }
}
