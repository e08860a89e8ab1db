package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.node.Alarms;
import stampede.node.Readiness;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.node.Vitals;
import stampede.node.redis.JournalStream;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.persist.drain.DrainLoop;
import stampede.persist.drain.OrderStore;
import stampede.persist.reconcile.ReconcileVerticle;
import stampede.persist.webhook.WebhookVerticle;
import stampede.protocol.Addresses;
import stampede.protocol.DrainNews;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * A persist node's drains, catalogue and queries on one event loop. Persist nodes share the
 * partitions; each answers all queries.
 *
 * <p>Starts without MySQL and waits for it as long as it takes; only a database that was made by a
 * later version ends the start. Until the tables are ready queries answer {@code
 * catalogue_unavailable}.
 */
public final class PersistVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(PersistVerticle.class);
  private static final int WAITERS_MAX_QUERIES = QueryDesk.OPEN_MAX;

  /** Short enough to ask the primary after it while the asker still waits. */
  private static final int READ_TIMEOUT_MS = 400;

  private static final int REPORTS_MAX = 2;
  private static final int REPORT_WAITERS_MAX = 32;
  private static final long SCHEMA_RETRY_MS = 1_000;
  private static final long START_WAIT_MS = 5_000;
  private static final long STOP_WAIT_MS = 5_000;
  private static final long ANSWERS_MS_MAX = 2_000;
  private static final long LOOK_EVERY_MS = 20;

  private final PersistConfig config;
  private final PersistVitals vitals;
  private final List<MySqlLink> links = new ArrayList<>();
  private final List<RedisLink> journals = new ArrayList<>();
  private final List<DrainLoop> drains = new ArrayList<>();
  private final List<Bus.Registration> registrations = new ArrayList<>();
  private final Readiness readiness;
  private @Nullable OrderStore store;
  private @Nullable QueryDesk desk;
  private final Supplier<List<String>> members;
  private @Nullable DrainReport report;
  private @Nullable DrainRota rota;
  private boolean stopping;

  /** The only persist node there is: drains everything. */
  public PersistVerticle(PersistConfig config, Vitals vitals) {
    this(config, () -> List.of(config.node()), vitals);
  }

  /**
   * @param members names of the live persist nodes, this one among them; asked often, on the event
   *     loop
   * @param vitals of the process
   */
  public PersistVerticle(PersistConfig config, Supplier<List<String>> members, Vitals vitals) {
    this.config = config;
    this.members = members;
    this.vitals = new PersistVitals(vitals);
    this.readiness = vitals.readiness();
  }

  /** Fails if the settings can't be used or the database is of a later version. */
  @Override
  public Future<?> start() {
    Bus bus = new VertxBus(vertx);
    Timers timers = new VertxTimers(vertx);
    DrainedPositions drained = new DrainedPositions(config.partitions(), timers::millis);
    desk = desk(drained, timers);
    report = new DrainReport(config.node(), bus, timers, vitals);
    makeDrains(timers, report);
    DrainRota rota = new DrainRota(share(timers), timers, drains);
    this.rota = rota;
    rota.start();
    registrations.add(
        bus.subscribe(
            Addresses.DRAIN_STATUS,
            message -> {
              DrainNews news = DrainNews.decode(message);
              drained.heard(news);
              rota.heard(news);
            }));
    registrations.add(bus.serve(Addresses.PERSIST_QUERY, desk));
    registrations.add(bus.subscribe(Addresses.DRAIN_RETRY, this::retry));
    report.start(drains);
    vitals.start(vertx, context, drains, journals.get(0), links.get(0));
    return tellShop().compose(told -> reconcile()).compose(begun -> firstTry(desk));
  }

  /** Ends before this verticle does. */
  private Future<?> tellShop() {
    if (!config.webhook().isOn()) {
      return Future.succeededFuture();
    }
    MySqlLink outbox = ownLink("mysql-webhooks");
    return vertx.deployVerticle(
        new WebhookVerticle(
            config.node(), config.webhook(), new MySqlOutbox(outbox), vitals.ofProcess()));
  }

  /** Ends before this verticle does. */
  private Future<?> reconcile() {
    if (!config.reconcile().isOn()) {
      return Future.succeededFuture();
    }
    MySqlLink mySql = ownLink("mysql-reconcile");
    return vertx.deployVerticle(
        new ReconcileVerticle(
            config.node(),
            config.reconcile(),
            config.redisUrl(),
            config.journalTimeoutMs(),
            config.partitions(),
            new MySqlBooks(mySql),
            config.rehearse(),
            vitals.ofProcess()));
  }

  /** One connection that nobody else waits for. */
  private MySqlLink ownLink(String name) {
    MySqlLink link =
        new MySqlLink(
            vertx,
            name,
            new MySqlLink.Settings(config.mysqlUrl(), 1, 4, config.statementTimeoutMs()));
    links.add(link);
    return link;
  }

  private DrainShare share(Timers timers) {
    return new DrainShare(config.node(), members, config.partitions(), timers.millis());
  }

  private QueryDesk desk(DrainedPositions drained, Timers timers) {
    MySqlLink primary = link("mysql", config.mysqlUrl(), WAITERS_MAX_QUERIES);
    MySqlLink replica =
        config.mysqlReadUrl().isEmpty()
            ? null
            : link("mysql-read", config.mysqlReadUrl(), WAITERS_MAX_QUERIES, READ_TIMEOUT_MS);
    ReadSide side = new ReadSide(primary, replica, drained, timers::millis);
    return new QueryDesk(
        primary,
        config.partitions(),
        new Queries(side, config.partitions()),
        new WebhookCommands(primary, config.webhook().isOn()),
        reports(drained, timers),
        2L * config.statementTimeoutMs());
  }

  /** On connections of their own: what they ask takes long. */
  private Reports reports(DrainedPositions drained, Timers timers) {
    MySqlLink primary = reportLink("mysql-report", config.mysqlUrl());
    MySqlLink replica =
        config.mysqlReadUrl().isEmpty()
            ? null
            : reportLink("mysql-report-read", config.mysqlReadUrl());
    return new Reports(
        new ReadSide(primary, replica, drained, timers::millis), config.partitions());
  }

  private MySqlLink reportLink(String name, String url) {
    MySqlLink link =
        new MySqlLink(
            vertx,
            name,
            new MySqlLink.Settings(url, REPORTS_MAX, REPORT_WAITERS_MAX, Reports.STATEMENT_MS_MAX));
    links.add(link);
    return link;
  }

  private void makeDrains(Timers timers, DrainReport watcher) {
    int waitersMax = config.partitions() + 1; // a drain each at the start, and the rehearsal
    MySqlLink mySql = link("mysql-drain", config.mysqlUrl(), waitersMax);
    store = new MySqlOrderStore(mySql, config.lockWaitSeconds());
    RedisUrl redis = RedisUrl.parse("redisUrl", config.redisUrl());
    RedisLink journal =
        new RedisLink(
            vertx,
            redis,
            config.journalTimeoutMs(),
            Math.max(2 * config.partitions(), RedisLink.CALLS_MAX_DEFAULT)); // one may be outdated
    journals.add(journal);
    for (int partition = 0; partition < config.partitions(); partition++) {
      drains.add(
          new DrainLoop(
              partition,
              new JournalStream(journal)::page,
              store,
              timers,
              System::currentTimeMillis,
              watcher,
              config.webhook().isOn()));
    }
  }

  private MySqlLink link(String name, String url, int waitersMax) {
    return link(name, url, waitersMax, config.statementTimeoutMs());
  }

  private MySqlLink link(String name, String url, int waitersMax, int timeoutMs) {
    MySqlLink link =
        new MySqlLink(
            vertx, name, new MySqlLink.Settings(url, config.poolSize(), waitersMax, timeoutMs));
    links.add(link);
    return link;
  }

  /** Done when the tables are ready, or when it is clear that this takes longer. */
  private Future<Void> firstTry(QueryDesk desk) {
    Promise<Void> started = Promise.promise();
    prepareTables(desk, started);
    vertx.setTimer(START_WAIT_MS, waited -> started.tryComplete());
    return started.future();
  }

  private void prepareTables(QueryDesk desk, Promise<Void> started) {
    Schema.apply(vertx, config.mysqlUrl())
        .onComplete(
            applied -> {
              if (stopping) {
                started.tryComplete();
              } else if (applied.succeeded()) {
                desk.ready();
                Objects.requireNonNull(rota).ready();
                if (config.rehearse()) {
                  Rehearsal.playUndone(
                      journals.get(0), Objects.requireNonNull(store), config.partitions());
                }
                started.tryComplete();
              } else if (applied.cause() instanceof Schema.TooNew) {
                Alarms.ofProcess()
                    .raise("schema.too-new", String.valueOf(applied.cause().getMessage()));
                started.tryFail(applied.cause());
              } else {
                Alarms.ofProcess()
                    .raise("mysql.unreachable", String.valueOf(applied.cause().getMessage()));
                started.tryComplete();
                vertx.setTimer(SCHEMA_RETRY_MS, again -> prepareTables(desk, started));
              }
            });
  }

  private void retry(byte[] message) {
    try {
      Integer partition = new JsonObject(Buffer.buffer(message)).getInteger("partition");
      if (partition != null && partition >= 0 && partition < drains.size()) {
        drains.get(partition).retry();
      }
    } catch (DecodeException | ClassCastException e) {
      log.warn("persist.bad-retry {}", e.toString());
    }
  }

  /**
   * Chunks under way are finished first, for at most 5 s, while questions are still answered; then
   * no new ones are taken, and those begun get their answer, for at most 2 s.
   */
  @Override
  public Future<?> stop() {
    stopping = true;
    readiness.unready("stopping");
    if (rota != null) {
      rota.stop();
    }
    List<Future<Void>> ended = new ArrayList<>();
    for (DrainLoop drain : drains) {
      Promise<Void> done = Promise.promise();
      drain.stop(done::tryComplete);
      ended.add(done.future());
    }
    return Future.all(ended)
        .timeout(STOP_WAIT_MS, TimeUnit.MILLISECONDS)
        .transform(
            waited -> {
              registrations.forEach(Bus.Registration::cancel);
              return answersGiven(
                  System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ANSWERS_MS_MAX));
            })
        .transform(given -> close());
  }

  private Future<Void> answersGiven(long deadlineNanos) {
    if (desk == null || desk.isIdle() || System.nanoTime() >= deadlineNanos) {
      return Future.succeededFuture();
    }
    return vertx
        .timer(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)
        .compose(looked -> answersGiven(deadlineNanos));
  }

  private Future<?> close() {
    vitals.stop();
    if (report != null) {
      report.stop();
    }
    journals.forEach(RedisLink::close);
    return Future.join(links.stream().map(MySqlLink::close).toList());
  }
}
