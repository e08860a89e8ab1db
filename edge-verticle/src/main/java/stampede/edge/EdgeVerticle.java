package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import stampede.edge.management.EdgeSide;
import stampede.edge.management.ManagementVerticle;
import stampede.edge.management.Member;
import stampede.edge.management.OwnerSeen;
import stampede.node.ConfigFault;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.node.Vitals;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/** The public side of an edge: everything in it belongs to this verticle's event loop. */
public final class EdgeVerticle extends VerticleBase {
  /** A WebSocket is pinged every 20 s; anything this silent is gone. */
  private static final int IDLE_S = 75;

  private static final int CLOSING_S = 5;

  /** How long answers that are under way are waited for, and how often it is looked. */
  private static final long ANSWERS_MS_MAX = 3_000;

  private static final long LOOK_EVERY_MS = 20;
  private static final long STOPPING_RETRY_MS = 1_000;
  private static final int OPERATORS_MAX = 64;

  private final EdgeConfig config;
  private final Supplier<List<Member>> members;
  private @Nullable HttpServer server;
  private @Nullable OwnerRoutes routes;
  private @Nullable OwnerLink link;
  private @Nullable ShakeDesk desk;
  private @Nullable ShakeEndpoint endpoint;
  private @Nullable SoldOutWatch soldOut;
  private @Nullable ManagementVerticle management;
  private final Counters counters = new Counters();
  private final Vitals vitals;
  private boolean stopping;

  /**
   * @param members the nodes of the cluster now; asked on this verticle's event loop
   */
  public EdgeVerticle(EdgeConfig config, Supplier<List<Member>> members) {
    this(config, members, new Vitals());
  }

  /**
   * @param vitals of the process, shown on the management port
   */
  public EdgeVerticle(EdgeConfig config, Supplier<List<Member>> members, Vitals vitals) {
    this.config = config;
    this.members = members;
    this.vitals = vitals;
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
    SoldOutWatch soldOut = new SoldOutWatch(timers, epochMs, bus, routes, config.soldOutAtEdge());
    ShakeDesk desk =
        new ShakeDesk(
            link,
            routes,
            timers,
            random,
            counters,
            config.commandsPerUserMax(),
            config.cooldownsMax(),
            soldOut);
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
    router.route().handler(this::refuseWhenStopping);
    endpoint.mount(router);
    new ShakeApi(identity, desk).mount(router);
    Backstage backstage = new Backstage(link, bus, timers);
    mountShop(router, backstage, timers, identity, tickets, epochMs);
    routes.start();

    this.routes = routes;
    this.link = link;
    this.desk = desk;
    this.endpoint = endpoint;
    this.soldOut = soldOut;
    return listen(router).compose(listening -> manage(backstage, bus, timers, epochMs));
  }

  /** On this event loop too: its health speaks of the loop that serves the crowd. */
  private Future<?> manage(Backstage backstage, Bus bus, Timers timers, LongSupplier epochMs) {
    EdgeSide side =
        new EdgeSide(
            config.node(),
            backstage,
            bus,
            timers,
            this::ownersSeen,
            members,
            counters::snapshot,
            () -> link.waiting(),
            epochMs);
    management =
        new ManagementVerticle(
            new ManagementVerticle.Settings(
                config.managementHost(),
                config.managementPort(),
                config.adminSecret(),
                Set.of(),
                OPERATORS_MAX),
            side,
            vitals,
            loop -> EdgeFigures.show(loop, counters, link, soldOut));
    try {
      return management.deploy(context);
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  private List<OwnerSeen> ownersSeen() {
    long nowMs = System.nanoTime() / 1_000_000;
    List<OwnerSeen> seen = new ArrayList<>();
    for (int partition = 0; partition < routes.partitions(); partition++) {
      OwnerRoutes.Route route = routes.route(partition);
      if (route != null) {
        seen.add(
            new OwnerSeen(
                partition,
                route.node(),
                route.address(),
                route.epoch(),
                route.position(),
                route.stateHash(),
                route.serving(),
                route.status(),
                nowMs - route.heardMs()));
      }
    }
    return seen;
  }

  /**
   * Un-ready and closed to anything new; then the answers that are under way; then the sockets,
   * each with a time to come back at; then the ports, the one that tells all this last.
   */
  @Override
  public Future<?> stop() {
    stopping = true;
    vitals.readiness().unready("stopping");
    if (endpoint == null) { // it never came to open a port
      return Future.succeededFuture();
    }
    endpoint.refuseNew();
    desk.refuseNew();
    return answersGiven(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ANSWERS_MS_MAX))
        .compose(
            given -> {
              endpoint.stop();
              return server == null
                  ? Future.succeededFuture()
                  : server.shutdown(CLOSING_S, TimeUnit.SECONDS);
            })
        .eventually(
            () -> {
              routes.stop();
              return management == null ? Future.succeededFuture() : stopManagement(management);
            });
  }

  private Future<Void> answersGiven(long deadlineNanos) {
    if (desk.underWay() == 0 || System.nanoTime() >= deadlineNanos) {
      return Future.succeededFuture();
    }
    return vertx
        .timer(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)
        .compose(looked -> answersGiven(deadlineNanos));
  }

  private void refuseWhenStopping(RoutingContext ctx) {
    if (stopping) {
      ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      JsonObject more = new JsonObject().put("retryAfterMs", STOPPING_RETRY_MS);
      Problem.send(ctx, 503, "stopping", "this node is stopping; another one will serve you", more);
    } else {
      ctx.next();
    }
  }

  private static Future<?> stopManagement(ManagementVerticle management) {
    try {
      return management.stop();
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  /** The public port in use; -1 before start. */
  public int httpPort() {
    return server == null ? -1 : server.actualPort();
  }

  /** The management port in use; -1 before start. */
  public int managementPort() {
    return management == null ? -1 : management.port();
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
                    new ConfigFault(
                        "httpPort "
                            + config.httpPort()
                            + " on "
                            + config.httpHost()
                            + " can't be used: "
                            + failure.getMessage()
                            + "; give a free one (STAMPEDE_HTTP_PORT)")));
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
        .setReadIdleTimeout(
            IDLE_S) // one that also looked at writes would end no connection earlier
        .setMaxInitialLineLength(4_096)
        .setMaxHeaderSize(16_384)
        .setAcceptBacklog(8_192)
        .setTcpNoDelay(true);
  }
}
