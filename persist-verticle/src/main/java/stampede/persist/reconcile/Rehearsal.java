package stampede.persist.reconcile;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.persist.drain.Cursor;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.Limits;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * Compares a sale that never was: rows that the store makes up, and the log they would be of. The
 * reconciling of a real sale's first second is then compiled, and leaves the processors to who
 * sells.
 */
final class Rehearsal {
  static final int ROUNDS = 40;

  /** The last there can be: its rows are made up, and nothing is written. */
  static final int PARTITION = PartitionMap.PARTITIONS_MAX - 1;

  private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);

  /** Most of it waits: for the store, and for its turn where other nodes start too. */
  private static final long NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(15_000);

  private static final int ENTRY_EVENTS = 12;
  private static final int ROWS_PER_SECOND = 1_000_000;

  /** A look, what is fresh, the newest, the sweep: some six. */
  private static final int STEPS_MAX = 20;

  private static final long NOW_MS = 1_000_000;
  private static final Warrant WARRANT = new Warrant("rehearsal", "", Bytes.EMPTY, true);
  private static final AtomicBoolean played = new AtomicBoolean();

  private final long beganNanos = System.nanoTime();
  private final Books books;
  private final Consumer<Played> done;
  private List<JournalEntry> journal = List.of();
  private int rounds;
  private long compared;
  private int differing;

  private Rehearsal(Books books, Consumer<Played> done) {
    this.books = books;
    this.done = done;
  }

  /**
   * What was played.
   *
   * @param rows compared in all {@code rounds}
   * @param differing none, unless rows are not read as they should be
   */
  record Played(int rounds, long rows, int differing) {}

  /** Once in a process; takes some seconds, in pieces, on the caller's event loop. */
  static void playOnce(Books books) {
    if (!played.getAndSet(true)) {
      play(books, done -> log.info("reconcile.rehearsed {}", done));
    }
  }

  /** {@code done} hears of it at the end; what fails ends it. */
  static void play(Books books, Consumer<Played> done) {
    new Rehearsal(books, done).next();
  }

  private void next() {
    if (rounds == ROUNDS || System.nanoTime() - beganNanos > NANOS_MAX) {
      done.accept(new Played(rounds, compared, differing));
      return;
    }
    books.rehearse(
        PARTITION,
        (rows, failure) -> {
          if (rows == null) {
            log.debug("reconcile.rehearsal-ended {}", String.valueOf(failure));
            done.accept(new Played(rounds, compared, differing));
          } else {
            compare(rows);
            rounds++;
            next();
          }
        });
  }

  /** By a reconciler that is never heard of. */
  private void compare(List<OrderRow> rows) {
    if (journal.isEmpty()) {
      journal = journalOf(rows);
    }
    Cursor end = Cursor.after(journal.get(journal.size() - 1));
    Timers timers = new Clock();
    Pace pace = new Pace(timers, ROWS_PER_SECOND);
    PartitionReconciler reconciler =
        new PartitionReconciler(
            PARTITION,
            new PartitionReconciler.Means(
                (partition, after, max, read) ->
                    read.succeed(
                        journal.stream().filter(e -> e.first() > after).limit(max).toList()),
                (partition, told) -> told.succeed(end.position()),
                new Stage(rows, end),
                timers,
                pace,
                pace,
                pace,
                Digests.PAGE,
                new PartitionReconciler.Watcher() {
                  @Override
                  public void differs(int partition, List<String> what) {
                    differing += what.size();
                  }

                  @Override
                  public void rows(int count) {
                    compared += count;
                  }
                }));
    for (int step = 0; step < STEPS_MAX && reconciler.step(() -> {}); step++) {
      // the stage answers at once
    }
  }

  /** Accepted as the rows say, later paid. */
  private static List<JournalEntry> journalOf(List<OrderRow> unsorted) {
    List<OrderRow> rows = new ArrayList<>(unsorted);
    rows.sort(Comparator.comparingLong(OrderRow::position));
    List<JournalEntry> entries = new ArrayList<>();
    add(entries, List.of(new SaleEvent.ItemPublished(item(rows.get(0)), WARRANT, NOW_MS)));
    List<SaleEvent> events = new ArrayList<>();
    for (OrderRow row : rows) {
      events.add(
          new SaleEvent.Accepted(
              row.item(), row.user(), row.key(), row.quantity(), row.payBy(), row.acceptedAt()));
    }
    for (OrderRow row : rows) {
      events.add(
          new SaleEvent.Paid(row.order(), row.item(), row.quantity(), row.payment(), row.paidAt()));
    }
    // At the end: the rows say at which positions the orders are.
    events.add(new SaleEvent.ItemOpened(rows.get(0).item(), NOW_MS));
    events.add(new SaleEvent.ItemEnded(rows.get(0).item(), NOW_MS));
    for (int from = 0; from < events.size(); from += ENTRY_EVENTS) {
      add(entries, events.subList(from, Math.min(events.size(), from + ENTRY_EVENTS)));
    }
    return entries;
  }

  private static void add(List<JournalEntry> entries, List<SaleEvent> events) {
    long first = entries.isEmpty() ? 1 : entries.get(entries.size() - 1).last() + 1;
    entries.add(JournalEntry.of(PARTITION, 1, first, first, events));
  }

  private static SaleItem item(OrderRow row) {
    return new SaleItem(
        row.item(),
        1,
        "Rehearsal",
        row.price(),
        row.price(),
        row.currency(),
        NOW_MS,
        NOW_MS + 86_400_000,
        Limits.STOCK_MAX,
        1,
        60_000,
        0,
        Limits.GATE_OPEN,
        List.of());
  }

  /** Has the rows whatever is asked. */
  private record Stage(List<OrderRow> rows, Cursor end) implements Books {
    @Override
    public void stretch(int partition, long after, long upTo, Completion<Stretch> done) {
      List<OrderRow> within =
          rows.stream().filter(row -> row.position() > after && row.position() <= upTo).toList();
      done.succeed(new Stretch(new Reading<>(end, within), List.of()));
    }

    @Override
    public void orders(int partition, Collection<Long> orders, Completion<Reading<OrderRow>> done) {
      List<OrderRow> found = rows.stream().filter(row -> orders.contains(row.order())).toList();
      done.succeed(new Reading<>(end, found));
    }

    @Override
    public void stock(int partition, Completion<Reading<StockRow>> done) {
      long item = rows.get(0).item();
      long sold = rows.stream().mapToLong(OrderRow::quantity).sum();
      long left = Limits.STOCK_MAX - sold;
      StockRow row = new StockRow(item, left, 0, sold, Limits.STOCK_MAX, end.position());
      done.succeed(new Reading<>(end, List.of(row)));
    }

    @Override
    public void keep(List<Milestone> milestones, Completion<Void> done) {
      done.done(null, null);
    }

    @Override
    public void rehearse(int partition, Completion<List<OrderRow>> done) {
      done.succeed(rows);
    }
  }

  /**
   * A millisecond passes whenever somebody looks: enough for the paces, too little for a second
   * look.
   */
  private static final class Clock implements Timers {
    private long nowMs = NOW_MS;

    @Override
    public long nanos() {
      return nowMs++ * 1_000_000;
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      return () -> {};
    }
  }
}
