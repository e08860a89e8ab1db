package stampede.endtoend;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** A shop's MySQL, read past the shop. */
final class ShopBooks implements AutoCloseable {
  final Vertx vertx = Vertx.vertx();
  private final String url;

  ShopBooks(String url) {
    this.url = url;
  }

  /** The first column of every row, as text. */
  List<String> column(String sql) {
    RowSet<Row> rows =
        await(
            MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(url))
                .compose(
                    connection -> connection.query(sql).execute().eventually(connection::close)));
    List<String> values = new ArrayList<>();
    rows.forEach(row -> values.add(String.valueOf(row.getValue(0))));
    return values;
  }

  static <T> T await(Future<T> future) {
    return await(future, 30);
  }

  static <T> T await(Future<T> future, long seconds) {
    try {
      return future.await(seconds, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer within " + seconds + " s", e);
    }
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
