package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.LongSupplier;
import stampede.node.StandardWebhooks;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.PartitionMap;
import stampede.protocol.Reply;

/**
 * The call-back of the payment side. The signature is checked before a byte of the body is
 * understood; the answer leaves after the journal has the payment, so a 200 is never taken back.
 */
final class PaymentsApi {
  private static final long ANSWER_MS = 10_000;
  private static final long READ_MS = 2_000;

  private final Backstage backstage;
  private final StandardWebhooks signature;
  private final LongSupplier nowMs;

  PaymentsApi(Backstage backstage, StandardWebhooks signature, LongSupplier nowMs) {
    this.backstage = backstage;
    this.signature = signature;
    this.nowMs = nowMs;
  }

  void mount(Router router) {
    JsonBody.posted(router, "/api/v1/payments")
        .handler(
            ctx ->
                pay(ctx)
                    .onSuccess(body -> JsonAnswer.personal(ctx, body))
                    .onFailure(failure -> Problem.send(ctx, failure)));
  }

  private Future<JsonObject> pay(RoutingContext ctx) {
    try {
      requireGenuine(ctx);
      Command.Pay pay = payOf(Fields.ofBody(ctx));
      if (!backstage.hasPartitionOfOrder(pay.order())) {
        throw new Problem.Refused(404, "unknown_order", "there is no order with this id");
      }
      int partition = PartitionMap.partitionOfOrder(pay.order());
      return backstage
          .owner(partition, pay, Reply.PaymentIs.class, ANSWER_MS)
          .map(PaymentsApi::told)
          .recover(
              failure ->
                  backstage
                      .archived(pay.order(), Bytes.EMPTY, failure, READ_MS)
                      .compose(order -> ofArchived(pay, order)))
          .recover(failure -> Future.failedFuture(withStatus(failure)));
    } catch (Problem.Refused refused) {
      return Future.failedFuture(refused);
    }
  }

  private void requireGenuine(RoutingContext ctx) throws Problem.Refused {
    HttpServerRequest request = ctx.request();
    Buffer body = ctx.body().buffer();
    String fault =
        signature.faultOf(
            request.getHeader("webhook-id"),
            request.getHeader("webhook-timestamp"),
            request.getHeader("webhook-signature"),
            body == null ? new byte[0] : body.getBytes(),
            nowMs.getAsLong());
    if (fault != null) {
      throw new Problem.Refused(401, fault, "not a genuine call of the payment side; ignored");
    }
  }

  private static Command.Pay payOf(Fields body) {
    return new Command.Pay(
        body.id("order"),
        body.bytes("payment"),
        body.whole("amount", 0, Long.MAX_VALUE),
        body.text("currency", 8));
  }

  /**
   * The books of an archived order are closed: a call that was answered before is answered again,
   * what is new is not taken, and must be given back by who took it.
   */
  private static Future<JsonObject> ofArchived(Command.Pay pay, JsonObject order) {
    String payment = pay.payment().utf8();
    String status =
        payment.equals(order.getString("payment"))
            ? "paid"
            : payment.equals(order.getString("refundPayment"))
                ? order.getString("refundReason")
                : "";
    if (!status.isEmpty()) {
      return Future.succeededFuture(
          new JsonObject().put("order", Long.toString(pay.order())).put("status", status));
    }
    String detail =
        "order "
            + pay.order()
            + " is archived as "
            + order.getString("status")
            + "; this payment was not booked: give it back where it came from";
    return Future.failedFuture(new Problem.Refused(410, "archived", detail));
  }

  private static Throwable withStatus(Throwable failure) {
    if (!(failure instanceof Backstage.Refusal refusal)) {
      return failure;
    }
    return switch (refusal.code()) {
      case "amount_mismatch", "currency_mismatch" ->
          new Problem.Refused(422, refusal.code(), refusal.detail());
      case "payment_reused" -> new Problem.Refused(409, refusal.code(), refusal.detail());
      default -> refusal;
    };
  }

  private static JsonObject told(Reply.PaymentIs reply) {
    return new JsonObject()
        .put("order", Long.toString(reply.order().order()))
        .put("status", reply.status());
  }
}
