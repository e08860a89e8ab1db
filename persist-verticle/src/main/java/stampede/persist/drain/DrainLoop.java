package stampede.persist.drain;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.persist.drain.Backlog.Step;
import stampede.persist.drain.CommitResult.Committed;
import stampede.persist.drain.CommitResult.CursorMoved;
import stampede.persist.drain.CommitResult.Failed;
import stampede.persist.drain.CommitResult.Transient;
import stampede.persist.drain.CommitResult.Unknown;
import stampede.protocol.CorruptRecord;
import stampede.protocol.DrainStatus;
import stampede.protocol.DrainStatus.Mode;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * Drains one partition for as long as it runs.
 *
 * <pre>
 *   resync: cursor, items ──► read after cursor ──► chunk ──► commit ──┐
 *     ▲                          ▲      └─ nothing: 20…100 ms ─┘       │  meanwhile, if behind: read on,
 *     │                          └─ committed; nearly caught up: 50 ms ┤  make the next chunk
 *     └── back-off ── anything else: away, moved, unknown, failed ────┘   5 × failed, bad journal: halted
 * </pre>
 *
 * <p>At most one call to the store is under way at any time, and one to the journal; the chunks to
 * follow are made and announced meanwhile. Everything that is not plain success forgets what was
 * read and made ahead and starts again from the store's cursor, so nothing learned before is
 * trusted after a doubt. Single-threaded.
 */
public final class DrainLoop {
  static final int FAILURES_MAX = 5;
  static final long IDLE_MS_MIN = 20;
  static final long IDLE_MS_MAX = 100;

  /**
   * What comes so soon after a chunk goes into one chunk: a commit of ten rows costs the store and
   * this node nearly as much as one of a hundred, and who sells may need the same processors.
   */
  static final long GATHER_MS = 50;

  static final long BACK_OFF_MS_MIN = 50;
  static final long BACK_OFF_MS_MAX = 5_000;

  /** How long the slower of two drains of one partition leaves it to the other. */
  static final long STEP_BACK_MS = 500;

  /** The chunk under way is on the wire by then: looking ahead does not delay it. */
  static final long AHEAD_MS = 1;

  /** Two that the store can write beside the one under way, and one to follow them at once. */
  static final int STEPS_AHEAD_MAX = 3;

  private static final int ENTRIES_MAX = 256;

  /** Hears of one loop, on its event loop. */
  public interface Watcher {
    /** {@link #status()} would answer differently now. */
    void changed();

    /**
     * A chunk is in the store.
     *
     * @param rows written, stock and cursor apart
     * @param oldestMs age of its oldest event
     */
    default void drained(int events, int rows, long oldestMs) {}

    /** An operator is needed; {@code code} never changes its meaning. */
    void halted(int partition, String code, String detail);
  }

  private final int partition;
  private final JournalReader journal;
  private final OrderStore store;
  private final Timers timers;
  private final LongSupplier epochMs;
  private final Watcher watcher;

  private final Backlog backlog;
  private Cursor cursor = Cursor.START;
  private @Nullable Step underWay;
  private final Deque<Step> next = new ArrayDeque<>();
  private long oldestAtMs;
  private Mode mode = Mode.WAITING;
  private String error = "starting";
  private int attempts;
  private int failures;
  private long idleMs = IDLE_MS_MIN;
  private Timers.@Nullable Timer timer;
  private Timers.@Nullable Timer ahead;
  private boolean reading;

  /** There may be more: the last page was full, or made a chunk full before bytes ended it. */
  private boolean behind;

  /** Of the present attempt; the answer to a read of an earlier one is of no use. */
  private long generation;

  private int calls;

  /**
   * Of the present time between a start and a stop; what was asked in an earlier one is dropped.
   */
  private long tenure;

  private boolean running;
  private @Nullable Runnable stopped;

  /**
   * @param epochMs the date, only to tell how far behind the drain is
   */
  public DrainLoop(
      int partition,
      JournalReader journal,
      OrderStore store,
      Timers timers,
      LongSupplier epochMs,
      Watcher watcher) {
    this(partition, journal, store, timers, epochMs, watcher, false);
  }

  /** The same; with {@code webhooks} the store is given what the shop is told, too. */
  public DrainLoop(
      int partition,
      JournalReader journal,
      OrderStore store,
      Timers timers,
      LongSupplier epochMs,
      Watcher watcher,
      boolean webhooks) {
    this.partition = partition;
    this.journal = journal;
    this.store = store;
    this.timers = timers;
    this.epochMs = epochMs;
    this.watcher = watcher;
    this.backlog = new Backlog(partition, webhooks);
  }

  /** Does nothing if it runs. After a {@link #stop} it begins anew. */
  public void start() {
    if (!running) {
      running = true;
      attempts = 0;
      failures = 0;
      show(Mode.WAITING, "starting");
      beginWhenIdle();
    }
  }

  /** A halted drain tries again from its cursor; any other is not disturbed. */
  public void retry() {
    if (mode == Mode.HALTED && running) {
      failures = 0;
      attempts = 0;
      show(Mode.WAITING, error);
      resync();
    }
  }

  /**
   * Ends the loop; a chunk under way is finished first. {@code whenStopped} runs once, within the
   * bounds of the calls under way.
   */
  public void stop(Runnable whenStopped) {
    running = false;
    tenure++;
    cancelTimers();
    forget();
    oldestAtMs = 0;
    show(Mode.RESTING, "");
    Runnable earlier = stopped;
    stopped =
        () -> {
          if (earlier != null) {
            earlier.run();
          }
          whenStopped.run();
        };
    beginWhenIdle();
  }

  /** Nothing asked before a stop is under way when the loop begins anew. */
  private void beginWhenIdle() {
    if (calls > 0) {
      return;
    }
    Runnable told = stopped;
    stopped = null;
    if (told != null) {
      told.run();
    }
    if (running) {
      resync();
    }
  }

  private void cancelTimers() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    endAhead();
  }

  private void endAhead() {
    if (ahead != null) {
      ahead.cancel();
      ahead = null;
    }
  }

  public DrainStatus status() {
    long lagMs = oldestAtMs == 0 ? 0 : Math.max(0, epochMs.getAsLong() - oldestAtMs);
    return new DrainStatus(
        partition, cursor.position(), cursor.batch(), mode, error, attempts, lagMs);
  }

  private void resync() {
    store.cursor(partition, orElseBackOff("store", this::loadItems));
  }

  private void loadItems(Cursor found) {
    moveTo(found);
    store.items(
        partition,
        orElseBackOff(
            "store",
            loaded -> {
              backlog.items(loaded);
              read();
            }));
  }

  private void moveTo(Cursor found) {
    if (!found.equals(cursor)) {
      failures = 0;
    }
    cursor = found;
    forget();
  }

  /** What was read is read again from the cursor; the answer to a read under way is dropped. */
  private void forget() {
    generation++;
    reading = false;
    behind = false;
    underWay = null;
    next.clear();
    backlog.restart(cursor);
  }

  private void read() {
    reading = true;
    long asked = generation;
    journal.read(
        partition,
        backlog.readAfter(),
        ENTRIES_MAX,
        ending(
            (entries, failure) -> {
              if (asked == generation) {
                reading = false;
                wasRead(entries == null ? List.of() : entries, failure);
              }
            }));
  }

  private void wasRead(List<JournalEntry> entries, @Nullable Throwable failure) {
    JournalFault fault =
        failure instanceof CorruptRecord corrupt
            ? JournalFault.of(corrupt)
            : failure == null ? backlog.add(entries) : null;
    behind =
        failure == null && fault == null && (entries.size() >= ENTRIES_MAX || backlog.isFull());
    if (underWay != null) {
      readAhead();
    } else if (!backlog.isEmpty()) {
      commit(); // what is good before a fault is drained; then the fault is met again
    } else if (fault != null) {
      doubt(fault);
    } else if (failure != null) {
      backOff("journal: " + failure.getMessage());
    } else {
      idle();
    }
  }

  private void idle() {
    show(Mode.OK, "");
    attempts = 0;
    oldestAtMs = 0;
    later(idleMs < IDLE_MS_MAX ? idleMs : untilBeatMs(), this::read);
    idleMs = Math.min(IDLE_MS_MAX, idleMs * 2);
  }

  /** Idle drains of a node look at the same moments: it wakes up once for all of them. */
  private long untilBeatMs() {
    return IDLE_MS_MAX - Math.floorMod(timers.millis(), IDLE_MS_MAX);
  }

  private void commit() {
    Step step;
    try {
      step = next.isEmpty() ? backlog.take() : next.remove();
    } catch (CorruptRecord e) {
      oldestAtMs = backlog.oldestAtMs();
      doubt(JournalFault.of(e));
      return;
    }
    if (step.first() != cursor.position() + 1) { // never: it would leave out what is between
      backOff("chunk begins at " + step.first() + ", the cursor is " + cursor.position());
      return;
    }
    underWay = step;
    oldestAtMs = step.oldestAtMs();
    ahead = timers.after(AHEAD_MS, this::readAhead); // first: a commit may end at once
    store.commit(partition, cursor, step.chunk(), orElseBackOff("store", this::committed));
  }

  /**
   * While a chunk is under way. Only full chunks are made ahead: to a smaller one more may come
   * until its turn. Trouble met here is met again in its turn.
   */
  private void readAhead() {
    ahead = null;
    if (underWay == null) {
      return;
    }
    while (next.size() < STEPS_AHEAD_MAX && backlog.isFull()) {
      if (!makeAhead(next.isEmpty() ? underWay : next.getLast())) {
        return;
      }
    }
    if (behind && !reading && !backlog.isFull()) {
      read();
    }
  }

  private boolean makeAhead(Step before) {
    Step made;
    try {
      made = backlog.take();
    } catch (CorruptRecord e) {
      return false;
    }
    next.add(made);
    store.announce(partition, before.chunk().end(), made.chunk());
    return true;
  }

  private void committed(CommitResult result) {
    Chunk chunk = Objects.requireNonNull(underWay).chunk();
    endAhead();
    underWay = null;
    if (result instanceof Committed done) {
      advance(done.cursor(), chunk);
      return;
    }
    forget();
    if (result instanceof CursorMoved moved) {
      moveTo(moved.cursor());
      attempts = 0;
      oldestAtMs = 0;
      show(Mode.OK, "");
      later(STEP_BACK_MS, this::resync);
    } else if (result instanceof Transient away) {
      backOff("store: " + away.detail());
    } else if (result instanceof Unknown lost) {
      backOff("store: commit without a reply: " + lost.detail());
    } else if (result instanceof Failed failed) {
      failed(failed, chunk);
    } else {
      throw new AssertionError(result);
    }
  }

  private void advance(Cursor end, Chunk written) {
    int events = (int) (end.position() - cursor.position());
    watcher.drained(events, written.rows(), status().lagMs());
    cursor = end;
    attempts = 0;
    failures = 0;
    idleMs = IDLE_MS_MIN;
    oldestAtMs = next.isEmpty() ? 0 : next.getFirst().oldestAtMs();
    show(Mode.OK, "");
    watcher.changed();
    if (!next.isEmpty() || backlog.isFull() || (behind && !backlog.isEmpty())) {
      commit();
    } else if (!reading && behind) {
      read();
    } else if (!reading) {
      later(GATHER_MS, this::read);
    }
  }

  private void failed(Failed failed, Chunk chunk) {
    String text =
        "chunk of positions "
            + (cursor.position() + 1)
            + " to "
            + chunk.end().position()
            + " refused: "
            + failed.detail();
    failures++;
    if (failures < FAILURES_MAX) {
      backOff(text);
    } else {
      halt("chunk_refused", text);
    }
  }

  /** A fault counts only if the cursor is still ours: another drain may have moved on. */
  private void doubt(JournalFault fault) {
    forget();
    store.cursor(
        partition,
        orElseBackOff(
            "store",
            found -> {
              if (found.equals(cursor)) {
                halt(fault.code(), fault.detail());
              } else {
                loadItems(found);
              }
            }));
  }

  private void halt(String code, String detail) {
    attempts++;
    show(Mode.HALTED, code + ": " + detail);
    watcher.halted(partition, code, detail);
  }

  private void backOff(String reason) {
    long delayMs = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN << Math.min(attempts, 10));
    attempts++;
    forget();
    show(Mode.WAITING, reason);
    later(delayMs, this::resync);
  }

  private void show(Mode mode, String error) {
    if (this.mode != mode || !this.error.equals(error)) {
      this.mode = mode;
      this.error = error;
      watcher.changed();
    }
  }

  private void later(long delayMs, Runnable next) {
    if (running) {
      timer =
          timers.after(
              delayMs,
              () -> {
                timer = null;
                next.run();
              });
    }
  }

  private <T> Completion<T> orElseBackOff(String where, Consumer<T> next) {
    return ending(
        (result, failure) -> {
          if (failure != null) {
            backOff(where + ": " + failure.getMessage());
          } else {
            next.accept(result);
          }
        });
  }

  private interface Ending<T> {
    void accept(T result, @Nullable Throwable failure);
  }

  /** Every call goes through here: it is what {@link #stop} waits for. */
  private <T> Completion<T> ending(Ending<T> ending) {
    calls++;
    long asked = tenure;
    return (result, failure) -> {
      calls--;
      if (asked == tenure) {
        ending.accept(result, failure);
      } else {
        beginWhenIdle();
      }
    };
  }
}
