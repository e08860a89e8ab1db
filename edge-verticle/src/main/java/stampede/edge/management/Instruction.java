package stampede.edge.management;

import io.vertx.core.json.JsonObject;
import stampede.edge.Fields;
import stampede.protocol.Bytes;
import stampede.protocol.Limits;
import stampede.protocol.Warrant;

/** What an operator wants: the body of one admin command, and who sent it. */
record Instruction(Operator by, Fields body, String because) {
  private static final int KEY_CHARS_MAX = 64;

  Instruction(Operator by, Fields body) {
    this(by, body, "");
  }

  /** The same for another reason than its body names. */
  Instruction because(String reason) {
    return new Instruction(by, body, reason);
  }

  /** Who steers and why, for the journal. */
  Warrant warrant(boolean audited) {
    return new Warrant(by.name(), reason(), key(), audited);
  }

  /** Publishing is idempotent by itself; one key for many items would answer them all alike. */
  Warrant warrantWithoutKey() {
    return new Warrant(by.name(), reason(), Bytes.EMPTY, true);
  }

  /** A {@code persist.query} that changes something. */
  JsonObject change(String op) {
    JsonObject query = new JsonObject().put("op", op).put("by", by.name());
    if (!reason().isEmpty()) {
      query.put("reason", reason());
    }
    if (!key().isEmpty()) {
      query.put("key", key().utf8());
    }
    return query;
  }

  private String reason() {
    return because.isEmpty() ? body.text("reason", Limits.REASON_CHARS_MAX, "") : because;
  }

  private Bytes key() {
    return Bytes.of("key", body.text("key", KEY_CHARS_MAX, ""));
  }
}
