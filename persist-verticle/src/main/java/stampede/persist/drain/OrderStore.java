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
   * {@code chunk} is likely to be committed once the commits before it, under way or announced,
   * have moved the cursor to {@code expected}. What takes time can be done now, as long as it takes
   * effect only if {@link #commit} asks for it, at the latest in the completion of the commit
   * before it. A commit of anything else makes void what was announced.
   */
  default void announce(int partition, Cursor expected, Chunk chunk) {}

  /**
   * Puts {@code chunk} in and moves the cursor to its end, both or neither, if the cursor is {@code
   * expected}. Completes with a result, never with a failure.
   */
  void commit(int partition, Cursor expected, Chunk chunk, Completion<CommitResult> done);
}
