package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;
import stampede.protocol.Warrant;

/** Writes down what an operator is about to do that changes neither a journal nor a table. */
final class AuditBook {
  private static final int ACTION_CHARS_MAX = 32;
  private static final int SUBJECT_CHARS_MAX = 100;
  private static final int AFTER_CHARS_MAX = 4_000;

  private final CatalogueTables tables;

  AuditBook(CatalogueTables tables) {
    this.tables = tables;
  }

  /** {@code {"again"}}: true = the same operator's key is there already for this action. */
  Future<JsonObject> add(Fields request) {
    request.allowOnly(Set.of("action", "subject", "after", "by", "reason", "key"));
    Warrant warrant = CatalogueTables.warrant(request);
    String action = request.text("action", ACTION_CHARS_MAX);
    String subject = request.text("subject", SUBJECT_CHARS_MAX);
    JsonObject after = after(request);
    return tables.inTransaction(
        connection ->
            tables
                .earlier(connection, action, warrant)
                .compose(earlier -> add(connection, warrant, action, subject, after, earlier)));
  }

  private static JsonObject after(Fields request) {
    if (!(request.value("after") instanceof JsonObject after)
        || after.encode().length() > AFTER_CHARS_MAX) {
      throw new InvalidField(
          "after", "must be an object of at most " + AFTER_CHARS_MAX + " characters");
    }
    return after;
  }

  private Future<JsonObject> add(
      SqlConnection connection,
      Warrant warrant,
      String action,
      String subject,
      JsonObject after,
      @Nullable Row earlier) {
    if (earlier != null) {
      return CatalogueTables.same(subject.equals(earlier.getString("subject")), warrant)
          .map(same -> JsonObject.of("again", true));
    }
    return tables
        .now(connection)
        .compose(
            now -> tables.audit(connection, now, warrant, action, subject, new JsonObject(), after))
        .map(written -> JsonObject.of("again", false));
  }
}
