package stampede.persist.drain;

import java.util.List;
import stampede.protocol.SaleItem;
import stampede.protocol.port.Completion;

/**
 * Where orders go. Every call ends within the store's own time-out; a failed completion means the
 * store can't be reached now.
 */
public interface OrderStore {
  /** How far {@code partition} is drained; {@link Cursor#START} if it never was. */
  void cursor(int partition, Completion<Cursor> done);

  /** All items of {@code partition} whose publication is in the store. */
  void items(int partition, Completion<List<SaleItem>> done);

  /**
   * {@code chunk} is likely to be committed next, once the commit under way has moved the cursor to
   * {@code expected}: what takes time and needs no connection can be done now. Changes nothing.
   */
  default void announce(int partition, Cursor expected, Chunk chunk) {}

  /**
   * Puts {@code chunk} in and moves the cursor to its end, both or neither, if the cursor is {@code
   * expected}. Completes with a result, never with a failure.
   */
  void commit(int partition, Cursor expected, Chunk chunk, Completion<CommitResult> done);
}
