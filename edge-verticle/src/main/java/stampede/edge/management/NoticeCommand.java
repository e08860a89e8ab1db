package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import stampede.edge.Backstage;
import stampede.protocol.Addresses;
import stampede.protocol.Limits;

/** An operator's words to those who wait for an item: every edge tells its own. */
final class NoticeCommand {
  private static final long OWNER_MS = 2_000;

  private final EdgeSide edge;
  private final AuditNote audit;

  NoticeCommand(EdgeSide edge) {
    this.edge = edge;
    this.audit = new AuditNote(edge.backstage());
  }

  /** {@code {"item","text","at","sent"}}; who heard it nobody knows. */
  Future<JsonObject> send(Instruction instruction) {
    long item = instruction.body().id("item");
    String text = instruction.body().text("text", Limits.NOTICE_CHARS_MAX);
    Backstage backstage = edge.backstage();
    JsonObject notice =
        new JsonObject()
            .put("item", Long.toString(item))
            .put("text", text)
            .put("at", edge.nowMs().getAsLong());
    return backstage
        .item(item, OWNER_MS)
        .compose(
            known ->
                audit.before(
                    instruction,
                    "item.message",
                    Long.toString(item),
                    new JsonObject().put("text", text),
                    notice.copy().put("sent", true).put("again", true),
                    () -> {
                      edge.bus().publish(Addresses.NOTICES, notice.toBuffer().getBytes());
                      return Future.succeededFuture(notice.copy().put("sent", true));
                    }));
  }
}
