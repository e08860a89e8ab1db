package stampede.bench;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.protocol.Command.Shake;
import stampede.protocol.JournalEntry;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;
import stampede.sale.journal.RedisJournal;

/**
 * The floor of the journal: fenced appends to a partition that nobody sells from, one at a time as
 * its owner would, each fsynced before the next. Entries are made before the time begins.
 */
final class BareAppends implements AutoCloseable {
  /** Of no shop here. */
  static final int NOBODYS_PARTITION = PartitionMap.PARTITIONS_MAX - 1;

  private static final long NONCE = 1;
  private static final long LEASE_MS = 600_000;
  private static final int ENTRIES_MAX = 4_000;
  private static final long EVENTS_MAX = 400_000;
  private static final long PAY_WITHIN_MS = 3_600_000;
  private static final long SECONDS_MAX = 60;

  private final Vertx vertx;
  private final Context context;
  private final int partition;
  private final RedisJournal journal;
  private volatile long epoch;
  private volatile long position;

  BareAppends(Vertx vertx, String redisUrl, int partition) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.partition = partition;
    journal = opened(RedisUrl.parse("redis", redisUrl));
  }

  private RedisJournal opened(RedisUrl redis) {
    CompletableFuture<RedisJournal> opened = new CompletableFuture<>();
    context.runOnContext(
        start -> {
          RedisLink link = new RedisLink(vertx, redis, 10_000, RedisLink.CALLS_MAX_DEFAULT);
          RedisJournal made = new RedisJournal(link, partition);
          made.acquire(
              "bench",
              NONCE,
              0,
              LEASE_MS,
              orFail(
                  opened,
                  owned -> {
                    if (owned instanceof Journal.Acquired.Ok ok) {
                      epoch = ok.epoch();
                      position = ok.position();
                      opened.complete(made);
                    } else {
                      opened.completeExceptionally(new IllegalStateException(owned.toString()));
                    }
                  }));
        });
    return opened.orTimeout(SECONDS_MAX, TimeUnit.SECONDS).join();
  }

  /**
   * Events made durable a second.
   *
   * @param events of one entry
   * @param ms for so long, or until as many entries are written as were made
   */
  double eventsASecond(int events, int ms) {
    List<JournalEntry> entries = entries(events);
    long begin = System.nanoTime();
    int written = write(entries, begin + TimeUnit.MILLISECONDS.toNanos(ms));
    double seconds = (System.nanoTime() - begin) / 1e9;
    position += (long) written * events;
    return (long) written * events / seconds;
  }

  /** All of them. */
  void write(List<JournalEntry> entries) {
    int written = write(entries, System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX));
    if (written < entries.size()) {
      throw new IllegalStateException(written + " of " + entries.size() + " entries in a minute");
    }
  }

  private int write(List<JournalEntry> entries, long endNanos) {
    CompletableFuture<Integer> written = new CompletableFuture<>();
    context.runOnContext(start -> append(entries, 0, endNanos, written));
    return written.orTimeout(2 * SECONDS_MAX, TimeUnit.SECONDS).join();
  }

  private List<JournalEntry> entries(int events) {
    int count = (int) Math.min(ENTRIES_MAX, Math.max(1, EVENTS_MAX / events));
    List<SaleEvent> group = new ArrayList<>(events);
    for (Shake shake : SaleFixture.shakes(SaleFixture.ITEM, "w", events)) {
      long at = SaleFixture.NOW_MS;
      group.add(
          new SaleEvent.Accepted(
              shake.item(), shake.user(), shake.key(), 1, at + PAY_WITHIN_MS, at));
    }
    List<JournalEntry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long first = position + 1 + (long) i * events;
      entries.add(JournalEntry.of(partition, epoch, first, first, group));
    }
    return entries;
  }

  private void append(
      List<JournalEntry> entries, int index, long endNanos, CompletableFuture<Integer> written) {
    if (index == entries.size() || System.nanoTime() >= endNanos) {
      written.complete(index);
      return;
    }
    journal.append(
        entries.get(index),
        NONCE,
        orFail(
            written,
            result -> {
              if (result instanceof Journal.Appended.Ok) {
                append(entries, index + 1, endNanos, written);
              } else {
                written.completeExceptionally(new IllegalStateException(result.toString()));
              }
            }));
  }

  private static <T> Completion<T> orFail(CompletableFuture<?> whole, Consumer<T> next) {
    return (result, failure) -> {
      if (failure == null) {
        next.accept(result);
      } else {
        whole.completeExceptionally(failure);
      }
    };
  }

  @Override
  public void close() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    context.runOnContext(
        over -> {
          journal.close();
          closed.complete(null);
        });
    closed.orTimeout(SECONDS_MAX, TimeUnit.SECONDS).join();
  }
}
