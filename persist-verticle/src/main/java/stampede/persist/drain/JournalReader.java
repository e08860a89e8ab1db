package stampede.persist.drain;

import java.util.List;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;

/** The journal, as far as a drain needs it. */
@FunctionalInterface
public interface JournalReader {
  /**
   * Entries of {@code partition} with {@code first > afterPosition}, oldest first, at most {@code
   * entriesMax}. Bounded in time and bytes. Fails with {@link CorruptRecord} if something there is
   * no entry, with anything else if the journal can't be reached now.
   */
  void read(int partition, long afterPosition, int entriesMax, Completion<List<JournalEntry>> done);
}
