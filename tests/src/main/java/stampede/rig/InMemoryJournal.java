package stampede.rig;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.journal.Journal;

/**
 * A journal in memory with the semantics of the one in Redis, seen over a way on which things go
 * wrong. One instance is one owner's connection; owners of one partition share a {@link Store}.
 *
 * <p>As over TCP, calls of one connection arrive in order. A time-out gives the connection up, but
 * what is on its way still arrives: a call may be carried out after its caller was told that it is
 * unreachable, and after later calls on the next connection.
 */
public final class InMemoryJournal implements Journal {
  public static final long TIMEOUT_MS = 1_000;
  private static final long BROKEN_MS = 1;

  private final Store store;
  private final Timers timers;
  private final Faults faults;
  private final Set<Call<?>> calls = new LinkedHashSet<>();
  private Connection connection = new Connection();
  private boolean closed;

  public InMemoryJournal(Store store, Timers timers, Faults faults) {
    this.store = store;
    this.timers = timers;
    this.faults = faults;
  }

  @Override
  public void acquire(
      String node, long nonce, long expectedEpoch, long leaseMs, Completion<Acquired> done) {
    call(() -> store.acquire(node, nonce, expectedEpoch, leaseMs), done);
  }

  @Override
  public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
    call(() -> store.append(entry, nonce), done);
  }

  @Override
  public void renew(long epoch, long nonce, Completion<Renewed> done) {
    call(() -> store.renew(epoch, nonce), done);
  }

  @Override
  public void release(long epoch, long nonce, Completion<Boolean> done) {
    call(() -> store.release(epoch, nonce), done);
  }

  @Override
  public void cut(long epoch, long nonce, long position, Completion<Cut> done) {
    call(() -> store.cut(epoch, nonce, position), done);
  }

  @Override
  public void owner(Completion<Owner> done) {
    call(store::owner, done);
  }

  @Override
  public void read(long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
    call(() -> store.read(afterPosition, entriesMax), done);
  }

  @Override
  public void checkSettings(Completion<Settings> done) {
    call(store::settings, done);
  }

  @Override
  public void close() {
    closed = true;
    giveUp("the connection was closed here");
  }

  private <T> void call(Step<T> step, Completion<T> done) {
    Call<T> call = new Call<>(step, done);
    calls.add(call);
    if (closed) {
      refuse(0, call, "the connection was closed here");
      return;
    }
    call.timer = timers.after(TIMEOUT_MS, () -> giveUp("no answer within " + TIMEOUT_MS + " ms"));
    Faults.Fate fate = faults.next(TIMEOUT_MS);
    if (fate.way() == Faults.Way.REFUSED || !store.isUp()) {
      refuse(fate.requestMs(), call, "connection refused");
      return;
    }
    connection.losesRequests |= faults.isCut() || fate.way() == Faults.Way.REQUEST_LOST;
    connection.losesReplies |= fate.way() == Faults.Way.REPLY_LOST;
    if (!connection.losesRequests) {
      travel(connection, call, fate);
    }
  }

  private void refuse(long afterMs, Call<?> call, String why) {
    if (faults.isRefusedAtOnce()) {
      call.end(null, new Unreachable(why));
    } else {
      timers.after(afterMs, () -> call.end(null, new Unreachable(why)));
    }
  }

  private void travel(Connection by, Call<?> call, Faults.Fate fate) {
    int start = store.starts();
    by.arrivesMs = Math.max(by.arrivesMs, timers.millis() + fate.requestMs());
    timers.after(
        by.arrivesMs - timers.millis(),
        () -> {
          if (store.starts() != start) {
            broken(by, call);
            return;
          }
          call.carryOut();
          answer(by, call, fate.replyMs(), start);
        });
  }

  private void answer(Connection by, Call<?> call, long replyMs, int start) {
    by.answersMs = Math.max(by.answersMs, timers.millis() + replyMs);
    timers.after(
        by.answersMs - timers.millis(),
        () -> {
          if (by != connection || by.losesReplies || faults.isCut()) {
            return; // the caller's time-out ends it
          }
          if (store.starts() == start) {
            call.answer();
          } else {
            broken(by, call);
          }
        });
  }

  /** The store restarted: neither this call nor its answer gets through any more. */
  private void broken(Connection by, Call<?> call) {
    if (by == connection) {
      connection = new Connection();
    }
    timers.after(BROKEN_MS, () -> call.end(null, new Unreachable("the connection was closed")));
  }

  /** Every call under way fails, as none of the replies to come could be told apart. */
  private void giveUp(String why) {
    connection = new Connection();
    for (Call<?> call : List.copyOf(calls)) {
      timers.after(0, () -> call.end(null, new Unreachable(why)));
    }
  }

  private static final class Connection {
    private long arrivesMs;
    private long answersMs;
    private boolean losesRequests;
    private boolean losesReplies;
  }

  /** What the store does when the call arrives. */
  private interface Step<T> {
    T carryOut() throws Unreachable;
  }

  private final class Call<T> {
    private final Step<T> step;
    private final Completion<T> done;
    private Timers.Timer timer = () -> {};
    private Runnable answer = () -> {};

    private Call(Step<T> step, Completion<T> done) {
      this.step = step;
      this.done = done;
    }

    private void carryOut() {
      try {
        T result = step.carryOut();
        answer = () -> end(result, null);
      } catch (Unreachable e) {
        answer = () -> end(null, e);
      }
    }

    private void answer() {
      answer.run();
    }

    private void end(@Nullable T result, @Nullable Throwable failure) {
      if (calls.remove(this)) {
        timer.cancel();
        done.done(result, failure);
      }
    }
  }

  /**
   * One partition's log and record, and the clock of the store they are in. What was carried out is
   * durable: a restart forgets only what was on its way.
   */
  public static class Store {
    private static final Settings GOOD = new Settings(List.of(), false);

    private final int partition;
    private final Timers timers;
    private final List<JournalEntry> log = new ArrayList<>();
    private int cutAway;
    private long clockMs;
    private Record own = new Record(0, 0, "", 0, 0, 0, 0, false);
    private Settings settings = GOOD;
    private boolean full;
    private int starts;
    private long upMs = Long.MIN_VALUE;
    private long loadedMs = Long.MIN_VALUE;
    private Consumer<JournalEntry> onAppend = entry -> {};

    /**
     * @param startMs what its clock shows now, epoch ms
     */
    public Store(int partition, Timers timers, long startMs) {
      this.partition = partition;
      this.timers = timers;
      this.clockMs = startMs - timers.millis();
    }

    /** Epoch ms by the store's clock. */
    public long now() {
      return clockMs + timers.millis();
    }

    /** Sets the clock forward or, if negative, back. */
    public void stepClock(long byMs) {
      clockMs += byMs;
    }

    /** Whether memory is full: nothing is appended, the rest goes on. */
    public void full(boolean full) {
      this.full = full;
    }

    /** Sees every entry the moment it is durable. */
    public void onAppend(Consumer<JournalEntry> listener) {
      onAppend = listener;
    }

    /** What {@link Journal#checkSettings} finds from now on. */
    public void settings(Settings settings) {
      this.settings = settings;
    }

    /** Dies now, refuses for {@code downMs}, then says "loading" for {@code loadingMs}. */
    public void restart(long downMs, long loadingMs) {
      starts++;
      upMs = timers.millis() + downMs;
      loadedMs = upMs + loadingMs;
    }

    /** All that ever was durable: also what was cut away and nobody can read any more. */
    public List<JournalEntry> log() {
      return List.copyOf(log);
    }

    /** What can be read. */
    public List<JournalEntry> kept() {
      return List.copyOf(log.subList(cutAway, log.size()));
    }

    public final long position() {
      return own.position;
    }

    public long epoch() {
      return own.epoch;
    }

    private int starts() {
      return starts;
    }

    private boolean isUp() {
      return timers.millis() >= upMs;
    }

    private Settings settings() throws Unreachable {
      requireLoaded();
      return settings;
    }

    private Acquired acquire(String node, long nonce, long expectedEpoch, long leaseMs)
        throws Unreachable {
      requireLoaded();
      boolean again = own.nonce == nonce && own.epoch == expectedEpoch + 1;
      if (!again) {
        if (own.epoch != expectedEpoch) {
          return new Acquired.Lost(own.epoch);
        }
        if (!own.node.equals(node) && remainingMs() > 0) {
          return new Acquired.Held(remainingMs(), own.epoch, own.node);
        }
      }
      own =
          new Record(
              expectedEpoch + 1,
              nonce,
              node,
              own.position,
              own.lastBatch,
              now() + leaseMs,
              leaseMs,
              own.released);
      return new Acquired.Ok(own.epoch, own.position, now(), own.lastBatch, own.released);
    }

    private Appended append(JournalEntry entry, long nonce) throws Unreachable {
      requireLoaded();
      Appended refusal = refusal(entry, nonce);
      if (refusal != null) {
        if (refusal instanceof Appended.Duplicate) {
          own = own.until(now() + own.leaseMs, own.released);
        }
        return refusal;
      }
      if (full) {
        throw new Unreachable("store full");
      }
      if (entry.partition() != partition) {
        throw new AssertionError(
            "entry of partition " + entry.partition() + " sent to partition " + partition);
      }
      write(entry);
      return new Appended.Ok(own.position, now());
    }

    /** Why the entry must not be appended; null = it may. */
    protected @Nullable Appended refusal(JournalEntry entry, long nonce) {
      if (!owns(entry, nonce)) {
        return new Appended.Fenced(own.epoch);
      }
      if (isLast(entry)) {
        return new Appended.Duplicate(own.position, now());
      }
      return entry.first() == own.position + 1 ? null : new Appended.Gap(own.position);
    }

    protected final boolean owns(JournalEntry entry, long nonce) {
      return own.epoch == entry.epoch() && own.nonce == nonce;
    }

    protected final boolean isLast(JournalEntry entry) {
      return entry.batch() == own.lastBatch && entry.last() == own.position;
    }

    /** The entry, the log's end and the lease, all or nothing. */
    protected void write(JournalEntry entry) {
      writeEnd(entry);
      writeEntry(entry);
    }

    /** Where the log ends, and the lease: half of {@link #write}. */
    protected final void writeEnd(JournalEntry entry) {
      own = own.endingWith(entry).until(now() + own.leaseMs, false);
    }

    /** The other half. */
    protected final void writeEntry(JournalEntry entry) {
      log.add(entry);
      onAppend.accept(entry);
    }

    private Renewed renew(long epoch, long nonce) throws Unreachable {
      requireLoaded();
      if (own.epoch != epoch || own.nonce != nonce) {
        return new Renewed.Fenced(own.epoch);
      }
      own = own.until(now() + own.leaseMs, own.released);
      return new Renewed.Ok(now());
    }

    private boolean release(long epoch, long nonce) throws Unreachable {
      requireLoaded();
      boolean mine = own.epoch == epoch && own.nonce == nonce;
      if (mine) {
        own = own.until(0, true);
      }
      return mine;
    }

    private Cut cut(long epoch, long nonce, long position) throws Unreachable {
      requireLoaded();
      if (own.epoch != epoch || own.nonce != nonce) {
        return new Cut.Fenced(own.epoch);
      }
      while (cutAway + 1 < log.size() && log.get(cutAway + 1).first() <= position) {
        cutAway++;
      }
      return new Cut.Ok(log.isEmpty() ? 0 : log.get(cutAway).first());
    }

    private Owner owner() throws Unreachable {
      requireLoaded();
      return new Owner(own.epoch, own.nonce, own.node, own.position, remainingMs(), now());
    }

    private List<JournalEntry> read(long after, int entriesMax) throws Unreachable {
      requireLoaded();
      int from = cutAway;
      for (int to = log.size(); from < to; ) {
        int middle = (from + to) >>> 1;
        if (log.get(middle).first() > after) {
          to = middle;
        } else {
          from = middle + 1;
        }
      }
      return List.copyOf(log.subList(from, Math.min(log.size(), from + entriesMax)));
    }

    /** 0 also when the lease is further away than it was given for: the clock stepped back. */
    private long remainingMs() {
      long remaining = own.leaseUntil - now();
      return remaining > 0 && remaining <= own.leaseMs ? remaining : 0;
    }

    private void requireLoaded() throws Unreachable {
      if (timers.millis() < loadedMs) {
        throw new Unreachable("LOADING the dataset");
      }
    }

    private record Record(
        long epoch,
        long nonce,
        String node,
        long position,
        long lastBatch,
        long leaseUntil,
        long leaseMs,
        boolean released) {
      Record until(long until, boolean released) {
        return new Record(epoch, nonce, node, position, lastBatch, until, leaseMs, released);
      }

      Record endingWith(JournalEntry entry) {
        return new Record(
            epoch, nonce, node, entry.last(), entry.batch(), leaseUntil, leaseMs, released);
      }
    }
  }
}
