package stampede.edge.page;

import static java.time.temporal.ChronoUnit.DAYS;
import static java.time.temporal.ChronoUnit.HOURS;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import stampede.edge.Backstage;
import stampede.edge.HttpContract;
import stampede.edge.OwnerRoutes;
import stampede.edge.Problem;
import stampede.edge.ScriptedOwners;
import stampede.edge.page.view.ShopLinks;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.protocol.Addresses;
import stampede.protocol.Hint;
import stampede.protocol.ItemState;
import stampede.protocol.PartitionMap;
import stampede.protocol.StockLevel;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;
import stampede.protocol.port.Timers;

/**
 * Pages behind a real port, with owners and persist nodes that answer what a test says. Time passes
 * by {@link #leap} only; timers run by the clock.
 */
final class PageShop implements AutoCloseable {
  static final int PARTITIONS = ScriptedOwners.PARTITIONS;

  final Vertx vertx = Vertx.vertx();
  final ScriptedOwners owners = new ScriptedOwners();
  final List<JsonObject> queries = new CopyOnWriteArrayList<>();

  /**
   * Noon in Shanghai, where its session is: at night that would be of two days, and listed twice.
   */
  final long nowMs = Instant.now().truncatedTo(DAYS).plus(4, HOURS).toEpochMilli();

  /** What hints say of the next portion; 0 = none. */
  long nextReleaseAt;

  volatile Function<JsonObject, JsonObject> persist = query -> error("catalogue_unavailable");
  volatile Pages pages;
  private final AtomicLong leaptMs = new AtomicLong();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Bus bus = new CountingBus();
  private final List<Completion<byte[]>> waiting = new CopyOnWriteArrayList<>();
  private volatile boolean holding;
  private OwnerRoutes routes;
  private HttpServer server;
  private long position = 1;

  /** What the edge says on the bus besides asking who owns what. */
  private final class CountingBus implements Bus {
    private final Bus real = new VertxBus(vertx);

    @Override
    public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
      if (address.equals(Addresses.PERSIST_QUERY)) {
        JsonObject query = new JsonObject(new String(message, StandardCharsets.UTF_8));
        queries.add(query);
        if (holding) {
          waiting.add(reply);
        } else {
          reply.succeed(persist.apply(query).encode().getBytes(StandardCharsets.UTF_8));
        }
      } else {
        real.request(address, message, timeoutMs, reply);
      }
    }

    @Override
    public void publish(String address, byte[] message) {
      real.publish(address, message);
    }

    @Override
    public Registration serve(String address, Handler handler) {
      return real.serve(address, handler);
    }

    @Override
    public Registration subscribe(String address, java.util.function.Consumer<byte[]> handler) {
      return real.subscribe(address, handler);
    }
  }

  private final class LeapingTimers implements Timers {
    private final Timers real = new VertxTimers(vertx);

    @Override
    public long nanos() {
      return 1_000_000_000_000L + leaptMs.get() * 1_000_000;
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      return real.after(delayMs, task);
    }
  }

  void open() throws Exception {
    Timers timers = new LeapingTimers();
    Router router = Router.router(vertx);
    Problem.install(router);
    OwnerRoutes routes = new OwnerRoutes(timers, bus, PARTITIONS);
    this.routes = routes;
    Backstage backstage = new Backstage(owners, bus, timers);
    CompletableFuture<HttpServer> listening = new CompletableFuture<>();
    vertx.runOnContext(
        go -> {
          pages =
              new Pages(
                  router,
                  backstage,
                  routes,
                  timers,
                  () -> nowMs + leaptMs.get(),
                  bound -> 0,
                  16 << 20,
                  ShopLinks.NONE);
          routes.start();
          pages.start();
          vertx
              .createHttpServer()
              .requestHandler(pages.front())
              .listen(0, "127.0.0.1")
              .onSuccess(listening::complete)
              .onFailure(listening::completeExceptionally);
        });
    server = listening.get(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  void leap(long ms) {
    leaptMs.addAndGet(ms);
  }

  /** Persist nodes keep their answers to themselves. */
  void hold() {
    holding = true;
  }

  int held() {
    return waiting.size();
  }

  void letGo(JsonObject answer) {
    holding = false;
    onLoop(
        () ->
            waiting.forEach(
                reply -> reply.succeed(answer.encode().getBytes(StandardCharsets.UTF_8))));
    waiting.clear();
  }

  private void onLoop(Runnable work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    vertx.runOnContext(
        go -> {
          work.run();
          done.complete(null);
        });
    done.orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** The owner of this item speaks; back when the edge has heard it. */
  void hint(long item, ItemState state, StockLevel level) throws Exception {
    int partition = PartitionMap.partitionOfItem(item, PARTITIONS);
    Hint.Item doing = new Hint.Item(item, state, level, 1_000_000, 0, nowMs, nextReleaseAt);
    Hint hint =
        new Hint(
            partition,
            1,
            "n",
            "sale.n.1",
            position++,
            nowMs + leaptMs.get(),
            true,
            "ok",
            0,
            List.of(doing));
    bus.publish(Addresses.HINTS, hint.encode());
    AtomicBoolean heard = new AtomicBoolean();
    while (!heard.get()) {
      onLoop(() -> heard.set(isHeard(item, hint)));
    }
  }

  private boolean isHeard(long item, Hint hint) {
    OwnerRoutes.ItemHint latest = routes.item(item);
    return latest != null && latest.position() == hint.position();
  }

  JsonObject item(long item, String title) {
    return new JsonObject()
        .put("item", Long.toString(item))
        .put("session", "12")
        .put("title", title)
        .put("price", 9_900)
        .put("listPrice", 19_900)
        .put("currency", "CNY")
        .put("opensAt", nowMs + 60_000)
        .put("closesAt", nowMs + 3_660_000)
        .put("stock", 500)
        .put("limitPerUser", 2)
        .put("payWithinSeconds", 60)
        .put("cooldownMs", 0)
        .put("gate", 1.0)
        .put("releases", new JsonArray())
        .put("published", true);
  }

  JsonObject sessions(JsonObject... items) {
    JsonArray list = new JsonArray();
    List.of(items).forEach(list::add);
    JsonObject session =
        new JsonObject()
            .put("session", "12")
            .put("title", "Ten o'clock")
            .put("opensAt", nowMs + 60_000)
            .put("closesAt", nowMs + 3_660_000)
            .put("zone", "Asia/Shanghai")
            .put("status", "published")
            .put("items", list);
    return new JsonObject().put("sessions", JsonArray.of(session));
  }

  static JsonObject error(String code) {
    return new JsonObject()
        .put("error", new JsonObject().put("code", code).put("detail", "as the test says"));
  }

  // ---- readers

  HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpResponse<String> response =
        client.send(request(path, headers).build(), BodyHandlers.ofString());
    Map<String, String> told = new HashMap<>();
    response.headers().map().forEach((name, values) -> told.put(name, String.join(", ", values)));
    HttpContract.check(
        new HttpContract.Exchange(
            "GET", path, Map.of(), "", response.statusCode(), told, response.body()));
    return response;
  }

  CompletableFuture<HttpResponse<String>> begin(String path) {
    return client.sendAsync(request(path).build(), BodyHandlers.ofString());
  }

  HttpResponse<byte[]> bytes(String path, String... headers) throws Exception {
    return client.send(request(path, headers).build(), BodyHandlers.ofByteArray());
  }

  HttpResponse<String> head(String path) throws Exception {
    return client.send(
        request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path))
            .timeout(Duration.ofSeconds(10));
    return headers.length == 0 ? request : request.headers(headers);
  }

  /** Back when what is known has been made into pages. */
  void awaitPrepared(String key) throws Exception {
    AtomicBoolean there = new AtomicBoolean();
    while (!there.get()) {
      TimeUnit.MILLISECONDS.sleep(5);
      onLoop(() -> there.set(pages.held(key) != null));
    }
  }
}
