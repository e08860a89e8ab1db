package stampede.persist.reconcile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.persist.drain.Cursor;
import stampede.persist.drain.JournalReader;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.PartitionMap;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * Compares one partition, a piece at a time, the most urgent first:
 *
 * <pre>
 *   stock and cursor, once a second ─► what was drained or changed since the last look
 *      ─► what differed when it was seen first ─► the newest orders, every 4 s ─► the sweep
 * </pre>
 *
 * <p>A piece is: read rows and cursor in one statement, fold the journal up to that cursor,
 * compare. What can't be done now (a store is away, the fold is too far behind) is left for the
 * next time; nothing is compared unless both sides are of the same position.
 */
final class PartitionReconciler {
  static final int ROWS_MAX = 500;
  static final long LOOK_EVERY_MS = 1_000;
  static final long NEWEST_EVERY_MS = 4_000;
  static final int NEWEST_ORDERS = 200;
  static final long SWEEP_EVERY_MS = 1_000;
  static final long AWAY_MS = 1_000;
  static final long DAMAGED_MS = 30_000;
  static final int LATELY = 1_000;
  private static final int POSITIONS_MAX = 8 * ROWS_MAX;
  private static final int ENTRIES_MAX = 32;
  private static final int SUSPECTS_MAX = 100;

  /** A step costs about as much as so many rows, however few there are. */
  private static final int SWEEP_STEP_ROWS = 20;

  private static final long POSITION_MAX = (1L << PartitionMap.POSITION_BITS) - 1;

  private static final String ORDER = "order ";
  private static final String REFUND = "refund at position ";
  private static final String JOURNAL = "journal";
  private static final String CURSOR = "cursor";

  /** Hears of one partition. */
  interface Watcher {
    /** These differ, in words; each is told once. */
    void differs(int partition, List<String> what);

    void rows(int count);
  }

  /** What the partition's reconcilers share. */
  record Means(
      JournalReader journal,
      JournalEnd end,
      Books books,
      Timers timers,
      Pace rows,
      Pace sweptRows,
      Pace events,
      int positionsMax,
      Watcher watcher) {}

  /** Where the log ends by the owner's record, 0 if there is none. */
  @FunctionalInterface
  interface JournalEnd {
    void ask(int partition, Completion<Long> done);
  }

  private final int partition;
  private final Means means;
  private final Timers timers;
  private final Differences differences = new Differences();

  private BooksFold fold;
  private Cursor drained = Cursor.START;
  private boolean followed;
  private long freshFrom;
  private final Set<Long> touched = new LinkedHashSet<>();
  private long lookDueMs;
  private long newestDueMs;
  private long sweepDueMs;
  private long sweepAt;
  private long sweepBeganMs;
  private long sweptMs;
  private long idleUntilMs;
  private long endKnown;
  private String problem = "";
  private long compared;

  PartitionReconciler(int partition, Means means) {
    this.partition = partition;
    this.means = means;
    this.timers = means.timers();
    long nowMs = timers.millis();
    sweptMs = nowMs;
    lookDueMs = nowMs;
    fold = foldFrom(0);
  }

  private BooksFold foldFrom(long base) {
    return new BooksFold(partition, base, means.positionsMax(), this::changed);
  }

  /** From the log's first entry again; {@code base}: what is cut away before it. */
  private void restart(long base) {
    endKnown = 0;
    fold = foldFrom(base);
    followed = false;
    touched.clear();
    freshFrom = 0;
    sweepAt = 0;
    sweepDueMs = 0;
    differences.clear();
  }

  private void changed(long position) {
    if (position <= freshFrom) {
      touched.add(position);
    }
  }

  int partition() {
    return partition;
  }

  Differences differences() {
    return differences;
  }

  /** Why nothing can be compared at the moment; empty = it can. */
  String problem() {
    return problem;
  }

  /** Position up to which rows were compared at least once. */
  long checked() {
    return Math.min(freshFrom, fold.position());
  }

  /** Drained events whose rows were not compared yet. */
  long lagEvents() {
    return Math.max(0, drained.position() - checked()) + touched.size();
  }

  /** Since the last full sweep ended; since the partition was taken, if none did. */
  long sweepAgeMs() {
    return timers.millis() - sweptMs;
  }

  /** Begins one piece of work; false if there is none now. {@code done} is called if it did. */
  boolean step(Runnable done) {
    long nowMs = timers.millis();
    if (nowMs < idleUntilMs || !means.events().isDue()) {
      return false;
    }
    if (nowMs >= lookDueMs || !followed) {
      lookDueMs = nowMs + LOOK_EVERY_MS;
      means.books().stock(partition, read(done, this::look));
      return true;
    }
    if (isFresh() && means.rows().isDue()) {
      checkFresh(done);
      return true;
    }
    List<Long> suspects = suspects();
    if (!suspects.isEmpty()) {
      means.books().orders(partition, suspects, read(done, (r, d) -> orders(suspects, r, d)));
      return true;
    }
    long refund = suspectRefund();
    if (refund > 0) {
      return stretch(refund - 1, refund, done, () -> {});
    }
    if (nowMs >= newestDueMs) {
      newestDueMs = nowMs + NEWEST_EVERY_MS;
      long after = fold.orders().newest(NEWEST_ORDERS, POSITIONS_MAX);
      return after < fold.position() && stretch(after, fold.position(), done, () -> {});
    }
    if (nowMs >= sweepDueMs && means.sweptRows().isDue()) {
      sweep(done);
      return true;
    }
    return false;
  }

  // ── pieces

  private boolean isFresh() {
    return !touched.isEmpty() || freshFrom < fold.position();
  }

  /** Its rows are not the sweep's, and the other way round: neither waits for the other. */
  private void checkFresh(Runnable done) {
    long before = compared;
    if (touched.isEmpty()) {
      long upTo = fold.orders().stretch(freshFrom, ROWS_MAX, POSITIONS_MAX);
      stretch(
          freshFrom,
          upTo,
          done,
          () -> {
            means.rows().take((int) (compared - before));
            freshFrom = upTo;
          });
      return;
    }
    List<Long> ids = new ArrayList<>();
    Iterator<Long> positions = touched.iterator();
    while (positions.hasNext() && ids.size() < ROWS_MAX) {
      ids.add(PartitionMap.orderId(partition, positions.next()));
      positions.remove();
    }
    means
        .books()
        .orders(
            partition,
            ids,
            read(
                () -> {
                  ids.forEach(this::touchAgain); // unless it was compared
                  done.run();
                },
                (reading, end) ->
                    follow(
                        reading.cursor(),
                        end,
                        () -> {
                          compare(ids, reading.rows());
                          means.rows().take(ids.size());
                          ids.clear();
                        })));
  }

  private void touchAgain(long order) {
    touched.add(PartitionMap.positionOfOrder(order));
  }

  private List<Long> suspects() {
    List<Long> ids = new ArrayList<>();
    for (String subject : differences.suspects()) {
      if (subject.startsWith(ORDER) && ids.size() < SUSPECTS_MAX) {
        ids.add(Long.parseLong(subject.substring(ORDER.length())));
      }
    }
    return ids;
  }

  private long suspectRefund() {
    for (String subject : differences.suspects()) {
      if (subject.startsWith(REFUND)) {
        return Long.parseLong(subject.substring(REFUND.length()));
      }
    }
    return 0;
  }

  private void orders(List<Long> ids, Books.Reading<OrderRow> reading, Runnable done) {
    follow(reading.cursor(), done, () -> compare(ids, reading.rows()));
  }

  private void sweep(Runnable done) {
    if (sweepAt == 0) {
      sweepBeganMs = timers.millis();
    }
    long from = Math.max(sweepAt, fold.orders().forgotten());
    long next = fold.orders().stretch(from, ROWS_MAX, POSITIONS_MAX);
    boolean last = next >= fold.position();
    long before = compared;
    stretch(
        from,
        last ? POSITION_MAX : next, // behind the end too: nothing should be there
        done,
        () -> {
          means.sweptRows().take(SWEEP_STEP_ROWS + (int) (compared - before));
          sweepAt = last ? 0 : next;
          if (last) {
            sweptMs = timers.millis();
            sweepDueMs = sweepBeganMs + SWEEP_EVERY_MS;
          }
        });
  }

  private boolean stretch(long after, long upTo, Runnable done, Runnable then) {
    long from = Math.max(after, fold.orders().forgotten());
    means
        .books()
        .stretch(
            partition,
            from,
            upTo,
            read(
                done,
                (rows, end) ->
                    follow(
                        rows.orders().cursor(),
                        end,
                        () -> {
                          compare(from, upTo, rows);
                          then.run();
                        })));
    return true;
  }

  private void look(Books.Reading<StockRow> reading, Runnable done) {
    drained = reading.cursor();
    follow(
        reading.cursor(),
        () -> keepReached(done),
        () -> {
          if (!followed) {
            followed = true;
            freshFrom = Math.max(fold.orders().forgotten(), fold.position() - LATELY);
          }
          compareStock(reading.rows());
        });
  }

  private void keepReached(Runnable done) {
    List<Milestone> reached = fold.takeReached();
    if (reached.isEmpty()) {
      done.run();
      return;
    }
    BooksFold of = fold;
    means
        .books()
        .keep(
            reached,
            (kept, failure) -> {
              if (failure != null) {
                of.reachedAgain(reached);
              }
              done.run();
            });
  }

  // ── the fold

  private interface Piece<T> {
    void with(T reading, Runnable done);
  }

  private <T> Completion<T> read(Runnable done, Piece<T> piece) {
    return (reading, failure) -> {
      if (reading == null) {
        away(failure);
        done.run();
      } else {
        piece.with(reading, done);
      }
    };
  }

  private void away(@Nullable Throwable failure) {
    idleUntilMs = timers.millis() + AWAY_MS;
    problem = failure == null ? "no answer" : String.valueOf(failure.getMessage());
  }

  /**
   * Folds up to {@code cursor}; then {@code compare}, if it got there. {@code done} at any rate.
   */
  private void follow(Cursor cursor, Runnable done, Runnable compare) {
    if (cursor.position() < fold.position()) {
      damaged(
          "MySQL is drained to position "
              + cursor.position()
              + ", it was at "
              + fold.position()
              + " before",
          done);
    } else if (cursor.position() == fold.position()) {
      atCursor(cursor, done, compare);
    } else if (!means.events().isDue()) {
      done.run();
    } else {
      means
          .journal()
          .read(
              partition,
              fold.end().first() - 1,
              ENTRIES_MAX,
              (entries, failure) -> {
                if (failure instanceof CorruptRecord) {
                  damaged(String.valueOf(failure.getMessage()), done);
                } else if (entries == null) {
                  away(failure);
                  done.run();
                } else {
                  wasRead(entries, cursor, done, compare);
                }
              });
    }
  }

  private void wasRead(List<JournalEntry> entries, Cursor cursor, Runnable done, Runnable compare) {
    if (!entries.isEmpty() && entries.get(0).first() > fold.end().first()) {
      beginsLater(entries.get(0), done);
      return;
    }
    long before = fold.position();
    try {
      for (JournalEntry entry : fold.following(entries)) {
        if (entry.last() > cursor.position()) {
          break;
        }
        means.events().take(entry.count());
        fold.add(entry);
      }
      if (fold.position() == before) {
        throw new CorruptRecord(
            "MySQL is drained to position "
                + cursor.position()
                + ", but no entry ends there; the journal was folded to "
                + before);
      }
    } catch (CorruptRecord e) {
      damaged(String.valueOf(e.getMessage()), done);
      return;
    }
    follow(cursor, done, compare);
  }

  /** An archive may have cut the log meanwhile: then its first entry is this one. */
  private void beginsLater(JournalEntry entry, Runnable done) {
    means
        .journal()
        .read(
            partition,
            0,
            1,
            (first, failure) -> {
              if (first == null || first.isEmpty()) {
                away(failure);
                done.run();
              } else if (first.get(0).first() < entry.first()) {
                damaged(
                    "after position " + fold.position() + " comes position " + entry.first(), done);
              } else {
                if (first.get(0).first() == fold.position() + 1) {
                  fold.wasCut();
                } else {
                  restart(first.get(0).first() - 1);
                }
                done.run();
              }
            });
  }

  private void damaged(String words, Runnable done) {
    restart(0);
    differences.differs(JOURNAL, words);
    differences.differs(JOURNAL, words); // no use in reading all of it twice before telling
    tell();
    idleUntilMs = timers.millis() + DAMAGED_MS;
    done.run();
  }

  private void atCursor(Cursor cursor, Runnable done, Runnable compare) {
    if (!fold.isEmpty() && cursor.batch() != fold.end().batch()) {
      differences.differs(
          CURSOR,
          "MySQL stands on batch "
              + Long.toUnsignedString(cursor.batch())
              + " at position "
              + cursor.position()
              + ", the journal has batch "
              + Long.toUnsignedString(fold.end().batch())
              + " there");
      tell();
      done.run();
      return;
    }
    problem = "";
    compare.run();
    tell();
    askEnd(cursor, done);
  }

  private void tell() {
    List<String> fresh = differences.takeFresh();
    if (!fresh.isEmpty()) {
      means.watcher().differs(partition, fresh);
    }
  }

  /** Nothing is drained that the owner has not written. */
  private void askEnd(Cursor cursor, Runnable done) {
    if (cursor.position() == endKnown) {
      differences.agrees(CURSOR);
      done.run();
      return;
    }
    means
        .end()
        .ask(
            partition,
            (end, failure) -> {
              if (end != null && end < cursor.position()) {
                differences.differs(
                    CURSOR,
                    "MySQL is drained to position "
                        + cursor.position()
                        + ", the owner's record says "
                        + end);
                tell();
              } else if (end != null) {
                endKnown = cursor.position();
                differences.agrees(CURSOR);
              }
              done.run();
            });
  }

  // ── comparing

  private void compare(long after, long upTo, Books.Stretch found) {
    differences.agrees(JOURNAL);
    Map<Long, OrderRow> byPosition = byPosition(found.orders().rows());
    long end = Math.min(upTo, fold.position());
    for (long position = after + 1; position <= end; position++) {
      compareOrder(position, byPosition.remove(position));
    }
    byPosition.keySet().removeIf(position -> position <= fold.orders().forgotten());
    byPosition.forEach(this::compareOrder);
    compareRefunds(after, end, found.refunds());
    spent(found.orders().rows().size() + found.refunds().size());
  }

  private void compare(List<Long> ids, List<OrderRow> rows) {
    Map<Long, OrderRow> byPosition = byPosition(rows);
    for (long id : ids) {
      long position = PartitionMap.positionOfOrder(id);
      if (position > fold.orders().forgotten()) {
        compareOrder(position, byPosition.get(position));
      }
    }
    spent(ids.size());
  }

  private void spent(int rows) {
    compared += rows;
    means.watcher().rows(rows);
  }

  private static Map<Long, OrderRow> byPosition(List<OrderRow> rows) {
    Map<Long, OrderRow> map = new HashMap<>(rows.size() * 2);
    rows.forEach(row -> map.put(PartitionMap.positionOfOrder(row.order()), row));
    return map;
  }

  private void compareOrder(long position, @Nullable OrderRow row) {
    long expected = fold.orders().of(position);
    boolean agrees =
        row == null
            ? expected == 0
            : expected == Digest.UNKNOWN || expected != 0 && row.digest() == expected;
    if (agrees && differences.isEmpty()) {
      return; // nearly always: no text is made
    }
    String subject = ORDER + PartitionMap.orderId(partition, position);
    if (agrees) {
      differences.agrees(subject);
    } else {
      differences.differs(
          subject, "(position " + position + ") " + OrderWords.of(expected, row, fold));
    }
  }

  private void compareRefunds(long after, long upTo, List<RefundRow> rows) {
    Map<Long, RefundRow> expected = new HashMap<>(fold.refunds().subMap(after, false, upTo, true));
    for (RefundRow row : rows) {
      RefundRow should = expected.remove(row.position());
      boolean agrees = row.equals(should) || row.position() > fold.position();
      refund(row, agrees, should == null ? "in MySQL, not in the journal" : "is another one");
    }
    expected.values().forEach(missing -> refund(missing, false, "is missing in MySQL"));
  }

  private void refund(RefundRow refund, boolean agrees, String words) {
    if (agrees && differences.isEmpty()) {
      return;
    }
    String subject = REFUND + refund.position();
    if (agrees) {
      differences.agrees(subject);
    } else {
      differences.differs(subject, "of order " + refund.order() + " " + words);
    }
  }

  private void compareStock(List<StockRow> rows) {
    Set<Long> missing = new HashSet<>(fold.items());
    for (StockRow row : rows) {
      missing.remove(row.item());
      StockRow should = fold.stock(row.item());
      if (should == null && fold.isCut()) {
        fold.adopt(row);
        should = row;
      }
      boolean agrees = row.balances() && row.equals(should);
      stock(row.item(), agrees, row, should);
    }
    for (long item : missing) {
      stock(item, false, null, fold.stock(item));
    }
    means.watcher().rows(rows.size());
  }

  private void stock(long item, boolean agrees, @Nullable StockRow row, @Nullable StockRow should) {
    String subject = "stock of item " + item;
    if (agrees) {
      differences.agrees(subject);
      return;
    }
    differences.differs(
        subject,
        (row == null ? "missing in MySQL" : "MySQL says " + row.units() + " at " + row.position())
            + (should == null
                ? ", the journal has no such item"
                : ", the journal " + should.units() + " at " + should.position()));
  }
}
