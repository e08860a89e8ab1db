package stampede.sale;

import stampede.protocol.Limits;

/**
 * Bounds of one partition's owner.
 *
 * @param leaseMs how long after its last sign of life nobody else may acquire
 * @param eventsMax events in the log of a partition, ever
 * @param backlogMax events not yet drained to MySQL before no more orders are accepted
 * @param waitingMax batches whose replies wait for the journal
 * @param collectingMax events that wait for the append under way
 * @param settingsUnchecked accept a store that hides its settings
 */
public record OwnerLimits(
    long leaseMs,
    long eventsMax,
    long backlogMax,
    int waitingMax,
    int collectingMax,
    boolean settingsUnchecked) {

  public static final OwnerLimits DEFAULT =
      new OwnerLimits(2_000, 5_000_000, 1_000_000, 4_096, 16 * Limits.ENTRY_EVENTS_MAX, false);
}
