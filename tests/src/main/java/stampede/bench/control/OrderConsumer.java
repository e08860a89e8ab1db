package stampede.bench.control;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.SqlConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the stream of orders to MySQL: the one member of a consumer group, one statement of at
 * most {@value #ROWS_MAX} rows a chunk, acknowledged when it is committed. What an earlier one took
 * and did not acknowledge comes first, so nothing is lost; rows keep the entry's id, so nothing
 * counts twice. Reads the next chunk when the last one is done.
 */
final class OrderConsumer extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(OrderConsumer.class);
  private static final int ROWS_MAX = 500;
  private static final int WAIT_MS = 200;
  private static final String GROUP = "drain";
  private static final String UNACKNOWLEDGED = "0";
  private static final String NEW = ">";

  private final String redisUrl;
  private final String mySqlUrl;
  private final Promise<Void> ended = Promise.promise();
  private @Nullable Redis client;
  private @Nullable RedisConnection redis;
  private @Nullable SqlConnection sql;
  private volatile boolean ending;

  OrderConsumer(String redisUrl, String mySqlUrl) {
    this.redisUrl = redisUrl;
    this.mySqlUrl = mySqlUrl;
  }

  @Override
  public Future<?> start() {
    Redis opened = ScriptSale.client(vertx, redisUrl, 1);
    client = opened;
    return opened
        .connect()
        .compose(
            connection -> {
              redis = connection;
              return connection.send(group()).recover(OrderConsumer::unlessThere);
            })
        .compose(made -> MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(mySqlUrl)))
        .compose(
            connection -> {
              sql = connection;
              return connection.query(OrderTable.CREATE).execute();
            })
        .onSuccess(made -> step(UNACKNOWLEDGED));
  }

  private static Request group() {
    return Request.cmd(Command.XGROUP)
        .arg("CREATE")
        .arg(ScriptSale.STREAM)
        .arg(GROUP)
        .arg("0")
        .arg("MKSTREAM");
  }

  private static Future<Response> unlessThere(Throwable fault) {
    return String.valueOf(fault.getMessage()).startsWith("BUSYGROUP")
        ? Future.succeededFuture()
        : Future.failedFuture(fault);
  }

  /** After the next chunk, and what may be there when the end comes. */
  Future<Void> end() {
    ending = true;
    return ended.future();
  }

  private void step(String from) {
    chunk(from)
        .onSuccess(
            rows -> {
              if (rows > 0 || from.equals(UNACKNOWLEDGED)) {
                step(rows > 0 ? from : NEW);
              } else if (ending) {
                close().onComplete(ended);
              } else {
                step(NEW);
              }
            })
        .onFailure(
            fault -> {
              LOG.error("orders stay behind", fault); // the books will not balance
              ended.tryFail(fault);
            });
  }

  private Future<Integer> chunk(String from) {
    RedisConnection connection = opened(redis);
    Request read =
        Request.cmd(Command.XREADGROUP)
            .arg("GROUP")
            .arg(GROUP)
            .arg("one")
            .arg("COUNT")
            .arg(ROWS_MAX)
            .arg("BLOCK")
            .arg(WAIT_MS)
            .arg("STREAMS")
            .arg(ScriptSale.STREAM)
            .arg(from);
    return connection
        .send(read)
        .compose(
            streams -> {
              if (streams == null || streams.get(0).get(1).size() == 0) {
                return Future.succeededFuture(0);
              }
              Response entries = streams.get(0).get(1);
              return opened(sql)
                  .query(insert(entries))
                  .execute()
                  .compose(done -> connection.send(acknowledge(entries)))
                  .map(entries.size());
            });
  }

  private static String insert(Response entries) {
    StringBuilder sql = new StringBuilder(OrderTable.INSERT_MANY_HEAD);
    for (Response entry : entries) {
      if (sql.charAt(sql.length() - 1) == ')') {
        sql.append(',');
      }
      String id = entry.get(0).toString();
      Response fields = entry.get(1); // names and values in turn
      OrderTable.row(
          sql,
          ScriptSale.order(id),
          fields.get(1).toLong(),
          fields.get(3).toString(),
          fields.get(5).toString(),
          ScriptSale.at(id));
    }
    return sql.toString();
  }

  private static Request acknowledge(Response entries) {
    Request all = Request.cmd(Command.XACK).arg(ScriptSale.STREAM).arg(GROUP);
    for (Response entry : entries) {
      all.arg(entry.get(0).toString());
    }
    return all;
  }

  private static <T> T opened(@Nullable T connection) {
    if (connection == null) {
      throw new IllegalStateException("not started");
    }
    return connection;
  }

  private Future<Void> close() {
    return opened(sql).close().eventually(opened(client)::close);
  }
}
