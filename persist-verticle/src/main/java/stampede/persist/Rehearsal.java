package stampede.persist;

import static io.vertx.redis.client.Command.EXPIRE;
import static io.vertx.redis.client.Command.UNLINK;

import io.vertx.redis.client.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.node.redis.JournalStream;
import stampede.node.redis.RedisLink;
import stampede.node.redis.StreamRecord;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.CommitResult;
import stampede.persist.drain.Cursor;
import stampede.persist.drain.DrainLoop;
import stampede.persist.drain.OrderStore;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.JournalKeys;
import stampede.protocol.Limits;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * Drains of a sale that never was: before a node takes part into a store that only reads the SQL
 * and throws it away, then into the real one, which undoes them. The drain of the first second of a
 * real sale is then loaded and compiled, and leaves the processors to who sells.
 */
final class Rehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
  private static final long NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_000);

  /** Most of it waits: for the store, and for its turn where other nodes start too. */
  private static final long UNDONE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(15_000);

  private static final int ROUNDS = 40;
  private static final int ENTRIES = 120;
  private static final int ORDERS = 12;

  private static final int UNDONE = 400;
  private static final int UNDONE_ENTRIES = 6;
  private static final int PAGE_ENTRIES = 256;
  private static final int LOG_LIVES_S = 120;

  /** Items are numbered from 1001. A higher one would move the count, though its row is undone. */
  private static final long ITEM = 1_000;

  /** Where no drain ever stands: whatever comes from there is too late. */
  private static final Cursor NOWHERE =
      new Cursor(
          (1L << PartitionMap.POSITION_BITS) - 1, (1L << PartitionMap.POSITION_BITS) - 1, -1);

  private static final AtomicBoolean undone = new AtomicBoolean();
  private static final long NOW_MS = 1_000_000;

  private final int partition;
  private final long nanosMax;
  private final long beganNanos = System.nanoTime();
  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private long events;
  private long sqlChars;

  private Rehearsal(int partition, long nanosMax) {
    this.partition = partition;
    this.nanosMax = nanosMax;
  }

  /**
   * What was played.
   *
   * @param events drained
   * @param sqlChars of what would have been sent
   */
  record Played(long events, long sqlChars) {}

  /** Takes up to a second, on the calling thread. */
  static Played play() {
    Rehearsal rehearsal = new Rehearsal(PartitionMap.PARTITIONS_MAX - 1, NANOS_MAX);
    for (int round = 0; round < ROUNDS && !rehearsal.isLate(); round++) {
      rehearsal.drain(rehearsal.log(ENTRIES));
      rehearsal.chunks.clear();
    }
    return new Played(rehearsal.events, rehearsal.sqlChars);
  }

  /**
   * A log that is read from {@code redis} again and again, and its chunks, which come too late:
   * {@code store} finds its cursor elsewhere and undoes them. Once in a process, where the cluster
   * leaves a partition for it; takes some seconds, in pieces, on the event loop of both.
   */
  static void playUndone(RedisLink redis, OrderStore store, int partitions) {
    int free = PartitionMap.PARTITIONS_MAX - partitions;
    if (free == 0 || undone.getAndSet(true)) {
      return;
    }
    int partition = partitions + ThreadLocalRandom.current().nextInt(free);
    long beganNanos = System.nanoTime();
    playUndone(
        partition,
        redis,
        store,
        UNDONE,
        count ->
            LOG.info(
                "persist.rehearsed {} chunks, {} ms",
                count,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos)));
  }

  /** {@code done} hears how many were undone; the first surprise ends it. The log is gone then. */
  static void playUndone(
      int partition, RedisLink redis, OrderStore store, int count, IntConsumer done) {
    Rehearsal rehearsal = new Rehearsal(partition, UNDONE_NANOS_MAX);
    String key = JournalKeys.log(partition);
    JournalStream stream = new JournalStream(redis);
    rehearsal.write(
        redis,
        key,
        () ->
            rehearsal.undo(
                stream,
                store,
                count,
                0,
                chunks -> redis.call(Request.cmd(UNLINK, key), (gone, no) -> done.accept(chunks))));
  }

  /** It ends by itself if this node does not come to delete it. */
  private void write(RedisLink redis, String key, Runnable written) {
    for (JournalEntry entry : log(UNDONE_ENTRIES)) {
      redis.call(StreamRecord.add(entry), (added, failure) -> {});
    }
    redis.call(Request.cmd(EXPIRE, key, LOG_LIVES_S), (set, failure) -> written.run());
  }

  private void undo(
      JournalStream stream, OrderStore store, int count, int before, IntConsumer done) {
    if (before == count || isLate()) {
      done.accept(before);
    } else if (chunks.isEmpty()) {
      stream.page(
          partition,
          0,
          PAGE_ENTRIES,
          (entries, failure) -> {
            if (entries == null || entries.isEmpty()) {
              LOG.debug("persist.rehearsal-ended no log: {}", String.valueOf(failure));
              done.accept(before);
            } else {
              drain(entries);
              undo(stream, store, count, before, done);
            }
          });
    } else {
      store.commit(
          partition,
          NOWHERE,
          chunks.remove(),
          (result, failure) -> {
            if (result instanceof CommitResult.CursorMoved) {
              undo(stream, store, count, before + 1, done);
            } else {
              LOG.debug("persist.rehearsal-ended {}: {}", result, String.valueOf(failure));
              done.accept(before);
            }
          });
    }
  }

  private boolean isLate() {
    return System.nanoTime() - beganNanos > nanosMax;
  }

  private void drain(List<JournalEntry> log) {
    DrainLoop loop =
        new DrainLoop(
            partition,
            (every, after, max, done) ->
                done.succeed(log.stream().filter(e -> e.first() > after).limit(max).toList()),
            new Stage(),
            new NoTime(),
            () -> NOW_MS,
            new DrainLoop.Watcher() {
              @Override
              public void changed() {}

              @Override
              public void drained(int drained, int rows, long oldestMs) {
                events += drained;
              }

              @Override
              public void halted(int partition, String code, String detail) {
                throw new IllegalStateException(code + " in a rehearsal: " + detail);
              }
            },
            true);
    loop.start(); // the stage answers at once: back when all is drained
  }

  /** Orders, most of them paid later, some released. */
  private List<JournalEntry> log(int entries) {
    List<JournalEntry> log = new ArrayList<>();
    Warrant warrant = new Warrant("rehearsal", "", Bytes.EMPTY, true);
    add(
        log,
        List.of(
            new SaleEvent.Owned(1, "rehearsal", 1, NOW_MS),
            new SaleEvent.ItemPublished(item(), warrant, NOW_MS),
            new SaleEvent.ItemOpened(ITEM, NOW_MS)));
    for (int i = 0; i < entries; i++) {
      long first = end(log) + 1;
      List<SaleEvent> events = new ArrayList<>();
      for (int j = 0; j < ORDERS; j++) {
        Bytes user = Bytes.of("user-" + (first + j));
        Bytes key = Bytes.of("key-" + (first + j));
        events.add(new SaleEvent.Accepted(ITEM, user, key, 1, NOW_MS + 60_000, NOW_MS));
      }
      add(log, events);
      if (i % 2 == 0) {
        add(log, endings(first));
      }
    }
    return log;
  }

  private List<SaleEvent> endings(long first) {
    List<SaleEvent> events = new ArrayList<>();
    for (int j = 0; j < ORDERS; j++) {
      long order = PartitionMap.orderId(partition, first + j);
      events.add(
          j % 4 == 0
              ? new SaleEvent.Released(order, ITEM, 1, SaleEvent.ReleaseReason.EXPIRED, NOW_MS)
              : new SaleEvent.Paid(order, ITEM, 1, Bytes.of("pay-" + order), NOW_MS));
    }
    return events;
  }

  private void add(List<JournalEntry> log, List<SaleEvent> events) {
    long first = end(log) + 1;
    log.add(JournalEntry.of(partition, 1, first, first, events));
  }

  private static long end(List<JournalEntry> log) {
    return log.isEmpty() ? 0 : log.get(log.size() - 1).last();
  }

  private static SaleItem item() {
    return new SaleItem(
        ITEM,
        1,
        "Rehearsal",
        1,
        1,
        "CNY",
        NOW_MS,
        NOW_MS + 86_400_000,
        Limits.STOCK_MAX,
        1,
        60_000,
        0,
        Limits.GATE_OPEN,
        List.of());
  }

  /** Takes every chunk, as SQL, and keeps nothing. */
  private final class Stage implements OrderStore {
    @Override
    public void cursor(int partition, Completion<Cursor> done) {
      done.succeed(Cursor.START);
    }

    @Override
    public void items(int partition, Completion<List<SaleItem>> done) {
      done.succeed(List.of());
    }

    @Override
    public void commit(int partition, Cursor expected, Chunk chunk, Completion<CommitResult> done) {
      ChunkScript script = ChunkScript.of(1, expected, chunk);
      sqlChars += script.text().length();
      chunks.add(chunk);
      done.succeed(new CommitResult.Committed(script.end()));
    }
  }

  /** No time passes, so nothing that waits for it ever happens. */
  private static final class NoTime implements Timers {
    @Override
    public long nanos() {
      return NOW_MS * 1_000_000;
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      return () -> {};
    }
  }
}
