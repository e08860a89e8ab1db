package stampede.persist;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import stampede.persist.ChunkSql.Statement;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.CommitResult;
import stampede.persist.drain.CommitResult.CursorMoved;
import stampede.persist.drain.CommitResult.Failed;
import stampede.persist.drain.Cursor;

/**
 * Everything of a chunk's transaction but the commit, as one message or as two, and what its
 * results must say.
 *
 * <pre>
 *   text():      begin · lock the cursor · rows · rest, cursor forward
 *   rowsText():  begin · rows                                restText():  lock the cursor · rest, cursor forward
 * </pre>
 */
record ChunkScript(
    Chunk chunk, Cursor expected, int lockWaitSeconds, List<Statement> rows, List<Statement> rest) {

  /** {@code lockWaitSeconds}: for each lock. */
  static ChunkScript of(int lockWaitSeconds, Cursor expected, Chunk chunk) {
    return new ChunkScript(
        chunk, expected, lockWaitSeconds, ChunkSql.rows(chunk), ChunkSql.rest(chunk, expected));
  }

  boolean isOf(Chunk other, Cursor from) {
    return chunk == other && expected.equals(from);
  }

  Cursor end() {
    return chunk.end();
  }

  String text() {
    return joined(joined(new StringJoiner(";\n").add(begin()).add(lock()), rows), rest).toString();
  }

  String rowsText() {
    return joined(new StringJoiner(";\n").add(begin()), rows).toString();
  }

  String restText() {
    return joined(new StringJoiner(";\n").add(lock()), rest).toString();
  }

  private String begin() {
    return Sql.CHUNK_BEGIN.formatted(lockWaitSeconds);
  }

  private String lock() {
    return Sql.CHUNK_LOCK.formatted(chunk.partition());
  }

  private static StringJoiner joined(StringJoiner text, List<Statement> statements) {
    statements.forEach(statement -> text.add(statement.sql()));
    return text;
  }

  /**
   * Why this must not be committed, if there is a reason.
   *
   * @param results of {@link #text}
   */
  Optional<CommitResult> refusal(RowSet<Row> results) {
    RowSet<Row> cursor = after(Sql.CHUNK_BEGIN_RESULTS, results);
    return moved(cursor)
        .or(() -> mismatch(rows, after(1, cursor)))
        .or(() -> mismatch(rest, after(1 + rows.size(), cursor)));
  }

  /** Whether there are as many rows as there should be; {@code results} of {@link #rowsText}. */
  boolean rowsAreIn(RowSet<Row> results) {
    return mismatch(rows, after(Sql.CHUNK_BEGIN_RESULTS, results)).isEmpty();
  }

  /** As {@link #refusal}, of {@link #restText}. */
  Optional<CommitResult> refusalOfRest(RowSet<Row> results) {
    return moved(results).or(() -> mismatch(rest, after(1, results)));
  }

  private static @Nullable RowSet<Row> after(int count, @Nullable RowSet<Row> results) {
    RowSet<Row> result = results;
    for (int i = 0; i < count && result != null; i++) {
      result = result.next();
    }
    return result;
  }

  private Optional<CommitResult> moved(@Nullable RowSet<Row> cursor) {
    Cursor found = cursor == null ? Cursor.START : cursorOf(cursor).orElse(Cursor.START);
    return cursor != null && found.equals(expected)
        ? Optional.empty()
        : Optional.of(new CursorMoved(found));
  }

  /** A statement that touched another number of rows than the chunk says. */
  private static Optional<CommitResult> mismatch(
      List<Statement> statements, @Nullable RowSet<Row> results) {
    RowSet<Row> result = results;
    for (Statement statement : statements) {
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

  /** Of a row of {@link Sql#CURSOR}. */
  static Optional<Cursor> cursorOf(RowSet<Row> rows) {
    for (Row row : rows) {
      long batch = Long.parseUnsignedLong(row.getString(1));
      return Optional.of(new Cursor(row.getLong(2), row.getLong(0), batch));
    }
    return Optional.empty();
  }
}
