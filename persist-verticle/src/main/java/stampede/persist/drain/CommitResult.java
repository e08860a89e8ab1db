package stampede.persist.drain;

/** What became of a chunk. {@code detail} is for people. */
public sealed interface CommitResult {
  /** It is in the store, durable. */
  record Committed(Cursor cursor) implements CommitResult {}

  /** The cursor was not where it was expected: somebody else drains here. Nothing was changed. */
  record CursorMoved(Cursor cursor) implements CommitResult {}

  /**
   * Nothing was changed, and not because of the chunk: the store is away, busy, or broke the
   * transaction off.
   */
  record Transient(String detail) implements CommitResult {}

  /** The commit was sent and its reply is lost: only the cursor tells. */
  record Unknown(String detail) implements CommitResult {}

  /** Nothing was changed, and the same chunk will most likely fail again. */
  record Failed(String detail) implements CommitResult {}
}
