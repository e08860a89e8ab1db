package stampede.persist;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import stampede.protocol.port.Completion;
import stampede.standalone.EmbeddedMariaDb;
import stampede.standalone.KeptServer;

/**
 * A real MariaDB with empty tables, fresh ones before each test that it is registered for, and
 * calls that wait for their answer.
 */
final class Database
    implements AutoCloseable, BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
  private static final int TIMEOUT_MS = 2_000;
  private static final List<String> TABLES =
      List.of(
          "sale_session",
          "sale_item",
          "sale_order",
          "sale_claim",
          "sale_refund",
          "item_stock",
          "drain_cursor",
          "admin_audit",
          "webhook_outbox",
          "sale_calendar",
          "item_milestone",
          "edge_count",
          "schema_version");

  final Vertx vertx = Vertx.vertx();
  private final Supplier<Path> directory;
  private final List<MySqlLink> links = new ArrayList<>();
  private EmbeddedMariaDb server;

  Database(Supplier<Path> directory) {
    this.directory = directory;
  }

  /** One that runs, for a test of its own. */
  static Database at(Path directory) {
    Database db = new Database(() -> directory);
    db.start();
    return db;
  }

  void start() {
    server = EmbeddedMariaDb.start(directory.get());
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    start();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    reset();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  String url() {
    return server.url();
  }

  /** The process. */
  KeptServer server() {
    return server.server();
  }

  /** Fresh tables. */
  void reset() {
    for (String table : TABLES) {
      run("DROP TABLE IF EXISTS " + table);
    }
    await(Schema.apply(vertx, url()));
  }

  MySqlLink link() {
    MySqlLink link = new MySqlLink(vertx, "test", new MySqlLink.Settings(url(), 4, 64, TIMEOUT_MS));
    links.add(link);
    return link;
  }

  /** That answers; nobody is told of anything. */
  QueryDesk desk(int partitions) {
    MySqlLink link = link();
    ReadSide side = new ReadSide(link, null, new DrainedPositions(partitions, () -> 0), () -> 0);
    QueryDesk desk =
        new QueryDesk(
            link,
            partitions,
            new Queries(side, partitions),
            new WebhookCommands(link, false),
            new Reports(side, partitions),
            10_000);
    desk.ready();
    return desk;
  }

  /** Over another address, such as a proxy's. */
  MySqlOrderStore storeAt(int port) {
    String url = url().replaceFirst(":[0-9]+/", ":" + port + "/");
    MySqlLink link = new MySqlLink(vertx, "test", new MySqlLink.Settings(url, 4, 64, TIMEOUT_MS));
    links.add(link);
    return new MySqlOrderStore(link, 1);
  }

  int port() {
    return MySQLConnectOptions.fromUri(url()).getPort();
  }

  MySqlOrderStore store() {
    return new MySqlOrderStore(link(), 1);
  }

  /** That has one connection. */
  MySqlOrderStore narrowStore() {
    MySqlLink link = new MySqlLink(vertx, "test", new MySqlLink.Settings(url(), 1, 64, TIMEOUT_MS));
    links.add(link);
    return new MySqlOrderStore(link, 1);
  }

  RowSet<Row> run(String sql) {
    return await(
        MySQLConnection.connect(vertx, MySQLConnectOptions.fromUri(url()))
            .compose(connection -> connection.query(sql).execute().eventually(connection::close)));
  }

  Row row(String sql) {
    RowSet<Row> rows = run(sql);
    if (rows.size() != 1) {
      throw new AssertionError(rows.size() + " rows from " + sql);
    }
    return rows.iterator().next();
  }

  long number(String sql) {
    return row(sql).getLong(0);
  }

  /** Makes {@code call} on an event loop and waits for its completion. */
  <T> T ask(Consumer<Completion<T>> call) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    vertx.runOnContext(
        go ->
            call.accept(
                (result, failure) -> {
                  if (failure != null) {
                    answer.completeExceptionally(failure);
                  } else {
                    answer.complete(result);
                  }
                }));
    return await(Future.fromCompletionStage(answer));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(30, SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError("no answer within 30 s", e);
    }
  }

  @Override
  public void close() {
    links.forEach(link -> await(link.close()));
    await(vertx.close());
    if (server != null) {
      server.stop();
    }
  }
}
