package stampede.protocol;

/**
 * Which partition an item and an order belong to: pure functions, the same on every node for ever.
 */
public final class PartitionMap {
  public static final int PARTITIONS_DEFAULT = 16;

  /**
   * An order id is partition × 2^44 + position: 17 trillion events a partition, half a million
   * partitions.
   */
  public static final int POSITION_BITS = 44;

  /** Keeps what concerns no item but all edges. */
  public static final int LIMITS_PARTITION = 0;

  public static final int PARTITIONS_MAX = 1 << 12;

  private PartitionMap() {}

  public static int partitionOfItem(long item, int partitions) {
    return (int) Long.remainderUnsigned(Bytes.mix64(item), partitions);
  }

  /** The id of the order that the event at {@code position} of {@code partition} accepted. */
  public static long orderId(int partition, long position) {
    return ((long) partition << POSITION_BITS) | position;
  }

  public static int partitionOfOrder(long order) {
    return (int) (order >>> POSITION_BITS);
  }

  public static long positionOfOrder(long order) {
    return order & ((1L << POSITION_BITS) - 1);
  }
}
