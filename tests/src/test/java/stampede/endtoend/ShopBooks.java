package stampede.endtoend;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import stampede.rig.RunningShop;
import stampede.standalone.crowd.CrowdReport;
import stampede.standalone.verdict.MySqlBooks;
import stampede.standalone.verdict.Verdict;

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

  /** Waits for the crowd's end; what it was told and what is in the books agree. */
  static Verdict expectBalanced(RunningShop shop, String item, Future<CrowdReport> crowd) {
    CrowdReport report = await(crowd, 180);
    try (ShopBooks own = new ShopBooks(shop.mysqlUrl());
        MySqlBooks books = new MySqlBooks(own.vertx, shop.mysqlUrl())) {
      int told =
          (int)
              report.users().stream()
                  .flatMap(user -> user.keys().stream())
                  .filter(key -> key.accepted())
                  .count();
      var rows = await(books.readWhenQuiet(item, told, 30_000), 40);
      Verdict verdict = Verdict.compute(report, rows, 1, "test");
      assertThat(verdict.judgement())
          .as(verdict.toText() + shop.process().output())
          .isEqualTo(Verdict.Judgement.BALANCED);
      assertThat(verdict.lost()).isZero();
      assertThat(verdict.unanswered()).isZero();
      return verdict;
    }
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
