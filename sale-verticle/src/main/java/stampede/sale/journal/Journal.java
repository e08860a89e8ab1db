package stampede.sale.journal;

import java.util.List;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;

/**
 * The durable log of one partition, and who may write to it. Called from the partition's event
 * loop; completions come there.
 *
 * <p>Every call ends within the journal's own time-out. A failed completion ({@link Unreachable})
 * says nothing about whether the call was carried out, now or later: send the same call again. What
 * the store itself refuses is a result, not a failure.
 */
public interface Journal {

  /**
   * Become the owner. Idempotent by {@code nonce}.
   *
   * @param nonce of this start of this node, never 0
   * @param expectedEpoch the epoch last seen; the new one is one higher
   */
  void acquire(
      String node, long nonce, long expectedEpoch, long leaseMs, Completion<Acquired> done);

  /**
   * Make {@code entry} durable, if this owner is still the owner and the entry is the next one.
   * Renews the lease.
   */
  void append(JournalEntry entry, long nonce, Completion<Appended> done);

  /** Extend the lease. */
  void renew(long epoch, long nonce, Completion<Renewed> done);

  /** Give the lease up; succeeds also when somebody else owns the partition by now. */
  void release(long epoch, long nonce, Completion<Boolean> done);

  /**
   * Let go of the entries before the one that holds {@code position}; that one stays, and so does
   * all behind it. Changes nothing when they are gone already.
   */
  void cut(long epoch, long nonce, long position, Completion<Cut> done);

  /** Who owns the partition and where the log ends. */
  void owner(Completion<Owner> done);

  /**
   * Entries with {@code first > afterPosition}, oldest first, at most {@code entriesMax}, fewer
   * only at the end of the log. Not checked: {@link JournalEntry#events()} does that. Fails with
   * {@link CorruptRecord} if something is not an entry at all.
   */
  void read(long afterPosition, int entriesMax, Completion<List<JournalEntry>> done);

  /** Whether the store is set up so that "durable" is true. */
  void checkSettings(Completion<Settings> done);

  /** Drops the connection. Calls under way fail. */
  void close();

  /** Times are epoch ms by the store's clock. */
  sealed interface Acquired {
    /**
     * {@code lastBatch}: of the last entry, 0 if none; {@code released}: the previous owner gave up
     * in order.
     */
    record Ok(long epoch, long position, long time, long lastBatch, boolean released)
        implements Acquired {}

    /** Somebody's lease runs for so long still. */
    record Held(long remainingMs, long epoch, String node) implements Acquired {}

    /** The epoch is not the expected one. */
    record Lost(long epoch) implements Acquired {}
  }

  /** Times are epoch ms by the store's clock; positions are the log's end. */
  sealed interface Appended {
    record Ok(long position, long time) implements Appended {}

    /** This very entry is already there. */
    record Duplicate(long position, long time) implements Appended {}

    /** Somebody else owns the partition. */
    record Fenced(long epoch) implements Appended {}

    /** The log does not end where the entry begins. */
    record Gap(long position) implements Appended {}
  }

  sealed interface Cut {
    /** The log begins with an entry at {@code first} now. */
    record Ok(long first) implements Cut {}

    /** Somebody else owns the partition. */
    record Fenced(long epoch) implements Cut {}
  }

  sealed interface Renewed {
    record Ok(long time) implements Renewed {}

    record Fenced(long epoch) implements Renewed {}
  }

  /**
   * {@code epoch} 0 and {@code position} 0 before the first acquire; {@code leaseRemainingMs} ≤ 0:
   * free.
   */
  record Owner(
      long epoch, long nonce, String node, long position, long leaseRemainingMs, long time) {}

  /**
   * @param problems one line each: name, value found, value wanted; empty = good
   * @param unchecked the store did not let itself be asked
   */
  record Settings(List<String> problems, boolean unchecked) {}

  /**
   * No answer in time, connection closed, or the store is loading: carried out or not, now or
   * later. Send it again.
   */
  final class Unreachable extends Exception {
    public Unreachable(String message) {
      super(message, null, false, false);
    }
  }
}
