package stampede.persist;

import io.vertx.core.json.JsonObject;
import stampede.protocol.InvalidField;

/**
 * Where a page of orders, newest first, ends: the next one begins behind it, whatever was accepted
 * meanwhile. As text it is opaque to those who ask.
 */
record OrderPlace(long acceptedAt, long order) {
  private static final OrderPlace BEGIN = new OrderPlace(Long.MAX_VALUE, Long.MAX_VALUE);

  static OrderPlace of(JsonObject order) {
    return new OrderPlace(order.getLong("acceptedAt"), Long.parseLong(order.getString("order")));
  }

  /** Of a text that {@link #toString} made; empty = before the newest. */
  static OrderPlace of(String field, String text) {
    if (text.isEmpty()) {
      return BEGIN;
    }
    if (!text.matches("[0-9]{1,18}-[0-9]{1,18}")) {
      throw new InvalidField(field, "must be the next of another page");
    }
    int dash = text.indexOf('-');
    return new OrderPlace(
        Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
  }

  @Override
  public String toString() {
    return acceptedAt + "-" + order;
  }
}
