package stampede.sale;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.node.Alarms;
import stampede.node.ConfigFault;
import stampede.node.Readiness;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.node.Vitals;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.CommandBatch;
import stampede.protocol.CorruptRecord;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.OrderNews;
import stampede.protocol.SaleFigures;
import stampede.protocol.SoldOutQuery;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.journal.Journal;
import stampede.sale.journal.JournalMeta;
import stampede.sale.journal.RedisJournal;

/** A sale node's partitions on one event loop, and their place on the bus. */
public final class SaleVerticle extends AbstractVerticle {
  private static final Logger log = LoggerFactory.getLogger(SaleVerticle.class);
  private static final long META_RETRY_MS = 1_000;

  /**
   * How long after the hand-over edges that do not know of it yet still hear who is not the owner.
   */
  static final long LATE_MS = 500;

  private final SaleConfig config;
  private final Candidates candidates;
  private final Supplier<List<String>> liveEdges;
  private final SaleVitals vitals;
  private final List<PartitionOwner> owners = new ArrayList<>();
  private final List<Bus.Registration> registrations = new ArrayList<>();
  private final Readiness readiness;

  /** The only sale node there is. */
  public SaleVerticle(SaleConfig config, Vitals vitals) {
    this(config, partition -> List.of(config.node()), List::of, vitals);
  }

  /**
   * @param candidates the live sale nodes
   * @param liveEdges names of the live edges; both are asked on this verticle's event loop
   * @param vitals of the process
   */
  public SaleVerticle(
      SaleConfig config, Candidates candidates, Supplier<List<String>> liveEdges, Vitals vitals) {
    this.config = config;
    this.candidates = candidates;
    this.liveEdges = liveEdges;
    this.vitals = new SaleVitals(vitals);
    this.readiness = vitals.readiness();
  }

  @Override
  public void start(Promise<Void> started) {
    Bus bus = new VertxBus(vertx);
    long nonce = new SecureRandom().nextLong() >>> 1 | 1;
    RedisUrl redis = RedisUrl.parse("redisUrl", config.redisUrl());
    vitals.start(context, owners);
    agree(
        redis,
        started,
        () -> {
          SaleStart start = saleStart(bus, nonce);
          own(bus, redis, start);
          vitals.show(owners);
          registrations.add(
              bus.serve(start.address(), (message, reply) -> command(message, start, reply)));
          registrations.add(
              bus.serve(
                  Addresses.condition(start.address()),
                  (question, reply) -> reply.succeed(condition())));
          registrations.add(bus.serve(Addresses.soldOut(start.address()), this::askedForSoldOut));
          registrations.add(
              bus.serve(Addresses.handOver(config.node(), nonce), this::askedToHandOver));
          registrations.add(
              bus.serve(Addresses.stepAside(start.address()), this::askedToStepAside));
          registrations.add(bus.subscribe(Addresses.LEAVING, this::leaving));
          registrations.add(
              bus.serve(Addresses.OWNERS, (question, reply) -> reply.succeed(hints())));
          registrations.add(bus.subscribe(Addresses.DRAIN_STATUS, this::drained));
          owners.forEach(PartitionOwner::start);
          if (config.rehearse()) {
            DressRehearsal.play(
                vertx, redis, config.journalTimeoutMs(), config.partitions(), start);
          }
        });
  }

  /** Waits for Redis as long as it takes; a Redis of another cluster ends the node. */
  private void agree(RedisUrl redis, Promise<Void> started, Runnable agreed) {
    RedisLink link =
        new RedisLink(vertx, redis, config.journalTimeoutMs(), RedisLink.CALLS_MAX_DEFAULT);
    JournalMeta.of(config.clusterId(), config.partitions())
        .agree(
            link,
            (meta, failure) -> {
              link.close();
              if (meta != null) {
                agreed.run();
                started.complete();
              } else if (failure instanceof Journal.Unreachable) {
                Alarms.ofProcess()
                    .raise("journal.unreachable", String.valueOf(failure.getMessage()));
                vertx.setTimer(META_RETRY_MS, retry -> agree(redis, started, agreed));
              } else if (failure instanceof JournalMeta.Mismatch) {
                started.fail(new ConfigFault(failure.getMessage()));
              } else {
                started.fail(failure);
              }
            });
  }

  /**
   * Hands everything over, bounded by the owners' own bound, and is reachable a moment longer: what
   * was on its way here is refused by name instead of being waited for in vain.
   */
  @Override
  public void stop(Promise<Void> stopped) {
    readiness.unready("stopping");
    List<Future<Void>> given = new ArrayList<>();
    for (PartitionOwner owner : owners) {
      Promise<Void> done = Promise.promise();
      owner.stop(done::tryComplete);
      given.add(done.future());
    }
    Future.all(given)
        .compose(
            all ->
                owners.isEmpty()
                    ? Future.succeededFuture()
                    : vertx.timer(LATE_MS, TimeUnit.MILLISECONDS))
        .onComplete(
            late -> {
              registrations.forEach(Bus.Registration::cancel);
              vitals.stop();
              stopped.complete();
            });
  }

  private SaleStart saleStart(Bus bus, long nonce) {
    Timers timers = new VertxTimers(vertx);
    return new SaleStart(
        config.node(),
        nonce,
        config.ownerLimits(),
        timers,
        candidates,
        new BusCursors(bus),
        new BusOutlet(bus, Alarms.NO_PARTITION, vitals),
        new BusPeers(bus),
        new EdgeWatch(timers, liveEdges),
        new Turns(Turns.MAX_DEFAULT));
  }

  private void own(Bus bus, RedisUrl redis, SaleStart start) {
    for (int partition = 0; partition < config.partitions(); partition++) {
      RedisLink link =
          new RedisLink(vertx, redis, config.journalTimeoutMs(), RedisLink.CALLS_MAX_DEFAULT);
      SaleStart own = start.with(new BusOutlet(bus, partition, vitals));
      owners.add(new PartitionOwner(partition, own, new RedisJournal(link, partition)));
    }
  }

  private void askedToHandOver(byte[] message, Completion<byte[]> reply) {
    handOver(message, reply, PartitionOwner::handOver);
  }

  /** In an operator's name. */
  private void askedToStepAside(byte[] message, Completion<byte[]> reply) {
    handOver(message, reply, PartitionOwner::stepAside);
  }

  private interface HandingOver {
    void ask(PartitionOwner owner, HandOver asks, Completion<HandOver.Answer> done);
  }

  private void handOver(byte[] message, Completion<byte[]> reply, HandingOver how) {
    HandOver asks;
    try {
      asks = HandOver.decode(message);
    } catch (CorruptRecord e) {
      log.warn("sale.bad-hand-over {}", e.getMessage());
      reply.fail(e);
      return;
    }
    if (asks.partition() >= owners.size()) {
      reply.fail(new CorruptRecord("partition " + asks.partition() + " of " + owners.size()));
      return;
    }
    how.ask(
        owners.get(asks.partition()),
        asks,
        (answer, failure) -> reply.done(answer == null ? null : answer.encode(), failure));
  }

  private void askedForSoldOut(byte[] message, Completion<byte[]> reply) {
    SoldOutQuery query;
    try {
      query = SoldOutQuery.decode(message);
    } catch (CorruptRecord e) {
      log.warn("sale.bad-sold-out-query {}", e.getMessage());
      reply.fail(e);
      return;
    }
    if (query.partition() >= owners.size()) {
      reply.fail(new CorruptRecord("partition " + query.partition() + " of " + owners.size()));
      return;
    }
    reply.succeed(owners.get(query.partition()).soldOut(query).encode());
  }

  private void leaving(byte[] message) {
    HandOver offer = HandOver.decode(message);
    if (offer.partition() < owners.size()) {
      owners.get(offer.partition()).leaving(offer);
    }
  }

  /** An empty message is an edge's ping: it wants to know that this address is heard. */
  private void command(byte[] message, SaleStart start, Completion<byte[]> reply) {
    start.edges().heard();
    if (message.length == 0) {
      reply.succeed(message);
      return;
    }
    long began = System.nanoTime();
    CommandBatch batch;
    try {
      batch = CommandBatch.decode(message);
    } catch (CorruptRecord e) {
      log.warn("sale.bad-batch {}", e.getMessage());
      reply.fail(e);
      return;
    }
    if (batch.partition() >= owners.size()) {
      reply.fail(new CorruptRecord("partition " + batch.partition() + " of " + owners.size()));
      return;
    }
    vitals.batch(batch.commands().size());
    boolean[] inside = {true};
    owners
        .get(batch.partition())
        .handle(
            batch,
            (answer, failure) -> {
              long answering = System.nanoTime();
              if (answer != null) {
                reply.succeed(answer.encode());
              } else {
                reply.succeed(new BatchReply.Pending().encode());
              }
              if (!inside[0]) { // else it is part of what is measured below
                vitals.cost().add(0, System.nanoTime() - answering);
              }
            });
    inside[0] = false;
    vitals.cost().add(batch.commands().size(), System.nanoTime() - began);
  }

  /** See {@link Cost}; whether this node would take a Redis that hides its settings. */
  private byte[] condition() {
    return new JsonObject()
        .put("commands", vitals.cost().commands())
        .put("busyNanos", vitals.cost().busyNanos())
        .put("settingsUnchecked", config.settingsUnchecked())
        .toBuffer()
        .getBytes();
  }

  private byte[] hints() {
    List<Hint> hints = new ArrayList<>(owners.size());
    for (PartitionOwner owner : owners) {
      hints.add(owner.hint());
    }
    return Hint.encodeAll(hints);
  }

  private void drained(byte[] message) {
    for (DrainStatus status : DrainNews.decode(message).drains()) {
      if (status.partition() < owners.size()) {
        owners.get(status.partition()).drained(status.position());
      }
    }
  }

  private record BusPeers(Bus bus) implements Peers {
    @Override
    public void ask(String node, long nonce, HandOver asks, Completion<HandOver.Answer> done) {
      bus.request(
          Addresses.handOver(node, nonce),
          asks.encode(),
          ANSWER_MS_MAX,
          (answer, failure) -> {
            if (answer == null) {
              done.fail(failure);
            } else {
              decode(answer, done);
            }
          });
    }

    private static void decode(byte[] message, Completion<HandOver.Answer> done) {
      HandOver.Answer answer;
      try {
        answer = HandOver.Answer.decode(message);
      } catch (CorruptRecord e) {
        done.fail(e);
        return;
      }
      done.succeed(answer);
    }

    @Override
    public void leaving(HandOver offer) {
      bus.publish(Addresses.LEAVING, offer.encode());
    }
  }

  private record BusOutlet(Bus bus, int partition, SaleVitals vitals) implements Outlet {
    @Override
    public void hint(Hint hint) {
      bus.publish(Addresses.HINTS, hint.encode());
    }

    @Override
    public void news(OrderNews news) {
      bus.publish(Addresses.ORDER_NEWS, news.encode());
    }

    @Override
    public void figures(SaleFigures figures) {
      bus.publish(Addresses.SALE_FIGURES, figures.encode());
    }

    @Override
    public void alarm(String code, String detail) {
      Alarms.ofProcess().raise(code, partition, detail);
    }

    @Override
    public void served(long epoch, long position, TakeOver takeOver) {
      vitals.tookOver(takeOver.nanos());
      log.info(
          "partition {} is served, epoch {} from position {}: {}",
          partition,
          epoch,
          position,
          takeOver.text());
    }

    @Override
    public void givenUp(long epoch, String next, long flushNanos, long releaseNanos) {
      log.info(
          "partition {} is given up, epoch {}{}: flushing {} ms, releasing {} ms",
          partition,
          epoch,
          next.isEmpty() ? "" : " to " + next,
          tenths(flushNanos),
          tenths(releaseNanos));
    }

    private static double tenths(long nanos) {
      return Math.round(nanos / 1e5) / 10.0;
    }

    @Override
    public void appended(int events, long tookNanos) {
      vitals.appended(events, tookNanos);
    }
  }
}
