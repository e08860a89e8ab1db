package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;
import stampede.edge.Backstage;

/**
 * What changes neither a journal nor a table is written down first, and done after: nothing of that
 * kind happens without a trace, and nothing while no persist node answers.
 */
final class AuditNote {
  private final Backstage backstage;

  AuditNote(Backstage backstage) {
    this.backstage = backstage;
  }

  /**
   * @param what for example {@code item.message}
   * @param subject id of what it is about
   * @param again the reply when this operator's key was there already; nothing is done then
   */
  Future<JsonObject> before(
      Instruction instruction,
      String what,
      String subject,
      JsonObject after,
      JsonObject again,
      Supplier<Future<JsonObject>> done) {
    JsonObject note =
        instruction
            .change("audit.add")
            .put("action", what)
            .put("subject", subject)
            .put("after", after);
    return backstage
        .persist(note, CatalogueCommands.PERSIST_MS)
        .compose(
            written -> written.getBoolean("again") ? Future.succeededFuture(again) : done.get());
  }
}
