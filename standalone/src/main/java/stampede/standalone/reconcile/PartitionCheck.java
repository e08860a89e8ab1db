package stampede.standalone.reconcile;

import java.util.List;
import java.util.function.Consumer;
import stampede.protocol.JournalEntry;

/** One partition: its log, its rows, and what is wrong between them. Blocks; used once. */
final class PartitionCheck {
  private final RedisLog log;
  private final BooksSnapshot books;
  private final int partition;
  private final int partitions;
  private final Differences differences;
  private final Consumer<String> progress;
  private final LogFold fold;
  private Booked.Cursor cursor = Booked.Cursor.START;
  private boolean compared;
  private Rows rows = new Rows(0, 0);

  /**
   * @param books opened before anything of the log is read
   * @param progress told where it is, as often as it likes
   */
  PartitionCheck(
      RedisLog log,
      BooksSnapshot books,
      int partition,
      int partitions,
      Differences differences,
      Consumer<String> progress) {
    this.log = log;
    this.books = books;
    this.partition = partition;
    this.partitions = partitions;
    this.differences = differences;
    this.progress = progress;
    this.fold = new LogFold(new Ledger(partition));
  }

  /**
   * What was found.
   *
   * @param regressed the log is sound, but shorter than what was drained from it
   * @param units of all items the log speaks of, at its end
   */
  record Result(
      long drainedTo, long logBegin, long logEnd, Rows orders, boolean regressed, Units units) {}

  /**
   * @param cutAway those of before the log's beginning, which it says nothing of any more
   */
  record Rows(long all, long cutAway) {}

  Result run() {
    cursor = books.cursor(partition);
    long recorded = log.end(partition);
    if (cursor.position() == 0) {
      compare();
    }
    boolean sound = foldTo(Math.max(recorded, cursor.position()));
    if (cursor.position() == 0 && fold.ledger().cutAway() > 0) {
      cutBehindTheCursor();
    }
    boolean regressed = sound && !compared;
    if (regressed) {
      differences.add(
          "journal",
          "drained to position "
              + cursor.position()
              + ", but the log ends at "
              + end()
              + "; see --repair "
              + partition);
    } else if (!compared) {
      differences.add("journal", "its rows were not compared: the log can't be read that far");
    }
    if (sound) {
      checkRecord(recorded);
    }
    long begin = fold.ledger().cutAway() + 1;
    return new Result(
        cursor.position(), begin, end(), rows, regressed, Units.of(fold.ledger().stock()));
  }

  private void cutBehindTheCursor() {
    differences.add(
        "journal",
        "drained to position "
            + cursor.position()
            + ", but the log begins at "
            + (fold.ledger().cutAway() + 1)
            + ": MySQL is older than the last cut; its rows were not compared");
  }

  private long end() {
    return fold.ledger().position();
  }

  /** False at the first entry that no owner would have written. */
  private boolean foldTo(long position) {
    try {
      List<JournalEntry> page = log.page(partition, end());
      while (!page.isEmpty() && end() < position) {
        for (JournalEntry entry : page) {
          fold.add(entry);
          if (!compared && end() >= cursor.position()) {
            compareAtCursor();
          }
        }
        progress.accept("log at " + end() + " of " + position);
        page = log.page(partition, end());
      }
      fold.requireWhole();
      return true;
    } catch (IllegalStateException e) { // a corrupt record, or events that contradict each other
      differences.add("journal", "unusable after position " + end() + ": " + e.getMessage());
      return false;
    }
  }

  /** The log may have grown since its end was asked, never shrunk. */
  private void checkRecord(long recordedBefore) {
    if (end() < recordedBefore) {
      differences.add(
          "journal", "the log ends at " + end() + ", its owner's record says " + recordedBefore);
    } else if (end() > recordedBefore && end() > log.end(partition)) {
      differences.add(
          "journal",
          "the log goes on to " + end() + " behind its owner's record of " + recordedBefore);
    }
  }

  private void compareAtCursor() {
    if (fold.end().equals(cursor)) {
      compare();
      return;
    }
    compared = true;
    if (cursor.position() <= fold.ledger().cutAway()) {
      cutBehindTheCursor();
      return;
    }
    differences.add(
        "journal",
        "drained to position "
            + cursor.position()
            + ", batch "
            + Long.toUnsignedString(cursor.batch())
            + ", but there the journal has batch "
            + Long.toUnsignedString(fold.end().batch())
            + " at positions "
            + fold.end().first()
            + " to "
            + fold.end().position()
            + ": it is not the journal that was drained; its rows were not compared");
  }

  private void compare() {
    compared = true;
    rows = compare(fold.ledger(), cursor, books, partitions, differences, progress);
  }

  /** Every row of a partition. */
  static Rows compare(
      Ledger ledger,
      Booked.Cursor cursor,
      BooksSnapshot books,
      int partitions,
      Differences differences,
      Consumer<String> progress) {
    int partition = ledger.partition();
    Comparison comparison = new Comparison(ledger, cursor.position(), differences);
    books.orders(
        partition,
        row -> {
          comparison.order(row);
          if (comparison.rows() % 1_000 == 0) {
            progress.accept(comparison.rows() + " of " + ledger.orders() + " orders compared");
          }
        });
    comparison.endOfOrders();
    comparison.stock(books.stock(partition, partitions));
    comparison.items(books.items(partition));
    comparison.claims(books.claims(partition));
    comparison.refunds(books.refunds(partition));
    comparison.audits(books.audits(partition));
    return new Rows(comparison.rows(), comparison.cutAway());
  }
}
