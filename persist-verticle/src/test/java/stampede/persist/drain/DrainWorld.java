package stampede.persist.drain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import stampede.persist.VirtualTime;
import stampede.persist.drain.CommitResult.Committed;
import stampede.persist.drain.CommitResult.CursorMoved;
import stampede.persist.drain.CommitResult.Unknown;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.OrderFact;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.protocol.port.Completion;

/** A journal and a store in memory, in virtual time; every answer takes a millisecond. */
final class DrainWorld extends VirtualTime implements JournalReader, OrderStore {
  static final int PARTITION = 2;
  static final long ITEM = 1001;

  /** What the store does with the next commits; without a plan it commits. */
  enum Plan {
    COMMIT,
    TRANSIENT,
    FAIL,
    /** Commits, and the reply is lost. */
    REPLY_LOST,
    /** Does not commit, and the reply is lost. */
    REQUEST_LOST
  }

  final List<JournalEntry> journal = new ArrayList<>();
  final Map<Long, OrderFact> orders = new LinkedHashMap<>();
  final Map<Long, SaleItem> items = new HashMap<>();
  final Deque<Plan> plans = new ArrayDeque<>();
  final List<String> halts = new ArrayList<>();
  final List<Chunk> announced = new ArrayList<>();
  final List<Chunk> committed = new ArrayList<>();
  Cursor cursor = Cursor.START;
  boolean storeAway;

  /** The breaker is open: the store's calls fail before they return. */
  boolean breakerOpen;

  boolean journalAway;
  int duplicates;

  /** Entries in a page, at most: bytes end one before the loop's own bound does. */
  int pageMax = Integer.MAX_VALUE;

  int commits;
  int reads;

  final Set<Long> readAtMs = new HashSet<>();

  /** Asked of the store, in vain or not. */
  int calls;

  /** Calls to the store under way at the same time, at most. */
  int callsAtOnceMax;

  private int callsUnderWay;

  /** A loop over this world that was started. */
  DrainLoop loop() {
    DrainLoop loop =
        new DrainLoop(
            PARTITION,
            this,
            this,
            this,
            () -> nowMs,
            new DrainLoop.Watcher() {
              @Override
              public void changed() {}

              @Override
              public void halted(int partition, String code, String detail) {
                halts.add(code + ": " + detail);
              }
            });
    loop.start();
    return loop;
  }

  long end() {
    return journal.isEmpty() ? 0 : journal.get(journal.size() - 1).last();
  }

  void append(long epoch, SaleEvent... events) {
    journal.add(JournalEntry.of(PARTITION, epoch, end() + 1, 1_000 + end(), List.of(events)));
  }

  /** One entry that publishes the item, then entries of one accept each. */
  void appendSale(int accepts) {
    append(1, new ItemPublished(item(ITEM), new Warrant("ann", "", Bytes.EMPTY, true), 1));
    appendAccepts(accepts);
  }

  void appendAccepts(int accepts) {
    for (int i = 0; i < accepts; i++) {
      append(1, accepted("u" + end(), 1));
    }
  }

  /** An entry of so many accepts. */
  void appendLargeEntry(int accepts) {
    SaleEvent[] events = new SaleEvent[accepts];
    for (int i = 0; i < accepts; i++) {
      events[i] = accepted("u" + (end() + i), 1);
    }
    append(1, events);
  }

  static Accepted accepted(String user, long at) {
    return new Accepted(ITEM, Bytes.of(user), Bytes.of("k"), 1, at + 100, at);
  }

  static SaleItem item(long id) {
    return new SaleItem(
        id, 1, "t", 5, 9, "CNY", 1, 1_000_000, 100_000, 10, 60_000, 0, 1_000_000, List.of());
  }

  @Override
  public void read(
      int partition, long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
    reads++;
    readAtMs.add(nowMs);
    reply(
        done,
        journalAway,
        () ->
            journal.stream()
                .filter(e -> e.first() > afterPosition)
                .limit(Math.min(entriesMax, pageMax))
                .toList());
  }

  @Override
  public void cursor(int partition, Completion<Cursor> done) {
    ofStore(done, storeAway, () -> cursor);
  }

  @Override
  public void items(int partition, Completion<List<SaleItem>> done) {
    ofStore(done, storeAway, () -> List.copyOf(items.values()));
  }

  @Override
  public void announce(int partition, Cursor expected, Chunk chunk) {
    announced.add(chunk);
  }

  @Override
  public void commit(int partition, Cursor expected, Chunk chunk, Completion<CommitResult> done) {
    if (breakerOpen) {
      calls++;
      done.succeed(new CommitResult.Transient("breaker open"));
    } else {
      ofStore(done, false, () -> commit(expected, chunk));
    }
  }

  private CommitResult commit(Cursor expected, Chunk chunk) {
    if (storeAway) {
      return new CommitResult.Transient("away");
    }
    Plan plan = plans.isEmpty() ? Plan.COMMIT : plans.remove();
    if (plan == Plan.TRANSIENT) {
      return new CommitResult.Transient("deadlock");
    } else if (plan == Plan.FAIL) {
      return new CommitResult.Failed("duplicate");
    } else if (plan == Plan.REQUEST_LOST) {
      return new Unknown("closed");
    } else if (!expected.equals(cursor)) {
      return new CursorMoved(cursor);
    }
    commits++;
    committed.add(chunk);
    for (Chunk.NewOrder order : chunk.orders()) {
      duplicates += orders.put(order.fact().order(), order.fact()) == null ? 0 : 1;
    }
    chunk.published().forEach(p -> items.put(p.item().item(), p.item()));
    cursor = chunk.end();
    return plan == Plan.REPLY_LOST ? new Unknown("closed") : new Committed(cursor);
  }

  private <T> void ofStore(Completion<T> done, boolean away, Supplier<T> answer) {
    calls++;
    if (breakerOpen) {
      done.fail(new IllegalStateException("breaker open"));
      return;
    }
    callsAtOnceMax = Math.max(callsAtOnceMax, ++callsUnderWay);
    reply(
        (result, failure) -> {
          callsUnderWay--;
          done.done(result, failure);
        },
        away,
        answer);
  }

  private <T> void reply(Completion<T> done, boolean away, Supplier<T> answer) {
    after(
        1,
        () -> {
          T result = away ? null : answer.get();
          after(
              1,
              () -> {
                if (result == null) {
                  done.fail(new IllegalStateException("away"));
                } else {
                  done.succeed(result);
                }
              });
        });
  }
}
