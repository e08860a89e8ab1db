package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.LongSupplier;
import stampede.edge.BriefCache.Aged;
import stampede.protocol.Command;
import stampede.protocol.Reply;
import stampede.protocol.SaleItem;
import stampede.protocol.port.Timers;

/**
 * The public HTTP side beside shakes: orders, payments, tickets, items, sessions, the time. On the
 * edge's event loop; every answer comes within 12 s. Needs {@link Problem#install} on the router.
 */
public final class ShopApi {
  private static final long ITEM_FRESH_MS = 1_000;
  private static final int ITEMS_CACHED = 10_000;
  private static final long SESSIONS_FRESH_MS = 1_000;

  /** While the catalogue is away shoppers still see what there was. */
  private static final long SESSIONS_STALE_MS = 300_000;

  private static final int DAYS_CACHED = 64;

  /** Reads under way behind the edge: a crowd of them must not fill the queues of shakes. */
  private static final int FETCHES_MAX = 256;

  private static final long READ_MS = 2_000;

  private final Shoppers shoppers;
  private final Shoppers.TicketDesk tickets;
  private final Backstage backstage;
  private final LongSupplier nowMs;
  private final OrdersApi orders;
  private final PaymentsApi payments;
  private final BriefCache<Long, Optional<Reply.ItemIs>> items;
  private final BriefCache<String, JsonObject> days;

  /**
   * @param nowMs epoch ms, for what is told and for the age of signatures
   */
  public ShopApi(
      Backstage backstage,
      Timers timers,
      Shoppers shoppers,
      Shoppers.TicketDesk tickets,
      PaymentSignature signature,
      LongSupplier nowMs) {
    this.backstage = backstage;
    this.shoppers = shoppers;
    this.tickets = tickets;
    this.nowMs = nowMs;
    orders = new OrdersApi(backstage, shoppers, nowMs);
    payments = new PaymentsApi(backstage, signature, nowMs);
    items =
        new BriefCache<>(
            timers, ITEMS_CACHED, FETCHES_MAX, ITEM_FRESH_MS, ITEM_FRESH_MS, this::fetchItem);
    days =
        new BriefCache<>(
            timers, DAYS_CACHED, FETCHES_MAX, SESSIONS_FRESH_MS, SESSIONS_STALE_MS, this::fetchDay);
  }

  public void mount(Router router) {
    orders.mount(router);
    payments.mount(router);
    JsonBody.ignored(router, "/api/v1/tickets").handler(this::ticket);
    router.get("/api/v1/time").handler(this::time);
    router.get("/api/v1/items/:id").handler(this::item);
    router.get("/api/v1/sessions").handler(this::sessions);
  }

  private void ticket(RoutingContext ctx) {
    shoppers
        .who(ctx.request())
        .compose(
            shopper -> {
              try {
                return Future.succeededFuture(tickets.issue(shopper));
              } catch (Problem.Refused refused) {
                return Future.failedFuture(refused);
              }
            })
        .onSuccess(
            ticket ->
                JsonAnswer.personal(
                    ctx,
                    new JsonObject()
                        .put("ticket", ticket.text())
                        .put("expiresAt", ticket.expiresAtMs())))
        .onFailure(failure -> Problem.send(ctx, failure));
  }

  private void time(RoutingContext ctx) {
    JsonAnswer.personal(ctx, new JsonObject().put("now", nowMs.getAsLong()));
  }

  private void item(RoutingContext ctx) {
    long id = Fields.idOrZero(ctx.pathParam("id"));
    if (id == 0) {
      unknownItem(ctx);
      return;
    }
    items
        .get(id)
        .onSuccess(
            known ->
                known
                    .value()
                    .ifPresentOrElse(
                        reply -> shown(ctx, new Aged<>(reply, known.ageMs())),
                        () -> unknownItem(ctx)))
        .onFailure(failure -> Problem.send(ctx, failure));
  }

  private Future<Optional<Reply.ItemIs>> fetchItem(Long id) {
    return backstage
        .owner(backstage.partitionOfItem(id), new Command.FindItem(id), Reply.ItemIs.class, READ_MS)
        .map(Optional::of)
        .recover(
            failure ->
                failure instanceof Backstage.Refusal refusal
                        && refusal.code().equals("unknown_item")
                    ? Future.succeededFuture(Optional.empty())
                    : Future.failedFuture(failure));
  }

  private void shown(RoutingContext ctx, Aged<Reply.ItemIs> known) {
    Reply.ItemIs reply = known.value();
    SaleItem item = reply.item();
    JsonObject body =
        new JsonObject()
            .put("item", Long.toString(item.item()))
            .put("session", Long.toString(item.session()))
            .put("title", item.title())
            .put("price", item.price())
            .put("listPrice", item.listPrice())
            .put("currency", item.currency())
            .put("opensAt", item.opensAt())
            .put("closesAt", item.closesAt())
            .put("limitPerUser", item.limitPerUser())
            .put("state", reply.state().text())
            .put("level", reply.level().text())
            .put("asOf", reply.at())
            .put("now", nowMs.getAsLong());
    String tag = item.item() + "-" + reply.state().text() + "-" + reply.level().text();
    JsonAnswer.shared(ctx, body, known.ageMs(), tag);
  }

  private static void unknownItem(RoutingContext ctx) {
    Problem.send(ctx, 404, "unknown_item", "there is no item with this id on sale");
  }

  private void sessions(RoutingContext ctx) {
    String given = ctx.request().getParam("day");
    String day = SessionDays.requireDay(given == null ? "today" : given);
    days.get(day)
        .map(known -> new Aged<>(ofDay(known.value(), day), known.ageMs()))
        .onSuccess(
            shown -> {
              String tag = Integer.toHexString(shown.value().getJsonArray("sessions").hashCode());
              JsonAnswer.shared(ctx, shown.value(), shown.ageMs(), tag);
            })
        .onFailure(failure -> Problem.send(ctx, failure));
  }

  private JsonObject ofDay(JsonObject known, String day) {
    long now = nowMs.getAsLong();
    return new JsonObject()
        .put("sessions", SessionDays.pick(known.getJsonArray("sessions"), day, now))
        .put("asOf", known.getLong("asOf"))
        .put("now", now);
  }

  private Future<JsonObject> fetchDay(String day) {
    return backstage
        .persist(SessionDays.query(day, nowMs.getAsLong()), READ_MS)
        .map(reply -> reply.put("asOf", nowMs.getAsLong()));
  }
}
