package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.edge.Backstage;
import stampede.edge.Fields;
import stampede.edge.OrderView;
import stampede.edge.Owners;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.Steer;
import stampede.protocol.InvalidField;
import stampede.protocol.ItemState;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;

/** What is asked of owners: works while MySQL is away. */
final class SaleCommands {
  static final long OWNER_MS = 10_000;
  static final int ORDERS_MAX = 100;
  private static final long READ_MS = 2_000;

  private final EdgeSide edge;
  private final Backstage backstage;

  SaleCommands(EdgeSide edge) {
    this.edge = edge;
    this.backstage = edge.backstage();
  }

  Future<JsonObject> item(Instruction instruction) {
    long item = instruction.body().id("item");
    int partition = backstage.partitionOfItem(item);
    return backstage
        .item(item, READ_MS)
        .map(
            reply ->
                new JsonObject()
                    .put("item", Long.toString(item))
                    .put("session", Long.toString(reply.item().session()))
                    .put("title", reply.item().title())
                    .put("partition", partition)
                    .put("state", reply.state().text())
                    .put("level", reply.level().text())
                    .put("available", reply.available())
                    .put("held", reply.held())
                    .put("sold", reply.sold())
                    .put("stock", reply.stock())
                    .put("gate", reply.gate() / 1e6)
                    .put("cooldownMs", reply.cooldownMs())
                    .put("nextReleaseAt", reply.nextReleaseAt())
                    .put("position", reply.position())
                    .put("at", reply.at()));
  }

  /** From the owner, which knows the present; from what was drained when the owner can't say. */
  Future<JsonObject> order(Instruction instruction) {
    long order = instruction.body().id("order");
    if (!backstage.hasPartitionOfOrder(order)) {
      return Future.failedFuture(
          new Backstage.Refusal("unknown_order", "there is no order with this id"));
    }
    int partition = PartitionMap.partitionOfOrder(order);
    Command find = new Command.FindOrder(order, Bytes.EMPTY);
    return backstage
        .owner(partition, find, Reply.OrderIs.class, READ_MS)
        .map(
            reply ->
                OrderView.ofOwner(reply.order())
                    .put("partition", partition)
                    .put("position", PartitionMap.positionOfOrder(order))
                    .put("asOf", edge.nowMs().getAsLong()))
        .recover(ownerSaid -> drainedOrder(order, ownerSaid));
  }

  private Future<JsonObject> drainedOrder(long order, Throwable ownerSaid) {
    boolean ownerAway = ownerSaid instanceof Owners.Busy || ownerSaid instanceof Owners.Unresolved;
    JsonObject query = new JsonObject().put("op", "order.get").put("order", Long.toString(order));
    return backstage
        .persist(query, READ_MS)
        .map(reply -> reply.getJsonObject("order").put("asOf", reply.getLong("asOf")))
        .recover(failure -> Future.failedFuture(ownerAway ? ownerSaid : failure));
  }

  /** As far as they were drained, the newest first; those a user claimed among them. */
  Future<JsonObject> orders(Instruction instruction) {
    Fields body = instruction.body();
    JsonObject query =
        new JsonObject()
            .put("op", "orders")
            .put("user", body.text("user", Bytes.LENGTH_MAX))
            .put("limit", body.whole("max", 1, ORDERS_MAX, ORDERS_MAX));
    if (body.has("item")) {
      query.put("item", Long.toString(body.id("item")));
    }
    for (String member : List.of("key", "after")) {
      if (body.has(member)) {
        query.put(member, body.text(member, 64));
      }
    }
    if (query.containsKey("key") && !query.containsKey("item")) {
      throw new InvalidField("item", "must be named too: a key is known by user and item");
    }
    return backstage.persist(query, READ_MS);
  }

  /** Shoppers can have it, or will when it goes on; fails when its owner can't say. */
  Future<Boolean> isOnSale(long item) {
    return backstage
        .item(item, READ_MS)
        .map(is -> is.state() != ItemState.SCHEDULED && is.state() != ItemState.ENDED);
  }

  Future<JsonObject> steerItem(Instruction instruction, Steering steering, long value) {
    long item = instruction.body().id("item");
    int partition = backstage.partitionOfItem(item);
    Steer steer = new Steer(steering, item, value, Bytes.EMPTY, instruction.warrant(true));
    return backstage
        .owner(partition, steer, Reply.Steered.class, OWNER_MS)
        .map(
            reply ->
                new JsonObject().put("item", Long.toString(item)).mergeIn(told(partition, reply)));
  }

  /** Each partition steers the items it owns; those without any have nothing to say. */
  Future<JsonObject> steerSession(Instruction instruction, Steering steering) {
    long session = instruction.body().id("session");
    Warrant warrant = instruction.warrant(true);
    return everywhere(
        partition -> new Steer(steering, session, 0, Bytes.EMPTY, warrant),
        new JsonObject().put("session", Long.toString(session)));
  }

  /** A block counts wherever the user shakes; the audit shows it once. */
  Future<JsonObject> steerUser(Instruction instruction, Steering steering) {
    Bytes user = instruction.body().bytes("user");
    Warrant shown = instruction.warrant(true);
    Warrant quiet = instruction.warrant(false);
    return everywhere(
            partition -> new Steer(steering, 0, 0, user, partition == 0 ? shown : quiet),
            new JsonObject().put("user", user.utf8()))
        .onSuccess(
            told -> {
              if (steering == Steering.UNBLOCK_USER) { // edges may remember what it was before
                edge.bus().publish(Addresses.UNBLOCKED, user.toByteArray());
              }
            });
  }

  private interface SteerOf {
    Steer partition(int partition);
  }

  private Future<JsonObject> everywhere(SteerOf steer, JsonObject subject) {
    List<Future<Reply.Steered>> asked = new ArrayList<>();
    for (int p = 0; p < backstage.partitions(); p++) {
      asked.add(backstage.owner(p, steer.partition(p), Reply.Steered.class, OWNER_MS));
    }
    return Future.join(asked).transform(joined -> gathered(asked, subject));
  }

  private static Future<JsonObject> gathered(
      List<Future<Reply.Steered>> asked, JsonObject subject) {
    JsonArray steered = new JsonArray();
    JsonArray missing = new JsonArray();
    Throwable why = null;
    for (int p = 0; p < asked.size(); p++) {
      Future<Reply.Steered> answer = asked.get(p);
      if (answer.succeeded()) {
        steered.add(told(p, answer.result()));
      } else if (isUnknownSession(answer.cause())) {
        why = why == null ? answer.cause() : why;
      } else {
        why = answer.cause();
        missing.add(AdminGateway.fault(answer.cause()).put("partition", p));
      }
    }
    // when no partition did anything, the command failed: for the sharpest reason there is
    return steered.isEmpty() && why != null
        ? Future.failedFuture(why)
        : Future.succeededFuture(subject.put("steered", steered).put("missing", missing));
  }

  private static boolean isUnknownSession(Throwable failure) {
    return failure instanceof Backstage.Refusal refusal && refusal.code().equals("unknown_session");
  }

  static JsonObject told(int partition, Reply.Steered reply) {
    return new JsonObject()
        .put("partition", partition)
        .put("position", reply.position())
        .put("before", object(reply.before()))
        .put("after", object(reply.after()));
  }

  private static @Nullable JsonObject object(String json) {
    return json.isEmpty() ? null : new JsonObject(json);
  }
}
