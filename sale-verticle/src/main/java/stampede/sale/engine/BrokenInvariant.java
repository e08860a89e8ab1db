package stampede.sale.engine;

/**
 * The events of a partition contradict each other: the state that met one is worth nothing and must
 * be dropped. The message names position and item or order.
 */
public final class BrokenInvariant extends IllegalStateException {
  BrokenInvariant(long position, String what) {
    super("at position " + position + ": " + what);
  }
}
