package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Brings the tables up to date: numbered scripts, each applied once, by one node at a time. Scripts
 * can be run again after they were cut short, since MySQL can't undo a changed table.
 */
final class Schema {
  /** In order; version n is the n-th. Only ever added to. */
  static final List<String> SCRIPTS =
      List.of(
          "V001__sale.sql",
          "V002__calendar.sql",
          "V003__outbox.sql",
          "V004__claim.sql",
          "V005__report.sql");

  private static final int LOCK_TRIES_MAX = 30;
  private static final int STATEMENT_TIMEOUT_MS = 30_000;

  private final MySqlLink link;

  private Schema(MySqlLink link) {
    this.link = link;
  }

  /**
   * Bounded by the number of statements times 30 s. Fails with {@link TooNew} if the database was
   * made by a later version, with anything else if it can't be changed now.
   */
  static Future<Void> apply(Vertx vertx, String url) {
    MySqlLink link =
        new MySqlLink(vertx, "schema", new MySqlLink.Settings(url, 1, 1, STATEMENT_TIMEOUT_MS));
    Schema schema = new Schema(link);
    return link.with(schema::locked).eventually(link::close);
  }

  private Future<Void> locked(SqlConnection connection) {
    return lock(connection, 1)
        .compose(locked -> upgrade(connection))
        .eventually(() -> link.run(connection, Sql.SCHEMA_UNLOCK));
  }

  private Future<Void> lock(SqlConnection connection, int attempt) {
    return link.run(connection, Sql.SCHEMA_LOCK)
        .compose(
            rows -> {
              if (number(rows) == 1) {
                return Future.succeededFuture();
              }
              return attempt < LOCK_TRIES_MAX
                  ? lock(connection, attempt + 1)
                  : Future.failedFuture(
                      new IllegalStateException(
                          "another node has been changing the tables for "
                              + LOCK_TRIES_MAX
                              + " s; its lock is stampede.schema.*"));
            });
  }

  private Future<Void> upgrade(SqlConnection connection) {
    return link.run(connection, Sql.SCHEMA_TABLE)
        .compose(made -> link.run(connection, Sql.SCHEMA_VERSION))
        .compose(
            rows -> {
              int found = number(rows);
              return found > SCRIPTS.size()
                  ? Future.failedFuture(new TooNew(found, SCRIPTS.size()))
                  : from(connection, found);
            });
  }

  private Future<Void> from(SqlConnection connection, int version) {
    if (version == SCRIPTS.size()) {
      return Future.succeededFuture();
    }
    String name = SCRIPTS.get(version);
    Future<?> done = Future.succeededFuture();
    for (String statement : SchemaScript.statements(read(name))) {
      done = done.compose(before -> link.run(connection, statement));
    }
    return done.compose(
            all -> link.run(connection, Sql.SCHEMA_APPLIED, Tuple.of(version + 1, name)))
        .compose(noted -> from(connection, version + 1));
  }

  private static int number(RowSet<Row> rows) {
    Integer value = rows.iterator().next().getInteger(0);
    return value == null ? 0 : value;
  }

  private static String read(String name) {
    try (InputStream in = Schema.class.getResourceAsStream("/schema/" + name)) {
      if (in == null) {
        throw new IllegalStateException("/schema/" + name + " is missing in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The database was made by a later version of this program. */
  static final class TooNew extends Exception {
    TooNew(int found, int known) {
      super(
          "the database has schema version "
              + found
              + ", this node knows up to "
              + known
              + "; upgrade this node or point mysqlUrl at another database");
    }
  }
}
