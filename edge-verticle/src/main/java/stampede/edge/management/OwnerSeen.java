package stampede.edge.management;

import stampede.protocol.Hint;

/**
 * The latest that was heard of a partition's owner.
 *
 * @param node name of the owner, {@code address} where it takes commands
 * @param position durable then
 * @param ageMs since it was heard
 */
public record OwnerSeen(
    int partition,
    String node,
    String address,
    long epoch,
    long position,
    long stateHash,
    boolean serving,
    String status,
    long ageMs) {

  public static OwnerSeen of(Hint hint, long ageMs) {
    return new OwnerSeen(
        hint.partition(),
        hint.node(),
        hint.address(),
        hint.epoch(),
        hint.position(),
        hint.stateHash(),
        hint.serving(),
        hint.status(),
        ageMs);
  }
}
