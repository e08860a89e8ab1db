package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import stampede.protocol.Addresses;
import stampede.protocol.BatchReply;
import stampede.protocol.Command;
import stampede.protocol.CommandBatch;
import stampede.protocol.Hint;
import stampede.protocol.Outcome;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.Reply.Shaken;

/** An edge as it is deployed, over a real event bus, with one owner of all that is a test's. */
final class WholeEdge implements AutoCloseable {
  static final String SECRET = "0123456789abcdef0123456789abcdef";
  static final int PARTITIONS = 4;
  private static final String OWNER = "sale.n.1";

  final Vertx vertx = Vertx.vertx();
  final EdgeVerticle edge;

  /** What the owner answers; it sells nothing. */
  volatile Function<Command, Reply> script = command -> Shaken.of(Outcome.SOLD_OUT, 1, 1);

  /** The owner hears nothing. */
  volatile boolean deaf;

  private volatile List<Hint.Item> items = List.of();
  private String deployment = "";

  /**
   * @param changed key and value of the configuration in turn
   */
  WholeEdge(String... changed) {
    String[] all = new String[changed.length + 2];
    all[0] = "partitions";
    all[1] = Integer.toString(PARTITIONS);
    System.arraycopy(changed, 0, all, 2, changed.length);
    edge = new EdgeVerticle(EdgeConfigs.of(SECRET, all), List::of);
  }

  void open() throws Exception {
    vertx.eventBus().consumer(Addresses.OWNERS, this::tellHints);
    vertx.eventBus().consumer(OWNER, this::answer);
    deployment = get(vertx.deployVerticle(edge));
  }

  /** Takes as long as the edge takes. */
  Future<Void> stopEdge() {
    return vertx.undeploy(deployment);
  }

  @Override
  public void close() throws Exception {
    if (vertx.deploymentIDs().contains(deployment)) {
      get(stopEdge());
    }
    get(vertx.close());
  }

  int port() {
    return edge.httpPort();
  }

  static String token(String user) {
    return Tokens.of(SECRET, user);
  }

  /** The owner speaks of its items from now on, and at once. */
  void hint(Hint.Item... now) {
    items = List.of(now);
    hints().forEach(hint -> vertx.eventBus().publish(Addresses.HINTS, Buffer.buffer(hint)));
  }

  private void tellHints(Message<Buffer> question) {
    List<Hint> all = hints().stream().map(Hint::decode).toList();
    question.reply(Buffer.buffer(Hint.encodeAll(all)));
  }

  private List<byte[]> hints() {
    List<byte[]> hints = new ArrayList<>();
    long now = System.currentTimeMillis();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      int here = partition;
      List<Hint.Item> its =
          items.stream()
              .filter(each -> PartitionMap.partitionOfItem(each.item(), PARTITIONS) == here)
              .toList();
      Hint hint = new Hint(partition, 1, "n", OWNER, 1, now, true, "ok", 0, its);
      hints.add(hint.encode());
    }
    return hints;
  }

  private void answer(Message<Buffer> message) {
    if (deaf) {
      return;
    }
    if (message.body().length() == 0) { // a ping
      message.reply(message.body());
      return;
    }
    List<Reply> replies = new ArrayList<>();
    for (Command command : CommandBatch.decode(message.body().getBytes()).commands()) {
      replies.add(script.apply(command));
    }
    message.reply(Buffer.buffer(new BatchReply.Answered(replies).encode()));
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
