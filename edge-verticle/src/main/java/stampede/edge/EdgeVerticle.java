package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/** The public side of an edge: everything in it belongs to this verticle's event loop. */
public final class EdgeVerticle extends VerticleBase {
  /** A WebSocket is pinged every 20 s; anything this silent is gone. */
  private static final int IDLE_S = 75;

  private static final int CLOSING_S = 5;

  private final EdgeConfig config;
  private @Nullable HttpServer server;
  private @Nullable OwnerRoutes routes;
  private @Nullable OwnerLink link;
  private @Nullable ShakeEndpoint endpoint;
  private final Counters counters = new Counters();

  public EdgeVerticle(EdgeConfig config) {
    this.config = config;
  }

  @Override
  public Future<?> start() {
    Timers timers = new VertxTimers(vertx);
    Bus bus = new VertxBus(vertx);
    LongSupplier epochMs = System::currentTimeMillis;
    IntUnaryOperator random = bound -> ThreadLocalRandom.current().nextInt(bound);

    OwnerRoutes routes = new OwnerRoutes(timers, bus, config.partitions());
    OwnerLink link =
        new OwnerLink(
            timers,
            bus,
            routes,
            config.queueMax(),
            config.batchesInFlightMax(),
            config.bytesInFlightMax());
    ShakeDesk desk =
        new ShakeDesk(
            link,
            routes,
            timers,
            random,
            counters,
            config.commandsPerUserMax(),
            config.cooldownsMax());
    Tickets tickets = new Tickets(timers, epochMs);
    Identity identity =
        new Identity(
            vertx, config.jwtSecret(), Set.copyOf(config.allowedOrigins()), tickets, epochMs);
    ShakeEndpoint endpoint =
        new ShakeEndpoint(
            timers,
            epochMs,
            random,
            bus,
            identity,
            desk,
            new ItemBoard(timers, routes),
            counters,
            config.node(),
            config.cooldownMs(),
            config.socketsMax());

    Router router = Router.router(vertx);
    Problem.install(router);
    endpoint.mount(router);
    new ShakeApi(identity, desk).mount(router);
    mountShop(router, new Backstage(link, bus, timers), timers, identity, tickets, epochMs);
    routes.start();

    this.routes = routes;
    this.link = link;
    this.endpoint = endpoint;
    return listen(router);
  }

  /** Sockets first, with a time to come back at; then the port. */
  @Override
  public Future<?> stop() {
    if (endpoint != null) {
      endpoint.stop();
    }
    if (routes != null) {
      routes.stop();
    }
    return server == null ? Future.succeededFuture() : server.shutdown(CLOSING_S, TimeUnit.SECONDS);
  }

  /** The public port in use; -1 before start. */
  public int httpPort() {
    return server == null ? -1 : server.actualPort();
  }

  /** On the event loop; null before start. */
  public @Nullable OwnerRoutes routes() {
    return routes;
  }

  /** On the event loop; null before start. */
  public @Nullable OwnerLink owners() {
    return link;
  }

  public Counters counters() {
    return counters;
  }

  private void mountShop(
      Router router,
      Backstage backstage,
      Timers timers,
      Shoppers shoppers,
      Tickets tickets,
      LongSupplier epochMs) {
    PaymentSignature signature = new PaymentSignature(config.paymentSecret());
    new ShopApi(backstage, timers, shoppers, tickets, signature, epochMs).mount(router);
    if (config.devLogin()) {
      new DevLogin(vertx, config.jwtSecret()).mount(router);
    }
  }

  private Future<HttpServer> listen(Router router) {
    return vertx
        .createHttpServer(serverOptions())
        .requestHandler(router)
        .listen(config.httpPort(), config.httpHost())
        .onSuccess(listening -> server = listening)
        .recover(
            failure ->
                Future.failedFuture(
                    new IllegalStateException(
                        "httpPort "
                            + config.httpPort()
                            + " on "
                            + config.httpHost()
                            + " can't be used: "
                            + failure.getMessage()
                            + "; give a free one (STAMPEDE_HTTP_PORT)",
                        failure)));
  }

  /** Everything a crowd could make large is bounded here; compression would multiply it. */
  static HttpServerOptions serverOptions() {
    return new HttpServerOptions()
        .setCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setHttp2ClearTextEnabled(false)
        .setMaxWebSocketFrameSize(ShakeSocket.FRAME_BYTES_MAX)
        .setMaxWebSocketMessageSize(ShakeSocket.FRAME_BYTES_MAX)
        .setWebSocketSubProtocols(List.of(ShakeEndpoint.SUBPROTOCOL))
        .setWebSocketClosingTimeout(CLOSING_S)
        .setIdleTimeoutUnit(TimeUnit.SECONDS)
        .setIdleTimeout(IDLE_S)
        .setReadIdleTimeout(IDLE_S)
        .setMaxInitialLineLength(4_096)
        .setMaxHeaderSize(16_384)
        .setAcceptBacklog(8_192)
        .setTcpNoDelay(true);
  }
}
