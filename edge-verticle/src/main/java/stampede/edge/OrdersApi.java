package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.LongSupplier;
import stampede.edge.Shoppers.Shopper;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Devices;
import stampede.protocol.InvalidField;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;
import stampede.protocol.port.Bus;

/**
 * A shopper's own orders, those claimed among them. The owner is asked first, since only it knows
 * the present; an order of somebody else is as unknown as one that does not exist.
 */
final class OrdersApi {
  private static final long READ_MS = 2_000;
  private static final long CHANGE_MS = 10_000;
  private static final int LIST_MAX = 100;
  private static final int DEVICE_TOKEN_CHARS_MAX = 2_048;

  private final Backstage backstage;
  private final Shoppers shoppers;
  private final LongSupplier nowMs;

  OrdersApi(Backstage backstage, Shoppers shoppers, LongSupplier nowMs) {
    this.backstage = backstage;
    this.shoppers = shoppers;
    this.nowMs = nowMs;
  }

  void mount(Router router) {
    router.get("/api/v1/orders").handler(ctx -> answer(ctx, who(ctx).compose(s -> list(ctx, s))));
    router
        .get("/api/v1/orders/:id")
        .handler(ctx -> answer(ctx, who(ctx).compose(s -> find(orderOf(ctx), s.user()))));
    JsonBody.ignored(router, "/api/v1/orders/:id/cancel")
        .handler(ctx -> answer(ctx, who(ctx).compose(s -> cancel(orderOf(ctx), s.user()))));
    JsonBody.posted(router, "/api/v1/orders/:id/claim")
        .handler(ctx -> answer(ctx, who(ctx).compose(s -> claim(ctx, s.user()))));
  }

  private Future<Shopper> who(RoutingContext ctx) {
    return shoppers.who(ctx.request());
  }

  private static void answer(RoutingContext ctx, Future<JsonObject> answer) {
    answer
        .onSuccess(body -> JsonAnswer.personal(ctx, body))
        .onFailure(failure -> Problem.send(ctx, failure));
  }

  private static long orderOf(RoutingContext ctx) {
    return Fields.idOrZero(ctx.pathParam("id"));
  }

  private Future<JsonObject> list(RoutingContext ctx, Shopper shopper) {
    JsonObject query = new JsonObject().put("op", "orders").put("user", shopper.user().utf8());
    String after = ctx.request().getParam("after");
    if (after != null) {
      query.put("after", Long.toString(Fields.id("after", after)));
    }
    query.put("max", maxOf(ctx.request().getParam("max")));
    return backstage
        .persist(query, READ_MS)
        .map(
            reply -> {
              JsonArray orders = new JsonArray();
              for (Object order : reply.getJsonArray("orders")) {
                orders.add(OrderView.forShopper((JsonObject) order));
              }
              JsonObject list =
                  new JsonObject().put("orders", orders).put("asOf", reply.getLong("asOf"));
              return reply.getBoolean("more", false) ? list.put("more", true) : list;
            });
  }

  private static long maxOf(String text) {
    long max = text == null ? LIST_MAX : Fields.idOrZero(text);
    if (max < 1 || max > LIST_MAX) {
      throw new InvalidField("max", "must be 1 to " + LIST_MAX);
    }
    return max;
  }

  private Future<JsonObject> find(long order, Bytes user) {
    if (!backstage.hasPartitionOfOrder(order)) {
      return unknown();
    }
    Command find = new Command.FindOrder(order, user);
    return backstage
        .owner(PartitionMap.partitionOfOrder(order), find, Reply.OrderIs.class, READ_MS)
        .map(
            reply ->
                OrderView.forShopper(OrderView.ofOwner(reply.order()))
                    .put("asOf", nowMs.getAsLong()))
        .recover(failure -> findDrained(order, user, failure));
  }

  private Future<JsonObject> findDrained(long order, Bytes user, Throwable ownerSaid) {
    boolean ownerAway = ownerSaid instanceof Owners.Busy || ownerSaid instanceof Owners.Unresolved;
    if (!ownerAway && !isUnknown(ownerSaid)) {
      return Future.failedFuture(ownerSaid);
    }
    JsonObject query =
        new JsonObject()
            .put("op", "order.get")
            .put("order", Long.toString(order))
            .put("user", user.utf8());
    return backstage
        .persist(query, READ_MS)
        .map(
            reply ->
                OrderView.forShopper(reply.getJsonObject("order"))
                    .put("asOf", reply.getLong("asOf")))
        .recover(
            failure -> {
              // while the owner is away, an order may exist that was not drained yet
              boolean cantKnow =
                  ownerAway && (isUnknown(failure) || failure instanceof Bus.Unanswered);
              return Future.failedFuture(cantKnow ? ownerSaid : failure);
            });
  }

  private static boolean isUnknown(Throwable failure) {
    return failure instanceof Backstage.Refusal refusal && refusal.code().equals("unknown_order");
  }

  private Future<JsonObject> cancel(long order, Bytes user) {
    if (!backstage.hasPartitionOfOrder(order)) {
      return unknown();
    }
    Command cancel = new Command.Cancel(order, user);
    return backstage
        .owner(PartitionMap.partitionOfOrder(order), cancel, Reply.OrderIs.class, CHANGE_MS)
        .map(
            reply ->
                new JsonObject()
                    .put("order", Long.toString(order))
                    .put("status", reply.order().status().text()))
        .recover(failure -> Future.failedFuture(withStatus(failure)));
  }

  /** By who has signed in and shows the token of the device that shook. */
  private Future<JsonObject> claim(RoutingContext ctx, Bytes user) {
    if (Devices.isDevice(user)) {
      String detail = "a claim needs the token of a user; that of the device goes into the body";
      return Future.failedFuture(new Problem.Refused(401, "login_required", detail));
    }
    long order = orderOf(ctx);
    return shoppers
        .device(Fields.ofBody(ctx).text("device", DEVICE_TOKEN_CHARS_MAX))
        .compose(
            device ->
                backstage.hasPartitionOfOrder(order) ? claim(order, user, device) : unknown());
  }

  private Future<JsonObject> claim(long order, Bytes user, Bytes device) {
    Command claim = new Command.Claim(order, user, device);
    return backstage
        .owner(PartitionMap.partitionOfOrder(order), claim, Reply.OrderIs.class, CHANGE_MS)
        .map(
            reply ->
                OrderView.forShopper(OrderView.ofOwner(reply.order()))
                    .put("asOf", nowMs.getAsLong()))
        .recover(failure -> Future.failedFuture(withStatus(failure)));
  }

  private static Throwable withStatus(Throwable failure) {
    if (!(failure instanceof Backstage.Refusal refusal)) {
      return failure;
    }
    return switch (refusal.code()) {
      case "already_paid", "already_claimed", "order_released", "limit_reached" ->
          new Problem.Refused(409, refusal.code(), refusal.detail());
      case "blocked" -> new Problem.Refused(403, refusal.code(), refusal.detail());
      default -> refusal;
    };
  }

  private static <T> Future<T> unknown() {
    return Future.failedFuture(
        new Problem.Refused(404, "unknown_order", "you have no order with this id"));
  }
}
