package stampede.persist;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.PartitionMap;

/**
 * Where what is only read is read: on the read server when there is one, and on the primary when
 * that is away, slow, does not have it, or is too far behind for the asker. A read server that
 * failed is left alone for {@value #AWAY_MS} ms, one that is behind for {@value #BEHIND_MS} ms, so
 * that not every question waits for it.
 */
final class ReadSide {
  static final long AWAY_MS = 5_000;
  static final long BEHIND_MS = 1_000;

  private final MySqlLink primary;
  private final @Nullable MySqlLink replica;
  private final DrainedPositions drained;
  private final LongSupplier nowMs;
  private long replicaFromMs = Long.MIN_VALUE;

  interface Reading {
    Future<JsonObject> on(MySqlLink link, SqlConnection connection);
  }

  /**
   * @param replica null = there is none
   * @param nowMs monotonic
   */
  ReadSide(
      MySqlLink primary,
      @Nullable MySqlLink replica,
      DrainedPositions drained,
      LongSupplier nowMs) {
    this.primary = primary;
    this.replica = replica;
    this.drained = drained;
    this.nowMs = nowMs;
  }

  MySqlLink primary() {
    return primary;
  }

  /** What may be a little old. */
  Future<JsonObject> read(Reading reading) {
    return onReplica(reading, null);
  }

  /**
   * What was drained: nothing older than about three seconds, and with everything up to the order
   * {@code seen} in it.
   *
   * @param seen an order the asker knows of, 0 = none
   */
  Future<JsonObject> readDrained(long seen, Reading reading) {
    return onReplica(reading, seen);
  }

  Future<JsonObject> readPrimary(Reading reading) {
    return primary.with(connection -> reading.on(primary, connection));
  }

  private Future<JsonObject> onReplica(Reading reading, @Nullable Long seen) {
    MySqlLink link = replica;
    if (link == null || nowMs.getAsLong() < replicaFromMs) {
      return readPrimary(reading);
    }
    return link.with(
            connection ->
                (seen == null ? Future.<Void>succeededFuture() : upToDate(link, connection, seen))
                    .compose(fresh -> reading.on(link, connection)))
        .recover(
            fault -> {
              if (!(fault instanceof Refusal)) { // not there yet, perhaps
                long pauseMs = fault instanceof Behind ? BEHIND_MS : AWAY_MS;
                replicaFromMs = nowMs.getAsLong() + pauseMs;
              }
              return readPrimary(reading);
            });
  }

  /** The rows are read after the cursors: they are as new, or newer. */
  private Future<Void> upToDate(MySqlLink link, SqlConnection connection, long seen) {
    return link.run(connection, Sql.CURSORS)
        .compose(
            rows -> {
              long[] found = new long[drained.partitions()];
              for (Row row : rows) {
                int partition = row.getInteger(0);
                if (partition < found.length) {
                  found[partition] = row.getLong(1);
                }
              }
              int of = PartitionMap.partitionOfOrder(seen);
              for (int partition = 0; partition < found.length; partition++) {
                long wanted = drained.required(partition);
                if (seen > 0 && partition == of) {
                  wanted = Math.max(wanted, PartitionMap.positionOfOrder(seen));
                }
                if (found[partition] < wanted) {
                  return Future.failedFuture(new Behind(partition, found[partition], wanted));
                }
              }
              return Future.succeededFuture();
            });
  }

  private static final class Behind extends Exception {
    Behind(int partition, long found, long wanted) {
      super(
          "the read server has partition " + partition + " to " + found + " of " + wanted,
          null,
          false,
          false);
    }
  }
}
