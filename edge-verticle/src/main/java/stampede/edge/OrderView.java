package stampede.edge;

import io.vertx.core.json.JsonObject;
import java.util.List;
import stampede.protocol.Bytes;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;

/** An order as JSON: everything for operators, what is the shopper's own for the shopper. */
public final class OrderView {
  private static final List<String> FOR_SHOPPER =
      List.of(
          "order",
          "item",
          "key",
          "quantity",
          "price",
          "currency",
          "status",
          "acceptedAt",
          "payBy",
          "paidAt",
          "payment",
          "releasedAt",
          "releaseReason",
          "refundPayment",
          "refundReason",
          "refundAt",
          "claimBy",
          "claimedAt");

  private OrderView() {}

  /** Members that say nothing yet (no payment, not released) are left out. */
  public static JsonObject ofOwner(OrderFact fact) {
    JsonObject json =
        new JsonObject()
            .put("order", Long.toString(fact.order()))
            .put("item", Long.toString(fact.item()))
            .put("user", fact.user().utf8())
            .put("key", fact.key().utf8())
            .put("quantity", fact.quantity())
            .put("price", fact.price())
            .put("currency", fact.currency())
            .put("status", fact.status().text())
            .put("acceptedAt", fact.acceptedAt())
            .put("payBy", fact.payBy());
    if (fact.paidAt() > 0) {
      json.put("paidAt", fact.paidAt()).put("payment", fact.payment().utf8());
    }
    if (fact.releasedAt() > 0) {
      json.put("releasedAt", fact.releasedAt()).put("releaseReason", fact.releaseReason());
    }
    if (fact.claimBy() > 0) {
      json.put("claimBy", fact.claimBy());
    }
    if (!fact.claimedBy().isEmpty()) {
      json.put("claimedBy", fact.claimedBy().utf8()).put("claimedAt", fact.claimedAt());
    }
    return json;
  }

  /** Of what MySQL says of it. */
  static OrderFact fact(JsonObject json) {
    return new OrderFact(
        Fields.id("order", json.getString("order")),
        Fields.id("item", json.getString("item")),
        Bytes.of(json.getString("user")),
        Bytes.of(json.getString("key")),
        json.getInteger("quantity"),
        json.getLong("price"),
        json.getString("currency"),
        status(json.getString("status")),
        json.getLong("acceptedAt"),
        json.getLong("payBy"),
        json.getLong("paidAt", 0L),
        Bytes.of(json.getString("payment", "")),
        json.getLong("releasedAt", 0L),
        json.getString("releaseReason", ""),
        json.getLong("claimBy", 0L),
        Bytes.of(json.getString("claimedBy", "")),
        json.getLong("claimedAt", 0L));
  }

  private static OrderStatus status(String text) {
    for (OrderStatus status : OrderStatus.values()) {
      if (status.text().equals(text)) {
        return status;
      }
    }
    throw new IllegalStateException("an order's status is " + text);
  }

  /** The shopper's part of an order, whoever told it. */
  static JsonObject forShopper(JsonObject order) {
    JsonObject shown = new JsonObject();
    for (String member : FOR_SHOPPER) {
      Object value = order.getValue(member);
      boolean says = value != null && !value.equals("") && !value.equals(0) && !value.equals(0L);
      if (says || value != null && member.equals("price")) {
        shown.put(member, value);
      }
    }
    return shown;
  }
}
