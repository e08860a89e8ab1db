package stampede.bench.scale;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import stampede.bench.BenchShop;
import stampede.bench.Pause;
import stampede.bench.SaleFixture;
import stampede.edge.EdgeVerticle;
import stampede.node.Vitals;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.Hint;
import stampede.protocol.Limits;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.rig.NodeConfigs;
import stampede.sale.SaleVerticle;

/**
 * Edge and sale verticle of a shop in this process, and as many items on sale as are wanted, all of
 * one partition or spread over all.
 */
final class ManyItems {
  private static final int PARTITIONS = PartitionMap.PARTITIONS_DEFAULT;
  private static final int BATCH = 50; // large commands: one entry holds no more
  private static final int PARTITION = 1;
  private static final long STOCK = 1_000_000;
  private static final long EVENTS_MAX = 1_000_000_000_000L; // as much stock, and nobody drains
  private static final long BOUND_SECONDS = 60;
  private static final long AGAIN_MS = 20;
  private static final long LOOK_MS = 100;
  private static final int REPLY_CHARS_MAX = 500;

  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
  private final boolean spread;
  private final EdgeVerticle edge;
  private final List<String> items = new ArrayList<>();
  private long nextId = 1_001;

  ManyItems(int socketsMax, boolean spread, String redisUrl) {
    this.spread = spread;
    edge = new EdgeVerticle(BenchShop.edgeConfig(socketsMax), List::of);
    SaleVerticle sale =
        new SaleVerticle(
            NodeConfigs.sale("s", redisUrl, PARTITIONS, EVENTS_MAX, EVENTS_MAX), new Vitals());
    await(vertx.deployVerticle(sale).compose(deployed -> vertx.deployVerticle(edge)));
  }

  int port() {
    return edge.httpPort();
  }

  /** Publishes until there are so many; back when the edge has heard of all; all ids. */
  List<String> items(int count) {
    int more = count - items.size();
    Map<Integer, List<Command>> byPartition = new HashMap<>();
    while (items.size() < count) {
      int partition = PartitionMap.partitionOfItem(nextId, PARTITIONS);
      if (spread || partition == PARTITION) {
        byPartition.computeIfAbsent(partition, none -> new ArrayList<>()).add(publish(nextId));
        items.add(Long.toString(nextId));
      }
      nextId++;
    }
    byPartition.forEach(this::publishAll);
    int looks = 2 + Math.max(0, more) / (spread ? PARTITIONS : 1) / Hint.ITEMS_MAX;
    Pause.ms(2L * looks * LOOK_MS); // an owner names so many changed ones each time
    return items;
  }

  private static Command publish(long id) {
    long now = System.currentTimeMillis();
    SaleItem item = SaleFixture.item(id, now, STOCK, Limits.QUANTITY_MAX, 3_600_000, 0);
    return new Command.Publish(item, new Warrant("bench", "", Bytes.EMPTY, true));
  }

  private void publishAll(int partition, List<Command> all) {
    Hint owner = owner(partition);
    for (int from = 0; from < all.size(); from += BATCH) {
      List<Command> some = all.subList(from, Math.min(all.size(), from + BATCH));
      byte[] message = new CommandBatch(partition, owner.epoch(), some).encode();
      BatchReply reply = BatchReply.decode(request(owner.address(), message));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
      while (reply instanceof BatchReply.Busy busy && System.nanoTime() < deadline) {
        Pause.ms(busy.retryAfterMs());
        reply = BatchReply.decode(request(owner.address(), message));
      }
      boolean done =
          reply instanceof BatchReply.Answered answered
              && answered.replies().stream().allMatch(Reply.Steered.class::isInstance);
      if (!done) {
        String said = reply.toString();
        throw new IllegalStateException(
            "not published: " + said.substring(0, Math.min(REPLY_CHARS_MAX, said.length())));
      }
    }
  }

  private Hint owner(int partition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (System.nanoTime() < deadline) {
      for (Hint hint : Hint.decodeAll(request(Addresses.OWNERS, new byte[0]))) {
        if (hint.partition() == partition && hint.serving()) {
          return hint;
        }
      }
      Pause.ms(AGAIN_MS);
    }
    throw new IllegalStateException("partition " + partition + " has no owner");
  }

  private byte[] request(String address, byte[] message) {
    return await(vertx.eventBus().<Buffer>request(address, Buffer.buffer(message)))
        .body()
        .getBytes();
  }

  private static <T> T await(Future<T> future) {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(BOUND_SECONDS, TimeUnit.SECONDS)
        .join();
  }
}
