package stampede.bench;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import stampede.bench.ProcessMeter.Watched;
import stampede.node.Vitals;
import stampede.persist.PersistConfig;
import stampede.persist.PersistVerticle;
import stampede.persist.reconcile.ReconcileConfig;
import stampede.persist.webhook.WebhookConfig;
import stampede.protocol.JournalEntry;
import stampede.rig.NodeConfigs;
import stampede.standalone.EmbeddedMariaDb;
import stampede.standalone.EmbeddedRedis;

/**
 * How fast one partition's journal gets into MySQL, against bare multi-row inserts of the same
 * orders into the same table over one connection, a transaction of 1,000 rows each. The floor's
 * statements are made before its time begins; the drain reads, checks, folds and writes them as it
 * goes, with stock and cursor. Then the same drain with the reconciler beside it, and with a shop
 * that is told of every order.
 *
 * <p>They take turns, and each begins with empty tables and an empty journal. The drain's time is
 * MySQL's: from the first cursor that is seen to the last.
 */
final class DrainBench implements AutoCloseable {
  private static final int PARTITION = 0;
  private static final int PARTITIONS = 16;
  private static final int ROUNDS_MAX = 16;
  private static final long ROUND_SECONDS_MAX = 120;
  private static final long POLL_MS = 25;
  private static final int NOBODY_PORT = 1;
  private static final int RECONCILED_A_SECOND = ReconcileConfig.DEFAULT.rowsPerSecond();
  private static final String TABLE = "sale_order";
  private static final List<String> TABLES =
      List.of(
          TABLE,
          "sale_item",
          "item_stock",
          "drain_cursor",
          "admin_audit",
          "webhook_outbox",
          "item_milestone");
  private static final String NOW = "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)";
  private static final String MARK =
      "SELECT COALESCE(MAX(position), 0), COALESCE(MAX(drained_at), 0) FROM drain_cursor";

  /**
   * Orders a second, a figure a round.
   *
   * @param drained the drain alone
   * @param reconciled beside a reconciler with its default settings
   * @param noted with rows for the shop, whose receiver is away
   * @param told with a shop that takes what it is told at once
   * @param literals bare inserts with literals in their text
   * @param prepared bare inserts with parameters
   * @param rows put into the table in all
   */
  record Figures(
      List<Double> drained,
      List<Double> reconciled,
      List<Double> noted,
      List<Double> told,
      List<Double> literals,
      List<Double> prepared,
      long rows) {
    Figures() {
      this(
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>(),
          0);
    }

    private Figures of(long rows) {
      return new Figures(drained, reconciled, noted, told, literals, prepared, rows);
    }
  }

  /**
   * What an idle node's process and its two servers take, in thousandths of a core.
   *
   * @param without the reconciler
   */
  record Idle(List<Double> with, List<Double> without) {}

  /** How far the drain was, and when by MySQL's clock. */
  private record Mark(long position, long atMs) {}

  private final Vertx vertx = Vertx.vertx();
  private final EmbeddedRedis redis;
  private final EmbeddedMariaDb mariaDb;
  private final SqlConnection sql;
  private final HttpServer shop;
  private final ProcessMeter meter;

  DrainBench(Path directory) {
    redis = EmbeddedRedis.start(directory);
    mariaDb = EmbeddedMariaDb.start(directory);
    sql = MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(mariaDb.url())).await();
    shop =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.response().end())
            .listen(0, "127.0.0.1")
            .await();
    meter =
        new ProcessMeter(
            List.of(
                ProcessMeter.self("the node"),
                Watched.store(Contender.REDIS, redis.pid()),
                Watched.store(Contender.MYSQL, mariaDb.pid())));
  }

  /**
   * @param progress hears of every round
   */
  Figures run(int rows, int rounds, Consumer<String> progress) {
    if (rounds > ROUNDS_MAX - 1) {
      throw new IllegalArgumentException("rounds: found " + rounds + ", wanted at most 15");
    }
    Figures warm = new Figures();
    Figures figures = new Figures();
    long counted = 0;
    for (int round = 0; round <= rounds; round++) {
      Figures to = round == 0 ? warm : figures; // the first warms up, and makes the tables
      counted += drain(rows, WebhookConfig.OFF, ReconcileConfig.OFF, to.drained);
      to.literals.add(BareInserts.literals(sql, TABLE, 100 + round, rows));
      counted += emptied();
      to.prepared.add(BareInserts.prepared(sql, TABLE, 200 + round, rows));
      counted += emptied();
      counted += drain(rows, WebhookConfig.OFF, ReconcileConfig.DEFAULT, to.reconciled);
      counted += drain(rows, webhooks(NOBODY_PORT), ReconcileConfig.OFF, to.noted);
      counted += drain(rows, webhooks(shop.actualPort()), ReconcileConfig.OFF, to.told);
      progress.accept(
          ("  drain %,.0f/s, literals %,.0f/s, prepared %,.0f/s;"
                  + " with reconciler %,.0f/s, shop away %,.0f/s, shop told %,.0f/s")
              .formatted(
                  last(to.drained),
                  last(to.literals),
                  last(to.prepared),
                  last(to.reconciled),
                  last(to.noted),
                  last(to.told)));
    }
    return figures.of(counted);
  }

  /**
   * @param rows drained before, which the reconciler goes over again and again
   * @param ms each look takes
   */
  Idle idle(int rows, int rounds, long ms) {
    Idle idle = new Idle(new ArrayList<>(), new ArrayList<>());
    for (int round = 0; round < rounds; round++) {
      fill(BareInserts.log(PARTITION, rows));
      idle.without.add(idle(rows, ms, ReconcileConfig.OFF));
      idle.with.add(idle(rows, ms, ReconcileConfig.DEFAULT));
      emptied();
    }
    return idle;
  }

  private double idle(int rows, long ms, ReconcileConfig reconcile) {
    String deployed = deploy(WebhookConfig.OFF, reconcile);
    try {
      awaitBeyond(rows);
      Pause.ms(2 * rows * 1_000L / RECONCILED_A_SECOND + ms); // all is compared by then
      Map<String, Double> begin = meter.cpuSeconds();
      long beginNanos = System.nanoTime();
      Pause.ms(ms);
      return 1e12 * meter.secondsSince(begin) / (System.nanoTime() - beginNanos);
    } finally {
      vertx.undeploy(deployed).await();
    }
  }

  private static double last(List<Double> figures) {
    return figures.get(figures.size() - 1);
  }

  /** The rows there were. */
  private long emptied() {
    long rows = number("SELECT COUNT(*) FROM " + TABLE);
    TABLES.forEach(table -> sql.query("TRUNCATE " + table).execute().await());
    Redis client = Redis.createClient(vertx, redis.url());
    client.send(Request.cmd(Command.FLUSHALL)).await();
    client.close();
    return rows;
  }

  /** Adds orders a second to {@code figures}, and answers with the rows it made. */
  private long drain(
      int rows, WebhookConfig webhook, ReconcileConfig reconcile, List<Double> figures) {
    List<JournalEntry> log = BareInserts.log(PARTITION, rows);
    fill(log);
    long end = log.get(log.size() - 1).last();
    String deployed = deploy(webhook, reconcile);
    try {
      Mark begin = new Mark(0, number(NOW));
      Mark first = awaitBeyond(0);
      Mark last = awaitBeyond(end - 1);
      Mark from = first.position < end ? first : begin; // a tiny one was over at once
      figures.add((end - from.position) * 1e3 / (last.atMs - from.atMs));
    } finally {
      vertx.undeploy(deployed).await();
    }
    return emptied();
  }

  private String deploy(WebhookConfig webhook, ReconcileConfig reconcile) {
    PersistConfig config =
        NodeConfigs.persist(
            "bench", redis.url(), mariaDb.url(), PARTITIONS, 4, 10_000, 5_000, webhook, reconcile);
    return vertx.deployVerticle(new PersistVerticle(config, new Vitals())).await();
  }

  private static WebhookConfig webhooks(int port) {
    String secret = Base64.getEncoder().encodeToString(new byte[32]);
    return new WebhookConfig(
        "http://127.0.0.1:" + port + "/orders", secret, 16, 5_000, 600_000, 100, 48);
  }

  /** As its owner would. */
  private void fill(List<JournalEntry> log) {
    try (BareAppends owner = new BareAppends(vertx, redis.url(), PARTITION)) {
      owner.write(log);
    }
  }

  /** The cursor, once it is beyond a position. */
  private Mark awaitBeyond(long position) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ROUND_SECONDS_MAX);
    while (true) {
      Row found = row(MARK);
      Mark mark = new Mark(found.getLong(0), found.getLong(1));
      if (mark.position > position) {
        return mark;
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "the drain is at " + mark.position + " after " + ROUND_SECONDS_MAX + " s");
      }
      Pause.ms(POLL_MS);
    }
  }

  private long number(String query) {
    return row(query).getLong(0);
  }

  private Row row(String query) {
    RowSet<Row> rows = sql.query(query).execute().await();
    return rows.iterator().next();
  }

  @Override
  public void close() {
    vertx.close().await();
    mariaDb.stop();
    redis.stop();
  }
}
