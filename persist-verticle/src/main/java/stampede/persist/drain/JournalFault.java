package stampede.persist.drain;

import org.jspecify.annotations.Nullable;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.NewerRecord;

/**
 * Why a journal can't be drained any further. The code is stable: it is in alarms and in what
 * operators see.
 */
record JournalFault(String code, String detail) {
  static final String CORRUPT = "journal_corrupt";
  static final String NEWER = "journal_newer";
  static final String GAP = "journal_gap";
  static final String EPOCH = "journal_epoch_back";
  static final String REGRESSED = "journal_regressed";

  /** A log that begins later is no fault of its own. */
  private static final String OLDER_THAN_THE_CUT =
      " (it was cut at an archive, and this database is of before that; or it has a hole)";

  static JournalFault of(CorruptRecord e) {
    String code = e instanceof NewerRecord ? NEWER : CORRUPT;
    return new JournalFault(code, String.valueOf(e.getMessage()));
  }

  /** Whether {@code first}, the entry read first, is the one the cursor stands on. */
  static @Nullable JournalFault inAnchor(Cursor cursor, @Nullable JournalEntry first) {
    if (cursor.position() == 0 || (first != null && Cursor.after(first).equals(cursor))) {
      return null;
    }
    String found =
        first == null
            ? "ends before it"
            : first.first() > cursor.position()
                ? "goes on at " + first.first() + OLDER_THAN_THE_CUT
                : "has batch "
                    + Long.toUnsignedString(first.batch())
                    + " at position "
                    + first.last();
    return new JournalFault(
        REGRESSED,
        "drained up to position "
            + cursor.position()
            + ", batch "
            + Long.toUnsignedString(cursor.batch())
            + ", but the journal "
            + found
            + "; it is not the journal that was drained");
  }

  /** Whether {@code next} may follow an entry that ends at {@code position} with {@code epoch}. */
  static @Nullable JournalFault inSequence(
      int partition, long position, long epoch, JournalEntry next) {
    if (next.partition() != partition) {
      return new JournalFault(CORRUPT, "an entry of partition " + next.partition());
    }
    if (next.first() != position + 1) {
      return new JournalFault(
          GAP,
          "after position "
              + position
              + " comes position "
              + next.first()
              + (position == 0 ? OLDER_THAN_THE_CUT : ""));
    }
    if (next.epoch() < epoch) {
      return new JournalFault(
          EPOCH,
          "after epoch " + epoch + " comes epoch " + next.epoch() + " at position " + next.first());
    }
    return null;
  }

  @Override
  public String toString() {
    return code + ": " + detail;
  }
}
