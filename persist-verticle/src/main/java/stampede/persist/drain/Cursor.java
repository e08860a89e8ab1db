package stampede.persist.drain;

import stampede.protocol.JournalEntry;

/**
 * How far a partition is drained: the last journal entry that is in the store.
 *
 * @param first position of that entry's first event; the entry is read again with what follows it,
 *     as proof that the journal is still the one that was drained
 * @param position of that entry's last event; 0 = nothing is drained
 * @param batch the entry's batch id
 */
public record Cursor(long first, long position, long batch) {
  /** Of a partition that was never drained. */
  public static final Cursor START = new Cursor(1, 0, 0);

  /** After {@code entry}. */
  public static Cursor after(JournalEntry entry) {
    return new Cursor(entry.first(), entry.last(), entry.batch());
  }

  /** Reading the journal from here on gives the entry of the cursor first, if there is one. */
  long readAfter() {
    return first - 1;
  }
}
