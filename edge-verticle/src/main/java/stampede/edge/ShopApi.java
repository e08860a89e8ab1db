package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.LongSupplier;
import stampede.node.StandardWebhooks;

/**
 * The public HTTP side beside shakes and pages: orders, payments, tickets, who asks, the time. On
 * the edge's event loop; every answer comes within 12 s. Needs {@link Problem#install} on the
 * router.
 */
public final class ShopApi {
  private final Shoppers shoppers;
  private final Shoppers.TicketDesk tickets;
  private final LongSupplier nowMs;
  private final OrdersApi orders;
  private final PaymentsApi payments;

  /**
   * @param nowMs epoch ms, for what is told and for the age of signatures
   */
  public ShopApi(
      Backstage backstage,
      Shoppers shoppers,
      Shoppers.TicketDesk tickets,
      StandardWebhooks signature,
      LongSupplier nowMs) {
    this.shoppers = shoppers;
    this.tickets = tickets;
    this.nowMs = nowMs;
    orders = new OrdersApi(backstage, shoppers, nowMs);
    payments = new PaymentsApi(backstage, signature, nowMs);
  }

  public void mount(Router router) {
    orders.mount(router);
    payments.mount(router);
    JsonBody.ignored(router, "/api/v1/tickets").handler(this::ticket);
    router.get("/api/v1/time").handler(this::time);
    router.get("/api/v1/me").handler(this::me);
  }

  /** A page is the same for all: whose browser shows it, it asks here. */
  private void me(RoutingContext ctx) {
    shoppers
        .who(ctx.request())
        .onSuccess(
            shopper ->
                JsonAnswer.personal(
                    ctx,
                    new JsonObject()
                        .put("user", shopper.user().utf8())
                        .put("expiresAt", shopper.expiresAtMs())))
        .onFailure(failure -> Problem.send(ctx, failure));
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
}
