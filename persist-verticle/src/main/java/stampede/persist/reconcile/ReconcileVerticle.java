package stampede.persist.reconcile;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.node.Alarms;
import stampede.node.LoopVitals;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.node.Vitals;
import stampede.node.redis.JournalStream;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.protocol.Addresses;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.ReconcileNews;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/**
 * Reconciles the partitions this node drains, on an event loop of its own: the drains wait for none
 * of it. Which those are it hears from what the node itself publishes.
 */
public final class ReconcileVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(ReconcileVerticle.class);

  /** Drains speak at least once a second; a partition unheard of for so long is another node's. */
  private static final long SILENT_MS = 5_000;

  private static final int NAMED_MAX = 10;
  private static final int CALLS_MAX = 8;
  private static final long PUBLISH_EVERY_MS = 1_000;

  private final String node;
  private final ReconcileConfig config;
  private final String redisUrl;
  private final long journalTimeoutMs;
  private final int partitions;
  private final Books books;
  private final boolean rehearse;
  private final Vitals vitals;
  private final long[] heardAtMs;
  private @Nullable Timers timers;
  private @Nullable Rota rota;
  private PartitionReconciler.@Nullable Means means;
  private @Nullable RedisLink journal;
  private Bus.@Nullable Registration registration;
  private @Nullable LoopVitals loop;
  private long rows;

  /**
   * @param node whose drains' partitions are reconciled
   */
  public ReconcileVerticle(
      String node,
      ReconcileConfig config,
      String redisUrl,
      long journalTimeoutMs,
      int partitions,
      Books books,
      boolean rehearse,
      Vitals vitals) {
    this.node = node;
    this.config = config;
    this.redisUrl = redisUrl;
    this.journalTimeoutMs = journalTimeoutMs;
    this.partitions = partitions;
    this.books = books;
    this.rehearse = rehearse;
    this.vitals = vitals;
    this.heardAtMs = new long[partitions];
  }

  @Override
  public Future<?> start() {
    Timers ofLoop = new VertxTimers(vertx);
    timers = ofLoop;
    RedisUrl redis = RedisUrl.parse("redisUrl", redisUrl);
    RedisLink link = new RedisLink(vertx, redis, journalTimeoutMs, CALLS_MAX);
    journal = link;
    JournalStream stream = new JournalStream(link);
    means =
        new PartitionReconciler.Means(
            stream::page,
            stream::end,
            books,
            ofLoop,
            new Pace(ofLoop, config.rowsPerSecond()),
            new Pace(ofLoop, config.sweepRowsPerSecond()),
            new Pace(ofLoop, config.eventsPerSecond()),
            config.positionsMax(partitions),
            new Watch());
    rota = new Rota(ofLoop);
    rota.start();
    VertxBus bus = new VertxBus(vertx);
    registration = bus.subscribe(Addresses.DRAIN_STATUS, m -> heard(DrainNews.decode(m)));
    vertx.setPeriodic(PUBLISH_EVERY_MS, timer -> publish(bus));
    showFigures();
    if (rehearse) {
      Rehearsal.playOnce(books);
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    if (registration != null) {
      registration.cancel();
    }
    if (rota != null) {
      rota.stop();
    }
    if (journal != null) {
      journal.close();
    }
    if (loop != null) {
      vitals.leave(loop);
    }
    return Future.succeededFuture();
  }

  private void heard(DrainNews news) {
    if (news.node().equals(node) && rota != null && timers != null && means != null) {
      for (DrainStatus status : news.drains()) {
        int partition = status.partition();
        if (partition < partitions) {
          heardAtMs[partition] = timers.millis();
          if (rota.of(partition) == null) {
            rota.take(new PartitionReconciler(partition, means));
          }
        }
      }
    }
  }

  private void leaveSilent() {
    if (rota != null && timers != null) {
      for (int partition = 0; partition < partitions; partition++) {
        if (timers.millis() - heardAtMs[partition] > SILENT_MS) {
          rota.leave(partition);
        }
      }
    }
  }

  private void publish(Bus bus) {
    leaveSilent();
    List<ReconcileNews.Partition> all = new ArrayList<>();
    if (rota != null) {
      for (PartitionReconciler each : rota.all()) {
        all.add(
            new ReconcileNews.Partition(
                each.partition(),
                each.checked(),
                each.lagEvents(),
                each.sweepAgeMs(),
                each.problem(),
                each.differences().standing(),
                each.differences().subjects(ReconcileNews.SUBJECTS_MAX)));
      }
    }
    if (!all.isEmpty()) {
      bus.publish(Addresses.RECONCILE_STATUS, new ReconcileNews(node, all).encode());
    }
  }

  private void showFigures() {
    LoopVitals loop = vitals.on(context, "reconcile");
    this.loop = loop;
    loop.counter("stampede_reconcile_rows_total", "Rows compared with the journal", () -> rows);
    for (int partition = 0; partition < partitions; partition++) {
      gauge(
          loop,
          "stampede_reconcile_differences",
          "Orders, refunds, items that differ from the journal",
          partition,
          of -> of.differences().standing());
      gauge(
          loop,
          "stampede_reconcile_lag_events",
          "Drained events whose rows were not compared yet",
          partition,
          PartitionReconciler::lagEvents);
      gauge(
          loop,
          "stampede_reconcile_sweep_age_seconds",
          "Since the last sweep over all rows ended",
          partition,
          of -> of.sweepAgeMs() / 1_000.0);
    }
  }

  private void gauge(
      LoopVitals loop,
      String name,
      String help,
      int partition,
      ToDoubleFunction<PartitionReconciler> figure) {
    loop.gauge(
        name,
        help,
        () -> {
          PartitionReconciler of = rota == null ? null : rota.of(partition);
          return of == null ? 0 : figure.applyAsDouble(of);
        },
        "partition",
        Integer.toString(partition));
  }

  private final class Watch implements PartitionReconciler.Watcher {
    @Override
    public void differs(int partition, List<String> what) {
      what.stream()
          .limit(NAMED_MAX)
          .forEach(each -> log.warn("reconcile.difference partition={} {}", partition, each));
      String more = what.size() > NAMED_MAX ? "; and " + (what.size() - NAMED_MAX) + " more" : "";
      Alarms.ofProcess()
          .raise(
              "reconcile.differs",
              partition,
              "partition="
                  + partition
                  + " "
                  + String.join("; ", what.subList(0, Math.min(NAMED_MAX, what.size())))
                  + more);
    }

    @Override
    public void rows(int count) {
      rows += count;
    }
  }
}
