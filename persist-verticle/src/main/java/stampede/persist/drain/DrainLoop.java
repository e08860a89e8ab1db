package stampede.persist.drain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.persist.drain.Chunk.Decoded;
import stampede.persist.drain.CommitResult.Committed;
import stampede.persist.drain.CommitResult.CursorMoved;
import stampede.persist.drain.CommitResult.Failed;
import stampede.persist.drain.CommitResult.Transient;
import stampede.persist.drain.CommitResult.Unknown;
import stampede.persist.drain.DrainStatus.Mode;
import stampede.protocol.CorruptRecord;
import stampede.protocol.JournalEntry;
import stampede.protocol.SaleItem;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * Drains one partition for as long as it runs.
 *
 * <pre>
 *   resync: cursor, items ──► read after cursor ──► chunk ──► commit ──┐
 *     ▲                          ▲      └─ nothing: 20…100 ms ─┘       │
 *     │                          └──────────── committed ─────────────┤
 *     └── back-off ── anything else: away, moved, unknown, failed ────┘   5 × failed, bad journal: halted
 * </pre>
 *
 * <p>One call is under way at any time. Everything that is not plain success starts again from the
 * store's cursor, so nothing learned before is trusted after a doubt. Single-threaded.
 */
public final class DrainLoop {
  static final int FAILURES_MAX = 5;
  static final long IDLE_MS_MIN = 20;
  static final long IDLE_MS_MAX = 100;
  static final long BACK_OFF_MS_MIN = 50;
  static final long BACK_OFF_MS_MAX = 5_000;

  /** How long the slower of two drains of one partition leaves it to the other. */
  static final long STEP_BACK_MS = 500;

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

  private final Map<Long, SaleItem> items = new HashMap<>();
  private final Deque<Decoded> read = new ArrayDeque<>();
  private Cursor cursor = Cursor.START;
  private long epoch;
  private Mode mode = Mode.WAITING;
  private String error = "starting";
  private int attempts;
  private int failures;
  private long idleMs = IDLE_MS_MIN;
  private Timers.@Nullable Timer timer;
  private boolean busy;
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
    this.partition = partition;
    this.journal = journal;
    this.store = store;
    this.timers = timers;
    this.epochMs = epochMs;
    this.watcher = watcher;
  }

  public void start() {
    resync();
  }

  /** A halted drain tries again from its cursor; any other is not disturbed. */
  public void retry() {
    if (mode == Mode.HALTED && stopped == null) {
      failures = 0;
      attempts = 0;
      show(Mode.WAITING, error);
      resync();
    }
  }

  /**
   * Ends the loop; a chunk under way is finished first. {@code whenStopped} runs once, within the
   * bounds of the call under way.
   */
  public void stop(Runnable whenStopped) {
    stopped = whenStopped;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (!busy) {
      whenStopped.run();
    }
  }

  public DrainStatus status() {
    Decoded oldest = read.peek();
    long lagMs =
        oldest == null ? 0 : Math.max(0, epochMs.getAsLong() - oldest.events().get(0).at());
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
              items.clear();
              loaded.forEach(item -> items.put(item.item(), item));
              read();
            }));
  }

  /** Forgets what was read: it is read again from there. */
  private void moveTo(Cursor found) {
    if (!found.equals(cursor)) {
      failures = 0;
    }
    cursor = found;
    epoch = 0;
  }

  private void read() {
    journal.read(
        partition,
        cursor.readAfter(),
        ENTRIES_MAX,
        ending(
            (entries, failure) -> {
              read.clear();
              if (failure instanceof CorruptRecord corrupt) {
                doubt(JournalFault.of(corrupt));
              } else if (failure != null) {
                backOff("journal: " + failure.getMessage());
              } else {
                take(entries);
              }
            }));
  }

  private void take(List<JournalEntry> entries) {
    JournalFault fault = check(entries);
    if (!read.isEmpty()) {
      commit(); // what is good before a fault is drained; then the fault is met again
    } else if (fault != null) {
      doubt(fault);
    } else {
      idle();
    }
  }

  /** Keeps the good entries; the fault of the first that is not. */
  private @Nullable JournalFault check(List<JournalEntry> entries) {
    JournalEntry anchor = entries.isEmpty() ? null : entries.get(0);
    JournalFault fault = JournalFault.inAnchor(cursor, anchor);
    if (fault != null) {
      return fault;
    }
    boolean anchored = cursor.position() > 0 && anchor != null;
    epoch = anchored ? anchor.epoch() : epoch;
    long position = cursor.position();
    for (JournalEntry entry : entries.subList(anchored ? 1 : 0, entries.size())) {
      fault = JournalFault.inSequence(partition, position, epoch, entry);
      if (fault != null) {
        return fault;
      }
      try {
        read.add(Decoded.of(entry));
      } catch (CorruptRecord e) {
        return JournalFault.of(e);
      }
      position = entry.last();
      epoch = entry.epoch();
    }
    return null;
  }

  private void idle() {
    show(Mode.OK, "");
    attempts = 0;
    later(idleMs, this::read);
    idleMs = Math.min(IDLE_MS_MAX, idleMs * 2);
  }

  private void commit() {
    List<Decoded> taken = nextEntries();
    Chunk chunk;
    try {
      chunk = Chunk.ofDecoded(partition, taken, items);
    } catch (CorruptRecord e) {
      doubt(JournalFault.of(e));
      return;
    }
    store.commit(
        partition,
        cursor,
        chunk,
        orElseBackOff("store", result -> committed(result, chunk, taken.size())));
  }

  /** At least one entry, more while they fit. Left in {@link #read} until they are committed. */
  private List<Decoded> nextEntries() {
    List<Decoded> taken = new ArrayList<>();
    int events = 0;
    long bytes = 0;
    for (Decoded next : read) {
      events += next.entry().count();
      bytes += next.entry().payload().length;
      if (!taken.isEmpty() && (events > Chunk.EVENTS_MAX || bytes > Chunk.BYTES_MAX)) {
        break;
      }
      taken.add(next);
    }
    return taken;
  }

  private void committed(CommitResult result, Chunk chunk, int entries) {
    if (result instanceof Committed done) {
      advance(done.cursor(), chunk, entries);
    } else if (result instanceof CursorMoved moved) {
      moveTo(moved.cursor());
      read.clear();
      attempts = 0;
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

  private void advance(Cursor end, Chunk chunk, int entries) {
    watcher.drained((int) (end.position() - cursor.position()), chunk.rows(), status().lagMs());
    cursor = end;
    for (int i = 0; i < entries; i++) {
      read.remove();
    }
    chunk.published().forEach(p -> items.put(p.item().item(), p.item()));
    attempts = 0;
    failures = 0;
    idleMs = IDLE_MS_MIN;
    show(Mode.OK, "");
    watcher.changed();
    if (read.isEmpty()) {
      read();
    } else {
      commit();
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
    if (stopped == null) {
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
    busy = true;
    return (result, failure) -> {
      busy = false;
      if (stopped != null) {
        stopped.run();
      } else {
        ending.accept(result, failure);
      }
    };
  }
}
