package stampede.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import stampede.bench.control.ControlServer;
import stampede.bench.control.TransactionSale.Way;
import stampede.protocol.Limits;
import stampede.standalone.EmbeddedMariaDb;
import stampede.standalone.EmbeddedRedis;

/**
 * The other side of a {@link Contender}: a server and the stores it needs, in a JVM of its own.
 * Says {@code ready} and, as JSON, its port and its stores. A line {@code item STOCK all|one} opens
 * an item and is answered with {@code item ID}; the end of its input ends it.
 */
final class ContenderProcess {
  private ContenderProcess() {}

  /** What runs here. */
  private interface Server {
    int port();

    JsonArray stores();

    String openItem(long stock, boolean oneEach);

    void close();
  }

  /**
   * @param args which one; where its stores keep their files; sockets or connections at most
   */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[1]);
    int size = Integer.parseInt(args[2]);
    Server server =
        switch (Contender.Kind.valueOf(args[0])) {
          case STAMPEDE -> shop(directory, size);
          case TRANSACTION -> transactions(directory, Way.STEP_BY_STEP, size);
          case TRANSACTION_AT_ONCE -> transactions(directory, Way.AT_ONCE, size);
          case SCRIPT -> scripts(directory, size);
          case ECHO -> echo();
        };
    JsonObject ready = JsonObject.of("port", server.port(), "stores", server.stores());
    System.out.println("ready " + ready.encode());
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ");
      boolean oneEach = words[2].equals("one");
      System.out.println("item " + server.openItem(Long.parseLong(words[1]), oneEach));
    }
    server.close();
    System.exit(0);
  }

  private static Server shop(Path directory, int sockets) {
    BenchShop shop = new BenchShop(directory, sockets);
    return new Server() {
      @Override
      public int port() {
        return shop.port();
      }

      @Override
      public JsonArray stores() {
        return JsonArray.of(redis(shop.redis()), mariaDb(shop.mariaDb()));
      }

      @Override
      public String openItem(long stock, boolean oneEach) {
        return shop.openItem(stock, oneEach ? 1 : Limits.QUANTITY_MAX);
      }

      @Override
      public void close() {
        shop.close();
      }
    };
  }

  private static Server transactions(Path directory, Way way, int connections) {
    EmbeddedMariaDb mariaDb = EmbeddedMariaDb.start(directory);
    ControlServer server = ControlServer.ofTransactions(mariaDb.url(), way, connections);
    return control(server, JsonArray.of(mariaDb(mariaDb)), mariaDb::stop);
  }

  private static Server scripts(Path directory, int connections) {
    EmbeddedRedis redis = EmbeddedRedis.start(directory);
    EmbeddedMariaDb mariaDb = EmbeddedMariaDb.start(directory);
    return control(
        ControlServer.ofScripts(redis.url(), mariaDb.url(), connections),
        JsonArray.of(redis(redis), mariaDb(mariaDb)),
        () -> {
          mariaDb.stop();
          redis.stop();
        });
  }

  private static JsonObject redis(EmbeddedRedis redis) {
    return JsonObject.of("name", Contender.REDIS, "pid", redis.pid(), "url", redis.url());
  }

  private static JsonObject mariaDb(EmbeddedMariaDb mariaDb) {
    return JsonObject.of("name", Contender.MYSQL, "pid", mariaDb.pid(), "url", mariaDb.url());
  }

  private static Server control(ControlServer server, JsonArray stores, Runnable stopStores) {
    return new Server() {
      @Override
      public int port() {
        return server.port();
      }

      @Override
      public JsonArray stores() {
        return stores;
      }

      @Override
      public String openItem(long stock, boolean oneEach) {
        return Long.toString(server.open(stock, oneEach));
      }

      @Override
      public void close() {
        server.close();
        stopStores.run();
      }
    };
  }

  private static Server echo() {
    EchoServer echo = new EchoServer();
    return new Server() {
      @Override
      public int port() {
        return echo.port();
      }

      @Override
      public JsonArray stores() {
        return new JsonArray();
      }

      @Override
      public String openItem(long stock, boolean oneEach) {
        return "1";
      }

      @Override
      public void close() {
        echo.close();
      }
    };
  }
}
