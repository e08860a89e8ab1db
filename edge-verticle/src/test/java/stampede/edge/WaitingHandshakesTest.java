package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import stampede.edge.admission.Admission;
import stampede.edge.admission.LiveLimits;
import stampede.node.VertxTimers;
import stampede.protocol.Bytes;
import stampede.protocol.port.Timers;

/** More handshakes at once than may wait, over real connections; when one is let in is a test's. */
@Timeout(120)
@Isolated
class WaitingHandshakesTest {
  private static final int AT_ONCE = 16;
  private static final int TOO_MANY = 100;
  private static final int WHO_LEAVE = 1_000;
  private static final long HEAP_BYTES_EACH_MAX = 65_536;
  private static final long PONG_MS_MAX = 1_000;

  /** For those that waited; without haste on a busy machine, and far from a time-out. */
  private static final long LET_IN_MS_MAX = 10_000;

  private final Vertx vertx = Vertx.vertx();
  private final PausableTimers timers = new PausableTimers(new VertxTimers(vertx));
  private final List<RawClient> clients = new ArrayList<>();
  private final Context loop = vertx.getOrCreateContext();
  private ShakeEndpoint endpoint;
  private ConnectionWatch connections;
  private int port;

  /** The next turn of the line comes when the test says so; everything else by the clock. */
  private static final class PausableTimers implements Timers {
    private static final long TURN_MS = 2;

    private final Timers real;
    private Runnable turn;
    volatile boolean paused;

    PausableTimers(Timers real) {
      this.real = real;
    }

    @Override
    public long nanos() {
      return real.nanos();
    }

    @Override
    public Timer after(long delayMs, Runnable task) {
      if (!paused || delayMs != TURN_MS) {
        return real.after(delayMs, task);
      }
      turn = task;
      return () -> {};
    }

    void resume() {
      paused = false;
      turn.run();
    }
  }

  @BeforeEach
  void start() throws Exception {
    long files =
        ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getMaxFileDescriptorCount();
    assumeThat(files).as("open files, two a connection").isGreaterThan(9_000);
    onLoop(this::listen).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private Future<HttpServer> listen() {
    FakeBus bus = new FakeBus(new VirtualTimers());
    OwnerRoutes routes = new OwnerRoutes(timers, bus, 4);
    Counters counters = new Counters();
    Shoppers shoppers =
        new Shoppers() {
          @Override
          public Future<Shopper> who(HttpServerRequest request) {
            String user = request.getHeader("authorization").substring("Bearer ".length());
            return Future.succeededFuture(
                new Shopper(Bytes.of(user), System.currentTimeMillis() + 3_600_000));
          }

          @Override
          public Future<Bytes> device(String token) {
            throw new AssertionError("nobody claims here");
          }
        };
    Admission admission =
        new Admission(
            new LiveLimits(EdgeConfigs.limits()), attempt -> false, 10, 10, 10, bound -> 0);
    ShakeDesk desk =
        new ShakeDesk(
            new FakeOwners(), routes, timers, counters, admission, 32, 1_000, order -> {});
    endpoint =
        new ShakeEndpoint(
            timers,
            System::currentTimeMillis,
            bound -> 0,
            bus,
            shoppers,
            new TrustedProxies(List.of()),
            desk,
            new ItemBoard(timers, routes),
            counters,
            "edge-1",
            5_000,
            100_000);
    Router router = Router.router(vertx);
    Problem.install(router);
    endpoint.mount(router);
    connections = new ConnectionWatch(new VertxTimers(vertx));
    connections.start();
    return vertx
        .createHttpServer(EdgeVerticle.serverOptions())
        .connectionHandler(connections::add)
        .requestHandler(router)
        .listen(0, "127.0.0.1")
        .onSuccess(listening -> port = listening.actualPort());
  }

  @AfterEach
  void stop() throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  void fourThousandMayWaitTheRestIsToldToComeBackAndWhoIsInIsServed() throws Exception {
    RawClient honest = client();
    honest.sendAll(RawClient.upgrade("honest"));
    honest.await("\"type\":\"welcome\"");
    long calm = heapBytes();
    TimeUnit.MILLISECONDS.sleep(50); // its turn is over
    onLoop(() -> timers.paused = true);

    List<RawClient> crowd = new ArrayList<>();
    for (int n = 0; n < AT_ONCE + ShakeEndpoint.WAITING_MAX + TOO_MANY; n++) {
      crowd.add(client());
      crowd.get(n).sendAll(RawClient.upgrade("u" + n));
    }
    List<RawClient> refused = told(crowd, "\"code\":\"too_many_sockets\"", TOO_MANY);
    List<RawClient> welcomed = told(crowd, "\"type\":\"welcome\"", AT_ONCE);
    long pongMs = pong(honest);
    long heapEach = (heapBytes() - calm) / crowd.size();
    crowd.removeAll(refused);
    crowd.removeAll(welcomed);
    for (RawClient who : crowd.subList(0, WHO_LEAVE)) {
      who.close();
    }
    List<RawClient> patient = crowd.subList(WHO_LEAVE, crowd.size());
    awaitConnections(1 + AT_ONCE + TOO_MANY + patient.size());
    long begin = System.nanoTime();
    onLoop(timers::resume);
    told(patient, "\"type\":\"welcome\"", patient.size());
    long letInMs = (System.nanoTime() - begin) / 1_000_000;

    assertThat(patient).hasSize(ShakeEndpoint.WAITING_MAX - WHO_LEAVE);
    assertThat(pongMs).isLessThan(PONG_MS_MAX);
    assertThat(heapEach).isLessThan(HEAP_BYTES_EACH_MAX);
    assertThat(letInMs).isLessThan(LET_IN_MS_MAX);
    assertThat(onLoop(endpoint::sockets)).isEqualTo(1 + AT_ONCE + patient.size());
    RawClient late = client();
    late.sendAll(RawClient.upgrade("late"));
    late.await("\"type\":\"welcome\"");
  }

  /** Those that hear {@code text}, which are {@code count}; what others hear is kept for later. */
  private List<RawClient> told(List<RawClient> all, String text, int count) throws Exception {
    List<RawClient> those = new ArrayList<>();
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (those.size() < count) {
      assertThat(System.nanoTime()).as(those.size() + " heard " + text).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
      those.clear();
      for (RawClient each : all) {
        if (each.heard().contains(text)) {
          those.add(each);
        }
      }
    }
    assertThat(those).hasSize(count);
    return those;
  }

  private static long pong(RawClient client) throws InterruptedException {
    long begin = System.nanoTime();
    client.sendAll(RawClient.text("{\"type\":\"ping\"}"));
    client.await("\"type\":\"pong\"");
    return (System.nanoTime() - begin) / 1_000_000;
  }

  private void awaitConnections(int count) throws Exception {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (onLoop(connections::size) != count) {
      assertThat(System.nanoTime())
          .as("%s connections, not %s", onLoop(connections::size), count)
          .isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private RawClient client() throws Exception {
    RawClient client = new RawClient(port);
    clients.add(client);
    return client;
  }

  /** In use, without garbage. */
  private static long heapBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private void onLoop(Runnable work) throws Exception {
    onLoop(
        () -> {
          work.run();
          return true;
        });
  }

  private <T> T onLoop(Supplier<T> work) throws Exception {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.runOnContext(
        go -> {
          try {
            done.complete(work.get());
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    return done.get(30, TimeUnit.SECONDS);
  }
}
