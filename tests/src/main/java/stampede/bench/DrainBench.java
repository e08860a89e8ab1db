package stampede.bench;

import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import stampede.node.Vitals;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.persist.PersistConfig;
import stampede.persist.PersistVerticle;
import stampede.persist.reconcile.ReconcileConfig;
import stampede.persist.webhook.WebhookConfig;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;
import stampede.sale.journal.RedisJournal;
import stampede.standalone.EmbeddedMariaDb;
import stampede.standalone.EmbeddedRedis;

/**
 * How fast one partition's journal gets into MySQL, against bare multi-row inserts of the same
 * orders into the same table over one connection, a transaction of 1,000 rows each. The floor's
 * statements are made before its time begins; the drain reads, checks, folds and writes them as it
 * goes, with stock and cursor.
 *
 * <p>They take turns, and each begins with an empty table.
 */
final class DrainBench implements AutoCloseable {
  private static final String TABLE = "sale_order";
  private static final int ROUNDS_MAX = 16;
  private static final long ROUND_SECONDS_MAX = 120;
  private static final long POLL_MS = 25;
  private static final long NONCE = 1;
  private static final String CURSOR =
      "SELECT COALESCE(MAX(position), 0) FROM drain_cursor WHERE partition_id = ";

  /**
   * @param drained orders a second, a figure a round
   * @param literals bare inserts with literals in their text
   * @param prepared bare inserts with parameters
   * @param rows put into the table in all
   */
  record Figures(List<Double> drained, List<Double> literals, List<Double> prepared, long rows) {}

  private final Vertx vertx = Vertx.vertx();
  private final EmbeddedRedis redis;
  private final EmbeddedMariaDb mariaDb;
  private final SqlConnection sql;

  DrainBench(Path directory) {
    redis = EmbeddedRedis.start(directory);
    mariaDb = EmbeddedMariaDb.start(directory);
    sql = MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(mariaDb.url())).await();
  }

  /**
   * @param progress hears of every round
   */
  Figures run(int rows, int rounds, Consumer<String> progress) {
    if (rounds > ROUNDS_MAX - 1) {
      throw new IllegalArgumentException("rounds: found " + rounds + ", wanted at most 15");
    }
    List<Double> drained = new ArrayList<>();
    List<Double> literals = new ArrayList<>();
    List<Double> prepared = new ArrayList<>();
    long counted = 0;
    for (int round = 0; round <= rounds; round++) {
      double drain = drain(round, rows);
      counted += emptied();
      double literal = BareInserts.literals(sql, TABLE, 100 + round, rows);
      counted += emptied();
      double parameters = BareInserts.prepared(sql, TABLE, 200 + round, rows);
      counted += emptied();
      progress.accept(
          "  drain %,.0f/s, literals %,.0f/s, prepared %,.0f/s"
              .formatted(drain, literal, parameters));
      if (round > 0) { // the first warms up, and makes the tables
        drained.add(drain);
        literals.add(literal);
        prepared.add(parameters);
      }
    }
    return new Figures(drained, literals, prepared, counted);
  }

  private long emptied() {
    long rows = number("SELECT COUNT(*) FROM sale_order");
    sql.query("TRUNCATE sale_order").execute().await();
    return rows;
  }

  private double drain(int partition, int rows) {
    List<JournalEntry> log = BareInserts.log(partition, rows);
    fill(partition, log);
    long end = log.get(log.size() - 1).last();
    String deployed = vertx.deployVerticle(new PersistVerticle(config(), new Vitals())).await();
    try {
      long first = awaitBeyond(partition, 0);
      long begin = System.nanoTime();
      awaitBeyond(partition, end - 1);
      return (end - first) * 1e9 / (System.nanoTime() - begin);
    } finally {
      vertx.undeploy(deployed).await();
    }
  }

  /** Nothing but the drain: the shop is not told, and nobody reads what it wrote. */
  private PersistConfig config() {
    return new PersistConfig(
        "bench",
        redis.url(),
        mariaDb.url(),
        "",
        ROUNDS_MAX,
        4,
        10_000,
        5_000,
        "",
        "127.0.0.1",
        0,
        WebhookConfig.OFF,
        ReconcileConfig.OFF);
  }

  /** As its owner would. */
  private void fill(int partition, List<JournalEntry> log) {
    CompletableFuture<Void> full = new CompletableFuture<>();
    vertx.runOnContext(
        start -> {
          RedisUrl url = RedisUrl.parse("redis", redis.url());
          RedisLink link = new RedisLink(vertx, url, 10_000, RedisLink.CALLS_MAX_DEFAULT);
          RedisJournal journal = new RedisJournal(link, partition);
          full.whenComplete((done, fault) -> vertx.runOnContext(over -> journal.close()));
          journal.acquire(
              "bench", NONCE, 0, 60_000, orFail(full, owned -> append(journal, log, 0, full)));
        });
    full.orTimeout(ROUND_SECONDS_MAX, TimeUnit.SECONDS).join();
  }

  private static void append(
      Journal journal, List<JournalEntry> log, int index, CompletableFuture<Void> full) {
    if (index == log.size()) {
      full.complete(null);
      return;
    }
    journal.append(
        log.get(index),
        NONCE,
        orFail(
            full,
            result -> {
              if (result instanceof Journal.Appended.Ok) {
                append(journal, log, index + 1, full);
              } else {
                full.completeExceptionally(new IllegalStateException(result.toString()));
              }
            }));
  }

  private static <T> Completion<T> orFail(CompletableFuture<Void> whole, Consumer<T> next) {
    return (result, failure) -> {
      if (failure == null) {
        next.accept(result);
      } else {
        whole.completeExceptionally(failure);
      }
    };
  }

  /** Where the cursor is, once it is beyond a position. */
  private long awaitBeyond(int partition, long position) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ROUND_SECONDS_MAX);
    boolean tables = number(TABLE_THERE) > 0;
    while (true) {
      tables = tables || number(TABLE_THERE) > 0;
      long found = tables ? number(CURSOR + partition) : 0;
      if (found > position) {
        return found;
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the drain is at " + found + " after " + ROUND_SECONDS_MAX);
      }
      Pause.ms(POLL_MS);
    }
  }

  private static final String TABLE_THERE =
      "SELECT COUNT(*) FROM information_schema.tables"
          + " WHERE table_schema = DATABASE() AND table_name = 'drain_cursor'";

  private long number(String query) {
    RowSet<Row> rows = sql.query(query).execute().await();
    return rows.iterator().next().getLong(0);
  }

  @Override
  public void close() {
    vertx.close().await();
    mariaDb.stop();
    redis.stop();
  }
}
