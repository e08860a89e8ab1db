package stampede.standalone.reconcile;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import stampede.node.redis.JournalStream;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.protocol.CorruptRecord;
import stampede.protocol.InvalidField;
import stampede.protocol.JournalEntry;
import stampede.protocol.JournalKeys;
import stampede.protocol.PartitionMap;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;
import stampede.sale.journal.RedisJournal;
import stampede.standalone.EnvironmentFault;

/**
 * The logs of all partitions in one Redis. For a command's own thread: every call blocks, at most
 * {@value #CALL_MS_MAX} ms.
 */
final class RedisLog {
  static final int PAGE_ENTRIES = 512;
  private static final String SETTING = "STAMPEDE_REDIS_URL";
  private static final long CALL_MS_MAX = 15_000;
  private static final int CALLS_MAX = 8;

  private final Vertx vertx;
  private final Context context;
  private final RedisUrl url;
  private final RedisLink link;
  private final JournalStream stream;

  /** A call that ends in a completion on the event loop. */
  interface Call<T> {
    void start(Completion<T> done);
  }

  private RedisLog(Vertx vertx, Context context, RedisUrl url, RedisLink link) {
    this.vertx = vertx;
    this.context = context;
    this.url = url;
    this.link = link;
    this.stream = new JournalStream(link);
  }

  /**
   * Ends with {@code vertx}.
   *
   * @throws EnvironmentFault if the url can't be used
   */
  static RedisLog open(Vertx vertx, String redisUrl) {
    RedisUrl url;
    try {
      url = RedisUrl.parse(SETTING, redisUrl);
    } catch (InvalidField e) {
      throw new EnvironmentFault(
          SETTING, "a url that can't be used: " + e.getMessage(), "redis://:password@host:port");
    }
    Context context = vertx.getOrCreateContext();
    return RedisLog.<RedisLog>ask(
        context,
        url,
        done -> {
          RedisLink link = new RedisLink(vertx, url, CALL_MS_MAX - 5_000, CALLS_MAX);
          done.succeed(new RedisLog(vertx, context, url, link));
        });
  }

  /**
   * How many partitions the journal has.
   *
   * @throws EnvironmentFault if there is no journal
   */
  int partitions() {
    Response meta =
        ask(
            done ->
                link.call(
                    Request.cmd(Command.HMGET, JournalKeys.META, "format", "partitions"), done));
    String format = String.valueOf(meta.get(0));
    String partitions = String.valueOf(meta.get(1));
    if (!format.equals(Integer.toString(JournalKeys.FORMAT)) || !partitions.matches("[0-9]{1,4}")) {
      throw new EnvironmentFault(
          SETTING,
          "no journal of this version at "
              + url
              + " ("
              + JournalKeys.META
              + ": format "
              + format
              + ", partitions "
              + partitions
              + ")",
          "the Redis of a shop that has run");
    }
    return Math.min(Integer.parseInt(partitions), PartitionMap.PARTITIONS_MAX);
  }

  /**
   * The next entries after a position, oldest first; none at the end of the log.
   *
   * @throws CorruptRecord if something there is not an entry
   */
  List<JournalEntry> page(int partition, long afterPosition) {
    return ask(done -> stream.page(partition, afterPosition, PAGE_ENTRIES, done));
  }

  /** Where the log ends by the owner's record. */
  long end(int partition) {
    return ask(done -> stream.end(partition, done));
  }

  /** To write with; its calls go through {@link #ask}. */
  Journal journal(int partition) {
    return RedisLog.<Journal>ask(
        context, url, done -> done.succeed(new RedisJournal(link, partition)));
  }

  /**
   * Waits for a call.
   *
   * @throws EnvironmentFault if Redis can't be reached or refuses
   * @throws CorruptRecord if what it holds is damaged
   */
  <T> T ask(Call<T> call) {
    return ask(context, url, call::start);
  }

  private static <T> T ask(Context context, RedisUrl url, Consumer<Completion<T>> call) {
    Promise<T> answer = Promise.promise();
    context.runOnContext(
        nothing ->
            call.accept(
                (result, failure) -> {
                  if (failure != null) {
                    answer.tryFail(failure);
                  } else {
                    answer.tryComplete(result);
                  }
                }));
    try {
      return answer
          .future()
          .toCompletionStage()
          .toCompletableFuture()
          .get(CALL_MS_MAX, TimeUnit.MILLISECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof CorruptRecord corrupt) {
        throw corrupt;
      }
      throw away(url, e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw away(url, "no answer within " + CALL_MS_MAX + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static EnvironmentFault away(RedisUrl url, String found, Throwable cause) {
    return new EnvironmentFault(
        SETTING + " (" + url + ")", found, "the Redis of a running shop", cause);
  }
}
