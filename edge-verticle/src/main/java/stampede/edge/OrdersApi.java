package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
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

  /** What persist nodes end a page with. */
  private static final Pattern PLACE = Pattern.compile("[0-9]{1,18}-[0-9]{1,18}");

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
    for (String id : List.of("item", "seen")) {
      String given = ctx.request().getParam(id);
      if (given != null) {
        query.put(id, Long.toString(Fields.id(id, given)));
      }
    }
    String key = ctx.request().getParam("key");
    if (key != null) {
      if (!query.containsKey("item")) {
        throw new InvalidField("key", "needs item: a key is known by user and item");
      }
      query.put("key", Frames.key(key).utf8());
    }
    String after = ctx.request().getParam("after");
    if (after != null) {
      if (!PLACE.matcher(after).matches()) {
        throw new InvalidField("after", "must be the next of another page");
      }
      query.put("after", after);
    }
    query.put("limit", limitOf(ctx.request().getParam("limit")));
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
              String next = reply.getString("next");
              return next == null ? list : list.put("next", next);
            });
  }

  private static long limitOf(@Nullable String text) {
    long limit = text == null ? LIST_MAX : Fields.idOrZero(text);
    if (limit < 1 || limit > LIST_MAX) {
      throw new InvalidField("limit", "must be 1 to " + LIST_MAX);
    }
    return limit;
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
        .recover(
            failure ->
                backstage
                    .archived(order, user, failure, READ_MS)
                    .compose(archived -> cancelled(order, archived.getString("status"))))
        .recover(failure -> Future.failedFuture(withStatus(failure)));
  }

  /** An archived order has ended; what it ended as was said before. */
  private static Future<JsonObject> cancelled(long order, String status) {
    return status.equals("released")
        ? Future.succeededFuture(
            new JsonObject().put("order", Long.toString(order)).put("status", status))
        : Future.failedFuture(
            new Problem.Refused(409, "already_paid", "order " + order + " is paid"));
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
        .recover(
            failure ->
                backstage
                    .archived(order, device, failure, READ_MS)
                    .compose(archived -> Future.failedFuture(tooLateToClaim(order))))
        .recover(failure -> Future.failedFuture(withStatus(failure)));
  }

  private static Problem.Refused tooLateToClaim(long order) {
    return new Problem.Refused(
        410, "archived", "order " + order + " is archived: nobody claims it");
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
