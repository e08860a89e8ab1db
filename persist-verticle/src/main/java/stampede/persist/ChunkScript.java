package stampede.persist;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.CommitResult;
import stampede.persist.drain.CommitResult.CursorMoved;
import stampede.persist.drain.CommitResult.Failed;
import stampede.persist.drain.Cursor;

/** Everything of a chunk's transaction but the commit, and what its results must say. */
record ChunkScript(Chunk chunk, Cursor expected, List<ChunkSql.Statement> statements, String text) {

  /** {@code lockWaitSeconds}: for the lock of the cursor. */
  static ChunkScript of(int lockWaitSeconds, Cursor expected, Chunk chunk) {
    List<ChunkSql.Statement> statements = ChunkSql.statements(chunk, expected);
    StringJoiner text =
        new StringJoiner(";\n").add(Sql.CHUNK_BEGIN.formatted(lockWaitSeconds, chunk.partition()));
    statements.forEach(statement -> text.add(statement.sql()));
    return new ChunkScript(chunk, expected, statements, text.toString());
  }

  boolean isOf(Chunk other, Cursor from) {
    return chunk == other && expected.equals(from);
  }

  Cursor end() {
    return chunk.end();
  }

  /**
   * Why this must not be committed, if there is a reason.
   *
   * @param results from the script's first statement on
   */
  Optional<CommitResult> refusal(@Nullable RowSet<Row> results) {
    RowSet<Row> cursor = results;
    for (int i = 0; i < Sql.CHUNK_BEGIN_CURSOR_INDEX && cursor != null; i++) {
      cursor = cursor.next();
    }
    Cursor found = cursor == null ? Cursor.START : cursorOf(cursor).orElse(Cursor.START);
    return cursor != null && found.equals(expected)
        ? mismatch(cursor.next())
        : Optional.of(new CursorMoved(found));
  }

  /** A statement that touched another number of rows than the chunk says. */
  private Optional<CommitResult> mismatch(@Nullable RowSet<Row> results) {
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

  /** Of a row of {@link Sql#CURSOR}. */
  static Optional<Cursor> cursorOf(RowSet<Row> rows) {
    for (Row row : rows) {
      long batch = Long.parseUnsignedLong(row.getString(1));
      return Optional.of(new Cursor(row.getLong(2), row.getLong(0), batch));
    }
    return Optional.empty();
  }
}
