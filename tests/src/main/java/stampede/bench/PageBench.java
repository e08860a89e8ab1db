package stampede.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import stampede.edge.EdgeConfig;
import stampede.edge.EdgeVerticle;
import stampede.protocol.Addresses;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.StockLevel;

/**
 * Pages an edge gives from memory, against a bare handler that gives the same bytes; both on one
 * event loop, asked by the same clients. The floor is the barer of two possible ones: it sends a
 * type and a length, the edge all its headers.
 */
final class PageBench {
  private static final int PARTITIONS = 1;
  private static final int ITEMS = 20;
  private static final long HINT_EVERY_MS = 500;
  private static final long SECONDS_MAX = 30;
  private static final List<String> PATHS = List.of("/", "/api/v1/items/1001");

  /**
   * @param path asked for
   * @param bytes of the body
   * @param headers the edge sends; the floor sends two
   * @param edge answers a second, a figure a round
   * @param bare likewise
   */
  record Figures(String path, int bytes, int headers, List<Double> edge, List<Double> bare) {}

  private PageBench() {}

  static List<Figures> run(Size size, Consumer<String> progress) {
    List<Figures> all = new ArrayList<>();
    try (Edge edge = new Edge()) {
      for (String path : PATHS) {
        all.add(measure(edge, path, size, progress));
      }
    }
    return all;
  }

  private static Figures measure(Edge edge, String path, Size size, Consumer<String> progress) {
    int connections = Math.min(64, size.connections());
    try (PageCrowd readers = new PageCrowd(edge.port(), path, connections)) {
      PageCrowd.Answer answer = readers.one();
      try (Bare bare = new Bare(answer.headers().get("content-type"), answer.body());
          PageCrowd callers = new PageCrowd(bare.port(), path, connections)) {
        List<Double> ofEdge = new ArrayList<>();
        List<Double> ofBare = new ArrayList<>();
        for (int round = 0; round <= size.rounds(); round++) {
          double floor = callers.rate(size.roundMs() / 4, size.roundMs() / 2);
          double found = readers.rate(size.roundMs() / 4, size.roundMs() / 2);
          progress.accept("  %s: bare %,.0f/s, edge %,.0f/s".formatted(path, floor, found));
          if (round > 0) { // the first warms up
            ofBare.add(floor);
            ofEdge.add(found);
          }
        }
        return new Figures(path, answer.body().length, answer.headers().size(), ofEdge, ofBare);
      }
    }
  }

  /** An edge whose owner says every half second that all is as it was. */
  private static final class Edge implements AutoCloseable {
    private final Vertx vertx = oneLoop();
    private final EdgeVerticle edge;

    Edge() {
      long now = System.currentTimeMillis();
      vertx.eventBus().<Buffer>consumer(Addresses.PERSIST_QUERY, q -> q.reply(sessions(now)));
      vertx
          .eventBus()
          .<Buffer>consumer(
              Addresses.OWNERS, q -> q.reply(Buffer.buffer(Hint.encodeAll(List.of(hint(now))))));
      vertx.eventBus().<Buffer>consumer("sale.n.1", ping -> ping.reply(Buffer.buffer()));
      vertx.setPeriodic(
          HINT_EVERY_MS,
          again -> vertx.eventBus().publish(Addresses.HINTS, Buffer.buffer(hint(now).encode())));
      edge = new EdgeVerticle(config(), List::of);
      await(vertx.deployVerticle(edge));
      Pause.ms(2 * HINT_EVERY_MS); // everything is heard and made
    }

    private static Buffer sessions(long now) {
      JsonArray items = new JsonArray();
      for (int n = 0; n < ITEMS; n++) {
        items.add(
            new JsonObject()
                .put("item", Integer.toString(1001 + n))
                .put("session", "1")
                .put("title", "手机 Phone " + n)
                .put("price", 9_900 + n)
                .put("listPrice", 19_900)
                .put("currency", "CNY")
                .put("opensAt", now - 1_000)
                .put("closesAt", now + 3_600_000)
                .put("limitPerUser", 1)
                .put("cooldownMs", 0)
                .put("published", true));
      }
      JsonObject session =
          JsonObject.of("session", "1", "title", "Bench", "zone", "Asia/Shanghai")
              .put("opensAt", now - 1_000)
              .put("closesAt", now + 3_600_000)
              .put("status", "published")
              .put("items", items);
      return JsonObject.of("sessions", JsonArray.of(session)).toBuffer();
    }

    private static Hint hint(long begunMs) {
      List<Hint.Item> items = new ArrayList<>();
      for (int n = 0; n < ITEMS; n++) {
        items.add(
            new Hint.Item(
                1001 + n, ItemState.OPEN, StockLevel.PLENTY, 1_000_000, 0, begunMs - 1_000, 0));
      }
      long now = System.currentTimeMillis();
      return new Hint(0, 1, "n", "sale.n.1", 1, now, true, "ok", 0, items);
    }

    int port() {
      return edge.httpPort();
    }

    @Override
    public void close() {
      await(vertx.close());
    }
  }

  /** The floor. */
  private static final class Bare implements AutoCloseable {
    private final Vertx vertx = oneLoop();
    private final HttpServer server;

    Bare(String type, byte[] body) {
      Buffer bytes = Buffer.buffer(body);
      server =
          await(
              vertx
                  .createHttpServer()
                  .requestHandler(
                      request -> request.response().putHeader("content-type", type).end(bytes))
                  .listen(0, "127.0.0.1"));
    }

    int port() {
      return server.actualPort();
    }

    @Override
    public void close() {
      await(vertx.close());
    }
  }

  private static Vertx oneLoop() {
    return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
  }

  static <T> T await(Future<T> future) {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(SECONDS_MAX, TimeUnit.SECONDS)
        .join();
  }

  /** Lower-case names and values of an answer's head. */
  static Map<String, String> headers(String head) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line : head.split("\r\n")) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(line.substring(0, colon).toLowerCase(), line.substring(colon + 1).strip());
      }
    }
    return headers;
  }

  private static EdgeConfig config() {
    return BenchShop.edgeConfig(1_000, PARTITIONS, false);
  }
}
