package stampede.edge;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.edge.admission.Admission;
import stampede.edge.admission.LiveLimits;
import stampede.edge.management.EdgeSide;
import stampede.edge.management.ManagementVerticle;
import stampede.edge.management.Member;
import stampede.edge.management.OwnerSeen;
import stampede.edge.page.Pages;
import stampede.node.ConfigFault;
import stampede.node.StandardWebhooks;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.node.Vitals;
import stampede.protocol.Addresses;
import stampede.protocol.Bytes;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Timers;

/** The public side of an edge: everything in it belongs to this verticle's event loop. */
public final class EdgeVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(EdgeVerticle.class);
  private static final int PAYMENT_KEY_BYTES_MIN = 24;
  private static final int CLOSING_S = 5;

  /** In the kernel, for one that does not read. */
  private static final int SEND_BYTES = 65_536;

  /** How long answers that are under way are waited for, and how often it is looked. */
  private static final long ANSWERS_MS_MAX = 3_000;

  private static final long LOOK_EVERY_MS = 20;
  private static final int REHEARSAL_LOOKS_MAX = 3_000;
  private static final long REHEARSAL_MS_MAX = 60_000;
  private static final long STOPPING_RETRY_MS = 1_000;
  private static final int OPERATORS_MAX = 64;

  private final EdgeConfig config;
  private final Supplier<List<Member>> members;
  private @Nullable HttpServer server;
  private @Nullable LiveLimits limits;
  private @Nullable OwnerRoutes routes;
  private @Nullable OwnerLink link;
  private @Nullable ShakeDesk desk;
  private @Nullable ShakeEndpoint endpoint;
  private @Nullable Pages pages;
  private @Nullable ConnectionWatch connections;
  private @Nullable PublicKeys keys;
  private @Nullable SoldOutWatch soldOut;
  private @Nullable TicketExchange tickets;
  private @Nullable ManagementVerticle management;
  private @Nullable CountKeeper keeper;
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
    long edge = new SecureRandom().nextLong() >>> 1 | 1;
    IntUnaryOperator random = bound -> ThreadLocalRandom.current().nextInt(bound);

    OwnerRoutes routes = new OwnerRoutes(timers, bus, config.partitions());
    OwnerLink link =
        new OwnerLink(
            edge,
            timers,
            bus,
            routes,
            config.queueMax(),
            config.batchesInFlightMax(),
            config.bytesInFlightMax(),
            this::atTurnEnd);
    SoldOutWatch soldOut = new SoldOutWatch(timers, epochMs, bus, routes, config.soldOutAtEdge());
    LiveLimits limits = new LiveLimits(config.limits());
    routes.onLimits(limits::hear);
    Admission admission = admission(config, limits, soldOut, random);
    bus.subscribe(Addresses.UNBLOCKED, user -> admission.unblocked(Bytes.of("user", user)));
    Backstage backstage = new Backstage(link, bus, timers);
    ShakeDesk.Archive archive = new ArchivedKeys(backstage, timers);
    ShakeDesk desk = desk(config, timers, link, routes, counters, admission, soldOut, archive);
    TrustedProxies proxies = new TrustedProxies(config.trustedProxies());
    TicketExchange tickets = new TicketExchange(new Tickets(timers, epochMs), bus, edge);
    tickets.start();
    DeviceTokens devices = deviceTokens(epochMs);
    Identity identity =
        new Identity(
            vertx,
            config.jwtSecret(),
            publicKeys(timers),
            devices,
            Set.copyOf(config.allowedOrigins()),
            tickets,
            epochMs);
    ShakeEndpoint endpoint =
        new ShakeEndpoint(
            timers,
            epochMs,
            random,
            bus,
            identity,
            proxies,
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
    new ShakeApi(identity, proxies, desk).mount(router);
    new DevicesApi(devices, identity, proxies, admission, counters, timers::millis).mount(router);
    new Contract().mount(router);
    mountShop(router, backstage, identity, tickets, epochMs);
    Pages pages =
        new Pages(
            router,
            backstage,
            routes,
            timers,
            epochMs,
            random,
            config.pageBytesMax(),
            config.links());
    new ShakeForm(identity, proxies, desk, pages).mount(router);
    routes.start();
    pages.start();

    keeper = new CountKeeper(bus, timers, counters, config.node(), epochMs);
    keeper.start();

    ConnectionWatch connections = new ConnectionWatch(timers);
    connections.start();

    this.limits = limits;
    this.routes = routes;
    this.connections = connections;
    this.link = link;
    this.desk = desk;
    this.endpoint = endpoint;
    this.pages = pages;
    this.soldOut = soldOut;
    this.tickets = tickets;
    return listen(pages.front(), connections)
        .compose(listening -> manage(backstage, bus, timers, epochMs));
  }

  static Admission admission(
      EdgeConfig config, LiveLimits limits, SoldOutWatch soldOut, IntUnaryOperator random) {
    return new Admission(
        limits,
        attempt -> soldOut.refuses(attempt.visitor().user(), attempt.item()),
        config.cooldownsMax(),
        config.usersMax(),
        config.addressesMax(),
        random);
  }

  static ShakeDesk desk(
      EdgeConfig config,
      Timers timers,
      OwnerLink link,
      OwnerRoutes routes,
      Counters counters,
      Admission admission,
      SoldOutWatch soldOut,
      ShakeDesk.Archive archive) {
    return new ShakeDesk(
        link,
        routes,
        timers,
        counters,
        admission,
        config.commandsPerUserMax(),
        config.queueMax(),
        soldOut::ordered,
        archive);
  }

  /** Without the secret, as where the shop signs with keys of its own, nobody shakes first. */
  private @Nullable DeviceTokens deviceTokens(LongSupplier epochMs) {
    long lifeMs = TimeUnit.HOURS.toMillis(config.deviceTokenHours());
    String secret = config.jwtSecret();
    return secret.isEmpty() ? null : new DeviceTokens(vertx, secret, lifeMs, epochMs);
  }

  private @Nullable PublicKeys publicKeys(Timers timers) {
    if (!config.jwksUrl().isEmpty()) {
      long everyMs = TimeUnit.SECONDS.toMillis(config.jwksRefreshSeconds());
      keys = new PublicKeys(vertx, timers, config.jwksUrl(), Identity.AUDIENCE, everyMs);
      keys.start();
    }
    return keys;
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
            () -> link.waiting() + desk.waiting() + desk.heldBack(),
            routes::ownerNow,
            pages,
            limits,
            epochMs);
    management =
        new ManagementVerticle(
            new ManagementVerticle.Settings(
                config.managementHost(),
                config.managementPort(),
                config.adminSecret(),
                Set.of(),
                OPERATORS_MAX,
                config.management().twoPersons()),
            side,
            vitals,
            loop -> {
              EdgeFigures.show(loop, counters, link, desk, soldOut, pages.counters());
              EdgeFigures.showNews(loop, endpoint.news());
              EdgeFigures.showConnections(loop, connections);
            });
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
    pages.stop();
    if (keeper != null) {
      keeper.stop();
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
              connections.stop();
              routes.stop();
              tickets.stop();
              if (keys != null) {
                keys.stop();
              }
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

  /**
   * Once it has started: goes the way of a shopper itself as soon as it knows an owner, so that the
   * first real one finds it warm. In the background; what becomes of it is of no consequence.
   */
  public void rehearse() {
    if (config.rehearse()) {
      context.runOnContext(go -> rehearse(REHEARSAL_LOOKS_MAX));
    }
  }

  private void rehearse(int looks) {
    if (stopping || looks == 0 || tickets == null) {
      return;
    }
    if (!routes.reachable(0)) {
      vertx.setTimer(LOOK_EVERY_MS, later -> rehearse(looks - 1));
      return;
    }
    RehearsalDesk stage =
        new RehearsalDesk(
            config, new VertxTimers(vertx), System::currentTimeMillis, this::atTurnEnd);
    stage.open();
    endpoint.stage(stage);
    long beganNanos = System.nanoTime();
    rehearseOn(stage)
        .onComplete(
            played -> {
              endpoint.stage(null);
              stage.close();
              long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
              LOG.info("edge.rehearsed {} answers, {} ms", played.result(), ms);
            });
  }

  private Future<Integer> rehearseOn(RehearsalDesk stage) {
    long endsMs = System.currentTimeMillis() + REHEARSAL_MS_MAX;
    try {
      return Rehearsal.play(
          vertx,
          config.httpHost(),
          httpPort(),
          stage.guests(),
          user -> tickets.issue(new Shoppers.Shopper(user, endsMs)).text());
    } catch (Problem.Refused e) {
      return Future.failedFuture(e); // so many tickets are out that nothing is cold
    }
  }

  private void atTurnEnd(Runnable task) {
    context.runOnContext(end -> task.run());
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
      Shoppers shoppers,
      TicketExchange tickets,
      LongSupplier epochMs) {
    StandardWebhooks signature =
        new StandardWebhooks(
            "STAMPEDE_PAYMENT_SECRET", config.paymentSecret(), PAYMENT_KEY_BYTES_MIN);
    new ShopApi(backstage, shoppers, tickets, signature, epochMs).mount(router);
    if (config.devLogin()) {
      new DevLogin(vertx, config.jwtSecret()).mount(router);
    }
  }

  private Future<HttpServer> listen(
      Handler<HttpServerRequest> requests, ConnectionWatch connections) {
    return vertx
        .createHttpServer(serverOptions())
        .connectionHandler(connections::add)
        .requestHandler(requests)
        .invalidRequestHandler(Problem::unreadable)
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

  /**
   * Everything a crowd could make large is bounded here; compression would multiply it. What it
   * could make long is bounded by {@link ConnectionWatch}.
   */
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
        .setMaxInitialLineLength(4_096)
        .setMaxHeaderSize(16_384)
        .setSendBufferSize(SEND_BYTES)
        .setAcceptBacklog(8_192)
        .setTcpNoDelay(true);
  }
}
