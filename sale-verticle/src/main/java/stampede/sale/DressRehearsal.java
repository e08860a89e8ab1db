package stampede.sale;

import static io.vertx.redis.client.Command.EXPIRE;
import static io.vertx.redis.client.Command.UNLINK;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisUrl;
import stampede.protocol.BatchReply;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Shake;
import stampede.protocol.CommandBatch;
import stampede.protocol.HandOver;
import stampede.protocol.Hint;
import stampede.protocol.JournalKeys;
import stampede.protocol.Limits;
import stampede.protocol.OrderNews;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;
import stampede.sale.journal.RedisJournal;

/**
 * A sale to nobody by the way of all sales: an owner like any other, on the node's own event loop,
 * with a journal in Redis. What {@link Rehearsal} can't reach is then loaded and compiled too,
 * before the first real shake: a compiler that finds other callers and other journals than those it
 * was trained with begins anew, in the first second of a sale, when there is least room for it.
 *
 * <p>The partition is one that the cluster does not have; its two keys are deleted afterwards, and
 * end by themselves if this node does not come to that. No edge, drain or operator hears of it.
 */
final class DressRehearsal {
  static final int SHAKES = 40_000;
  private static final Logger log = LoggerFactory.getLogger(DressRehearsal.class);
  private static final int BATCH_MAX = 6;
  private static final int BATCHES_AT_ONCE = 2;
  private static final int USERS = 10_000;
  private static final int ORDERS = SHAKES / 4 * 3;
  private static final long ITEM = 1;
  private static final long DAY_MS = 86_400_000;
  private static final long MS_MAX = 15_000;
  private static final long LOOK_EVERY_MS = 20;
  private static final int KEYS_LIVE_S = 120;
  private static final AtomicBoolean played = new AtomicBoolean();

  private final int partition;
  private final Timers timers;
  private final RedisLink keys;
  private final PartitionOwner owner;
  private final Completion<Integer> done;
  private final long endMs;
  private long epoch;
  private int shakes;
  private int answers;
  private int underWay;
  private boolean stopping;

  private DressRehearsal(
      int partition, RedisLink journal, RedisLink keys, SaleStart node, Completion<Integer> done) {
    this.partition = partition;
    this.timers = node.timers();
    this.keys = keys;
    this.done = done;
    this.endMs = timers.millis() + MS_MAX;
    SaleStart start =
        new SaleStart(
            node.node(),
            node.nonce(),
            node.limits(),
            timers,
            every -> List.of(node.node()),
            (every, cursor) -> cursor.succeed(0L),
            new Silence(),
            new Silence(),
            new EdgeWatch(timers, List::of),
            new Turns(1));
    this.owner =
        new PartitionOwner(partition, start, new RedisJournal(journal, partition)); // closes it
  }

  /** Once in a process, where the cluster leaves a partition for it; at most 15 s. */
  static void play(Vertx vertx, RedisUrl redis, long timeoutMs, int partitions, SaleStart node) {
    int free = PartitionMap.PARTITIONS_MAX - partitions;
    if (free == 0 || played.getAndSet(true)) {
      return;
    }
    int partition = partitions + ThreadLocalRandom.current().nextInt(free);
    long beganMs = node.timers().millis();
    playAt(
        partition,
        () -> new RedisLink(vertx, redis, timeoutMs, RedisLink.CALLS_MAX_DEFAULT),
        node,
        (answers, failure) ->
            log.info(
                "sale.rehearsed {} answers, {} ms", answers, node.timers().millis() - beganMs));
  }

  /** {@code done} hears how many shakes were answered; the keys are gone then. */
  static void playAt(
      int partition, Supplier<RedisLink> links, SaleStart node, Completion<Integer> done) {
    RedisLink keys = links.get();
    DressRehearsal rehearsal =
        new DressRehearsal(
            partition,
            links.get(),
            keys,
            node,
            (answers, failure) -> {
              keys.close();
              done.done(answers, failure);
            });
    rehearsal.owner.start();
    rehearsal.awaitServing();
  }

  private void awaitServing() {
    if (isLate()) {
      stop();
    } else if (!owner.hint().serving()) {
      timers.after(LOOK_EVERY_MS, this::awaitServing);
    } else {
      for (String key : names()) {
        keys.call(Request.cmd(EXPIRE, key, KEYS_LIVE_S), (set, no) -> {});
      }
      epoch = owner.hint().epoch();
      send(List.of(new Publish(item(), new Warrant("rehearsal", "", Bytes.EMPTY, true))));
      goOn();
    }
  }

  private boolean isLate() {
    return timers.millis() >= endMs;
  }

  private void send(List<Command> commands) {
    underWay++;
    byte[] message = new CommandBatch(partition, epoch, commands).encode();
    owner.handle(
        CommandBatch.decode(message),
        (reply, failure) -> {
          underWay--;
          if (reply == null
              || !(BatchReply.decode(reply.encode()) instanceof BatchReply.Answered answered)) {
            stopping = true; // Redis is away, or the node: there are other worries now
          } else if (commands.get(0) instanceof Shake) {
            answers += answered.replies().size();
          }
        });
  }

  /** A few batches a millisecond: what else the event loop has to do has its turn between them. */
  private void goOn() {
    boolean over = stopping || shakes >= SHAKES || isLate();
    while (!over && underWay < BATCHES_AT_ONCE && shakes < SHAKES) {
      send(nextShakes());
    }
    if (over && (underWay == 0 || isLate())) {
      stop();
    } else {
      timers.after(1, this::goOn);
    }
  }

  /** Of all sizes; the last ones find nothing left. */
  private List<Command> nextShakes() {
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i <= shakes % BATCH_MAX; i++) {
      Bytes user = Bytes.of("user-" + (shakes + i) % USERS);
      commands.add(new Shake(ITEM, user, Bytes.of("key-" + (shakes + i)), 1));
    }
    shakes += commands.size();
    return commands;
  }

  private void stop() {
    stopping = true;
    owner.stop(
        () ->
            keys.call(
                Request.cmd(UNLINK, names().toArray()),
                (gone, failure) -> done.done(failure == null ? answers : null, failure)));
  }

  private List<String> names() {
    return List.of(JournalKeys.own(partition), JournalKeys.log(partition));
  }

  private static SaleItem item() {
    long nowMs = System.currentTimeMillis();
    return new SaleItem(
        ITEM,
        1,
        "Rehearsal",
        1,
        1,
        "CNY",
        nowMs - DAY_MS,
        nowMs + DAY_MS,
        ORDERS,
        Limits.QUANTITY_MAX,
        DAY_MS,
        0,
        Limits.GATE_OPEN,
        List.of());
  }

  /** Nobody hears of it, and nobody is asked. */
  private static final class Silence implements Outlet, Peers {
    @Override
    public void hint(Hint hint) {
      hint.encode();
    }

    @Override
    public void news(OrderNews news) {
      news.encode();
    }

    @Override
    public void alarm(String code, String detail) {
      log.debug("in the rehearsal: {} {}", code, detail);
    }

    @Override
    public void ask(String node, long nonce, HandOver asks, Completion<HandOver.Answer> answer) {
      answer.fail(new IllegalStateException("nobody is asked"));
    }

    @Override
    public void leaving(HandOver offer) {}
  }
}
