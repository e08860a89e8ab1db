package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.VertxException;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 *        ▲       │ refused                              │ no: CursorMoved                │   │ no reply
 *        │       ▼                                      ▼                                │   ▼
 *        │   cursor moved? else Transient or Failed   rollback                           │ Unknown
 *        └───────────── the next chunk, if it was announced, in the same message ────────┘
 * </pre>
 *
 * <p>A message of several statements ends at the first that fails, so a chunk sent behind the
 * commit of the one before it never gets in without it. Such a chunk is written, but committed only
 * when it is asked for; if it is not, or something is wrong with it, it is undone and meets its
 * fate in its own turn. A message that fails leaves the commit at its head Unknown. Between two
 * messages nothing is open that the server would commit by itself.
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

  private final Map<Integer, Line> lines = new HashMap<>();

  /** The chunks of a partition that are to follow. */
  private static final class Line {
    /** In their order; what can't be said in SQL fails in its turn. */
    final Deque<ChunkScript> announced = new ArrayDeque<>();

    /** In an open transaction, with nothing against it; only while a commit is told of. */
    @Nullable Written written;

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

    Optional<ChunkScript> takeAfter(Cursor end) {
      ChunkScript next = announced.peek();
      return next != null && next.expected().equals(end)
          ? Optional.of(announced.remove())
          : Optional.empty();
    }
  }

  private record Written(SqlConnection connection, ChunkScript script) {}

  /** What became of a chunk, and what was written with its commit. */
  private record Told(CommitResult result, @Nullable Written next) {
    Told(CommitResult result) {
      this(result, null);
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
    script(expected, chunk).onSuccess(line(partition).announced::add);
  }

  @Override
  public void commit(int partition, Cursor expected, Chunk chunk, Completion<CommitResult> done) {
    Line line = line(partition);
    long asked = ++line.commits;
    Written written = line.written;
    line.written = null;
    Future<Told> told =
        written != null && written.script.isOf(chunk, expected)
            ? commit(line, written)
            : undone(written).transform(undone -> commit(line, expected, chunk));
    told.onComplete(
        end -> {
          line.written = end.succeeded() ? end.result().next : null;
          done.done(end.succeeded() ? end.result().result : null, end.cause());
          if (line.commits == asked) { // nobody goes on from here
            line.announced.clear();
            undone(line.written);
            line.written = null;
          }
        });
  }

  private Line line(int partition) {
    return lines.computeIfAbsent(partition, p -> new Line());
  }

  private Future<Told> commit(Line line, Cursor expected, Chunk chunk) {
    return line.takeIfNext(chunk, expected)
        .map(Future::succeededFuture)
        .orElseGet(() -> script(expected, chunk))
        .transform(
            made -> made.succeeded() ? attempt(line, made.result()) : told(classify(made.cause())));
  }

  /** Fails if a chunk can't be said in SQL. */
  private Future<ChunkScript> script(Cursor expected, Chunk chunk) {
    return Future.succeededFuture(lockWaitSeconds)
        .map(seconds -> ChunkScript.of(seconds, expected, chunk));
  }

  private static Future<Told> told(CommitResult result) {
    return Future.succeededFuture(new Told(result));
  }

  private Future<Told> attempt(Line line, ChunkScript script) {
    return link.lease()
        .transform(
            lease ->
                lease.succeeded()
                    ? attempt(line, new Written(lease.result(), script))
                    : told(new Transient(text(lease.cause()))));
  }

  private Future<Told> attempt(Line line, Written chunk) {
    return link.run(chunk.connection, chunk.script.text())
        .transform(
            written -> {
              if (written.failed()) {
                return refused(chunk.connection, chunk.script, written.cause());
              }
              Optional<CommitResult> refusal = chunk.script.refusal(written.result());
              return refusal.isPresent()
                  ? undo(chunk.connection, null, new Told(refusal.get()))
                  : commit(line, chunk);
            });
  }

  /** If another drain was here first, rows that are there already are no mistake. */
  private Future<Told> refused(SqlConnection connection, ChunkScript script, Throwable fault) {
    CommitResult result = classify(fault);
    if (!(result instanceof Failed)) {
      return undo(connection, fault, new Told(result));
    }
    return link.run(connection, Sql.CURSOR, Tuple.of(script.chunk().partition()))
        .transform(
            rows -> {
              if (rows.failed()) {
                return undo(connection, rows.cause(), new Told(classify(rows.cause())));
              }
              Cursor found = ChunkScript.cursorOf(rows.result()).orElse(Cursor.START);
              boolean moved = !found.equals(script.expected());
              return undo(connection, null, new Told(moved ? new CursorMoved(found) : result));
            });
  }

  private Future<Told> commit(Line line, Written chunk) {
    Optional<ChunkScript> next = line.takeAfter(chunk.script.end());
    if (next.isPresent()) {
      return commitAndWrite(chunk, new Written(chunk.connection, next.get()));
    }
    return link.run(chunk.connection, "COMMIT")
        .transform(
            reply -> {
              MySqlLink.giveBack(chunk.connection, reply.cause());
              return told(
                  reply.succeeded()
                      ? new Committed(chunk.script.end())
                      : new Unknown(text(reply.cause())));
            });
  }

  private Future<Told> commitAndWrite(Written chunk, Written next) {
    return link.run(chunk.connection, "COMMIT;\n" + next.script.text())
        .transform(
            reply -> {
              if (reply.failed()) { // by the commit or by what follows it
                return undo(
                    chunk.connection, reply.cause(), new Told(new Unknown(text(reply.cause()))));
              }
              CommitResult committed = new Committed(chunk.script.end());
              return next.script.refusal(reply.result().next()).isPresent()
                  ? undo(chunk.connection, null, new Told(committed))
                  : Future.succeededFuture(new Told(committed, next));
            });
  }

  private Future<?> undone(@Nullable Written written) {
    return written == null ? Future.succeededFuture() : undo(written.connection, null, written);
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
