package stampede.persist;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.VertxException;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
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
 * Orders in MySQL: a chunk is one transaction. A lone one takes two round trips: the rows go with
 * the question for the cursor, for a drain is nearly always alone; if it was not, nothing of them
 * stays. While a chunk is under way, the rows of the next two, if they were announced, are written
 * on connections of their own: the server waits for no commit and no reply, and one item's orders
 * have more than one of its threads.
 *
 * <pre>
 *   alone: begin, lock the cursor, rows, cursor forward ─► was the cursor where I thought? ─► commit ─► next
 *                 │ refused                                    │ no: CursorMoved                │ no reply
 *                 ▼                                            ▼                                ▼
 *          cursor moved? else Transient or Failed           rollback                         Unknown
 *                                                              ▲
 *   ahead: begin, rows ┄┄ its turn: lock the cursor, cursor forward ─► the same question ─► commit ─► next
 *          │ any trouble
 *          ▼
 *        rollback; alone, in its turn
 * </pre>
 *
 * <p>What is written ahead has no effect and holds no lock that another chunk needs, but those on
 * its own rows; it is committed only when it is asked for, after the commit before it was told, in
 * the transaction that locks the cursor, compares it and moves it. If it is not asked for, it is
 * undone. Only while the pool has a connection to spare. After a chunk that was not committed the
 * next one comes alone: rows ahead of it might be what stood in its way.
 */
final class MySqlOrderStore implements OrderStore {
  /** Rows of so many chunks of a partition are on their way at once, beside the one under way. */
  private static final int AHEAD_MAX = 2;

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

  private final Map<Integer, Line> lines = new HashMap<>();

  /** What is under way and what is to follow in a partition. */
  private static final class Line {
    /** In their order; what can't be said in SQL fails in its turn. */
    final Deque<ChunkScript> announced = new ArrayDeque<>();

    /** Where the chunk under way ends; null = none is. */
    @Nullable Cursor underWay;

    /** Those after it, in their order. */
    final Deque<Ahead> ahead = new ArrayDeque<>();

    /** Nothing is written ahead of the next chunk. */
    boolean alone;

    long commits;

    /** Takes what is announced next if it is {@code chunk}; everything is void if it is not. */
    Optional<ChunkScript> takeIfNext(Chunk chunk, Cursor expected) {
      ChunkScript next = announced.poll();
      if (next != null && next.isOf(chunk, expected)) {
        return Optional.of(next);
      }
      announced.clear();
      return Optional.empty();
    }

    /** Takes what follows all that is written or under way. */
    Optional<ChunkScript> takeFollowing() {
      ChunkScript next = announced.peek();
      Cursor end = ahead.isEmpty() ? underWay : ahead.getLast().script.end();
      return next != null && next.expected().equals(end)
          ? Optional.of(announced.remove())
          : Optional.empty();
    }

    boolean mayWriteAhead() {
      return underWay != null && !alone && ahead.size() < AHEAD_MAX;
    }

    int connections() {
      return (underWay == null ? 0 : 1) + ahead.size();
    }
  }

  /**
   * A chunk's rows.
   *
   * @param written in an open transaction, with nothing against them; fails if nothing of them is
   *     left
   */
  private record Ahead(ChunkScript script, Future<SqlConnection> written) {}

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
                                ? Future.succeededFuture(
                                    ChunkScript.cursorOf(rows).orElse(Cursor.START))
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
    Line line = line(partition);
    script(expected, chunk).onSuccess(line.announced::add);
    writeAhead(line);
  }

  @Override
  public void commit(int partition, Cursor expected, Chunk chunk, Completion<CommitResult> done) {
    Line line = line(partition);
    long asked = ++line.commits;
    line.underWay = chunk.end();
    committed(line, expected, chunk)
        .onComplete(
            end -> {
              line.underWay = null;
              line.alone = !(end.result() instanceof Committed);
              done.done(end.result(), end.cause());
              if (line.commits == asked) { // nobody goes on from here
                line.announced.clear();
                undone(line);
              }
            });
    writeAhead(line); // after what is under way
  }

  private Line line(int partition) {
    return lines.computeIfAbsent(partition, p -> new Line());
  }

  private Future<CommitResult> committed(Line line, Cursor expected, Chunk chunk) {
    Ahead ahead = line.ahead.peek();
    if (ahead != null && ahead.script.isOf(chunk, expected)) {
      line.ahead.remove();
      return ahead.written.transform(
          rows -> rows.succeeded() ? rest(rows.result(), ahead.script) : alone(ahead.script));
    }
    Future<ChunkScript> script =
        line.takeIfNext(chunk, expected)
            .map(Future::succeededFuture)
            .orElseGet(() -> script(expected, chunk));
    return undone(line)
        .transform(undone -> script)
        .transform(
            made ->
                made.succeeded()
                    ? alone(made.result())
                    : Future.succeededFuture(classify(made.cause())));
  }

  /** Fails if a chunk can't be said in SQL. */
  private Future<ChunkScript> script(Cursor expected, Chunk chunk) {
    return Future.succeededFuture(lockWaitSeconds)
        .map(seconds -> ChunkScript.of(seconds, expected, chunk));
  }

  private void writeAhead(Line line) {
    while (line.mayWriteAhead() && isOneToSpare()) {
      Optional<ChunkScript> next = line.takeFollowing();
      if (next.isEmpty()) {
        return;
      }
      ChunkScript script = next.get();
      line.ahead.add(
          new Ahead(script, link.lease().compose(connection -> rows(connection, script))));
    }
  }

  private boolean isOneToSpare() {
    return lines.values().stream().mapToInt(Line::connections).sum() < link.connections();
  }

  private Future<SqlConnection> rows(SqlConnection connection, ChunkScript script) {
    return link.run(connection, script.rowsText())
        .transform(
            rows ->
                rows.succeeded() && script.rowsAreIn(rows.result())
                    ? Future.succeededFuture(connection)
                    : undo(connection, rows.cause(), connection)
                        .compose(undone -> Future.failedFuture("undone")));
  }

  /** Nothing is written ahead any more. */
  private Future<?> undone(Line line) {
    List<Future<SqlConnection>> undone = new ArrayList<>();
    for (Ahead ahead : line.ahead) {
      undone.add(ahead.written.compose(connection -> undo(connection, null, connection)));
    }
    line.ahead.clear();
    return Future.join(undone);
  }

  private Future<CommitResult> alone(ChunkScript script) {
    return link.lease()
        .transform(
            lease -> {
              if (lease.failed()) {
                return Future.succeededFuture(new Transient(text(lease.cause())));
              }
              SqlConnection connection = lease.result();
              return link.run(connection, script.text())
                  .transform(told -> decided(connection, script, told, script::refusal));
            });
  }

  private Future<CommitResult> rest(SqlConnection connection, ChunkScript script) {
    return link.run(connection, script.restText())
        .transform(told -> decided(connection, script, told, script::refusalOfRest));
  }

  private Future<CommitResult> decided(
      SqlConnection connection,
      ChunkScript script,
      AsyncResult<RowSet<Row>> told,
      Function<RowSet<Row>, Optional<CommitResult>> refusal) {
    if (told.failed()) {
      return refused(connection, script, told.cause());
    }
    return refusal
        .apply(told.result())
        .map(reason -> undo(connection, null, reason))
        .orElseGet(() -> commit(connection, script));
  }

  /** If another drain was here first, rows that are there already are no mistake. */
  private Future<CommitResult> refused(
      SqlConnection connection, ChunkScript script, Throwable fault) {
    CommitResult result = classify(fault);
    if (!(result instanceof Failed)) {
      return undo(connection, fault, result);
    }
    return link.run(connection, Sql.CURSOR, Tuple.of(script.chunk().partition()))
        .transform(
            rows -> {
              if (rows.failed()) {
                return undo(connection, rows.cause(), classify(rows.cause()));
              }
              Cursor found = ChunkScript.cursorOf(rows.result()).orElse(Cursor.START);
              boolean moved = !found.equals(script.expected());
              return undo(connection, null, moved ? new CursorMoved(found) : result);
            });
  }

  private Future<CommitResult> commit(SqlConnection connection, ChunkScript script) {
    return link.run(connection, "COMMIT")
        .transform(
            reply -> {
              MySqlLink.giveBack(connection, reply.cause());
              return Future.succeededFuture(
                  reply.succeeded()
                      ? new Committed(script.end())
                      : new Unknown(text(reply.cause())));
            });
  }

  /** Rolls back; a connection on which that is not certain is left to the server's time-out. */
  private <T> Future<T> undo(SqlConnection connection, @Nullable Throwable fault, T result) {
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
}
