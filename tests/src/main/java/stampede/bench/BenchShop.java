package stampede.bench;

import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import stampede.bench.ProcessMeter.Watched;
import stampede.edge.EdgeConfig;
import stampede.edge.EdgeNode;
import stampede.edge.EdgeVerticle;
import stampede.node.ConfigReader;
import stampede.node.VertxBus;
import stampede.node.Vitals;
import stampede.persist.PersistVerticle;
import stampede.persist.reconcile.ReconcileConfig;
import stampede.persist.webhook.WebhookConfig;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.Publish;
import stampede.protocol.CommandBatch;
import stampede.protocol.Hint;
import stampede.protocol.Limits;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.rig.NodeConfigs;
import stampede.sale.SaleConfig;
import stampede.sale.SaleVerticle;
import stampede.standalone.EmbeddedMariaDb;
import stampede.standalone.EmbeddedRedis;

/**
 * A whole shop in this process, as {@code stampede up} deploys it: edge, sale and persist verticle,
 * a Redis that fsyncs every append, a MariaDB that fsyncs every commit.
 */
public final class BenchShop implements AutoCloseable {
  public static final String SECRET = "benchsecretbenchsecretbenchsecretbench00";
  private static final int PARTITIONS = PartitionMap.PARTITIONS_DEFAULT;
  public static final long EVENTS_MAX = 50_000_000;
  static final long STOCK = 1_000_000;
  private static final long PAY_WITHIN_MS = 3_600_000;
  private static final long START_SECONDS_MAX = 30;

  private final EmbeddedRedis redis;
  private final EmbeddedMariaDb mariaDb;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
  private final EdgeVerticle edge;
  private final BenchBooks books;
  private final int socketsMax;
  private final Owner owner;
  private long nextItem = SaleFixture.ITEM;

  BenchShop(Path directory, int socketsMax) {
    redis = EmbeddedRedis.start(directory);
    mariaDb = EmbeddedMariaDb.start(directory);
    this.socketsMax = socketsMax;
    edge = new EdgeVerticle(edgeConfig(socketsMax), List::of);
    owner = new Owner(NodeConfigs.sale("s", redis.url(), PARTITIONS, EVENTS_MAX, 1_000_000));
    await(
        vertx
            .deployVerticle(
                new PersistVerticle(
                    NodeConfigs.persist(
                        "p",
                        redis.url(),
                        mariaDb.url(),
                        PARTITIONS,
                        4,
                        2_000,
                        1_000,
                        WebhookConfig.OFF,
                        ReconcileConfig.DEFAULT),
                    new Vitals()))
            .compose(persist -> vertx.deployVerticle(owner))
            .compose(sale -> vertx.deployVerticle(edge)));
    books = new BenchBooks(vertx, mariaDb.url());
  }

  public static EdgeConfig edgeConfig(int socketsMax) {
    return edgeConfig(socketsMax, PARTITIONS, false);
  }

  /** A thousand connections send more than people do. */
  static EdgeConfig edgeConfig(int socketsMax, int partitions, boolean soldOutAtEdge) {
    Map<String, String> changed = new HashMap<>();
    changed.put("stampede.httpPort", "0");
    changed.put("stampede.managementPort", "0");
    changed.put("stampede.jwtSecret", SECRET);
    changed.put("stampede.adminSecret", SECRET);
    changed.put("stampede.paymentSecret", SECRET);
    changed.put("stampede.partitions", Integer.toString(partitions));
    changed.put("stampede.socketsMax", Integer.toString(socketsMax));
    changed.put("stampede.soldOutAtEdge", Boolean.toString(soldOutAtEdge));
    changed.put("stampede.cooldownMs", "0");
    changed.put("stampede.limits.userShakesPerMinute", "0");
    changed.put("stampede.limits.humanGapMs", "0");
    changed.put("stampede.limits.sharedKeyChars", "0");
    return new ConfigReader(Map.of(), changed).read(EdgeConfig.class, EdgeNode.DEFAULTS, null);
  }

  int port() {
    return edge.httpPort();
  }

  BenchBooks books() {
    return books;
  }

  /** Its processes; the JVM is the bench's own, crowd and all. */
  ProcessMeter meter() {
    return new ProcessMeter(
        List.of(
            ProcessMeter.self("the JVM of shop and crowd"),
            Watched.store(Contender.REDIS, redis.pid()),
            Watched.store(Contender.MYSQL, mariaDb.pid())));
  }

  /**
   * Events that bare appends to the shop's Redis make durable a second.
   *
   * @param round 0, 1, …: each has an empty partition of its own, which is no shop's
   */
  double bareAppends(int round, int orders, int eventsAnEntry) {
    int partition = PartitionMap.PARTITIONS_MAX - 1 - round;
    var log = SaleFixture.log(partition, SaleFixture.ITEM, orders, eventsAnEntry);
    try (BareAppends appends = new BareAppends(vertx, redis.url(), partition)) {
      return appends.eventsASecond(log);
    }
  }

  EmbeddedRedis redis() {
    return redis;
  }

  EmbeddedMariaDb mariaDb() {
    return mariaDb;
  }

  /** Of another edge, that refuses by itself where it knows that an item is sold out. */
  int knowingPort() {
    EdgeVerticle knowing = new EdgeVerticle(edgeConfig(socketsMax, PARTITIONS, true), List::of);
    await(vertx.deployVerticle(knowing));
    return knowing.httpPort();
  }

  /** CPU time of the owner's event loop so far. */
  long ownerCpuNanos() {
    return ManagementFactory.getThreadMXBean().getThreadCpuTime(owner.thread.getId());
  }

  /** What the event loops of edge, owner and drain have allocated on the heap so far. */
  long allocatedBytes() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = 0;
    for (EventExecutor loop : ((VertxInternal) vertx).nettyEventLoopGroup()) {
      long thread =
          loop.submit(() -> Thread.currentThread().getId()).syncUninterruptibly().getNow();
      bytes += threads.getThreadAllocatedBytes(thread);
    }
    return bytes;
  }

  /** Commands the owner has got so far. */
  double ownerCommands() {
    return ownerSum("stampede_sale_batch_commands_sum");
  }

  /**
   * Of all partitions together.
   *
   * @param figure of the owner's metrics
   */
  double ownerSum(String figure) {
    return await(owner.vitals.scrape())
        .lines()
        .filter(line -> line.startsWith(figure))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** The sale node, and the thread it runs on. */
  private static final class Owner extends AbstractVerticle {
    private final Vitals vitals = new Vitals();
    private final SaleVerticle sale;
    private Thread thread = Thread.currentThread();

    Owner(SaleConfig config) {
      sale = new SaleVerticle(config, vitals);
    }

    @Override
    public void start(Promise<Void> started) {
      thread = Thread.currentThread();
      sale.init(vertx, context);
      sale.start(started);
    }

    @Override
    public void stop(Promise<Void> stopped) {
      sale.stop(stopped);
    }
  }

  /**
   * Opens an item that nobody has had yet; back when it is on sale. Everybody may have {@value
   * Limits#QUANTITY_MAX} of it.
   */
  String openItem() {
    return openItem(0);
  }

  /** The same, with a wait between two shakes of one shopper. */
  String openItem(long cooldownMs) {
    return Long.toString(open(nextItem++, STOCK, cooldownMs, PAY_WITHIN_MS));
  }

  /** One of which there is so much, and everybody may have so much. */
  String openItem(long stock, int limitPerUser) {
    return Long.toString(open(nextItem++, stock, limitPerUser, 0, PAY_WITHIN_MS));
  }

  /** An item of the same owner as {@code other}, to be paid within so long. */
  String openItemBeside(String other, long payWithinMs) {
    int partition = PartitionMap.partitionOfItem(Long.parseLong(other), PARTITIONS);
    while (PartitionMap.partitionOfItem(nextItem, PARTITIONS) != partition) {
      nextItem++;
    }
    return Long.toString(open(nextItem++, STOCK, 0, payWithinMs));
  }

  /** An item on sale whose only unit is gone. */
  String openSoldOutItem() {
    long item = open(nextItem++, 1, 0, PAY_WITHIN_MS);
    Reply reply = ask(item, new Command.Shake(item, Bytes.of("first"), Bytes.of("k"), 1));
    if (reply instanceof Reply.Shaken said && said.outcome() == Outcome.ACCEPTED) {
      return Long.toString(item);
    }
    throw new IllegalStateException("item " + item + " is not sold out: " + reply);
  }

  private long open(long item, long stock, long cooldownMs, long payWithinMs) {
    return open(item, stock, Limits.QUANTITY_MAX, cooldownMs, payWithinMs);
  }

  private long open(long item, long stock, int limitPerUser, long cooldownMs, long payWithinMs) {
    long now = System.currentTimeMillis();
    SaleItem sold = SaleFixture.item(item, now, stock, limitPerUser, payWithinMs, cooldownMs);
    Reply reply = ask(item, new Publish(sold, new Warrant("bench", "", Bytes.EMPTY, true)));
    if (reply instanceof Reply.Steered) {
      return item;
    }
    throw new IllegalStateException("item " + item + " is not published: " + reply);
  }

  private Reply ask(long item, Command command) {
    int partition = PartitionMap.partitionOfItem(item, PARTITIONS);
    Hint owner = owner(partition);
    CommandBatch batch = new CommandBatch(partition, owner.epoch(), List.of(command));
    BatchReply reply = BatchReply.decode(request(owner.address(), batch.encode()));
    if (reply instanceof BatchReply.Answered answered) {
      return answered.replies().get(0);
    }
    throw new IllegalStateException("item " + item + " has no answer: " + reply);
  }

  private Hint owner(int partition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
    while (System.nanoTime() < deadline) {
      for (Hint hint : Hint.decodeAll(request(Addresses.OWNERS, new byte[0]))) {
        if (hint.partition() == partition && hint.serving()) {
          return hint;
        }
      }
      Pause.ms(20);
    }
    throw new IllegalStateException("partition " + partition + " has no owner");
  }

  private byte[] request(String address, byte[] message) {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    vertx.runOnContext(
        go ->
            new VertxBus(vertx)
                .request(
                    address,
                    message,
                    5_000,
                    (byte @Nullable [] reply, @Nullable Throwable failure) -> {
                      if (failure != null) {
                        answer.completeExceptionally(failure);
                      } else {
                        answer.complete(reply);
                      }
                    }));
    return answer.orTimeout(START_SECONDS_MAX, TimeUnit.SECONDS).join();
  }

  private static <T> T await(Future<T> future) {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(START_SECONDS_MAX, TimeUnit.SECONDS)
        .join();
  }

  @Override
  public void close() {
    await(vertx.close());
    mariaDb.stop();
    redis.stop();
  }
}
