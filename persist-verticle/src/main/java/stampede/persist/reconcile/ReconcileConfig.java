package stampede.persist.reconcile;

import stampede.protocol.InvalidField;

/**
 * How much the reconciler may take, on one node.
 *
 * @param rowsPerSecond rows read because they were drained or changed just now; 0 = nothing is
 *     reconciled
 * @param sweepRowsPerSecond rows read by the sweep over everything
 * @param eventsPerSecond events read from the journal
 * @param memoryMb for the digests: 8 bytes an event, shared evenly by all partitions; the oldest
 *     events of a partition are forgotten first
 */
public record ReconcileConfig(
    int rowsPerSecond, int sweepRowsPerSecond, int eventsPerSecond, int memoryMb) {
  public static final ReconcileConfig OFF = new ReconcileConfig(0, 1, 1, 1);
  public static final ReconcileConfig DEFAULT = new ReconcileConfig(10_000, 1_000, 20_000, 64);

  public ReconcileConfig {
    require(rowsPerSecond, 0, 1_000_000, "reconcile.rowsPerSecond");
    require(sweepRowsPerSecond, 1, 1_000_000, "reconcile.sweepRowsPerSecond");
    require(eventsPerSecond, 1, 10_000_000, "reconcile.eventsPerSecond");
    require(memoryMb, 1, 65_536, "reconcile.memoryMb");
  }

  public boolean isOn() {
    return rowsPerSecond > 0;
  }

  /** Positions a partition remembers. */
  int positionsMax(int partitions) {
    long positions = ((long) memoryMb << 20) / Long.BYTES / partitions;
    return (int) Math.min(Integer.MAX_VALUE, Math.max(Digests.PAGE, positions));
  }

  private static void require(int value, int min, int max, String field) {
    if (value < min || value > max) {
      throw new InvalidField(field, "must be " + min + " to " + max + ", is " + value);
    }
  }
}
