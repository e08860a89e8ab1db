package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import stampede.node.TwoAsked;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * What stands behind an edge, as futures with a bound: owners decide, persist nodes know drafts and
 * what was drained. On the edge's event loop.
 *
 * <p>Futures fail with {@link Refusal}, {@link Owners.Busy}, {@link Owners.Unresolved}, or {@link
 * Bus.Unanswered} when no persist node answered.
 */
public final class Backstage {
  private static final Set<String> CHANGES =
      Set.of(
          "session.create",
          "session.change",
          "session.copy",
          "session.import",
          "session.archive",
          "session.published",
          "item.create",
          "item.change",
          "webhooks.retry",
          "audit.add");

  private final Owners owners;
  private final Bus bus;
  private final Timers timers;

  public Backstage(Owners owners, Bus bus, Timers timers) {
    this.owners = owners;
    this.bus = bus;
    this.timers = timers;
  }

  /** The one asked understood, and said no. {@code code} is a stable word. */
  public static final class Refusal extends Exception {
    private final String code;
    private final JsonArray lines;
    private final long position;

    public Refusal(String code, String detail) {
      this(code, detail, new JsonArray());
    }

    /** {@code lines}: objects that say more, each about one thing. */
    public Refusal(String code, String detail, JsonArray lines) {
      this(code, detail, lines, 0);
    }

    private Refusal(String code, String detail, JsonArray lines, long position) {
      super(detail, null, false, false);
      this.code = code;
      this.lines = lines;
      this.position = position;
    }

    /** An owner said it, and it is true at this position; 0 = it was no owner. */
    public long position() {
      return position;
    }

    /** Empty if there is no more to say. */
    public JsonArray lines() {
      return lines;
    }

    public String code() {
      return code;
    }

    public String detail() {
      return String.valueOf(getMessage());
    }
  }

  public int partitions() {
    return owners.partitions();
  }

  public int partitionOfItem(long item) {
    return PartitionMap.partitionOfItem(item, owners.partitions());
  }

  public boolean hasPartitionOfOrder(long order) {
    return order > 0 && PartitionMap.partitionOfOrder(order) < owners.partitions();
  }

  /** What the owner of an item says of it; fails as {@link #owner} does. */
  public Future<Reply.ItemIs> item(long item, long timeoutMs) {
    return owner(partitionOfItem(item), new Command.FindItem(item), Reply.ItemIs.class, timeoutMs);
  }

  /**
   * Asks the owner of {@code partition}. After {@code timeoutMs} the caller hears {@link
   * Owners.Unresolved}; the command itself may still be carried out.
   */
  public <T extends Reply> Future<T> owner(
      int partition, Command command, Class<T> expected, long timeoutMs) {
    Promise<T> promise = Promise.promise();
    Timers.Timer timer = timers.after(timeoutMs, () -> promise.tryFail(new Owners.Unresolved()));
    owners.ask(
        partition,
        command,
        (reply, failure) -> {
          timer.cancel();
          if (failure != null) {
            promise.tryFail(failure);
          } else if (expected.isInstance(reply)) {
            promise.tryComplete(expected.cast(reply));
          } else if (reply instanceof Reply.Refused refused) {
            promise.tryFail(
                new Refusal(refused.code(), refused.detail(), new JsonArray(), refused.position()));
          } else {
            promise.tryFail(new IllegalStateException("an owner answered with " + reply));
          }
        });
    return promise.future();
  }

  /**
   * An order that its owner does not know any more, as it was archived; fails with what the owner
   * said if there is none, and as {@link #persist} does.
   *
   * @param user whose it must be; empty = anybody's
   */
  Future<JsonObject> archived(long order, Bytes user, Throwable ownerSaid, long timeoutMs) {
    boolean knew =
        ownerSaid instanceof Refusal refusal
            && refusal.code().equals("unknown_order")
            && refusal.position() >= PartitionMap.positionOfOrder(order);
    if (!knew) {
      return Future.failedFuture(ownerSaid);
    }
    JsonObject query = new JsonObject().put("op", "order.get").put("order", Long.toString(order));
    if (!user.isEmpty()) {
      query.put("user", user.utf8());
    }
    return persist(query, timeoutMs)
        .map(reply -> reply.getJsonObject("order"))
        .recover(failure -> Future.failedFuture(failure instanceof Refusal ? ownerSaid : failure));
  }

  /**
   * A session with its items, as the primary keeps it: what was made a moment ago must not be left
   * out. Fails as {@link #persist} does.
   */
  public Future<JsonObject> session(long session, long timeoutMs) {
    JsonObject query =
        new JsonObject()
            .put("op", "session.get")
            .put("session", Long.toString(session))
            .put("now", true);
    return persist(query, timeoutMs).map(reply -> reply.getJsonObject("session"));
  }

  /**
   * Asks any persist node; see {@code persist.query} in the manual of the protocol package. Without
   * an answer within half of {@code timeoutMs} a question that changes nothing is put to two nodes
   * at once, for the first one may be dead, and next in turn again; a change that is made only once
   * for its key is put to the next one; any other is not asked again.
   */
  public Future<JsonObject> persist(JsonObject query, long timeoutMs) {
    boolean changes = CHANGES.contains(query.getString("op"));
    if (changes && query.getString("key") == null) {
      return persistOnce(query, timeoutMs);
    }
    long halfMs = timeoutMs / 2;
    return persistOnce(query, halfMs)
        .recover(
            fault -> {
              if (!(fault instanceof Bus.Unanswered)) {
                return Future.failedFuture(fault);
              }
              return changes ? persistOnce(query, halfMs) : persistOfTwo(query, halfMs);
            });
  }

  private Future<JsonObject> persistOnce(JsonObject query, long timeoutMs) {
    Promise<JsonObject> promise = Promise.promise();
    bus.request(Addresses.PERSIST_QUERY, bytes(query), timeoutMs, reading(query, promise));
    return promise.future();
  }

  private Future<JsonObject> persistOfTwo(JsonObject query, long timeoutMs) {
    Promise<JsonObject> promise = Promise.promise();
    TwoAsked.ask(bus, Addresses.PERSIST_QUERY, bytes(query), timeoutMs, reading(query, promise));
    return promise.future();
  }

  private static byte[] bytes(JsonObject query) {
    return query.encode().getBytes(StandardCharsets.UTF_8);
  }

  private static Completion<byte[]> reading(JsonObject query, Promise<JsonObject> promise) {
    return (reply, failure) -> {
      if (failure != null || reply == null) {
        promise.fail(failure == null ? new Bus.Unanswered("empty reply") : failure);
      } else {
        read(query, reply, promise);
      }
    };
  }

  private static void read(JsonObject query, byte[] reply, Promise<JsonObject> promise) {
    JsonObject json;
    JsonObject error;
    try {
      json = new JsonObject(Buffer.buffer(reply));
      error = json.getJsonObject("error");
    } catch (DecodeException | ClassCastException e) {
      promise.fail(new IllegalStateException("a persist node answered with no JSON object", e));
      return;
    }
    if (error == null) {
      promise.complete(json);
    } else {
      String code = error.getString("code", "internal");
      JsonArray lines = error.getJsonArray("lines", new JsonArray());
      promise.fail(new Refusal(named(query, code), error.getString("detail", "no detail"), lines));
    }
  }

  /** Says what was not found in the words owners use. */
  private static String named(JsonObject query, String code) {
    if (!code.equals("not_found")) {
      return code;
    }
    String op = query.getString("op");
    return op.startsWith("order")
        ? "unknown_order"
        : op.equals("item.get") || op.equals("item.change") ? "unknown_item" : "unknown_session";
  }
}
