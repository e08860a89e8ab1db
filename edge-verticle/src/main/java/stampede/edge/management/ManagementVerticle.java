package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.edge.Problem;
import stampede.edge.management.live.LiveFigures;
import stampede.node.ConfigFault;
import stampede.node.Finding;
import stampede.node.LoopDelay;
import stampede.node.LoopVitals;
import stampede.node.NodePort;
import stampede.node.Vitals;
import stampede.protocol.InvalidField;

/**
 * The management port. The edge starts it with {@code verticle.deploy(context)} in its own context,
 * see the package's manual.
 */
public final class ManagementVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ManagementVerticle.class);

  /**
   * What the transport takes; a socket says itself what is too much, since a connection cut in the
   * middle of a frame does not say why.
   */
  private static final int TRANSPORT_BYTES_MAX = 4 * AdminSocket.FRAME_BYTES_MAX;

  private static final int SECRET_BYTES_MIN = 32;
  private static final int READ_IDLE_SECONDS = 60;
  private static final long PING_MS = 20_000;
  private static final long STATS_MS = 1_000;
  private static final int CLUSTER_EVERY_S = 10;
  private static final long EXPIRY_TIMER_MS_MAX = 86_400_000;

  private final Settings settings;
  private final EdgeSide edge;
  private final Vitals vitals;
  private final Consumer<LoopVitals> figures;
  private final DrainWatch drains;
  private final LoopDelay delay;
  private final ClusterView cluster;
  private final AdminGateway gateway;
  private final LiveFigures live;
  private final Proposals proposals;
  private final AlarmsHeard alarms;
  private final Stats stats;
  private final Set<AdminSocket> sockets = new HashSet<>();
  private @Nullable OperatorTokens tokens;
  private @Nullable LoopVitals loop;
  private @Nullable HttpServer server;
  private String clusterShape = "";
  private long seconds;

  /**
   * @param port 0 = any free one, see {@link #port()}
   * @param adminSecret at least 32 bytes; never logged
   * @param allowedOrigins further origins a browser may come from, such as {@code
   *     https://console.example}
   * @param socketsMax operators at the same time
   * @param twoPersons stock of an open item changes only when a second admin agrees
   */
  public record Settings(
      String host,
      int port,
      String adminSecret,
      Set<String> allowedOrigins,
      int socketsMax,
      boolean twoPersons) {
    public Settings {
      if (adminSecret.getBytes(StandardCharsets.UTF_8).length < SECRET_BYTES_MIN) {
        throw new InvalidField(
            "STAMPEDE_ADMIN_SECRET", "must have at least " + SECRET_BYTES_MIN + " bytes");
      }
      if (port < 0 || port > 65_535) {
        throw new InvalidField("managementPort", "must be 0 to 65535");
      }
      allowedOrigins = Set.copyOf(allowedOrigins);
    }

    /** One person is enough for everything. */
    public Settings(
        String host, int port, String adminSecret, Set<String> allowedOrigins, int socketsMax) {
      this(host, port, adminSecret, allowedOrigins, socketsMax, false);
    }

    @Override
    public String toString() {
      return "Settings[" + host + ":" + port + ", adminSecret=***]";
    }
  }

  public ManagementVerticle(Settings settings, EdgeSide edge) {
    this(settings, edge, new Vitals(), loop -> {});
  }

  /**
   * @param vitals of the process
   * @param figures shows the edge's own; called once, at the start
   */
  public ManagementVerticle(
      Settings settings, EdgeSide edge, Vitals vitals, Consumer<LoopVitals> figures) {
    this.settings = settings;
    this.edge = edge;
    this.vitals = vitals;
    this.figures = figures;
    drains = new DrainWatch(edge.bus(), edge.timers(), edge.backstage().partitions());
    delay = new LoopDelay(edge.timers());
    cluster = new ClusterView(edge, drains);
    live = new LiveFigures(edge.node(), edge.bus(), edge.timers(), this::own, drains::lagMsMax);
    proposals = new Proposals(edge);
    alarms = new AlarmsHeard(edge.bus(), alarm -> publish(Tap.ALARMS, alarm));
    stats = new Stats(edge, drains, live);
    gateway = new AdminGateway(edge, cluster, stats, proposals, alarms, settings.twoPersons());
  }

  @Override
  public Future<?> start() {
    tokens = new OperatorTokens(vertx, settings.adminSecret());
    loop = vitals.on(context, "edge");
    loop.check("partitions", this::owned);
    loop.gauge(
        "stampede_edge_partitions_without_owner",
        "Partitions no owner serves, as this edge sees it",
        () -> cluster.withoutOwner().size());
    figures.accept(loop);
    drains.start();
    delay.start();
    live.start();
    proposals.start();
    alarms.start();
    vertx.setPeriodic(STATS_MS, timer -> publish());
    return vertx
        .createHttpServer(options())
        .requestHandler(router())
        .listen()
        .onSuccess(
            listening -> {
              server = listening;
              LOG.debug("management on {}:{}", settings.host(), listening.actualPort());
            })
        .recover(failure -> Future.failedFuture(notOpened(failure)));
  }

  @Override
  public Future<?> stop() {
    drains.stop();
    delay.stop();
    live.stop();
    proposals.stop();
    alarms.stop();
    if (loop != null) {
      vitals.leave(loop);
    }
    return server == null ? Future.succeededFuture() : server.close();
  }

  private JsonObject own() {
    return edge.counters()
        .get()
        .put("queue", edge.queued().getAsInt())
        .put("eventLoopDelayMs", delay.delayMsMax());
  }

  /** The port that was taken, once started. */
  public int port() {
    if (server == null) {
      throw new IllegalStateException("the management port is not open");
    }
    return server.actualPort();
  }

  private ConfigFault notOpened(Throwable failure) {
    return new ConfigFault(
        "managementPort "
            + settings.port()
            + " on managementHost "
            + settings.host()
            + " can't be opened: "
            + failure.getMessage()
            + "; give a free one (STAMPEDE_MANAGEMENT_PORT)");
  }

  private HttpServerOptions options() {
    return new HttpServerOptions()
        .setHost(settings.host())
        .setPort(settings.port())
        .setHttp2ClearTextEnabled(false)
        .setReadIdleTimeout(READ_IDLE_SECONDS)
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setMaxWebSocketFrameSize(TRANSPORT_BYTES_MAX)
        .setMaxWebSocketMessageSize(TRANSPORT_BYTES_MAX);
  }

  private Router router() {
    Router router = Router.router(vertx);
    Problem.install(router);
    Handler<HttpServerRequest> pages = NodePort.pages(vitals);
    for (String page : List.of("/health/live", "/health/ready", "/metrics")) {
      router.get(page).handler(ctx -> pages.handle(ctx.request()));
    }
    router.get("/eventbus/websocket").handler(this::upgrade);
    new ReportPages(
            new ReportCommands(edge.backstage(), cluster),
            request -> Objects.requireNonNull(tokens).operatorOf(request),
            this::isForeign)
        .mount(router);
    new SignIn(() -> Objects.requireNonNull(tokens), this::isForeign, edge.nowMs()).mount(router);
    new ConsoleFiles().mount(router);
    return router;
  }

  private Finding owned() {
    List<JsonObject> without = cluster.withoutOwner();
    return new Finding(
        without.isEmpty(), new JsonObject().put("withoutOwner", new JsonArray(without)));
  }

  private void upgrade(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    if (isForeign(request)) {
      Problem.send(ctx, 403, "foreign_origin", "this origin may not open the admin socket");
      return;
    }
    request.pause(); // the upgrade must still be there when the token has been checked
    tokens
        .operatorOf(request)
        .compose(operator -> admit(request, operator))
        .onFailure(
            failure -> {
              request.resume();
              Problem.send(ctx, failure);
            });
  }

  private Future<Void> admit(HttpServerRequest request, Operator operator) {
    if (!"websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
      return refused(426, "upgrade_required", "this is a WebSocket");
    }
    if (sockets.size() >= settings.socketsMax()) {
      return refused(503, "too_many_sockets", "as many operators as allowed are connected");
    }
    return request.toWebSocket().map(socket -> serve(socket, operator));
  }

  private static <T> Future<T> refused(int status, String code, String detail) {
    return Future.failedFuture(new Problem.Refused(status, code, detail));
  }

  private @Nullable Void serve(ServerWebSocket socket, Operator operator) {
    AdminSocket admin = new AdminSocket(socket, operator, gateway);
    sockets.add(admin);
    Expiry expiry = new Expiry(admin, operator.expiresAtMs());
    long pings = vertx.setPeriodic(PING_MS, timer -> admin.ping());
    expiry.arm();
    socket.closeHandler(
        closed -> {
          sockets.remove(admin);
          vertx.cancelTimer(pings);
          vertx.cancelTimer(expiry.timer);
        });
    socket.exceptionHandler(
        failure -> {
          LOG.debug("admin socket of {}", operator.name(), failure);
          admin.tooLarge(); // a message the transport would not put together; harmless otherwise
        });
    admin.start();
    return null;
  }

  /** Ends a socket with its token, however far away that is. */
  private final class Expiry {
    private final AdminSocket socket;
    private final long expiresAtMs;
    private long timer;

    private Expiry(AdminSocket socket, long expiresAtMs) {
      this.socket = socket;
      this.expiresAtMs = expiresAtMs;
    }

    private void arm() {
      long leftMs = expiresAtMs - edge.nowMs().getAsLong();
      if (leftMs <= 0) {
        socket.expire();
      } else {
        timer = vertx.setTimer(Math.min(leftMs, EXPIRY_TIMER_MS_MAX), fired -> arm());
      }
    }
  }

  private void publish() {
    if (sockets.isEmpty()) {
      return;
    }
    publish(Tap.STATS, stats.now());
    JsonObject now = cluster.cluster();
    String shape = ClusterView.shape(now);
    seconds++;
    if (!shape.equals(clusterShape) || seconds % CLUSTER_EVERY_S == 0) {
      clusterShape = shape;
      publish(Tap.CLUSTER, now);
    }
  }

  private void publish(Tap tap, JsonObject body) {
    String frame =
        new JsonObject()
            .put("type", "rec")
            .put("address", tap.address())
            .put("body", body)
            .encode();
    sockets.forEach(socket -> socket.publish(tap, frame));
  }

  /** A browser names the page's origin; other clients name none. */
  private boolean isForeign(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null || settings.allowedOrigins().contains(origin)) {
      return false;
    }
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority == null || !authority.equalsIgnoreCase(request.getHeader(HttpHeaders.HOST));
    } catch (IllegalArgumentException e) {
      return true;
    }
  }
}
