package stampede.standalone.verdict;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stampede.standalone.EmbeddedMariaDb;
import stampede.standalone.verdict.Books.OrderRow;
import stampede.standalone.verdict.Books.Rows;
import stampede.standalone.verdict.Books.StockRow;

@Timeout(60)
class MySqlBooksIT {
  @TempDir static Path data;
  private static Vertx vertx;
  private static EmbeddedMariaDb mariaDb;

  @BeforeAll
  static void fillTheBooks() throws TimeoutException {
    vertx = Vertx.vertx();
    mariaDb = EmbeddedMariaDb.start(data);
    sql(
        """
        CREATE TABLE sale_order (order_id BIGINT UNSIGNED PRIMARY KEY, item_id BIGINT UNSIGNED, user_id VARBINARY(64),
          shake_key VARBINARY(64), quantity INT, status VARCHAR(10), position BIGINT)""");
    sql(
        "CREATE TABLE item_stock (item_id BIGINT UNSIGNED PRIMARY KEY, available BIGINT, held BIGINT, sold BIGINT, stock BIGINT,"
            + " position BIGINT)");
    sql(
        "INSERT INTO sale_order VALUES (18446744073709551615, 18446744073709551614, '用户', 'k-1', 2, 'held', 5), (4, 7, 'x', 'y', 1, 'paid', 1)");
    sql("INSERT INTO item_stock VALUES (18446744073709551614, 3, 2, 0, 5, 5)");
  }

  @AfterAll
  static void stop() {
    vertx.close().await();
    mariaDb.stop();
  }

  @Test
  void readsTheRowsOfOneItemWithIdsBeyondASignedLong() throws TimeoutException {
    try (MySqlBooks books = new MySqlBooks(vertx, mariaDb.url())) {
      Rows rows = books.readWhenQuiet("18446744073709551614", 1, 5_000).await(10, SECONDS);

      assertThat(rows.orders())
          .containsExactly(new OrderRow("18446744073709551615", "用户", "k-1", 2, "held", 5));
      assertThat(rows.stock()).isEqualTo(new StockRow(3, 2, 0, 5, 5));
    }
  }

  @Test
  void givesWhatIsThereWhenTheExpectedOrdersNeverCome() throws TimeoutException {
    try (MySqlBooks books = new MySqlBooks(vertx, mariaDb.url())) {
      assertThat(books.readWhenQuiet("18446744073709551614", 2, 700).await(10, SECONDS).orders())
          .hasSize(1);
    }
  }

  @Test
  void saysWhichItemHasNoStock() {
    try (MySqlBooks books = new MySqlBooks(vertx, mariaDb.url())) {
      assertThatThrownBy(() -> books.read("7").await(10, SECONDS))
          .hasMessageContaining("item 7 has no row");
    }
  }

  private static void sql(String sql) throws TimeoutException {
    MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(mariaDb.url()))
        .compose(connection -> connection.query(sql).execute().eventually(connection::close))
        .await(10, SECONDS);
  }
}
