package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.VertxException;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.CommitResult;
import stampede.persist.drain.CommitResult.Committed;
import stampede.persist.drain.CommitResult.CursorMoved;
import stampede.persist.drain.CommitResult.Failed;
import stampede.persist.drain.CommitResult.Transient;
import stampede.persist.drain.CommitResult.Unknown;
import stampede.persist.drain.Cursor;
import stampede.persist.drain.OrderStore;
import stampede.protocol.SaleItem;
import stampede.protocol.port.Completion;

/**
 * Orders in MySQL: a chunk is one transaction in two round trips. The rows go with the question for
 * the cursor, for a drain is nearly always alone; if it was not, nothing of them stays.
 *
 * <pre>
 *   begin, lock the cursor, rows, cursor forward ──► was the cursor where I thought? ──► commit
 *                │ refused                              │ no: CursorMoved                  │ no reply
 *                ▼                                      ▼                                  ▼
 *    cursor moved? else Transient or Failed          rollback                           Unknown
 * </pre>
 */
final class MySqlOrderStore implements OrderStore {
  /**
   * Errors that say nothing about the chunk: locks, snapshots, limits, a server on its way down.
   */
  private static final Set<Integer> TRANSIENT_CODES =
      Set.of(
          1020, // record has changed since last read
          1021, // disk full
          1037, // out of memory
          1038, // out of sort memory
          1040, // too many connections
          1041, // out of resources
          1053, // shutdown in progress
          1114, // the table is full
          1158, // network: reading
          1159, // network: reading timed out
          1160, // network: writing
          1161, // network: writing timed out
          1203, // too many connections of this user
          1205, // lock wait timed out
          1206, // lock table full
          1213, // deadlock
          1226, // resource limit of this user
          1290, // read-only, as after a fail-over
          1317, // query killed
          1836, // read-only mode
          1927, // connection killed (MariaDB)
          3024, // execution time exceeded
          4031 // disconnected for inactivity
          );

  private final MySqlLink link;
  private final int lockWaitSeconds;

  /** What is made for the next chunk, by partition. */
  private final Map<Integer, Announced> announced = new HashMap<>();

  private record Announced(Chunk chunk, Cursor expected, Future<Script> script) {}

  /** Everything of a chunk but the commit. */
  private record Script(
      int partition,
      Cursor expected,
      Cursor end,
      List<ChunkSql.Statement> statements,
      String text) {

    static Script of(String begin, Cursor expected, Chunk chunk) {
      List<ChunkSql.Statement> statements = ChunkSql.statements(chunk, expected);
      StringJoiner text = new StringJoiner(";\n").add(begin);
      statements.forEach(statement -> text.add(statement.sql()));
      return new Script(chunk.partition(), expected, chunk.end(), statements, text.toString());
    }
  }

  /**
   * @param lockWaitSeconds how long to wait for another drain's lock; less than the link's time-out
   */
  MySqlOrderStore(MySqlLink link, int lockWaitSeconds) {
    this.link = link;
    this.lockWaitSeconds = lockWaitSeconds;
  }

  @Override
  public void cursor(int partition, Completion<Cursor> done) {
    Tuple key = Tuple.of(partition);
    link.with(
            connection ->
                link.run(connection, Sql.CURSOR, key)
                    .compose(
                        rows ->
                            rows.size() > 0
                                ? Future.succeededFuture(cursorOf(rows).orElse(Cursor.START))
                                : link.run(connection, Sql.CURSOR_FIRST, key).map(Cursor.START)))
        .onComplete(done::done);
  }

  @Override
  public void items(int partition, Completion<List<SaleItem>> done) {
    link.with(c -> link.run(c, Sql.ITEMS_PUBLISHED, Tuple.of(partition)).map(ItemRows::items))
        .onComplete(done::done);
  }

  @Override
  public void announce(int partition, Cursor expected, Chunk chunk) {
    announced.put(partition, new Announced(chunk, expected, script(expected, chunk)));
  }

  @Override
  public void commit(int partition, Cursor expected, Chunk chunk, Completion<CommitResult> done) {
    scriptOf(expected, chunk)
        .transform(
            made ->
                made.succeeded()
                    ? attempt(made.result())
                    : Future.<CommitResult>succeededFuture(classify(made.cause())))
        .onComplete(done::done);
  }

  private Future<Script> scriptOf(Cursor expected, Chunk chunk) {
    Announced made = announced.remove(chunk.partition());
    return made != null && made.chunk == chunk && made.expected.equals(expected)
        ? made.script
        : script(expected, chunk);
  }

  /** Fails if a chunk can't be said in SQL. */
  private Future<Script> script(Cursor expected, Chunk chunk) {
    return Future.succeededFuture(Sql.CHUNK_BEGIN.formatted(lockWaitSeconds, chunk.partition()))
        .map(begin -> Script.of(begin, expected, chunk));
  }

  private Future<CommitResult> attempt(Script script) {
    return link.lease()
        .transform(
            lease ->
                lease.succeeded()
                    ? attempt(lease.result(), script)
                    : Future.succeededFuture(new Transient(text(lease.cause()))));
  }

  private Future<CommitResult> attempt(SqlConnection connection, Script script) {
    return link.run(connection, script.text())
        .transform(
            written -> {
              if (written.failed()) {
                return refused(connection, script, written.cause());
              }
              Optional<CommitResult> refusal = refusal(script, written.result());
              return refusal.isPresent()
                  ? undo(connection, null, refusal.get())
                  : commit(connection, script.end());
            });
  }

  /** If another drain was here first, rows that are there already are no mistake. */
  private Future<CommitResult> refused(SqlConnection connection, Script script, Throwable fault) {
    CommitResult result = classify(fault);
    if (!(result instanceof Failed)) {
      return undo(connection, fault, result);
    }
    return link.run(connection, Sql.CURSOR, Tuple.of(script.partition()))
        .transform(
            rows -> {
              if (rows.failed()) {
                return undo(connection, rows.cause(), classify(rows.cause()));
              }
              Cursor found = cursorOf(rows.result()).orElse(Cursor.START);
              boolean moved = !found.equals(script.expected());
              return undo(connection, null, moved ? new CursorMoved(found) : result);
            });
  }

  /** Why this must not be committed, if there is a reason. */
  private static Optional<CommitResult> refusal(Script script, RowSet<Row> results) {
    RowSet<Row> cursor = results;
    for (int i = 0; i < Sql.CHUNK_BEGIN_CURSOR_INDEX; i++) {
      cursor = cursor.next();
    }
    Cursor found = cursorOf(cursor).orElse(Cursor.START);
    return found.equals(script.expected())
        ? mismatch(script.statements(), cursor.next())
        : Optional.of(new CursorMoved(found));
  }

  /** A statement that touched another number of rows than the chunk says. */
  private static Optional<CommitResult> mismatch(
      List<ChunkSql.Statement> statements, RowSet<Row> results) {
    RowSet<Row> result = results;
    for (ChunkSql.Statement statement : statements) {
      int found = result == null ? 0 : result.rowCount();
      if (statement.rows() >= 0 && found != statement.rows()) {
        return Optional.of(
            new Failed(
                statement.what() + ": " + statement.rows() + " expected, " + found + " found"));
      }
      result = result == null ? null : result.next();
    }
    return Optional.empty();
  }

  private Future<CommitResult> commit(SqlConnection connection, Cursor end) {
    return link.run(connection, "COMMIT")
        .transform(
            reply -> {
              MySqlLink.giveBack(connection, reply.cause());
              CommitResult result =
                  reply.succeeded() ? new Committed(end) : new Unknown(text(reply.cause()));
              return Future.succeededFuture(result);
            });
  }

  /** Rolls back; a connection on which that is not certain is left to the server's time-out. */
  private Future<CommitResult> undo(
      SqlConnection connection, @Nullable Throwable fault, CommitResult result) {
    if (fault instanceof TimeoutException) {
      return Future.succeededFuture(result);
    }
    return link.run(connection, "ROLLBACK")
        .transform(
            undone -> {
              MySqlLink.giveBack(connection, undone.cause());
              return Future.succeededFuture(result);
            });
  }

  /** A mistake of our own repeats itself: waiting for it to pass would hide it. */
  private static CommitResult classify(Throwable fault) {
    boolean refused =
        fault instanceof MySQLException e
            ? !TRANSIENT_CODES.contains(e.getErrorCode())
            : fault instanceof RuntimeException && !(fault instanceof VertxException);
    return refused ? new Failed(text(fault)) : new Transient(text(fault));
  }

  private static String text(Throwable fault) {
    return fault.getMessage() == null ? fault.getClass().getSimpleName() : fault.getMessage();
  }

  private static Optional<Cursor> cursorOf(RowSet<Row> rows) {
    for (Row row : rows) {
      long batch = Long.parseUnsignedLong(row.getString(1));
      return Optional.of(new Cursor(row.getLong(2), row.getLong(0), batch));
    }
    return Optional.empty();
  }
}
