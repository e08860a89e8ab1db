package stampede.persist.reconcile;

/**
 * When what happened to an item for the first time; 0 = not yet.
 *
 * @param soldOutAt nothing was available any more while it was open
 */
public record Milestone(long item, long openedAt, long soldOutAt, long endedAt) {}
