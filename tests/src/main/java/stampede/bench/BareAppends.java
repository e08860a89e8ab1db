package stampede.bench;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;
import stampede.sale.journal.RedisJournal;

/**
 * The floor of the journal: fenced appends to an empty partition that nobody sells from, one at a
 * time as its owner would, each fsynced before the next.
 */
final class BareAppends implements AutoCloseable {
  private static final long EPOCH = 1;
  private static final long NONCE = 1;
  private static final long LEASE_MS = 600_000;
  private static final long SECONDS_MAX = 60;

  private final Context context;
  private final RedisJournal journal;

  BareAppends(Vertx vertx, String redisUrl, int partition) {
    context = vertx.getOrCreateContext();
    RedisUrl redis = RedisUrl.parse("redis", redisUrl);
    journal =
        result(
            opened -> {
              RedisLink link = new RedisLink(vertx, redis, 10_000, RedisLink.CALLS_MAX_DEFAULT);
              RedisJournal made = new RedisJournal(link, partition);
              made.acquire(
                  "bench",
                  NONCE,
                  EPOCH - 1,
                  LEASE_MS,
                  as(Journal.Acquired.Ok.class, opened, owned -> opened.complete(made)));
            });
  }

  /** Events of {@code log} made durable a second; it is gone from the store then. */
  double eventsASecond(List<JournalEntry> log) {
    long begin = System.nanoTime();
    write(log);
    double seconds = (System.nanoTime() - begin) / 1e9;
    long end = log.get(log.size() - 1).last();
    this.<Void>result(
        done ->
            journal.cut(
                EPOCH, NONCE, end, as(Journal.Cut.Ok.class, done, cut -> done.complete(null))));
    return end / seconds;
  }

  /** All of it, from position 1 on. */
  void write(List<JournalEntry> log) {
    this.<Void>result(done -> append(log, 0, done));
  }

  private void append(List<JournalEntry> log, int index, CompletableFuture<Void> done) {
    if (index == log.size()) {
      done.complete(null);
    } else {
      journal.append(
          log.get(index),
          NONCE,
          as(Journal.Appended.Ok.class, done, ok -> append(log, index + 1, done)));
    }
  }

  /** What begins on the event loop, waited for. */
  private <T> T result(Consumer<CompletableFuture<T>> begin) {
    CompletableFuture<T> result = new CompletableFuture<>();
    context.runOnContext(go -> begin.accept(result));
    return result.orTimeout(SECONDS_MAX, TimeUnit.SECONDS).join();
  }

  /** Goes on after the wanted answer only; anything else ends {@code whole}. */
  private static <T> Completion<T> as(
      Class<? extends T> wanted, CompletableFuture<?> whole, Consumer<T> next) {
    return (answer, failure) -> {
      if (wanted.isInstance(answer)) {
        next.accept(answer);
      } else {
        whole.completeExceptionally(
            failure == null ? new IllegalStateException(String.valueOf(answer)) : failure);
      }
    };
  }

  @Override
  public void close() {
    this.<Void>result(
        closed -> {
          journal.close();
          closed.complete(null);
        });
  }
}
